//! `status` where there is no Nix: whether the profile agrees with what was exported from it.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;

use machine::{Machine, names};
use serde_json::Value;

/// A machine with two packages, which are exported as the document that takes no Nix to be read.
fn exported() -> (Machine, String) {
    let machine = Machine::new();
    machine.run(0, &["apply", "hello", "zlib"]);
    let file = machine.path("my_env.json").to_str().unwrap().to_owned();
    machine.run(0, &["export", "--format", "json", "--out", &file]);
    (machine, file)
}

/// The state of the only file, and its differences: `zlib priority 3 5`.
#[track_caller]
fn state(status: &Value) -> (String, Vec<String>) {
    let files = status["files"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{status}");
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let told = |it: &Value| ["package", "what", "profile", "file"].map(|name| text(&it[name])).join(" ");
    let differences = files[0]["differences"].as_array().unwrap().iter().map(told).collect();
    (text(&files[0]["state"]), differences)
}

#[test]
fn what_was_exported_agrees_until_profile_or_file_is_changed() {
    let (machine, file) = exported();
    let none: Vec<String> = Vec::new();
    assert_eq!(state(&machine.json(&["status"])), ("agrees".into(), none.clone()));
    machine.run(0, &["status", "--check"]);
    machine.run(0, &["apply", "jq", "-hello", "zlib:priority=3"]);
    let (said, differences) = state(&machine.json(&["status"]));
    assert_eq!(said, "differs");
    assert_eq!(differences.len(), 3, "{differences:?}");
    assert!(differences[0].starts_with("hello only-in-file - 2."), "{differences:?}");
    assert_eq!(differences[1], "zlib priority 3 5");
    assert!(differences[2].starts_with("jq only-in-profile 1."), "{differences:?}");
    assert_eq!(state(&machine.json(&["status", "--quick"])), (said, differences));
    let told = machine.run(1, &["status", "--check"]).stdout;
    assert!(told.contains("differs from the profile in 3 things"), "{told}");
    assert!(told.contains("the profile has changed"), "{told}");
    // Both ways out are told, and lead out.
    let changes = machine.json(&["status"])["files"][0]["changes"].clone();
    let changes: Vec<&str> = changes.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    machine.run(0, &[&["apply"], &*changes].concat());
    assert_eq!(state(&machine.json(&["status"])), ("agrees".into(), none.clone()));
    machine.run(0, &["apply", "jq"]);
    let way = told.lines().find_map(|line| line.split_once("from the profile: nix-loom ")).unwrap().1;
    machine.run(0, &way.split(' ').collect::<Vec<_>>());
    assert_eq!(state(&machine.json(&["status"])), ("agrees".into(), none));
    // The file is changed by hand.
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"priority\": 5", "\"priority\": 4")).unwrap();
    assert_eq!(state(&machine.json(&["status", "--quick"])).0, "edited");
    let status = machine.json(&["status"]);
    assert_eq!(state(&status).0, "differs", "{status}");
    assert_eq!((&status["files"][0]["asked"], &status["files"][0]["edited"]), (&true.into(), &true.into()));
    // What was found out is known from then on.
    assert_eq!(state(&machine.json(&["status", "--quick"])), state(&status));
}

#[test]
fn a_file_that_is_broken_or_gone_is_told_with_the_way_out() {
    let (machine, file) = exported();
    fs::write(&file, "{\"nixLoom\": 1, \u{1b}").unwrap();
    let status = machine.json(&["status"]);
    assert_eq!(state(&status).0, "unreadable");
    assert!(status["files"][0]["reason"].as_str().unwrap().contains("line 1"), "{status}");
    fs::rename(&file, format!("{file}.moved")).unwrap();
    assert_eq!(state(&machine.json(&["status"])).0, "gone");
    let told = machine.run(1, &["status", "--check"]).stdout;
    assert!(told.contains(&format!("`nix-loom status --forget {file}` forgets it")), "{told}");
    machine.run(0, &["status", "--forget", &file]);
    let told = machine.run(0, &["status", "--check"]).stdout;
    assert!(told.contains("none yet"), "{told}");
    let told = machine.run(1, &["status", "--forget", &file]).stderr;
    assert!(told.contains("is not remembered"), "{told}");
}

#[test]
fn a_part_that_was_exported_is_compared_with_that_part() {
    let machine = Machine::new();
    machine.run(0, &["apply", "hello", "zlib"]);
    let file = machine.path("my_env.json").to_str().unwrap().to_owned();
    machine.run(0, &["export", "zlib", "--format", "json", "--out", &file]);
    machine.run(0, &["apply", "-hello"]);
    assert_eq!(state(&machine.json(&["status"])).0, "agrees", "hello was never in it");
    machine.run(0, &["apply", "-zlib"]);
    assert_eq!(state(&machine.json(&["status"])).0, "differs");
}

#[test]
fn each_profile_has_its_own_files_and_rubbish_in_their_memory_harms_nothing() {
    let (machine, file) = exported();
    let other = machine.path("other").to_str().unwrap().to_owned();
    machine.run(0, &["--profile", &other, "apply", "jq"]);
    assert_eq!(machine.json(&["--profile", &other, "status"])["files"], Value::Array(Vec::new()));
    let memory = machine.path("state/nix-loom/environment-files");
    let remembered = names(&memory);
    assert_eq!(remembered.len(), 1, "{remembered:?}");
    for rubbish in ["", "\0", "{\"version\": 1}", "[[[["] {
        fs::write(memory.join(&remembered[0]), rubbish).unwrap();
        assert_eq!(machine.json(&["status"])["files"], Value::Array(Vec::new()));
        machine.run(0, &["export", "--format", "json", "--force", "--out", &file]);
        assert_eq!(state(&machine.json(&["status"])).0, "agrees");
    }
    // Where nothing can be remembered, the export is made all the same, with a warning.
    fs::remove_dir_all(&memory).unwrap();
    fs::write(&memory, "").unwrap();
    let said = machine.run(0, &["export", "--format", "json", "--force", "--out", &file]).stderr;
    assert!(said.contains("it will not be known that"), "{said}");
}
