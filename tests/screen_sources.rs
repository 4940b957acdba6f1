//! The screen over sources that have to be loaded, and packages that have to be evaluated: nothing waits for either.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use driver::Screen;
use memory::Memory;
use nix_loom::profile::{Change, Transaction};
use nix_loom::progress::{Silent, Step};
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Pane;
use nix_loom::tui::backend::Backend as _;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::work::Task;

/// A screen with `jq` and `zlib` of a source that is not loaded yet: all that waits is its loading.
fn unloaded() -> Screen {
    let screen = opened(Memory::with_source(&["ripgrep"], &["jq", "zlib"]));
    assert_eq!(screen.waiting, [Effect::LoadSources]);
    screen
}

/// A screen that does everything but load sources.
fn opened(memory: Memory) -> Screen {
    let mut screen = Screen::unopened(memory, 120, 30);
    while let Some(at) = screen.waiting.iter().position(|effect| *effect != Effect::LoadSources) {
        let effect = screen.waiting.remove(at).unwrap();
        screen.waiting.push_back(effect);
        screen.do_newest();
    }
    screen
}

fn loaded() -> Screen {
    let mut screen = unloaded();
    screen.go_on();
    screen
}

/// The line that shows `part`.
fn line(screen: &Screen, part: &str) -> usize {
    screen.text().lines().position(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}\n{}", screen.text()))
}

fn selected(screen: &Screen) -> (String, String) {
    let row = screen.app.lists.available.selected().unwrap();
    let package = screen.app.available(row).unwrap();
    (package.attribute.clone(), package.source.to_string())
}

fn is(attribute: &str, source: &str) -> (String, String) {
    (attribute.into(), source.into())
}

#[test]
fn without_any_source_the_screen_says_how_to_have_one() {
    let screen = Screen::new(Memory::without_packages(), 120, 40);
    let text: String = screen.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("No source offers a package.") && text.contains("--source NAME=LOCATION"), "{text}");
}

#[test]
fn the_profile_is_shown_and_searched_before_sources_are_loaded() {
    let mut screen = unloaded();
    assert!(screen.shows("ripgrep") && screen.shows("Available 16"));
    let loading = Step { what: "loading mine".into(), done: 0, total: 0 };
    screen.act(Action::Reply(Reply::Progressed(Task::Load, loading)));
    assert!(screen.text().lines().next().unwrap().ends_with("loading mine…"), "{}", screen.text());
    assert!(screen.shows("Available 16 · loading mine…") && screen.shows("ripgrep"), "{}", screen.text());
    let loading = Step { what: "listing a-source-with-a-long-name".into(), done: 45_000, total: 0 };
    screen.act(Action::Reply(Reply::Progressed(Task::Load, loading)));
    assert!(screen.shows("Available 16 · 45,000…") && screen.shows("ripgrep"), "{}", screen.text());
    let loading = Step { what: "fetching a-source-with-a-long-name".into(), done: u64::MAX / 2, total: u64::MAX };
    screen.act(Action::Reply(Reply::Progressed(Task::Load, loading)));
    assert!(screen.shows("Available 16 · 49%…") && screen.shows("ripgrep"), "{}", screen.text());
    screen.keys("/jq");
    screen.do_newest();
    assert!(screen.shows("Available 1 of 16 · 49%…"), "{}", screen.text());
    screen.go_on();
    assert!(!screen.shows("loading mine…"));
    assert!(screen.shows("Available 2"), "it is searched anew: {}", screen.text());
}

#[test]
fn rows_that_appear_leave_the_selection_on_its_line() {
    let mut screen = unloaded();
    screen.keys("<tab>");
    for _ in 0..4 {
        screen.keys("<down>");
    }
    let before = (selected(&screen), line(&screen, "›   ffmpeg"));
    screen.go_on();
    assert_eq!((selected(&screen), line(&screen, "›   ffmpeg")), before);
    screen.keys("<home><down>");
    assert_eq!(selected(&screen), is("jq", "mine"));
}

#[test]
fn a_selected_hit_stays_selected_when_more_is_found() {
    let mut screen = unloaded();
    screen.keys("/z");
    screen.do_newest();
    screen.keys("<down><enter>");
    let before = selected(&screen);
    assert_eq!(before.1, "demo");
    screen.go_on();
    assert_eq!(selected(&screen), before);
    assert!(screen.shows("zlib"));
}

#[test]
fn what_is_selected_while_more_is_being_searched_stays_selected() {
    let mut screen = unloaded();
    let load = screen.waiting.pop_back().unwrap();
    screen.keys("/no");
    screen.do_newest();
    screen.keys("<down>");
    screen.waiting.clear();
    screen.waiting.push_back(load);
    screen.do_newest();
    let search = screen.waiting.iter().position(|effect| matches!(effect, Effect::Search { .. })).unwrap();
    let search = screen.waiting.remove(search).unwrap();
    screen.keys("<down>");
    let before = selected(&screen);
    screen.waiting.push_back(search);
    screen.do_newest();
    assert_eq!(selected(&screen), before, "it moved after the index was replaced");
}

#[test]
fn a_query_typed_while_the_index_is_replaced_goes_to_the_top() {
    let mut screen = unloaded();
    let load = screen.waiting.pop_back().unwrap();
    screen.keys("/z");
    screen.do_newest();
    screen.keys("<down>");
    screen.hold();
    screen.keys("l");
    screen.waiting.clear();
    screen.waiting.push_back(load);
    screen.go_on();
    assert_eq!(screen.app.query.text(), "zl");
    assert_eq!(screen.app.lists.available.selected(), Some(0), "{}", screen.text());
    assert!(screen.app.available_len() > 1, "{}", screen.text());
}

#[test]
fn an_answer_from_before_the_loading_means_nothing() {
    let mut screen = unloaded();
    screen.keys("/jq");
    let stale = screen.waiting.pop_back().unwrap();
    let Effect::Search { request, query } = stale else { panic!("a search") };
    // The search is done over the old packages, and its answer comes after the new ones.
    let catalogue = screen.backend.catalogue();
    let result = catalogue.search(&query, 10);
    let stale = Reply::Found { request, result, catalogue };
    screen.hold();
    screen.waiting.clear();
    screen.waiting.push_back(Effect::LoadSources);
    screen.do_newest();
    screen.act(Action::Reply(stale));
    assert!(!screen.shows("› jq"), "{}", screen.text());
    screen.go_on();
    assert_eq!(selected(&screen).0, "jq");
}

#[test]
fn a_row_is_evaluated_when_the_selection_rests_on_it() {
    let mut screen = loaded();
    screen.keys("<tab><home><down><down>");
    assert_eq!(selected(&screen), is("zlib", "mine"));
    assert!(screen.shows("1.3.1-mine") && screen.shows("Compression library"), "{}", screen.text());
    assert!(screen.shows("[ ] static"), "{}", screen.text());
}

#[test]
fn an_evaluation_under_way_is_told_only_once_it_takes_a_while() {
    let mut screen = loaded();
    screen.keys("<tab><home><down>");
    screen.hold();
    screen.keys("<down>");
    assert!(!screen.shows("1.3.1-mine") && !screen.shows("evaluating…") && !screen.shows("priority  5"));
    let Some(Effect::Look { request, .. }) = screen.waiting.back() else { panic!("{:?}", screen.waiting) };
    let request = *request;
    let step = Step { what: "evaluating zlib".into(), done: 0, total: 0 };
    screen.act(Action::Reply(Reply::Progressed(Task::Look(request - 1), step.clone())));
    assert!(!screen.shows("evaluating…"), "an older one does not count");
    screen.act(Action::Reply(Reply::Progressed(Task::Look(request), step)));
    assert!(screen.shows("evaluating…"));
    screen.go_on();
    assert!(screen.shows("1.3.1-mine") && !screen.shows("evaluating…"));
}

#[test]
fn what_an_older_look_told_is_kept() {
    let mut screen = loaded();
    screen.keys("<tab><home>");
    screen.hold();
    screen.keys("<down>");
    let look = screen.waiting.pop_back().unwrap();
    screen.keys("<down>");
    screen.waiting.clear();
    screen.waiting.push_back(look);
    screen.do_newest();
    let package = screen.app.available(1).unwrap();
    assert_eq!(package.version, "1.8.1-mine");
    assert!(screen.app.outputs.is_none(), "but the outputs that are shown are of what is selected");
}

#[test]
fn an_unevaluated_row_is_staged_at_once() {
    let mut screen = loaded();
    screen.keys("<tab><home>");
    screen.hold();
    screen.keys("<down><down><space>");
    assert_eq!(screen.app.staged.changes().len(), 1);
    screen.go_on();
    assert!(screen.shows("+ zlib"), "{}", screen.text());
    let report = screen.app.outlook.current().unwrap();
    assert!(report.preview.elements.iter().any(|element| element.source == "mine"));
}

#[test]
fn what_is_installed_from_a_source_is_known_though_no_row_offers_it() {
    let memory = Memory::with_source(&[], &["zlib"]);
    let (attribute, source) = ("zlib".to_owned(), Some("mine".to_owned()));
    let install = Change::Install { attribute, source, outputs: None, priority: None };
    memory.apply(&Transaction { changes: vec![install] }, &Silent).unwrap();
    let mut screen = opened(memory);
    assert!(screen.shows("Compression library") && screen.shows("[ ] static"), "{}", screen.text());
    screen.go_on();
    assert!(screen.shows("Compression library"), "{}", screen.text());
}

#[test]
fn a_package_that_cannot_be_evaluated_says_why() {
    let mut screen = loaded();
    screen.keys("<tab><home>");
    assert_eq!(selected(&screen), is("broken", "mine"));
    assert_eq!(screen.app.focus, Pane::Available);
    assert!(screen.shows("broken@mine: it is marked as"), "{}", screen.text());
    screen.keys("<space>");
    assert!(screen.app.outlook.error.as_ref().unwrap().contains("refusing to evaluate"));
    screen.keys("<enter><enter>");
    assert!(screen.message().contains("Refused: broken@mine"), "{}", screen.message());
    // Elsewhere it is out of sight.
    screen.keys("<esc>u<down>");
    assert!(!screen.shows("marked as"), "{}", screen.text());
}

#[test]
fn a_source_that_cannot_be_loaded_is_told_and_stays_readable() {
    let mut screen = loaded();
    assert!(screen.message().starts_with("Not loaded: source theirs: syntax error"), "{}", screen.message());
    screen.keys("<down><esc>");
    assert_eq!(screen.message(), "");
    assert!(screen.shows("not loaded: source theirs: syntax error, unexpected end of file"), "{}", screen.text());
    screen.hold();
    screen.keys("r");
    let again = Effect::ChangeSource(nix_loom::loom::SourceChange::Reread("theirs".into()));
    assert!(screen.waiting.contains(&again), "reading again tries again");
    screen.go_on();
}

#[test]
fn what_is_read_in_stages_is_read_to_the_end() {
    let mut screen = unloaded();
    let loading = Step { what: "listing mine".into(), done: 7, total: 0 };
    screen.act(Action::Reply(Reply::Progressed(Task::Load, loading)));
    screen.waiting.clear();
    let offer = nix_loom::tui::offer::Offer::new(screen.backend.catalogue());
    screen.act(Action::Reply(Reply::Loaded { offer: offer.clone(), errors: Vec::new(), has_more: true }));
    assert!(screen.waiting.contains(&Effect::LoadSources) && screen.shows("listing mine… 7"), "{}", screen.text());
    screen.waiting.clear();
    screen.act(Action::Reply(Reply::Loaded { offer, errors: Vec::new(), has_more: false }));
    assert!(!screen.waiting.contains(&Effect::LoadSources) && !screen.shows("listing mine"), "{}", screen.text());
}
