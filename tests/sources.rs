//! Sources that a real Nix evaluates: files and flakes, as they come.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use machine::Machine;
use nix_loom::nix::Installation;
use nix_loom::package::Package;
use nix_loom::progress::{Progress, Silent, Step};
use nix_loom::source::{FileSource, NixSource, Spec};
use serde_json::json;
use support::nix::Nix;

/// Builds each of its outputs as a file.
const MAKE: &str = r#"
  make = name: more: derivation ({
    inherit name;
    system = "SYSTEM";
    builder = "/bin/sh";
    args = [ "-c" "for output in \${outputs:-out}; do eval path=\\$$output; echo ${name} > $path; done" ];
  } // more);
"#;

/// A Nix with a store of its own, and a folder for what it evaluates.
struct Fixture {
    nix: Nix,
    folder: tempfile::TempDir,
    system: String,
}

impl Fixture {
    fn or_skip() -> Option<Self> {
        let nix = Nix::or_skip()?;
        let expression = ["--eval", "--expr", "builtins.currentSystem"];
        let system = nix.command("nix-instantiate").args(expression).output().unwrap();
        let system = String::from_utf8(system.stdout).unwrap().trim().trim_matches('"').to_owned();
        let fixture = Self { nix, folder: tempfile::tempdir().unwrap(), system };
        for program in ["nix", "nix-instantiate"] {
            fixture.wrap(program);
        }
        Some(fixture)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.replace("MAKE", MAKE).replace("SYSTEM", &self.system)).unwrap();
        path
    }

    /// A program of Nix that works on this store whoever calls it.
    fn wrap(&self, program: &str) {
        let mut script = "#!/bin/sh\nunset NIX_REMOTE NIX_CONFIG NIX_PATH\n".to_owned();
        for (name, value) in self.nix.command(program).get_envs() {
            if let Some(value) = value {
                writeln!(script, "export {}='{}'", name.display(), value.display()).unwrap();
            }
        }
        writeln!(script, "export NIX_PATH='mine={}'", self.path("search.nix").display()).unwrap();
        let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|folder| folder.join(program))
            .find(|path| path.exists())
            .unwrap();
        writeln!(script, "exec '{}' \"$@\"", real.display()).unwrap();
        let path = self.write(&format!("bin/{program}"), &script);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn installation(&self) -> Installation {
        let command = self.nix.command("nix");
        let variable = |name: &str| {
            let set = command.get_envs().find(|(set, _)| *set == name)?;
            set.1.map(ToOwned::to_owned)
        };
        let mut installation = Installation::find(&variable).unwrap();
        installation.search_path = vec![self.path("bin")];
        installation
    }

    fn source_at(&self, location: &str) -> NixSource {
        let spec: Spec = format!("mine={location}").parse().unwrap();
        NixSource::new(spec, Arc::new(self.installation()))
    }

    /// A source of a file with this text.
    fn file(&self, text: &str) -> NixSource {
        self.source_at(self.write("file.nix", text).to_str().unwrap())
    }
}

fn names(source: &NixSource) -> Vec<String> {
    source.attributes(&Silent).unwrap()
}

fn find(source: &NixSource, attribute: &str) -> Option<Package> {
    source.package(attribute, &Silent).unwrap()
}

fn problem(source: &NixSource, attribute: &str) -> String {
    source.package(attribute, &Silent).unwrap_err().message
}

#[test]
fn an_evaluated_package_is_what_nix_would_build() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let source = fixture.file(
        r#"let MAKE in {
            lib = make "lib-1.2" { outputs = [ "out" "dev" "man" ]; } // {
                pname = "library"; version = "1.2-beta";
                meta = {
                    description = "A\n  library"; priority = "7"; mainProgram = "lib"; outputsToInstall = [ "man" "out" ];
                    license = [ { spdxId = "MIT"; } ]; homepage = [ "https://lib.example" ]; position = "x:1"; insecure = false;
                    nothing = null; call = x: x; path = ./.; package = make "y" { }; fails = throw "not this"; half = 0.5;
                    deep = { kept = [ 1 ]; }; dropped = { some = "thing"; inner = [ null ]; }; outPath = "not a path";
                };
            };
        }"#,
    );
    assert!(source.known("lib").is_none());
    let package = find(&source, "lib").unwrap();
    assert_eq!(source.known("lib").as_ref(), Some(&package));
    assert_eq!((&*package.attribute, &*package.source), ("lib", "mine"));
    assert_eq!((&*package.name, &*package.version, &*package.description), ("library", "1.2-beta", "A library"));
    assert_eq!((&*package.homepage, package.priority), ("https://lib.example", 7));
    assert_eq!((package.licenses, package.main_program), (vec!["MIT".to_owned()], Some("lib".into())));
    assert_eq!(package.default_outputs, ["man", "out"]);
    let evaluated = package.evaluated.unwrap();
    assert_eq!((&*evaluated.full_name, &evaluated.system, &evaluated.flake), ("lib-1.2", &fixture.system, &None));
    assert_eq!(
        serde_json::Value::from(evaluated.meta.clone()),
        json!({
            "deep": {"kept": [1]}, "description": "A\n  library", "half": 0.5, "homepage": ["https://lib.example"],
            "insecure": false, "license": [{"spdxId": "MIT"}], "mainProgram": "lib", "outPath": "not a path",
            "outputsToInstall": ["man", "out"], "position": "x:1", "priority": "7",
        })
    );
    // The derivation is in the store, and its outputs are these, in the derivation's order.
    let names: Vec<_> = package.outputs.iter().map(|output| &*output.name).collect();
    assert_eq!(names, ["out", "dev", "man"]);
    for output in &package.outputs {
        let query = ["--query", "--binding", &output.name];
        let told = fixture.nix.command("nix-store").args(query).arg(&evaluated.derivation).output().unwrap();
        assert_eq!(Path::new(String::from_utf8(told.stdout).unwrap().trim()), output.path.as_deref().unwrap());
    }
    let built = fixture.nix.command("nix-store").arg("--realise").arg(&evaluated.derivation).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

#[test]
fn a_reason_that_nix_gives_is_told() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let source = fixture.file(
        r#"let MAKE in rec {
            thrown = throw "Package ‘thrown’ is unfree,\n\nrefusing \x1b[31mto evaluate";
            aborted = abort "no more";
            circular = circular;
            deep = let f = n: 1 + f (n + 1); in f 0;
            late = make "late" { args = [ (throw "late reason") ]; };
            text = "a";
            function = x: x;
            set = { b = 1; "c d" = 2; };
            nested.inner = throw "inner reason";
            list = [ (make "x" { }) ];
            fake = { type = "derivation"; name = "fake"; outPath = "/x"; };
            nameless = { type = "derivation"; };
            blank.${""} = make "blank" { };
        }"#,
    );
    assert!(problem(&source, "thrown").starts_with("Package ‘thrown’ is unfree, refusing"));
    assert!(problem(&source, "aborted").contains("no more"));
    assert!(problem(&source, "circular").contains("infinite recursion"));
    assert!(problem(&source, "deep").contains("stack overflow"), "{}", problem(&source, "deep"));
    assert!(problem(&source, "late").contains("late reason"));
    assert!(problem(&source, "nested.inner").contains("inner reason"));
    assert_eq!(problem(&source, "text"), "it is a string, and no package");
    assert_eq!(problem(&source, "function"), "it is a function, and no package");
    assert_eq!(problem(&source, "list"), "it is a list, and no package");
    assert_eq!(problem(&source, "set"), "it is a set with b, c d; name what you mean, such as set.b");
    assert!(problem(&source, "fake").contains("no drvPath"));
    assert!(problem(&source, "nameless").contains("name"));
    assert!(find(&source, "blank.\"\"").is_some());
    let error = source.package("thrown", &Silent).unwrap_err().to_string();
    assert!(error.starts_with("thrown@mine: Package") && !error.contains(char::is_control), "{error}");
    for nothing in ["gone", "set.gone", "text.gone", "thrown2", "", ".", "a..b", "\"a"] {
        assert_eq!(find(&source, nothing), None, "{nothing}");
    }
}

#[test]
fn names_are_never_code() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let odd = [
        "a.b",
        "q\"uote",
        "${x}",
        "back\\slash",
        "ünïcödé",
        "new\nline",
        "7off",
        "m+",
        "if",
        "a b",
        "'",
        "$",
        "\u{202e}x",
    ];
    let list = serde_json::to_string(&odd).unwrap();
    fixture.write("names.json", &list);
    let source = fixture.file(
        r#"let MAKE in builtins.listToAttrs (map
            (name: { inherit name; value = make "odd-1" { inherit (builtins) storeDir; odd = name; }; })
            (builtins.fromJSON (builtins.readFile ./names.json)))"#,
    );
    let offered = names(&source);
    assert_eq!(offered.len(), odd.len());
    let paths: HashSet<_> = offered
        .iter()
        .map(|name| {
            let package = find(&source, name).unwrap_or_else(|| panic!("{name} is offered"));
            assert_eq!(package.attribute, *name);
            package.outputs[0].path.clone()
        })
        .collect();
    assert_eq!(paths.len(), odd.len(), "each is another package");
    assert!(find(&source, "7off").is_some_and(|package| package.attribute == "\"7off\""));
    let marker = fixture.path("marker");
    let code = format!("\"\\\" + builtins.toFile \\\"{0}\\\" + \\\"${{builtins.toString {0}}}\"", marker.display());
    for attack in
        [&*code, "\"a\" // (throw \"ran\")", "x; throw \"ran\"", "${throw \"ran\"}", "\"${throw \\\"ran\\\"}\""]
    {
        assert_eq!(find(&source, attack), None, "{attack}");
    }
    // A file whose own name is odd.
    let path = fixture.write("odd \"${name}\" \\ 'é/default.nix", "let MAKE in { x = make \"x\" { }; }");
    assert_eq!(names(&fixture.source_at(path.to_str().unwrap())), ["x"]);
    assert!(find(&fixture.source_at(path.parent().unwrap().to_str().unwrap()), "x").is_some());
}

#[test]
fn files_of_every_form_are_read() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let function = fixture
        .file("{ name ? \"called\" }: let MAKE in { x = make name { }; later = { y ? 2 }: make \"later\" { }; }");
    assert_eq!(names(&function), ["later", "x"]);
    assert_eq!(find(&function, "x").unwrap().name, "called");
    assert_eq!(find(&function, "later").unwrap().name, "later");
    let single = fixture.file("let MAKE in make \"single-2\" { }");
    assert_eq!(names(&single), ["default"]);
    assert_eq!(find(&single, "default").unwrap().version, "2");
    let bare = fixture.file(
        r#"let MAKE in rec {
            lib = make "l" { outputs = [ "lib" "doc" ]; } // { inherit doc; };
            doc = (make "l" { outputs = [ "lib" "doc" ]; }).doc // { outputSpecified = true; };
        }"#,
    );
    assert_eq!(find(&bare, "lib").unwrap().default_outputs, ["lib", "doc"], "as nix-env: all outputs");
    assert_eq!(find(&bare, "lib.doc").unwrap().default_outputs, ["doc"]);
    for (text, expected) in [
        ("7", "is a number, and no set of packages"),
        ("[ 1 ]", "item 1 of the list is no package, but of the type int"),
        ("{ needed }: { }", "needed"),
        ("{", "syntax error"),
        ("throw \"whole\"", "whole"),
    ] {
        let error = fixture.file(text).attributes(&Silent).unwrap_err();
        assert!(error.message.contains(expected), "{text}: {error}");
        assert!(error.to_string().starts_with("source mine: "), "{error}");
    }
    let list = fixture.file("let MAKE in [ (make \"a-1\" { }) (make \"b\" { }) (make \"a-2\" { }) ]");
    assert_eq!(names(&list), ["a", "a-1", "b"]);
    assert_eq!(find(&list, "a-1").unwrap().version, "2");
    assert!(names(&fixture.file("{ }")).is_empty());
    fixture.write("search.nix", "let MAKE in { searched = make \"s\" { }; }");
    let searched = fixture.source_at("<mine>");
    assert_eq!(names(&searched), ["searched"]);
    assert!(find(&searched, "searched").is_some());
    let error = fixture.source_at("<nowhere>").attributes(&Silent).unwrap_err();
    assert!(error.message.contains("nowhere"), "{error}");
}

#[test]
fn of_100_000_attributes_only_the_one_looked_at_is_evaluated() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let source = fixture.file(
        r#"let MAKE in builtins.listToAttrs (builtins.genList (n: {
            name = "package${toString n}";
            value = if n == 77777 then make "the-one" { } else throw "evaluated ${toString n}";
        }) 100000)"#,
    );
    assert_eq!(names(&source).len(), 100_000);
    assert_eq!(find(&source, "package77777").unwrap().name, "the-one");
    assert!(problem(&source, "package5").contains("evaluated 5"));
}

#[test]
fn what_was_evaluated_stays_and_what_failed_is_tried_again() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let text = |name: &str, other: &str| format!("let MAKE in {{ a = make \"{name}\" {{ }}; b = {other}; }}");
    let source = fixture.file(&text("first", "throw \"not yet\""));
    let first = find(&source, "a").unwrap();
    assert!(problem(&source, "b").contains("not yet"));
    fixture.write("file.nix", &text("second", "make \"b\" { }"));
    assert_eq!(find(&source, "a").unwrap(), first);
    assert_eq!(find(&source, "b").unwrap().name, "b");
    // But a derivation that the store has collected is made again.
    let derivation = first.evaluated.unwrap().derivation.clone();
    let deleted = fixture.nix.command("nix-store").arg("--delete").arg(&derivation).output().unwrap();
    assert!(!derivation.exists(), "{}", String::from_utf8_lossy(&deleted.stderr));
    assert_eq!(source.known("a"), None);
    assert_eq!(find(&source, "a").unwrap().name, "second");
}

#[test]
fn several_packages_take_one_nix_unless_one_of_them_fails() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let source = fixture.file(
        r#"let MAKE in { a = make "a" { }; b.c = make "c" { }; d = make "d" { }; set = { }; fails = throw "why"; }"#,
    );
    // Each start of Nix leaves a line.
    let starts = fixture.path("starts");
    let program = fixture.path("bin/nix-instantiate");
    let script = fs::read_to_string(&program).unwrap();
    fs::write(&program, script.replace("exec ", &format!("echo >> '{}'\nexec ", starts.display()))).unwrap();
    let started = || fs::read_to_string(&starts).unwrap_or_default().lines().count();
    source.prepare(&["a", "b.c", "set", "gone"], &Silent);
    assert_eq!(started(), 1);
    assert_eq!(find(&source, "a").unwrap().name, "a");
    assert_eq!(find(&source, "b.c").unwrap().attribute, "b.c");
    source.prepare(&["a", "b.c", "d"], &Silent);
    assert_eq!(started(), 1, "all known, or a single one");
    assert_eq!(find(&source, "gone"), None);
    source.prepare(&["d", "fails"], &Silent);
    assert_eq!(source.known("d"), None);
    assert_eq!(find(&source, "d").unwrap().name, "d");
    assert!(problem(&source, "fails").contains("why"));
}

/// Wants nothing any more as soon as it is told that the work takes a while.
#[derive(Default)]
struct Impatient(AtomicBool);

impl Progress for Impatient {
    fn step(&self, step: Step) {
        let starts = ["evaluating ", "looking for the revision of "];
        assert!(starts.iter().any(|start| step.what.starts_with(start)), "{}", step.what);
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn an_evaluation_that_nobody_wants_any_more_is_stopped() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let source = fixture.file(
        r"{ slow = builtins.foldl' (sum: n: sum + builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 10000))
            0 (builtins.genList (x: x) 1000000); }",
    );
    assert_eq!(source.package("slow", &Impatient::default()).unwrap_err().message, "stopped");
}

#[test]
fn a_look_for_a_revision_that_nobody_wants_any_more_is_stopped() {
    let Some(fixture) = Fixture::or_skip() else { return };
    // A fifo is never read to its end.
    let fifo = fixture.path("endless.tar.gz");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    let spec: Spec = format!("mine={}", fixture.write("file.nix", "{ }").display()).parse().unwrap();
    let nix = Arc::new(fixture.installation());
    let wanted = format!("file://{}", fifo.display());
    let found = nix_loom::source::find_pin(&spec, Some(&wanted), &nix, &Impatient::default());
    assert_eq!(found.unwrap_err().message, "stopped");
}

#[test]
fn a_file_whose_evaluation_has_no_end_is_stopped() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let text = "builtins.genericClosure { startSet = [ { key = 0; } ]; operator = it: [ { key = it.key + 1; } ]; }";
    let file = fixture.write("endless.nix", text);
    let source = FileSource::open("/endless.nix", &file, Arc::new(fixture.installation())).unwrap();
    assert_eq!(source.held(&Impatient::default()).unwrap_err().message, "stopped");
}

const FLAKE: &str = r#"{
  outputs = { self }: let MAKE in {
    packages.SYSTEM = {
      default = make "first-1" { };
      two = make "two-1" { outputs = [ "lib" "out" ]; };
      both = make "of-packages" { };
      "a.b" = make "dotted-1" { };
      impure = make "home${builtins.getEnv "HOME"}" { };
      chosen = make "chosen-1" { outputs = [ "out" "dev" ]; } // { meta = { outputsToInstall = [ "dev" ]; priority = 3; }; };
    };
    packages.other-system.foreign = make "foreign" { };
    legacyPackages.SYSTEM = { both = make "of-legacy" { }; set.inner = make "inner-1" { }; broken = throw "why"; };
  };
}"#;

#[test]
fn a_flake_offers_what_nix_profile_would_install() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let flake = fixture.write("flake/flake.nix", FLAKE);
    let source = fixture.source_at(flake.parent().unwrap().to_str().unwrap());
    assert_eq!(
        names(&source),
        ["\"a.b\"", "both", "chosen", "default", "impure", "two", "broken", "set"],
        "packages first, and no name twice"
    );
    assert_eq!(find(&source, "both").unwrap().name, "of-packages");
    assert_eq!(find(&source, "impure").unwrap().name, "home", "pure evaluation reads no environment");
    assert_eq!(find(&source, "packages.other-system.foreign").unwrap().name, "foreign");
    assert_eq!(find(&source, "packages.gone"), None);
    assert_eq!(find(&source, "gone"), None);
    assert!(problem(&source, "broken").contains("why"));
    assert_eq!(find(&source, "two").unwrap().default_outputs, ["out"]);
    assert_eq!(find(&source, "chosen").unwrap().default_outputs, ["dev"]);
    assert!(!flake.with_file_name("flake.lock").exists());
    for attribute in ["default", "\"a.b\"", "set.inner", "two"] {
        let evaluated = find(&source, attribute).unwrap().evaluated.unwrap();
        let origin = evaluated.flake.as_ref().unwrap();
        let profile = fixture.path(&format!("profile-{}", attribute.len()));
        let mut install = fixture.nix.command("nix");
        install.args(["profile", "install", "--profile"]).arg(&profile);
        let installed = install.arg(format!("{}#{attribute}", flake.parent().unwrap().display())).output().unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(profile.join("manifest.json")).unwrap()).unwrap();
        let elements = &manifest["elements"];
        // A list in version 2, an object in version 3.
        let element =
            elements.as_array().map_or_else(|| elements.as_object().unwrap().values().next(), |all| all.first());
        let element = element.unwrap();
        assert_eq!(element["originalUrl"], *origin.original_url);
        assert_eq!(element["url"], *origin.url);
        assert_eq!(element["attrPath"], *origin.attribute_path);
    }
}

#[test]
fn what_cannot_change_unseen_has_a_fingerprint() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let fingerprint = |location: &Path| {
        let source = fixture.source_at(location.to_str().unwrap());
        source.fingerprint(&Silent).unwrap()
    };
    let folder = fixture.write("channel/default.nix", "{ }").parent().unwrap().to_owned();
    assert_eq!(fingerprint(&folder), None, "it may import anything");
    let added = fixture.nix.command("nix-store").arg("--add").arg(&folder).output().unwrap();
    let added = String::from_utf8(added.stdout).unwrap().trim().to_owned();
    let in_store = fingerprint(Path::new(&added)).unwrap();
    assert!(in_store.contains(&added) && in_store.starts_with(&fixture.system), "{in_store}");
    // As a channel is a link to it.
    std::os::unix::fs::symlink(&added, fixture.path("link")).unwrap();
    assert_eq!(fingerprint(&fixture.path("link")).as_ref(), Some(&in_store));
    fixture.write("search.nix", "{ }");
    assert_eq!(fixture.source_at("<mine>").fingerprint(&Silent).unwrap(), None);
    fs::remove_file(fixture.path("search.nix")).unwrap();
    std::os::unix::fs::symlink(&added, fixture.path("search.nix")).unwrap();
    assert_eq!(fixture.source_at("<mine>").fingerprint(&Silent).unwrap(), Some(in_store));

    let flake = fixture.write("flake/flake.nix", FLAKE).parent().unwrap().to_owned();
    let first = fingerprint(&flake).unwrap();
    assert_eq!(fingerprint(&flake), Some(first.clone()));
    fixture.write("flake/other", "");
    assert_ne!(fingerprint(&flake), Some(first));
}

#[test]
fn a_flake_that_cannot_be_had_is_told() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let error = fixture.source_at("path:/no/such/flake").attributes(&Silent).unwrap_err();
    assert!(error.message.contains("/no/such/flake"), "{error}");
    let flake = fixture.write("flake/flake.nix", "{ outputs = { self }: { }; }");
    assert!(names(&fixture.source_at(flake.parent().unwrap().to_str().unwrap())).is_empty());
    fixture.write("flake/flake.nix", "{ outputs = { self }: throw \"the outputs\"; }");
    let error = fixture.source_at(flake.parent().unwrap().to_str().unwrap()).attributes(&Silent).unwrap_err();
    assert!(error.message.contains("the outputs"), "{error}");
}

#[test]
fn a_nix_without_its_programs_says_what_to_do() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let spec = format!("mine={}", fixture.write("file.nix", "{ }").display()).parse().unwrap();
    let installation = Installation { search_path: Vec::new(), ..fixture.installation() };
    let error = NixSource::new(spec, Arc::new(installation)).attributes(&Silent).unwrap_err();
    assert!(error.message.contains("install Nix, or put it on PATH"), "{error}");
}

/// The program on a machine of its own, with this Nix first on PATH.
fn run(fixture: &Fixture, machine: &Machine, arguments: &[&str]) -> machine::Said {
    let path = format!("{}:/usr/bin:/bin", fixture.path("bin").display());
    let mut command = machine.command(arguments);
    for (name, value) in fixture.nix.command("nix").get_envs() {
        if let Some(value) = value.filter(|_| name.as_encoded_bytes().starts_with(b"NIX_")) {
            command.env(name, value);
        }
    }
    machine::said(&command.env("PATH", path).output().unwrap())
}

#[test]
fn the_commands_look_at_sources() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let machine = Machine::new();
    let file = fixture.write(
        "file.nix",
        "let MAKE in { hello = make \"mine-7\" { outputs = [ \"out\" \"doc\" ]; }; fails = throw \"a \\n reason\"; set.x = 1; }",
    );
    let source = format!("--source=mine={}", file.display());
    let found = run(&fixture, &machine, &[&source, "search", "fails"]);
    assert_eq!((found.code, found.stdout.lines().next().unwrap_or_default().contains("fails")), (0, true));
    let shown = run(&fixture, &machine, &[&source, "show", "hello", "--json"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&shown["source"], &shown["name"], &shown["version"]), (&json!("mine"), &json!("mine"), &json!("7")));
    assert_eq!(shown["outputs"][1]["name"], "doc");
    // The given source comes first, the others stay.
    let demo = run(&fixture, &machine, &[&source, "show", "hello@demo", "--json"]);
    assert_eq!((demo.code, demo.stdout.contains("\"demo\"")), (0, true), "{}", demo.stderr);
    let other = run(&fixture, &machine, &[&source, "show", "jq"]);
    assert_eq!((other.code, other.stdout.contains("demo")), (0, true), "{}", other.stderr);
    for (command, expected) in [("fails", "fails@mine: a reason"), ("set", "name what you mean, such as set.x")] {
        for verb in ["show", "preview", "apply"] {
            let said = run(&fixture, &machine, &[&source, verb, command]);
            assert_eq!((said.code, said.stderr.contains(expected)), (1, true), "{verb} {}", said.stderr);
        }
    }
    // The local store builds nothing, so this can only be looked at.
    for verb in ["preview", "apply"] {
        let said = run(&fixture, &machine, &[&source, verb, "hello"]);
        assert_eq!((said.code, said.stderr.contains("it can only be looked at here")), (1, true), "{}", said.stderr);
    }
    let broken = fixture.write("broken.nix", "throw \"broken source\"");
    let broken = format!("--source=broken={}", broken.display());
    let found = run(&fixture, &machine, &[&broken, &source, "search", "hello"]);
    assert_eq!(found.code, 0);
    assert!(found.stderr.contains("source broken: broken source") && found.stdout.contains("mine"), "{}", found.stderr);
}

#[test]
fn configured_sources_are_offered_after_given_ones_and_what_is_wrong_with_one_is_its_own_trouble() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let machine = Machine::new();
    for name in ["first", "second", "off"] {
        let text = format!("let MAKE in {{ hello = make \"{name}-1\" {{ }}; own = make \"{name}-own-1\" {{ }}; }}");
        let file = fixture.write(&format!("{name}.nix"), &text);
        let location = format!("{name}={}", file.display());
        assert_eq!(run(&fixture, &machine, &["sources", "add", &location]).code, 0);
    }
    assert_eq!(run(&fixture, &machine, &["sources", "disable", "off"]).code, 0);
    let source_of = |arguments: &[&str]| {
        let said = run(&fixture, &machine, &[arguments, &["--json"]].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
        let shown: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        (shown["source"].as_str().unwrap().to_owned(), shown["name"].as_str().unwrap().to_owned(), said.stderr)
    };
    let is = |source: &str, name: &str| (source.to_owned(), name.to_owned(), String::new());
    assert_eq!(source_of(&["show", "hello"]), is("first", "first"));
    assert_eq!(source_of(&["show", "hello@second"]), is("second", "second"));
    assert_eq!(run(&fixture, &machine, &["show", "hello@off"]).code, 1);
    assert_eq!(run(&fixture, &machine, &["sources", "move", "second", "1"]).code, 0);
    assert_eq!(source_of(&["show", "hello"]), is("second", "second"));
    // What is given comes first, and takes the place of what is configured with its name.
    let given = format!("--source=first={}", fixture.path("off.nix").display());
    assert_eq!(source_of(&[&given, "show", "hello"]), is("first", "off"));
    assert_eq!(source_of(&[&given, "show", "hello@first"]), is("first", "off"));
    // One that is gone, and one with the name of what there is already.
    fs::remove_file(fixture.path("second.nix")).unwrap();
    assert_eq!(run(&fixture, &machine, &["sources", "add", "demo=nixpkgs"]).code, 0);
    let found = run(&fixture, &machine, &["search", "own"]);
    assert!(found.stdout.contains("first") && !found.stdout.contains("second"), "{}", found.stdout);
    let expected = format!("the source second is left out: {}: cannot read", fixture.path("second.nix").display());
    assert!(found.stderr.contains(&expected), "{}", found.stderr);
    assert!(found.stderr.contains("the source demo is left out: another source is called so"), "{}", found.stderr);
}

#[test]
fn a_source_that_makes_no_sense_is_wrong_usage() {
    let Some(fixture) = Fixture::or_skip() else { return };
    let machine = Machine::new();
    for (sources, expected) in [
        (&["--source=nixpkgs"][..], "the form is NAME=LOCATION"),
        (&["--source=x=/no/such/file.nix"], "cannot read /no/such/file.nix"),
        (&["--source=x=nixpkgs", "--source=x=<nixpkgs>"], "two sources are called x"),
        (&["--source=demo=nixpkgs"], "two sources are called demo"),
    ] {
        let said = run(&fixture, &machine, &[sources, &["list"]].concat());
        assert_eq!((said.code, said.stderr.contains(expected)), (2, true), "{}", said.stderr);
    }
    // `list` evaluates nothing, so it needs no source to be good.
    assert_eq!(run(&fixture, &machine, &["--source=x=path:/no/such/flake", "list"]).code, 0);
}

#[test]
fn without_a_nix_a_source_is_a_clear_error() {
    let machine = Machine::new();
    let store = machine.path("no-store");
    let mut command = machine.command(&["--source=x=nixpkgs", "list"]);
    command.env("PATH", "/no/programs").env("NIX_STORE_DIR", &store).env("NIX_STATE_DIR", &store);
    let said = machine::said(&command.output().unwrap());
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains("the source x is evaluated by nix-instantiate"), "{}", said.stderr);
}

#[test]
fn without_a_nix_configured_sources_are_left_out_and_said() {
    let machine = Machine::new();
    let store = machine.path("no-store");
    let run = |arguments: &[&str]| {
        let mut command = machine.command(arguments);
        command.env("PATH", "/no/programs").env("NIX_STORE_DIR", &store).env("NIX_STATE_DIR", &store);
        machine::said(&command.output().unwrap())
    };
    assert_eq!(run(&["sources", "add", "pkgs=<nixpkgs>"]).code, 0);
    let found = run(&["search", "hello"]);
    assert_eq!((found.code, found.stdout.contains("demo")), (0, true));
    let expected =
        "the source pkgs is left out: <nixpkgs> is evaluated by Nix' program nix-instantiate, which is not here";
    assert!(found.stderr.contains(expected), "{}", found.stderr);
    assert!(run(&["sources"]).stdout.contains("nix-instantiate, which is not here"));
    assert_eq!((run(&["list"]).code, run(&["apply", "hello"]).code), (0, 0));
    assert_eq!(run(&["sources", "disable", "pkgs"]).code, 0);
    assert_eq!(run(&["search", "hello"]).stderr, "");
}
