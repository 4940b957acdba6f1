//! The inspector driven by key scripts, over a backend in memory: what its keys do, what stays selected, and what it looks
//! like at several sizes.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "support/pictures.rs"]
#[allow(dead_code)]
mod pictures;

use driver::Screen;
use memory::Memory;
use nix_loom::loom::{DiffChange, DiffLine, FileContents};
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Screen as Shown;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::inspector::{Anchor, Row};
use nix_loom::tui::words;
use nix_loom::tui::work::Task;
use pictures::pictures;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];
/// Stages what blocks in two pairs, and what only shadows.
const STAGE: &str = "/nodejs_24<enter><space>/<c-u>neovim<enter><space>/<c-u>vim<enter><space>\
                     /<c-u>busybox<enter><space>p<c-u>7<enter>/<c-u>coreutils<enter><space>";
fn memory() -> Memory {
    Memory::with(INSTALLED)
}

/// The inspector of what [`STAGE`] stages.
fn inspector() -> Screen {
    over(memory(), 120, 40, "")
}

fn over(memory: Memory, columns: u16, rows: u16, keys: &str) -> Screen {
    let mut screen = Screen::new(memory, columns, rows);
    screen.keys(STAGE).keys("c").keys(keys);
    screen
}

fn picture(name: &str, memory: impl Fn() -> Memory, keys: &str) {
    pictures(name, &format!("keys: …c{keys}"), |columns, rows| over(memory(), columns, rows, keys));
}

/// What is selected.
fn selected(screen: &Screen) -> Anchor {
    screen.app.inspector.told.clone().unwrap()
}

fn at(path: &str) -> Anchor {
    Anchor::Collision(path.as_bytes().into())
}

/// A difference of the lines of two scripts.
fn text() -> FileContents {
    let line = |change, left, right, text: &str| DiffLine {
        change,
        left,
        right,
        text: text.as_bytes().into(),
        is_unended: false,
    };
    let mut lines = vec![
        line(DiffChange::Same, Some(1), Some(1), "#!/bin/sh"),
        line(DiffChange::Removed, Some(2), None, "exec node-18 \"$@\""),
        line(DiffChange::Added, None, Some(2), "\texec node-24 \"$@\""),
        line(DiffChange::Added, None, Some(3), "# \u{1b}[31mred"),
        line(DiffChange::Gap, None, None, ""),
    ];
    lines.extend(
        (30..60).map(|number| line(DiffChange::Same, Some(number), Some(number + 1), &format!("line {number}"))),
    );
    FileContents::Text { lines, is_cut: true }
}

#[test]
fn by_pair_folded_and_unfolded() {
    picture("inspector-pairs", memory, "");
    picture("inspector-unfolded", memory, "ljj");
}

#[test]
fn by_path() {
    picture("inspector-paths", memory, "<tab>jj");
}

#[test]
fn one_settled_and_all_settled() {
    picture("inspector-one-settled", memory, "s");
    picture("inspector-all-settled", memory, "ss");
}

#[test]
fn unknown_outputs() {
    picture("inspector-unknown", || memory().unlisted(&["neovim", "coreutils"]), "");
}

#[test]
fn differences_of_texts_and_of_bytes() {
    picture("inspector-text", || memory().differing(text()), "ljlj");
    picture("inspector-scrolled", || memory().differing(text()), "ljljJJJJJJ");
    picture("inspector-bytes", memory, "ljljJJJJ");
}

#[test]
fn the_selection_stays_on_its_collision_whatever_is_shown() {
    let mut screen = over(memory(), 120, 40, "ljj");
    let there = at("share/man/man1/node.1.gz");
    assert_eq!(selected(&screen), there);
    for keys in
        ["<tab>", "<tab>", "b", "b", "t", "tt", "/man1<enter>", "<esc>", "u", "U", "/nothing like it<esc>", "Xyu"]
    {
        screen.keys(keys);
        assert_eq!(selected(&screen), there, "{keys}:\n{}", screen.text());
        let row = screen.app.inspected();
        assert!(matches!(row, Some(Row::Collision { .. })), "{keys}: {row:?}\n{}", screen.text());
    }
}

#[test]
fn a_collision_that_another_grouping_folds_away_is_unfolded() {
    let mut screen = over(memory(), 120, 40, "<tab>G<up><up>");
    assert_eq!(selected(&screen), at("bin/npx"));
    screen.keys("<tab>");
    assert_eq!(selected(&screen), at("bin/npx"));
    assert!(screen.shows("▿ bin/") && screen.shows("▹ busybox ↔ coreutils"), "{}", screen.text());
}

#[test]
fn left_folds_or_leads_to_what_the_row_is_a_part_of() {
    let mut screen = over(memory(), 120, 40, "l<down><right><down>");
    assert_eq!(selected(&screen), at("bin/corepack"));
    let rows = screen.app.inspector.tree().rows().len();
    screen.keys("h");
    assert!(matches!(selected(&screen), Anchor::Directory(_, directory) if *directory == *b"bin/"));
    screen.keys("<left>");
    assert_eq!(screen.app.inspector.tree().rows().len(), rows - 4);
    screen.keys("h");
    assert!(matches!(selected(&screen), Anchor::Pair(_)));
    screen.keys("h");
    assert_eq!(screen.app.inspector.tree().rows().len(), 3, "all pairs are folded");
    screen.keys("<enter>");
    assert_eq!(screen.app.inspector.tree().rows().len(), 5);
    screen.keys("<enter>");
    assert_eq!(screen.app.inspector.tree().rows().len(), 3);
}

#[test]
fn the_only_pair_is_unfolded_when_it_is_looked_at() {
    let mut screen = Screen::new(memory(), 120, 40);
    screen.keys("/nodejs_24<enter><space>c");
    assert!(screen.shows("▹ bin/") && screen.shows("share/man/man1/node.1.gz"), "{}", screen.text());
}

#[test]
fn one_key_settles_a_pair_and_goes_on_until_enter_leads_to_the_plan() {
    let mut screen = inspector();
    assert!(screen.shows("all 5 block"), "{}", screen.text());
    screen.keys("s");
    assert!(matches!(selected(&screen), Anchor::Pair(packages) if packages.iter().any(|name| **name == *"vim")));
    screen.keys("s");
    assert_eq!(selected(&screen), Anchor::Settled);
    screen.keys("<enter>");
    assert_eq!(screen.app.screens, [Shown::Collisions, Shown::Plan]);
    screen.keys("<enter>");
    assert_eq!(screen.app.current.snapshot.generation, Some(5), "{}", screen.text());
}

#[test]
fn in_the_list_by_path_the_next_that_blocks_is_gone_on_to() {
    let mut screen = over(memory(), 120, 40, "<tab>g");
    assert_eq!(selected(&screen), at("bin/corepack"));
    screen.keys("s");
    assert_eq!(selected(&screen), at("bin/vi"));
}

#[test]
fn a_number_chooses_the_change_and_undo_takes_it_back() {
    let mut screen = inspector();
    let before = screen.app.staged.changes().to_vec();
    let report = screen.app.outlook.current().unwrap();
    let (second, settles) = screen.app.inspector.suggestions(report, screen.app.inspected().unwrap())[1];
    let second = words::suggestion(&report.preview.suggestions[second]);
    assert_eq!(settles, 5, "all of the pair");
    screen.keys("2");
    assert_eq!(screen.message(), format!("Staged: {second}."));
    assert!(matches!(selected(&screen), Anchor::Pair(packages) if packages.iter().any(|name| **name == *"vim")));
    screen.keys("u");
    assert_eq!(screen.app.staged.changes(), before);
    screen.keys("9");
    assert_eq!(screen.app.staged.changes(), before);
    assert_eq!(screen.message(), "There is no change of that number.");
}

#[test]
fn what_cannot_be_done_says_why() {
    let mut screen = over(memory(), 120, 40, "G");
    for (key, why) in [
        ("s", "Nothing blocks here, so nothing has to be settled."),
        ("f", "Nothing has to be fetched for that: the files of every output are known."),
        ("l<down>l", "There is nothing to unfold here."),
        ("<enter>", "There is nothing to unfold here; s settles it, Esc leaves."),
    ] {
        screen.keys(key);
        assert_eq!(screen.message(), why, "{key}");
    }
}

#[test]
fn a_filter_finds_paths_and_packages_and_escape_clears_it() {
    let mut screen = over(memory(), 120, 40, "/man1");
    assert!(screen.shows("1 of 7 by pair") && screen.shows("/ man1"), "{}", screen.text());
    screen.keys("<c-u>VIM");
    assert!(screen.shows("No collision is left by the filter"), "a capital letter counts:\n{}", screen.text());
    screen.keys("<c-u>neov<enter><tab>");
    assert!(screen.shows("1 of 7 by path") && screen.shows("bin/vi"), "{}", screen.text());
    screen.keys("<esc>");
    assert!(screen.shows("7 by path") && screen.app.screen() == Some(Shown::Collisions));
    screen.keys("/jkq<esc>");
    assert!(screen.app.inspector.filter.text.is_empty() && !screen.app.inspector.is_typing);
    screen.keys("b");
    assert!(screen.shows("6 of 7 by path") && screen.shows("only what blocks"), "{}", screen.text());
    screen.keys("bt");
    assert!(screen.shows("[≠ tie 6]") && screen.shows("6 of 7"), "{}", screen.text());
    screen.keys("<esc>");
    assert_eq!(screen.app.screens, []);
}

#[test]
fn files_are_compared_once_the_selection_rests_and_older_answers_are_dropped() {
    let mut screen = over(memory(), 120, 40, "<tab>g");
    screen.hold();
    screen.keys("jj");
    let asked: Vec<_> = screen.waiting.iter().cloned().collect();
    assert!(matches!(asked[..], [Effect::CompareFiles { .. }, Effect::CompareFiles { .. }]), "{asked:?}");
    assert!(screen.shows("comparing…"), "{}", screen.text());
    let Effect::CompareFiles { request, .. } = asked[0] else { unreachable!() };
    screen.act(Action::Reply(Reply::FilesCompared { request, comparisons: Vec::new() }));
    assert!(screen.app.inspector.contents.comparisons.is_none(), "it is of another collision");
    screen.go_on();
    assert!(screen.shows("the first byte that differs is number 25"), "{}", screen.text());
    screen.hold();
    screen.keys("b");
    assert!(screen.waiting.is_empty(), "the same files are not compared again: {:?}", screen.waiting);
}

#[test]
fn what_is_not_known_is_fetched_for_the_preview_alone() {
    let mut screen = over(memory().unlisted(&["neovim"]), 120, 40, "g");
    assert!(screen.shows("? unknown until fetched: /store/neovim"), "{}", screen.text());
    assert!(matches!(selected(&screen), Anchor::Unknown(_)));
    let generation = screen.app.current.snapshot.generation;
    screen.hold();
    screen.keys("f");
    let step = nix_loom::progress::Step { what: "fetching it".into(), done: 1, total: 4 };
    screen.act(Action::Reply(Reply::Progressed(Task::Fetch, step)));
    assert!(screen.shows("fetching 25%") && screen.shows("Esc stops · fetching it… 25%"), "{}", screen.text());
    screen.keys("f");
    assert!(screen.message().contains("fetched already"), "{}", screen.message());
    screen.keys("<esc>");
    assert_eq!(screen.waiting.back(), Some(&Effect::Cancel(Task::Fetch)));
    screen.go_on();
    assert!(screen.message().starts_with("Not fetched:"), "{}", screen.message());
    assert!(screen.shows("? unknown until fetched"), "{}", screen.text());
    screen.keys("f");
    assert!(!screen.shows("unknown until fetched") && screen.shows("neovim"), "{}", screen.text());
    assert_eq!(screen.app.current.snapshot.generation, generation);
    assert_eq!(screen.app.works.all(), []);
}

#[test]
fn a_tie_that_a_removal_uncovers_is_told_as_that() {
    let uncovered = |columns, rows| {
        let mut screen = Screen::new(Memory::with(&[]), columns, rows);
        screen.keys("/busybox<enter><space>p<c-u>4<enter>/<c-u>neovim<enter><space>/<c-u>vim<enter><space>");
        screen.keys("<enter><enter>");
        assert!(screen.message().starts_with("Generation 1"), "{}", screen.message());
        screen.keys("1gg<space>");
        screen
    };
    let mut screen = uncovered(120, 40);
    assert!(screen.shows("− busybox") && screen.shows("1 collision"), "{}", screen.text());
    screen.keys("<enter>");
    assert!(screen.shows("uncovered, for busybox goes"), "{}", screen.text());
    screen.keys("<esc>c<tab>");
    assert!(screen.shows("Uncovered: the file of busybox, which goes, was there before."), "{}", screen.text());
    pictures("inspector-uncovered", "keys: …<space>c<tab>", |columns, rows| {
        let mut screen = uncovered(columns, rows);
        screen.keys("c<tab>");
        screen
    });
    screen.keys("s");
    assert!(screen.shows("nothing blocks"), "{}", screen.text());
}

#[test]
fn harmless_duplicates_are_told_as_such_and_where_they_block() {
    use nix_loom::engine::{Collision, CollisionKind, Reason, RuleSet};
    let collision = |kind, blocks| Collision {
        path: b"lib/libz.so".as_slice().into(),
        kind,
        blocks,
        contenders: Vec::new(),
        winner: None,
        cause: Reason::SamePriority,
        rules: RuleSet::Nix,
    };
    for (kind, what) in [(CollisionKind::SameFile, "the same file"), (CollisionKind::SameContent, "the same bytes")] {
        for blocks in [true, false] {
            let told = words::harmless(&collision(kind, blocks)).unwrap();
            assert!(told.starts_with("Harmless") && told.contains(what) && told.contains("`nixpkgs` keeps"), "{told}");
            assert_eq!(told.contains("refuse any tie"), blocks, "{told}");
        }
    }
    assert_eq!(words::harmless(&collision(CollisionKind::Tie, true)), None);
}

#[test]
fn the_plan_may_become_any_other_while_it_is_inspected() {
    let mut screen = over(memory(), 120, 40, "ljlG");
    screen.keys("Xy");
    assert!(screen.shows("No two packages want the same path."), "{}", screen.text());
    screen.keys("jklhs1f<enter><tab>bt/x<esc>JK");
    screen.keys("u");
    assert!(screen.shows("6 of 7 by path") && screen.shows("bin/corepack"), "{}", screen.text());
}

#[test]
fn without_colours_what_blocks_and_what_is_selected_is_still_seen() {
    let theme = nix_loom::tui::theme::Theme::monochrome();
    let mut screen = Screen::over(std::sync::Arc::new(memory().differing(text())), 120, 40, &theme);
    screen.go_on();
    screen.keys(STAGE).keys("cljlj");
    let (buffer, _) = screen.draw();
    let reset = ratatui::style::Color::Reset;
    assert!(buffer.content().iter().all(|cell| cell.fg == reset && cell.bg == reset));
    assert!(screen.shows("›     ✗ ≠ corepack"), "{}", screen.text());
    assert!(screen.shows("− exec node-18") && screen.shows("+     exec node-24"), "{}", screen.text());
    assert!(screen.shows("# \\x1b[31mred"), "{}", screen.text());
}
