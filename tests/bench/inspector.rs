//! How long the inspector takes for 200,000 collisions: to open, to unfold, to group in another way, to filter, to draw.
//!
//! `cargo bench --bench inspector` measures; with `-- --test` it makes one short round. The report is made up: half of the
//! collisions are of one pair, the others of two thousand; every fifth blocks.

mod keys;

use std::sync::Arc;
use std::time::Instant;

use crossterm::event::KeyCode;
use jiff::tz::TimeZone;
use keys::{Script, measure};
use nix_loom::engine::{
    Collision, CollisionKind, Contender, Difference, Plan, Reason, RuleSet, Settlement, Suggestion,
};
use nix_loom::loom::Preview;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Phase;
use nix_loom::tui::effect::Reply;
use nix_loom::tui::key::Key;
use nix_loom::tui::look::Look;
use nix_loom::tui::moment::Moment;
use nix_loom::tui::report::Report;
use nix_loom::tui::update::update;
use nix_loom::tui::{App, Settings};

/// The program's own, so that its figures are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const COLLISIONS: usize = 200_000;
const ROUNDS: usize = 20;
const COLUMNS: u16 = 160;
const ROWS: u16 = 50;

const TAB: Key = Key::code(KeyCode::Tab);
const ESC: Key = Key::code(KeyCode::Esc);

const SCRIPT: &Script = &[
    ("open", 100, &[Key::letter('c')]),
    (
        "unfold the pair of half of them, and its directories",
        100,
        &[Key::letter('l'), Key::letter('j'), Key::letter('l'), Key::letter('j'), Key::letter('l')],
    ),
    ("to the end, and a page up", 16, &[Key::letter('G'), Key::code(KeyCode::PageUp), Key::letter('k')]),
    ("by path, and back by pair", 100, &[TAB, TAB]),
    ("only what blocks, and all", 100, &[Key::letter('b'), Key::letter('b')]),
    ("one kind, and back", 100, &[Key::letter('t'), Key::letter('T')]),
    ("each letter of a filter", 100, &[Key::letter('/'), Key::letter('9'), Key::letter('9'), ESC]),
    ("close", 16, &[ESC]),
];

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (collisions, rounds) = if is_test { (5_000, 2) } else { (COLLISIONS, ROUNDS) };
    println!("{collisions} collisions, {rounds} rounds at {COLUMNS}×{ROWS}");
    let preview = preview(collisions);
    let start = Instant::now();
    let report = Box::new(Report::new(preview));
    println!("  sorted into {} pairs, in the background: {:.2?}", report.pairs.list().len(), start.elapsed());

    let settings = Settings { look: Look::default(), time_zone: TimeZone::UTC, home: None };
    let mut app = App::new(settings, (COLUMNS, ROWS));
    app.phase = Phase::Open;
    let _ = update(&mut app, Action::Reply(Reply::Previewed { request: 0, report: Ok(report) }), Moment::default());
    measure(&mut app, SCRIPT, rounds);
}

fn preview(number: usize) -> Preview {
    let mut collisions: Vec<Collision> = (0..number).map(collision).collect();
    collisions.sort_by(|one, other| one.path.cmp(&other.path));
    let blocking = |of: usize| {
        let rows = (0..).zip(&collisions).filter(|(_, collision)| collision.blocks);
        rows.map(|(at, _)| at).step_by(of + 1).collect::<Vec<u32>>()
    };
    let suggestions = (0..8)
        .map(|of| Suggestion {
            settlements: vec![Settlement::Priority { package: "one-0".into(), priority: 4 }],
            settled: blocking(of),
            builds: of == 0,
            alters: Difference::default(),
            why: "one-0 wins over other-0".into(),
        })
        .collect();
    let mut plan = Plan::empty(RuleSet::Nix);
    plan.collisions = collisions;
    Preview { plan, suggestions, ..Preview::default() }
}

fn collision(number: usize) -> Collision {
    let pair = if number.is_multiple_of(2) { 0 } else { 1 + number / 2 % 2000 };
    let path = format!("share/icons/theme-{:02}/{:03}/file-{number:06}.png", number % 40, number / 40 % 300);
    let blocks = number.is_multiple_of(5);
    let contender = |package: String| Contender {
        index: Some(0),
        source: format!("/nix/store/00000000000000000000000000000000-{package}/{path}").into_bytes().into(),
        package: package.into(),
        output: Arc::from("out"),
        outside: None,
        priority: 5,
        is_directory: false,
    };
    Collision {
        kind: if blocks { CollisionKind::Tie } else { CollisionKind::Shadowed },
        blocks,
        contenders: vec![contender(format!("one-{pair}")), contender(format!("other-{pair}"))],
        winner: (!blocks).then_some(0),
        cause: if blocks { Reason::SamePriority } else { Reason::BetterPriority },
        rules: RuleSet::Nix,
        path: path.into_bytes().into(),
    }
}
