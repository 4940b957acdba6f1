//! The history on the screen, by its keys: the timeline, marks, what differs, undo, and deletion.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use std::time::Duration;

use driver::Screen;
use memory::Memory;
use nix_loom::tui::dialog::{Dialog, Question};
use nix_loom::tui::effect::Effect;
use nix_loom::tui::timeline::{Detail, Row, Section};

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

fn screen() -> Screen {
    Screen::new(Memory::with(INSTALLED), 120, 40)
}

/// Generations 1 to 4, then back to 2, and 5 made from that with bat.
fn forked() -> Screen {
    let mut screen = screen();
    screen.keys("HGk<enter>y<esc>/bat<enter><space><enter><enter>");
    assert_eq!(screen.app.current.snapshot.generation, Some(5));
    screen.keys("H");
    screen
}

fn current(screen: &Screen) -> Option<u64> {
    screen.app.current.snapshot.generation
}

/// The line of the screen that has all of these parts.
#[track_caller]
fn line(screen: &Screen, parts: &[&str]) -> String {
    let text = screen.text();
    let mut lines = text.lines().filter(|line| parts.iter().all(|part| line.contains(part)));
    lines.next().unwrap_or_else(|| panic!("no line has {parts:?}\n{text}")).to_owned()
}

/// Whether that is told somewhere, however it is broken into lines.
fn says(screen: &mut Screen, part: &str) -> bool {
    let (columns, rows) = screen.app.size;
    // So narrow that panes and dialogs take the whole width.
    screen.resize(64, 60);
    let text = screen.text().replace(|letter| "│╭╮╰╯─┃".contains(letter), " ");
    screen.resize(columns, rows);
    text.split_whitespace().collect::<Vec<_>>().join(" ").contains(part)
}

#[test]
fn each_generation_tells_its_age_its_parent_its_size_and_what_it_changed() {
    let mut screen = forked();
    let made = line(&screen, &["from 2", "+ bat"]);
    assert!(made.contains("●   5") && made.contains("2 hours ago") && made.contains("current"), "{made}");
    let before = line(&screen, &["from 3", "+ zlib"]);
    assert!(before.contains("1 day ago") && before.contains(" 4 ") && before.contains(" MB "), "{before}");
    line(&screen, &["nothing", "+ git"]);
    assert!(says(
        &mut screen,
        "It was made from generation 2. It has 3 packages, 3.3 MB of outputs. It is the current one."
    ));
}

#[test]
fn ages_go_on_while_the_screen_is_open() {
    let mut screen = screen();
    screen.keys("H");
    line(&screen, &["1 day ago", "current"]);
    screen.pass(Duration::from_hours(48)).keys("j");
    line(&screen, &["3 days ago", "current"]);
}

#[test]
fn without_a_record_the_parent_is_said_to_be_probable() {
    let mut screen = Screen::new(Memory::with(INSTALLED).unrecorded(), 120, 40);
    screen.keys("H");
    line(&screen, &["from 3?", "+ zlib"]);
    assert!(says(&mut screen, "It was probably made from 3"), "{}", screen.text());
    screen.keys("u");
    assert!(says(&mut screen, "is not recorded: probably from 3"), "{}", screen.text());
}

#[test]
fn the_selected_generation_tells_what_it_changed_and_what_going_there_would() {
    let mut screen = forked();
    screen.keys("j");
    assert!(screen.shows("What generation 4 changed"));
    assert!(says(&mut screen, "Going there would change: packages +2 −1"), "{}", screen.text());
    let detail = Detail::of(&screen.app).unwrap();
    let rows: Vec<_> = (0..detail.len()).map(|row| detail.row(row).unwrap()).collect();
    assert_eq!(detail.row(detail.len()), None);
    let items = |of: Section| rows.iter().filter(|row| matches!(row, Row::Item(section, _) if *section == of)).count();
    assert_eq!(items(Section::Packages), 1);
    assert_eq!(items(Section::Commands), 0, "zlib has none");
    assert_eq!(items(Section::Files), 2, "lib/libz.so and its manual page");
    let starts: Vec<_> = detail.starts().iter().map(|&start| rows[start]).collect();
    assert_eq!(starts, [Row::Heading(Section::Packages), Row::Heading(Section::Files)]);
    assert!(screen.shows("+ share/man/man3/zlib.3.gz"));
}

#[test]
fn of_the_first_generation_everything_is_new() {
    let mut screen = screen();
    screen.keys("HG");
    assert!(says(&mut screen, "It is the first: before it there was nothing."), "{}", screen.text());
    assert!(screen.shows("+ git") && screen.shows("+ bin/git-shell"));
}

#[test]
fn two_marks_show_what_differs_between_them_whichever_is_marked_first() {
    for script in ["H<space>jjj<space>", "HG<space>g<space>"] {
        let mut screen = screen();
        screen.keys(script);
        assert!(screen.shows("From 1 to 4, marked"), "{}", screen.text());
        for part in ["Packages  +3", "+ jq", "+ nodejs_18", "+ zlib", "Commands  +5", "+ corepack", "Files"] {
            assert!(screen.shows(part), "{part}: {}", screen.text());
        }
        assert!(line(&screen, &["* ●   4"]).contains("marked"), "a mark is a word too");
    }
}

#[test]
fn a_third_mark_is_refused_and_says_how_to_go_on() {
    let mut screen = screen();
    screen.keys("H<space>j<space>j<space>");
    assert_eq!(screen.app.timeline.marks(), [3, 4]);
    assert!(screen.message().starts_with("Two are marked already, 3 and 4. Space"), "{}", screen.message());
    screen.keys("k<space>j<space>");
    assert_eq!(screen.app.timeline.marks(), [2, 4], "without one of the marks there is room");
    screen.keys("<esc>");
    assert!(screen.app.timeline.marks().is_empty() && screen.shows("What generation 2 changed"));
    screen.keys("<esc>");
    assert!(screen.app.screens.is_empty());
}

#[test]
fn one_mark_says_what_a_second_would_do() {
    let mut screen = screen();
    screen.keys("H<space>j");
    assert!(says(&mut screen, "Generation 4 is marked; a mark on another one compares the two."), "{}", screen.text());
}

#[test]
fn the_details_scroll_through_every_file_and_tab_goes_from_section_to_section() {
    let mut screen = Screen::new(Memory::with(INSTALLED), 120, 16);
    screen.keys("H<space>G<space>");
    assert!(!screen.shows("zlib.3.gz"), "there are more files than rows");
    screen.keys("<tab>");
    assert!(screen.app.timeline.is_in_detail);
    let first = |screen: &Screen| {
        let row = screen.app.timeline.detail.visible().start;
        Detail::of(&screen.app).unwrap().row(row)
    };
    assert_eq!(first(&screen), Some(Row::Heading(Section::Packages)));
    screen.keys("<tab>");
    assert_eq!(first(&screen), Some(Row::Heading(Section::Commands)));
    screen.keys("<backtab>");
    assert_eq!(first(&screen), Some(Row::Heading(Section::Packages)));
    screen.keys("G");
    assert!(screen.shows("zlib.3.gz"), "{}", screen.text());
    screen.keys("g");
    assert_eq!(first(&screen), Some(Row::Fact(0)));
    screen.keys("hj");
    assert!(!screen.app.timeline.is_in_detail);
    assert_eq!(screen.app.selected_generation().unwrap().number, 1, "the keys move in the list again");
}

#[test]
fn where_there_is_no_room_for_both_the_details_take_the_place_of_the_list() {
    let mut screen = Screen::new(Memory::with(INSTALLED), 50, 15);
    screen.keys("H");
    assert!(screen.shows("Generations 4") && !screen.shows("What generation"), "{}", screen.text());
    screen.keys("l");
    assert!(!screen.shows("Generations 4") && screen.shows("What generation 4 changed"), "{}", screen.text());
    screen.keys("<esc>");
    assert!(screen.shows("Generations 4"));
    screen.keys("<tab>");
    assert!(screen.shows("Packages  +1"), "{}", screen.text());
}

#[test]
fn undo_goes_to_the_parent_and_then_further_back() {
    let mut screen = forked();
    screen.keys("u");
    assert_eq!(screen.app.dialog, Some(Dialog::Question(Question::UndoGeneration { number: 5, to: Some(2) })));
    assert!(screen.shows("Undo generation 5? It was made from 2") && screen.shows("− bat"), "{}", screen.text());
    screen.keys("n");
    assert_eq!(current(&screen), Some(5));
    screen.keys("uy");
    assert_eq!(current(&screen), Some(2));
    screen.keys("uy");
    assert_eq!(current(&screen), Some(1));
}

#[test]
fn undoing_the_first_generation_makes_one_without_packages_and_keeps_what_is_staged() {
    let mut screen = Screen::new(Memory::with(&["git"]), 120, 40);
    screen.keys("2/bat<enter><space>Hu");
    assert!(screen.shows("Undo generation 1, the first?") && screen.shows("− git"), "{}", screen.text());
    screen.keys("y");
    assert_eq!(current(&screen), Some(2));
    assert!(screen.app.elements().is_empty());
    assert_eq!(screen.app.staged.changes().len(), 1);
    screen.keys("uy");
    assert_eq!((current(&screen), screen.app.elements().len()), (Some(1), 1), "and that can be undone too");
}

#[test]
fn of_a_deleted_parent_undo_says_that_it_is_gone() {
    let mut screen = forked();
    screen.keys("GkD<enter>");
    assert_eq!(screen.message(), "Deleted: generation 2.");
    screen.keys("gu");
    assert!(screen.message().starts_with("Generation 2, from which 5 was made, is deleted."), "{}", screen.message());
    assert!(says(&mut screen, "which is deleted."), "{}", screen.text());
}

#[test]
fn a_deletion_lists_exactly_what_goes_and_what_it_means() {
    let mut screen = forked();
    screen.keys("D");
    assert!(says(&mut screen, "Nothing goes yet. The current generation never does."), "{}", screen.text());
    screen.keys("<tab>");
    assert!(says(&mut screen, "4 generations would go, for ever:"), "{}", screen.text());
    assert!(says(&mut screen, "The current one descends from 1, 2: undo cannot go there then."), "{}", screen.text());
    screen.keys("<c-u>+2");
    assert!(says(&mut screen, "3 generations would go, for ever:"), "{}", screen.text());
    screen.keys("<c-u>3 4");
    assert!(screen.shows("2 generations would go") && !screen.shows("descends"), "{}", screen.text());
    assert!(says(&mut screen, "frees nothing yet"), "{}", screen.text());
    screen.keys("<enter>");
    assert_eq!(screen.message(), "Deleted: generation 3, 4.");
    let left: Vec<_> = screen.app.current.generations.iter().map(|generation| generation.number).collect();
    assert_eq!(left, [1, 2, 5]);
}

#[test]
fn with_nix_the_bytes_are_those_that_a_collection_can_free_at_most() {
    let mut screen = Screen::new(Memory::with(INSTALLED).of_nix(), 120, 40);
    screen.keys("HG");
    assert!(says(&mut screen, "with all that is needed"), "{}", screen.text());
    screen.keys("D<tab>");
    assert!(says(&mut screen, "Nothing is freed: others have all that they have."), "{}", screen.text());
    screen.keys("<esc>G<enter>yD<tab>");
    assert!(says(&mut screen, "At most ") && says(&mut screen, "nix-store --gc"), "{}", screen.text());
}

#[test]
fn what_is_deleted_is_what_was_listed_when_enter_was_pressed() {
    let mut screen = screen();
    screen.keys("HjD");
    screen.hold();
    screen.keys(" 1<enter>");
    assert_eq!(screen.message(), "Wait until it is known what would go.");
    assert!(!screen.waiting.iter().any(|effect| matches!(effect, Effect::DeleteGenerations { .. })));
    screen.go_on();
    screen.keys("x");
    assert!(screen.shows("generations are deleted by their numbers"), "{}", screen.text());
    screen.keys("<enter>");
    assert_eq!(screen.app.current.generations.len(), 4);
    screen.keys("<backspace><enter>");
    let left: Vec<_> = screen.app.current.generations.iter().map(|generation| generation.number).collect();
    assert_eq!(left, [2, 4]);
}

#[test]
fn a_long_list_of_what_would_go_scrolls_in_the_dialog() {
    let mut screen = Screen::new(Memory::with(INSTALLED).again(40), 80, 24);
    screen.keys("HD<tab>");
    assert!(screen.shows("43 generations would go") && screen.shows("1 to "), "{}", screen.text());
    for _ in 0..50 {
        screen.keys("<down>");
    }
    assert!(screen.shows("to 43 of 43"), "{}", screen.text());
    let mut small = Screen::new(Memory::with(INSTALLED).again(40), 50, 15);
    small.keys("HD<tab>");
    assert!(small.shows("› old") && small.shows("43 generations would go"), "{}", small.text());
    assert!(small.shows("Enter delete"), "{}", small.text());
}

#[test]
fn while_the_summaries_are_on_their_way_the_keys_work_and_rows_say_so() {
    let mut screen = screen();
    screen.hold();
    screen.keys("Hj<space>j<space>");
    assert_eq!(screen.app.timeline.marks(), [2, 3]);
    assert!(screen.shows("…") && screen.shows("comparing…"), "{}", screen.text());
    let asked = screen.waiting.iter().filter(|effect| matches!(effect, Effect::Summarise { .. })).count();
    assert_eq!(asked, 1, "once for all of them");
    screen.go_on();
    assert!(screen.shows("From 2 to 3, marked") && screen.shows("+ nodejs_18"), "{}", screen.text());
}

#[test]
fn the_selection_that_is_left_behind_is_not_waited_for() {
    let mut screen = screen();
    screen.keys("H");
    screen.hold();
    screen.keys("jjk");
    screen.do_newest();
    assert!(screen.shows("What generation 3 changed") && screen.shows("+ nodejs_18"), "{}", screen.text());
    screen.go_on();
    assert!(screen.shows("What generation 3 changed") && screen.shows("+ nodejs_18"));
}

#[test]
fn one_gets_down_a_history_of_two_hundred_generations() {
    let mut screen = Screen::new(Memory::with(INSTALLED).again(200), 120, 40);
    screen.keys("H");
    assert!(screen.shows("Generations 204") && screen.shows("the same packages"), "{}", screen.text());
    for _ in 0..100 {
        screen.keys("j");
        screen.draw();
    }
    assert_eq!(screen.app.selected_generation().unwrap().number, 104);
}
