//! A program in a terminal of its own: keys go in, the screen comes out, and all that was written is kept.

#![allow(clippy::unwrap_used)] // a helper of tests only

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use super::stream;

/// Only ends a test that would otherwise hang.
const HANGING: Duration = Duration::from_mins(2);
const PROMPT: &str = "ready>";
const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };

/// The program in a terminal of its own, with a home of its own.
pub struct Session {
    pub child: Box<dyn Child + Send + Sync>,
    input: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    pub screen: vt100::Parser,
    /// All that was written to the terminal.
    pub written: Vec<u8>,
    terminal: Option<Box<dyn MasterPty + Send>>,
    /// The terminal's modes before the program began.
    pub modes_before: String,
    pub home: tempfile::TempDir,
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

fn modes(terminal: &dyn MasterPty) -> String {
    format!("{:?}", terminal.get_termios().unwrap())
}

impl Session {
    pub fn start(environment: &[(&str, &str)]) -> Self {
        Self::start_with(&[], environment)
    }

    pub fn start_with(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nix-loom"));
        command.args(arguments);
        Self::run(command, tempfile::tempdir().unwrap(), environment)
    }

    pub fn start_in(home: tempfile::TempDir) -> Self {
        Self::run(CommandBuilder::new(env!("CARGO_BIN_EXE_nix-loom")), home, &[])
    }

    /// A shell that runs jobs; it has the program as `$LOOM`.
    pub fn shell() -> Self {
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-i"]);
        let environment = [("PS1", PROMPT), ("ENV", ""), ("LOOM", env!("CARGO_BIN_EXE_nix-loom"))];
        let mut session = Self::run(command, tempfile::tempdir().unwrap(), &environment);
        session.wait_for_prompt();
        session
    }

    fn run(mut command: CommandBuilder, home: tempfile::TempDir, environment: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let folders = ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];
        for name in folders.into_iter().chain(["NIX_LOOM_CONFIG", "NO_COLOR", "COLORTERM"]) {
            command.env_remove(name);
        }
        command.env("HOME", home.path());
        command.env("NIX_LOOM_STORE", "local");
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        for (name, value) in environment {
            command.env(name, value);
        }
        let modes_before = modes(&*pair.master);
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
        let input = Some(pair.master.take_writer().unwrap());
        let screen = vt100::Parser::new(cells(SIZE.rows), cells(SIZE.cols), 0);
        Self { child, input, output, screen, written: Vec::new(), terminal: Some(pair.master), modes_before, home }
    }

    pub fn keys(&mut self, keys: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(keys.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    fn take(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    /// Reads until the screen shows a text.
    #[track_caller]
    pub fn wait_for(&mut self, part: &str) {
        self.wait_until(|shown| shown.contains(part));
    }

    /// Whether nothing is written for so long.
    pub fn is_silent_for(&mut self, time: Duration) -> bool {
        match self.output.recv_timeout(time) {
            Ok(bytes) => {
                self.take(&bytes);
                false
            }
            Err(_) => true,
        }
    }

    /// Reads until what is shown is right.
    #[track_caller]
    pub fn wait_until(&mut self, is_right: impl Fn(&str) -> bool) {
        while !is_right(&self.text()) {
            let Ok(bytes) = self.output.recv_timeout(HANGING) else { panic!("still\n{}", self.text()) };
            self.take(&bytes);
        }
    }

    /// Reads until the shell waits for a command.
    #[track_caller]
    pub fn wait_for_prompt(&mut self) {
        self.wait_until(|shown| shown.trim_end().ends_with(PROMPT));
    }

    /// What the terminal shows once nothing more is written.
    pub fn settled(&mut self) -> String {
        while !self.is_silent_for(Duration::from_millis(400)) {}
        self.text()
    }

    /// Reads until the terminal shows exactly this.
    #[track_caller]
    pub fn wait_for_all(&mut self, expected: &str) {
        while self.text() != expected {
            let Ok(bytes) = self.output.recv_timeout(HANGING) else {
                let text = self.text();
                let differ = text.lines().zip(expected.lines()).filter(|(shown, expected)| shown != expected);
                panic!("these lines differ: {:#?}", differ.collect::<Vec<_>>());
            };
            self.take(&bytes);
        }
    }

    /// What the terminal shows, without blanks at the ends of lines.
    pub fn text(&self) -> String {
        let lines = self.screen.screen().contents();
        lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        self.terminal.as_ref().unwrap().resize(size).unwrap();
        self.screen.screen_mut().set_size(cells(rows), cells(columns));
    }

    /// The modes of the terminal now, as the kernel keeps them.
    pub fn modes(&self) -> String {
        modes(&**self.terminal.as_ref().unwrap())
    }

    /// Takes the terminal away, as when its window is closed.
    pub fn close(&mut self) {
        // The reader has the terminal open too. It ends with the first bytes that nobody wants any more: what the program
        // draws for the key.
        self.output = channel().1;
        self.keys("?");
        self.input = None;
        self.terminal = None;
    }

    /// Waits until the program has ended, and reads meanwhile what it writes; gives its exit code.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(start.elapsed() < HANGING, "it does not end:\n{}", self.text());
            if !self.is_silent_for(Duration::from_millis(10)) {
                continue;
            }
            // Nobody reads any more: nothing else waits.
            thread::yield_now();
        }
    }

    /// The same; gives what is left of the home, too. The terminal must be as it was before.
    #[track_caller]
    pub fn end(mut self) -> (u32, tempfile::TempDir) {
        let code = self.wait_for_end();
        while let Ok(bytes) = self.output.recv_timeout(HANGING) {
            self.take(&bytes);
        }
        assert_eq!(self.modes(), self.modes_before, "the kernel's modes are those of before");
        stream::assert_given_back(&self.written);
        (code, self.home)
    }

    pub fn signal(&self, signal: Signal) {
        send(self.child.process_id().unwrap(), signal);
    }
}

/// Waits until something is so, which nothing tells of.
#[track_caller]
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < HANGING, "after two minutes still not so: {what}");
        thread::yield_now();
    }
}

/// Sends a signal to some process.
pub fn send(process: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(process).unwrap()).unwrap(), signal).unwrap();
}
