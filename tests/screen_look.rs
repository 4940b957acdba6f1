//! Themes, marks, keys and motion as the user sets them.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "support/stream.rs"]
#[allow(dead_code)]
mod stream;
#[path = "support/terminal.rs"]
#[allow(dead_code)]
mod terminal;

use driver::Screen;
use memory::Memory;
use nix_loom::config::Config;
use nix_loom::tui::bindings::Bindings;
use nix_loom::tui::look::Look;
use nix_loom::tui::marks::Marks;
use nix_loom::tui::theme::Theme;
use ratatui::style::Color;
use terminal::Session;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];
const KEYS: &str =
    "[keys.panes]\nshow-plan = [\"ctrl-e\", \"f2\"]\nsearch = []\nreload = \"f5\"\n[keys.staging]\nundo = \"alt-z\"\n";

fn with_keys(text: &str) -> Screen {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let mut screen = Screen::new(Memory::with(INSTALLED), 120, 40);
    screen.app.settings.look.bindings = Bindings::configured(&Config::load(&path).unwrap()).unwrap();
    screen
}

#[test]
fn a_key_that_is_set_does_it_and_those_that_were_do_not() {
    let mut screen = with_keys(KEYS);
    screen.keys("<space><enter>");
    assert_eq!(screen.app.screen(), None, "Enter shows no plan any more");
    screen.keys("<c-e>");
    assert!(screen.app.screen().is_some() && screen.shows("Plan"));
    screen.keys("q/no");
    assert!(screen.app.query.is_empty() && !screen.app.is_searching, "the search has no key");
    screen.keys("u");
    assert!(!screen.app.staged.is_empty());
}

#[test]
fn hints_and_help_tell_the_keys_that_are_set() {
    let mut screen = with_keys(KEYS);
    let hints = |screen: &Screen| screen.text().lines().last().unwrap().to_owned();
    assert!(hints(&screen).contains("Ctrl-e plan"), "{}", hints(&screen));
    assert!(!hints(&screen).contains("search"), "{}", hints(&screen));
    screen.keys("?");
    screen.resize(120, 60);
    for told in
        ["Ctrl-e F2          show the plan", "(no key)           search what", "F5                 read the profile"]
    {
        assert!(screen.shows(told), "{told}\n{}", screen.text());
    }
}

#[test]
fn a_key_goes_through_the_themes_and_names_each() {
    let mut screen = Screen::new(Memory::with(INSTALLED), 120, 40);
    // The second column of a wide letter is never drawn, so none is in sight.
    screen.keys("/zlib<enter>t");
    assert_eq!(screen.message(), "Theme dusk.");
    let (buffer, _) = screen.draw();
    let is_own = |colour| matches!(colour, Color::Rgb(..));
    assert!(
        buffer.content().iter().all(|cell| is_own(cell.bg) && is_own(cell.fg)),
        "every cell has the theme's ground"
    );
    screen.keys("t");
    assert_eq!(screen.app.theme(), &Theme::paper());
    screen.keys("t");
    let (buffer, _) = screen.draw();
    assert!(buffer.content().iter().all(|cell| (cell.bg, cell.fg) == (Color::Reset, Color::Reset)));
    screen.keys("t");
    assert_eq!(screen.app.theme(), &Theme::terminal());
}

#[test]
fn in_ascii_the_screen_tells_the_same_in_other_signs() {
    let mut screen = Screen::new(Memory::with(INSTALLED), 120, 40);
    screen.app.settings.look = Look { marks: Marks::Ascii, ..Look::default() };
    screen.keys("/日<enter>");
    assert!(screen.text().is_ascii() && screen.shows("????-??"), "{}", screen.text());
    screen.keys("1<space>");
    assert!(screen.shows("|> - git"), "{}", screen.text());
    screen.keys("?");
    screen.resize(120, 500);
    assert!(screen.shows("j Down") && screen.shows("k Up"), "an arrow's sign would be another key: {}", screen.text());
}

#[test]
fn a_config_file_that_is_wrong_is_told_on_the_screen_and_read_again_once_it_is_repaired() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("my.toml");
    std::fs::write(&config, "[keys.panes]\nshow-plan = \"r\"\n").unwrap();
    let mut session = Session::start_with(&["--config", config.to_str().unwrap()], &[]);
    session.wait_for("my.toml: line 2, column 13: r cannot be show-plan in [keys.panes]");
    std::fs::write(&config, "[keys.panes]\nshow-plan = \"f9\"\n[screen]\nmarks = \"ascii\"\n").unwrap();
    session.keys("r");
    session.wait_for("F9 plan");
    assert!(session.text().is_ascii(), "{}", session.text());
    session.keys("q");
    assert_eq!(session.end().0, 0);
}
