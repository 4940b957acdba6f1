//! Whatever a source says, the screen stays a screen: every field of a package and of a source is made to steer the terminal,
//! to deceive the reader, or to be far too long.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use driver::Screen;
use memory::{Memory, Shelves};
use nix_loom::loom::{FoundRow, SourceRow, WayRow};
use nix_loom::package::{Obstacle, Package, PackageOutput};
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::effect::Reply;
use proptest::prelude::*;

/// Texts as no friendly source has them.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned()),
        Just("\u{9b}31m\r\n\t\0\u{7f}".to_owned()),
        Just("\u{202e}gnp.exe\u{2066}\u{200f}שלום مرحبا".to_owned()),
        Just("日本語ｗｉｄｅ👩\u{200d}💻🏳\u{fe0f}\u{200d}🌈".to_owned()),
        Just("e\u{301}\u{301}\u{301}".to_owned() + &"\u{35c}".repeat(200)),
        Just("\u{200b}\u{feff}\u{ad}\u{2028}".to_owned()),
        Just("x".repeat(10_000)),
        Just("word ".repeat(2_000)),
        any::<String>(),
        "[a-z]{1,12}",
        Just(String::new()),
    ];
    prop::collection::vec(piece, 1..3).prop_map(|pieces| pieces.concat())
}

fn package() -> impl Strategy<Value = Package> {
    let obstacle = (0..6, hostile()).prop_map(|(kind, reason)| match kind {
        0 => Obstacle::Broken,
        1 => Obstacle::Unfree,
        2 => Obstacle::Insecure,
        3 => Obstacle::OtherSystem,
        4 => Obstacle::NeedsNix,
        _ => Obstacle::Failed(reason),
    });
    (prop::collection::vec(hostile(), 10), prop::collection::vec(obstacle, 0..3)).prop_map(|(texts, obstacles)| {
        let [attribute, name, version, description, long_description, homepage, license, output, default, program] =
            texts.try_into().unwrap();
        Package {
            // No attribute is empty, and no two are the same.
            attribute: format!("{attribute}{}", "a".repeat(obstacles.len() + 1)),
            source: "replaced".into(),
            name,
            version,
            description,
            long_description,
            homepage,
            licenses: vec![license.clone(), license],
            priority: i64::MIN,
            outputs: vec![
                PackageOutput { name: output, path: None },
                PackageOutput { name: default.clone(), path: Some("/store/x\u{1b}[31m".into()) },
            ],
            default_outputs: vec![default],
            main_program: Some(program),
            obstacles,
            evaluated: None,
        }
    })
}

/// Keys that lead to everything that shows a package or a source.
const SCRIPTS: &[&str] =
    &["2", "2<space>", "2G<space>o", "2<space>p", "2<space><enter>", "S", "SG<enter>", "SD", "Sjr"];

const SIZES: [(u16, u16); 5] = [(80, 24), (120, 40), (50, 15), (200, 60), (40, 8)];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_field_of_a_package_or_a_source_reaches_the_terminal_raw(
        packages in prop::collection::vec(package(), 1..4),
        texts in prop::collection::vec(hostile(), 8),
    ) {
        let [name, location, listing, problem, why, way, cost, what] = texts.try_into().unwrap();
        for script in SCRIPTS {
            let found = FoundRow {
                name: name.clone(),
                location: location.clone(),
                why: why.clone(),
                ways: vec![WayRow { text: way.clone(), cost: cost.clone() }],
            };
            let mut shelves = Shelves::default().source(&name, &location).offer(&location, packages.clone()).found(found);
            shelves.view.configured.push(SourceRow {
                name: format!("{name}2"),
                location: location.clone(),
                listing: Some(listing.clone()),
                problem: Some(problem.clone()),
                packages: Some(usize::MAX),
                is_on: true,
                ..SourceRow::default()
            });
            let mut screen = Screen::new(Memory::with_shelves(&[], shelves), 120, 40);
            screen.keys(script);
            let step = Step { what: format!("{what} {name}"), done: u64::MAX, total: 3 };
            screen.act(Action::Reply(Reply::Loading(step)));
            for (columns, rows) in SIZES {
                screen.resize(columns, rows);
                let (buffer, _) = screen.draw();
                for cell in buffer.content() {
                    let bad = cell.symbol().chars().find(|letter| {
                        letter.is_control() || ('\u{202a}'..='\u{202e}').contains(letter) || ('\u{2066}'..='\u{2069}').contains(letter)
                    });
                    prop_assert!(bad.is_none(), "{bad:?} after {script} at {columns}×{rows}");
                }
                // The right border stands where it belongs, above the rows that a message may take.
                for y in 1..rows.saturating_sub(5) {
                    prop_assert!(
                        "│┃╮╯".contains(buffer[(columns - 1, y)].symbol()),
                        "no border in row {y} after {script} at {columns}×{rows}:\n{}",
                        screen.text()
                    );
                }
            }
        }
    }
}
