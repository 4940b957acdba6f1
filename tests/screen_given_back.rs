//! The terminal is given back as it was, however the program ends or stops.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/stream.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod stream;
#[path = "support/terminal.rs"]
#[allow(dead_code)]
mod terminal;

use std::fs;

use rustix::process::Signal;
use terminal::{Session, send};

#[test]
fn a_signal_gives_the_terminal_back_and_is_told_by_the_exit_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut session = Session::start(&[]);
        session.wait_for("Available 190");
        session.signal(signal);
        assert_eq!(session.end().0, code);
    }
}

#[test]
fn a_signal_in_the_middle_of_a_question_and_of_work_gives_the_terminal_back() {
    let mut session = Session::start(&[]);
    session.wait_for("Available 190");
    session.keys("/git\r p");
    session.wait_for("Priority of git");
    session.signal(Signal::TERM);
    assert_eq!(session.end().0, 143);
    let mut session = Session::start(&[]);
    session.wait_for("Available 190");
    session.keys("/gcc\r ");
    session.wait_for("+ gcc");
    session.keys("\r");
    session.wait_for("builds; Enter applies it");
    session.keys("\r");
    session.signal(Signal::TERM);
    assert_eq!(session.end().0, 143);
}

#[test]
fn a_panic_on_any_thread_gives_the_terminal_back_before_it_is_told() {
    for place in ["drawing", "work"] {
        let session = Session::start_with(&["--panic-in", place], &[]);
        let mut session = session;
        session.wait_for("this panic was asked for");
        assert!(!session.screen.screen().alternate_screen(), "it is told where it stays to be read");
        assert_eq!(session.end().0, 101, "{place}");
    }
}

#[test]
fn the_option_that_panics_is_told_nowhere() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_nix-loom")).arg("--help").output().unwrap();
    assert!(help.status.success() && !String::from_utf8_lossy(&help.stdout).contains("panic"));
}

#[test]
fn a_terminal_that_is_closed_ends_the_program() {
    let mut session = Session::start(&[]);
    session.wait_for("Available 190");
    session.close();
    assert_eq!(session.wait_for_end(), 129);
}

/// A shell with the program in front; gives the number of its process too.
fn in_shell() -> (Session, u32) {
    let mut session = Session::shell();
    session.keys("$LOOM\n");
    session.wait_for("Available 190");
    let shell = session.child.process_id().unwrap();
    let process = fs::read_dir("/proc").unwrap().find_map(|entry| {
        let process = entry.unwrap().file_name().to_str()?.parse().ok()?;
        (parent(process) == Some(shell)).then_some(process)
    });
    (session, process.expect("the program runs"))
}

/// What the kernel tells of a process after its name: its state, its parent, and more.
fn status(process: u32) -> Option<Vec<String>> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(status.rsplit_once(") ")?.1.split_whitespace().map(str::to_owned).collect())
}

fn parent(process: u32) -> Option<u32> {
    status(process)?[1].parse().ok()
}

/// Until it is stopped (`T`), or has ended and the shell does not know yet (`Z`).
#[track_caller]
fn wait_for_state(process: u32, state: &str) {
    let is_so = || status(process).expect("it is there")[0] == state;
    terminal::wait_until(&format!("process {process} is in the state {state}"), is_so);
}

/// What the shell says is read up to this; what it is told is not echoed in the same words.
fn wait_for_shell(session: &mut Session, mark: &str) {
    session.keys(&format!("echo {mark}-$((1 + 1))\n"));
    session.wait_for(&format!("{mark}-2"));
}

/// Leaves the program and then the shell, which must find the terminal as it was.
fn leave(mut session: Session, keys: &str) {
    session.keys(keys);
    session.wait_for_prompt();
    session.keys("exit\n");
    assert_eq!(session.end().0, 0);
}

#[test]
fn a_stop_by_key_or_signal_gives_the_terminal_to_the_shell_and_fg_brings_all_of_it_back() {
    for is_key in [true, false] {
        let (mut session, process) = in_shell();
        session.keys("/git\r ");
        session.wait_until(|text| text.contains("✓ builds") && text.contains("14.8 MB"));
        let shown = session.settled();
        if is_key {
            session.keys("\x1a");
        } else {
            send(process, Signal::TSTP);
        }
        session.wait_for_prompt();
        assert!(!session.screen.screen().alternate_screen());
        stream::assert_given_back(&session.written);
        assert_eq!(session.modes(), session.modes_before);
        session.keys("fg\n");
        session.wait_for_all(&shown);
        assert_ne!(session.modes(), session.modes_before);
        session.keys("\x1a");
        session.wait_for_prompt();
        session.resize(80, 24);
        session.keys("fg\n");
        session.wait_until(|text| text.contains("+ git") && text.contains("? help") && text.contains("╮"));
        session.keys("Xy");
        session.wait_until(|text| !text.contains("+ git"));
        leave(session, "q");
    }
}

#[test]
fn in_the_background_nothing_is_drawn_and_fg_shows_the_screen_as_it_was() {
    let (mut session, process) = in_shell();
    session.keys("/git\r ");
    session.wait_until(|text| text.contains("✓ builds") && text.contains("14.8 MB"));
    let shown = session.settled();
    // No program hears of this one, so it cannot give the terminal back.
    send(process, Signal::STOP);
    wait_for_state(process, "T");
    wait_for_shell(&mut session, "one");
    let written = session.written.len();
    for _ in 0..3 {
        send(process, Signal::CONT);
        wait_for_state(process, "T");
    }
    wait_for_shell(&mut session, "two");
    let since = String::from_utf8_lossy(&session.written[written..]).into_owned();
    assert!(!since.contains('\u{1b}'), "only the shell has written: {since:?}");
    session.keys("fg\n");
    session.wait_for_all(&shown);
    leave(session, "qy");
}

#[test]
fn a_program_that_is_stopped_is_ended_by_a_signal_as_soon_as_it_goes_on() {
    let (mut session, process) = in_shell();
    session.keys("\x1a");
    session.wait_for_prompt();
    wait_for_state(process, "T");
    // As shells do it for `kill %1`.
    send(process, Signal::TERM);
    send(process, Signal::CONT);
    wait_for_state(process, "Z");
    // Its first thread may have ended before the others, and until then no shell can be told.
    while fs::read_dir(format!("/proc/{process}/task")).unwrap().count() > 1 {
        std::thread::yield_now();
    }
    // The last field is the code, as `waitpid` gives it.
    assert_eq!(status(process).unwrap().last().unwrap(), &(143 << 8).to_string());
    session.keys("jobs; exit\n");
    assert_eq!(session.end().0, 0);
}
