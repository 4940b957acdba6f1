//! The files screen and who has a file, driven by key scripts over a backend in memory.

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
use nix_loom::tui::app::Screen as Shown;
use pictures::pictures;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];
/// Stages what shadows: vim wins bin/vi over neovim.
const STAGE: &str = "/neovim<enter><space>p<c-u>6<enter>/<c-u>vim<enter><space>1";

fn screen(keys: &str) -> Screen {
    let mut screen = Screen::new(Memory::with(INSTALLED), 120, 40);
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

fn of_keys(name: &str, keys: &str) {
    of_memory(name, || Memory::with(INSTALLED), keys);
}

#[test]
fn pictures_of_a_packages_outputs() {
    of_keys("files-of-package", "jjjjflj");
    of_memory("files-unknown", || Memory::with(INSTALLED).unlisted(&["git"]), "f");
}

#[test]
fn pictures_of_the_profile_with_what_is_shadowed() {
    of_keys("files-of-profile", "Fljjjj");
    of_keys("files-of-plan", &format!("{STAGE}F<tab>l/vi<enter>"));
    of_keys("files-filter", "F/man node");
}

#[test]
fn pictures_of_who_has_a_file() {
    of_keys("which", "wvi");
    of_keys("which-part", "wno");
    of_keys("which-nothing", "wno such file");
    of_memory("which-index", || Memory::with(INSTALLED).unlisted(&["bat"]).with_index("netcat-openbsd"), "wnc");
}

#[test]
fn the_files_of_the_selected_package_open_with_one_key_and_close_with_one() {
    let mut screen = screen("jf");
    assert_eq!(screen.app.screen(), Some(Shown::Files));
    assert!(screen.shows("Files of jq"), "{}", screen.text());
    screen.keys("q");
    assert_eq!(screen.app.screen(), None);
}
