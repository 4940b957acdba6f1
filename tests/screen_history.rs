//! The queries that were kept: walked through in the search box, and remembered from one run to the next.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use driver::Screen;
use memory::Memory;
use nix_loom::remembered::Remembered;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Pane;
use nix_loom::tui::effect::Effect;
use nix_loom::tui::key::Key;
use nix_loom::tui::layout;
use nix_loom::tui::theme::ThemeName;
use nix_loom::tui::update::{recall, to_remember, update};

fn screen() -> Screen {
    Screen::new(Memory::with(&["git", "jq"]), 120, 40)
}

/// A screen that begins where another one was left.
fn after(remembered: Remembered) -> Screen {
    let mut screen = Screen::unopened(Memory::with(&["git", "jq"]), 120, 40);
    recall(&mut screen.app, remembered);
    screen.go_on();
    screen
}

fn kept(queries: &[&str]) -> Remembered {
    Remembered { queries: queries.iter().map(ToString::to_string).collect(), ..Remembered::default() }
}

#[test]
fn a_query_is_kept_when_the_box_is_left_with_it_and_not_when_it_is_cleared() {
    let mut screen = screen();
    screen.keys("/vim<enter>/<c-u>zlib<esc><esc>");
    assert_eq!(screen.app.history.queries(), ["vim"]);
}

#[test]
fn a_query_that_was_left_by_the_mouse_is_kept_when_a_package_is_staged_from_it() {
    let click = |screen: &Screen| {
        let area = layout::panes(&screen.app).available.unwrap();
        let row = layout::available(area).1;
        let (column, row) = (row.x + 4, row.y);
        let kind = MouseEventKind::Down(MouseButton::Left);
        Action::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
    };
    for keys in ["<space>", "3<space>", "p<up><enter>"] {
        let mut screen = screen();
        screen.keys("/zlib");
        screen.act(click(&screen));
        assert!(!screen.app.is_searching && screen.app.history.queries().is_empty());
        screen.keys(keys);
        assert_eq!(screen.app.history.queries(), ["zlib"], "{keys}");
    }
    // Without a query there is nothing to keep.
    let mut screen = screen();
    screen.keys("2<space>");
    assert!(screen.app.history.queries().is_empty());
}

#[test]
fn older_queries_are_walked_through_and_found_anew_and_what_was_typed_comes_back() {
    let mut screen = after(kept(&["zlib", "vim"]));
    screen.keys("/rip<a-p>");
    assert_eq!(screen.app.query.text(), "zlib");
    assert!(screen.shows("Available 1 of 16"), "{}", screen.text());
    screen.keys("<a-p>");
    assert_eq!(screen.app.query.text(), "vim");
    screen.keys("<a-p>");
    assert_eq!((screen.app.query.text(), screen.message()), ("vim", "No older query was kept."));
    screen.keys("<a-n><a-n>");
    assert_eq!(screen.app.query.text(), "rip");
    assert!(screen.shows("ripgrep"));
    screen.keys("<a-n>");
    assert_eq!((screen.app.query.text(), screen.message()), ("rip", "This is what was typed."));
}

#[test]
fn the_arrows_with_ctrl_walk_too() {
    let mut screen = after(kept(&["zlib"]));
    screen.keys("/");
    let key = |code| Action::Key(Key { code, modifiers: KeyModifiers::CONTROL });
    screen.act(key(KeyCode::Up));
    assert_eq!(screen.app.query.text(), "zlib");
    screen.act(key(KeyCode::Down));
    assert_eq!(screen.app.query.text(), "");
}

#[test]
fn an_older_query_can_be_edited_and_is_then_another_one() {
    let mut screen = after(kept(&["zli", "vim"]));
    screen.keys("/<a-p>b<enter>");
    assert_eq!(screen.app.history.queries(), ["zlib", "zli", "vim"]);
}

#[test]
fn where_no_query_was_kept_the_key_says_so() {
    let mut screen = screen();
    screen.keys("/a<a-p>");
    assert_eq!((screen.app.query.text(), screen.message()), ("a", "No query was kept yet."));
}

#[test]
fn what_is_kept_is_asked_to_be_saved_once_and_not_on_every_key() {
    let mut screen = screen();
    let app = &mut screen.app;
    let mut asked = Vec::new();
    for key in driver::keys("/vim<enter><down><up>/<enter>") {
        let effects = update(app, Action::Key(key), app.now);
        asked.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Remember(remembered) => Some(*remembered),
            _ => None,
        }));
    }
    let (orders, widths) = (app.orders.names(), app.widths.numbers());
    let expected = Remembered { pane: Some("available".into()), orders, widths, ..kept(&["vim"]) };
    assert_eq!(asked, [expected]);
    assert_eq!(to_remember(app).queries, Vec::<String>::new());
}

#[test]
fn the_pane_is_that_in_which_one_was() {
    let mut screen = screen();
    screen.keys("3");
    let last = to_remember(&mut screen.app);
    assert_eq!(after(last).app.focus, Pane::Outputs);
    assert_eq!(after(Remembered::default()).app.focus, Pane::Installed);
    let strange = Remembered { pane: Some("attic".into()), ..Remembered::default() };
    assert_eq!(after(strange).app.focus, Pane::Installed);
}

#[test]
fn the_theme_is_that_which_a_key_chose_unless_another_is_asked_for() {
    let mut screen = screen();
    screen.keys("t");
    let chosen = screen.app.theme().named();
    let last = to_remember(&mut screen.app);
    assert_eq!(last.theme.as_deref(), chosen.map(ThemeName::name));
    assert_eq!(after(last.clone()).app.theme().named(), chosen);
    let mut asked = Screen::unopened(Memory::with(&["git"]), 120, 40);
    asked.app.settings.look.is_theme_set = true;
    recall(&mut asked.app, last.clone());
    assert_eq!(asked.app.theme().named(), Some(ThemeName::Terminal));
    let mut poor = Screen::unopened(Memory::with(&["git"]), 120, 40);
    poor.app.settings.look.themes = vec![ThemeName::Terminal, ThemeName::Monochrome];
    recall(&mut poor.app, Remembered { theme: Some("dusk".into()), ..last });
    assert_eq!(poor.app.theme().named(), Some(ThemeName::Terminal), "this terminal cannot show it");
}

#[test]
fn in_an_empty_profile_what_is_on_offer_has_the_focus_whatever_is_remembered() {
    let mut screen = Screen::unopened(Memory::with(&[]), 120, 40);
    recall(&mut screen.app, Remembered { pane: Some("installed".into()), ..Remembered::default() });
    screen.go_on();
    assert_eq!(screen.app.focus, Pane::Available);
}
