//! The mouse: every word that can be clicked is where it is drawn, and does what its key does; double clicks, scroll bars.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use std::time::Duration;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use driver::Screen;
use memory::Memory;
use nix_loom::profile::Change;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::{Pane, Screen as Shown};
use nix_loom::tui::context::Context;
use nix_loom::tui::layout::{self, ListId};
use nix_loom::tui::view::{Hit, Target, hits};
use ratatui::layout::{Position, Rect};

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

fn screen(columns: u16, rows: u16) -> Screen {
    Screen::new(Memory::with(INSTALLED), columns, rows)
}

fn mouse(screen: &mut Screen, kind: MouseEventKind, at: Position) {
    screen.act(Action::Mouse(MouseEvent { kind, column: at.x, row: at.y, modifiers: KeyModifiers::NONE }));
}

fn click(screen: &mut Screen, at: Position) {
    mouse(screen, MouseEventKind::Down(MouseButton::Left), at);
    mouse(screen, MouseEventKind::Up(MouseButton::Left), at);
}

fn wait(screen: &mut Screen, milliseconds: u64) {
    screen.now.steady += Duration::from_millis(milliseconds);
}

/// Two clicks, as a hand does them.
fn double_click(screen: &mut Screen, at: Position) {
    wait(screen, 2000);
    click(screen, at);
    wait(screen, 150);
    click(screen, at);
}

/// Where a row of a list is drawn.
fn row(screen: &Screen, id: ListId, line: u16) -> Position {
    let area = area(screen, id);
    Position::new(area.x + 3, area.y + line)
}

fn area(screen: &Screen, id: ListId) -> Rect {
    layout::lists(&screen.app).into_iter().find(|(of, _)| *of == id).expect("the list is in sight").1
}

fn drawn(screen: &Screen, area: Rect) -> String {
    let (buffer, _) = screen.draw();
    (area.left()..area.right()).map(|x| buffer[(x, area.y)].symbol().to_owned()).collect()
}

/// What of the state a key or a click could change.
fn state(screen: &Screen) -> String {
    let app = &screen.app;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        app.staged,
        app.screens,
        app.dialog,
        app.lists,
        app.focus,
        app.message,
        app.context(),
        app.inspector.filter,
        screen.asked_of_terminal
    )
}

/// Keys that lead to views with words in them that can be clicked.
const STATES: &[&str] = &[
    "",
    "2",
    "o",
    "/jq",
    "/corepack<enter><space>",
    "/corepack<enter><space><enter>",
    "/corepack<enter><space><enter>x",
    "/corepack<enter><space>c",
    "/nodejs_24<enter><space>cj",
    "/nodejs_24<enter><space>c/bin",
    "H",
    "HG",
    "HG<enter>",
    "S",
    "R",
    "p",
    "Sa",
    "?",
    "?/roll",
    ":",
    ":roll",
    "<space>X",
    "<space>q",
];

const SIZES: [(u16, u16); 3] = [(120, 40), (50, 15), (40, 8)];

fn at(columns: u16, rows: u16, keys: &str) -> Screen {
    let mut screen = screen(columns, rows);
    screen.keys(keys);
    // A message would lie over the hints.
    screen.app.message = None;
    screen
}

#[test]
fn every_word_that_can_be_clicked_is_where_it_is_drawn_and_does_what_its_key_does() {
    let mut clicked = 0;
    for (columns, rows) in SIZES {
        for keys in STATES {
            for Hit { area, target } in hits(&at(columns, rows, keys).app) {
                let mut by_mouse = at(columns, rows, keys);
                let word = drawn(&by_mouse, area);
                let told = format!("{word:?} of {target:?} at {columns}×{rows} after {keys:?}");
                for x in [area.left(), area.right() - 1] {
                    if x > area.left() {
                        by_mouse = at(columns, rows, keys);
                    }
                    click(&mut by_mouse, Position::new(x, area.y));
                    match target {
                        Target::Key(key) => {
                            assert!(word.starts_with(&key.to_string()) && !word.ends_with(' '), "{told}");
                            let mut by_key = at(columns, rows, keys);
                            by_key.act(Action::Key(key));
                            assert_eq!(state(&by_mouse), state(&by_key), "{told}");
                        }
                        Target::Pane(pane) => {
                            assert!(word.trim_start_matches('›').starts_with(&format!("{pane:?}")), "{told}");
                            assert_eq!(by_mouse.app.focus, pane, "{told}");
                        }
                        Target::Kind(kind) => {
                            let name = kind.map_or("all", nix_loom::engine::CollisionKind::name);
                            assert!(word.contains(name), "{told}");
                            assert_eq!(by_mouse.app.inspector.filter.kind, kind, "{told}");
                        }
                    }
                }
                clicked += 1;
            }
        }
    }
    assert!(clicked > 200, "{clicked}");
}

#[test]
fn the_names_of_the_panes_lead_to_them_where_one_has_room() {
    let mut screen = screen(50, 20);
    let tab = |screen: &Screen, pane| {
        hits(&screen.app).into_iter().find(|hit| hit.target == Target::Pane(pane)).expect("a tab").area.as_position()
    };
    for pane in [Pane::Outputs, Pane::Available, Pane::Installed] {
        let at = tab(&screen, pane);
        click(&mut screen, at);
        assert_eq!(screen.app.focus, pane);
    }
    screen.resize(80, 20);
    assert!(hits(&screen.app).iter().all(|hit| !matches!(hit.target, Target::Pane(_))));
}

#[test]
fn a_double_click_does_what_space_or_enter_does_there() {
    let mut screen = screen(120, 30);
    let git = row(&screen, ListId::Installed, 0);
    double_click(&mut screen, git);
    assert_eq!(screen.app.staged.changes(), [Change::Remove { name: "git".into() }]);
    double_click(&mut screen, git);
    assert!(screen.app.staged.is_empty(), "and again takes it back");
    let bat = row(&screen, ListId::Available, 0);
    double_click(&mut screen, bat);
    assert!(matches!(screen.app.staged.changes(), [Change::Install { attribute, .. }] if attribute == "bat"));
    let output = row(&screen, ListId::Outputs, 0);
    double_click(&mut screen, output);
    assert!(screen.app.staged.is_empty(), "the tick is taken off");
    screen.keys("H");
    let older = row(&screen, ListId::Generations, 1);
    double_click(&mut screen, older);
    assert_eq!(screen.app.context(), Context::Question, "going to another generation is asked for");
}

#[test]
fn in_the_plan_and_in_the_collisions_it_unstages_settles_and_unfolds() {
    let mut screen = screen(120, 40);
    screen.keys("/nodejs_24<enter><space>c");
    let pair = row(&screen, ListId::Collisions, 0);
    let rows = screen.app.inspector.tree().len();
    double_click(&mut screen, pair);
    assert_ne!(screen.app.inspector.tree().rows().len(), 0);
    let folded = screen.app.inspector.tree().rows().len();
    double_click(&mut screen, pair);
    assert_ne!(screen.app.inspector.tree().rows().len(), folded, "of {rows}");
    screen.keys("<esc><enter><tab><tab>");
    let selected = screen.app.lists.plan.selected().unwrap();
    let line = selected - screen.app.lists.plan.visible().start;
    let change = row(&screen, ListId::Plan, u16::try_from(line).unwrap());
    double_click(&mut screen, change);
    assert!(screen.app.staged.is_empty(), "{}", screen.text());
}

#[test]
fn two_slow_clicks_or_two_rows_are_no_double_click() {
    let mut screen = screen(120, 30);
    let (one, other) = (row(&screen, ListId::Installed, 0), row(&screen, ListId::Installed, 1));
    click(&mut screen, one);
    wait(&mut screen, 600);
    click(&mut screen, one);
    wait(&mut screen, 100);
    click(&mut screen, other);
    assert!(screen.app.staged.is_empty());
    wait(&mut screen, 100);
    click(&mut screen, other);
    assert_eq!(screen.app.staged.changes(), [Change::Remove { name: "jq".into() }]);
    wait(&mut screen, 100);
    click(&mut screen, other);
    assert_eq!(screen.app.staged.changes().len(), 1, "a third click is the first of the next two");
}

#[test]
fn a_click_on_a_scroll_bar_jumps_and_the_pointer_drags_it() {
    let mut screen = screen(120, 14);
    let area = area(&screen, ListId::Available);
    let (top, bottom) = (Position::new(area.right(), area.y), Position::new(area.right(), area.bottom() - 1));
    click(&mut screen, bottom);
    assert_eq!(screen.app.lists.available.visible().end, 16);
    mouse(&mut screen, MouseEventKind::Down(MouseButton::Left), bottom);
    mouse(&mut screen, MouseEventKind::Drag(MouseButton::Left), Position::new(3, top.y));
    assert_eq!(screen.app.lists.available.visible().start, 0, "wherever the pointer strays meanwhile");
    mouse(&mut screen, MouseEventKind::Up(MouseButton::Left), top);
    mouse(&mut screen, MouseEventKind::Drag(MouseButton::Left), bottom);
    assert_eq!(screen.app.lists.available.visible().start, 0, "let go");
}

#[test]
fn the_palette_takes_clicks_and_the_wheel_and_a_click_beside_it_closes_it() {
    let mut screen = screen(120, 30);
    screen.keys(":");
    let first = row(&screen, ListId::Palette, 0);
    mouse(&mut screen, MouseEventKind::ScrollDown, first);
    assert_eq!((screen.app.lists.palette.visible().start, screen.app.lists.installed.visible().start), (3, 0));
    mouse(&mut screen, MouseEventKind::ScrollUp, first);
    double_click(&mut screen, first);
    assert_eq!(screen.app.staged.changes(), [Change::Remove { name: "git".into() }], "the first one was chosen");
    screen.keys(":");
    click(&mut screen, Position::new(0, 5));
    assert_eq!((screen.app.dialog.clone(), screen.app.lists.installed.selected()), (None, Some(0)));
}

#[test]
fn a_question_hides_what_is_below_it_from_the_mouse() {
    let mut screen = screen(120, 30);
    screen.keys("<space>X");
    let before = state(&screen);
    double_click(&mut screen, Position::new(3, 3));
    mouse(&mut screen, MouseEventKind::ScrollDown, Position::new(3, 3));
    assert_eq!(state(&screen), before);
    let yes = hits(&screen.app).into_iter().find(|hit| drawn(&screen, hit.area) == "y yes").expect("yes").area;
    click(&mut screen, yes.as_position());
    assert!(screen.app.staged.is_empty() && screen.app.dialog.is_none());
}

#[test]
fn a_click_while_the_search_is_under_way_never_acts_on_a_row_of_an_older_query() {
    let mut screen = screen(120, 30);
    screen.hold();
    screen.keys("/corepack<enter>");
    let first = row(&screen, ListId::Available, 0);
    double_click(&mut screen, first);
    assert!(screen.app.staged.is_empty());
    assert_eq!(screen.app.screen(), None::<Shown>);
}
