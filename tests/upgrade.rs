//! Upgrades without Nix: folders of packages as sources, in the program's own store.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;

use machine::Machine;
use serde_json::{Value, json};

struct Folders(Machine);

impl Folders {
    fn write(&self, folder: &str, package: &str, outputs: &[(&str, &[&str])]) {
        for (output, files) in outputs {
            for file in *files {
                let file = self.0.path(folder).join(package).join(output).join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, format!("{package} {output}")).unwrap();
            }
        }
    }

    fn arguments<'a>(folders: &'a [String], arguments: &[&'a str]) -> Vec<&'a str> {
        let options = folders.iter().flat_map(|folder| ["--packages", folder.as_str()]);
        options.chain(arguments.iter().copied()).collect()
    }

    #[track_caller]
    fn run(&self, code: i32, arguments: &[&str]) -> String {
        let folders = ["mine", "other"].map(|name| self.0.path(name).to_string_lossy().into_owned());
        let there: Vec<_> = folders.into_iter().filter(|folder| fs::exists(folder).unwrap()).collect();
        self.0.run(code, &Self::arguments(&there, arguments)).stdout
    }

    #[track_caller]
    fn json(&self, code: i32, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(code, &[arguments, &["--json"]].concat())).unwrap()
    }
}

#[track_caller]
fn of<'a>(document: &'a Value, list: &str, name: &str) -> &'a Value {
    let rows = if list.is_empty() { document } else { &document[list] };
    rows.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name}: {document:#}"))
}

#[test]
fn one_several_and_all_are_taken_with_what_was_chosen() {
    let folders = Folders(Machine::new());
    let tool = |version: &str| {
        folders.write("mine", version, &[("out", &["bin/tool"]), ("dev", &["include/tool.h"])]);
    };
    tool("tool-1.9");
    folders.write("mine", "second-1", &[("out", &["bin/second"])]);
    folders.write("mine", "third-1", &[("out", &["bin/third"])]);
    folders.write("mine", "same-1", &[("out", &["bin/same"])]);
    folders.run(0, &["apply", "tool^dev:priority=2", "second", "third", "same"]);
    folders.run(0, &["apply", "second:active=false"]);
    assert!(folders.run(0, &["upgrade"]).contains("nothing to upgrade"));
    for old in ["tool-1.9", "second-1", "third-1"] {
        fs::remove_dir_all(folders.0.path("mine").join(old)).unwrap();
    }
    tool("tool-1.10");
    folders.write("mine", "second-2", &[("out", &["bin/second", "bin/more"])]);
    folders.write("mine", "third-0.9", &[("out", &["bin/third"])]);
    let before = folders.json(0, &["list"]);
    let told = folders.json(0, &["upgrade"]);
    assert_eq!((&told["generation"], &told["unchanged"]), (&Value::Null, &json!(false)));
    let row = |name: &str| of(&told, "upgrades", name);
    assert_eq!(
        (&row("tool")["from"], &row("tool")["to"], &row("tool")["verdict"]),
        (&json!("1.9"), &json!("1.10"), &json!("newer"))
    );
    assert_eq!((&row("third")["verdict"], &row("third")["taken"]), (&json!("older"), &json!(false)));
    assert_eq!(row("same")["verdict"], "unchanged");
    assert_eq!(told["preview"]["commands"]["added"], json!([]), "second is inactive");
    assert_eq!(folders.json(0, &["list"]), before, "nothing is changed yet");

    let one = folders.json(0, &["upgrade", "tool", "--apply"]);
    assert!(one["generation"].as_u64().is_some());
    let after = folders.json(0, &["list"]);
    let element = |name: &str| of(&after, "", name);
    assert_eq!((&element("tool")["version"], &element("tool")["priority"]), (&json!("1.10"), &json!(2)));
    assert_eq!(element("tool")["outputs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["dev"]);
    assert_eq!(element("second")["version"], "1", "it was not named");
    folders.run(0, &["upgrade", "--apply", "--older", "third"]);
    let after = folders.json(0, &["list"]);
    let element = |name: &str| of(&after, "", name);
    assert_eq!((&element("second")["version"], &element("second")["active"]), (&json!("2"), &json!(false)));
    assert_eq!(element("third")["version"], "0.9");
    assert_eq!(element("same"), of(&before, "", "same"));
}

#[test]
fn an_output_that_is_no_more_is_told_and_another_source_can_be_asked() {
    let folders = Folders(Machine::new());
    folders.write("mine", "tool-1", &[("out", &["bin/tool"]), ("lib", &["lib/tool.so"])]);
    folders.run(0, &["apply", "tool^lib"]);
    folders.write("other", "tool-3", &[("out", &["bin/tool", "lib/tool.so"])]);
    let list = folders.json(0, &["search", "tool"]);
    let source = |version: &str| {
        let hit = list.as_array().unwrap().iter().find(|hit| hit["version"] == version).unwrap();
        hit["source"].as_str().unwrap().to_owned()
    };
    let other = source("3");
    let text = folders.run(0, &["upgrade", "--from", &other]);
    assert!(text.contains("it no longer has lib; it has out instead"), "{text}");
    let told = folders.json(0, &["upgrade", "tool", "--from", &other, "--apply"]);
    let row = of(&told, "upgrades", "tool");
    assert_eq!((&row["lost_outputs"], &row["outputs"]), (&json!(["lib"]), &json!(["out"])));
    assert_eq!(row["change"], json!(format!("tool^out:source={other}")));
    let after = folders.json(0, &["list"]);
    assert_eq!((&of(&after, "", "tool")["version"], &of(&after, "", "tool")["source"]), (&json!("3"), &json!(other)));
    let nowhere = folders.0.any(&["upgrade", "--from", "nowhere"]);
    assert_eq!(nowhere.code, 1);
    assert!(nowhere.stderr.contains("there is no source called nowhere"), "{}", nowhere.stderr);
}

#[test]
fn a_new_collision_refuses_the_upgrade_and_changes_nothing() {
    let folders = Folders(Machine::new());
    folders.write("mine", "one-1", &[("out", &["bin/one"])]);
    folders.write("mine", "two-1", &[("out", &["bin/two"])]);
    folders.run(0, &["apply", "one", "two"]);
    fs::remove_dir_all(folders.0.path("mine/one-1")).unwrap();
    folders.write("mine", "one-2", &[("out", &["bin/one", "bin/two"])]);
    let told = folders.json(3, &["upgrade"]);
    assert_eq!(of(&told, "upgrades", "one")["alone"]["blocking"], 1);
    assert_eq!(told["preview"]["collisions"][0]["path"], "bin/two");
    let before = folders.json(0, &["generations"]);
    let text = folders.run(3, &["upgrade", "--apply"]);
    assert!(text.contains("refused, and nothing was changed"), "{text}");
    assert_eq!(folders.json(0, &["generations"]), before);
    // The packages that stand in no other's way can be taken by name.
    folders.run(0, &["upgrade", "two"]);
}
