//! Dry runs on the screen: what is staged is built and linked, and looked at; the profile stays as it is.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use std::path::PathBuf;

use driver::Screen;
use memory::Memory;
use memory::imports::FILE;
use nix_loom::loom::ToBuild;
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::Screen as Shown;
use nix_loom::tui::context::Context;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::files::Showing;
use nix_loom::tui::work::Task;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

fn screen() -> Screen {
    Screen::new(Memory::with(INSTALLED), 120, 40)
}

#[test]
fn what_is_staged_is_built_where_the_link_was_asked_for_and_stays_staged() {
    let mut screen = screen();
    screen.keys("/neovim<enter><space><enter>b");
    assert_eq!(screen.app.context(), Context::Link);
    assert!(screen.shows("› result"), "{}", screen.text());
    // What is there is taken away by the first letter.
    screen.hold();
    screen.keys("dry/run<enter>");
    let what = ToBuild::Changes(screen.app.staged.transaction().clone());
    let asked = Effect::Build { what, link: PathBuf::from("dry/run") };
    assert!(screen.waiting.contains(&asked), "{:?}", screen.waiting);
    screen.go_on();
    assert!(screen.message().contains("Built: ~/work/dry/run leads to it"), "{}", screen.message());
    assert_eq!(screen.app.current.snapshot.generation, Some(4), "no generation is made");
    assert_eq!((screen.app.staged.changes().len(), screen.app.screen()), (1, Some(Shown::Plan)));
    screen.keys("b");
    assert!(screen.shows("› dry/run"), "the next time it goes there again");
    screen.keys("~/x<enter>");
    assert!(screen.message().contains("Built: "), "{}", screen.message());
}

#[test]
fn the_files_are_those_of_what_was_built_as_long_as_it_is_of_what_is_staged() {
    let mut screen = screen();
    screen.keys("/neovim<enter><space><enter>f");
    assert_eq!(screen.app.files.showing, Showing::Plan, "nothing is built yet");
    screen.keys("qb<enter>f");
    assert!(screen.shows("Files of ~/work/result"), "{}", screen.text());
    assert!(screen.shows("bin/"), "{}", screen.text());
    screen.keys("/nvim");
    assert!(screen.shows("nvim"), "{}", screen.text());
    screen.keys("<esc>q");
    assert_eq!(screen.app.screen(), Some(Shown::Plan));
    screen.keys("q/ripgrep<enter><space><enter>f");
    assert_eq!(screen.app.files.showing, Showing::Plan, "that was built of other changes");
}

#[test]
fn what_collides_is_not_built_and_the_way_out_is_told() {
    let mut screen = screen();
    screen.keys("/nodejs_24<enter><space><enter>b");
    assert_eq!(screen.app.dialog, None);
    assert!(screen.message().starts_with("Refused: "), "{}", screen.message());
    screen.keys("<esc>X<enter>:build-result<enter>");
    assert!(!screen.message().is_empty(), "nothing is staged");
}

#[test]
fn a_link_needs_a_name() {
    let mut screen = screen();
    screen.keys("/neovim<enter><space><enter>b<c-u>  <enter>");
    assert_eq!(screen.message(), "Say where the link goes, such as result or ~/dry-run.");
    screen.keys("<esc>");
    assert_eq!((screen.app.dialog.clone(), screen.app.screen()), (None, Some(Shown::Plan)));
}

#[test]
fn a_build_tells_how_far_it_is_and_can_be_stopped() {
    let mut screen = screen();
    screen.keys("/neovim<enter><space><enter>b");
    screen.hold();
    screen.keys("<enter>");
    let step = Step { what: "putting neovim-0.11.5 into the store".into(), done: 3, total: 7 };
    screen.act(Action::Reply(Reply::Progressed(Task::Build, step)));
    assert!(screen.shows("putting neovim-0.11.5 into the store") && screen.shows("42%"), "{}", screen.text());
    screen.keys("b");
    assert_eq!(screen.message(), "Something is being built already; wait until that is done.");
    screen.keys("<esc>");
    assert!(screen.shows("Stop building? The link stays as it is"), "{}", screen.text());
    screen.keys("y");
    assert_eq!(screen.waiting.back(), Some(&Effect::Cancel(Task::Build)));
    screen.go_on();
    assert!(screen.app.works.get(Task::Build).is_none());
    assert!(screen.app.built.is_none(), "{}", screen.message());
}

#[test]
fn to_quit_while_something_is_built_is_asked_for() {
    let mut screen = screen();
    screen.keys("/neovim<enter><space><enter>b");
    screen.hold();
    screen.keys("<enter>qq");
    assert!(screen.shows("Something is being built. Quit and stop it?"), "{}", screen.text());
}

#[test]
fn an_environment_file_is_built_from_its_own_screen_and_its_tree_is_shown_there() {
    let mut screen = screen();
    screen.keys(&format!("E<c-u>{FILE}<enter>"));
    assert_eq!(screen.app.context(), Context::Environment, "{}", screen.text());
    screen.keys("b");
    screen.hold();
    screen.keys("<enter>");
    let step = Step { what: "building myproject_env".into(), done: 1, total: 2 };
    screen.act(Action::Reply(Reply::Progressed(Task::Build, step)));
    screen.keys("<esc>");
    assert!(screen.shows("Stop building? The link stays as it is"), "{}", screen.text());
    screen.keys("n");
    let asked = Effect::Build { what: ToBuild::File(FILE.into()), link: PathBuf::from("result") };
    assert!(screen.waiting.contains(&asked), "{:?}", screen.waiting);
    screen.go_on();
    assert!(
        screen.message().contains("Built: ~/work/result leads to it; the profile is as it was. f shows its files.")
    );
    screen.keys("f");
    assert!(screen.shows("Files of ~/work/result"), "{}", screen.text());
    // Read again, the file may be another.
    screen.keys("qrf");
    assert!(!screen.shows("Files of ~/work/result"), "{}", screen.text());
}
