//! What is there beside the profile, by the command line: commands of other folders of PATH, and other environments.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use machine::Machine;
use serde_json::{Value, json};

/// Runs the program with these folders as PATH.
#[track_caller]
fn run(machine: &Machine, path: &[&Path], arguments: &[&str]) -> String {
    let mut command = machine.command(arguments);
    command.env("PATH", std::env::join_paths(path).unwrap());
    let said = machine::said(&command.output().unwrap());
    assert_eq!(said.code, 0, "{}{}", said.stdout, said.stderr);
    said.stdout
}

#[track_caller]
fn json(machine: &Machine, path: &[&Path], arguments: &[&str]) -> Value {
    serde_json::from_str(&run(machine, path, &[arguments, &["--json"]].concat())).unwrap()
}

fn command(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "").unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_preview_tells_which_commands_change_their_meaning() {
    let machine = Machine::new();
    let (early, late) = (machine.path("early"), machine.path("late"));
    let profile = machine.path("home/.nix-profile/bin");
    fs::create_dir_all(machine.path("home")).unwrap();
    symlink(machine.profile(), machine.path("home/.nix-profile")).unwrap();
    command(&late.join("rg"));
    command(&early.join("jq"));
    let path = [&*early, &*profile, &*late];

    let preview = json(&machine, &path, &["preview", "ripgrep", "jq"]);
    let (jq, rg) = (early.join("jq"), late.join("rg"));
    let expected = json!([
        {"command": "jq", "before": jq, "after": jq, "why": format!("hidden by {}, which stands earlier on PATH", jq.display())},
        {"command": "rg", "before": rg, "after": profile.join("rg"), "why": format!("takes the place of {}", rg.display())},
    ]);
    assert_eq!((&preview["meanings"], &preview["missing_from_path"]), (&expected, &Value::Null));
    let text = run(&machine, &path, &["preview", "ripgrep", "jq"]);
    assert!(text.contains(&format!("on PATH: rg takes the place of {}\n", rg.display())), "{text}");

    run(&machine, &path, &["apply", "ripgrep", "jq"]);
    let preview = json(&machine, &path, &["preview", "-ripgrep", "-jq"]);
    let expected = json!([
        {"command": "rg", "before": profile.join("rg"), "after": rg, "why": format!("falls back to {}", rg.display())},
    ]);
    assert_eq!(preview["meanings"], expected);
}

#[test]
fn a_profile_that_is_not_on_path_is_told_once() {
    let machine = Machine::new();
    let late = machine.path("late");
    command(&late.join("rg"));
    let preview = json(&machine, &[&late], &["preview", "ripgrep"]);
    assert_eq!(preview["meanings"], json!([]));
    assert_eq!(preview["missing_from_path"], json!(machine.profile().join("bin")));
    let text = run(&machine, &[&late], &["preview", "ripgrep"]);
    assert_eq!(text.matches("on PATH").count(), 1, "{text}");
    run(&machine, &[&late], &["apply", "ripgrep"]);
    let nothing = json(&machine, &[&late], &["preview", "ripgrep:priority=4"]);
    assert_eq!(nothing["missing_from_path"], Value::Null, "no command changes");
}

#[test]
fn what_another_environment_has_already_is_marked() {
    let machine = Machine::new();
    let other = machine.path("other/profile");
    // The other profile has one of them as it is on offer here.
    run(&machine, &[], &["apply", "ripgrep", "nodejs_18", "--profile", other.to_str().unwrap()]);
    let bin = other.join("bin");
    let path = [&*bin, &*machine.profile().join("bin")];

    let hit = |query: &str, attribute: &str| {
        let hits = json(&machine, &path, &["search", query]);
        let hit = hits.as_array().unwrap().iter().find(|hit| hit["attribute"] == attribute).unwrap();
        hit.clone()
    };
    let (rg, node) = (hit("ripgrep", "ripgrep"), hit("nodejs", "nodejs_20"));
    assert_eq!(rg["elsewhere"], json!({"place": bin, "same": true, "version": rg["version"]}));
    assert_eq!((&node["elsewhere"]["place"], &node["elsewhere"]["same"]), (&json!(bin), &json!(false)));
    assert!(node["elsewhere"]["version"].as_str().unwrap().starts_with("18."), "{node}");
    assert_eq!(hit("zlib", "zlib").get("elsewhere"), None);

    run(&machine, &path, &["apply", "ripgrep", "zlib"]);
    let list = json(&machine, &path, &["list"]);
    let of = |name: &str| list.as_array().unwrap().iter().find(|it| it["name"] == name).unwrap().get("elsewhere");
    assert_eq!(of("ripgrep"), Some(&rg["elsewhere"]));
    assert_eq!(of("zlib"), None);
    assert_eq!(json(&machine, &path, &["show", "ripgrep"])["elsewhere"], rg["elsewhere"]);
    assert!(run(&machine, &path, &["show", "ripgrep"]).contains(&format!("in {} too", bin.display())));
    let alone = json(&machine, &[], &["list"]);
    assert!(alone.as_array().unwrap().iter().all(|it| it.get("elsewhere").is_none()), "the profile is not elsewhere");
}
