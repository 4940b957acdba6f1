//! The screen on which sources are looked at and changed, over sources in memory.

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
use nix_loom::loom::{FoundRow, SourceChange, WayRow};
use nix_loom::package::Package;
use nix_loom::tui::action::Action;
use nix_loom::tui::app;
use nix_loom::tui::effect::Effect;

fn offered(attributes: &[&str]) -> Vec<Package> {
    attributes.iter().map(|attribute| Memory::offered(attribute)).collect()
}

fn found() -> FoundRow {
    FoundRow {
        name: "nixpkgs".into(),
        location: "<nixpkgs>".into(),
        why: "channel of alice".into(),
        ways: vec![
            WayRow { text: "packages.json of nixos-25.11".into(), cost: "a download of about 5 MB".into() },
            WayRow { text: "evaluated by Nix".into(), cost: "about a minute and 7 GB of memory".into() },
        ],
    }
}

fn shelves() -> Shelves {
    Shelves::default()
        .source("mine", "/nix/mine")
        .source("theirs", "/nix/theirs")
        .source("wrong", "/nix/wrong")
        .found(found())
        .offer("/nix/mine", offered(&["bat", "git"]))
        .offer("/nix/theirs", offered(&["git", "jq", "zlib"]))
        .offer("<nixpkgs>", offered(&["ripgrep", "vim"]))
}

fn screen() -> Screen {
    let mut screen = Screen::new(Memory::with_shelves(&["git"], shelves()), 120, 40);
    // The error of the source that cannot be read is put away.
    screen.keys("<esc>S");
    screen
}

/// Name, whether it is on, and the number of its packages, in order.
fn sources(screen: &Screen) -> Vec<(&str, bool, Option<usize>)> {
    let rows = &screen.app.sources.as_ref().unwrap().configured;
    rows.iter().map(|row| (row.name.as_str(), row.is_on, row.packages)).collect()
}

#[test]
fn every_source_tells_where_it_lies_and_what_became_of_it() {
    let screen = screen();
    assert!(screen.shows("Sources 3") && screen.shows("[x] mine") && screen.shows("/nix/theirs"), "{}", screen.text());
    assert!(screen.shows("2 packages") && screen.shows("3 packages"), "{}", screen.text());
    assert!(screen.shows("✗ syntax error, unexp"), "{}", screen.text());
    assert!(screen.shows("Found on this machine") && screen.shows("a download of about 5 MB"), "{}", screen.text());
}

#[test]
fn a_source_that_is_switched_off_is_no_longer_on_offer() {
    let mut screen = screen();
    screen.keys("<esc>");
    assert!(screen.shows("Available 5"));
    screen.keys("S<space>");
    assert_eq!(sources(&screen)[0], ("mine", false, Some(2)));
    assert!(screen.shows("[ ] mine") && screen.shows("off"), "{}", screen.text());
    screen.keys("<esc>");
    assert!(screen.shows("Available 3"), "{}", screen.text());
    screen.keys("S<space><esc>");
    assert!(screen.shows("Available 5"), "{}", screen.text());
}

#[test]
fn a_source_moves_with_the_selection_and_stops_at_the_ends() {
    let mut screen = screen();
    screen.hold();
    screen.keys("J");
    let first = screen.waiting.pop_back().unwrap();
    screen.keys("J");
    let second = screen.waiting.pop_back().unwrap();
    screen.waiting.push_back(first);
    screen.do_newest();
    let names = |screen: &Screen| sources(screen).iter().map(|row| row.0.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&screen), ["theirs", "wrong", "mine"], "what the first led to is not gone back to");
    screen.waiting.push_back(second);
    screen.go_on();
    assert_eq!(sources(&screen).iter().map(|row| row.0).collect::<Vec<_>>(), ["theirs", "wrong", "mine"]);
    assert_eq!(screen.app.lists.sources.selected(), Some(2));
    screen.keys("J");
    assert!(screen.message().contains("the last one already"), "{}", screen.message());
    screen.keys("K<esc>2g");
    let first = screen.app.available(0).unwrap();
    assert_eq!(&*first.source, "theirs", "the order of the rows is that of the sources");
}

#[test]
fn what_was_found_is_added_by_enter_in_the_way_of_its_row() {
    let mut screen = screen();
    screen.hold();
    screen.keys("jjjjj<enter>");
    let change = SourceChange::Add { text: "nixpkgs=<nixpkgs>".into(), way: Some(1) };
    assert_eq!(screen.waiting.back(), Some(&Effect::ChangeSource(change)));
    screen.go_on();
    assert_eq!(sources(&screen)[3], ("nixpkgs", true, Some(2)));
    assert!(!screen.shows("Found on this machine"));
    assert_eq!(screen.app.lists.sources.selected(), Some(3), "the selection is on what it became");
    screen.keys("<esc>/rip");
    assert!(screen.shows("ripgrep") && screen.shows("Available 1 of 7"), "{}", screen.text());
}

#[test]
fn a_source_is_typed_and_what_is_wrong_with_it_is_told_without_losing_it() {
    let mut screen = screen();
    screen.keys("anixpkgs");
    assert!(screen.shows("New source") && screen.shows("› nixpkgs"), "{}", screen.text());
    screen.keys("<enter>");
    assert!(screen.message().starts_with("Not changed: nixpkgs: there is no ="), "{}", screen.message());
    screen.act(Action::Paste("=<nixpkgs>\n".into()));
    screen.keys("<home><right><left><enter>");
    assert!(screen.app.dialog.is_none(), "{}", screen.message());
    assert_eq!(sources(&screen)[3], ("nixpkgs", true, Some(2)));
    screen.keys("amine=nixpkgs<enter>");
    assert!(screen.message().contains("two sources are called mine"), "{}", screen.message());
    screen.keys("<esc>");
    assert!(screen.app.dialog.is_none() && screen.app.screen() == Some(app::Screen::Sources));
}

#[test]
fn a_source_is_removed_after_a_yes() {
    let mut screen = screen();
    screen.keys("Dn");
    assert_eq!(sources(&screen).len(), 3);
    screen.keys("D");
    assert!(screen.shows("Remove the source mine? What is installed"), "{}", screen.text());
    screen.keys("y");
    assert_eq!(sources(&screen).len(), 2);
    screen.keys("<esc>");
    assert!(screen.shows("Available 3") && screen.shows("Installed 1"), "{}", screen.text());
}

#[test]
fn a_source_is_read_again_and_how_far_that_is_stands_in_its_row() {
    let mut screen = screen();
    screen.hold();
    screen.keys("r");
    screen.do_newest();
    assert_eq!(sources(&screen)[0], ("mine", true, None));
    assert!(screen.shows("not read yet"), "{}", screen.text());
    let step = nix_loom::progress::Step { what: "listing mine".into(), done: 45_000, total: 0 };
    screen.act(Action::Reply(nix_loom::tui::effect::Reply::Progressed(nix_loom::tui::work::Task::Load, step)));
    let row = screen.text().lines().find(|line| line.contains("[x] mine")).unwrap().to_owned();
    assert!(row.contains("listing mine… 45,000"), "{row}");
    screen.go_on();
    assert_eq!(sources(&screen)[0], ("mine", true, Some(2)));
    assert!(!screen.shows("45,000"));
}

#[test]
fn what_cannot_be_changed_says_why() {
    let shelves = shelves().read_only();
    let mut screen = Screen::new(Memory::with_shelves(&[], shelves), 120, 40);
    screen.keys("S<space>");
    assert!(screen.message().starts_with("Not changed: sources cannot be changed"), "{}", screen.message());
    assert!(screen.shows("[x] mine"), "and what is shown is what there is:\n{}", screen.text());
    let shelves = Shelves::default().given("cli", "/nix/mine").source("own", "/nix/mine");
    let mut screen = Screen::new(Memory::with_shelves(&[], shelves), 120, 40);
    for key in ["<space>", "D", "J"] {
        screen.keys("S").keys(key);
        assert!(screen.message().contains("given at the start"), "{key}: {}", screen.message());
    }
    screen.keys("GK");
    assert!(screen.message().contains("the first one already"), "{}", screen.message());
    screen.keys("<enter>");
    assert!(screen.message().contains("a source already"), "{}", screen.message());
}

#[test]
fn on_the_first_start_what_was_found_is_told_and_nothing_is_read_before_it_is_chosen() {
    let shelves = Shelves::default().found(found()).offer("<nixpkgs>", offered(&["ripgrep"]));
    let mut screen = Screen::unopened(Memory::with_shelves(&[], shelves), 120, 40);
    let mut done = Vec::new();
    while let Some(effect) = screen.waiting.back().cloned() {
        screen.do_newest();
        done.push(effect);
    }
    assert!(done.iter().all(|effect| !matches!(effect, Effect::LoadSources | Effect::ChangeSource(_))), "{done:?}");
    assert!(screen.shows("No source yet. S shows what was") && screen.shows("nixpkgs."), "{}", screen.text());
    screen.go_on();
    screen.keys("Sj<enter><esc>");
    assert!(screen.shows("Available 1") && screen.shows("ripgrep"), "{}", screen.text());
}

#[test]
fn a_change_of_the_sources_works_the_plan_out_anew() {
    let mut screen = screen();
    screen.keys("<esc>2<space>");
    assert_eq!(screen.app.staged.changes().len(), 1);
    assert!(screen.app.outlook.error.is_none());
    screen.keys("SDy<esc>");
    assert!(screen.app.outlook.error.is_some(), "what is staged is from a source that is gone: {}", screen.text());
}

#[test]
fn what_cannot_be_read_is_told_once_and_not_after_every_change() {
    let mut screen = Screen::new(Memory::with_shelves(&["git"], shelves()), 120, 40);
    assert!(screen.message().starts_with("Not loaded: source wrong"), "{}", screen.message());
    screen.keys("<esc>S<space>");
    assert_eq!(screen.message(), "");
    screen.keys("<esc>");
    assert!(screen.shows("not loaded: source wrong"), "{}", screen.text());
    screen.keys("SGkkk<space><esc>");
    assert!(!screen.shows("not loaded"), "it is switched off:\n{}", screen.text());
}

#[test]
fn a_position_counts_the_sources_of_the_config_file_only() {
    let shelves = Shelves::default().given("cli", "/nix/mine").source("one", "/nix/mine").source("two", "/nix/mine");
    let mut screen = Screen::new(Memory::with_shelves(&[], shelves), 120, 40);
    screen.keys("Sj").hold();
    screen.keys("J");
    let change = SourceChange::Move("one".into(), 1);
    assert_eq!(screen.waiting.back(), Some(&Effect::ChangeSource(change)));
}

const OLD: &str = "github:them/demo/0000000000000000000000000000000000000000?lastModified=1700000000";
const NEW: &str = "github:them/demo/1111111111111111111111111111111111111111?lastModified=1710000000";

/// The source of what is installed, which has a newer git than its old revision.
fn revisions() -> Shelves {
    let newer = Package { version: "99".into(), ..Memory::offered("git") };
    Shelves::default()
        .source("demo", "github:them/demo")
        .source("many", "/nix/many")
        .found(found())
        .offer("github:them/demo", vec![newer.clone()])
        .offer(OLD, offered(&["git"]))
        .offer(NEW, vec![newer])
        .newest("demo", Ok(NEW))
        .newest("many", Err("it is a folder, which keeps no revisions"))
}

fn with_revisions(shelves: Shelves) -> Screen {
    let mut screen = Screen::new(Memory::with_shelves(&["git"], shelves), 120, 40);
    screen.keys("<esc>S");
    screen
}

fn pin_of(screen: &Screen) -> Option<String> {
    screen.app.sources.as_ref().unwrap().configured[0].pin.as_ref().map(ToString::to_string)
}

#[test]
fn a_source_is_pinned_and_its_pin_moved_after_a_yes_that_shows_from_which_revision_to_which() {
    let mut screen = with_revisions(revisions());
    screen.keys("p");
    assert!(screen.shows("Pin demo to 111111111111 of 2024-03-09?"), "{}", screen.text());
    screen.keys("n");
    assert_eq!(pin_of(&screen), None);
    screen.keys("py");
    assert_eq!(pin_of(&screen).as_deref(), Some(NEW));
    assert!(screen.shows("1 package, pin 111111111111"), "{}", screen.text());
    screen.keys("p");
    assert!(screen.message().contains("demo is pinned to 111111111111 of 2024-03-09 already"), "{}", screen.message());

    let mut screen = with_revisions(revisions().pinned("demo", OLD));
    screen.keys("p");
    let text = screen.text();
    assert!(screen.shows("Move the pin of demo from 000000000000 of 2023-11-14 to"), "{text}");
    assert!(screen.shows("111111111111 of 2024-03-09? That is what"), "{text}");
}

#[test]
fn marks_of_newer_versions_follow_the_pin() {
    let mut screen = with_revisions(revisions().pinned("demo", OLD));
    screen.keys("<esc>");
    assert!(!screen.shows("↑"), "{}", screen.text());
    screen.keys("1<space>d");
    assert!(screen.shows("demo, pinned to 000000000000 of 2023-11-14: nothing newer is taken"), "{}", screen.text());
    screen.keys("<esc>Spy<esc>");
    assert!(screen.shows("↑"), "{}", screen.text());
    screen.keys("SP");
    assert!(screen.shows("Let demo follow github:them/demo again? It is pinned to"), "{}", screen.text());
    screen.keys("y");
    assert_eq!(pin_of(&screen), None);
    assert!(!screen.shows("pinned to"), "{}", screen.text());
}

#[test]
fn what_was_looked_for_asks_nothing_once_something_else_is_done() {
    let mut screen = with_revisions(revisions());
    screen.hold();
    screen.keys("p");
    assert!(screen.text().contains("looking for a revision"), "{}", screen.text());
    screen.keys("p");
    assert!(screen.message().contains("being looked for already"), "{}", screen.message());
    assert_eq!(screen.waiting.iter().filter(|effect| matches!(effect, Effect::FindPin(_))).count(), 1);
    screen.keys("<esc>").go_on();
    assert!(screen.app.dialog.is_none());
    assert!(
        screen.message().contains("demo has 111111111111 of 2024-03-09 now; p in the sources (S)"),
        "{}",
        screen.message()
    );
}

#[test]
fn a_look_for_a_revision_is_stopped_like_other_work_and_pins_nothing() {
    let mut screen = with_revisions(revisions());
    screen.hold();
    screen.keys("p");
    screen.keys("Lx");
    assert!(screen.waiting.contains(&Effect::Cancel(nix_loom::tui::work::Task::FindPin)), "{:?}", screen.waiting);
    screen.go_on();
    assert_eq!((pin_of(&screen), screen.app.dialog.is_none()), (None, true));
}

#[test]
fn what_cannot_be_pinned_says_why() {
    let mut screen = with_revisions(revisions());
    screen.keys("P");
    assert!(screen.message().contains("demo is not pinned: it follows github:them/demo."), "{}", screen.message());
    screen.keys("jp");
    assert!(screen.text().contains("it is a folder, which keeps no revisions"), "{}", screen.text());
    screen.keys("<esc>");
    screen.keys("SGp");
    assert!(screen.message().contains("It is no source yet"), "{}", screen.message());
    let mut folder = revisions();
    folder.view.configured[1].cannot_pin = Some("a folder of packages keeps no revisions".into());
    let mut screen = with_revisions(folder);
    screen.keys("jp");
    assert!(screen.message().contains("many cannot be pinned: a folder of packages keeps no"), "{}", screen.message());
    let mut screen = Screen::new(Memory::with_shelves(&[], Shelves::default().given("cli", "/nix/mine")), 120, 40);
    for key in ["p", "P"] {
        screen.keys("S").keys(key);
        assert!(screen.message().contains("given at the start"), "{key}: {}", screen.message());
    }
}
