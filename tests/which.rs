//! `which` tells who provides a file: what is installed, what is on offer, and what the database of nix-index knows.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::fs;

use machine::Machine;
use serde_json::{Value, json};
use support::nix_index::Writer;

const FILES: [(&str, &str); 3] = [("1d", ""), ("1d", "/bin"), ("9x", "/bin/jq")];

/// A machine whose user has a database of nix-index.
fn machine() -> Machine {
    let machine = Machine::new();
    let mut writer = Writer::new(Vec::new());
    writer.package("jq", "bin", "c74xkqfhqz9h3d7rffn02cih0fdwb1ff-jq-1.7-bin", FILES);
    writer.package("jql", "out", "d74xkqfhqz9h3d7rffn02cih0fdwb1ff-jql", FILES);
    writer.package("(gcc)", "out", "f74xkqfhqz9h3d7rffn02cih0fdwb1ff-helper", FILES);
    writer.package("hello", "extra", "g74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello", FILES);
    writer.package("jql", "out", "h74xkqfhqz9h3d7rffn02cih0fdwb1ff-jql", FILES);
    writer.package("evil\u{1b}[31m", "out", "i74xkqfhqz9h3d7rffn02cih0fdwb1ff-evil", [("t\u{1b}s", "/bin/evil")]);
    fs::create_dir_all(machine.path("cache/nix-index")).unwrap();
    fs::write(machine.path("cache/nix-index/files"), writer.finish()).unwrap();
    machine
}

/// Package, output, source, and the words for how it stands.
fn told(machine: &Machine, file: &str) -> Vec<[String; 4]> {
    let document = machine.json(&["which", file]);
    let providers = document.as_array().unwrap().iter().map(|provider| {
        let text = |key: &str| provider[key].as_str().unwrap().to_owned();
        let is = |key: &str| provider[key] == json!(true);
        let state = match (is("installed"), is("on_offer")) {
            (true, _) => "installed",
            (_, true) => "on offer",
            _ => "in nix-index",
        };
        [text("package"), text("output"), text("source"), state.to_owned()]
    });
    providers.collect()
}

#[test]
fn what_nix_index_knows_comes_last_and_nothing_is_told_twice() {
    let machine = machine();
    let expected = |first: &str| {
        let rows = [
            ["jq", "bin", "demo", first],
            ["hello", "extra", "nix-index", "on offer"],
            ["jql", "out", "nix-index", "in nix-index"],
        ];
        rows.map(|row| row.map(str::to_owned)).to_vec()
    };
    assert_eq!(told(&machine, "jq"), expected("on offer"));
    assert_eq!(told(&machine, "bin/jq"), expected("on offer"));
    machine.run(0, &["apply", "jq^bin"]);
    assert_eq!(told(&machine, "jq"), expected("installed"));
    let text = machine.run(0, &["which", "jq"]).stdout;
    let last: Vec<_> =
        text.lines().last().unwrap().split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(last, ["jql", "out", "nix-index", "bin/jq", "in nix-index"]);
    assert_eq!(told(&machine, "lib/jq"), [[""; 4]; 0]);
    // The machine checks that nothing of it steers the terminal.
    assert!(machine.run(0, &["which", "evil"]).stdout.contains("evil\\x1b[31m"));
}

#[test]
fn a_database_of_nix_index_that_is_damaged_is_told_beside_what_is_known() {
    let machine = machine();
    let file = machine.path("cache/nix-index/files");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 3]).unwrap();
    let said = machine.run(0, &["which", "jq", "--json"]);
    assert!(
        said.stderr.contains(&format!("the nix-index database {}: it is cut short", file.display())),
        "{}",
        said.stderr
    );
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document.as_array().unwrap().len(), 1);

    // It is where the variable says, too.
    fs::create_dir(machine.path("elsewhere")).unwrap();
    fs::write(machine.path("elsewhere/files"), &whole).unwrap();
    let output =
        machine.command(&["which", "jq"]).env("NIX_INDEX_DATABASE", machine.path("elsewhere")).output().unwrap();
    assert!(String::from_utf8(machine::said(&output).stdout.into()).unwrap().contains("jql"));
}
