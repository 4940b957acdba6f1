//! A walk through the program as a new user takes it, in tmux: packages that collide are staged, settled key by key, and
//! become a generation.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Only ends a test that would otherwise hang.
const HANGING: Duration = Duration::from_mins(2);

/// A tmux of its own with the program in it.
struct Tmux {
    home: tempfile::TempDir,
    keys: usize,
}

impl Tmux {
    fn or_skip() -> Option<Self> {
        Self::start_or_skip("")
    }

    /// `None` where there is no tmux: the test then has nothing to do. `wrapper` is what starts the program.
    fn start_or_skip(wrapper: &str) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            assert!(std::env::var_os("NIX_LOOM_REQUIRE_NIX").is_none_or(|value| value != "1"), "tmux is missing");
            eprintln!("skipped: there is no tmux");
            return None;
        }
        let tmux = Self { home: tempfile::tempdir().unwrap(), keys: 0 };
        let program = format!("exec {wrapper}{} --store local", env!("CARGO_BIN_EXE_nix-loom"));
        tmux.run(&["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", &program]);
        Some(tmux)
    }

    /// Its socket and everything that the program writes are in the home.
    fn command(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(program);
        command.args(arguments).env("HOME", self.home.path()).env_remove("NO_COLOR").env_remove("TMUX");
        for name in ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "NIX_LOOM_CONFIG"] {
            command.env_remove(name);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let socket = self.home.path().join("tmux");
        self.command("tmux", &[&["-S", socket.to_str().unwrap()], arguments].concat())
    }

    fn type_text(&self, text: &str) {
        self.run(&["send-keys", "-l", text]);
    }

    fn press(&mut self, key: &str) {
        self.keys += 1;
        self.run(&["send-keys", key]);
    }

    /// Looks at the screen until it shows all of these.
    #[track_caller]
    fn wait_for(&self, parts: &[&str]) -> String {
        let start = Instant::now();
        loop {
            let shown = self.run(&["capture-pane", "-p"]);
            if parts.iter().all(|part| shown.contains(part)) {
                return shown;
            }
            assert!(start.elapsed() < HANGING, "no {parts:?} in\n{shown}");
        }
    }

    fn list(&self) -> Value {
        let list = self.command(env!("CARGO_BIN_EXE_nix-loom"), &["--store", "local", "list", "--json"]);
        serde_json::from_str(&list).unwrap()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let socket = self.home.path().join("tmux");
        let _ = Command::new("tmux").args(["-S", socket.to_str().unwrap(), "kill-server"]).output();
    }
}

#[test]
fn three_blocking_collisions_and_a_shadowed_one_become_a_generation_in_ten_keys() {
    let Some(mut tmux) = Tmux::or_skip() else { return };
    tmux.wait_for(&["Nothing is installed yet"]);
    for package in ["nodejs_18", "nodejs_20", "toybox", "coreutils", "libjpeg", "mozjpeg", "parallel", "moreutils"] {
        tmux.run(&["send-keys", "/", "C-u"]);
        tmux.type_text(package);
        tmux.run(&["send-keys", "Enter", "Space"]);
        tmux.wait_for(&[&format!("+ {package}")]);
    }
    let shown = tmux.wait_for(&["8 staged", "270 collisions", "settle"]);
    assert!(shown.contains("shadowed"), "{shown}");

    tmux.keys = 0;
    for left in ["92 collisions", "12 collisions", "✓ builds"] {
        tmux.press("s");
        tmux.wait_for(&[left]);
    }
    tmux.press("Enter");
    tmux.wait_for(&["builds; Enter applies it"]);
    tmux.press("Enter");
    tmux.wait_for(&["Generation 1 is the current one now"]);
    assert!(tmux.keys <= 10, "{} keys", tmux.keys);

    assert_eq!(tmux.list().as_array().unwrap().len(), 8);
    let profile = tmux.home.path().join(".local/state/nix-loom/profiles/profile");
    let leads_to = |command: &str| std::fs::canonicalize(profile.join("bin").join(command)).unwrap();
    let is_of = |path: &Path, package: &str| path.to_str().unwrap().contains(package);
    assert!(is_of(&leads_to("parallel"), "-parallel-"), "the shadowed one stays shadowed");
    assert!(is_of(&leads_to("node"), "-nodejs-"));
}

#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    // In a session of its own no signal tells the program; one that is stopped meanwhile learns all of it at once.
    for (wrapper, is_stopped) in [("", false), ("setsid -w ", false), ("", true)] {
        let Some(tmux) = Tmux::start_or_skip(wrapper) else { return };
        tmux.wait_for(&["Nothing is installed yet"]);
        let number = |what: &str| tmux.run(&["display-message", "-p", what]).trim().to_owned();
        let (pane, server) = (number("#{pane_pid}"), number("#{pid}"));
        let children = std::fs::read_to_string(format!("/proc/{pane}/task/{pane}/children")).unwrap_or_default();
        let program = children.split_whitespace().next().unwrap_or(&pane);
        if is_stopped {
            tmux.command("kill", &["-STOP", program]);
        }
        tmux.command("kill", &["-KILL", &server]);
        if is_stopped {
            tmux.command("kill", &["-CONT", program]);
        }
        let start = Instant::now();
        // Whoever inherits it may be slow to take notice of its end.
        let is_there = || {
            let told = std::fs::read_to_string(format!("/proc/{program}/stat")).unwrap_or_default();
            told.rsplit_once(')').is_some_and(|(_, state)| !state.trim_start().starts_with(['Z', 'X']))
        };
        while is_there() {
            assert!(start.elapsed() < HANGING, "{wrapper}it goes on without a terminal");
            std::thread::yield_now();
        }
    }
}
