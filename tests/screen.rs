//! The screen driven by key scripts, over a backend in memory: what each key does, and what is refused and why.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use driver::Screen;
use memory::Memory;
use nix_loom::loom::{Elsewhere, Meaning, MeaningKind};
use nix_loom::profile::Change;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::{Pane, Phase};
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::keymap;
use nix_loom::tui::work::Task;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

fn screen() -> Screen {
    Screen::new(Memory::with(INSTALLED), 120, 40)
}

fn changes(screen: &Screen) -> &[Change] {
    screen.app.staged.changes()
}

fn install(attribute: &str) -> Change {
    Change::Install { attribute: attribute.into(), source: Some("demo".into()), outputs: None, priority: None }
}

fn remove(name: &str) -> Change {
    Change::Remove { name: name.into() }
}

#[test]
fn the_first_picture_needs_nothing_loaded() {
    let mut screen = Screen::unopened(Memory::with(INSTALLED), 120, 40);
    assert!(screen.shows("Opening the profile…"));
    screen.keys("/zl");
    screen.go_on();
    assert!(screen.shows("Available 1 of 16"), "what was typed before is searched once it can be:\n{}", screen.text());
}

#[test]
fn a_profile_that_cannot_be_opened_is_told_and_can_be_tried_again() {
    let mut screen = Screen::unopened(Memory::with(INSTALLED), 80, 24);
    screen.waiting.clear();
    let error = nix_loom::loom::LoomError::NoHome;
    screen.act(Action::Reply(Reply::Opened(Err(error))));
    assert!(screen.shows("could not be opened") && screen.shows("XDG_DATA_HOME"));
    screen.keys("r");
    assert_eq!(screen.waiting, [Effect::Open]);
    screen.go_on();
    assert_eq!(screen.app.phase, Phase::Open);
}

#[test]
fn an_empty_profile_says_what_to_do() {
    let screen = Screen::new(Memory::with(&[]), 120, 40);
    assert!(screen.shows("Nothing is installed yet. Press"));
    assert!(screen.shows("no generation yet"));
}

#[test]
fn letters_type_in_the_search_box_and_arrows_move_below_it() {
    let mut screen = screen();
    screen.keys("/nodejs<down>");
    assert_eq!(screen.app.query.text(), "nodejs");
    assert_eq!(screen.app.lists.available.selected(), Some(1));
    screen.keys("<enter>");
    assert!(!screen.app.is_searching);
    assert_eq!(screen.app.query.text(), "nodejs");
    screen.keys("/<c-w>j<space>q");
    assert_eq!(screen.app.query.text(), "j q", "keys of the panes are letters here");
}

#[test]
fn escape_clears_the_query_and_then_leaves_the_box() {
    let mut screen = screen();
    screen.keys("/jq<esc>");
    assert!(screen.app.is_searching && screen.app.query.is_empty());
    screen.keys("<esc>");
    assert!(!screen.app.is_searching);
    screen.keys("/jq<enter><esc>");
    assert!(screen.app.query.is_empty(), "also from outside of the box");
}

#[test]
fn another_search_takes_the_place_of_the_last_one_unless_its_text_is_edited() {
    let mut screen = screen();
    screen.keys("/nodejs<enter>/jq");
    assert_eq!(screen.app.query.text(), "jq");
    screen.keys("<enter>/<enter>");
    assert_eq!(screen.app.query.text(), "jq", "nothing was typed");
    screen.keys("/<left>x<enter>");
    assert_eq!(screen.app.query.text(), "jxq");
}

#[test]
fn an_answer_to_an_older_query_is_dropped() {
    let mut screen = screen();
    screen.hold();
    screen.keys("/jq");
    screen.do_newest();
    let asked = screen.waiting.iter().rev().find_map(|effect| match effect {
        Effect::Search { query, .. } => Some(query.clone()),
        _ => None,
    });
    let installed = INSTALLED.iter().map(|attribute| ((*attribute).to_owned(), "demo".to_owned())).collect();
    assert_eq!(asked, Some(nix_loom::catalogue::Query::parse("j").with_installed(installed)));
    screen.go_on();
    assert!(screen.shows("Available 1 of 16"), "{}", screen.text());
}

#[test]
fn keys_typed_ahead_of_the_search_mean_what_it_finds() {
    let mut screen = screen();
    screen.hold();
    screen.keys("/corepack<enter><space>");
    assert_eq!(changes(&screen), [], "the row that is selected meanwhile is of an older query");
    screen.go_on();
    assert_eq!(changes(&screen), [install("corepack")]);
    screen.hold();
    screen.keys("/<c-u>neovim<enter><space>/<c-u>corepack<enter><space>");
    screen.go_on();
    assert_eq!(changes(&screen), [install("neovim")], "each search is waited for, and corepack is taken back");
    screen.hold();
    screen.keys("/<c-u>bat<enter><c-c>");
    assert_eq!(screen.waiting.back(), Some(&Effect::Quit), "leaving waits for nothing");
}

#[test]
fn a_preview_of_older_changes_is_dropped() {
    let mut screen = screen();
    screen.hold();
    screen.keys("<space>");
    screen.keys("<space>");
    assert!(screen.app.outlook.current().is_none(), "what was worked out before is not shown as current");
    screen.waiting.retain(|effect| matches!(effect, Effect::Preview { .. }));
    screen.do_newest();
    assert_eq!(screen.app.outlook.current().map(|report| report.preview.elements.len()), Some(4));
    screen.go_on();
    assert_eq!(screen.app.outlook.current().map(|report| report.preview.elements.len()), Some(4));
}

#[test]
fn space_stages_and_takes_back_in_each_pane() {
    let mut screen = screen();
    screen.keys("<space>");
    assert_eq!(changes(&screen), [remove("git")]);
    screen.keys("<space>2<space>");
    assert_eq!(changes(&screen), [install("bat")]);
    screen.keys("<space>");
    assert_eq!(changes(&screen), []);
    screen.keys("1Gl<tab>");
    assert_eq!(screen.app.focus, Pane::Outputs);
}

#[test]
fn an_output_that_is_ticked_is_installed_with_the_others() {
    let mut screen = screen();
    screen.keys("Go<down><space>");
    let outputs = |outputs: &[&str]| Change::Outputs {
        name: "zlib".into(),
        outputs: outputs.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(changes(&screen), [outputs(&["out", "dev"])]);
    assert!(screen.shows("[x] dev"));
    screen.keys("<space>");
    assert_eq!(changes(&screen), [], "as installed is no change");
    screen.keys("<up><space>");
    assert_eq!(changes(&screen), [remove("zlib")], "without an output it is gone");
}

#[test]
fn ticking_outputs_of_a_new_package_stages_exactly_what_is_ticked() {
    let mut screen = screen();
    screen.keys("/ffmpeg<enter>o<down><down><space>");
    let staged = |outputs: Option<&[&str]>| Change::Install {
        attribute: "ffmpeg".into(),
        source: Some("demo".into()),
        outputs: outputs.map(|outputs| outputs.iter().map(ToString::to_string).collect()),
        priority: None,
    };
    assert_eq!(changes(&screen), [staged(Some(&["dev"]))]);
    screen.keys("g<space><down><space>j<space>");
    assert_eq!(changes(&screen), [staged(None)], "the default outputs need no choice");
    screen.keys("g<space>j<space>");
    assert_eq!(changes(&screen), []);
}

#[test]
fn what_is_installed_already_is_not_staged_again_and_the_screen_says_why() {
    let mut screen = screen();
    screen.keys("/jq<enter><space>");
    assert_eq!(changes(&screen), []);
    assert!(screen.message().contains("installed already"), "{}", screen.message());
    screen.keys("a");
    assert_eq!(changes(&screen), [Change::Active { name: "jq".into(), active: false }]);
    screen.keys("/<c-u>vim<enter>a");
    assert!(screen.message().contains("only an installed package"), "{}", screen.message());
}

#[test]
fn a_priority_is_asked_for_and_the_installed_one_is_no_change() {
    let mut screen = screen();
    screen.keys("p<c-u>3<enter>");
    assert_eq!(changes(&screen), [Change::Priority { name: "git".into(), priority: 3 }]);
    screen.keys("p<up><up><enter>");
    assert_eq!(changes(&screen), []);
    screen.keys("p<c-u>-<enter>");
    assert!(screen.message().contains("whole number") && screen.app.dialog.is_some());
    screen.keys("<esc>/vim<enter>p<c-u>-10<enter>");
    assert!(matches!(changes(&screen), [Change::Install { priority: Some(-10), .. }]), "{:?}", changes(&screen));
}

#[test]
fn undo_redo_and_dropping_all() {
    let mut screen = screen();
    screen.keys("<space>j<space>u");
    assert_eq!(changes(&screen), [remove("git")]);
    screen.keys("U");
    assert_eq!(changes(&screen), [remove("git"), remove("jq")]);
    screen.keys("Xn");
    assert_eq!(changes(&screen).len(), 2, "asks first");
    screen.keys("Xy");
    assert_eq!(changes(&screen), []);
    screen.keys("u");
    assert_eq!(changes(&screen).len(), 2, "and can be undone");
}

#[test]
fn a_transaction_that_collides_is_refused_before_anything_changes() {
    let mut screen = screen();
    screen.keys("/corepack<enter><space>");
    assert!(screen.shows("✗ blocked"), "{}", screen.text());
    assert!(screen.shows("bin/corepack"), "{}", screen.text());
    screen.hold();
    screen.keys("<enter><enter>");
    assert!(screen.waiting.is_empty(), "nothing is even asked for: {:?}", screen.waiting);
    assert!(
        screen.message().starts_with("Refused: 1 collision blocks; nothing was changed. s stages: "),
        "{}",
        screen.message()
    );
    screen.keys("s");
    screen.go_on();
    assert!(screen.app.outlook.current().is_some_and(nix_loom::tui::report::Report::builds), "{:?}", changes(&screen));
    screen.keys("<enter>");
    assert_eq!(screen.app.current.snapshot.generation, Some(5));
    assert!(changes(&screen).is_empty() && screen.app.screen().is_none());
    assert!(screen.message().starts_with("Generation 5 is the current one now"), "{}", screen.message());
}

#[test]
fn the_selected_suggestion_is_the_one_that_is_staged() {
    let mut screen = screen();
    screen.keys("/corepack<enter><space><enter><tab>");
    let suggestions = screen.app.outlook.current().expect("worked out").preview.suggestions.len();
    assert!(suggestions > 1);
    screen.keys("<down>s");
    let first = changes(&screen).to_vec();
    screen.keys("ug<tab>s");
    assert_ne!(first, changes(&screen));
}

#[test]
fn a_change_can_be_taken_back_in_the_plan() {
    let mut screen = screen();
    screen.keys("<space>j<space><enter><down><space>");
    assert_eq!(changes(&screen), [remove("git")]);
    screen.keys("G<space>");
    assert!(screen.message().contains("Select a staged change"), "{}", screen.message());
}

#[test]
fn an_apply_shows_how_far_it_is_and_asks_before_it_stops() {
    let mut screen = screen();
    screen.keys("/nvim<esc>neovim<enter><space><enter>");
    screen.hold();
    screen.keys("<enter>");
    let step = nix_loom::progress::Step { what: "putting it there".into(), done: 1, total: 4 };
    screen.act(Action::Reply(Reply::Progressed(Task::Apply, step)));
    assert!(
        screen.shows("putting it there") && screen.shows("25%") && screen.shows("applying 25%"),
        "{}",
        screen.text()
    );
    screen.keys("u");
    assert!(screen.message().contains("Wait until"), "what is being applied stays as it was looked at");
    screen.keys("<esc>");
    assert!(screen.shows("Stop applying?"));
    screen.keys("y");
    assert_eq!(screen.waiting.back(), Some(&Effect::Cancel(Task::Apply)));
    screen.go_on();
    assert!(screen.message().contains("nothing was changed"), "{}", screen.message());
    assert_eq!(screen.app.current.snapshot.generation, Some(4));
    assert_eq!(changes(&screen), [install("neovim")], "what was staged stays");
}

#[test]
fn a_failed_apply_keeps_what_was_staged_and_tells_why() {
    let mut screen = Screen::new(Memory::that_fails_to_apply(INSTALLED), 80, 24);
    screen.keys("/neovim<enter><space><enter><enter>");
    assert!(screen.message().starts_with("Not applied: /store/nodejs_24"), "{}", screen.message());
    assert_eq!(changes(&screen).len(), 1);
    assert!(!screen.app.is_busy());
}

#[test]
fn rolling_back_is_one_key_and_a_yes() {
    let mut screen = screen();
    screen.keys("R");
    assert!(screen.shows("Roll back from generation 4 to 3?") && screen.shows("− zlib"), "{}", screen.text());
    screen.keys("n");
    assert_eq!(screen.app.current.snapshot.generation, Some(4));
    screen.keys("Ry");
    assert_eq!(screen.app.current.snapshot.generation, Some(3));
    assert!(screen.shows("Installed 3"));
    screen.keys("RyRyR");
    assert_eq!(screen.message(), "There is no generation before 1.");
}

#[test]
fn the_history_goes_to_any_generation() {
    let mut screen = screen();
    screen.keys("H");
    assert!(screen.shows("What generation 4 changed") && screen.shows("+ zlib"), "{}", screen.text());
    screen.keys("<enter>");
    assert_eq!(screen.message(), "Generation 4 is the current one.");
    screen.keys("G<enter>y");
    assert_eq!(screen.app.current.snapshot.generation, Some(1));
}

#[test]
fn a_profile_of_nix_tells_its_kind_and_becomes_the_other_after_a_yes() {
    let mut screen = Screen::new(Memory::with(INSTALLED).of_nix(), 120, 40);
    assert!(screen.shows("nix profile · generation 4"), "{}", screen.text());
    assert!(screen.shows("store in /store"), "another place than the usual one is told: {}", screen.text());
    screen.keys("C");
    assert!(screen.shows("Convert") && screen.shows("`nix-env`"), "{}", screen.text());
    screen.keys("n");
    assert!(screen.shows("nix profile · generation 4"));
    screen.keys("Cy");
    assert!(screen.shows("nix-env profile · generation 5"), "{}", screen.text());
    let mut own = self::screen();
    own.keys("C");
    assert!(own.message().contains("the program's own"), "{}", own.message());
}

#[test]
fn a_generation_is_deleted_after_it_was_listed_and_never_the_current_one() {
    let mut screen = screen();
    let before = screen.app.current.generations.len();
    screen.keys("HD<enter>");
    assert!(screen.message().starts_with("Type which generations"), "{}", screen.message());
    screen.keys("4");
    assert!(screen.shows("generation 4 is the current one, which is never deleted"), "{}", screen.text());
    screen.keys("<esc>jD<esc>");
    assert_eq!(screen.app.current.generations.len(), before);
    screen.keys("D<enter>");
    assert_eq!(screen.message(), "Deleted: generation 3.");
    assert_eq!(screen.app.current.generations.len(), before - 1);
    assert_eq!(screen.app.current.snapshot.generation, Some(4));
}

#[test]
fn quitting_asks_when_something_would_be_lost() {
    let mut screen = screen();
    screen.keys("<space>q");
    assert!(screen.asked_of_terminal.is_empty() && screen.shows("drop 1 staged change?"));
    screen.keys("n<space>q");
    assert_eq!(screen.asked_of_terminal, [Effect::Quit]);
    let mut screen = self::screen();
    screen.keys("<space>p<c-c>");
    assert_eq!(screen.asked_of_terminal, [Effect::Quit], "Ctrl-c never asks");
}

#[test]
fn escape_always_goes_one_level_back() {
    let mut screen = screen();
    screen.keys("<space><enter>c?<esc><esc><esc>");
    assert_eq!(screen.app.screens, []);
    screen.keys("o<esc>");
    assert_eq!(screen.app.focus, Pane::Installed);
    screen.keys("<esc>");
    assert_eq!(screen.message(), "Press q to quit.");
}

#[test]
fn collisions_are_told_apart_by_kind() {
    let mut screen = screen();
    screen.keys("/corepack<enter><space>/<c-u>busybox<enter><space>/<c-u>coreutils<enter><space>p<c-u>4<enter>c<tab>");
    assert!(
        screen.shows("[all 2]") && screen.shows("≠ tie 1") && screen.shows("≠ tie            bin/corepack"),
        "{}",
        screen.text()
    );
    screen.keys("tt");
    assert!(
        screen.shows("[▾ shadowed 1]") && screen.shows("✓ wins with priority 4") && screen.shows("does not block"),
        "{}",
        screen.text()
    );
}

#[test]
fn of_200_000_collisions_the_last_is_one_key_away() {
    let mut screen = Screen::new(Memory::with_collisions(INSTALLED, 200_000), 120, 40);
    screen.keys("/corepack<enter><space>c<tab>G");
    assert!(screen.shows("share/many/199999") && screen.shows("[all 200,001]"), "{}", screen.text());
    screen.keys("<c-u>g");
    assert_eq!(screen.app.lists.collisions.selected(), Some(0));
    screen.keys("<tab>Gl<down>G");
    assert!(screen.shows("✗ ≠ 199999"), "{}", screen.text());
}

#[test]
fn a_click_selects_and_the_wheel_scrolls_what_is_under_the_pointer() {
    let mouse = |kind, column, row| Action::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    let mut screen = Screen::new(Memory::with(INSTALLED), 120, 20);
    screen.act(mouse(MouseEventKind::Down(MouseButton::Left), 45, 5));
    assert_eq!((screen.app.focus, screen.app.lists.available.selected()), (Pane::Available, Some(2)));
    screen.act(mouse(MouseEventKind::ScrollDown, 45, 5));
    assert_eq!(screen.app.lists.available.visible().start, 3);
    assert_eq!(screen.app.lists.installed.visible().start, 0);
    screen.act(mouse(MouseEventKind::Down(MouseButton::Left), 45, 2));
    assert!(screen.app.is_searching, "a click into the search box starts a search");
    screen.act(mouse(MouseEventKind::Down(MouseButton::Left), 5, 3));
    assert_eq!((screen.app.focus, screen.app.is_searching), (Pane::Installed, false));
}

#[test]
fn the_number_of_panes_follows_the_width() {
    let mut screen = screen();
    let names = |screen: &Screen| ["Installed 4", "Available 16", "Outputs of git"].map(|name| screen.shows(name));
    assert_eq!(names(&screen), [true, true, true]);
    screen.resize(119, 30);
    assert_eq!(names(&screen), [true, true, false]);
    screen.keys("o");
    assert_eq!(names(&screen), [true, false, true]);
    screen.resize(59, 30);
    assert!(screen.shows("Installed 4 │ Available 16 │ ›Outputs"), "{}", screen.text());
    screen.resize(39, 30);
    assert_eq!(
        screen.text().split_whitespace().collect::<Vec<_>>().join(" "),
        "nix-loom needs 40×8; this terminal is 39×30."
    );
}

#[test]
fn pasted_text_is_searched_for() {
    let mut screen = screen();
    screen.keys("/");
    screen.act(Action::Paste("zlib\n".into()));
    assert_eq!(screen.app.query.text(), "zlib");
    assert!(screen.shows("Available 1 of 16"));
}

#[test]
fn help_lists_every_key() {
    let mut screen = screen();
    screen.resize(120, 500);
    screen.keys("?");
    for (word, meaning) in nix_loom::catalogue::QUERY_HELP {
        assert!(screen.shows(word) && screen.shows(meaning), "{word}");
    }
    for binding in keymap::BINDINGS {
        assert!(
            screen.shows(binding.help) && screen.shows(&screen.app.settings.look.key_names(binding)),
            "{binding:?}"
        );
    }
}

#[test]
fn what_is_there_elsewhere_is_marked_once_it_is_known_and_moves_nothing() {
    let mut elsewhere = Elsewhere::default();
    let shown = ["/store/git-2.52.0-out", "/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-jq-1.7"];
    elsewhere.add("/run/current-system/sw".into(), shown.map(Into::into));
    let mut screen = Screen::unopened(Memory::with(INSTALLED).beside(elsewhere), 160, 50);
    // Everything but the look elsewhere is done.
    let effect = screen.waiting.pop_front().unwrap();
    screen.act(Action::Reply(Reply::Opened(nix_loom::tui::effect::opened(&*screen.backend))));
    assert_eq!(effect, Effect::Open);
    let look = screen.waiting.iter().position(|effect| *effect == Effect::LookElsewhere).unwrap();
    let look = screen.waiting.remove(look).unwrap();
    screen.go_on();
    screen.keys("j");
    let selected = |screen: &Screen| (screen.app.lists.installed.selected(), screen.app.lists.available.selected());
    let before = selected(&screen);
    assert!(!screen.shows("in the system too"));
    screen.hold();
    screen.waiting.push_back(look);
    screen.go_on();
    assert_eq!(selected(&screen), before);
    assert!(screen.shows("= there"), "the row of git:\n{}", screen.text());
    screen.keys("gg");
    assert!(screen.shows("in the system too"), "{}", screen.text());
    screen.keys("2");
    assert!(screen.shows("= there"), "{}", screen.text());
}

#[test]
fn the_plan_tells_what_becomes_of_commands_because_of_path() {
    let meaning = Meaning {
        command: b"rg".as_slice().into(),
        before: Some("/usr/bin/rg".into()),
        after: Some("/home/user/.nix-profile/bin/rg".into()),
        kind: MeaningKind::TakesPlace,
    };
    let mut screen = Screen::new(Memory::with(INSTALLED).on_path(vec![meaning]), 120, 40);
    screen.keys("2/ripgrep<enter><space><enter>");
    assert!(screen.shows("On PATH") && screen.shows("takes the place of /usr/bin/rg"), "{}", screen.text());
    let text = screen.text();
    let at = |part: &str| text.find(part).unwrap();
    assert!(at("Commands") < at("On PATH") && at("On PATH") < at("Files"));
}
