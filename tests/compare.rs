//! `compare` shows files that collide beside each other, and `explain` says changes in the words of Nix, without a Nix too.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::path::Path;

use machine::Machine;

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Two packages that collide in a text, in a program, and in one and the same text.
fn machine_with_packages() -> (Machine, String) {
    let machine = Machine::new();
    let folder = machine.path("packages");
    for (name, line, byte) in [("left-1.0", "one", 1), ("right-2.0", "two", 2)] {
        write(&folder.join(name).join("etc/text"), format!("first\n{line}\x1b[31m\nlast\n"));
        write(&folder.join(name).join("bin/program"), [b"\x7fELF\0\0", [byte].as_slice()].concat());
        write(&folder.join(name).join("share/same"), "same\n");
    }
    let folder = folder.to_str().unwrap().to_owned();
    (machine, folder)
}

#[test]
fn files_that_collide_are_shown_beside_each_other() {
    let (machine, folder) = machine_with_packages();
    let said = machine.run(3, &["--packages", &folder, "compare", "left", "right"]).stdout;
    assert!(said.contains("etc/text  tie, blocks"), "{said}");
    let lines: Vec<_> = said.lines().map(str::trim).collect();
    // Equals come in the order of their paths in the store, whose hashes are others in every test.
    let is_left_first = said.contains("left and right");
    let (names, minus, plus) =
        if is_left_first { ("left and right", "one", "two") } else { ("right and left", "two", "one") };
    for expected in [
        format!("{names}: their lines differ"),
        "first".into(),
        format!("- {minus}\\x1b[31m"),
        format!("+ {plus}\\x1b[31m"),
        format!("{names}: ELF and ELF; the first byte that differs is number 7"),
        format!("{names}: the same bytes"),
        "same priority 5: the rules `nix` refuse a tie, whatever the files hold".into(),
        "Any of these, given to apply too, would settle it:".into(),
    ] {
        assert!(lines.contains(&&*expected), "{expected:?} in {said}");
    }

    let one = machine.run(3, &["--packages", &folder, "compare", "left", "right", "--path", "/etc/text"]).stdout;
    assert!(one.contains("etc/text  tie") && !one.contains("bin/program  tie"), "{one}");
    // One that does not block can be shown, too.
    let changes = ["compare", "left:priority=4", "right", "--path", "etc/text"];
    let settled = machine.run(0, &[&["--packages", &folder], &changes[..]].concat()).stdout;
    assert!(settled.contains("etc/text  shadowed, does not block"), "{settled}");
    let settled = machine.run(0, &[&["--packages", &folder], &changes[..3]].concat());
    assert!(settled.stdout.is_empty() && settled.stderr.contains("no collision blocks"), "{}", settled.stderr);
    let nothing = machine.run(2, &["--packages", &folder, "compare", "left", "--path", "etc/text"]);
    assert!(nothing.stderr.contains("etc/text: nothing collides there"), "{}", nothing.stderr);
}

#[test]
fn a_comparison_for_programs_has_all_that_the_text_has() {
    let (machine, folder) = machine_with_packages();
    let said = machine.run(3, &["--packages", &folder, "compare", "left", "right", "--json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&said).unwrap();
    let at = |path: &str| document.as_array().unwrap().iter().find(|it| it["path"] == path).unwrap();
    let text = at("etc/text");
    assert_eq!(text["blocks"], true);
    let first = if text["contenders"][0]["package"] == "left" { "one" } else { "two" };
    assert_eq!((&text["files"][0]["kind"], &text["files"][0]["size"]), (&"file".into(), &20.into()));
    assert_eq!(text["differences"][0]["contents"], "text");
    let lines = text["differences"][0]["lines"].as_array().unwrap();
    let changes: Vec<_> = lines.iter().map(|line| line["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["same", "removed", "added", "same"]);
    assert_eq!(lines[1]["text"], format!("{first}\u{1b}[31m"));
    let program = &at("bin/program")["differences"][0];
    assert_eq!((&program["contents"], &program["first_different_byte"]), (&"bytes".into(), &6.into()));
    assert_eq!(at("share/same")["differences"][0]["contents"], "same-bytes");
}

#[test]
fn without_a_nix_it_is_told_what_one_would_say_to_it() {
    let (machine, folder) = machine_with_packages();
    machine.run(0, &["--packages", &folder, "apply", "hello", "left"]);
    let said = machine.run(0, &["--packages", &folder, "explain", "zlib^out,dev:priority=3", "-hello", "-left"]).stdout;
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].starts_with("# there is no Nix to say this to"), "{said}");
    assert!(lines.contains(&"nix profile remove hello"), "{said}");
    assert!(lines.contains(&"nix profile add 'nixpkgs#zlib^out,dev' --priority 3"), "{said}");
    assert_eq!(machine.run(0, &["--packages", &folder, "explain", "hello:priority=5"]).stdout, "");
    let said = machine.run(0, &["--packages", &folder, "explain", "right", "-left", "--json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&said).unwrap();
    let comments: Vec<_> = document.as_array().unwrap().iter().filter_map(|line| line["comment"].as_str()).collect();
    assert!(comments.iter().any(|it| it.contains("right is of a folder of packages, which no Nix knows")), "{said}");
    assert!(document.as_array().unwrap().contains(&serde_json::json!({"command": "nix profile remove left"})));
}
