//! What a preview tells beyond the collisions, by the program as it is: where they come from, what is shared, what it fetches.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::path::Path;

use machine::Machine;
use serde_json::{Value, json};

/// A folder of packages, each with the command `tool` and a file of its own.
fn packages(machine: &Machine, names: &[&str]) -> String {
    let folder = machine.path("packages");
    for name in names {
        write(&folder.join(format!("{name}-1/bin/tool")), name);
        write(&folder.join(format!("{name}-1/share/{name}")), name);
    }
    folder.to_str().unwrap().to_owned()
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[track_caller]
fn preview(machine: &Machine, folder: &str, code: i32, changes: &[&str]) -> Value {
    let said = machine.run(code, &[&["--packages", folder, "preview", "--json"], changes].concat());
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn a_tie_that_a_removal_uncovers_is_told_before_it_happens() {
    let machine = Machine::new();
    let folder = packages(&machine, &["top", "left", "right"]);
    machine.run(0, &["--packages", &folder, "apply", "top:priority=4", "left", "right"]);
    let told = preview(&machine, &folder, 3, &["-top"]);
    let collision = &told["collisions"][0];
    assert_eq!(
        (&collision["path"], &collision["blocks"], &collision["origin"], &collision["uncovered_by"]),
        (&json!("bin/tool"), &json!(true), &json!("uncovered"), &json!("top"))
    );
    let text = machine.run(3, &["--packages", &folder, "preview", "remove:top"]).stdout;
    assert!(text.contains("uncovered, for top goes"), "{text}");
    let suggested = told["suggestions"][0]["change"].as_str().unwrap().to_owned();
    let settled = preview(&machine, &folder, 0, &["-top", &suggested]);
    assert_eq!((&settled["builds"], &settled["changed"]), (&json!(true), &json!(["bin/tool"])));

    let same = preview(&machine, &folder, 0, &["left:priority=6"]);
    assert_eq!(same["collisions"][0]["origin"], "there", "the same one wins over the same others");
    let other = preview(&machine, &folder, 0, &["left:priority=3"]);
    assert_eq!(other["collisions"][0]["origin"], "new");
}

#[test]
fn what_the_store_has_already_is_told_apart_from_what_is_fetched() {
    let machine = Machine::new();
    let folder = packages(&machine, &["first", "second"]);
    machine.run(0, &["--packages", &folder, "apply", "first"]);
    machine.run(0, &["--packages", &folder, "apply", "-first"]);
    let fetch = preview(&machine, &folder, 3, &["first", "second"])["fetch"].clone();
    assert_eq!((&fetch["shared"], &fetch["shared_bytes"]), (&json!(1), &json!("first".len() * 2)));
    assert_eq!((&fetch["paths"], &fetch["unpacked_bytes"]), (&json!(1), &json!("second".len() * 2)));
    let text = machine.run(3, &["--packages", &folder, "preview", "first", "second"]).stdout;
    assert!(text.contains("in the store already: 1 output, 10 B"), "{text}");
}
