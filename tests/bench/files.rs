//! A profile of 100,000 files on the screen: how long its tree takes to be put together (in the background), and how long
//! each key takes from the event to the new state, and the frame after it. `cargo bench --bench files`

mod keys;

use std::sync::Arc;
use std::time::Instant;

use crossterm::event::KeyCode;
use jiff::tz::TimeZone;
use keys::{Script, measure};
use nix_loom::engine::{self, Disk, ListingBuilder, Listings, Output, Package, Request, Rules};
use nix_loom::loom::{FileTree, Owner};
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Phase;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::key::Key;
use nix_loom::tui::look::Look;
use nix_loom::tui::moment::Moment;
use nix_loom::tui::update::update;
use nix_loom::tui::{App, Settings};

const COLUMNS: u16 = 200;
const ROWS: u16 = 60;
const FILES: usize = 100_000;
const PACKAGES: usize = 50;
const ROUNDS: usize = 10;

const ESC: Key = Key::code(KeyCode::Esc);

const SCRIPT: &Script = &[
    ("unfold everything, and fold it", 16, &[Key::letter('*'), Key::letter('*'), Key::letter('*')]),
    (
        "to the end, a page up, fold, unfold",
        16,
        &[Key::letter('G'), Key::code(KeyCode::PageUp), Key::letter('h'), Key::letter('h'), Key::letter('l')],
    ),
    (
        "each letter of a filter",
        16,
        &[
            Key::letter('/'),
            Key::letter('f'),
            Key::letter('i'),
            Key::letter('l'),
            Key::letter('e'),
            Key::letter(' '),
            Key::letter('9'),
            Key::letter('9'),
            ESC,
        ],
    ),
    ("all folded again", 16, &[Key::letter('g'), Key::letter('*')]),
];

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (files, rounds) = if is_test { (5_000, 2) } else { (FILES, ROUNDS) };
    println!("{files} files of {PACKAGES} packages, {rounds} rounds at {COLUMNS}×{ROWS}");
    let start = Instant::now();
    let tree = tree(files);
    println!("  listed, planned and put together, in the background: {:.2?}", start.elapsed());
    println!("  {} nodes, {} wanted by several", tree.len(), tree.all().contested);

    let settings = Settings { look: Look::default(), time_zone: TimeZone::UTC, home: None };
    let mut app = App::new(settings, (COLUMNS, ROWS));
    app.phase = Phase::Open;
    let asked = update(&mut app, Action::Key(Key::letter('F')), Moment::default());
    let request = asked.iter().find_map(|effect| match effect {
        Effect::Files { request, .. } => Some(*request),
        _ => None,
    });
    let reply = Reply::Files { request: request.expect("the files are asked for"), tree: Ok(Arc::new(tree)) };
    let start = Instant::now();
    let _ = update(&mut app, Action::Reply(reply), Moment::default());
    println!("  taken over by the screen: {:.2?}", start.elapsed());
    measure(&mut app, SCRIPT, rounds);
}

/// The tree of a profile in which every tenth file is wanted by two packages. All stand below one directory, so that one key
/// unfolds them.
fn tree(files: usize) -> FileTree {
    let mut listings = Listings::new(Disk);
    let mut packages = Vec::new();
    let mut owners = Vec::new();
    for package in 0..PACKAGES {
        let mut listing = ListingBuilder::new();
        for at in 0..files / PACKAGES {
            let owner = if at.is_multiple_of(10) { package / 2 } else { package };
            let path = format!("share/theme-{:02}/{:03}/file-{owner}-{at:05}.png", at % 20, at / 20 % 60);
            listing.file(path.as_bytes(), 4096, at.is_multiple_of(7), None).expect("a good path");
        }
        let path = format!("/nix/store/00000000000000000000000000000000-package-{package}");
        listings.insert(path.as_bytes(), Arc::new(listing.finish()));
        let name: Arc<str> = format!("package-{package}").into();
        let priority = i64::try_from(package).expect("few packages");
        packages.push(Package {
            name: Arc::clone(&name),
            priority,
            active: true,
            outputs: vec![Output { name: "out".into(), path: path.as_bytes().into() }],
        });
        owners.push(Owner {
            package: name,
            output: "out".into(),
            version: "1".into(),
            priority: Some(priority),
            path: path.as_bytes().into(),
            propagated_by: None,
        });
    }
    let request = Request { rules: Rules::Nix, packages, compare_contents: true };
    let plan = engine::plan(&request, &listings).expect("listings have no errors");
    FileTree::of_plan(&plan, owners, &listings, &|| true).expect("it is wanted")
}
