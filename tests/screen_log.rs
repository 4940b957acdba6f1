//! Long work, its log and errors, driven by key scripts: what is told of what runs, how it is stopped, and what stays until it
//! was read.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "support/pictures.rs"]
#[allow(dead_code)]
mod pictures;

use std::time::Duration;

use driver::Screen;
use memory::Memory;
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Screen as Shown;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::log::{Kind, MOST_LINES};
use nix_loom::tui::work::Task;
use pictures::pictures;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

fn screen() -> Screen {
    Screen::new(Memory::with(INSTALLED), 120, 40)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn progress(screen: &mut Screen, task: Task, what: &str, done: u64, total: u64) {
    screen.act(Action::Reply(Reply::Progressed(task, Step { what: what.into(), done, total })));
}

fn hear(screen: &mut Screen, task: Task, lines: &[&str]) {
    let lines = lines.iter().map(|&line| line.to_owned()).collect();
    screen.act(Action::Reply(Reply::Said { task, lines, dropped: 0 }));
}

/// An apply that runs, and the sources are read beside it.
fn busy(mut screen: Screen) -> Screen {
    screen.keys("/neovim<enter><space><enter>").hold();
    screen.keys("<enter>");
    screen.pass(seconds(1));
    progress(&mut screen, Task::Apply, "fetching neovim-0.11.5", 0, 1000);
    progress(&mut screen, Task::Load, "listing nixpkgs", 0, 0);
    screen.pass(seconds(10));
    progress(&mut screen, Task::Apply, "fetching neovim-0.11.5", 200, 1000);
    progress(&mut screen, Task::Load, "listing nixpkgs", 45_000, 0);
    screen
}

/// The log as it would be copied, without the times.
fn log(screen: &Screen) -> Vec<String> {
    let text = screen.app.log.text(&jiff::tz::TimeZone::UTC);
    text.lines().map(|line| line.get(9..).unwrap_or(line).trim_start().to_owned()).collect()
}

#[test]
fn works_at_once_are_counted_and_the_foremost_is_told() {
    let mut screen = busy(screen());
    let header = |screen: &Screen| screen.text().lines().next().unwrap().to_owned();
    assert!(header(&screen).contains("2 works · applying 20%"), "{}", header(&screen));
    screen.keys("L");
    assert_eq!(screen.app.screen(), Some(Shown::Log));
    assert!(screen.shows("Work 2") && screen.shows("listing nixpkgs… 45,000"), "{}", screen.text());
    assert!(screen.shows("20%  about 40 s left") && screen.shows("fetching neovim-0.11.5"), "{}", screen.text());
}

#[test]
fn how_long_it_takes_is_told_once_it_means_something_and_changes_only_with_progress() {
    let mut screen = screen();
    screen.keys("/neovim<enter><space><enter>").hold();
    screen.keys("<enter>");
    progress(&mut screen, Task::Apply, "fetching neovim-0.11.5", 0, 1000);
    screen.pass(seconds(1));
    progress(&mut screen, Task::Apply, "fetching neovim-0.11.5", 500, 1000);
    assert!(screen.shows("50%") && !screen.shows("left"), "{}", screen.text());
    screen.pass(seconds(4));
    progress(&mut screen, Task::Apply, "fetching neovim-0.11.5", 500, 1000);
    assert!(screen.shows("a few seconds left"), "{}", screen.text());
    let before = screen.text();
    screen.pass(seconds(3000));
    assert_eq!(screen.text(), before, "nothing ticks");
    progress(&mut screen, Task::Apply, "building the environment", 0, 0);
    assert!(!screen.shows("left"), "{}", screen.text());
}

#[test]
fn the_log_tells_what_began_what_was_said_and_how_it_ended() {
    let mut screen = screen();
    screen.keys("/neovim<enter><space><enter>").hold();
    screen.keys("<enter>");
    let line = "copying path '/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-neovim' from 'https://cache.example.org'...";
    hear(&mut screen, Task::Apply, &[line, "neovim> make: nothing to be done"]);
    screen.pass(seconds(65));
    screen.go_on();
    let told = [
        "1 › applying".to_owned(),
        format!("1 │ {line}"),
        "1 │ neovim> make: nothing to be done".to_owned(),
        "1 ✓ applying: done after 1 min 5 s".to_owned(),
    ];
    assert_eq!(log(&screen)[..4], told);
    assert!(log(&screen)[4].starts_with("Generation 5 is the current one now"), "{:?}", log(&screen));
    screen.keys("L");
    assert!(screen.shows("nothing runs") && screen.shows("00:01:05   1 ✓ applying"), "{}", screen.text());
}

#[test]
fn a_work_is_stopped_from_the_log_and_the_profile_only_after_a_question() {
    let mut screen = busy(screen());
    screen.keys("Lx");
    assert!(screen.shows("Stop applying?"), "{}", screen.text());
    screen.keys("n<tab>x");
    assert_eq!(screen.waiting.back(), Some(&Effect::Cancel(Task::Load)));
    assert!(screen.shows("stopping at the next safe place"), "{}", screen.text());
    screen.keys("x");
    assert!(screen.message().contains("stopping already"), "{}", screen.message());
    screen.keys("<tab>xy");
    assert_eq!(screen.waiting.back(), Some(&Effect::Cancel(Task::Apply)));
    screen.go_on();
    assert!(screen.message().starts_with("Not applied: cancelled; nothing was changed"), "{}", screen.message());
    assert!(screen.app.errors.is_empty(), "what was asked for is no error");
    assert!(log(&screen).contains(&"1 − applying: stopped after 11 s".to_owned()), "{:?}", log(&screen));
    screen.keys("x");
    assert!(!screen.app.is_busy());
}

#[test]
fn reading_the_sources_that_was_stopped_goes_on_with_r() {
    let mut screen = Screen::unopened(Memory::with_source(INSTALLED, &["jq"]), 120, 40);
    screen.do_newest();
    let has_load = |screen: &Screen| screen.waiting.contains(&Effect::LoadSources);
    assert!(has_load(&screen));
    progress(&mut screen, Task::Load, "listing mine", 7, 0);
    screen.keys("Lx");
    assert!(screen.waiting.contains(&Effect::Cancel(Task::Load)));
    screen.waiting.clear();
    let offer = nix_loom::tui::offer::Offer::new(screen.backend.catalogue());
    screen.act(Action::Reply(Reply::Loaded { offer, errors: Vec::new(), has_more: true }));
    assert!(!has_load(&screen), "it does not begin again by itself");
    assert!(screen.message().starts_with("Stopped reading the sources"), "{}", screen.message());
    assert_eq!(screen.app.works.all(), []);
    assert_eq!(log(&screen).last().map(String::as_str), Some("1 − listing mine: stopped after 0.0 s"));
    screen.keys("<esc>r");
    assert!(has_load(&screen));
    screen.go_on();
    assert!(!screen.app.is_load_stopped && screen.shows("jq"), "{}", screen.text());
}

#[test]
fn fetching_for_a_preview_goes_on_beside_staging() {
    let mut screen = Screen::new(Memory::with(INSTALLED).unlisted(&["neovim"]), 120, 40);
    screen.keys("/neovim<enter><space>cg").hold();
    screen.keys("f<esc>");
    assert_eq!(screen.waiting.back(), Some(&Effect::Cancel(Task::Fetch)), "it is stopped where it is in sight");
    screen.go_on();
    screen.hold();
    screen.keys("f<c-l>q1<space>");
    assert_eq!(screen.app.staged.changes().len(), 2, "{}", screen.message());
    assert!(screen.app.works.get(Task::Fetch).is_some());
    screen.keys("<esc>");
    assert!(screen.app.works.get(Task::Fetch).is_some_and(|work| !work.is_stopping), "elsewhere Esc is not about it");
}

#[test]
fn an_error_stays_until_it_is_put_away() {
    let mut screen = Screen::new(Memory::that_fails_to_apply(INSTALLED), 80, 24);
    screen.keys("/neovim<enter><space><enter><enter>");
    let error = "Not applied: /store/nodejs_24";
    assert!(screen.shows(error) && screen.shows("Esc puts it away"), "{}", screen.text());
    screen.keys("jk?q");
    assert!(screen.shows(error), "{}", screen.text());
    assert_eq!(screen.app.area().height, 21, "what is worked on is above it, not below");
    screen.keys("<esc>");
    assert!(!screen.shows(error) && screen.app.area().height == 24, "{}", screen.text());
    assert_eq!(screen.app.screen(), Some(Shown::Plan), "that key did nothing else");
}

#[test]
fn errors_queue_and_the_log_shows_all_of_them() {
    let mut screen = screen();
    for source in ["a", "b", "b", "c"] {
        let error = nix_loom::package::EvaluationError {
            attribute: String::new(),
            source_name: source.into(),
            message: format!("it is wrong: {}", "for a reason that takes many words ".repeat(20)),
        };
        let offer = nix_loom::tui::offer::Offer::new(screen.backend.catalogue());
        screen.act(Action::Reply(Reply::Loaded { offer, errors: vec![error], has_more: false }));
    }
    assert!(screen.shows("Not loaded: source c") && screen.shows("2 errors before it"), "{}", screen.text());
    assert!(screen.app.area().height >= 36, "no error takes more than four rows");
    screen.keys("<esc>");
    assert!(screen.shows("Not loaded: source b") && screen.shows("1 error before it"), "{}", screen.text());
    screen.keys("L");
    assert!(screen.app.errors.is_empty() && screen.app.area().height == 40);
    assert!(screen.shows("source a") && screen.shows("source c"), "{}", screen.text());
    let whole: usize = log(&screen).iter().map(|line| line.matches("many words").count()).sum();
    assert_eq!(whole, 80, "each as a whole");
}

#[test]
fn on_the_lowest_screen_an_error_takes_the_row_of_the_keys() {
    let mut screen = Screen::new(Memory::that_fails_to_apply(INSTALLED), 40, 8);
    screen.keys("/neovim<enter><space><enter><enter>");
    assert!(screen.shows("✗ Not applied") && screen.app.area().height == 8, "{}", screen.text());
    screen.keys("<esc>");
    assert!(!screen.shows("✗ Not applied"), "{}", screen.text());
}

#[test]
fn the_log_follows_its_end_until_it_is_scrolled() {
    let mut screen = busy(screen());
    screen.keys("L");
    for number in 0..100 {
        hear(&mut screen, Task::Apply, &[&format!("line {number}")]);
    }
    assert!(screen.shows("line 99"), "{}", screen.text());
    screen.keys("<pgup>k");
    hear(&mut screen, Task::Apply, &["line 100"]);
    assert!(!screen.shows("line 99") && !screen.shows("line 100"), "{}", screen.text());
    screen.keys("G");
    hear(&mut screen, Task::Apply, &["line 101"]);
    assert!(screen.shows("line 101"), "{}", screen.text());
}

#[test]
fn the_log_keeps_the_last_lines_and_says_how_many_are_gone() {
    let mut screen = busy(screen());
    let lines: Vec<String> = (0..MOST_LINES + 10).map(|number| format!("line {number}")).collect();
    screen.act(Action::Reply(Reply::Said { task: Task::Apply, lines, dropped: 1_000_000 }));
    screen.keys("L");
    // What began before them is gone, too.
    assert!(screen.shows("1,000,012 older lines are not kept"), "{}", screen.text());
    assert_eq!(screen.app.log.entries().count(), MOST_LINES);
    screen.keys("g");
    assert!(screen.shows("line 10 ") || screen.shows("line 10\n") || screen.shows("line 10  "), "{}", screen.text());
}

#[test]
fn nothing_that_a_builder_writes_reaches_the_terminal_raw() {
    for hostile in
        ["\u{1b}[2J\u{1b}]0;owned\u{7}", "a\u{202e}b", "\u{9b}31m", "日本語".repeat(90).as_str(), "\r\u{8}\u{8}x", ""]
    {
        let mut screen = busy(screen());
        progress(&mut screen, Task::Apply, hostile, 3, 7);
        hear(&mut screen, Task::Apply, &[hostile, "after"]);
        for (columns, rows) in [(120, 40), (50, 15), (40, 8)] {
            screen.resize(columns, rows);
            screen.keys("L");
            let (buffer, _) = screen.draw();
            let steers = |symbol: &str| symbol.chars().any(|letter| letter.is_control() || letter == '\u{202e}');
            assert!(buffer.content().iter().all(|cell| !steers(cell.symbol())), "{hostile:?}");
            assert!(screen.shows("after"), "{}", screen.text());
            screen.keys("q");
        }
        let text = screen.app.log.text(&jiff::tz::TimeZone::UTC);
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{hostile:?} is not copied either");
    }
}

#[test]
fn looks_that_are_not_wanted_any_more_leave_no_error() {
    let mut screen = Screen::new(Memory::with_source(INSTALLED, &["jq", "zlib"]), 120, 40);
    screen.keys("2").hold();
    screen.keys("j");
    let request = screen.waiting.iter().find_map(|effect| match effect {
        Effect::Look { request, .. } => Some(*request),
        _ => None,
    });
    let request = request.unwrap();
    progress(&mut screen, Task::Look(request), "evaluating it", 0, 0);
    assert_eq!(screen.app.works.all().len(), 1);
    screen.keys("j");
    let error = nix_loom::package::EvaluationError {
        attribute: "it".into(),
        source_name: "mine".into(),
        message: "stopped".into(),
    };
    screen.act(Action::Reply(Reply::Looked { request, looked: Err(error) }));
    assert_eq!(screen.app.works.all(), []);
    let last = screen.app.log.entries().next_back().unwrap();
    assert_eq!((last.kind, last.text.as_str()), (Kind::Stopped, "evaluating it: stopped after 0.0 s"));
}

#[test]
fn pictures_of_work_log_and_errors() {
    pictures("log", "keys: L while two works run", |columns, rows| {
        let mut screen = busy(Screen::new(Memory::with(INSTALLED), columns, rows));
        hear(
            &mut screen,
            Task::Apply,
            &["copying path '/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-neovim-0.11.5'..."],
        );
        hear(&mut screen, Task::Apply, &["neovim>   CC    main.o", "neovim>   LD    nvim"]);
        screen.keys("L");
        screen
    });
    pictures("error", "keys: of an apply that fails", |columns, rows| {
        let mut screen = Screen::new(Memory::that_fails_to_apply(INSTALLED), columns, rows);
        screen.keys("/neovim<enter><space><enter><enter>");
        screen
    });
}
