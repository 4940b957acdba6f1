//! What the screen looks like: snapshots of text and styles at four sizes, and every view at every size.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use std::sync::Arc;

use driver::{Screen, draw};
use memory::{Memory, Shelves};
use nix_loom::loom::{FoundRow, WayRow};
use nix_loom::package::{Obstacle, Package};
use nix_loom::tui::action::Action;
use nix_loom::tui::effect::Reply;
use nix_loom::tui::theme::Theme;
use proptest::prelude::*;
use ratatui::style::{Color, Modifier};

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

/// State, keys, what is expected: the snapshot of that name.
fn picture(name: &str, installed: &[&str], columns: u16, rows: u16, keys: &str) {
    picture_of(name, Memory::with(installed), &installed.join(" "), columns, rows, keys);
}

fn picture_of(name: &str, memory: Memory, installed: &str, columns: u16, rows: u16, keys: &str) {
    let mut screen = Screen::new(memory, columns, rows);
    screen.keys(keys);
    let described = format!("installed: {installed}\nsize: {columns}×{rows}\nkeys: {keys}\n\n{}", screen.snapshot());
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), described);
    });
}

const SIZES: [(u16, u16); 4] = [(160, 50), (120, 40), (80, 24), (50, 15)];

#[test]
fn the_panes_with_a_search_and_a_blocked_plan() {
    for (columns, rows) in SIZES {
        picture("panes", INSTALLED, columns, rows, "j<space>/corepack<enter><space>/<c-u>no");
    }
}

#[test]
fn the_plan_in_full() {
    for (columns, rows) in SIZES {
        picture("plan", INSTALLED, columns, rows, "Gp<c-u>4<enter>/nodejs_24<enter><space><enter><tab>");
    }
}

#[test]
fn the_plan_in_the_words_of_nix() {
    for (columns, rows) in [(120, 40), (50, 15)] {
        picture("explained", INSTALLED, columns, rows, "Gp<c-u>4<enter>/nodejs_24<enter><space><enter>x");
    }
}

#[test]
fn every_collision_with_its_reason() {
    for (columns, rows) in SIZES {
        picture("collisions", INSTALLED, columns, rows, "/nodejs_24<enter><space>cj");
    }
}

#[test]
fn the_history_and_what_going_back_would_change() {
    picture("history", INSTALLED, 80, 24, "H<down>");
    picture("rollback", INSTALLED, 80, 24, "R");
}

#[test]
fn an_empty_profile() {
    picture("empty", &[], 80, 24, "");
}

#[test]
fn outputs_and_names_of_every_width() {
    picture("outputs", INSTALLED, 80, 24, "/ffmpeg<enter>o<down><space>");
    picture("wide-letters", INSTALLED, 120, 40, "/日<enter><space>");
}

#[test]
fn a_question_for_a_priority_and_the_help() {
    picture("priority", INSTALLED, 80, 24, "p");
    picture("help", INSTALLED, 80, 24, "?");
}

/// Sources in every state, something found, and packages that something stands in the way of.
fn shelves() -> Shelves {
    let way = |text: &str, cost: &str| WayRow { text: text.into(), cost: cost.into() };
    let hindered = |attribute: &str, obstacle: Obstacle| Package {
        obstacles: vec![obstacle],
        long_description: "What there is more to tell of it takes some lines. ".repeat(9),
        ..Memory::offered(attribute)
    };
    let mine = vec![
        hindered("bat", Obstacle::Broken),
        hindered("busybox", Obstacle::NeedsNix),
        Memory::offered("git"),
        hindered("nodePackages.prettier", Obstacle::Failed("error: undefined variable 'x'".into())),
    ];
    let newer = Package { version: "2.53.0".into(), ..Memory::offered("git") };
    Shelves::default()
        .given("demo", "/nix/demo")
        .source("nixpkgs", "<nixpkgs>")
        .source("theirs", "github:them/theirs")
        .found(FoundRow {
            name: "unstable".into(),
            location: "/home/user/.nix-defexpr/channels/unstable".into(),
            why: "channel of user".into(),
            ways: vec![
                way("packages.json of nixos-unstable", "a download of about 5 MB"),
                way("evaluated by Nix", "about a minute and 7 GB of memory"),
            ],
        })
        .offer("/nix/demo", mine)
        .offer("<nixpkgs>", vec![newer, Memory::offered("jq")])
}

#[test]
fn the_sources_and_what_was_found() {
    for (columns, rows) in [(120, 40), (80, 24), (50, 15)] {
        let memory = Memory::with_shelves(&["git"], shelves());
        picture_of("sources", memory, "git", columns, rows, "Sj<space>jjj");
    }
}

#[test]
fn rows_with_obstacles_and_details() {
    for (columns, rows) in [(120, 40), (80, 24), (50, 15)] {
        picture_of("obstacles", Memory::with_shelves(&["git"], shelves()), "git", columns, rows, "2j<space>");
    }
    picture_of("details", Memory::with_shelves(&["git"], shelves()), "git", 80, 24, "2jjo");
}

#[test]
fn a_source_that_is_typed() {
    picture_of("new-source", Memory::with_shelves(&[], shelves()), "", 80, 24, "Samine=./default.nix");
}

#[test]
fn without_colours_the_selection_is_still_seen() {
    let mut screen = Screen::over(Arc::new(Memory::with(INSTALLED)), 120, 40, &Theme::monochrome());
    screen.go_on();
    screen.keys("/corepack<enter><space>1");
    let (buffer, _) = screen.draw();
    assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    let reversed = buffer.content().iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert!(reversed > 20, "one row is reversed");
    assert!(screen.text().contains("│›   git"), "and marked");
}

/// Keys that lead to every view, in every state that looks different.
const STATES: &[&str] = &[
    "",
    "/",
    "/no<down>",
    "/nothing has this name",
    "<space>j<space>o",
    "/corepack<enter><space>",
    "/corepack<enter><space><enter>",
    "/corepack<enter><space><enter><enter>",
    "/corepack<enter><space>c",
    "/nodejs_24<enter><space>/<c-u>busybox<enter><space>cjj",
    "/nodejs_24<enter><space>cljJJJJ",
    "/nodejs_24<enter><space>c<tab>jb",
    "/nodejs_24<enter><space>c/bin",
    "/nodejs_24<enter><space>cs",
    "/nodejs_24<enter><space>cXy",
    "/corepack<enter><space><enter>x",
    "/日<enter><space><enter>",
    "c",
    "H",
    "HG",
    "R",
    "p",
    "?",
    "?G",
    "<space>X",
    "<space>q",
    "<enter>",
];

fn states() -> Vec<Screen> {
    let mut screens: Vec<Screen> = STATES
        .iter()
        .map(|script| {
            let mut screen = Screen::new(Memory::with(INSTALLED), 120, 40);
            screen.keys(script);
            screen
        })
        .collect();
    screens.push(Screen::unopened(Memory::with(INSTALLED), 120, 40));
    let mut failed = Screen::unopened(Memory::with(INSTALLED), 120, 40);
    failed.act(Action::Reply(Reply::Opened(Err(nix_loom::loom::LoomError::NoHome))));
    screens.push(failed);
    let mut applying = Screen::new(Memory::with(INSTALLED), 120, 40);
    applying.keys("/neovim<enter><space><enter>").hold();
    applying.keys("<enter>");
    let step = nix_loom::progress::Step { what: "putting \u{1b}[31mit\u{7} there".into(), done: 3, total: 7 };
    applying.act(Action::Reply(Reply::Progressed(step.clone())));
    screens.push(applying);
    let mut unknown = Screen::new(Memory::with(INSTALLED).unlisted(&["neovim"]), 120, 40);
    unknown.keys("/neovim<enter><space>cg");
    unknown.hold();
    unknown.keys("f");
    unknown.act(Action::Reply(Reply::Progressed(step)));
    screens.push(unknown);
    for script in ["", "2jj", "S", "SG", "Sj<space>J", "Sa", "Saname=/some/where", "SjD", "Sjr"] {
        let mut screen = Screen::new(Memory::with_shelves(&["git"], shelves()), 120, 40);
        screen.keys(script);
        screens.push(screen);
    }
    screens
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5))]

    #[test]
    fn every_view_can_be_drawn_at_every_size(sizes in prop::collection::vec((1_u16..=200, 1_u16..=60), 12)) {
        let mut screens = states();
        for (columns, rows) in sizes.into_iter().chain([(1, 1), (200, 60), (40, 8), (60, 8), (120, 8)]) {
            for screen in &mut screens {
                screen.resize(columns, rows);
                let (buffer, cursor) = screen.draw();
                prop_assert!(cursor.is_none_or(|at| buffer.area.contains(at)));
                let is_safe = |symbol: &str| !symbol.chars().any(char::is_control);
                prop_assert!(buffer.content().iter().all(|cell| is_safe(cell.symbol())));
                // The terminal may have become another size since the state was laid out.
                draw(&screen.app, rows, columns);
            }
        }
    }
}
