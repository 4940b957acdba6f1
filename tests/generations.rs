//! The history of a profile by the command line, on the local store: from which generation each was made, what it changed,
//! how large it is, undoing, and what a deletion would do.

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

    /// One generation for each of these changes.
    fn with(changes: &[&str]) -> Self {
        let machine = Self::new();
        for change in changes {
            machine.text(&["apply", change]);
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn output(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_nix-loom"))
            .args(arguments)
            .stdin(Stdio::null())
            .env("NIX_LOOM_STORE", "local")
            .env("HOME", self.path("home"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env_remove("NIX_LOOM_CONFIG")
            .output()
            .unwrap()
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
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// The current generation and the names of what is installed.
    #[track_caller]
    fn now(&self) -> (u64, Vec<String>) {
        let list = self.json(&["list"]);
        let names = list.as_array().unwrap().iter().map(|element| element["name"].as_str().unwrap().to_owned());
        let generations = self.json(&["generations"]);
        let current = generations.as_array().unwrap().iter().find(|it| it["current"] == true).unwrap();
        (current["number"].as_u64().unwrap(), names.collect())
    }

    /// The parent of each generation, and whether that is recorded.
    #[track_caller]
    fn parents(&self) -> Vec<(Option<u64>, bool)> {
        let generations = self.json(&["generations"]);
        let parent = |it: &Value| (it["parent"].as_u64(), it["parent_is_known"].as_bool().unwrap());
        generations.as_array().unwrap().iter().map(parent).collect()
    }

    fn record(&self) -> PathBuf {
        let folder = self.path("state/nix-loom/descent");
        fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
    }
}

/// Generations 1 to 3, then back to 1, and 4 made from that.
fn forked() -> Machine {
    let machine = Machine::with(&["hello", "jq^bin", "-hello"]);
    machine.text(&["rollback", "1"]);
    machine.text(&["apply", "fd"]);
    machine
}

#[test]
fn what_is_made_after_a_rollback_has_the_generation_it_was_made_from_as_its_parent() {
    let machine = forked();
    assert_eq!(machine.parents(), [(None, true), (Some(1), true), (Some(2), true), (Some(1), true)]);
    let generations = machine.text(&["generations"]);
    let lines: Vec<&str> = generations.lines().collect();
    assert!(lines[3].contains("current") && lines[3].contains("from 1") && lines[3].contains("+fd "), "{generations}");
    assert!(
        lines[2].contains("from 2") && lines[2].contains("1 package ") && lines[2].contains("-hello"),
        "{generations}"
    );
}

#[test]
fn undo_goes_to_the_parent_and_further_back_the_next_time() {
    let machine = forked();
    let said = machine.text(&["undo"]);
    assert_eq!(said, "generation 1 is current now: from which 4 was made\n");
    assert_eq!(machine.now(), (1, vec!["hello".to_owned()]));
    machine.text(&["rollback", "3"]);
    assert_eq!(machine.json(&["undo"]), json!({ "generation": 2, "undone": 3, "parent_is_known": true }));
    assert_eq!(machine.json(&["undo"])["generation"], 1);
}

#[test]
fn undoing_the_first_generation_makes_one_without_packages_that_can_be_undone_too() {
    let machine = Machine::with(&["hello"]);
    let said = machine.text(&["undo"]);
    assert_eq!(said, "generation 2 is current now: without packages, as it was before\n");
    assert_eq!(machine.now(), (2, vec![]));
    let manifest = machine.path("state/nix-loom/profiles/profile/manifest.json");
    assert!(manifest.exists(), "no generation is without a manifest");
    machine.text(&["undo"]);
    assert_eq!(machine.now(), (1, vec!["hello".to_owned()]));
}

#[test]
fn where_nothing_was_there_is_nothing_to_undo() {
    let machine = Machine::new();
    assert!(machine.run(1, &["undo"]).1.contains("there is nothing to undo"));
    let machine = Machine::with(&["hello", "-hello"]);
    machine.text(&["delete-generations", "1"]);
    let (_, error) = machine.run(1, &["undo"]);
    assert!(error.contains("generation 1, from which 2 was made, is deleted"), "{error}");
}

#[test]
fn without_a_record_the_parent_is_the_newest_below_and_probably_so() {
    let machine = forked();
    fs::remove_dir_all(machine.path("state/nix-loom/descent")).unwrap();
    assert_eq!(machine.parents(), [(None, true), (Some(1), false), (Some(2), false), (Some(3), false)]);
    assert!(machine.text(&["generations"]).contains("probably from 3"));
    let said = machine.text(&["undo"]);
    assert!(said.starts_with("generation 3 is current now") && said.contains("not recorded, probably"), "{said}");
}

#[test]
fn a_damaged_or_unwritable_record_stops_nothing() {
    let machine = forked();
    fs::write(machine.record(), "{\"version\": 1, \"profile\": 7").unwrap();
    assert_eq!(machine.parents()[3], (Some(3), false));
    machine.text(&["apply", "git"]);
    assert_eq!(machine.parents()[4], (Some(4), true), "from then on it is recorded again");

    fs::remove_dir_all(machine.path("state/nix-loom/descent")).unwrap();
    fs::write(machine.path("state/nix-loom/descent"), "a file where the folder would be").unwrap();
    machine.text(&["apply", "zlib"]);
    assert_eq!(machine.parents()[5], (Some(5), false));
}

#[test]
fn a_generation_that_another_program_made_in_place_of_a_recorded_one_is_not_taken_for_it() {
    let machine = forked();
    let link = machine.path("state/nix-loom/profiles/profile-4-link");
    let environment = fs::read_link(&link).unwrap();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(environment, &link).unwrap();
    assert_eq!(machine.parents()[3], (Some(3), false), "the same environment, but another link");
}

#[test]
fn sizes_are_those_of_all_outputs_and_a_deletion_is_weighed_by_what_only_they_have() {
    let machine = Machine::with(&["hello", "jq^bin", "-jq", "-hello"]);
    let bytes: Vec<u64> =
        machine.json(&["generations"]).as_array().unwrap().iter().map(|it| it["bytes"].as_u64().unwrap()).collect();
    let size = |attribute: &str, output: &str| {
        let shown = machine.json(&["show", attribute]);
        let outputs = shown["outputs"].as_array().unwrap().iter();
        outputs.filter(|it| it["name"] == output).map(|it| it["size"].as_u64().unwrap()).sum::<u64>()
    };
    let (hello, jq) = (size("hello", "out"), size("jq", "bin"));
    assert!(hello > 0 && jq > 0);
    assert_eq!(bytes, [hello, hello + jq, hello, 0]);

    let weighed = machine.json(&["delete-generations", "2", "--dry-run"]);
    let expected = json!({ "would_delete": [2], "ancestors": [2], "bytes": jq, "paths": 1, "is_collected": false });
    assert_eq!(weighed, expected);
    let weighed = machine.json(&["delete-generations", "1", "--dry-run"]);
    assert_eq!((&weighed["bytes"], &weighed["paths"]), (&json!(0), &json!(0)), "2 and 3 have the same");
    assert_eq!(machine.json(&["delete-generations", "old", "--dry-run"])["bytes"], hello + jq);
    let said = machine.text(&["delete-generations", "+1", "--dry-run"]);
    assert!(said.contains("would delete  3") && said.contains("descends from 1, 2, 3"), "{said}");
    assert!(said.contains("the program's own store frees nothing yet"), "{said}");
    assert_eq!(machine.parents().len(), 4, "nothing was deleted");
    let (_, error) = machine.run(1, &["delete-generations", "4", "--dry-run"]);
    assert!(error.contains("generation 4 is the current one"), "{error}");
    machine.text(&["delete-generations", "1", "2"]);
    let said = machine.text(&["delete-generations", "old", "--dry-run"]);
    assert!(said.contains("would delete  3"), "{said}");
    assert!(Path::new(&machine.path("data/nix-loom/store")).exists());
}

#[test]
fn a_generation_that_cannot_be_read_is_listed_and_spoils_no_other() {
    let machine = Machine::with(&["hello", "jq^bin", "fd"]);
    let damaged = machine.path("damaged");
    fs::create_dir(&damaged).unwrap();
    fs::write(damaged.join("manifest.json"), "{").unwrap();
    let link = machine.path("state/nix-loom/profiles/profile-2-link");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&damaged, &link).unwrap();
    let generations = machine.json(&["generations"]);
    assert_eq!((&generations[1]["packages"], &generations[1]["bytes"]), (&Value::Null, &Value::Null));
    assert_eq!(generations[0]["packages"], 1);
    assert!(machine.text(&["generations"]).contains("cannot be read"));
    let said = machine.text(&["delete-generations", "1", "--dry-run"]);
    assert!(said.contains("is not known: a generation cannot be read"), "{said}");
}

#[test]
fn of_two_hundred_generations_each_is_summed_up_once() {
    let machine = Machine::with(&["hello", "jq^bin"]);
    let profiles = machine.path("state/nix-loom/profiles");
    let environment = |number: u64| fs::read_link(profiles.join(format!("profile-{number}-link"))).unwrap();
    let both = [environment(1), environment(2)];
    for number in 3..=200 {
        let link = profiles.join(format!("profile-{number}-link"));
        std::os::unix::fs::symlink(&both[number % 2], link).unwrap();
    }
    let generations = machine.json(&["generations"]);
    assert_eq!(generations.as_array().unwrap().len(), 200);
    assert_eq!(generations[199]["packages"], 1);
}
