//! `x` on the plan: the commands of Nix that would come to the same, to read and to copy.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use driver::Screen;
use memory::Memory;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Screen as Shown;
use nix_loom::tui::context::Context;
use nix_loom::tui::effect::{Effect, Reply};

const STAGED: &str = "j<space>/nodejs_24<enter><space><enter>";

fn screen(columns: u16, rows: u16) -> Screen {
    let mut screen = Screen::new(Memory::with(&["git", "jq", "nodejs_18"]), columns, rows);
    screen.keys(STAGED);
    screen
}

#[test]
fn the_plan_is_shown_in_the_words_of_nix_and_left_again() {
    let mut screen = screen(120, 40);
    screen.keys("x");
    assert_eq!(screen.app.context(), Context::Explanation);
    assert!(screen.shows("With Nix' own commands"), "{}", screen.text());
    assert!(screen.shows("# Nix makes 2 generations of this"), "{}", screen.text());
    assert!(screen.shows("nix profile add"), "{}", screen.text());
    screen.keys("<esc>");
    assert_eq!(screen.app.screen(), Some(Shown::Plan));
    assert_eq!(screen.app.staged.changes().len(), 2, "nothing is done by it");
}

#[test]
fn all_lines_are_copied_by_the_terminal_and_only_when_asked_for() {
    let mut screen = screen(120, 40);
    screen.hold();
    screen.keys("xy");
    assert_eq!(screen.message(), "There is nothing to copy yet.");
    screen.go_on();
    assert_eq!(screen.asked_of_terminal, []);
    screen.keys("y");
    let [Effect::Copy(text)] = &screen.asked_of_terminal[..] else { panic!("{:?}", screen.asked_of_terminal) };
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("# ") && lines[1].starts_with("nix profile add 'nixpkgs#-jq' --profile"), "{text}");
    assert!(text.ends_with('\n'));
    assert!(screen.message().contains("the commands; not every terminal does that"), "{}", screen.message());
}

#[test]
fn an_older_answer_is_dropped_and_an_error_is_told() {
    let mut screen = screen(120, 40);
    screen.keys("x");
    let error = || Err(nix_loom::loom::LoomError::NoNix);
    screen.act(Action::Reply(Reply::Explained { request: 0, lines: error() }));
    assert!(screen.shows("nix profile add"));
    screen.act(Action::Reply(Reply::Explained { request: 1, lines: error() }));
    assert!(screen.shows("there is no Nix on this machine"), "{}", screen.text());
    screen.keys("y");
    assert_eq!(screen.asked_of_terminal, []);
}

#[test]
fn what_does_not_fit_is_scrolled() {
    let mut screen = screen(50, 8);
    screen.keys("x");
    assert!(screen.shows("# Nix makes 2 generations") && !screen.shows("nodejs_24"), "{}", screen.text());
    screen.keys("G");
    assert!(!screen.shows("# Nix makes") && screen.shows("--profile"), "{}", screen.text());
    screen.keys("gj");
    assert!(!screen.shows("# Nix makes"), "one row down: {}", screen.text());
    screen.resize(120, 40);
    assert!(screen.shows("# Nix makes"), "{}", screen.text());
}

#[test]
fn it_is_a_key_of_the_plan_alone() {
    let mut screen = Screen::new(Memory::with(&["git"]), 120, 40);
    screen.keys("x");
    assert_eq!(screen.app.screen(), None);
}
