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
