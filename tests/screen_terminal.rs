//! The program in a real terminal: keys go in, the screen comes out, and the terminal is given back whatever happens.

#![cfg(feature = "tui")]

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// Only ends a test that would otherwise hang.
const HANGING: Duration = Duration::from_mins(2);

/// The program in a terminal of its own, with a home of its own.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    terminal: Box<dyn MasterPty + Send>,
    home: tempfile::TempDir,
}

#[allow(clippy::unwrap_used)]
fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

#[allow(clippy::unwrap_used)] // a helper of tests only
impl Session {
    fn start(environment: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), environment)
    }

    fn start_in(home: tempfile::TempDir, environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: 40, cols: 120, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nix-loom"));
        let folders = ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];
        for name in folders.into_iter().chain(["NIX_LOOM_CONFIG", "NO_COLOR"]) {
            command.env_remove(name);
        }
        command.env("HOME", home.path());
        command.env("NIX_LOOM_STORE", "local");
        command.env("TERM", "xterm-256color");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let input = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(cells(size.rows), cells(size.cols), 0);
        Self { child, input, output, screen, terminal: pair.master, home }
    }

    fn keys(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    /// Reads until the screen shows a text.
    fn wait_for(&mut self, part: &str) {
        self.wait_until(|shown| shown.contains(part));
    }

    /// Whether nothing is written for so long.
    fn is_silent_for(&mut self, time: Duration) -> bool {
        match self.output.recv_timeout(time) {
            Ok(bytes) => {
                self.screen.process(&bytes);
                false
            }
            Err(_) => true,
        }
    }

    /// Reads until what is shown is right.
    #[track_caller]
    fn wait_until(&mut self, is_right: impl Fn(&str) -> bool) {
        while !is_right(&self.screen.screen().contents()) {
            let bytes = self.output.recv_timeout(HANGING);
            let bytes = bytes.unwrap_or_else(|_| panic!("still\n{}", self.screen.screen().contents()));
            self.screen.process(&bytes);
        }
    }

    /// Waits for the end; gives the exit code and what is left of the home.
    fn end(mut self) -> (u32, tempfile::TempDir) {
        let code = self.child.wait().unwrap().exit_code();
        while let Ok(bytes) = self.output.recv_timeout(HANGING) {
            self.screen.process(&bytes);
        }
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "given back");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        (code, self.home)
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }
}

#[test]
fn a_package_installed_by_keys_is_there_the_next_time() {
    let mut session = Session::start(&[]);
    session.wait_for("Nothing is installed yet");
    session.keys("/zlib\r ");
    session.wait_for("1 staged");
    session.keys("\r");
    session.wait_for("builds; Enter applies it");
    session.keys("\r");
    session.wait_for("Generation 1 is the current one now");
    session.wait_for("Installed 1");
    session.keys("q");
    let (code, home) = session.end();
    assert_eq!(code, 0);
    let mut session = Session::start_in(home, &[]);
    session.wait_for("Installed 1");
    session.keys("\x03");
    assert_eq!(session.end().0, 0);
}

#[test]
fn the_screen_finds_what_the_command_finds_in_the_same_order() {
    let mut session = Session::start(&[]);
    session.wait_for("Nothing is installed yet");
    for query in ["python", "lib", "video player"] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nix-loom"));
        command.args(["search", query, "--json", "--limit", "8"]).env("HOME", session.home.path());
        command.env("NIX_LOOM_STORE", "local");
        let found: serde_json::Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let attributes: Vec<&str> =
            found.as_array().unwrap().iter().map(|row| row["attribute"].as_str().unwrap()).collect();
        assert!(!attributes.is_empty());
        session.keys(&format!("/\x15{query}"));
        session.wait_for(&format!("/ {query}"));
        // Letters may be cut at the end of a column.
        let shown = |text: &str| {
            let mut rest = text;
            attributes.iter().all(|attribute| {
                let start: String = attribute.chars().take(12).collect();
                rest.find(&start).map(|at| rest = &rest[at + start.len()..]).is_some()
            })
        };
        session.wait_until(|text| shown(text));
        session.keys("\r");
    }
    session.keys("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn an_idle_screen_does_not_wake_up() {
    let mut session = Session::start(&[]);
    session.wait_for("Nothing is installed yet");
    let pid = session.child.process_id().unwrap();
    let switches = || -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        let status = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
        let numbers = tasks.map(|task| {
            let status = status(task.unwrap());
            let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap_or("0");
            line.split_whitespace().last().unwrap().parse::<u64>().unwrap()
        });
        numbers.sum()
    };
    // What the start set going comes to an end first.
    let mut before = switches();
    while !session.is_silent_for(Duration::from_millis(500)) || switches() != before {
        before = switches();
    }
    assert!(session.is_silent_for(Duration::from_secs(2)), "nothing is drawn");
    assert_eq!(switches(), before, "and no thread has woken up");
    session.keys("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn a_screen_killed_while_it_applies_leaves_the_old_generation_and_the_next_start_clean() {
    let mut session = Session::start(&[]);
    session.wait_for("Nothing is installed yet");
    for package in ["git", "ffmpeg", "gcc"] {
        session.keys(&format!("/\x15{package}\r "));
        session.wait_for(&format!("+ {package}"));
    }
    session.keys("\r");
    session.wait_for("builds; Enter applies it");
    session.keys("\r");
    let store = session.home.path().join(".local/share/nix-loom/store");
    let is_at_work = || {
        let names = std::fs::read_dir(&store).into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.into_iter().any(|name| name.as_encoded_bytes().starts_with(b".nix-loom-staging-"))
    };
    while !is_at_work() {
        thread::yield_now();
    }
    session.signal(Signal::KILL);
    session.child.wait().unwrap();
    let mut session = Session::start_in(session.home, &[]);
    session.wait_for("Nothing is installed yet");
    assert!(!is_at_work(), "what was left is removed");
    session.keys("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn a_signal_gives_theterminal_back_and_is_told_by_the_exit_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut session = Session::start(&[]);
        session.wait_for("Available 190");
        session.signal(signal);
        assert_eq!(session.end().0, code);
    }
}

#[test]
fn without_colours_the_selected_row_is_reversed_in_theterminal_too() {
    let mut session = Session::start(&[("NO_COLOR", "1")]);
    session.wait_for("Available 190");
    session.wait_for("› ");
    let screen = session.screen.screen();
    let cells = || (0..40).flat_map(|row| (0..120).filter_map(move |column| screen.cell(row, column)));
    assert!(cells().all(|cell| cell.fgcolor() == vt100::Color::Default && cell.bgcolor() == vt100::Color::Default));
    assert!(cells().filter(|cell| cell.inverse()).count() > 20);
    session.keys("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn aterminal_that_becomes_small_is_still_drawn() {
    let mut session = Session::start(&[]);
    session.wait_for("Available 190");
    let small = PtySize { rows: 15, cols: 50, ..PtySize::default() };
    session.terminal.resize(small).unwrap();
    session.screen.screen_mut().set_size(cells(15), cells(50));
    session.wait_for("›Available 190");
    session.keys("q");
    assert_eq!(session.end().0, 0);
}
