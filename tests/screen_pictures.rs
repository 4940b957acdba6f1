//! What the screen looks like: snapshots of text and styles of every view, at four sizes and in every theme.

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
#[path = "support/screen_sources.rs"]
mod sources;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use driver::Screen;
use memory::Memory;
use nix_loom::loom::LoomError;
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::theme::Theme;
use nix_loom::tui::work::Task;
use pictures::{SIZES, pictures, views};
use ratatui::style::{Color, Modifier};
use sources::shelves;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

/// Pictures of what keys lead to, over a profile with these packages.
fn of_keys(name: &str, installed: &[&str], keys: &str) {
    of_memory(name, || Memory::with(installed), &installed.join(" "), keys);
}

fn of_memory(name: &str, memory: impl Fn() -> Memory, installed: &str, keys: &str) {
    pictures(name, &format!("installed: {installed}\nkeys: {keys}"), |columns, rows| {
        let mut screen = Screen::new(memory(), columns, rows);
        screen.keys(keys);
        screen
    });
}

fn of_sources(name: &str, keys: &str) {
    of_memory(name, || Memory::with_shelves(&["git"], shelves()), "git", keys);
}

/// The same where a source is pinned and has something newer by now.
fn pinned() -> Memory {
    let pin = |digit: &str, day: u64| {
        let (revision, time) = (digit.repeat(40), 1_795_700_000 + day * 86_400);
        format!("github:NixOS/nixpkgs/{revision}?lastModified={time}")
    };
    let shelves = shelves().pinned("nixpkgs", &pin("4", 0)).newest("nixpkgs", Ok(&pin("7", 9)));
    Memory::with_shelves(&["git"], shelves)
}

fn of_pins(name: &str, keys: &str) {
    of_memory(name, pinned, "git", keys);
}

/// Pictures of work that these keys begin and that goes on; `then` is what happens meanwhile.
fn of_work(name: &str, memory: impl Fn() -> Memory, keys: &str, last: &str, then: impl Fn(&mut Screen)) {
    pictures(name, &format!("keys: {keys}, then while it runs: {last}"), |columns, rows| {
        let mut screen = Screen::new(memory(), columns, rows);
        screen.keys(keys);
        screen.hold();
        screen.keys(last);
        then(&mut screen);
        screen
    });
}

fn step(task: Task) -> Action {
    let what = "putting neovim-0.11.5 into the store".into();
    Action::Reply(Reply::Progressed(task, Step { what, done: 3, total: 7 }))
}

#[test]
fn the_panes_with_a_search_and_a_blocked_plan() {
    of_keys("panes", INSTALLED, "j<space>/corepack<enter><space>/<c-u>no");
    of_keys("installed", INSTALLED, "jjp<c-u>4<enter>ka");
}

#[test]
fn the_plan_in_full() {
    of_keys("plan", INSTALLED, "Gp<c-u>4<enter>/nodejs_24<enter><space><enter><tab>");
}

#[test]
fn a_dry_run_and_its_files() {
    of_keys("link", INSTALLED, "/neovim<enter><space><enter>b");
    of_keys("built", INSTALLED, "/neovim<enter><space><enter>b<enter>");
    of_keys("built-files", INSTALLED, "/neovim<enter><space><enter>b<enter>fe");
}

#[test]
fn what_is_newer_and_what_is_left_alone() {
    const OUTDATED: &[&str] = &["corepack", "git", "jq", "nodejs_18", "ripgrep", "vim", "zlib"];
    of_keys("upgrades", OUTDATED, "naj");
    of_keys("upgrades-another-project", OUTDATED, "njjj");
    of_memory("upgrades-failed", || Memory::with(OUTDATED).with_other_source(), "corepack git …", "ns");
    of_work(
        "upgrades-asked",
        || Memory::with(OUTDATED),
        "j",
        "n",
        |screen| {
            screen.act(Action::Reply(Reply::Progressed(
                Task::Upgrades,
                Step { what: "evaluating 7 packages of demo".into(), done: 0, total: 0 },
            )));
        },
    );
}

#[test]
fn the_plan_in_the_words_of_nix() {
    of_keys("explained", INSTALLED, "Gp<c-u>4<enter>/nodejs_24<enter><space><enter>x");
}

#[test]
fn every_collision_with_its_reason() {
    of_keys("collisions", INSTALLED, "/nodejs_24<enter><space>cj");
    of_keys("filter", INSTALLED, "/nodejs_24<enter><space>c/man");
}

#[test]
fn the_history_and_what_going_back_would_change() {
    of_keys("history", INSTALLED, "H<down>");
    of_keys("rollback", INSTALLED, "R");
    of_keys("history-marked", INSTALLED, "H<space>jj<space><tab>");
    of_keys("undo", INSTALLED, "Hu");
    of_keys("undo-the-first", &["git", "jq"], "RyHu");
    of_keys("delete-generation", INSTALLED, "HGD<tab>");
}

#[test]
fn an_empty_profile() {
    of_keys("empty", &[], "");
}

#[test]
fn outputs_and_names_of_every_width() {
    of_keys("outputs", INSTALLED, "/ffmpeg<enter>o<down><space>");
    of_keys("wide-letters", INSTALLED, "/日<enter><space>");
}

#[test]
fn a_number_that_is_asked_for_and_the_help() {
    of_keys("priority", INSTALLED, "p");
    of_keys("help", INSTALLED, "?");
    of_keys("help-filtered", INSTALLED, "?/change");
}

#[test]
fn the_commands_and_what_stands_in_their_way() {
    of_keys("commands", INSTALLED, ":");
    of_keys("commands-found", INSTALLED, "<space>:gener<down>");
}

#[test]
fn every_question() {
    of_keys("drop-all", INSTALLED, "<space>j<space>X");
    of_keys("quit", INSTALLED, "<space>q");
    of_memory("convert", || Memory::with(INSTALLED).of_nix(), &INSTALLED.join(" "), "C");
    of_sources("remove-source", "SjD");
    of_pins("pin-source", "Sjp");
    of_pins("unpin-source", "SjP");
}

#[test]
fn the_sources_and_what_was_found() {
    of_sources("sources", "Sj<space>jjj");
    of_sources("new-source", "Samine=./default.nix");
    of_pins("sources-pinned", "Sj");
}

#[test]
fn rows_with_obstacles_and_details() {
    of_sources("obstacles", "2j<space>");
    of_sources("details", "2jjo");
}

#[test]
fn before_the_profile_is_open_and_when_it_cannot_be_opened() {
    pictures("opening", "keys: none", |columns, rows| Screen::unopened(Memory::with(INSTALLED), columns, rows));
    pictures("failed", "keys: none", |columns, rows| {
        let mut screen = Screen::unopened(Memory::with(INSTALLED), columns, rows);
        screen.act(Action::Reply(Reply::Opened(Err(LoomError::NoHome))));
        screen
    });
}

#[test]
fn work_that_runs() {
    let memory = || Memory::with(INSTALLED);
    of_work("applying", memory, "/neovim<enter><space><enter>", "<enter>", |screen| screen.act(step(Task::Apply)));
    of_work("stop-apply", memory, "/neovim<enter><space><enter>", "<enter><esc>", |screen| {
        screen.act(step(Task::Apply));
    });
    of_work("building", memory, "/neovim<enter><space><enter>b", "<enter>", |screen| screen.act(step(Task::Build)));
    of_work("rolling-back", memory, "R", "y", |_| ());
    of_work("pinning", pinned, "Sj", "p", |_| ());
    let unlisted = || Memory::with(INSTALLED).unlisted(&["neovim"]);
    of_work("fetching", unlisted, "/neovim<enter><space>cg", "f", |screen| screen.act(step(Task::Fetch)));
    let mine = || Memory::with_source(INSTALLED, &["jq"]);
    of_work("working", mine, "/ripgrep<enter>", "<space>", |screen| {
        let step = |what: &str, done, total| Step { what: what.into(), done, total };
        screen.act(Action::Reply(Reply::Progressed(Task::Load, step("listing mine", 45_000, 120_000))));
        let request = screen.waiting.iter().find_map(|effect| match effect {
            Effect::Preview { request, .. } => Some(*request),
            _ => None,
        });
        let asking = step("asking cache.example.org for listings", 1, 4);
        screen.act(Action::Reply(Reply::Progressed(Task::Preview(request.unwrap()), asking)));
    });
}

#[test]
fn every_view_has_a_picture_at_every_size() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let tests: String = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok())
        .collect();
    let mut pictured = BTreeSet::new();
    for file in std::fs::read_dir(folder.join("snapshots")).unwrap() {
        let file = file.unwrap();
        if file.path().extension().is_none_or(|ending| ending != "snap") {
            continue;
        }
        let picture = std::fs::read_to_string(file.path()).unwrap();
        let told = |what: &str| {
            let line = picture.lines().find_map(|line| line.strip_prefix(what)).map(str::to_owned);
            line.unwrap_or_else(|| panic!("{file:?} does not tell {what}"))
        };
        // One that no test makes any more is worth nothing.
        let name = file.file_name().into_string().unwrap();
        let (name, _) = name.rsplit_once('-').unwrap();
        assert!(tests.contains(&format!("\"{name}\"")), "no test makes {file:?}; remove it");
        pictured.extend(told("shows: ").split(", ").map(|what| (what.to_owned(), told("size: "))));
    }
    for what in views::all() {
        for (columns, rows) in SIZES {
            let size = format!("{columns}×{rows}");
            assert!(pictured.contains(&(what.to_owned(), size.clone())), "there is no picture of {what} at {size}");
        }
    }
}

#[test]
fn without_colours_the_selection_is_still_seen() {
    let mut screen = Screen::over(Arc::new(Memory::with(INSTALLED)), 120, 40, &Theme::monochrome());
    screen.go_on();
    screen.keys("/corepack<enter><space>1");
    let (buffer, _) = screen.draw();
    assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    let reversed = buffer.content().iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert!(reversed > 20, "one row is reversed");
    assert!(screen.text().contains("│›   git"), "and marked");
}
