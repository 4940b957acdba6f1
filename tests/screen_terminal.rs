//! The program in a real terminal: whole sessions, with keys in and the screen out.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/stream.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod stream;
#[path = "support/terminal.rs"]
#[allow(dead_code)]
mod terminal;

use std::time::{Duration, Instant};

use rustix::process::Signal;
use terminal::Session;

/// Installs `nodejs_18`, stages another that collides with it, settles that, applies it, and rolls it back; on the way the
/// terminal changes its size, and every screen is looked at.
fn whole_session(session: &mut Session) {
    session.wait_for("Nothing is installed yet");
    session.keys("/nodejs_18\r ");
    session.wait_for("+ nodejs_18");
    session.keys("\r");
    session.wait_for("builds; Enter applies it");
    session.keys("\r");
    session.wait_for("Generation 1 is the current one now");
    session.keys("/\x15nodejs_20\r ");
    session.wait_for("✗ blocked");
    session.keys("\r\r");
    session.wait_for("nothing was changed");
    session.resize(80, 24);
    session.keys("c");
    session.wait_until(|text| text.contains("Collisions") && text.lines().all(|line| line.chars().count() <= 80));
    session.resize(50, 15);
    session.resize(30, 5);
    session.wait_for("terminal is 30×5");
    session.resize(160, 50);
    session.wait_for("Collisions");
    session.keys("lj");
    session.keys("/bin\r");
    session.wait_for(" of 178 by pair");
    // An escape is one by itself only if nothing follows at once.
    session.keys("\x1b");
    session.wait_for("plan · 178 by pair");
    session.keys("s");
    session.wait_for("nothing blocks");
    session.keys("q");
    session.wait_for("builds; Enter applies it");
    session.keys("x");
    session.wait_for("With Nix' own commands");
    session.keys("q\r");
    session.wait_for("Generation 2 is the current one now");
    session.keys("H");
    session.wait_for("Generations");
    session.keys("q");
    session.keys("R");
    session.wait_for("Roll back from generation 2 to 1?");
    session.keys("y");
    session.wait_for("Generation 1 is the current one now");
    session.keys("S");
    session.wait_for("Sources");
    session.keys("q?");
    session.wait_for("Keys");
    session.keys("q");
    session.wait_for("Available 1 of 190");
}

#[test]
fn packages_are_staged_settled_applied_and_rolled_back_while_the_terminal_changes_its_size() {
    let mut session = Session::start(&[]);
    whole_session(&mut session);
    assert!(stream::colour(&session.written).is_some(), "the default theme has colours");
    assert!(stream::asks_for_mouse(&session.written));
    session.keys("q");
    let written = session.written.clone();
    let (code, home) = session.end();
    assert_eq!(code, 0);
    assert!(stream::frames(&written) > 20);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nix-loom"));
    command.args(["list", "--json"]).env("HOME", home.path()).env("NIX_LOOM_STORE", "local");
    for folder in ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
        command.env_remove(folder);
    }
    let installed = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(installed.contains("nodejs_18") && !installed.contains("nodejs_20"), "{installed}");
}

#[test]
fn without_colours_none_is_written_in_a_whole_session_and_the_selection_is_still_seen() {
    let mut session = Session::start(&[("NO_COLOR", "1")]);
    whole_session(&mut session);
    let screen = session.screen.screen();
    let cells = || (0..50).flat_map(|row| (0..160).filter_map(move |column| screen.cell(row, column)));
    assert!(cells().filter(|cell| cell.inverse()).count() > 20, "a row is reversed");
    session.keys("q");
    let written = session.written.clone();
    assert_eq!(session.end().0, 0);
    assert_eq!(stream::colour(&written), None);
}

#[test]
fn without_the_mouse_it_is_never_asked_for() {
    let mut session = Session::start_with(&["--no-mouse"], &[]);
    whole_session(&mut session);
    assert!(!stream::asks_for_mouse(&session.written));
    session.keys("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn keys_that_come_faster_than_pictures_share_one() {
    let mut session = Session::start(&[]);
    session.wait_for("Available 190");
    while !session.is_silent_for(Duration::from_millis(300)) {}
    let before = stream::frames(&session.written);
    let start = Instant::now();
    for _ in 0..150 {
        session.keys("j");
        // One write each, and time for the program to take it.
        let _ = session.is_silent_for(Duration::from_millis(1));
    }
    while !session.is_silent_for(Duration::from_millis(100)) {}
    let most = start.elapsed().as_millis() / 16 + 2;
    let frames = stream::frames(&session.written) - before;
    assert!((frames as u128) <= most, "{frames} frames in {:?}", start.elapsed());
    assert!(frames > 0);
    session.keys("q");
    assert_eq!(session.end().0, 0);
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
    let mut session = Session::start_in(home);
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
    terminal::wait_until("something is being put into the store", is_at_work);
    session.signal(Signal::KILL);
    session.wait_for_end();
    let mut session = Session::start_in(session.home);
    session.wait_for("Nothing is installed yet");
    assert!(!is_at_work(), "what was left is removed");
    session.keys("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn a_terminal_that_becomes_small_is_still_drawn() {
    let mut session = Session::start(&[]);
    session.wait_for("Available 190");
    session.resize(50, 15);
    session.wait_for("›Available 190");
    session.keys("q");
    assert_eq!(session.end().0, 0);
}
