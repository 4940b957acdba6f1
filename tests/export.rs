//! `export` where there is no Nix: the demonstration packages as a file for nixpkgs, and what may go wrong.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;

use machine::Machine;

#[test]
fn demonstration_packages_are_exported_for_nixpkgs_in_the_order_of_the_profile() {
    let machine = Machine::new();
    let folder = machine.path("packages");
    fs::create_dir_all(folder.join("own-1.0/bin")).unwrap();
    fs::write(folder.join("own-1.0/bin/own"), "own").unwrap();
    let folder = folder.to_str().unwrap();
    let run = |arguments: &[&str]| machine.run(0, &[&["--packages", folder], arguments].concat()).stdout;
    run(&["apply", "own", "zlib^out,dev:priority=3", "hello"]);
    run(&["apply", "hello:active=false"]);
    let exported = run(&["export", "--name", "some_env"]);
    assert!(rnix::Root::parse(&exported).errors().is_empty(), "{exported}");
    let parts = [
        "# The demonstration packages are modelled on those of nixpkgs",
        "let\n",
        "  # nixpkgs is not pinned",
        "  pkgs = import <nixpkgs> { };\nin\npkgs.buildEnv {\n  name = \"some_env\";\n  paths = [\n",
        "    # hello is installed, but not active:\n    # pkgs.hello\n",
        "    # own: it is of a folder of packages, which no Nix knows.\n    # /",
        "    (pkgs.lib.setPrio 3 pkgs.zlib)\n  ];\n  extraOutputsToInstall = [ \"dev\" ];\n}\n",
    ];
    let mut rest = &*exported;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part} is not in\n{rest}"));
        rest = &rest[at + part.len()..];
    }
    assert_eq!(rest, "");
    assert!(!run(&["export", "zlib"]).contains("hello"));
    let document: serde_json::Value = serde_json::from_str(&run(&["export", "zlib", "--format", "json"])).unwrap();
    assert_eq!(document["packages"][0]["attribute"], serde_json::json!(["zlib"]));
    assert_eq!(document["packages"][0]["priority"], 3);
    assert_eq!(run(&["export", "zlib", "--json"]), run(&["export", "zlib", "--format", "json"]));
}

#[test]
fn nothing_is_written_over_and_what_is_not_there_is_told() {
    let machine = Machine::new();
    let empty = machine.run(0, &["export"]);
    assert!(empty.stdout.contains("  paths = [ ];\n"), "{}", empty.stdout);
    assert!(empty.stderr.contains("nothing is installed"), "{}", empty.stderr);
    machine.run(0, &["apply", "hello"]);
    let out = machine.path("my_env.nix");
    let file = out.to_str().unwrap();
    machine.run(0, &["export", "--out", file]);
    let written = fs::read_to_string(&out).unwrap();
    assert_eq!(written, machine.run(0, &["export"]).stdout);
    let refused = machine.run(1, &["export", "--name", "other", "--out", file]).stderr;
    assert!(refused.contains("--force writes over it"), "{refused}");
    assert_eq!(fs::read_to_string(&out).unwrap(), written);
    machine.run(0, &["export", "--name", "other", "--out", file, "--force"]);
    assert!(fs::read_to_string(&out).unwrap().contains("name = \"other\";"));
    let unknown = machine.run(1, &["export", "nothing"]).stderr;
    assert!(unknown.contains("nothing is not installed"), "{unknown}");
    machine.run(2, &["export", "--name", "a b"]);
    machine.run(2, &["export", "--force"]);
}

#[test]
fn a_document_gives_the_same_elements_back_without_any_nix() {
    let machine = Machine::new();
    let (document, other) = (machine.path("all.json"), machine.path("other"));
    let (document, other) = (document.to_str().unwrap(), other.to_str().unwrap());
    machine.run(0, &["apply", "zlib^dev:priority=3", "hello", "ripgrep:priority=7"]);
    machine.run(0, &["apply", "hello:active=false"]);
    machine.run(0, &["export", "--out", document]);
    machine.run(0, &["--profile", other, "import", document, "--apart", "--apply"]);
    let installed = machine.run(0, &["list", "--json"]).stdout;
    assert_eq!(machine.run(0, &["--profile", other, "list", "--json"]).stdout, installed);
    assert!(installed.contains("\"active\": false"), "{installed}");

    let written = fs::read_to_string(document).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(written.contains(from), "{from} is not in {written}");
        fs::write(document, written.replace(from, to)).unwrap();
        machine.run(1, &["import", document, "--apart"]).stderr
    };
    let told = refused(
        "\"source\": \"demo\",\n        \"location\": null",
        "\"source\": \"tools\",\n        \"location\": \"<x>\"",
    );
    assert!(told.contains("there is no source tools here") && told.contains("sources add 'tools=<x>'"), "{told}");
    let told = refused("\"priority\": 3", "\"priority\": \"x\"");
    assert!(told.contains("all.json: line ") && told.contains("priority: invalid type"), "{told}");
    let told = refused("\"attribute\": \"zlib\"", "\"attribute\": \"no-such\"");
    assert!(told.contains("zlib: the source demo has no no-such"), "{told}");
    assert_eq!(machine.run(0, &["list", "--json"]).stdout, installed);
}
