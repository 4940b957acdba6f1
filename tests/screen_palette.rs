//! The command palette, the `?` screen that can be searched, and what `y` copies.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use std::collections::HashSet;

use driver::Screen;
use memory::{Memory, Shelves};
use nix_loom::profile::Change;
use nix_loom::tui::action::Command;
use nix_loom::tui::app::{Pane, Screen as Shown};
use nix_loom::tui::context::Context;
use nix_loom::tui::effect::Effect;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

fn screen() -> Screen {
    Screen::new(Memory::with(INSTALLED), 120, 40)
}

/// The commands that the palette lists, from the top.
fn listed(screen: &Screen) -> Vec<Command> {
    screen.app.palette_rows().iter().map(|row| row.command).collect()
}

fn first(screen: &Screen) -> Option<Command> {
    listed(screen).first().copied()
}

#[test]
fn it_lists_each_command_once_those_of_the_screen_below_first() {
    let mut screen = screen();
    screen.keys(":");
    assert_eq!(screen.app.context(), Context::Palette);
    let rows = screen.app.palette_rows();
    assert_eq!(rows[0].command, Command::ToggleRemoval);
    let elsewhere = rows.iter().position(|row| !row.is_here).expect("some are of other places");
    assert!(rows[elsewhere..].iter().all(|row| !row.is_here));
    let once: HashSet<_> = listed(&screen).into_iter().collect();
    assert_eq!(once.len(), rows.len());
    screen.keys("<esc>H:");
    assert_eq!(first(&screen), Some(Command::GoToGeneration), "in the history its own come first");
}

#[test]
fn every_command_but_those_of_text_and_answers_is_in_it() {
    let mut screen = screen();
    screen.keys(":");
    let listed: HashSet<_> = listed(&screen).into_iter().collect();
    let missing: Vec<_> = Command::ALL.iter().filter(|command| !listed.contains(command)).collect();
    let of_text = [
        Context::Search,
        Context::Filter,
        Context::FileFilter,
        Context::Which,
        Context::Palette,
        Context::Question,
        Context::Number,
        Context::NewSource,
        Context::Link,
        Context::Deletion,
        Context::FilePrompt,
        Context::Export,
    ];
    for command in missing {
        let mut rows = screen.app.bindings().rows().iter().filter(|row| row.command == *command);
        assert!(
            rows.all(|row| of_text.contains(&row.context))
                || matches!(command, Command::StageNumbered | Command::Palette),
            "{command:?} cannot be found by name"
        );
    }
}

#[test]
fn all_words_must_match_and_the_name_of_the_config_file_is_searched_too() {
    let mut screen = screen();
    screen.keys(":roll gen");
    assert_eq!(first(&screen), Some(Command::RollBack), "{}", screen.text());
    screen.keys("<c-u>show-sources");
    assert_eq!(first(&screen), Some(Command::ShowSources));
    screen.keys("<c-u>hist");
    assert_eq!(first(&screen), Some(Command::ShowGenerations));
    screen.keys("<c-u>roll nothing like it");
    assert_eq!(listed(&screen), []);
    assert!(screen.shows("No command has all these words"), "{}", screen.text());
    screen.keys("<enter>");
    assert_eq!(screen.app.context(), Context::Palette, "there is nothing to do");
}

#[test]
fn enter_does_what_the_key_does_on_the_screen_below() {
    let mut screen = screen();
    screen.keys("j:toggle-removal<enter>");
    assert_eq!(screen.app.staged.changes(), [Change::Remove { name: "jq".into() }]);
    assert_eq!(screen.app.dialog, None);
    screen.keys(":plan of the staged<enter>");
    assert_eq!(screen.app.screen(), Some(Shown::Plan));
    screen.keys(":next-section<enter>:apply<enter>");
    assert_eq!(screen.app.current.snapshot.generation, Some(5), "{}", screen.message());
}

#[test]
fn arrows_move_and_escape_leaves_everything_as_it_was() {
    let mut screen = screen();
    screen.keys(":<down><c-n><c-p>");
    assert_eq!(screen.app.lists.palette.selected(), Some(1));
    assert_eq!(screen.app.lists.installed.selected(), Some(0));
    screen.keys("<pgdn>");
    assert!(screen.app.lists.palette.selected() > Some(10));
    screen.keys("q");
    assert_eq!(screen.app.lists.palette.selected(), Some(0), "a letter types, and the best row is selected");
    screen.keys("<esc>");
    assert_eq!((screen.app.dialog.clone(), screen.app.screen()), (None, None));
    assert!(screen.asked_of_terminal.is_empty() && screen.app.staged.is_empty());
}

#[test]
fn a_hindered_command_says_why_and_the_palette_stays() {
    let mut screen = screen();
    screen.keys(":show-plan");
    assert!(screen.shows("Nothing is staged: press Space on a package first."), "{}", screen.text());
    screen.keys("<enter>");
    assert_eq!(screen.message(), "Nothing is staged: press Space on a package first.");
    assert_eq!(screen.app.context(), Context::Palette);
}

#[test]
fn a_command_of_another_place_leads_there_and_does_nothing_unseen() {
    let mut screen = screen();
    screen.keys(":delete-generation<enter>");
    assert_eq!(screen.app.screen(), Some(Shown::Generations));
    assert_eq!(screen.app.dialog, None, "nobody has chosen which");
    assert!(screen.message().starts_with("Here it is D: delete the selected generation"), "{}", screen.message());
    screen.keys(":toggle-install<enter>");
    assert_eq!((screen.app.screen(), screen.app.focus), (None, Pane::Available));
    assert!(screen.app.staged.is_empty() && screen.message().starts_with("Here it is Space: "));
    screen.keys("H:show-sources<enter>");
    assert_eq!(screen.app.screen(), Some(Shown::Sources), "what needs no selection is done at once");
    screen.keys(":collisions-of-nothing<c-u>stage the change<enter>");
    assert!(!screen.message().is_empty());
}

#[test]
fn in_text_a_colon_is_a_letter() {
    let mut screen = screen();
    screen.keys("/a:b");
    assert_eq!(screen.app.query.text(), "a:b");
}

#[test]
fn it_follows_what_happens_below_it() {
    let mut screen = screen();
    screen.keys("/neovim<enter><space><enter>");
    screen.hold();
    screen.keys("<enter>:undo");
    assert!(screen.shows("Wait until the running work is done"), "{}", screen.text());
    screen.go_on();
    assert!(!screen.shows("Wait until") && screen.shows("Nothing to undo"), "{}", screen.text());
    assert_eq!(screen.app.context(), Context::Palette);
}

#[test]
fn the_help_is_narrowed_by_words_below_their_headings() {
    let mut screen = screen();
    screen.keys("?");
    assert!(screen.shows("Keys · / searches"), "{}", screen.text());
    screen.keys("/Roll generation");
    assert!(screen.shows("roll back to the generation before"), "{}", screen.text());
    assert!(screen.shows("The three panes") && screen.shows("Generations"), "{}", screen.text());
    assert!(!screen.shows("Search box") && !screen.shows("next pane"), "{}", screen.text());
    screen.keys("<enter>j");
    assert!(screen.app.help.filter.text() == "Roll generation", "letters are keys again");
    screen.keys("<esc>");
    assert!(screen.app.screen() == Some(Shown::Help) && screen.shows("next pane"), "{}", screen.text());
    screen.keys("<esc>");
    assert_eq!(screen.app.screen(), None);
    screen.keys("?/nothing has this<esc>");
    assert!(screen.shows("next pane"));
    screen.keys("/corepack zebra");
    assert!(screen.shows("No key has all these words"), "{}", screen.text());
    screen.keys("<c-c>");
    assert_eq!(screen.asked_of_terminal, [Effect::Quit]);
}

#[test]
fn the_help_finds_a_group_by_its_name_and_tells_of_the_mouse() {
    let mut screen = screen();
    screen.keys("?/search box cursor");
    assert!(screen.shows("cursor to the start") && !screen.shows("row above"), "{}", screen.text());
    screen.keys("<c-u>mouse");
    assert!(screen.shows("most terminals select text"), "{}", screen.text());
}

/// What the keys hand to the terminal, and what is said of it.
fn copied(screen: &mut Screen, keys: &str) -> (String, String) {
    screen.asked_of_terminal.clear();
    screen.keys(keys);
    let text = match &screen.asked_of_terminal[..] {
        [Effect::Copy(text)] => text.clone(),
        [] => String::new(),
        other => panic!("{other:?}"),
    };
    (text, screen.message().to_owned())
}

#[test]
fn what_stands_for_the_selection_is_copied() {
    let mut screen = screen();
    let said = |what: &str| format!("Handed to the terminal to be copied: {what}; not every terminal does that.");
    let element = screen.app.element("git").unwrap().outputs[0].path.display().to_string();
    assert_eq!(copied(&mut screen, "y"), (element.clone(), said("the store path of git")));
    assert_eq!(copied(&mut screen, "oy"), (element, said("the store path of git's output out")));
    let (text, _) = copied(&mut screen, "2y");
    assert!(!text.is_empty());
    let generation = screen.app.current.generations.last().unwrap().path.display().to_string();
    assert_eq!(copied(&mut screen, "Hy"), (generation, said("the store path of generation 4")));
    screen.keys("<esc>/corepack<enter><space>cjj");
    assert_eq!(copied(&mut screen, "Gy"), ("bin/corepack".into(), said("the path bin/corepack")));
    screen.keys("g");
    let (text, message) = copied(&mut screen, "<up><up><up>y");
    assert_eq!((text.as_str(), message.as_str()), ("", "Nothing is copied of this row; unfold it and select a path."));
}

#[test]
fn in_the_plan_the_commands_are_asked_for_and_copied_once_they_are_there() {
    let mut screen = screen();
    screen.keys("<space><enter>");
    screen.hold();
    assert_eq!(copied(&mut screen, "y").0, "");
    screen.go_on();
    let [Effect::Copy(text)] = &screen.asked_of_terminal[..] else { panic!("{:?}", screen.asked_of_terminal) };
    assert!(text.contains("nix profile"), "{text}");
    assert!(screen.message().contains("the commands of Nix for what is staged"), "{}", screen.message());
    assert_eq!(screen.app.screen(), Some(Shown::Plan));
}

#[test]
fn of_a_source_its_location_is_copied() {
    let shelves = Shelves::default().source("nixpkgs", "<nixpkgs>").offer("<nixpkgs>", vec![Memory::offered("jq")]);
    let mut screen = Screen::new(Memory::with_shelves(&[], shelves), 80, 24);
    assert_eq!(copied(&mut screen, "Sy").0, "<nixpkgs>");
}
