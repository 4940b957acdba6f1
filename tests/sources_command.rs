//! The command `sources` and the config file behind it, by the program as it is.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use machine::Machine;
use serde_json::json;

fn file(machine: &Machine) -> PathBuf {
    machine.path("config/nix-loom/config.toml")
}

/// Puts a text in place of the config file.
fn write(machine: &Machine, text: &str) -> PathBuf {
    fs::create_dir_all(file(machine).parent().unwrap()).unwrap();
    fs::write(file(machine), text).unwrap();
    file(machine)
}

#[test]
fn sources_are_added_listed_ordered_switched_renamed_and_removed() {
    let machine = Machine::new();
    let nothing = machine.run(0, &["sources"]);
    assert_eq!(nothing.stdout, "");
    assert_eq!(
        nothing.stderr,
        format!(
            "nix-loom: no source is configured in {}; `nix-loom sources add NAME=LOCATION` adds one, e.g. nixpkgs=github:NixOS/nixpkgs/nixos-unstable\n",
            file(&machine).display()
        )
    );
    assert_eq!(machine.json(&["sources"]), json!([]));
    assert!(!file(&machine).exists(), "a look writes nothing");

    let text = |arguments: &[&str]| machine.run(0, &[&["sources"], arguments].concat()).stdout;
    assert_eq!(text(&["add", "nixpkgs=<nixpkgs>"]), "nixpkgs is added: source 1 of 1\n");
    let url = "https://example.org/packages.json.br";
    let added = text(&["add", "new=github:NixOS/nixpkgs", "--listing", url, "--first"]);
    assert_eq!(added, "new is added: source 1 of 2\n");
    fs::create_dir(machine.path("tools")).unwrap();
    let tools = format!("folder:{}", machine.path("tools").display());
    text(&["add", &format!("tools={tools}")]);
    assert_eq!(text(&["disable", "nixpkgs"]), "nixpkgs is off: source 2 of 3\n");
    assert_eq!(text(&["move", "tools", "1"]), "tools is moved: source 1 of 3\n");
    assert_eq!(text(&["rename", "new", "unstable"]), "unstable is its name now: source 2 of 3\n");
    let mut sources = machine.json(&["sources"]);
    assert_eq!(sources[0]["error"], json!(null));
    for evaluated in [1, 2] {
        // Where there is no Nix, it says so.
        sources[evaluated]["error"].take();
    }
    assert_eq!(
        sources,
        json!([
            {"name": "tools", "location": tools, "listing": null, "pin": null, "enabled": true, "error": null},
            {"name": "unstable", "location": "github:NixOS/nixpkgs", "listing": url, "pin": null, "enabled": true, "error": null},
            {"name": "nixpkgs", "location": "<nixpkgs>", "listing": null, "pin": null, "enabled": false, "error": null},
        ])
    );
    let lines = text(&[]);
    let lines = lines.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let expected = [
        format!("1 tools {tools} - - on"),
        format!("2 unstable github:NixOS/nixpkgs - {url} on"),
        "3 nixpkgs <nixpkgs> - - off".to_owned(),
    ];
    for (line, expected) in lines.zip(&expected) {
        assert!(line.starts_with(expected), "{line}");
    }
    // A change answers with all that there is then.
    let enabled = machine.json(&["sources", "enable", "nixpkgs"]);
    assert_eq!((enabled.as_array().unwrap().len(), &enabled[2]["enabled"]), (3, &json!(true)));
    assert_eq!(text(&["remove", "unstable"]), "unstable is removed; what is installed from it stays\n");
    let left = fs::read_to_string(file(&machine)).unwrap();
    assert!(
        left.starts_with("# The config file of nix-loom. `nix-loom sources` and the screen (key S) change it too, and keep your comments.") && !left.contains("github:NixOS/nixpkgs\"\nlisting")
    );
    assert_eq!(machine.json(&["sources"]).as_array().unwrap().len(), 2);
}

#[test]
fn what_is_added_from_a_folder_means_the_same_from_everywhere() {
    let machine = Machine::new();
    let place = machine.path("work");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("packages.nix"), "{ }").unwrap();
    let mut command = machine.command(&["sources", "add", "mine=./packages.nix"]);
    assert_eq!(machine::said(&command.current_dir(&place).output().unwrap()).code, 0);
    let sources = machine.json(&["sources"]);
    assert_eq!(sources[0]["location"], json!(place.join("packages.nix")));
    fs::remove_file(place.join("packages.nix")).unwrap();
    let said = machine.run(0, &["sources"]);
    assert!(said.stdout.contains("cannot read") && said.stdout.contains("No such file"), "{}", said.stdout);
    assert!(machine.json(&["sources"])[0]["error"].as_str().unwrap().contains("cannot read"));
}

#[test]
fn another_file_is_named_by_option_or_variable_and_the_option_wins() {
    let machine = Machine::new();
    let (option, variable) = (machine.path("option.toml"), machine.path("variable.toml"));
    let run = |name: &str, more: &[&str]| {
        let location = format!("{name}=<nixpkgs>");
        let mut command = machine.command(&[more, &["sources", "add", &location]].concat());
        machine::said(&command.env("NIX_LOOM_CONFIG", &variable).output().unwrap())
    };
    assert_eq!(run("a", &[]).code, 0);
    assert_eq!(run("b", &["--config", option.to_str().unwrap()]).code, 0);
    assert!(fs::read_to_string(&variable).unwrap().contains("\"a\""));
    assert!(fs::read_to_string(&option).unwrap().contains("\"b\""));
    assert!(!file(&machine).exists());
    let mut command = machine.command(&["sources", "add", "c=<nixpkgs>"]);
    assert_eq!(machine::said(&command.env("NIX_LOOM_CONFIG", "").output().unwrap()).code, 0);
    assert!(fs::read_to_string(file(&machine)).unwrap().contains("\"c\""));
}

#[test]
fn mistakes_are_told_with_the_way_out_and_the_right_exit_code() {
    let machine = Machine::new();
    write(&machine, "[[source]]\nname = \"a\"\nlocation = \"<a>\"\n");
    for (code, arguments, message) in [
        (2, &["add", "a"][..], "there is no ="),
        (2, &["add", "b=/no/such.nix"], "cannot read /no/such.nix"),
        (2, &["add", "b=<b>", "--listing", "/no/such.json"], "cannot read /no/such.json"),
        (2, &["add"], "required"),
        (2, &["move", "a", "0"], "invalid value"),
        (2, &["rename", "a", "b c"], "a name has no ' ' in it"),
        (1, &["add", "a=<b>"], "a source is called a already"),
        (1, &["remove", "b"], "there is no source called b; there are a"),
        (1, &["enable", "\u{1b}[31m"], "there is no source called \\x1b[31m"),
        (1, &["move", "a", "2"], "there is no position 2 among the sources, which are 1"),
    ] {
        let said = machine.run(code, &[&["sources"], arguments].concat());
        assert!(said.stderr.contains(message), "{arguments:?}: {}", said.stderr);
        assert_eq!(said.stdout, "", "{arguments:?}");
    }
    assert_eq!(machine.json(&["sources"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_config_that_cannot_be_read_is_an_error_of_every_command_that_needs_it_and_stays_as_it_is() {
    let machine = Machine::new();
    let text = "# mine\n[[source]]\nname = \"a\"\nlocation = 7\n";
    let path = write(&machine, text);
    let expected = format!(
        "nix-loom: {}: line 4, column 12: location is a text in quotes, and this is integer; repair the file, or name another with --config\n",
        path.display()
    );
    for arguments in [&["sources"][..], &["sources", "add", "b=<b>"], &["list"], &["apply", "hello"]] {
        assert_eq!(machine.run(1, arguments).stderr, expected, "{arguments:?}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let doctor = machine.any(&["doctor"]);
    assert_eq!((doctor.code, doctor.stdout.contains("line 4, column 12")), (1, true), "{}", doctor.stdout);
    machine.run(0, &["--config", "/no/such/config.toml", "list"]);

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    for arguments in [&["sources"][..], &["sources", "add", "b=<b>"], &["list"]] {
        let said = machine.run(1, arguments);
        assert!(said.stderr.contains("config.toml is a directory, and the config is a file"), "{}", said.stderr);
    }
}

#[test]
fn hostile_texts_in_the_file_steer_nothing() {
    let machine = Machine::new();
    write(
        &machine,
        "[[source]]\nname = \"\u{202e}gpj\"\nlocation = \"/\\u001b[2J\\u0007\"\nlisting = \"\\u009bx\"\n\
         [[source]]\nname = \"wide日本\"\nlocation = \"a\\nb\"\n",
    );
    // What is printed is checked by every run.
    let said = machine.run(0, &["sources"]);
    assert!(said.stdout.contains("\\u{202e}gpj") && said.stdout.contains("/\\x1b[2J\\x07"), "{}", said.stdout);
    let sources = machine.json(&["sources"]);
    assert_eq!(sources[0]["location"], "/\u{1b}[2J\u{7}");
    let said = machine.run(0, &["search", "hello"]);
    assert!(said.stderr.contains("the source \\u{202e}gpj is left out"), "{}", said.stderr);
    write(&machine, "[[source]]\nname = \"\\u001b\"\nlocation = \"<a>\"\n");
    assert!(machine.run(1, &["sources"]).stderr.contains("line 2, column 8: a name has no '\\u{1b}' in it"));
}

#[test]
fn a_path_that_is_no_text_cannot_be_written_into_the_file() {
    let machine = Machine::new();
    let place = machine.path("caf\u{e9}").with_file_name(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&place).unwrap();
    fs::write(place.join("a.nix"), "{ }").unwrap();
    let mut command = machine.command(&["sources", "add", "a=./a.nix"]);
    let said = machine::said(&command.current_dir(&place).output().unwrap());
    assert_eq!((said.code, said.stderr.contains("caf\\xe9/a.nix is not UTF-8")), (2, true), "{}", said.stderr);
    assert!(!file(&machine).exists());
}

#[test]
fn a_config_that_home_manager_makes_is_read_and_not_changed() {
    let machine = Machine::new();
    let made = machine.path("made.toml");
    fs::write(&made, "[[source]]\nname = \"a\"\nlocation = \"<a>\"\n").unwrap();
    fs::set_permissions(&made, fs::Permissions::from_mode(0o444)).unwrap();
    fs::create_dir_all(file(&machine).parent().unwrap()).unwrap();
    symlink(&made, file(&machine)).unwrap();
    assert_eq!(machine.json(&["sources"])[0]["name"], "a");
    let said = machine.run(1, &["sources", "disable", "a"]);
    assert!(
        said.stderr.contains("may not be changed: it leads to ") && said.stderr.contains("home-manager"),
        "{}",
        said.stderr
    );
    assert_eq!(machine.json(&["sources"])[0]["enabled"], true);
    // Saying what is so already needs no permission.
    machine.run(0, &["sources", "enable", "a"]);
}

#[test]
fn programs_that_add_at_once_lose_nothing() {
    let machine = Machine::new();
    let names: Vec<String> = (0..20).map(|number| format!("s{number}")).collect();
    let adds = names.iter().map(|name| machine.start(&["sources", "add", &format!("{name}=<{name}>")]));
    for child in adds.collect::<Vec<_>>() {
        let said = machine::said(&child.wait_with_output().unwrap());
        assert_eq!(said.code, 0, "{}", said.stderr);
    }
    let sources = machine.json(&["sources"]);
    let mut found: Vec<&str> =
        sources.as_array().unwrap().iter().map(|source| source["name"].as_str().unwrap()).collect();
    found.sort_by_key(|name| name[1..].parse::<u32>().unwrap());
    assert_eq!(found, names);
    assert_eq!(machine::names(file(&machine).parent().unwrap()), ["config.toml"]);
}

#[test]
fn a_program_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let machine = Machine::new();
    machine.run(0, &["sources", "add", "first=<nixpkgs>"]);
    let first = fs::read_to_string(file(&machine)).unwrap();
    machine.run(0, &["sources", "add", "second=<nixpkgs>"]);
    let second = fs::read_to_string(file(&machine)).unwrap();
    for _ in 0..30 {
        fs::write(file(&machine), &first).unwrap();
        let mut child = machine.start(&["sources", "add", "second=<nixpkgs>"]);
        // Killed as soon as there is something to see beside the file, or when it is done.
        let folder = file(&machine).parent().unwrap().to_owned();
        while machine::names(&folder).len() == 1 && child.try_wait().unwrap().is_none() {}
        let _ = child.kill();
        child.wait().unwrap();
        let left = fs::read_to_string(file(&machine)).unwrap();
        assert!(left == first || left == second, "{left}");
    }
    fs::write(file(&machine), &first).unwrap();
    machine.run(0, &["sources", "add", "second=<nixpkgs>"]);
    assert_eq!(machine::names(file(&machine).parent().unwrap()), ["config.toml"], "the next one sweeps");
}

#[test]
fn a_pin_is_listed_taken_away_and_never_invented() {
    let machine = Machine::new();
    let revision = "0123456789abcdef0123456789abcdef01234567";
    let pin = format!("github:a/b/{revision}?lastModified=1700000000");
    let text = format!("[[source]] # mine\nname = \"mine\"\nlocation = \"github:a/b\"\npin = \"{pin}\" # until May\n");
    let file = write(&machine, &text);
    let expected = json!({"address": pin, "revision": revision, "hash": null, "date": "2023-11-14T22:13:20Z"});
    for command in ["source", "sources"] {
        assert_eq!(machine.json(&[command, "list"])[0]["pin"], expected);
        assert!(machine.run(0, &[command]).stdout.contains(" 0123456789ab of 2023-11-14 "), "{command}");
    }
    let plain = machine.run(0, &["source", "list", "--plain"]).stdout;
    assert!(plain.contains("pinned to: 0123456789ab of 2023-11-14"), "{plain}");
    // Without Nix nothing is found, and so nothing changed.
    for arguments in [&["mine"][..], &["--all"], &["mine", "main"], &["none"]] {
        let mut command = machine.command(&[&["source", "pin"], arguments].concat());
        let failed = machine::said(&command.env("PATH", "/nowhere").output().unwrap());
        let reasons = ["install Nix", "there is no source called none"];
        assert!(failed.code == 1 && reasons.iter().any(|it| failed.stderr.contains(it)), "{}", failed.stderr);
    }
    assert!(machine.run(2, &["source", "pin"]).stderr.contains("<NAME>"));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    let unpinned = machine.run(0, &["source", "unpin", "mine"]).stdout;
    assert_eq!(unpinned, "mine follows github:a/b again; it was pinned to 0123456789ab of 2023-11-14\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), text.replace(&format!("pin = \"{pin}\" "), ""));
    assert_eq!(machine.run(0, &["source", "unpin", "mine"]).stdout, "mine is not pinned: it follows github:a/b\n");
}
