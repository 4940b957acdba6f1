//! Environment files that a real Nix evaluates: what they hold, what is installed of them, and what bad ones say.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use support::nix::Nix;

/// A Nix with a store of its own, the packages of the tests, both forms of `buildEnv`, and a profile.
struct Fixture {
    nix: Nix,
}

struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Fixture {
    fn or_skip() -> Option<Self> {
        let fixture = Self { nix: Nix::or_skip()? };
        let fixtures = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"));
        for folder in ["packages", "build-env"] {
            let to = fixture.nix.path(folder);
            fs::create_dir(&to).unwrap();
            for entry in fs::read_dir(fixtures.join(folder)).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
        Some(fixture)
    }

    /// Writes a file beside the packages; gives its path.
    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.nix.path(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// An environment of that form, with these paths and further arguments.
    fn environment(&self, name: &str, form: &str, paths: &str, more: &str) -> String {
        self.write(
            name,
            format!(
                "let pkgs = import ./packages {{ }}; env = import ./build-env {{ }}; in\n\
                 env.{form} {{ name = \"tools_env\"; paths = with pkgs; [ {paths} ]; {more} }}\n"
            ),
        )
    }

    fn profile(&self) -> PathBuf {
        self.nix.path("profile")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let source = format!("packages={}", self.nix.path("packages/default.nix").display());
        let mut command = self.nix.command(env!("CARGO_BIN_EXE_nix-loom"));
        command.args(["--store", "nix", "--source", &source, "--profile"]).arg(self.profile()).args(arguments);
        command
    }

    fn any(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    #[track_caller]
    fn run(&self, code: i32, arguments: &[&str]) -> Said {
        let said = self.any(arguments);
        assert_eq!(said.code, code, "{arguments:?}\n{}{}", said.stdout, said.stderr);
        said
    }

    #[track_caller]
    fn json(&self, code: i32, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(code, &[arguments, &["--json"]].concat()).stdout).unwrap()
    }
}

/// Name, version, outputs, priority and what it is installed as, of each package.
fn packages(document: &Value) -> Vec<String> {
    let package = |it: &Value| {
        let outputs: Vec<_> = it["outputs"].as_object().unwrap().keys().map(String::as_str).collect();
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        let source = text("source");
        let source = if source.starts_with('/') { "file" } else { &source };
        let (name, version, attribute) = (text("name"), text("version"), text("attribute"));
        format!("{name} {version} {} {} {attribute}@{source}", outputs.join(","), it["priority"])
    };
    document["packages"].as_array().unwrap().iter().map(package).collect()
}

/// Name, version, outputs and priority of what is installed.
fn elements(fixture: &Fixture) -> Vec<String> {
    let list = fixture.json(0, &["list"]);
    let element = |it: &Value| {
        let outputs: Vec<_> = it["outputs"].as_object().unwrap().keys().map(String::as_str).collect();
        let (name, version) = (it["name"].as_str().unwrap(), it["version"].as_str().unwrap());
        format!("{name} {version} {} {}", outputs.join(","), it["priority"])
    };
    list.as_array().unwrap().iter().map(element).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_environment_of_either_form_tells_what_it_takes() {
    let Some(fixture) = Fixture::or_skip() else { return };
    for form in ["buildEnvOld", "buildEnvNew"] {
        let file = fixture.environment(
            "tools_env.nix",
            form,
            "hello several (env.lib.setPrio 3 several.dev) many.n7 carrier",
            "pathsToLink = [ \"/bin\" \"/share\" ]; extraOutputsToInstall = [ \"man\" ]; ignoreCollisions = true;
             extraPrefix = \"/usr\"; postBuild = \"true\";",
        );
        let told = fixture.json(0, &["import", &file]);
        assert_eq!(
            packages(&told),
            [
                "hello 2.12 out 5 hello@packages",
                "several 1.5-rc1 out,man 5 several@packages",
                "several 1.5-rc1 dev,man 3 paths.several-1@file",
                "n7 1 out 5 paths.n7@file",
                "carrier 3 out 5 carrier@packages",
            ],
            "{form}"
        );
        assert_eq!((&told["kind"], &told["name"]), (&"environment".into(), &"tools_env".into()));
        let rules = &told["rules"];
        assert_eq!(rules["name"], "nixpkgs");
        assert_eq!(texts(&rules["pathsToLink"]), ["/bin", "/share"]);
        assert_eq!((&rules["extraPrefix"], &rules["postBuild"]), (&"/usr".into(), &"true".into()));
        let flags = ["ignoreCollisions", "checkCollisionContents", "ignoreSingleFileOutputs"];
        assert_eq!(flags.map(|flag| rules[flag].as_bool().unwrap()), [true, true, false], "{form}");
        assert_eq!(texts(&told["changes"]), [format!("default@{file}")]);
        // With the lists of the sources it is known that a set in one has it, too.
        fixture.write("nested.nix", "{ many = (import ./packages { }).many // { recurseForDerivations = true; }; }");
        let nested = format!("nested={}", fixture.nix.path("nested.nix").display());
        let told = fixture.json(0, &["import", &file, "--apart", "--source", &nested]);
        assert_eq!(packages(&told)[3], "n7 1 out 5 many.n7@nested", "{form}");
    }
    let lines = fixture.run(0, &["import", "./tools_env.nix"]).stdout;
    for line in ["several  1.5-rc1  dev, man  priority 3", "pathsToLink: /bin /share", "note: postBuild runs commands"]
    {
        assert!(lines.contains(line), "{lines}");
    }
}

/// Name, version and output of each, with a sign before it.
fn since(document: &Value) -> Vec<String> {
    let since = &document["since"];
    let text = |it: &Value| {
        let field = |key: &str| it[key].as_str().unwrap().to_owned();
        format!("{} {} {}", field("name"), field("version"), field("output"))
    };
    let list = |key: &str| since[key].as_array().unwrap().clone();
    let added = list("added").iter().map(|it| format!("+ {}", text(it))).collect::<Vec<_>>();
    let removed = list("removed").iter().map(|it| format!("- {}", text(it))).collect();
    let changed = list("changed").into_iter().map(|it| format!("~ {} -> {}", text(&it["before"]), text(&it["after"])));
    [added, removed, changed.collect()].concat()
}

#[test]
fn a_file_is_installed_as_one_and_again_with_what_is_new_in_it() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let newer = "(hello // (derivation { name = \"hello-3\"; system = builtins.currentSystem; builder = \"/bin/sh\"; PATH = \"/usr/bin:/bin\";
                 args = [ \"-ec\" \"mkdir -p $out/bin; echo >$out/bin/hello; chmod +x $out/bin/hello\" ]; }))";
    for form in ["buildEnvOld", "buildEnvNew"] {
        let write = |paths: &str| fixture.environment("tools_env.nix", form, paths, "");
        let file = write("hello several carrier");
        assert_eq!(fixture.json(0, &["import", &file])["since"], Value::Null);
        let made = fixture.json(0, &["import", &file, "--apply"]);
        assert_eq!(made["unchanged"], false);
        assert_eq!(elements(&fixture), ["tools_env  out 5"]);
        assert!(fixture.profile().join("bin/several").exists() && fixture.profile().join("bin/hello").exists());
        let again = fixture.json(0, &["import", &file, "--apply"]);
        assert_eq!((&again["unchanged"], &again["since"]["same"]), (&json!(true), &json!(true)));
        assert_eq!(again["generation"], made["generation"]);

        fixture.run(0, &["apply", "tools_env:priority=7"]);
        write(&format!("{newer} even carrier several.dev several"));
        let told = fixture.json(0, &["import", &file]);
        assert_eq!(
            since(&told),
            ["+ even 4 out", "+ several 1.5-rc1 dev", "~ hello 2.12 out -> hello 3 out"],
            "what is propagated is no package of the file"
        );
        let lines = fixture.run(0, &["import", &file]).stdout;
        assert!(lines.contains("since tools_env was installed:\n  + even 4\n  + several 1.5-rc1 (dev)\n"), "{lines}");
        assert!(lines.contains("  ~ hello 2.12 -> 3\n"), "{lines}");
        let applied = fixture.json(0, &["import", &file, "--apply"]);
        assert_eq!(applied["generation"].as_u64(), made["generation"].as_u64().map(|it| it + 2), "one for each change");
        assert_eq!(elements(&fixture), ["tools_env  out 7"], "with the priority that it was given");
        write("even");
        let gone = since(&fixture.json(0, &["import", &file]));
        assert_eq!(
            gone,
            [
                "- carrier 3 out",
                "- hello 3 out",
                "- several 1.5-rc1 dev",
                "- several 1.5-rc1 man",
                "- several 1.5-rc1 out"
            ]
        );
        fixture.run(0, &["apply", "-tools_env"]);
    }
}

#[test]
fn a_file_takes_the_place_of_what_nix_env_would_replace() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let file = fixture.environment("tools_env.nix", "buildEnvOld", "even", "");
    let profile = fixture.profile();
    let nix_env = |arguments: &[&str]| {
        let mut command = fixture.nix.command("nix-env");
        support::nix::succeed(command.arg("--profile").arg(&profile).args(arguments)).stdout
    };
    nix_env(&["-if", &file]);
    nix_env(&["-f", "packages", "-iA", "hello"]);
    nix_env(&["--set-flag", "priority", "3", "tools_env"]);
    fixture.environment("tools_env.nix", "buildEnvOld", "even several", "");
    assert_eq!(since(&fixture.json(0, &["import", &file])), ["+ several 1.5-rc1 man", "+ several 1.5-rc1 out"]);
    fixture.run(0, &["import", &file, "--apply"]);
    assert_eq!(elements(&fixture), ["hello 2.12 out 5", "tools_env  out 3"]);
    let listed = String::from_utf8(nix_env(&["-q"])).unwrap();
    assert_eq!(listed.lines().collect::<Vec<_>>(), ["hello-2.12", "tools_env"], "nix-env knows it by the same name");
    nix_env(&["-if", &file]);
    assert_eq!(elements(&fixture).len(), 2, "and takes ours for its own");

    // One that it has to keep stays beside it.
    nix_env(&["--set-flag", "keep", "true", "tools_env"]);
    fixture.environment("tools_env.nix", "buildEnvOld", "odd", "");
    fixture.run(0, &["import", &file, "--apply"]);
    assert_eq!(elements(&fixture).len(), 3);

    // Taken apart, its packages come in its order, though the newest comes first there.
    let file = fixture.environment("two_env.nix", "buildEnvNew", "several even", "");
    fixture.run(0, &["import", &file, "-tools_env", "-tools_env-1", "--apart", "--apply"]);
    assert_eq!(elements(&fixture)[..2], ["several 1.5-rc1 out,man 5", "even 4 out 5"]);
}

#[test]
fn what_a_file_was_installed_from_is_known_and_so_is_what_differs() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let file = fixture.environment("tools_env.nix", "buildEnvOld", "hello even", "");
    let status = |options: &[&str]| fixture.json(0, &[&["status"], options].concat())["files"].clone();
    let state = |options: &[&str]| status(options)[0]["state"].clone();
    fixture.run(0, &["apply", "odd"]);
    fixture.run(0, &["import", &file, "--apply"]);
    let known = status(&[]);
    assert_eq!((&known[0]["relation"], &known[0]["state"]), (&json!("whole"), &json!("agrees")), "{known:#}");
    fixture.run(0, &["apply", "several", "tools_env:priority=7"]);
    assert_eq!(state(&[]), "agrees", "what is beside it and its priority are not the file's affair");
    // What it imports becomes another: its text stays the same.
    let packages = fixture.nix.path("packages/default.nix");
    let text = fs::read_to_string(&packages).unwrap();
    fs::write(&packages, text.replace("2.12", "2.13")).unwrap();
    assert_eq!(state(&["--quick"]), "agrees", "nobody asked Nix");
    let moved = status(&[]);
    assert_eq!(
        (&moved[0]["state"], &moved[0]["moved"], &moved[0]["edited"]),
        (&json!("differs"), &json!(true), &json!(false))
    );
    assert_eq!(moved[0]["environment"]["changed"][0]["after"]["version"], "2.13", "{moved:#}");
    fs::write(&packages, text).unwrap();
    // Its text is another one.
    fixture.environment("tools_env.nix", "buildEnvOld", "hello odd", "");
    assert_eq!(state(&["--quick"]), "edited");
    let edited = status(&[]);
    assert_eq!((&edited[0]["state"], &edited[0]["edited"]), (&json!("differs"), &json!(true)), "{edited:#}");
    assert_eq!(edited[0]["environment"]["removed"][0]["name"], "even", "{edited:#}");
    let change = edited[0]["changes"][0].as_str().unwrap().to_owned();
    fixture.run(0, &["apply", "-odd", &change]);
    assert_eq!(state(&[]), "agrees");
    fixture.write("tools_env.nix", "{ broken");
    let broken = status(&[]);
    assert_eq!(broken[0]["state"], "unreadable");
    assert!(broken[0]["reason"].as_str().unwrap().contains("syntax error"), "{broken:#}");

    // Taken apart, each package counts, and what was there before does not.
    let file = fixture.environment("two_env.nix", "buildEnvNew", "hello even", "");
    fixture.run(0, &["import", &file, "-tools_env", "--apart", "--apply"]);
    let apart = status(&[]);
    assert_eq!((&apart[0]["relation"], &apart[0]["state"]), (&json!("apart"), &json!("agrees")), "{apart:#}");
    fixture.run(0, &["apply", "-even", "hello:priority=3"]);
    let differs = status(&[]);
    let what: Vec<_> = differs[0]["differences"].as_array().unwrap().iter().map(|it| it["what"].clone()).collect();
    assert_eq!(what, ["priority", "only-in-file"], "{differs:#}");
    let changes: Vec<&str> = differs[0]["changes"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    fixture.run(0, &[&["apply"], &*changes].concat());
    assert_eq!(state(&[]), "agrees");
}

#[test]
fn taken_apart_a_file_gives_the_packages_of_the_sources_that_have_them() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let paths = "several.man hello several.out (env.lib.setPrio 3 several.dev) (env.lib.lowPrio many.n7)";
    let file = fixture.environment("tools_env.nix", "buildEnvNew", paths, "");
    let told = fixture.json(0, &["import", &file, "--apart"]);
    let own = format!("@{file}");
    assert_eq!(
        texts(&told["changes"]),
        [
            "several@packages".to_owned(),
            "hello@packages".to_owned(),
            format!("paths.several-2{own}"),
            format!("paths.n7{own}"),
        ],
        "outputs at one priority are one element"
    );
    fixture.run(0, &["import", &file, "--apart", "--apply"]);
    let installed = ["several 1.5-rc1 out,man 5", "hello 2.12 out 5", "several-2 1.5-rc1 dev 3", "n7 1 out 10"];
    assert_eq!(elements(&fixture), installed);
    // What a source cannot evaluate hides nothing that it can.
    fixture
        .write("broken.nix", "with import ./packages { }; { inherit several; hello = throw \"x\"; n7 = abort \"y\"; }");
    let broken = format!("broken={}", fixture.nix.path("broken.nix").display());
    let none = fixture.write("none.nix", "{ }");
    let none = format!("packages={none}");
    let mut only = fixture.nix.command(env!("CARGO_BIN_EXE_nix-loom"));
    only.args(["--store", "nix", "--source", &none, "--source", &broken, "import", &file, "--json"]);
    let told: Value = serde_json::from_slice(&support::nix::succeed(&mut only).stdout).unwrap();
    assert_eq!(packages(&told)[0], "several 1.5-rc1 man 5 several@broken");
    assert_eq!(packages(&told)[1], "hello 2.12 out 5 paths.hello@file");

    // What is installed is there, so the second time nothing changes.
    let again = fixture.json(0, &["import", &file, "--apart", "--apply"]);
    assert_eq!(again["unchanged"], true, "{again:#}");
}

#[test]
fn every_file_that_nix_env_would_install_is_read() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let read = |name: &str, text: &str| {
        let file = fixture.write(name, text);
        let told = fixture.json(0, &["import", &file]);
        (told["kind"].as_str().unwrap().to_owned(), packages(&told), texts(&told["changes"]), texts(&told["notes"]))
    };
    let (kind, held, changes, _) = read("list.nix", "with import ./packages { }; [ hello several.dev hello ]");
    assert_eq!(kind, "list");
    assert_eq!(
        held,
        [
            "hello 2.12 out 5 hello@packages",
            "several 1.5-rc1 out,dev,man 5 several@packages",
            "hello 2.12 out 5 hello@packages"
        ]
    );
    assert_eq!(changes, ["hello@packages", "several@packages^out,dev,man"]);
    let set = "{ more ? 1 }: with import ./packages { }; { a = hello; b = throw \"not here\"; c = 7; d.e = hello; \"x.y\" = bold; }";
    let (kind, held, changes, notes) = read("set.nix", set);
    assert_eq!(kind, "set");
    assert_eq!(held, ["hello 2.12 out 5 hello@packages", "bold 0.9 out 3 bold@packages"]);
    assert_eq!(changes.len(), 2);
    assert_eq!(notes, ["b: it throws an error"]);
    let (kind, held, changes, _) = read("one.nix", "{ pkgs ? import ./packages { } }: pkgs.several");
    assert_eq!((&*kind, held.len()), ("package", 1));
    assert!(changes[0].starts_with("default@/"), "{changes:?}");
    let nix_own = "with import ./packages { }; derivation { name = \"own_env\"; system = \"builtin\"; builder = \"builtin:buildenv\";
                   manifest = \"/manifest\"; derivations = [ \"true\" 4 2 several.out several.man \"false\" 5 1 hello ]; }";
    let (kind, held, _, notes) = read("own.nix", nix_own);
    assert_eq!((&*kind, held), ("environment", vec!["several 1.5-rc1 out,man 4 several@packages".to_owned()]));
    assert!(notes[0].ends_with("hello-2.12 is not active in it"), "{notes:?}");
    // Also without that a file is looked at before: its attributes are on offer by its path.
    let file = fixture.environment("tools_env.nix", "buildEnvOld", "hello even", "");
    fixture.run(0, &["apply", &format!("paths.even@{file}")]);
    fixture.run(0, &["apply", &format!("default@{file}:priority=8")]);
    assert_eq!(elements(&fixture), ["even 4 out 5", "tools_env  out 8"]);
    fixture.run(0, &["apply", &format!("default@{file}"), "-even"]);
    assert_eq!(elements(&fixture), ["tools_env  out 8"]);
    let unknown = fixture.run(1, &["apply", &format!("paths.odd@{file}")]).stderr;
    assert!(unknown.contains("paths.odd"), "{unknown}");
}

#[test]
fn a_flake_is_read_by_its_folder_and_by_its_file() {
    let Some(fixture) = Fixture::or_skip() else { return };
    fs::create_dir(fixture.nix.path("flake")).unwrap();
    for folder in ["packages", "build-env"] {
        fs::rename(fixture.nix.path(folder), fixture.nix.path(&format!("flake/{folder}"))).unwrap();
    }
    fs::create_dir(fixture.nix.path("packages")).unwrap();
    fs::write(fixture.nix.path("packages/default.nix"), "{ }").unwrap();
    let flake = "{ outputs = { self }: let system = \"SYSTEM\"; env = import ./build-env { inherit system; }; in {
        packages.${system}.default = env.buildEnvNew { name = \"tools_env\"; paths = with import ./packages { inherit system; }; [ hello several.dev ]; };
      }; }";
    let system =
        fixture.nix.command("nix-instantiate").args(["--eval", "--expr", "builtins.currentSystem"]).output().unwrap();
    let system = String::from_utf8(system.stdout).unwrap().trim().trim_matches('"').to_owned();
    fixture.write("flake/flake.nix", flake.replace("SYSTEM", &system));
    let folder = fixture.nix.path("flake");
    for place in [folder.clone(), folder.join("flake.nix")] {
        let told = fixture.json(0, &["import", place.to_str().unwrap()]);
        assert_eq!(packages(&told), ["hello 2.12 out 5 paths.hello@file", "several 1.5-rc1 dev 5 paths.several@file"]);
        assert_eq!(texts(&told["changes"]), [format!("default@{}", folder.display())]);
    }
    let place = folder.to_str().unwrap();
    fixture.run(0, &["import", place, "--apply"]);
    assert_eq!(elements(&fixture), ["tools_env  out 5"]);
    assert_eq!(fixture.json(0, &["import", place, "--apply"])["unchanged"], true);
    fixture.run(0, &["import", place, "--apart", "-tools_env", "--apply"]);
    assert_eq!(elements(&fixture), ["hello 2.12 out 5", "several 1.5-rc1 dev 5"]);
}

#[test]
fn a_bad_file_is_told_in_the_words_of_nix_at_its_place_and_changes_nothing() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let good = fixture.environment("good.nix", "buildEnvOld", "even", "");
    fixture.run(0, &["import", &good, "--apply"]);
    let before = (elements(&fixture), fs::read_link(fixture.profile()).unwrap());
    let bad = |text: &str| {
        let file = fixture.write("bad.nix", text);
        for options in [&["--apply"][..], &["--json"], &["--apart", "--apply"]] {
            let said = fixture.run(1, &[&["import", &file], options].concat());
            assert!(said.stdout.is_empty(), "{}", said.stdout);
        }
        let said = fixture.run(1, &["import", &file]).stderr;
        assert_eq!((elements(&fixture), fs::read_link(fixture.profile()).unwrap()), before, "{text}");
        let start = format!("nix-loom: {file}: ");
        assert!(said.starts_with(&start) && said.lines().count() == 1, "{said}");
        said[start.len()..].trim_end().replace(&file, "FILE")
    };
    assert_eq!(bad("{ a = 1;\n  b = ;\n}"), "syntax error, unexpected ';', at FILE:2:7");
    assert_eq!(bad("[\n  pkgz.zlib\n]"), "undefined variable 'pkgz', at FILE:2:3");
    let missing = bad(
        "let env = import ./build-env { }; pkgs = import ./packages { }; in\nenv.buildEnvOld {\n  name = \"x\";\n  paths = [ pkgs.helo ];\n}",
    );
    assert!(missing.starts_with("attribute 'helo' missing") && missing.ends_with(", at FILE:4:13"), "{missing}");
    assert_eq!(bad("let f = x: throw \"boom ${x}\"; in\n{ }.a or (f \"1\")"), "boom 1, at FILE:1:9");
    assert_eq!(bad("assert 1 == 2; { }"), "assertion '(1 == 2)' failed, at FILE:1:1");
    assert!(bad("derivation {\n  name = \"a\"; builder = \"b\"; }").ends_with("'system' missing, at FILE:2:3"));
    assert_eq!(
        bad("import ./gone.nix").replace(fixture.nix.path("").to_str().unwrap(), ""),
        "getting status of 'gone.nix': No such file or directory"
    );
    let argument = bad("{ pkgs }: pkgs");
    assert!(argument.ends_with("at FILE:1:1 called without required argument 'pkgs'"), "{argument}");
    assert_eq!(bad("let x = x; in x"), "infinite recursion encountered, at FILE:1:9");
    assert_eq!(bad("let f = n: [ n ] ++ f (n + 1); in f 0"), "stack overflow (possible infinite recursion)");
    assert!(bad("7").starts_with("it is a number; what can be installed is a package"));
    assert!(bad("x: y: x").starts_with("it is a function"));
    assert_eq!(bad("{ }"), "nothing in it can be installed: there is no package in it");
    assert_eq!(bad("[ ]"), "nothing in it can be installed: there is no package in it");
    assert_eq!(bad("{ a = throw \"x\"; }"), "nothing in it can be installed: a: it throws an error");
    assert!(bad("[ 1 ]").starts_with("item 1 of the list is no package, but of the type int"));
    assert_eq!(
        bad("{ type = \"derivation\"; name = \"fake\"; outPath = \"/x\"; }"),
        "this is no package that can be installed: it has no drvPath, so nothing can build it"
    );
    let tarball = fixture.write("archive.tar", "no archive");
    let hash = "0".repeat(52);
    let fetched = bad(&format!("import (builtins.fetchurl {{ url = \"file://{tarball}\"; sha256 = \"{hash}\"; }})"));
    assert!(fetched.starts_with("hash mismatch in file downloaded from 'file://"), "{fetched}");
    assert!(fetched.contains(&hash), "both hashes are told: {fetched}");
    // A hash that only the build finds to be wrong.
    let wrong = format!(
        "derivation {{ name = \"fixed\"; system = builtins.currentSystem; builder = \"/bin/sh\"; args = [ \"-c\" \"echo >$out\" ];
         outputHash = \"{hash}\"; outputHashAlgo = \"sha256\"; }}"
    );
    let said = fixture.run(1, &["import", &fixture.write("fixed.nix", wrong), "--apply"]).stderr;
    assert!(said.contains("hash mismatch") && said.contains("specified: sha256-AAAA"), "{said}");
    assert_eq!((elements(&fixture), fs::read_link(fixture.profile()).unwrap()), before);
}

#[test]
fn what_is_no_nix_file_is_told_without_nix() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let problem = |file: &str| {
        let said = fixture.run(1, &["import", file, "--apply"]).stderr;
        said.trim_end()
            .strip_prefix("nix-loom: ")
            .unwrap()
            .strip_prefix(&format!("{file}: "))
            .unwrap_or(&said)
            .to_owned()
    };
    let gone = fixture.nix.path("gone.nix");
    assert!(problem(gone.to_str().unwrap()).contains("No such file or directory"));
    assert!(problem(fixture.nix.path("home").to_str().unwrap()).contains("neither flake.nix nor default.nix"));
    assert!(
        problem(&fixture.write("latin.nix", b"{ }\n# caf\xe9")).contains("not UTF-8, so it is no text: look at line 2")
    );
    let huge = fixture.write("huge.nix", "");
    fs::File::options().write(true).open(&huge).unwrap().set_len(1 << 30).unwrap();
    assert!(problem(&huge).contains("no Nix file that somebody wrote"));
    let pipe = fixture.nix.path("pipe.nix");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(problem(pipe.to_str().unwrap()), "it is no file");
}

/// A file that Nix reads until somebody ends a pipe, and that pipe.
fn endless(fixture: &Fixture) -> (String, PathBuf) {
    let pipe = fixture.nix.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let text = "import (builtins.toFile \"read\" (builtins.readFile ./pipe))";
    (fixture.write("endless.nix", text), pipe)
}

#[test]
fn an_interrupt_ends_the_evaluation_too() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let (file, pipe) = endless(&fixture);
    let mut program = fixture.command(&["import", &file, "--apply"]);
    let mut program = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Opens once Nix reads on the other side, which it does for ever.
    let mut writer = fs::File::options().write(true).open(&pipe).unwrap();
    writer.write_all(b"{ ").unwrap();
    kill_process(Pid::from_child(&program), Signal::INT).unwrap();
    assert_eq!(program.wait().unwrap().code(), None, "the signal ends it");
    let mut reader = [PollFd::new(&writer, PollFlags::empty())];
    poll(&mut reader, None).unwrap();
    assert!(reader[0].revents().contains(PollFlags::ERR), "nobody reads it any more");
    assert!(!fixture.profile().exists());
}

#[cfg(feature = "tui")]
#[test]
fn the_plain_view_of_a_file_agrees_with_the_command() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let file = fixture.environment("tools_env.nix", "buildEnvNew", "hello several", "");
    fixture.run(0, &["apply", "hello"]);
    let document = fixture.json(3, &["import", &file]);
    let plain = fixture.run(3, &["--plain", "import", &file]).stdout;
    for package in document["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        assert!(plain.contains(&format!("\npackage: {name}\n")), "{plain}");
    }
    assert!(
        plain.contains("\nBy itself\nrules: nixpkgs\nAs far as is known it builds, with no collision; of 2 outputs"),
        "{plain}"
    );
    assert!(plain.contains("change: tools_env.nix comes, as one package\n"), "{plain}");
    let blocking = document["preview"]["collisions"].as_array().unwrap().iter().filter(|it| it["blocks"] == true);
    for path in blocking.map(|it| it["path"].as_str().unwrap()) {
        assert!(plain.contains(&format!("path: {path}\n")), "{path}: {plain}");
    }
}

#[test]
fn an_interrupt_that_is_ignored_stays_so() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let (file, pipe) = endless(&fixture);
    let program = fixture.command(&["import", &file]);
    let mut shell = fixture.nix.command("/bin/sh");
    shell.args(["-c", "trap '' INT; exec \"$0\" \"$@\""]).arg(program.get_program()).args(program.get_args());
    let shell = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut writer = fs::File::options().write(true).open(&pipe).unwrap();
    kill_process(Pid::from_child(&shell), Signal::INT).unwrap();
    writer.write_all(b"7").unwrap();
    drop(writer);
    let output = shell.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("it is a number"), "{said}");
}
