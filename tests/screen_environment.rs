//! Environment files on the screen, driven by key scripts over a backend in memory.

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

use std::path::Path;

use driver::Screen;
use memory::Memory;
use memory::imports::{BLOCKED, BROKEN_FILE, EDITED, FILE, SET};
use nix_loom::env_file::Format;
use nix_loom::loom::{Export, ExportFile};
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Screen as Shown;
use nix_loom::tui::context::Context;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::work::Task;
use pictures::pictures;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];
/// A form for a file at an absolute place: the name, then on to the place.
const FORM: &str = "Wx_env<backtab><home>~/";

fn screen(memory: Memory, keys: &str) -> Screen {
    let mut screen = Screen::new(memory, 120, 40);
    screen.keys(keys);
    screen
}

fn of_memory(name: &str, memory: impl Fn() -> Memory, keys: &str) {
    pictures(name, &format!("keys: {keys}"), |columns, rows| {
        let mut screen = Screen::new(memory(), columns, rows);
        screen.keys(keys);
        screen
    });
}

#[test]
fn pictures_of_the_form() {
    let memory = || Memory::with(INSTALLED).with_file("/home/user/x_env.nix", "");
    of_memory("export", memory, "W<tab>jq zlib<tab>");
    of_memory("export-over", memory, &format!("{FORM}<enter>"));
    pictures("exporting", &format!("keys: {FORM}<enter>, then while it runs"), |columns, rows| {
        let mut screen = Screen::new(memory(), columns, rows);
        screen.keys(FORM).hold();
        screen.keys("<enter>");
        screen
    });
}

/// What is asked to be written.
fn wanted(screen: &Screen) -> ExportFile {
    let wanted = screen.waiting.iter().find_map(|effect| match effect {
        Effect::Export(wanted) => Some((**wanted).clone()),
        _ => None,
    });
    wanted.unwrap_or_else(|| panic!("nothing is asked to be written: {}", screen.text()))
}

#[test]
fn the_form_asks_for_name_packages_format_and_pins_and_places_the_file_by_them() {
    let mut screen = screen(Memory::with(INSTALLED), "W");
    screen.hold();
    screen.keys("my<tab>jq git<tab><right><tab><space><enter>");
    let export = Export { name: "my".into(), elements: vec!["jq".into(), "git".into()], is_unpinned: true };
    let format = Format::ALL[1];
    let out = format.file_name("my").into();
    assert_eq!(wanted(&screen), ExportFile { export, format, out, is_over: false });
    assert_eq!(screen.app.dialog, None, "nobody waits for it");
    screen.keys("W");
    assert!(
        screen.message().starts_with("An environment file is being written already; L shows"),
        "{}",
        screen.message()
    );
}

#[test]
fn what_was_written_is_told_with_its_place_and_the_form_is_kept_for_the_next_time() {
    let mut screen = screen(Memory::with(INSTALLED), FORM);
    screen.keys("<enter>");
    assert_eq!(
        screen.message(),
        "Written: ~/x_env.nix, with 4 packages, pinned to what is installed. Of 1 of them the file says in a comment what \
         it cannot say in Nix."
    );
    screen.keys("W<enter>");
    assert!(screen.shows("~/x_env.nix is there already. Write over it?"), "{}", screen.text());
    screen.keys("n");
    assert_eq!(screen.app.context(), Context::Export, "another place may do");
    screen.keys("<esc>");
    assert_eq!(screen.app.dialog, None);
    screen.keys("W<enter>y");
    assert!(screen.message().starts_with("Written: ~/x_env.nix"), "{}", screen.message());
}

#[test]
fn what_cannot_be_written_is_told_and_what_was_filled_in_stays() {
    let mut screen = screen(Memory::with(INSTALLED), "Wa b<enter>");
    assert_eq!(screen.message(), "Nix takes no such name: \"a b\"; letters, digits and + - . _ ? = are fine.");
    screen.keys("<c-u>x_env<tab>jq nothing<enter>");
    assert_eq!(screen.message(), "No package is installed as nothing; without any name all are written.");
    screen.keys("<c-u><tab><tab><tab><c-u>relative.nix<enter>");
    assert!(screen.message().starts_with("Not written: relative.nix: it cannot be written"), "{}", screen.message());
    assert!(screen.shows("relative.nix") && screen.app.context() == Context::Export, "{}", screen.text());
    let empty = self::screen(Memory::with(&[]), "W");
    assert_eq!(empty.message(), "Nothing is installed that a file could tell of.");
}

#[test]
fn the_writing_can_be_stopped_and_then_nothing_is_written() {
    let mut screen = screen(Memory::with(INSTALLED), FORM);
    screen.hold();
    screen.keys("<enter>L");
    assert!(screen.shows("writing the environment file"), "{}", screen.text());
    screen.keys("x");
    screen.go_on();
    assert!(screen.message().starts_with("Not written: "), "{}", screen.message());
    screen.keys("qW<enter>");
    assert!(screen.message().starts_with("Written: "), "nothing was there: {}", screen.message());
}

#[test]
fn a_pasted_path_is_taken_as_it_is_but_for_what_steers() {
    let mut screen = screen(Memory::with(INSTALLED), "W<backtab><c-u>");
    screen.act(Action::Paste("/tmp/\u{1b}[31mx.nix\n".into()));
    screen.hold();
    screen.keys("<enter>");
    assert_eq!(wanted(&screen).out, Path::new("/tmp/ [31mx.nix"));
}

/// Opens a file of the memory from the panes.
fn opening(file: &str) -> String {
    format!("E<c-u>{}<enter>", file.replace("/home/user", "~"))
}

#[test]
fn pictures_of_the_question_for_a_file() {
    of_memory("file-prompt", || Memory::with(INSTALLED), "E<down><down>");
    of_memory("file-prompt-nowhere", || Memory::with(INSTALLED), "E~/nowhere/x");
}

#[test]
fn pictures_of_an_environment_file() {
    of_memory("environment", || Memory::with(INSTALLED), &format!("{}j", opening(FILE)));
    of_memory("environment-staged", || Memory::with(INSTALLED), &format!("{}<enter>q", opening(FILE)));
    of_memory("environment-set", || Memory::with(INSTALLED), &opening(SET));
    of_memory("environment-broken", || Memory::with(INSTALLED), &opening(BROKEN_FILE));
    let again = format!("{}<enter><enter>{}", opening(FILE), opening(EDITED));
    of_memory("environment-again", || Memory::with(&["git"]), &again);
    pictures("environment-read", &format!("keys: {}, then while it is read", opening(FILE)), |columns, rows| {
        let mut screen = Screen::new(Memory::with(INSTALLED), columns, rows);
        screen.keys("E<c-u>~/myproject_env.nix").hold();
        screen.keys("<enter>");
        let step = Step { what: "evaluating the file".into(), done: 0, total: 0 };
        screen.act(Action::Reply(Reply::Progressed(Task::Import(1), step)));
        screen
    });
}

#[test]
fn tab_completes_a_path_and_the_newest_file_is_proposed_the_next_time() {
    let mut screen = screen(Memory::with(INSTALLED), "E~/my<tab>");
    assert!(screen.shows("› ~/myproject_env.nix"), "{}", screen.text());
    screen.keys("<enter>");
    assert_eq!(screen.app.screen(), Some(Shown::Environment));
    assert!(screen.shows("Environment myproject_env · 5 packages"), "{}", screen.text());
    screen.keys("qE<c-u>~/too<tab><enter>q");
    screen.keys("E<enter>");
    assert!(screen.shows("Environment tools · 2 packages"), "{}", screen.text());
    screen.keys("qE<down><enter>");
    assert!(screen.shows("Environment myproject_env"), "the one before: {}", screen.text());
    screen.keys("qE<c-u>~/edi<tab><tab><enter>");
    assert_eq!(screen.app.environment.file, Path::new(EDITED), "a folder is gone into");
    screen.keys("qE<c-u>~/nowhere/");
    assert!(screen.shows("The folder cannot be read: "), "{}", screen.text());
    screen.keys("<enter><esc>");
    assert_eq!(screen.app.dialog, None);
}

#[test]
fn no_key_waits_for_a_folder_or_for_nix_and_what_is_read_can_be_stopped() {
    let mut screen = screen(Memory::with(INSTALLED), "");
    screen.hold();
    screen.keys("E~/my<tab>project");
    assert!(screen.shows("looking…"), "{}", screen.text());
    screen.keys("_env.nix<enter>");
    assert!(screen.shows("reading the file") && screen.shows("Esc stops it."), "{}", screen.text());
    screen.keys("<enter>");
    assert_eq!(screen.message(), "The file is being read; Esc stops that.");
    screen.keys("<esc>");
    assert_eq!(screen.app.screen(), Some(Shown::Environment), "the first Esc stops");
    screen.go_on();
    assert!(screen.shows("It was stopped before it was read."), "{}", screen.text());
    screen.keys("r");
    assert!(screen.shows("5 packages"), "{}", screen.text());
    assert_eq!(screen.app.works.all(), [], "nothing is left over");
}

#[test]
fn the_answer_for_a_file_that_nobody_looks_at_any_more_is_dropped() {
    let mut screen = screen(Memory::with(INSTALLED), "");
    screen.hold();
    screen.keys("E~/tools.nix<enter>E<c-u>~/myproject_env.nix<enter>");
    assert_eq!(screen.app.works.all().len(), 1, "of the two only the newer one is waited for");
    screen.go_on();
    assert!(screen.shows("Environment myproject_env"), "{}", screen.text());
    assert_eq!(screen.app.works.all(), []);
}

#[test]
fn what_nix_says_of_a_bad_file_stays_readable_with_its_place_and_the_way_out() {
    let mut screen = screen(Memory::with(INSTALLED), &opening(BROKEN_FILE));
    assert!(screen.shows("undefined variable 'zlb'"), "{}", screen.text());
    assert!(screen.shows("at /home/user/broken.nix:4:7:"), "{}", screen.text());
    assert!(screen.shows("r reads it again, E asks for another file. Nothing was changed."), "{}", screen.text());
    screen.keys("a");
    assert_eq!(screen.message(), "What the file holds is not known: it could not be read; r tries again.");
    for (columns, rows) in [(80, 24), (50, 15)] {
        screen.resize(columns, rows);
        assert!(screen.shows("broken.nix:4:7"), "{}", screen.text());
    }
}

#[test]
fn a_set_is_taken_apart_and_says_why_it_cannot_be_one_package() {
    let mut screen = screen(Memory::with(INSTALLED), &opening(SET));
    screen.keys("<enter>");
    assert_eq!(screen.message(), "A set of packages is no package by itself; a stages its 2 packages.");
    screen.keys("b");
    assert_eq!(screen.message(), "A set of packages is no package by itself; a stages its 2 packages.");
    screen.keys("c");
    assert_eq!(screen.message(), "Its packages lie beside each other only once they are in the profile.");
    screen.keys("a");
    assert_eq!(screen.app.screen(), Some(Shown::Plan));
    assert_eq!(screen.app.staged.changes().len(), 2);
    screen.keys("<enter>");
    assert!(screen.message().starts_with("Generation 5 is the current one now"), "{}", screen.message());
}

#[test]
fn whole_and_apart_take_each_others_place_in_one_step() {
    let mut screen = screen(Memory::with(&["git"]), &opening(FILE));
    screen.keys("<enter>");
    assert_eq!(screen.app.staged.changes().len(), 1);
    screen.keys("qa");
    assert_eq!(screen.app.staged.changes().len(), 5, "in its place");
    screen.keys("u");
    assert_eq!(screen.app.staged.changes().len(), 1, "one step back");
    screen.keys("q<enter>");
    assert_eq!(screen.app.staged.changes().len(), 1, "it is staged already");
    assert_eq!(screen.app.screen(), Some(Shown::Plan));
}

#[test]
fn installing_an_edited_file_tells_what_became_other_and_makes_one_generation() {
    let mut screen = screen(Memory::with(&["git"]), &opening(FILE));
    screen.keys("<enter><enter>");
    assert_eq!(screen.app.current.snapshot.generation, Some(2), "{}", screen.message());
    screen.keys("E<enter>");
    assert!(screen.shows("It is what is installed as myproject_env: "), "{}", screen.text());
    screen.keys(&opening(EDITED));
    for told in ["~ nodejs 24.11.0 → 24.11.1", "+ jq 1.8.1 bin", "− ffmpeg 8.0.1 man"] {
        assert!(screen.shows(told), "{told}: {}", screen.text());
    }
    screen.keys("<enter><enter>");
    assert_eq!(screen.app.current.snapshot.generation, Some(3), "{}", screen.message());
    assert_eq!(screen.app.elements().len(), 2, "it took the place of the older one");
}

/// Whatever steers a terminal stays out of it: the sizes of every view are drawn by `screen_sizes`.
#[test]
fn hostile_names_and_notes_are_harmless() {
    let mut screen = screen(Memory::with(INSTALLED), "E<c-u>~/");
    assert!(!screen.text().contains('\u{202e}'));
    screen.keys("hostile.nix<enter>");
    for keys in ["", "J", "<enter>", "c", "<esc>x"] {
        screen.keys(keys);
        let text = screen.text();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}

#[test]
fn its_own_collisions_are_shown_under_its_own_rules_and_settled_in_the_file_alone() {
    let mut screen = screen(Memory::with(&["git"]), &opening(FILE));
    assert!(screen.shows("rules nixpkgs: builds, 1 collision"), "{}", screen.text());
    screen.keys("c");
    assert!(screen.shows("Collisions of myproject_env · 1 by pair"), "{}", screen.text());
    assert!(screen.shows("╰─ rules nixpkgs ─"), "{}", screen.text());
    assert!(screen.shows("neovim ↔ vim") && screen.shows("bin/vi"), "{}", screen.text());
    screen.keys("s");
    assert_eq!(
        screen.message(),
        "What lies in the file is settled there: by its priorities, its order, or its packages."
    );
    screen.keys("q");
    assert_eq!(screen.app.screen(), Some(Shown::Environment));
    assert!(screen.app.staged.is_empty());
    screen.keys(&opening(BLOCKED));
    assert!(screen.shows("✗ It does not build: 5 collisions, and all of them"), "{}", screen.text());
    screen.keys("c<tab>");
    assert!(screen.shows("the rules `nixpkgs`"), "{}", screen.text());
}

#[test]
fn its_own_tree_is_shown_without_building_anything() {
    let mut screen = screen(Memory::with(&["git"]), &format!("{}f", opening(FILE)));
    assert!(screen.shows("Files of myproject_env by itself, rules nixpkgs"), "{}", screen.text());
    screen.keys("/bin/vi");
    assert!(screen.shows("vim (out)"), "the one of the better priority provides it: {}", screen.text());
}

#[test]
fn collisions_of_the_plan_are_told_under_the_rules_of_the_profile_again() {
    let mut screen = screen(Memory::with(INSTALLED), &format!("{}cq<enter>c", opening(FILE)));
    assert!(screen.shows("Collisions of the plan") && screen.shows("╰─ rules nix ─"), "{}", screen.text());
    screen.keys("s");
    assert_ne!(screen.app.staged.changes().len(), 1, "here it is settled: {}", screen.message());
}

/// E, the file, Enter, the collision with the single zlib, the one-key way out, Enter: one generation.
#[test]
fn an_environment_beside_one_of_its_packages_is_settled_by_one_key_and_installed_in_one_generation() {
    let mut screen = screen(Memory::with(&["git", "zlib"]), &opening(FILE));
    screen.keys("<enter>");
    assert_eq!(screen.app.screen(), Some(Shown::Plan));
    assert!(screen.shows("lib/libz.so"), "{}", screen.text());
    screen.keys("<enter>");
    assert!(screen.message().starts_with("Refused: 2 collisions block"), "{}", screen.message());
    assert!(screen.message().ends_with("s stages: remove zlib."), "{}", screen.message());
    screen.keys("s");
    assert!(screen.app.staged.removes("zlib"), "{:?}", screen.app.staged.changes());
    screen.keys("<enter>");
    assert_eq!(screen.app.current.snapshot.generation, Some(3), "{}", screen.message());
    let names: Vec<_> = screen.app.elements().iter().map(|element| element.name.as_str()).collect();
    assert_eq!(names, ["git", "myproject_env"]);
}

#[test]
fn what_is_not_known_of_a_file_is_told_and_can_be_fetched_without_installing_anything() {
    let mut screen = screen(Memory::with(&["git"]).unlisted(&["vim"]), &opening(FILE));
    assert!(screen.shows("rules nixpkgs: files of 1 output not known yet"), "{}", screen.text());
    assert!(screen.shows("As far as is known it builds, with no collision"), "{}", screen.text());
    screen.keys("cf");
    assert!(screen.message().starts_with("Fetched."), "{}", screen.message());
    screen.keys("q");
    assert!(screen.shows("rules nixpkgs: builds, 1 collision"), "{}", screen.text());
    assert!(screen.app.staged.is_empty() && screen.app.current.snapshot.generation == Some(1));
}
