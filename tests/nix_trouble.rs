//! What can be wrong with a Nix and with its profile: a clear sentence each, and nothing is changed.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use machine::{Said, said};
use support::nix::{Nix, succeed};

/// `TELL` is a pipe to the test, `GO` one from it.
const PACKAGES: &str = r#"
let make = name: script: derivation {
  inherit name;
  system = builtins.currentSystem;
  builder = "/bin/sh";
  PATH = "/usr/bin:/bin";
  args = [ "-euc" script ];
}; in {
  good = make "good-1" "mkdir -p $out/bin; echo good >$out/bin/good";
  other = make "other-1" "mkdir -p $out/bin; echo other >$out/bin/other";
  bad = make "bad-1" "echo the reason why; exit 3";
  waiting = make "waiting-1" "echo started >TELL; read line <GO; mkdir -p $out/bin; echo w >$out/bin/w";
  slow = make "slow-1" "echo started >TELL; exec sleep 600";
}
"#;

/// A profile with one package in a store of Nix' own.
struct Trouble {
    nix: Nix,
}

impl Trouble {
    fn or_skip() -> Option<Self> {
        let trouble = Self { nix: Nix::or_skip()? };
        let mut text = PACKAGES.to_owned();
        for (name, pipe) in [("TELL", "tell"), ("GO", "go")] {
            succeed(Command::new("mkfifo").arg(trouble.nix.path(pipe)));
            text = text.replace(name, trouble.nix.path(pipe).to_str().unwrap());
        }
        fs::write(trouble.nix.path("packages.nix"), text).unwrap();
        trouble.runs(0, &[], &["apply", "good"]);
        Some(trouble)
    }

    fn profile(&self) -> PathBuf {
        self.nix.path("profiles/mine")
    }

    fn command(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
        let mut command = self.nix.command(env!("CARGO_BIN_EXE_nix-loom"));
        let source = format!("p={}", self.nix.path("packages.nix").display());
        command.env_remove("NIX_LOOM_STORE").envs(variables.iter().copied());
        command.arg("--profile").arg(self.profile()).args(["--source", &source]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    #[track_caller]
    fn runs(&self, code: i32, variables: &[(&str, &str)], arguments: &[&str]) -> Said {
        let said = said(&self.command(variables, arguments).output().unwrap());
        assert_eq!(said.code, code, "{arguments:?}: {}{}", said.stdout, said.stderr);
        said
    }

    /// Until the builder of a package that tells has begun.
    #[track_caller]
    fn wait_for_the_build(&self) {
        let mut started = String::new();
        fs::File::open(self.nix.path("tell")).unwrap().read_to_string(&mut started).unwrap();
        assert_eq!(started, "started\n");
    }

    /// Links and their targets beside the profile.
    fn links(&self) -> Vec<(String, PathBuf)> {
        let directory = self.profile();
        let names = machine::names(directory.parent().unwrap());
        let target = |name: String| {
            let target = fs::read_link(directory.with_file_name(&name)).unwrap_or_default();
            (name, target)
        };
        names.into_iter().filter(|name| name != "mine.lock").map(target).collect()
    }

    /// It fails with these words and leaves everything as it was.
    #[track_caller]
    fn refuses(&self, variables: &[(&str, &str)], arguments: &[&str], words: &[&str]) {
        let before = self.links();
        let said = self.runs(1, variables, arguments);
        for word in words {
            assert!(said.stderr.contains(word), "{word:?} in {}", said.stderr);
        }
        assert_eq!(self.links(), before, "{arguments:?}");
    }

    /// Makes an environment with this manifest.nix the current one, as if another program had.
    fn damage(&self, manifest: &str) -> PathBuf {
        let environment = self.nix.store().join("c74xkqfhqz9h3d7rffn02cih0fdwb1ff-user-environment");
        fs::create_dir_all(&environment).unwrap();
        fs::write(environment.join("manifest.nix"), manifest).unwrap();
        symlink(&environment, self.nix.path("profiles/mine-7-link")).unwrap();
        fs::remove_file(self.profile()).unwrap();
        symlink("mine-7-link", self.profile()).unwrap();
        environment
    }
}

#[test]
fn without_a_daemon_what_is_installed_is_still_shown_and_changes_are_refused_with_the_way_out() {
    let Some(trouble) = Trouble::or_skip() else { return };
    let daemon = [("NIX_REMOTE", "daemon")];
    assert!(trouble.runs(0, &daemon, &["list"]).stdout.contains("good"));
    trouble.refuses(&daemon, &["apply", "good:priority=4"], &["no Nix daemon answers at", "socket", "start it"]);
    let remote = [("NIX_REMOTE", "ssh://host")];
    assert!(trouble.runs(0, &remote, &["list"]).stdout.contains("good"));
    trouble.refuses(&remote, &["apply", "-good"], &["NIX_REMOTE is ssh://host", "`daemon`"]);
    let no_programs = [("PATH", "/nowhere")];
    trouble.refuses(&no_programs, &["list"], &["source p", "nix-instantiate", "leave --source away"]);
    let sourceless = |arguments: &[&str]| {
        let mut command = trouble.nix.command(env!("CARGO_BIN_EXE_nix-loom"));
        command.env_remove("NIX_LOOM_STORE").envs(no_programs).arg("--profile").arg(trouble.profile()).args(arguments);
        said(&command.output().unwrap())
    };
    assert!(sourceless(&["list"]).stdout.contains("good"));
    let before = trouble.links();
    let refused = sourceless(&["apply", "good:active=false"]);
    assert_eq!((refused.code, trouble.links()), (1, before));
    assert!(refused.stderr.contains("program nix-daemon is not found") && refused.stderr.contains("PATH"));
}

#[test]
fn a_build_that_fails_tells_why_and_changes_nothing() {
    let Some(trouble) = Trouble::or_skip() else { return };
    trouble.refuses(&[], &["apply", "other", "bad"], &["bad-1", "the reason why"]);
    assert!(!trouble.runs(0, &[], &["list"]).stdout.contains("other"));
}

#[test]
fn killed_in_the_middle_of_a_build_it_leaves_the_old_generation_and_no_lock() {
    let Some(trouble) = Trouble::or_skip() else { return };
    let before = trouble.links();
    let mut child = trouble.command(&[], &["apply", "slow", "other"]).spawn().unwrap();
    trouble.wait_for_the_build();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(trouble.links(), before);
    trouble.runs(0, &[], &["apply", "other"]);
    let list = trouble.runs(0, &[], &["list"]).stdout;
    assert!(list.contains("good") && list.contains("other"), "{list}");
}

#[test]
fn what_another_program_changes_in_the_middle_is_kept_and_told() {
    let Some(trouble) = Trouble::or_skip() else { return };
    let child = trouble.command(&[], &["apply", "waiting", "good:priority=3"]).spawn().unwrap();
    trouble.wait_for_the_build();
    let other = trouble.runs(0, &[], &["apply", "other"]);
    assert!(!other.stderr.contains("meanwhile"), "{}", other.stderr);
    fs::write(trouble.nix.path("go"), "go\n").unwrap();
    let said = said(&child.wait_with_output().unwrap());
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("another program changed the profile meanwhile"), "{}", said.stderr);
    let list = trouble.runs(0, &[], &["list"]).stdout;
    assert!(["good", "other", "waiting"].iter().all(|name| list.contains(name)), "{list}");
}

#[test]
fn what_is_gone_in_the_middle_is_an_error_and_nothing_else_is_done() {
    let Some(trouble) = Trouble::or_skip() else { return };
    let child = trouble.command(&[], &["apply", "waiting", "good:priority=3"]).spawn().unwrap();
    trouble.wait_for_the_build();
    trouble.runs(0, &[], &["apply", "other", "-good"]);
    let after = trouble.links();
    fs::write(trouble.nix.path("go"), "go\n").unwrap();
    let said = said(&child.wait_with_output().unwrap());
    assert_eq!((said.code, trouble.links()), (1, after), "{}", said.stderr);
    assert!(said.stderr.contains("good is not installed"), "{}", said.stderr);
}

#[test]
fn a_profile_that_leads_to_nothing_is_told_with_the_way_back() {
    let Some(trouble) = Trouble::or_skip() else { return };
    trouble.runs(0, &[], &["apply", "other"]);
    let environment = fs::canonicalize(trouble.profile()).unwrap();
    fs::rename(&environment, trouble.nix.path("gone")).unwrap();
    for command in [&["list"][..], &["apply", "-good"]] {
        trouble.refuses(&[], command, &["which is gone", "nix-loom rollback"]);
    }
    trouble.runs(0, &[], &["rollback", "1"]);
    assert!(trouble.runs(0, &[], &["list"]).stdout.contains("good"));
}

#[test]
fn a_manifest_that_is_no_plain_list_is_never_evaluated_and_told_with_its_place() {
    let Some(trouble) = Trouble::or_skip() else { return };
    trouble.damage("[ ]\n[ (import ./evil.nix) ]");
    trouble.refuses(&[], &["apply", "other"], &["manifest.nix: line 2", "nix-loom rollback"]);
    trouble.runs(0, &[], &["rollback", "1"]);
    assert!(trouble.runs(0, &[], &["list"]).stdout.contains("good"));
}

#[test]
fn an_environment_without_a_manifest_is_not_taken_for_empty() {
    let Some(trouble) = Trouble::or_skip() else { return };
    let environment = trouble.damage("[ ]");
    fs::remove_file(environment.join("manifest.nix")).unwrap();
    trouble.refuses(&[], &["apply", "other"], &["nobody knows what is installed", "nix-loom rollback"]);
}

#[test]
fn a_place_where_nothing_can_be_written_is_named() {
    let Some(trouble) = Trouble::or_skip() else { return };
    let file = trouble.nix.path("file");
    fs::write(&file, "").unwrap();
    let profile = file.join("profile");
    let source = format!("p={}", trouble.nix.path("packages.nix").display());
    let mut command = trouble.nix.command(env!("CARGO_BIN_EXE_nix-loom"));
    command.env_remove("NIX_LOOM_STORE").arg("--profile").arg(&profile).args(["--source", &source, "apply", "good"]);
    let said = said(&command.output().unwrap());
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains(Path::new(&file).to_str().unwrap()), "{}", said.stderr);
}
