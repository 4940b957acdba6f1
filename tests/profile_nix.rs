//! A real `nix-env` works on the generations that are made here, and both respect one lock.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix_loom::profile::{Lock, Profile};
use support::nix::Nix;

struct Fixture {
    dir: tempfile::TempDir,
    profile: Profile,
}

impl Fixture {
    /// A profile of the generations 1 to 3, of which 3 is current.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let profile = Profile::at(dir.path().join("profiles/my-profile"));
        let fixture = Self { dir, profile };
        for number in 1..=3 {
            let expected = fixture.profile.target().unwrap();
            let new = fixture.environment(&number.to_string());
            fixture.profile.lock(&|| {}).unwrap().switch_to_new(&new, expected.as_deref(), &mut |_| Ok(())).unwrap();
        }
        fixture
    }

    fn environment(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join("store").join(name);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("manifest.json"), r#"{"elements":{},"version":3}"#).unwrap();
        path
    }

    fn nix_env(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("nix-env");
        let beside = |name: &str| -> PathBuf { Path::new(self.dir.path()).join(name) };
        command
            .arg("--profile")
            .arg(self.profile.link())
            .args(arguments)
            .env("HOME", beside("home"))
            .env("NIX_STORE_DIR", beside("nix-store"))
            .env("NIX_STATE_DIR", beside("nix-state"))
            .env("NIX_LOG_DIR", beside("nix-log"))
            .env("NIX_CONF_DIR", beside("nix-conf"))
            .env("NIX_CONFIG", "build-users-group =")
            .env_remove("NIX_REMOTE");
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.nix_env(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn nix_env_lists_the_generations_with_the_current_one() {
    if !Nix::is_here_or_skip() {
        return;
    }
    let fixture = Fixture::new();
    let listed = fixture.run(&["--list-generations"]);
    let rows: Vec<Vec<_>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert!(rows[2].ends_with(&["(current)"]), "{listed}");
}

#[test]
fn nix_env_rolls_back_and_deletes_and_the_profile_sees_it() {
    if !Nix::is_here_or_skip() {
        return;
    }
    let fixture = Fixture::new();
    fixture.run(&["--rollback"]);
    assert_eq!(fixture.profile.current().unwrap(), Some(2));
    fixture.run(&["--delete-generations", "1"]);
    let numbers: Vec<_> = fixture.profile.generations().unwrap().iter().map(|generation| generation.number).collect();
    assert_eq!(numbers, [2, 3]);
    let expected = fixture.profile.target().unwrap();
    let (number, is_new) = fixture
        .profile
        .lock(&|| {})
        .unwrap()
        .switch_to_new(&fixture.environment("4"), expected.as_deref(), &mut |_| Ok(()))
        .unwrap();
    assert_eq!((number, is_new), (4, true));
    assert!(fixture.run(&["--list-generations"]).lines().last().unwrap().ends_with("(current)"));
}

#[test]
fn nix_env_waits_for_the_lock_that_is_held_here() {
    if !Nix::is_here_or_skip() {
        return;
    }
    let fixture = Fixture::new();
    let lock = Lock::acquire(fixture.profile.link(), &|| {}).unwrap();
    let mut child = fixture.nix_env(&["--rollback"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut messages = BufReader::new(child.stderr.take().unwrap());
    let mut message = String::new();
    while !message.contains("waiting") {
        message.clear();
        assert_ne!(messages.read_line(&mut message).unwrap(), 0, "it ended without waiting for the lock");
    }
    assert_eq!(fixture.profile.current().unwrap(), Some(3), "nothing is switched while the lock is held");
    drop(lock);
    std::io::copy(&mut messages, &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(fixture.profile.current().unwrap(), Some(2));
}
