//! The upgrades screen: what is newer is marked and staged, and what is another project or older only on request.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use driver::Screen;
use memory::Memory;
use nix_loom::tui::app;
use nix_loom::tui::effect::Effect;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "ripgrep", "vim", "zlib"];

fn screen() -> Screen {
    Screen::new(Memory::with(INSTALLED), 120, 40)
}

fn staged(screen: &Screen) -> Vec<String> {
    screen.app.staged.changes().iter().map(ToString::to_string).collect()
}

fn version(screen: &Screen, name: &str) -> String {
    let element = screen.app.elements().iter().find(|element| element.name == name);
    element.map(|element| element.version.clone()).unwrap_or_default()
}

#[test]
fn what_can_be_taken_stands_before_what_is_left_alone_and_what_is_the_same_is_counted() {
    let mut screen = screen();
    screen.keys("n");
    let rows = screen.app.upgrades.rows.as_ref().unwrap();
    let names: Vec<_> = rows.iter().map(|row| row.upgrade.name.as_str()).collect();
    let (taken, left) = names.split_at(2);
    assert!(taken.contains(&"git") && taken.contains(&"nodejs_18"), "{names:?}");
    assert_eq!(
        {
            let mut left = left.to_vec();
            left.sort_unstable();
            left
        },
        ["ripgrep", "vim", "zlib"]
    );
    assert!(screen.shows("1 package as offered"), "{}", screen.text());
    assert!(screen.shows("18.20.8 → 24.11.1") && screen.shows("another project"), "{}", screen.text());
}

#[test]
fn marked_upgrades_are_staged_as_one_step_and_the_plan_shows_them() {
    let mut screen = screen();
    screen.keys("na");
    assert_eq!(screen.app.upgrades.marked(), 2);
    screen.keys("<enter>");
    assert_eq!(screen.app.screen(), Some(app::Screen::Plan));
    let mut changes = staged(&screen);
    changes.sort();
    assert_eq!(changes, ["git@demo", "nodejs_18:attribute=nodejs_24:source=demo"]);
    assert_eq!(screen.message(), "Staged: 2 upgrades.");
    screen.keys("u");
    assert!(staged(&screen).is_empty(), "one step takes all of it back");
    screen.keys("U<enter>");
    assert_eq!((version(&screen, "nodejs_18"), version(&screen, "vim")), ("24.11.1".into(), "9.1.1918".into()));
}

#[test]
fn enter_without_a_mark_stages_the_selected_one_and_all_marks_can_be_taken_off() {
    let mut screen = screen();
    screen.keys("naa");
    assert_eq!(screen.app.upgrades.marked(), 0);
    let first = screen.app.selected_upgrade().unwrap().upgrade.change.clone().unwrap().to_string();
    screen.keys("<enter>");
    assert_eq!(staged(&screen), [first]);
    screen.keys("<esc>");
    assert_eq!(screen.app.screen(), Some(app::Screen::Upgrades), "back from the plan are the upgrades");
    screen.keys("<esc>");
    assert_eq!(screen.app.screen(), None);
}

#[test]
fn another_project_is_told_with_both_homes_and_marked_on_request_only() {
    let mut screen = screen();
    screen.keys("n");
    let row = screen.app.upgrades.rows.as_ref().unwrap().iter().position(|row| row.upgrade.name == "vim").unwrap();
    screen.keys(&"j".repeat(row));
    assert!(screen.shows("https://vim.example") && screen.shows("https://neovim.example"), "{}", screen.text());
    screen.keys("<space>");
    assert_eq!(screen.app.upgrades.marked(), 0);
    assert_eq!(screen.message(), "Not marked: What is called so there is another project. ! marks it all the same.");
    screen.keys("<enter>");
    assert!(staged(&screen).is_empty(), "nor is it staged without a mark");
    screen.keys("!<enter>");
    assert_eq!(staged(&screen), ["vim:attribute=neovim:source=demo"]);
}

#[test]
fn what_is_gone_cannot_be_marked_at_all() {
    let mut screen = screen();
    screen.keys("n");
    let row = screen.app.upgrades.rows.as_ref().unwrap().iter().position(|row| row.upgrade.name == "ripgrep").unwrap();
    screen.keys(&"j".repeat(row));
    screen.keys("!");
    assert_eq!(screen.message(), "Not marked: demo has no ripgrep.");
    assert_eq!(screen.app.upgrades.marked(), 0);
}

#[test]
fn a_new_collision_is_told_before_anything_is_staged() {
    let mut screen = Screen::new(Memory::with(&["busybox", "vim"]), 120, 40);
    screen.keys("n");
    assert!(screen.shows("collides") && screen.shows("busybox"), "{}", screen.text());
    let weight = screen.app.upgrades.weight(screen.app.selected_upgrade().unwrap()).unwrap().as_ref().unwrap();
    assert!(weight.consequence.collisions > 0 || weight.consequence.changed > 0, "{weight:?}");
    assert!(staged(&screen).is_empty());
}

#[test]
fn another_source_is_asked_for_one_row_and_its_failure_is_told_there() {
    let mut screen = Screen::new(Memory::with(INSTALLED).with_other_source(), 120, 40);
    screen.keys("n");
    let name = screen.app.selected_upgrade().unwrap().upgrade.name.clone();
    screen.keys("s");
    let row = screen.app.selected_upgrade().unwrap();
    assert_eq!((&row.upgrade.name, row.from.as_deref()), (&name, Some("other")));
    assert!(screen.shows("source failed") && screen.shows("syntax error"), "{}", screen.text());
    screen.keys("s");
    let row = screen.app.selected_upgrade().unwrap();
    assert!(row.upgrade.verdict.is_upgrade() && row.from.as_deref() == Some("demo"), "its own again");
    let mut alone = self::screen();
    alone.keys("ns");
    assert!(alone.message().starts_with("There is no other source"), "{}", alone.message());
}

#[test]
fn keys_do_not_wait_for_the_sources_and_the_question_can_be_stopped() {
    let mut screen = screen();
    screen.hold();
    screen.keys("n");
    assert!(screen.app.upgrades.is_asking && screen.shows("Asking the sources"), "{}", screen.text());
    screen.keys("j<space>");
    assert_eq!(screen.message(), "The sources are still being asked.");
    screen.keys("q");
    assert_eq!(screen.app.screen(), None, "the panes are there meanwhile");
    screen.keys("n");
    let asked = screen.waiting.iter().filter(|effect| matches!(effect, Effect::AskForUpgrades { .. })).count();
    assert_eq!(asked, 1, "it is asked once");
    screen.go_on();
    assert!(!screen.app.upgrades.is_asking && screen.app.upgrades.rows.is_some());
}

#[test]
fn what_was_answered_for_another_profile_is_forgotten() {
    let mut screen = screen();
    screen.keys("na");
    screen.keys("<esc>1<space><enter><enter>");
    assert!(screen.app.upgrades.rows.is_none(), "the profile became another one");
    screen.keys("n");
    assert!(screen.app.upgrades.rows.is_some());
    assert_eq!(screen.app.upgrades.marked(), 0);
}

#[test]
fn nothing_is_marked_with_nothing_installed() {
    let mut screen = Screen::new(Memory::with(&[]), 120, 40);
    screen.keys("n");
    assert_eq!(screen.app.screen(), None);
    assert_eq!(screen.message(), "Nothing is installed that could be upgraded.");
}
