//! The catalogue by the program as it is: listings and the demo set searched, shown, and what is only listed refused.

#![allow(clippy::unwrap_used)]

#[path = "support/listing.rs"]
mod listing;
#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;

use listing::{package, quarks, rows, source};
use machine::Machine;
use serde_json::{Value, json};

/// A listing whose packages are told apart by every filter; `hello` is in the demo set too.
fn few() -> Value {
    let mut muon = package(
        "muon",
        "2.1",
        &json!({
            "description": "Heavier sister of the electron",
            "homepage": "https://muon.example",
            "license": {"spdxId": "MIT"},
            "mainProgram": "mu",
            "outputsToInstall": ["out", "man"],
            "priority": 3,
        }),
    );
    muon["outputs"] = json!({"out": null, "dev": null, "man": null});
    json!({
        "hello": package("hello", "9.1", &json!({"description": "Greets", "license": [{"spdxId": "GPL-3.0-or-later"}]})),
        "lepton.muon": muon,
        "lepton.tau": package("tau", "1", &json!({"broken": true, "description": "Decays"})),
        "lepton.neutrino": package("neutrino", "1", &json!({"unfree": true, "license": {"spdxId": "MIT-0"}})),
        "lepton.positron": package("positron", "1", &json!({"insecure": true, "unsupported": true})),
    })
}

fn write_few(machine: &Machine) -> PathBuf {
    let place = machine.path("few.json");
    listing::write(&place, &few());
    place
}

#[track_caller]
fn search(machine: &Machine, sources: &[String], query: &[&str]) -> Value {
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    machine.json(&[&sources[..], &["search"], query].concat())
}

#[test]
fn a_row_tells_its_fields_in_their_order_and_what_stands_in_its_way() {
    let machine = Machine::new();
    let one = [source("one", &write_few(&machine))];
    let found = search(&machine, &one, &["muon"]);
    assert_eq!(
        found,
        json!([{
            "attribute": "lepton.muon", "source": "one", "name": "muon", "version": "2.1",
            "description": "Heavier sister of the electron", "outputs": ["out", "dev", "man"], "installed": false,
            "problems": ["needs Nix"],
        }])
    );
    let keys = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let told = ["attribute", "source", "name", "version", "description", "outputs", "installed"];
    assert_eq!(keys(&found[0]), [&told[..], &["problems"]].concat());
    assert_eq!(keys(&search(&machine, &[], &["hello"])[0]), told, "nothing stands in the way of it");
    let problems = |query: &str| search(&machine, &one, &[query])[0]["problems"].clone();
    assert_eq!(problems("tau"), json!(["broken", "needs Nix"]));
    assert_eq!(problems("neutrino"), json!(["unfree", "needs Nix"]));
    assert_eq!(problems("positron"), json!(["insecure", "for another system", "needs Nix"]));
}

#[test]
fn a_compressed_listing_is_the_same() {
    let machine = Machine::new();
    let compressed = machine.path("few.json.br");
    listing::write(&compressed, &few());
    let query = ["source:one"];
    let (plain, compressed) = ([source("one", &write_few(&machine))], [source("one", &compressed)]);
    let found = search(&machine, &compressed, &query);
    assert_eq!((rows(&found).len(), &found), (5, &search(&machine, &plain, &query)));
}

#[test]
fn a_smaller_limit_gives_the_beginning_of_what_is_found() {
    let machine = Machine::new();
    let place = machine.path("many.json");
    listing::write(&place, &quarks(60, "1"));
    let sources = [source("many", &place)];
    let all = search(&machine, &sources, &["quark", "--limit", "1000"]);
    assert_eq!(rows(&all).len(), 60);
    for (limit, expected) in [(Some("0"), 0), (Some("1"), 1), (Some("7"), 7), (None, 50)] {
        let option: Vec<&str> = limit.into_iter().flat_map(|limit| ["--limit", limit]).collect();
        let found = search(&machine, &sources, &[&["quark"][..], &option].concat());
        assert_eq!(found.as_array().unwrap()[..], all.as_array().unwrap()[..expected]);
    }
    let text = machine.run(0, &[&*sources[0], "search", "quark", "--limit", "7"]).stdout;
    let first: Vec<_> = text.lines().map(|line| format!("{}@many", line.split_whitespace().next().unwrap())).collect();
    assert_eq!(first, rows(&all)[..7], "text and JSON are in the same order");
}

#[test]
fn every_filter_of_the_help_works_on_the_command_line() {
    let machine = Machine::new();
    let one = [source("one", &write_few(&machine))];
    machine.run(0, &["apply", "hello"]);
    let (muon, tau, neutrino, positron, hello) =
        ("lepton.muon@one", "lepton.tau@one", "lepton.neutrino@one", "lepton.positron@one", "hello@one");
    for (query, expected) in [
        (&["source:one"][..], &[hello, muon, neutrino, positron, tau][..]),
        (&["source:one", "broken:"], &[tau]),
        (&["source:one", "!broken:", "!unfree:", "insecure:no"], &[hello, muon]),
        (&["unfree:", "source:one"], &[neutrino]),
        (&["insecure:", "source:one"], &[positron]),
        (&["source:one output:man"], &[muon]),
        (&["source:one", "license:mit"], &[muon, neutrino]),
        (&["source:one", "licence:gpl"], &[hello]),
        (&["program:mu"], &[muon]),
        (&["lepton", "!tau", "!neutrino"], &[muon, positron]),
        (&["^neut"], &[neutrino]),
        (&["'positron"], &[positron]),
        (&["'pstron"], &[]),
        (&["installed:"], &["hello@demo"]),
        (&["hello", "installed:no"], &[hello]),
        (&["hello", "source:demo"], &["hello@demo"]),
        (&["heavier sister"], &[muon]),
    ] {
        let mut found = rows(&search(&machine, &one, query));
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query:?}");
    }
}

#[test]
fn an_attribute_of_two_sources_is_two_rows_and_what_is_installed_is_so_in_its_source_alone() {
    let machine = Machine::new();
    let place = write_few(&machine);
    let sources = [source("one", &place), source("two", &place)];
    machine.run(0, &["apply", "hello"]);
    let found = search(&machine, &sources, &["hello"]);
    let installed = |row: &Value| (row["source"].as_str().unwrap().to_owned(), row["installed"].as_bool().unwrap());
    let told: Vec<_> =
        found.as_array().unwrap().iter().filter(|row| row["attribute"] == "hello").map(installed).collect();
    assert_eq!(told, [("one", false), ("two", false), ("demo", true)].map(|(name, is)| (name.to_owned(), is)));
    for (name, version) in [("one", "9.1"), ("two", "9.1"), ("demo", "2.12.3")] {
        let shown = machine.json(&[&sources[0], &sources[1], "show", &format!("hello@{name}")]);
        assert_eq!((&shown["source"], &shown["version"]), (&json!(name), &json!(version)));
        assert_eq!(shown["installed"], if name == "demo" { json!("hello") } else { json!(null) });
    }
}

#[test]
fn what_is_only_listed_is_shown_and_refused_with_the_way_out_and_nothing_is_changed() {
    let machine = Machine::new();
    let one = source("one", &write_few(&machine));
    machine.run(0, &["apply", "jq"]);
    let before = (machine.json(&["generations"]), machine.json(&["list"]));

    let shown = machine.run(0, &[&*one, "show", "lepton.muon@one"]).stdout;
    for part in ["lepton.muon  2.1", "Heavier sister", "https://muon.example", "MIT", "problems", "needs Nix", "dev"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let shown = machine.json(&[&one, "show", "lepton.muon"]);
    assert_eq!((&shown["priority"], &shown["problems"]), (&json!(3), &json!(["needs Nix"])));
    let defaults: Vec<bool> = shown["outputs"].as_array().unwrap().iter().map(|it| it["default"] == true).collect();
    assert_eq!(defaults, [true, false, true]);

    let refusal = "nix-loom: lepton.muon@one: it is only listed there; to install it, give the source a location that Nix \
                   can evaluate, such as <nixpkgs> or a flake, and this as its listing\n";
    for command in ["apply", "preview"] {
        for changes in [&["lepton.muon@one"][..], &["lepton.muon"], &["zlib", "lepton.muon@one", "-jq"]] {
            let said = machine.run(1, &[&[&*one, command], changes].concat());
            assert_eq!((&*said.stdout, &*said.stderr), ("", refusal), "{command} {changes:?}");
        }
    }
    assert_eq!((machine.json(&["generations"]), machine.json(&["list"])), before);
    // Where another source can install it, that one is meant.
    machine.run(0, &[&*one, "apply", "hello"]);
    assert_eq!(machine.installed(), ["hello", "jq"]);
    let unknown = machine.run(1, &[&*one, "show", "jq@one"]).stderr;
    assert!(unknown.contains("jq") && unknown.contains("one"), "{unknown}");
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let machine = Machine::new();
    let place = machine.path("many.json");
    listing::write(&place, &quarks(5000, "1"));
    let many = source("many", &place);
    for more in [&["--json"][..], &[]] {
        let mut child = machine.start(&[&[&*many, "search", "quark", "--limit", "100000"], more].concat());
        let mut line = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        // More than a pipe holds was to come.
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((child.wait().unwrap().code(), &*told), (Some(0), ""), "{more:?}");
    }
}

#[test]
fn the_sources_of_the_config_file_are_searched_in_their_order_while_they_are_on() {
    let machine = Machine::new();
    let place = write_few(&machine);
    for name in ["one", "two"] {
        machine.run(0, &["sources", "add", &format!("{name}={}", place.display())]);
    }
    let order = |machine: &Machine| rows(&search(machine, &[], &["^muon"]));
    let (one, two) = ("lepton.muon@one", "lepton.muon@two");
    assert_eq!(order(&machine), [one, two]);
    machine.run(0, &["sources", "move", "two", "1"]);
    assert_eq!(order(&machine), [two, one]);
    machine.run(0, &["sources", "disable", "two"]);
    assert_eq!(order(&machine), [one]);
    machine.run(0, &["sources", "enable", "two"]);
    let given = search(&machine, &[source("three", &place), source("one", &place)], &["^muon"]);
    assert_eq!(rows(&given), ["lepton.muon@three", one, two], "what is given for this run comes first, and once");
    fs::remove_file(&place).unwrap();
    let said = machine.run(0, &["search", "hello"]);
    for name in ["one", "two"] {
        assert!(said.stderr.contains(&format!("the source {name} is left out: ")), "{}", said.stderr);
    }
    assert!(said.stderr.contains("few.json") && said.stdout.starts_with("hello  2.12.3  demo"), "{}", said.stdout);
}

#[test]
fn a_listing_beside_a_location_needs_nix_only_where_there_is_none() {
    let machine = Machine::new();
    let place = write_few(&machine);
    let programs = machine.path("programs");
    fs::create_dir(&programs).unwrap();
    machine.run(0, &["sources", "add", "one=<one>", "--listing", place.to_str().unwrap()]);
    let problems = || {
        let mut command = machine.command(&["search", "tau", "--json"]);
        command.env("PATH", &programs).env("NIX_STORE_DIR", "/no/store").env("NIX_STATE_DIR", "/no/state");
        let said = machine::said(&command.output().unwrap());
        serde_json::from_str::<Value>(&said.stdout).unwrap()[0]["problems"].clone()
    };
    assert_eq!(problems(), json!(["broken", "needs Nix"]));
    // What is kept of it from before must not say so any more.
    for program in ["nix", "nix-instantiate"] {
        fs::write(programs.join(program), "#!/bin/sh\nexit 1\n").unwrap();
        fs::set_permissions(programs.join(program), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    assert_eq!(problems(), json!(["broken"]));
}
