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
use nix_loom::env_file::Format;
use nix_loom::loom::{Export, ExportFile};
use nix_loom::tui::action::Action;
use nix_loom::tui::context::Context;
use nix_loom::tui::effect::Effect;
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
