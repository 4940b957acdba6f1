//! The whole loop by the command line, on the local store: look, stage, see collisions, apply, go back.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// A machine of its own: home, store and profile.
struct Machine {
    dir: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nix-loom"));
        command
            .args(arguments)
            .stdin(Stdio::null())
            .env("NIX_LOOM_STORE", "local")
            .env("HOME", self.path("home"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env_remove("NIX_LOOM_CONFIG");
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Standard output and standard error of a run that must end with `code`.
    #[track_caller]
    fn run(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let output = self.output(arguments);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{stdout}{stderr}");
        (stdout, stderr)
    }

    #[track_caller]
    fn text(&self, arguments: &[&str]) -> String {
        self.run(0, arguments).0
    }

    #[track_caller]
    fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let (stdout, _) = self.run(code, &[arguments, &["--json"]].concat());
        serde_json::from_str(&stdout).unwrap()
    }

    #[track_caller]
    fn installed(&self) -> Vec<String> {
        let list = self.json(0, &["list"]);
        list.as_array().unwrap().iter().map(|element| element["name"].as_str().unwrap().to_owned()).collect()
    }

    fn profile(&self) -> PathBuf {
        self.path("state/nix-loom/profiles/profile")
    }
}

fn keys(document: &Value) -> Vec<&str> {
    document.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_package_is_found_previewed_installed_and_removed() {
    let machine = Machine::new();
    assert_eq!(machine.json(0, &["list"]), json!([]));
    assert!(machine.run(0, &["list"]).1.contains("nothing is installed yet"));

    let hits = machine.json(0, &["search", "zlib", "--limit", "3"]);
    assert_eq!(hits[0]["attribute"], "zlib");
    assert!(hits.as_array().unwrap().len() <= 3);
    assert_eq!(keys(&hits[0]), ["attribute", "source", "name", "version", "description", "outputs", "installed"]);

    let shown = machine.json(0, &["show", "zlib@demo"]);
    assert_eq!((&shown["installed"], &shown["outputs"][0]["presence"]), (&Value::Null, &json!("fetch")));

    let preview = machine.json(0, &["preview", "zlib^out,dev"]);
    assert_eq!(
        keys(&preview),
        [
            "rules",
            "builds",
            "links",
            "directories",
            "collisions",
            "warnings",
            "problems",
            "added",
            "removed",
            "changed",
            "commands",
            "meanings",
            "missing_from_path",
            "fetch",
            "suggestions",
            "environments",
            "doubles",
        ]
    );
    assert_eq!(
        keys(&preview["fetch"]),
        ["paths", "builds", "download_bytes", "unpacked_bytes", "shared", "shared_bytes", "unknown"]
    );
    assert_eq!(preview["fetch"]["paths"], 2);
    assert!(!machine.profile().exists(), "a preview changes nothing");

    let applied = machine.json(0, &["apply", "zlib^out,dev"]);
    assert_eq!((&applied["generation"], &applied["unchanged"]), (&json!(1), &json!(false)));
    let list = machine.json(0, &["list"]);
    assert_eq!(keys(&list[0]), ["name", "attribute", "source", "version", "outputs", "priority", "active"]);
    assert_eq!(keys(&list[0]["outputs"]), ["out", "dev"]);
    assert!(Path::new(list[0]["outputs"]["dev"].as_str().unwrap()).join("include/zlib.h").exists());
    assert!(machine.profile().join("include/zlib.h").exists());
    assert_eq!(machine.json(0, &["search", "zlib"])[0]["installed"], true);

    let (_, stderr) = machine.run(0, &["apply", "zlib:priority=5"]);
    assert!(stderr.contains("nothing to do"), "{stderr}");
    let text = machine.text(&["apply", "-zlib", "hello"]);
    assert!(
        text.starts_with("- zlib ") && text.contains("+ hello ") && text.contains("commands gained: hello"),
        "{text}"
    );
    assert!(text.ends_with("generation 2 is current now; no collisions\n"), "{text}");
    assert_eq!(machine.installed(), ["hello"]);
}

#[test]
fn outputs_priority_and_activity_of_what_is_installed_can_be_changed() {
    let machine = Machine::new();
    machine.text(&["apply", "zlib", "hello"]);
    machine.text(&["apply", "zlib^dev:priority=3", "hello:active=false"]);
    let list = machine.json(0, &["list"]);
    assert_eq!((&list[0]["name"], &list[0]["active"]), (&json!("hello"), &json!(false)));
    assert_eq!((keys(&list[1]["outputs"]), &list[1]["priority"]), (vec!["dev"], &json!(3)));
    assert!(!machine.profile().join("bin/hello").exists());
    let text = machine.text(&["apply", "hello:active=true"]);
    assert!(text.starts_with("~ hello  inactive -> active\n"), "{text}");
    assert!(machine.profile().join("bin/hello").exists());
}

#[test]
fn a_collision_is_refused_with_the_change_that_settles_it() {
    let machine = Machine::new();
    machine.text(&["apply", "nodejs_18"]);
    let preview = machine.json(3, &["preview", "nodejs_20"]);
    assert_eq!(preview["builds"], false);
    assert_eq!(preview["collisions"].as_array().unwrap().len(), 178);
    let (stdout, _) = machine.run(3, &["apply", "nodejs_20"]);
    assert!(stdout.contains("blocks  tie           bin/npx "), "{stdout}");
    assert!(stdout.ends_with("refused, and nothing was changed: 178 collisions block\n"), "{stdout}");
    assert_eq!(machine.installed(), ["nodejs_18"]);
    assert_eq!(machine.json(0, &["generations"]).as_array().unwrap().len(), 1);

    let refused = machine.json(3, &["apply", "nodejs_20"]);
    let suggestions = refused["suggestions"].as_array().unwrap();
    assert!(suggestions.len() > 3);
    for suggestion in suggestions {
        let change = suggestion["change"].as_str().unwrap();
        assert!(stdout.contains(&format!("  {change}  ")), "{change} is not in\n{stdout}");
        let settled = machine.json(0, &["preview", "nodejs_20", change]);
        assert_eq!(settled["builds"], true, "{change}");
    }
    machine.text(&["apply", "nodejs_20:priority=4"]);
    assert_eq!(machine.installed(), ["nodejs_18", "nodejs_20"]);
    let which = machine.json(0, &["which", "npx"]);
    let shadowed = |name: &str| {
        let provider = which.as_array().unwrap().iter().find(|provider| provider["package"] == name).unwrap();
        provider["shadowed"].clone()
    };
    assert_eq!((shadowed("nodejs_18"), shadowed("nodejs_20")), (json!(true), json!(false)));
}

#[test]
fn the_demo_s_collisions_are_settled_one_group_after_the_other() {
    let machine = Machine::new();
    machine.text(&["apply", "nodejs_18", "coreutils", "libjpeg", "moreutils"]);
    let mut changes = vec!["nodejs_20".to_owned(), "toybox".into(), "mozjpeg".into(), "parallel".into()];
    let mut presses = 0;
    loop {
        let arguments: Vec<&str> = ["preview"].into_iter().chain(changes.iter().map(String::as_str)).collect();
        let builds = presses == 3;
        let preview: Value = machine.json(if builds { 0 } else { 3 }, &arguments);
        assert_eq!(preview["builds"], json!(builds), "{changes:?}");
        let shadowed =
            preview["collisions"].as_array().unwrap().iter().find(|it| it["path"] == "bin/parallel").unwrap();
        assert_eq!((&shadowed["blocks"], &shadowed["kind"]), (&json!(false), &json!("shadowed")));
        if builds {
            return;
        }
        let best = &preview["suggestions"][0];
        assert_eq!(best["alters"], json!({ "added": 0, "removed": 0, "changed": 0 }), "{best}");
        assert_eq!(best["changes"].as_array().unwrap().len(), 1);
        changes.push(best["change"].as_str().unwrap().to_owned());
        presses += 1;
    }
}

#[test]
fn generations_are_listed_compared_and_gone_back_to() {
    let machine = Machine::new();
    let (_, stderr) = machine.run(1, &["rollback"]);
    assert!(stderr.contains("no generation before"), "{stderr}");
    machine.text(&["apply", "hello"]);
    machine.text(&["apply", "jq^bin"]);
    machine.text(&["apply", "-hello"]);
    let generations = machine.json(0, &["generations"]);
    assert_eq!(
        keys(&generations[0]),
        ["number", "current", "created", "path", "parent", "parent_is_known", "packages", "bytes", "bytes_of_closure"]
    );
    let current: Vec<_> = generations.as_array().unwrap().iter().map(|generation| &generation["current"]).collect();
    assert_eq!(current, [false, false, true]);
    let created = generations[0]["created"].as_str().unwrap();
    assert!(created.len() == 20 && created.ends_with('Z'), "{created}");

    let diff = machine.json(0, &["diff", "1", "3"]);
    assert_eq!((&diff["commands"]["added"], &diff["commands"]["removed"]), (&json!(["jq"]), &json!(["hello"])));
    assert_eq!(diff["packages"]["added"][0]["name"], "jq");
    assert!(machine.text(&["diff", "1", "3"]).contains("\n  - bin/hello\n"));

    assert_eq!(machine.json(0, &["rollback"]), json!({ "generation": 2 }));
    assert_eq!(machine.installed(), ["hello", "jq"]);
    assert_eq!(machine.text(&["rollback", "1"]), "generation 1 is current now\n");
    assert_eq!(machine.installed(), ["hello"]);
    assert!(machine.run(1, &["rollback", "9"]).1.contains("the profile has 1, 2, 3"));
    machine.text(&["apply", "jq"]);
    assert_eq!(machine.json(0, &["generations"]).as_array().unwrap().len(), 4);
}

#[test]
fn a_folder_of_packages_is_offered_and_installed() {
    let machine = Machine::new();
    let folder = machine.path("tools");
    fs::create_dir_all(folder.join("greet-1.0/bin")).unwrap();
    fs::write(folder.join("greet-1.0/bin/greet"), "#!/bin/sh\necho hi\n").unwrap();
    let packages = ["--packages", folder.to_str().unwrap()];
    let hits = machine.json(0, &[&packages[..], &["search", "greet"]].concat());
    assert_eq!((&hits[0]["attribute"], &hits[0]["version"]), (&json!("greet"), &json!("1.0")));
    machine.text(&[&packages[..], &["apply", "greet-1.0"]].concat());
    assert_eq!(fs::read_to_string(machine.profile().join("bin/greet")).unwrap(), "#!/bin/sh\necho hi\n");
    let list = machine.json(0, &["list"]);
    assert_eq!((&list[0]["name"], &list[0]["version"]), (&json!("greet"), &json!("1.0")));

    // Another version beside it is the newer one, and taking it up replaces what is installed.
    fs::create_dir_all(folder.join("greet-1.1/bin")).unwrap();
    fs::write(folder.join("greet-1.1/bin/greet"), "#!/bin/sh\necho hello\n").unwrap();
    machine.text(&[&packages[..], &["apply", "greet"]].concat());
    let list = machine.json(0, &["list"]);
    assert_eq!((list.as_array().unwrap().len(), &list[0]["version"]), (1, &json!("1.1")));
}

#[test]
fn another_profile_can_be_chosen() {
    let machine = Machine::new();
    let other = machine.path("elsewhere/mine");
    let other = other.to_str().unwrap();
    machine.text(&["--profile", other, "apply", "hello"]);
    assert_eq!(machine.installed(), [""; 0]);
    assert_eq!(machine.json(0, &["list", "--profile", other])[0]["name"], "hello");
    assert_eq!(fs::read_link(other).unwrap(), PathBuf::from("mine-1-link"));
}

#[test]
fn mistakes_are_told_with_the_way_out_and_the_right_exit_code() {
    let machine = Machine::new();
    for (code, arguments, message) in [
        (2, &["apply", "hello:prio=4"][..], "at character 7: there is no setting \"prio\"; the form is"),
        (1, &["apply", "nodejs_99"], "no source offers an attribute nodejs_99"),
        (1, &["preview", "hello^lib"], "hello has no output lib; it has "),
        (1, &["apply", "-hello"], "hello is not installed; `nix-loom list` shows what is"),
        (1, &["apply", "remove:hello"], "hello is not installed"),
        (1, &["show", "nodejs_99"], "no source offers"),
        (2, &["show", "hello^out"], "show takes ATTR or ATTR@SOURCE"),
        (1, &["diff", "1", "2"], "there is no generation 1"),
        (2, &["diff", "one", "2"], "invalid value"),
        (2, &["apply"], "required"),
        (2, &["frobnicate"], "unrecognized subcommand"),
        (2, &[], "the screen needs a terminal"),
    ] {
        let (stdout, stderr) = machine.run(code, arguments);
        assert!(stderr.contains(message), "{arguments:?}: {stderr}");
        assert_eq!(stdout, "", "{arguments:?}");
    }
    assert!(!machine.profile().exists());
}

#[test]
fn a_damaged_manifest_stops_everything_but_the_way_back() {
    let machine = Machine::new();
    machine.text(&["apply", "hello"]);
    machine.text(&["apply", "jq"]);
    let environment = fs::canonicalize(machine.profile()).unwrap();
    let damaged = machine.path("damaged");
    fs::create_dir(&damaged).unwrap();
    fs::write(damaged.join("manifest.json"), "{\"version\":3,\n\"elements\":[]}").unwrap();
    let link = machine.profile().with_file_name("profile-2-link");
    assert_eq!(fs::read_link(&link).unwrap(), environment);
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&damaged, &link).unwrap();
    for arguments in [&["list"][..], &["apply", "zlib"], &["preview", "zlib"]] {
        let (_, stderr) = machine.run(1, arguments);
        assert!(stderr.contains("damaged/manifest.json: line 2, column "), "{stderr}");
        assert!(stderr.contains("`nix-loom rollback`"), "{stderr}");
    }
    machine.text(&["rollback"]);
    assert_eq!(machine.installed(), ["hello"]);
}

#[test]
fn progress_is_quiet_where_standard_error_is_no_terminal() {
    let machine = Machine::new();
    let (_, stderr) = machine.run(0, &["apply", "hello", "zlib"]);
    assert_eq!(stderr, "");
}

#[test]
fn completions_know_the_commands() {
    let machine = Machine::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = machine.text(&["completions", shell]);
        assert!(script.contains("generations") && script.contains("structured-attrs"), "{shell}");
    }
    assert!(!machine.path("data").exists(), "completions open no store");
}

#[test]
fn a_closed_pipe_does_not_fail_a_search() {
    let machine = Machine::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = machine.command(&["search", "a", "--limit", "1000"]).stdout(writer).stderr(Stdio::piped()).spawn();
    let output = child.unwrap().wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn generations_are_deleted_by_number_and_rule_but_never_the_current_one() {
    let machine = Machine::new();
    for attribute in ["hello", "jq", "fd", "git"] {
        machine.run(0, &["apply", attribute]);
    }
    let numbers = || -> Vec<u64> {
        let generations = machine.json(0, &["generations"]);
        generations.as_array().unwrap().iter().map(|generation| generation["number"].as_u64().unwrap()).collect()
    };
    let (_, error) = machine.run(1, &["delete-generations", "1", "4"]);
    assert!(error.contains("generation 4 is the current one"), "{error}");
    let (_, error) = machine.run(1, &["delete-generations", "1", "9"]);
    assert!(error.contains("there is no generation 9"), "{error}");
    assert_eq!(numbers(), [1, 2, 3, 4], "nothing is deleted if one of them cannot be");
    machine.run(2, &["delete-generations", "everything"]);
    assert_eq!(machine.json(0, &["delete-generations", "2"])["deleted"], serde_json::json!([2]));
    machine.run(0, &["delete-generations", "+2"]);
    assert_eq!(numbers(), [3, 4]);
    machine.run(0, &["delete-generations", "old"]);
    assert_eq!(numbers(), [4]);
    machine.run(0, &["list"]);
}

#[test]
fn without_a_nix_the_store_of_nix_is_a_clear_error_and_the_own_one_serves_of_itself() {
    let machine = Machine::new();
    let run = |store: &str| {
        let mut command = machine.command(&["--store", store, "list"]);
        command.env("NIX_STORE_DIR", "/nowhere").env("NIX_STATE_DIR", "/nowhere").env("PATH", "/nowhere");
        command.output().unwrap()
    };
    let refused = run("nix");
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("there is no Nix on this machine") && error.contains("--store local"), "{error}");
    assert_eq!(run("auto").status.code(), Some(0));
}
