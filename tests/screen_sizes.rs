//! Every view in every state at every size.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "support/screen_sources.rs"]
mod sources;

use driver::{Screen, draw};
use memory::Memory;
use nix_loom::tui::action::Action;
use nix_loom::tui::effect::Reply;
use nix_loom::tui::marks::{self, Marks};
use nix_loom::tui::work::Task;
use proptest::prelude::*;
use sources::shelves;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

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
    "H<space>jj<space><tab><tab>",
    "HlG",
    "Hu",
    "HD<tab>",
    "HjDx",
    "R",
    "p",
    "?",
    "?G",
    "<space>X",
    "<space>q",
    "<enter>",
    "f",
    "fl*jjj",
    "F*jj",
    "F/man node",
    "/vim<enter><space>F<tab>*",
    "w",
    "wno",
    "wvi<space>",
    "wnothing has it",
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
    applying.act(Action::Reply(Reply::Progressed(Task::Apply, step.clone())));
    screens.push(applying);
    let mut unknown = Screen::new(Memory::with(INSTALLED).unlisted(&["neovim"]), 120, 40);
    unknown.keys("/neovim<enter><space>cg");
    unknown.hold();
    unknown.keys("f");
    unknown.act(Action::Reply(Reply::Progressed(Task::Fetch, step)));
    screens.push(unknown);
    for script in ["", "2jj", "S", "SG", "Sj<space>J", "Sa", "Saname=/some/where", "SjD", "Sjr"] {
        let mut screen = Screen::new(Memory::with_shelves(&["git"], shelves()), 120, 40);
        screen.keys(script);
        screens.push(screen);
    }
    screens
}

/// Whoever draws a new sign has to say in `marks::SIGNS` what stands for it. The data have only signs beyond U+2E80.
#[test]
fn every_view_draws_only_signs_for_which_ascii_has_others() {
    for (columns, rows) in [(160, 50), (80, 24), (50, 15)] {
        for mut screen in states() {
            screen.resize(columns, rows);
            for cell in screen.draw().0.content() {
                for letter in cell.symbol().chars().filter(|letter| !letter.is_ascii() && *letter < '\u{2e80}') {
                    assert!(marks::ascii(letter).is_some(), "{letter:?} in\n{}", screen.text());
                }
            }
            let before = screen.text();
            screen.app.settings.look.marks = Marks::Ascii;
            assert!(screen.draw().0.content().iter().all(|cell| cell.symbol().is_ascii()), "{before}");
        }
    }
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
