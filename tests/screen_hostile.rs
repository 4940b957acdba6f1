//! Whatever a source says, the screen stays a screen: every field of a package and of a source is made to steer the terminal,
//! to deceive the reader, or to be far too long.

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

use std::sync::Arc;

use driver::Screen;
use hostile::{hostile, package};
use memory::{Memory, Shelves};
use nix_loom::engine::{
    Collision, CollisionKind, Contender, Difference, Plan, Reason, RuleSet, Settlement, Suggestion,
};
use nix_loom::loom::{
    DiffChange, DiffLine, FileComparison, FileContents, FileFacts, FileKind, FoundRow, Preview, SourceRow, WayRow,
};
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::report::Report;
use nix_loom::tui::work::Task;
use proptest::prelude::*;

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
            screen.act(Action::Reply(Reply::Progressed(Task::Load, step)));
            let harmless = is_harmless(&mut screen);
            prop_assert!(harmless.is_ok(), "after {script}: {harmless:?}");
        }
    }

    #[test]
    fn nothing_that_a_plan_or_a_file_says_reaches_the_terminal_raw(texts in prop::collection::vec(hostile(), 8)) {
        for script in ["cljlj", "c<tab>Gk", "cg", "c/aJ"] {
            let mut screen = Screen::new(Memory::with(&["git"]), 120, 40);
            screen.hold();
            screen.keys("<space>");
            let preview = screen.waiting.drain(..).rev().find_map(|effect| match effect {
                Effect::Preview { request, .. } => Some(request),
                _ => None,
            });
            let request = preview.expect("a preview is asked for");
            screen.act(Action::Reply(Reply::Previewed { request, report: Ok(report(&texts)) }));
            screen.keys(script);
            let asked = screen.waiting.iter().rev().find_map(|effect| match effect {
                Effect::CompareFiles { request, files } => Some((*request, files.clone())),
                _ => None,
            });
            if let Some((request, files)) = asked {
                let comparisons = vec![comparison(&files, &texts)];
                screen.act(Action::Reply(Reply::FilesCompared { request, comparisons }));
            }
            let harmless = is_harmless(&mut screen);
            prop_assert!(harmless.is_ok(), "after {script}: {harmless:?}");
        }
    }
}

/// Whether no cell steers the terminal, and every border stands where it belongs, at all sizes.
fn is_harmless(screen: &mut Screen) -> Result<(), String> {
    for (columns, rows) in SIZES {
        screen.resize(columns, rows);
        let (buffer, _) = screen.draw();
        for cell in buffer.content() {
            let bad = cell.symbol().chars().find(|letter| {
                letter.is_control()
                    || ('\u{202a}'..='\u{202e}').contains(letter)
                    || ('\u{2066}'..='\u{2069}').contains(letter)
            });
            if let Some(bad) = bad {
                return Err(format!("{bad:?} at {columns}×{rows}"));
            }
        }
        // Above the rows that a message may take.
        for y in 1..rows.saturating_sub(5) {
            if !"│┃╮╯".contains(buffer[(columns - 1, y)].symbol()) {
                return Err(format!("no border in row {y} at {columns}×{rows}:\n{}", screen.text()));
            }
        }
    }
    Ok(())
}

/// A plan in which every name and path is one of the texts.
fn report(texts: &[String]) -> Box<Report> {
    let text = |at: usize| texts[at % texts.len()].as_str();
    let contender = |at: usize| Contender {
        index: None,
        package: text(at).into(),
        output: text(at + 1).into(),
        source: format!("/store/{}\u{ff}{}", text(at), text(at + 2)).into_bytes().into(),
        outside: None,
        priority: i64::MIN,
        is_directory: at == 1,
    };
    let collision = |at: usize| Collision {
        path: format!("{}/a{at}/{}", text(at), text(at + 3)).into_bytes().into(),
        kind: CollisionKind::ALL[at % CollisionKind::ALL.len()],
        blocks: at.is_multiple_of(2),
        contenders: (at..at + 2 + 20 * (at / 6)).map(contender).collect(),
        winner: None,
        cause: Reason::SamePriority,
        rules: RuleSet::Nix,
    };
    let mut plan = Plan::empty(RuleSet::Nix);
    plan.collisions = (0..8).map(collision).collect();
    plan.collisions.sort_by(|one, other| one.path.cmp(&other.path));
    plan.unknown = texts.iter().map(|text| text.as_bytes().into()).collect();
    let settlements = vec![
        Settlement::TakeOutput { package: text(0).into(), instead_of: text(1).into(), output: text(2).into() },
        Settlement::Remove { package: text(3).into() },
    ];
    let suggestion = Suggestion {
        settlements,
        settled: (0..100).collect(),
        builds: false,
        alters: Difference { added: vec![text(4).as_bytes().into()], ..Difference::default() },
        why: text(5).into(),
    };
    Box::new(Report::new(Preview { plan, suggestions: vec![suggestion; 12], ..Preview::default() }))
}

fn comparison(files: &[Arc<[u8]>], texts: &[String]) -> FileComparison {
    let facts = |at: usize| FileFacts {
        path: files[at % files.len()].as_ref().into(),
        kind: Some(FileKind::Symlink),
        size: Some(u64::MAX),
        mode: Some(u32::MAX),
        target: Some(texts[0].as_bytes().into()),
        real: Some(texts[1].as_bytes().into()),
    };
    let line = |text: &String| DiffLine {
        change: DiffChange::Added,
        left: Some(u32::MAX),
        right: Some(u32::MAX),
        text: [text.as_bytes(), b"\xff\t\r"].concat().into(),
        is_unended: true,
    };
    let lines = texts.iter().map(line).collect();
    FileComparison { sides: [facts(0), facts(1)], contents: FileContents::Text { lines, is_cut: true } }
}
