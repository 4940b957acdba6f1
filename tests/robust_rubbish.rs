//! Rubbish where something sensible is expected: the program says what is wrong, in one calm line, and changes nothing.
//!
//! That no run panics, and that none prints a control character, is checked in [`machine`] for every run.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use machine::{Machine, names, said};
use serde_json::{Value, json};

/// What steers a terminal: an escape sequence, a bell, a delete, the one-character CSI, a right-to-left override.
const STEERING: &str = "\u{1b}[31mred\u{7}\u{7f}\u{9b}2J\u{202e}";

/// Numbers without pattern, the same each time (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }
}

fn pipe(path: &Path) {
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
}

#[test]
fn no_change_however_written_breaks_the_program_and_a_wrong_one_changes_nothing() {
    let machine = Machine::new();
    let parts = [
        "zlib",
        "git",
        "nowhere",
        "-",
        "remove:",
        "@",
        "@demo",
        "^",
        "^out",
        "^*",
        ",",
        ":",
        ":priority=",
        ":active=",
        "true",
        "4",
        "-2147483648",
        "99999999999999999999",
        "\"",
        "\\",
        "=",
        " ",
        "\n",
        "é",
        "日本",
        STEERING,
        "",
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..60 {
        let change = (0..=random.below(5)).map(|_| parts[random.below(parts.len())]).collect::<String>();
        let said = machine.any(&["preview", "--", &change]);
        assert!(said.code != 1 && said.code != 2 || said.stderr.lines().count() == 1, "{change:?}: {}", said.stderr);
    }
    assert_eq!(names(&machine.path("")), [""; 0], "previews change nothing");
    for (change, code) in [("", 2), ("zlib:priority=2147483648", 2), ("zlib^", 2), ("no\0".trim_end_matches('\0'), 1)] {
        machine.run(code, &["apply", change]);
    }
    machine.run(2, &[OsStr::new("apply"), OsStr::from_bytes(b"zlib\xff")]);
    assert_eq!(names(&machine.path("")), [""; 0]);
    for priority in ["2147483647", "-2147483648"] {
        machine.run(0, &["apply", &format!("zlib:priority={priority}")]);
        assert_eq!(machine.json(&["list"])[0]["priority"].to_string(), priority);
    }
    machine.run(0, &["preview", "gzip"]);
}

#[test]
fn arguments_that_steer_a_terminal_are_repeated_harmlessly() {
    let machine = Machine::new();
    let (long, dirty) = ("a".repeat(100_000), OsStr::from_bytes(b"\xff\x1b[31m"));
    let steering = format!("--{STEERING}");
    for (code, arguments) in [
        (2, vec![STEERING]),
        (2, vec!["list", &steering]),
        (2, vec!["diff", STEERING, "1"]),
        (2, vec!["--store", STEERING, "list"]),
        (2, vec!["completions", STEERING]),
        (1, vec!["apply", STEERING]),
        (1, vec!["show", STEERING]),
        (0, vec!["which", STEERING]),
        (0, vec!["search", STEERING]),
        (0, vec!["search", &long]),
        (1, vec!["show", &long]),
        (1, vec!["diff", "18446744073709551615", "0"]),
        (1, vec!["rollback", "18446744073709551615"]),
        (1, vec!["build", STEERING, "--dry-run"]),
        (2, vec!["apply", ""]),
    ] {
        machine.run(code, &arguments);
    }
    for arguments in [vec!["--store".as_ref(), dirty, "list".as_ref()], vec!["search".as_ref(), dirty]] {
        let said = machine.run(2, &arguments);
        assert!(said.stderr.starts_with("error: "), "{}", said.stderr);
    }
}

#[test]
fn a_spec_of_random_bytes_is_refused_in_one_line() {
    let machine = Machine::new();
    let spec = machine.path("spec.json");
    let sound = json!({ "packages": [{ "name": STEERING, "paths": ["/nowhere"], "priority": 5 }] }).to_string();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for round in 0..30 {
        let bytes = if round % 2 == 0 {
            random.bytes(64)
        } else {
            let mut bytes = sound.clone().into_bytes();
            let at = random.below(bytes.len());
            let length = random.below(8);
            bytes.splice(at..at, random.bytes(length));
            bytes
        };
        fs::write(&spec, bytes).unwrap();
        for option in ["--dry-run", "--json"] {
            let out = if option == "--json" { ["--out", "/nowhere/out"] } else { ["--rules", "nixpkgs"] };
            let said = machine.any(&["build", spec.to_str().unwrap(), option, out[0], out[1]]);
            assert!(said.code == 1 || (said.code == 0 && option == "--dry-run"), "{}", said.stderr);
        }
    }
    fs::write(&spec, format!("{{\"packages\":{}", "[".repeat(100_000))).unwrap();
    machine.run(1, &["build", spec.to_str().unwrap(), "--dry-run"]);
    fs::write(&spec, format!("{{\"x\":{}", "[".repeat(100_000))).unwrap();
    machine.run(1, &["build", "--structured-attrs", spec.to_str().unwrap(), "--dry-run"]);
}

#[test]
fn a_manifest_that_cannot_be_read_is_never_taken_for_empty() {
    let machine = Machine::new();
    machine.run(0, &["apply", "zlib"]);
    let environment = fs::canonicalize(machine.profile()).unwrap();
    fs::set_permissions(&environment, fs::Permissions::from_mode(0o755)).unwrap();
    let manifest = environment.join("manifest.json");
    let mut random = Random(0x6a09_e667_f3bc_c909);
    let elements = |elements: &Value| json!({ "version": 3, "elements": elements }).to_string().into_bytes();
    for content in [
        random.bytes(200),
        Vec::new(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"{\"version\":99}".to_vec(),
        vec![b'['; 100_000],
        elements(&json!({ "a": 1 })),
        elements(&json!({ STEERING: { "active": true, "priority": "x", "storePaths": 1 } })),
    ] {
        fs::remove_file(&manifest).unwrap();
        fs::write(&manifest, &content).unwrap();
        for arguments in
            [&["list"][..], &["apply", "gzip"], &["preview", "-zlib"], &["which", "ls"], &["diff", "1", "1"]]
        {
            let said = machine.run(1, arguments);
            assert!(said.stderr.contains("manifest.json: ") && said.stdout.is_empty(), "{}", said.stderr);
        }
        assert_eq!(machine.json(&["generations"])[0]["current"], true);
    }
    // One that can be read, of things that are not there, is shown and built on by nobody.
    fs::remove_file(&manifest).unwrap();
    let gone = json!({ "active": true, "priority": 99_999_999_999_u64, "storePaths": [format!("/{STEERING}")] });
    fs::write(&manifest, elements(&json!({ STEERING: gone }))).unwrap();
    assert_eq!(machine.json(&["list"])[0]["name"], STEERING);
    machine.run(0, &["list"]);
    machine.run(1, &["apply", "gzip"]);
    assert_eq!(names(machine.profile().parent().unwrap()), ["profile", "profile-1-link"]);
}

/// Puts something at a path.
type Maker = fn(&Path);

#[test]
fn links_that_lead_astray_are_reported_and_left_as_they_are() {
    let machine = Machine::new();
    let profile = machine.profile();
    let profiles = profile.parent().unwrap().to_owned();
    let makers: [(&str, Maker); 7] = [
        ("a loop", |at| symlink("profile", at).unwrap()),
        ("a device", |at| symlink("/dev/null", at).unwrap()),
        ("nothing", |at| symlink("profile-7-link", at).unwrap()),
        ("steering", |at| symlink(format!("{STEERING}-1-link"), at).unwrap()),
        ("no UTF-8", |at| symlink(OsStr::from_bytes(b"\xff-1-link"), at).unwrap()),
        ("a file", |at| fs::write(at, "rubbish").unwrap()),
        ("a directory", |at| fs::create_dir(at).unwrap()),
    ];
    for (what, make) in makers {
        let _ = fs::remove_dir_all(&profiles);
        fs::create_dir_all(&profiles).unwrap();
        make(&profile);
        for arguments in [&["list"][..], &["apply", "zlib"], &["rollback"]] {
            let said = machine.run(1, arguments);
            assert!(said.stderr.contains(profiles.to_str().unwrap()) || what == "a device", "{what}: {}", said.stderr);
        }
        assert_eq!(names(&profiles), ["profile"], "{what}");
    }
}

#[test]
fn what_lies_where_generations_should_does_not_stop_the_next_one() {
    let machine = Machine::new();
    let profiles = machine.profile().parent().unwrap().to_owned();
    fs::create_dir_all(profiles.join("profile-1-link")).unwrap();
    fs::write(profiles.join("profile-2-link"), "").unwrap();
    symlink("/nowhere", profiles.join("profile-18446744073709551615-link")).unwrap();
    symlink("/nowhere", profiles.join("profile-007-link")).unwrap();
    symlink("/nowhere", profiles.join("profile--1-link")).unwrap();
    pipe(&profiles.join("profile.lock"));
    assert_eq!(machine.json(&["generations"]), json!([]));
    assert_eq!(machine.json(&["apply", "zlib"])["generation"], 3);
    assert_eq!(machine.json(&["apply", "gzip"])["generation"], 4);
    assert_eq!(machine.installed(), ["gzip", "zlib"]);

    // A slash at the end names the same profile.
    let other = machine.path("other/");
    machine.run(0, &["apply", "zlib", "--profile", other.to_str().unwrap()]);
    assert_eq!(machine.json(&["list", "--profile", other.to_str().unwrap()])[0]["name"], "zlib");
    assert!(machine.path("other-1-link").is_symlink());
}

#[test]
fn a_store_or_state_that_is_no_directory_is_named() {
    for place in ["data", "data/nix-loom", "data/nix-loom/store", "state", "state/nix-loom/profiles"] {
        let machine = Machine::new();
        let file = machine.path(place);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "").unwrap();
        let said = machine.run(1, &["apply", "zlib"]);
        assert!(
            said.stderr.contains(file.to_str().unwrap()) && said.stderr.contains("ot a directory"),
            "{}",
            said.stderr
        );
        assert_eq!(fs::read(&file).unwrap(), b"");
    }
    let machine = Machine::new();
    fs::create_dir_all(machine.path("data/nix-loom")).unwrap();
    symlink("store", machine.store()).unwrap();
    machine.run(1, &["list"]);
}

#[test]
fn pipes_are_never_waited_for() {
    let machine = Machine::new();
    for directory in ["a/bin", "b/bin", "c/nix-support", "data/nix-loom/store"] {
        fs::create_dir_all(machine.path(directory)).unwrap();
    }
    for name in ["a/bin/x", "b/bin/x", "c/nix-support/propagated-user-env-packages", ".nix-loom-staging-1-0"] {
        pipe(&machine.path(name));
    }
    pipe(&machine.store().join(".nix-loom-staging-1-0"));
    machine.run(0, &["list"]);
    let spec = machine.path("spec.json");
    for rules in ["nix", "nixpkgs"] {
        for (code, packages) in [(3, &["a", "b"][..]), (1, &["c"]), (0, &["a"])] {
            let packages: Vec<_> = packages.iter().map(|name| json!({ "paths": [machine.path(name)] })).collect();
            fs::write(&spec, json!({ "rules": rules, "packages": packages }).to_string()).unwrap();
            let out = machine.path(format!("out-{rules}"));
            machine.run(code, &["build", spec.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        }
    }
    let said = machine.run(1, &["list", "--packages", machine.path("").to_str().unwrap()]);
    assert!(said.stderr.contains("is a pipe; a package holds files, directories and links only"), "{}", said.stderr);
}

#[test]
fn packages_with_hostile_names_are_found_installed_listed_and_removed() {
    let machine = Machine::new();
    let folder = machine.path("pk");
    let hostile: [&[u8]; 7] =
        [STEERING.as_bytes(), b"new\nline", b"\xff\xfe", b"a^b@c:d", b"-dash", b" ", b"qu\"o\\te"];
    for (number, name) in hostile.iter().enumerate() {
        let bin = folder.join(OsStr::from_bytes(name)).join("bin");
        fs::create_dir_all(&bin).unwrap();
        let command = [name, b"-".as_slice(), number.to_string().as_bytes()].concat();
        fs::write(bin.join(OsString::from_vec(command)), "").unwrap();
    }
    let folder = folder.to_str().unwrap().to_owned();
    let offered = machine.json(&with(&folder, &["search", "", "--limit", "1000"]));
    let mut attributes: Vec<_> = offered.as_array().unwrap().iter().filter(|found| found["source"] == "pk").collect();
    attributes.sort_by_key(|found| found["attribute"].to_string());
    assert_eq!(attributes.len(), hostile.len());
    machine.run(0, &with(&folder, &["search", ""]));
    for found in attributes {
        let attribute = found["attribute"].as_str().unwrap();
        let spelled = if attribute.starts_with('"') { attribute.to_owned() } else { format!("\"{attribute}\"") };
        machine.run(0, &with(&folder, &["show", &spelled]));
        machine.run(0, &with(&folder, &["apply", &format!("{spelled}@pk")]));
    }
    machine.run(0, &with(&folder, &["list"]));
    machine.run(0, &["diff", "1", "7"]);
    let commands = names_of_bytes(&machine.profile().join("bin"));
    assert_eq!(commands.len(), hostile.len());
    for name in machine.installed() {
        let removal = format!("remove:\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        machine.run(0, &with(&folder, &["apply", &removal]));
    }
    assert_eq!(machine.json(&["list"]), json!([]));
}

fn with<'a>(folder: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--packages", folder]].concat()
}

fn names_of_bytes(directory: &Path) -> Vec<OsString> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

#[test]
fn output_that_cannot_be_written_is_told_and_a_reader_that_has_gone_is_not() {
    let machine = Machine::new();
    machine.run(0, &["apply", "zlib"]);
    let commands =
        ["list", "list --json", "completions bash", "search a", "generations", "show zlib", "which ls", "--help"];
    for command in commands {
        let arguments: Vec<_> = command.split(' ').collect();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = machine.command(&arguments).stdout(writer).output().unwrap();
        let gone = said(&output);
        assert_eq!((gone.code, gone.stderr.as_str()), (0, ""), "{command}");
        if command == "--help" {
            continue;
        }
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let told = said(&machine.command(&arguments).stdout(full).output().unwrap());
        assert_eq!(told.code, 1, "{command}");
        assert!(told.stderr.contains("standard output: No space left"), "{command}: {}", told.stderr);
    }
    // Nobody listens on standard error either.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = machine.command(&["apply", "nowhere"]).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

/// Runs the program as an ordinary user in `place`, which is theirs; `None` where this user cannot become another.
fn as_nobody(place: &Path, script: &str) -> Option<machine::Said> {
    const NOBODY: u32 = 65534;
    if !rustix::process::geteuid().is_root() {
        let _ = writeln!(std::io::stderr(), "skipped: only root can become another user");
        return None;
    }
    // Another user may not reach the place where it was built.
    let program = place.join("program");
    if !program.exists() {
        fs::copy(env!("CARGO_BIN_EXE_nix-loom"), &program).unwrap();
        fs::set_permissions(place, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(place).uid(NOBODY).gid(NOBODY).stdin(Stdio::null());
    command.env("NIX_LOOM_STORE", "local");
    command.env("HOME", place.join("home"));
    for name in ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NIX_LOOM_CONFIG"] {
        command.env_remove(name);
    }
    Some(said(&command.output().unwrap()))
}

#[test]
fn what_may_not_be_read_or_written_is_an_error_and_another_users_leftovers_are_in_nobodys_way() {
    let dir = tempfile::tempdir_in("/tmp").unwrap();
    let place: PathBuf = dir.path().to_owned();
    fs::write(place.join("spec.json"), r#"{"packages":[]}"#).unwrap();
    fs::create_dir(place.join(".nix-loom-staging-1-0")).unwrap();
    fs::create_dir_all(place.join("secret/hidden")).unwrap();
    fs::set_permissions(place.join("secret"), fs::Permissions::from_mode(0o700)).unwrap();
    let Some(built) = as_nobody(&place, "./program build spec.json --out out") else { return };
    assert_eq!(built.code, 0, "{}", built.stderr);
    assert!(place.join(".nix-loom-staging-1-0").exists());
    for (script, names) in [
        ("./program build spec.json --out secret/out", "secret/out"),
        ("./program --packages secret list", "secret"),
        ("./program --profile secret/profile list", "secret/profile"),
        ("./program --profile secret/profile apply zlib", "secret/profile"),
        ("XDG_DATA_HOME=$PWD/secret ./program list", "secret"),
        ("XDG_STATE_HOME=$PWD/secret ./program apply zlib", "secret"),
        // A directory that its own maker may not open: no second one is tried.
        ("umask 0777; ./program build spec.json --out other", "other"),
    ] {
        let said = as_nobody(&place, script).unwrap();
        assert_eq!(said.code, 1, "{script}: {}", said.stderr);
        assert!(said.stderr.contains(names) && said.stderr.contains("denied"), "{script}: {}", said.stderr);
    }
    assert_eq!(
        machine::names(&place).iter().filter(|name| name.starts_with(".nix-loom-")).count(),
        1,
        "nothing of ours is left"
    );
}
