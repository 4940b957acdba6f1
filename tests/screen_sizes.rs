//! Every view in every state at every size: whatever was pressed and whatever came of it, a picture can be drawn, lies inside the
//! terminal, steers nothing, and tells the same in every theme; with ASCII marks it is all ASCII.
//!
//! `NIX_LOOM_EVERY_SIZE=1` draws all of them at all 12,000 sizes, which takes minutes.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/hostile.rs"]
mod hostile;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "support/pictures.rs"]
#[allow(dead_code)]
mod pictures;
#[path = "support/screen_sources.rs"]
mod sources;

use std::time::Duration;

use driver::{Screen, draw, text};
use hostile::{hostile, package};
use memory::Memory;
use nix_loom::loom::LoomError;
use nix_loom::package::{EvaluationError, Package};
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::marks::{self, Marks};
use nix_loom::tui::theme::Theme;
use nix_loom::tui::work::Task;
use pictures::THEMES;
use proptest::prelude::*;
use ratatui::layout::Position;
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
    "=",
    "W<tab><tab><right>",
    "E",
    "E~/<tab><tab>",
    "E~/nowhere/x",
    "E~/myproject_env.nix<enter>j",
    "E~/myproject_env.nix<enter>c",
    "E~/myproject_env.nix<enter>f",
    "E~/myproject_env.nix<enter><enter>q",
    "E~/blocked_env.nix<enter>J",
    "E~/hostile.nix<enter>JJ",
    "E~/hostile.nix<enter><enter>",
    "E~/tools.nix<enter>a",
    "E~/broken.nix<enter>",
    "Wx_env<backtab><home>/<enter>",
];

/// Everything that looks different, at 120×40.
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

/// What must hold of every picture, in every theme.
fn check(screen: &mut Screen) -> Result<(), String> {
    let mut first = None;
    for (name, theme) in THEMES {
        let told = check_in(screen, name, *theme)?;
        let expected = first.get_or_insert_with(|| told.clone());
        if told != *expected {
            return Err(format!("{name} tells something else:\n{}\n{}", expected.0, told.0));
        }
    }
    let before = std::mem::replace(&mut screen.app.settings.look.marks, Marks::Ascii);
    let (ascii, _) = screen.draw();
    screen.app.settings.look.marks = before;
    if let Some(cell) = ascii.content().iter().find(|cell| !cell.symbol().is_ascii()) {
        return Err(format!("{:?} is no ASCII:\n{}", cell.symbol(), text(&ascii)));
    }
    // The terminal may have become another size since the state was laid out.
    let (columns, rows) = screen.app.size;
    draw(&screen.app, rows, columns);
    Ok(())
}

/// Text and cursor in one theme.
fn check_in(screen: &mut Screen, name: &str, theme: fn() -> Theme) -> Result<(String, Option<Position>), String> {
    let before = std::mem::replace(&mut screen.app.settings.look.theme, theme());
    let (buffer, cursor) = screen.draw();
    screen.app.settings.look.theme = before;
    let (columns, rows) = screen.app.size;
    let at = |x: u16, y: u16| format!("{x},{y} at {columns}×{rows} in {name}:\n{}", text(&buffer));
    if let Some(cursor) = cursor.filter(|cursor| !buffer.area.contains(*cursor)) {
        return Err(format!("the cursor is at {}", at(cursor.x, cursor.y)));
    }
    for (cell, number) in buffer.content().iter().zip(0_u16..) {
        let symbol = cell.symbol();
        // What takes one column is most of it.
        if matches!(symbol.as_bytes(), [b' '..=b'~']) {
            continue;
        }
        let (x, y) = (number % columns, number / columns);
        if symbol.chars().any(is_steering) {
            return Err(format!("{symbol:?} is at {}", at(x, y)));
        }
        let width = u16::try_from(nix_loom::tui::text::width(symbol)).unwrap();
        if width == 0 || x + width > columns {
            return Err(format!("{symbol:?} takes {width} columns at {}", at(x, y)));
        }
    }
    Ok((text(&buffer), cursor))
}

fn is_steering(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Sizes for one of the states: all, or all widths at one height and all heights at one width, others for each state.
fn sizes(number: usize) -> Vec<(u16, u16)> {
    const HEIGHTS: [u16; 9] = [24, 8, 15, 40, 9, 60, 12, 7, 30];
    const WIDTHS: [u16; 9] = [120, 40, 80, 60, 200, 119, 59, 39, 160];
    if std::env::var_os("NIX_LOOM_EVERY_SIZE").is_some() {
        return (1..=200).flat_map(|columns| (1..=60).map(move |rows| (columns, rows))).collect();
    }
    let widths = (1..=200).map(|columns| (columns, HEIGHTS[number % HEIGHTS.len()]));
    let heights = (1..=60).map(|rows| (WIDTHS[number % WIDTHS.len()], rows));
    widths.chain(heights).chain([(1, 1), (200, 60), (40, 8), (60, 8), (120, 8)]).collect()
}

#[test]
fn every_view_can_be_drawn_at_every_size() {
    let parts = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for part in 0..parts {
            scope.spawn(move || {
                for (number, screen) in states().iter_mut().enumerate().skip(part).step_by(parts) {
                    for (at, (columns, rows)) in sizes(number).into_iter().enumerate() {
                        screen.resize(columns, rows);
                        let (name, theme) = THEMES[at % THEMES.len()];
                        let checked =
                            if at % 16 == 0 { check(screen) } else { check_in(screen, name, theme).map(drop) };
                        checked.unwrap_or_else(|wrong| panic!("state {number}: {wrong}"));
                    }
                }
            });
        }
    });
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Happening {
    Key(String),
    Size(u16, u16),
    Paste(String),
    /// From here on the work takes long.
    Hold,
    GoOn,
    /// The work that was asked for last tells how far it is, and what other programs say.
    Tell(String, u64, u64),
    /// It fails.
    Fail(String),
    Wait(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let letters = "[ -~äß日]".prop_map(|letter| letter.replace('<', ">"));
    let named = prop::sample::select(vec![
        "<enter>",
        "<enter>",
        "<esc>",
        "<esc>",
        "<tab>",
        "<backtab>",
        "<backspace>",
        "<up>",
        "<down>",
        "<left>",
        "<right>",
        "<home>",
        "<end>",
        "<pgup>",
        "<pgdn>",
        "<c-d>",
        "<c-u>",
        "<c-w>",
        "<c-n>",
        "<c-p>",
        "<c-r>",
        "<space>",
        "<space>",
    ]);
    // These lead to places that single keys seldom find.
    let ways = prop::sample::select(vec![
        "/vim<enter><space>",
        "/node<enter><space>",
        "/busybox<enter><space>",
        "/日<enter><space>",
        "<esc><esc><esc>",
        "1gg<space>",
        "c",
        "H",
        "S",
        "F",
        "L",
        "w",
        "?",
        "x",
        "d",
        "f",
        "R",
        "p",
        ":",
        "t",
        "<enter><enter>",
        "y",
    ]);
    prop_oneof![
        4 => letters.prop_map(Happening::Key),
        4 => named.prop_map(|key| Happening::Key(key.to_owned())),
        6 => ways.prop_map(|keys| Happening::Key(keys.to_owned())),
        3 => (1_u16..=200, 1_u16..=60).prop_map(|(columns, rows)| Happening::Size(columns, rows)),
        1 => hostile().prop_map(Happening::Paste),
        2 => Just(Happening::Hold),
        3 => Just(Happening::GoOn),
        2 => (hostile(), any::<u64>(), any::<u64>()).prop_map(|(what, done, total)| Happening::Tell(what, done, total)),
        2 => hostile().prop_map(Happening::Fail),
        1 => (0_u64..200_000).prop_map(Happening::Wait),
    ]
}

/// What the screen is over.
#[derive(Clone, Debug)]
enum Ground {
    Usual,
    OfNix,
    Unlisted,
    ManyCollisions,
    FailsToApply,
    NoPackages,
    Shelves,
    ManyPackages,
    Hostile(Vec<Package>),
}

fn ground() -> impl Strategy<Value = Ground> {
    prop_oneof![
        4 => Just(Ground::Usual),
        1 => Just(Ground::OfNix),
        1 => Just(Ground::Unlisted),
        1 => Just(Ground::ManyCollisions),
        1 => Just(Ground::FailsToApply),
        1 => Just(Ground::NoPackages),
        2 => Just(Ground::Shelves),
        1 => Just(Ground::ManyPackages),
        2 => prop::collection::vec(package(), 1..4).prop_map(Ground::Hostile),
    ]
}

impl Ground {
    fn memory(self) -> Memory {
        match self {
            Self::Usual => Memory::with(INSTALLED),
            Self::OfNix => Memory::with(INSTALLED).of_nix(),
            Self::Unlisted => Memory::with(INSTALLED).unlisted(&["neovim", "nodejs_24"]),
            Self::ManyCollisions => Memory::with_collisions(INSTALLED, 3000),
            Self::FailsToApply => Memory::that_fails_to_apply(INSTALLED),
            Self::NoPackages => Memory::without_packages(),
            Self::Shelves => Memory::with_shelves(&["git"], shelves()),
            Self::ManyPackages => {
                let package = |number| Package { attribute: format!("p{number}"), ..Memory::offered("git") };
                Memory::offering((0..3000).map(package).collect())
            }
            Self::Hostile(packages) => Memory::offering(packages),
        }
    }
}

fn happen(screen: &mut Screen, happening: &Happening) {
    match happening {
        Happening::Key(script) => {
            screen.keys(script);
        }
        Happening::Size(columns, rows) => screen.resize(*columns, *rows),
        Happening::Paste(text) => screen.act(Action::Paste(text.clone())),
        Happening::Hold => screen.hold(),
        Happening::GoOn => screen.go_on(),
        Happening::Tell(what, done, total) => {
            let Some(task) = screen.waiting.iter().rev().find_map(Task::of) else { return };
            let step = Step { what: what.clone(), done: *done, total: *total };
            screen.act(Action::Reply(Reply::Progressed(task, step)));
            let lines = what.lines().map(nix_loom::safe::text).collect();
            screen.act(Action::Reply(Reply::Said { task, lines, dropped: *done }));
        }
        Happening::Fail(why) => {
            let Some(at) = screen.waiting.iter().rposition(|effect| failure(effect, why).is_some()) else { return };
            let effect = screen.waiting.remove(at).unwrap();
            screen.act(Action::Reply(failure(&effect, why).unwrap()));
        }
        Happening::Wait(milliseconds) => {
            screen.pass(Duration::from_millis(*milliseconds));
        }
    }
}

/// The answer to an effect that fails.
fn failure(effect: &Effect, why: &str) -> Option<Reply> {
    let error = || LoomError::ForeignStore { package: why.into(), belongs: why.into(), store: why.into() };
    Some(match *effect {
        Effect::Open => Reply::Opened(Err(error())),
        Effect::Reload => Reply::Reloaded(Err(error())),
        Effect::Look { request, ref package } => {
            let (attribute, source_name) = (package.attribute.clone(), why.to_owned());
            Reply::Looked { request, looked: Err(EvaluationError { attribute, source_name, message: why.into() }) }
        }
        Effect::Preview { request, .. } => Reply::Previewed { request, report: Err(error()) },
        Effect::Explain { request, .. } => Reply::Explained { request, lines: Err(error()) },
        Effect::Compare { request, ref pairs } => {
            let &(from, to) = pairs.first()?;
            Reply::Compared { request, from, to, diff: Err(error()) }
        }
        Effect::Which { request, .. } => Reply::Which { request, found: Err(error()) },
        Effect::FetchForPreview { .. } => Reply::FetchedForPreview(Err(error())),
        Effect::Apply { .. } => Reply::Applied(Err(error())),
        Effect::RollBack { .. } => Reply::RolledBack(Err(error())),
        Effect::DeleteGenerations { .. } => Reply::Deleted(Err(error())),
        Effect::Convert { .. } => Reply::Converted(Err(error())),
        _ => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_screen_can_be_drawn(
        ground in ground(),
        is_open in prop::bool::weighted(0.9),
        happenings in prop::collection::vec(happening(), 1..40),
    ) {
        let mut screen = Screen::unopened(ground.memory(), 120, 40);
        if is_open {
            screen.go_on();
        }
        for (number, happening) in happenings.iter().enumerate() {
            happen(&mut screen, happening);
            // A program that is left draws no more; here it goes on, as if the answer had been no.
            screen.asked_of_terminal.clear();
            if number % 4 == 3 {
                let checked = check(&mut screen);
                prop_assert!(checked.is_ok(), "after {number}: {}", checked.unwrap_err());
            }
        }
        let checked = check(&mut screen);
        prop_assert!(checked.is_ok(), "at the end: {}", checked.unwrap_err());
    }
}
