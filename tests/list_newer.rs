//! `list` tells which installed packages have a newer version in their source.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;

use machine::Machine;
use serde_json::json;

#[test]
fn list_tells_the_newer_version_of_what_is_installed() {
    let machine = Machine::new();
    for name in ["tool-1.9", "other-2.0"] {
        let bin = machine.path("mine").join(name).join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join(name), name).unwrap();
    }
    let mine = machine.path("mine").to_string_lossy().into_owned();
    let run = |arguments: &[&str]| machine.run(0, &[&["--packages", &mine], arguments].concat());
    let list = || machine.json(&["--packages", &mine, "list"]);
    run(&["apply", "tool", "other"]);
    let before = list();
    assert!(before.as_array().unwrap().iter().all(|element| element.get("newer").is_none()), "{before}");
    fs::rename(machine.path("mine/tool-1.9"), machine.path("mine/tool-1.10")).unwrap();
    fs::rename(machine.path("mine/other-2.0"), machine.path("mine/other-2.0pre1")).unwrap();
    let after = list();
    let newer = |name: &str| {
        let element = after.as_array().unwrap().iter().find(|element| element["name"] == name).unwrap();
        element.get("newer").cloned()
    };
    assert_eq!((newer("tool"), newer("other")), (Some(json!("1.10")), None), "{after}");
    assert!(run(&["list"]).stdout.contains("↑ 1.10"));
}
