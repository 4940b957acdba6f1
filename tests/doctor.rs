//! `nix-loom doctor` on machines and profiles that are broken in every way: what it finds, and that it changes nothing.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use machine::Machine;
use serde_json::Value;

/// A machine with a Nix of its own: an empty store, a state directory, and programs that only tell their version.
struct Ill {
    machine: Machine,
    /// Set for every run.
    variables: Vec<(String, PathBuf)>,
}

struct Findings(Vec<Value>);

impl Ill {
    /// No Nix at all.
    fn without_nix() -> Self {
        let machine = Machine::new();
        fs::create_dir_all(machine.path("home")).unwrap();
        let mut ill = Self { machine, variables: Vec::new() };
        for (name, value) in [("NIX_STORE_DIR", "store"), ("NIX_STATE_DIR", "state-of-nix"), ("NIX_CONF_DIR", "etc")] {
            ill.set(name, ill.machine.path(value));
        }
        ill.set("NIX_USER_CONF_FILES", "/nowhere");
        ill.set("PATH", ill.machine.path("programs"));
        ill
    }

    fn new() -> Self {
        let ill = Self::without_nix();
        for folder in ["store", "state-of-nix/gcroots/auto", "state-of-nix/profiles", "etc", "programs"] {
            fs::create_dir_all(ill.machine.path(folder)).unwrap();
        }
        for name in ["nix-store", "nix-daemon"] {
            ill.program(name, "echo \"nix-store (Nix) 2.99.1\"");
        }
        // As the real one does.
        ill.program("nix-env", ">~/.nix-profile");
        fs::write(ill.machine.path("etc/nix.conf"), "experimental-features = nix-command flakes\n").unwrap();
        let mut ill = ill;
        ill.set("NIX_REMOTE", "daemon");
        answer_at(&ill.socket());
        ill
    }

    /// With a profile of two generations, each of one package of Nix' store.
    fn with_profile() -> Self {
        let ill = Self::new();
        for number in [1, 2] {
            ill.package(&format!("tool-{number}"));
            ill.generation(number, &manifest(&ill.store(&format!("tool-{number}"))));
            let root = ill.machine.path(format!("state-of-nix/gcroots/auto/{number}"));
            symlink(ill.link(number), root).unwrap();
        }
        symlink("profile-2-link", ill.profile()).unwrap();
        ill
    }

    fn set(&mut self, name: &str, value: impl Into<PathBuf>) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
    }

    fn program(&self, name: &str, script: &str) {
        let program = self.machine.path("programs").join(name);
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn socket(&self) -> PathBuf {
        self.machine.path("state-of-nix/daemon-socket/socket")
    }

    fn store(&self, name: &str) -> PathBuf {
        self.machine.path("store").join(format!("c74xkqfhqz9h3d7rffn02cih0fdwb1ff-{name}"))
    }

    fn profile(&self) -> PathBuf {
        self.machine.path("home/profiles/profile")
    }

    fn link(&self, number: u64) -> PathBuf {
        self.profile().with_file_name(format!("profile-{number}-link"))
    }

    fn package(&self, name: &str) {
        fs::create_dir_all(self.store(name).join("bin")).unwrap();
        let program = self.store(name).join("bin/tool");
        fs::write(&program, "").unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The environment of a generation, and its link.
    fn generation(&self, number: u64, manifest: &str) {
        let environment = self.store(&format!("env-{number}"));
        fs::create_dir_all(&environment).unwrap();
        fs::write(environment.join("manifest.json"), manifest).unwrap();
        symlink(self.store(&format!("tool-{number}")).join("bin"), environment.join("bin")).unwrap();
        fs::create_dir_all(self.profile().parent().unwrap()).unwrap();
        symlink(environment, self.link(number)).unwrap();
    }

    /// Everything below the machine, so that a change would show.
    fn tree(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut waiting = vec![self.machine.path("")];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(&directory).unwrap().flatten() {
                let found = entry.path().symlink_metadata().unwrap();
                if found.is_dir() {
                    waiting.push(entry.path());
                }
                let (path, time) = (entry.path(), found.modified().unwrap());
                names.push(format!("{} {time:?} {:?}", path.display(), found.permissions()));
            }
        }
        names.sort();
        names
    }

    /// What is found, as it is told to programs and to people; nothing is changed by looking.
    #[track_caller]
    fn doctor(&self, options: &[&str]) -> Findings {
        let before = self.tree();
        let run = |more: &[&str]| {
            let mut command = self.machine.command(&[&["doctor"], options, more].concat());
            command.env_remove("NIX_REMOTE").env_remove("NIX_LOOM_STORE");
            command.envs(self.variables.iter().map(|(name, value)| (name, value)));
            machine::said(&command.output().unwrap())
        };
        let (text, json) = (run(&[]), run(&["--json"]));
        assert_eq!(self.tree(), before, "doctor never changes anything");
        let findings = Findings(serde_json::from_str::<Vec<Value>>(&json.stdout).unwrap());
        assert_eq!(text.stdout.lines().count(), findings.0.len(), "one line each:\n{}", text.stdout);
        let is_ill = findings.0.iter().any(|finding| finding["level"] == "problem");
        assert_eq!((text.code, json.code), (i32::from(is_ill), i32::from(is_ill)), "{}", text.stdout);
        findings
    }

    #[track_caller]
    fn doctor_of_profile(&self) -> Findings {
        self.doctor(&["--profile", self.profile().to_str().unwrap()])
    }
}

/// A daemon that has nothing and greets everybody (the protocol's handshake, and the question after valid paths).
fn answer_at(socket: &Path) {
    fs::create_dir_all(socket.parent().unwrap()).unwrap();
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        for peer in listener.incoming() {
            let _ = greet(peer.unwrap());
        }
    });
}

fn greet(mut peer: UnixStream) -> std::io::Result<()> {
    const LAST: u64 = 0x616c_7473;
    fn say(peer: &mut UnixStream, numbers: &[u64]) -> std::io::Result<()> {
        numbers.iter().try_for_each(|number| peer.write_all(&number.to_le_bytes()))
    }
    let mut hear = [0; 8];
    peer.read_exact(&mut hear)?;
    say(&mut peer, &[0x6478_696f, 0x0123])?;
    (0..3).try_for_each(|_| peer.read_exact(&mut hear))?;
    let (six, trusted) = (6, 1);
    say(&mut peer, &[six])?;
    peer.write_all(b"2.99.1\0\0")?;
    say(&mut peer, &[trusted, LAST])?;
    loop {
        // The operation, the number of paths, whether to substitute; and no path is valid.
        (0..3).try_for_each(|_| peer.read_exact(&mut hear))?;
        say(&mut peer, &[LAST, 0])?;
    }
}

impl Findings {
    /// The only finding of this level that says so; its way out.
    #[track_caller]
    fn says(&self, level: &str, what: &str, part: &str) -> String {
        let is_it =
            |it: &&Value| it["level"] == level && it["what"] == what && it["detail"].as_str().unwrap().contains(part);
        let found: Vec<_> = self.0.iter().filter(is_it).collect();
        assert_eq!(found.len(), 1, "{level} {what}: {part}\n{:#?}", self.0);
        found[0]["way_out"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn has_no_problem(&self) {
        assert!(self.0.iter().all(|finding| finding["level"] != "problem"), "{:#?}", self.0);
    }
}

fn manifest(path: &Path) -> String {
    format!(r#"{{"elements":{{"tool":{{"active":true,"storePaths":["{}"]}}}},"version":3}}"#, path.display())
}

#[test]
fn a_machine_without_nix_is_no_problem() {
    let findings = Ill::without_nix().doctor(&[]);
    findings.has_no_problem();
    findings.says("note", "Nix", "neither its store nor one of its programs");
    findings.says("note", "store", "not there yet");
    findings.says("note", "profile", "there is none yet");
}

#[test]
fn a_sound_profile_has_nothing_but_good_news() {
    let mut ill = Ill::with_profile();
    ill.set("PATH", format!("{}:{}", ill.profile().join("bin").display(), ill.machine.path("programs").display()));
    let findings = ill.doctor_of_profile();
    findings.has_no_problem();
    findings.says("ok", "Nix", "2.99.1");
    findings.says("ok", "store directory", ill.machine.path("store").to_str().unwrap());
    findings.says("ok", "profile", "profile → ");
    findings.says("ok", "manifest", "as of `nix profile`; 1 package");
    findings.says("ok", "generations", "2, the current one is 2");
    findings.says("ok", "garbage collection", "every generation is registered");
    findings.says("ok", "configuration", "flakes, nix-command");
    findings.says("ok", "PATH", "folder 1 of 2");
}

#[test]
fn a_nix_that_does_not_answer_is_given_up_and_one_that_fails_is_passed_over() {
    let ill = Ill::with_profile();
    ill.program("nix", "exit 1");
    ill.doctor_of_profile().says("ok", "Nix", "2.99.1");
    ill.program("nix-store", "exec /bin/sleep 60");
    ill.doctor_of_profile().says("problem", "Nix", "does not answer within two seconds");
}

#[test]
fn a_store_directory_that_is_gone_is_a_problem() {
    let ill = Ill::new();
    fs::remove_dir(ill.machine.path("store")).unwrap();
    let way_out = ill.doctor(&[]).says("problem", "store directory", "is not there");
    assert!(way_out.contains("NIX_STORE_DIR"));
}

#[test]
fn the_way_to_the_store_is_tried() {
    const WHAT: &str = "way to the store";
    let mut ill = Ill::new();
    fs::remove_dir_all(ill.socket().parent().unwrap()).unwrap();
    ill.set("NIX_REMOTE", "");
    ill.doctor(&[]).says("ok", WHAT, "directly");
    ill.set("NIX_REMOTE", "ssh://host\u{1b}[31m");
    let way_out = ill.doctor(&[]).says("problem", WHAT, "NIX_REMOTE is ssh://host\\x1b[31m");
    assert!(way_out.contains("unset NIX_REMOTE"));
    ill.set("NIX_REMOTE", "daemon");
    ill.doctor(&[]).says("problem", WHAT, "no daemon runs");
    let socket = ill.socket();
    answer_at(&socket);
    ill.doctor(&[]).says("ok", WHAT, "a daemon listens");
    fs::remove_file(&socket).unwrap();
    drop(UnixListener::bind(&socket).unwrap());
    ill.doctor(&[]).says("problem", WHAT, "left by a daemon that died");
    ill.set("NIX_REMOTE", "local");
    fs::remove_file(ill.machine.path("programs/nix-daemon")).unwrap();
    ill.doctor(&[]).says("problem", WHAT, "no program nix-daemon");
}

#[test]
fn a_link_to_nothing_is_told_with_the_generation_to_go_back_to() {
    let ill = Ill::with_profile();
    fs::rename(ill.store("env-2"), ill.store("gone")).unwrap();
    let way_out = ill.doctor_of_profile().says("problem", "profile", "is gone");
    assert_eq!(way_out, "go back with `nix-loom rollback 1`");
    fs::rename(ill.store("gone"), ill.store("env-2")).unwrap();
    fs::remove_file(ill.link(2)).unwrap();
    ill.doctor_of_profile().says("problem", "profile", "profile-2-link is gone");
}

#[test]
fn a_missing_manifest_is_a_problem_and_no_empty_profile() {
    let ill = Ill::with_profile();
    fs::remove_file(ill.store("env-2").join("manifest.json")).unwrap();
    let way_out = ill.doctor_of_profile().says("note", "manifest", "a package in place of an environment");
    assert!(way_out.contains("convert"));
    fs::rename(ill.store("env-2"), ill.store("user-environment")).unwrap();
    fs::remove_file(ill.link(2)).unwrap();
    symlink(ill.store("user-environment"), ill.link(2)).unwrap();
    let way_out = ill.doctor_of_profile().says("problem", "manifest", "nobody knows what is installed");
    assert_eq!(way_out, "go back with `nix-loom rollback 1`");
}

#[test]
fn a_broken_manifest_is_told_with_its_place() {
    let ill = Ill::with_profile();
    fs::write(ill.store("env-2").join("manifest.json"), "{\"version\": 3,\n\"elements\": 7}").unwrap();
    ill.doctor_of_profile().says("problem", "manifest", "line 2, column");
    fs::write(ill.store("env-1").join("manifest.json"), "").unwrap();
    let way_out = ill.doctor_of_profile().says("problem", "manifest", "line 2, column");
    assert!(way_out.contains("no generation can be read"), "{way_out}");
}

#[test]
fn a_directory_in_the_place_of_the_link_is_no_profile() {
    let ill = Ill::new();
    fs::create_dir_all(ill.profile()).unwrap();
    let way_out = ill.doctor_of_profile().says("problem", "profile", "is not a link");
    assert!(way_out.contains("--profile"));
}

#[test]
fn an_old_generation_of_which_nothing_is_left_is_worth_a_note() {
    let ill = Ill::with_profile();
    fs::remove_dir_all(ill.store("env-1")).unwrap();
    let findings = ill.doctor_of_profile();
    findings.has_no_problem();
    findings.says("note", "generations", "nothing is left of 1");
}

#[test]
fn a_generation_that_is_no_root_is_told_with_the_command_that_makes_it_one() {
    let ill = Ill::with_profile();
    fs::remove_file(ill.machine.path("state-of-nix/gcroots/auto/1")).unwrap();
    let way_out = ill.doctor_of_profile().says("problem", "garbage collection", "generation 1 is no root");
    let (link, path) = (ill.link(1), ill.store("env-1"));
    assert_eq!(way_out, format!("nix-store --add-root {} --indirect --realise {}", link.display(), path.display()));
}

#[test]
fn generations_in_the_state_directory_need_no_registration() {
    let ill = Ill::with_profile();
    let profiles = ill.machine.path("state-of-nix/profiles/mine");
    fs::create_dir(&profiles).unwrap();
    symlink(ill.store("env-1"), profiles.join("p-1-link")).unwrap();
    symlink("p-1-link", profiles.join("p")).unwrap();
    let findings = ill.doctor(&["--profile", profiles.join("p").to_str().unwrap()]);
    findings.says("ok", "garbage collection", "is in the state directory");
}

#[test]
fn outputs_that_are_gone_from_the_store_are_named() {
    let ill = Ill::with_profile();
    fs::remove_dir_all(ill.store("tool-2")).unwrap();
    let way_out = ill.doctor_of_profile().says("problem", "installed", "tool-2");
    assert!(way_out.contains("nix-loom apply"));
}

#[test]
fn a_directory_that_the_user_cannot_write_is_a_problem() {
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root may write anywhere");
        return;
    }
    let ill = Ill::with_profile();
    let directory = ill.profile().parent().unwrap().to_owned();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o555)).unwrap();
    ill.doctor_of_profile().says("problem", "profile directory", "cannot be written by you");
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_lock_that_is_held_or_left_is_worth_a_note() {
    let ill = Ill::with_profile();
    let lock = nix_loom::profile::Lock::acquire(&ill.profile(), &|| {}).unwrap();
    ill.doctor_of_profile().says("note", "lock", "another program changes the profile now");
    drop(lock);
    fs::write(ill.profile().with_file_name("profile.lock"), "").unwrap();
    ill.doctor_of_profile().says("note", "lock", "left by a program that died");
}

#[test]
fn leftovers_of_killed_programs_are_named() {
    let ill = Ill::with_profile();
    for name in [".profile.nix-loom-new", ".0_profile", ".3_profile-3-link", ".0_other", ".x_profile"] {
        symlink("x", ill.profile().with_file_name(name)).unwrap();
    }
    let findings = ill.doctor_of_profile();
    findings.has_no_problem();
    let line = findings.0.iter().find(|finding| finding["what"] == "leftovers").unwrap()["detail"].to_string();
    for (name, is_told) in [
        ("/.profile.nix-loom-new", true),
        ("/.0_profile", true),
        ("/.3_profile-3-link", true),
        ("/.0_other", false),
        ("/.x_", false),
    ] {
        assert_eq!(line.contains(name), is_told, "{name} in {line}");
    }
}

#[test]
fn a_profile_that_path_does_not_know_and_commands_that_are_hidden_are_told() {
    let mut ill = Ill::with_profile();
    let way_out = ill.doctor_of_profile().says("note", "PATH", "does not find what is installed");
    assert!(way_out.contains(&format!("PATH={}", ill.profile().join("bin").display())), "{way_out}");
    ill.program("tool", "");
    let (programs, bin) = (ill.machine.path("programs"), ill.profile().join("bin"));
    ill.set("PATH", format!("{}:{}", programs.display(), bin.display()));
    let findings = ill.doctor_of_profile();
    findings.says("ok", "PATH", "folder 2 of 2");
    findings.says("note", "PATH", &format!("tool by {}", programs.join("tool").display()));
}

#[test]
fn a_usual_link_that_leads_to_another_profile_is_worth_a_note() {
    let ill = Ill::with_profile();
    symlink(ill.profile(), ill.machine.path("home/.nix-profile")).unwrap();
    ill.doctor_of_profile().has_no_problem();
    let other = ill.machine.path("home/other");
    let findings = ill.doctor(&["--profile", other.to_str().unwrap()]);
    findings.says("note", "profile", ".nix-profile leads to another one");
}

#[test]
fn a_profile_of_nix_profile_without_its_feature_is_worth_a_note() {
    let ill = Ill::with_profile();
    fs::write(ill.machine.path("etc/nix.conf"), "").unwrap();
    let way_out = ill.doctor_of_profile().says("note", "configuration", "not enabled");
    assert!(way_out.contains("nix-command"));
}

#[test]
fn what_cannot_be_opened_is_a_finding_and_the_rest_is_looked_at() {
    let ill = Ill::with_profile();
    let profile = ill.profile();
    let findings = ill.doctor(&["--profile", profile.to_str().unwrap(), "--packages", "/nowhere\u{1b}[31m"]);
    findings.says("problem", "opening", "/nowhere\\x1b[31m");
    findings.says("ok", "generations", "2, the current one is 2");
}

#[test]
fn names_that_steer_a_terminal_are_made_harmless() {
    let ill = Ill::new();
    let profile = ill.machine.path("home/p\u{1b}[31m\u{202e}");
    let findings = ill.doctor(&["--profile", profile.to_str().unwrap()]);
    findings.says("note", "profile", "p\\x1b[31m\\u{202e}: there is none yet");
}

#[test]
fn a_profile_of_nix_env_is_told_as_such() {
    let ill = Ill::with_profile();
    let record = format!(
        r#"[ {{ meta = {{ }}; name = "tool-2"; out = {{ outPath = "{0}"; }}; outPath = "{0}"; outputs = [ "out" ]; type = "derivation"; }} ]"#,
        ill.store("tool-2").display()
    );
    fs::remove_file(ill.store("env-2").join("manifest.json")).unwrap();
    fs::write(ill.store("env-2").join("manifest.nix"), record).unwrap();
    ill.doctor_of_profile().says("ok", "manifest", "as of nix-env; 1 package");
}
