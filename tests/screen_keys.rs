//! Every sentence names the keys that are bound now: with all of them bound otherwise, none of the usual ones is told.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use driver::Screen;
use memory::{Memory, Shelves};
use nix_loom::config::Config;
use nix_loom::loom::FoundRow;
use nix_loom::tui::action::{Action, Command};
use nix_loom::tui::bindings::{Bindings, name_of};
use nix_loom::tui::context::Context;
use nix_loom::tui::key::Key;
use nix_loom::tui::keymap::BINDINGS;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];
/// Stages what blocks, and what only shadows.
const STAGE: &str = "/nodejs_24<enter><space>/<c-u>vim<enter><space>/<c-u>neovim<enter><space>";

/// Keys that no row of the table has, for every command the same wherever it holds.
fn other_keys() -> HashMap<Command, Vec<String>> {
    let modifiers = ["", "shift-", "ctrl-", "alt-", "ctrl-shift-", "alt-shift-", "ctrl-alt-", "ctrl-alt-shift-"];
    let functions = modifiers.iter().flat_map(|modifier| (1..=12).map(move |number| format!("{modifier}f{number}")));
    let letters = ('a'..='z').filter(|letter| !matches!(letter, 'p' | 'n')).map(|letter| format!("alt-{letter}"));
    let more = ('a'..='z').map(|letter| format!("ctrl-alt-{letter}"));
    let mut free = functions.chain(letters).chain(more);
    let commands = Command::ALL.iter().filter(|&&command| command != Command::QuitNow);
    commands
        .map(|&command| {
            let number = if command == Command::StageNumbered { 9 } else { 1 };
            let keys: Vec<String> = free.by_ref().take(number).collect();
            assert_eq!(keys.len(), number, "there are keys enough");
            (command, keys)
        })
        .collect()
}

/// The config file with what `keys` gives for each command.
fn bound(keys: impl Fn(Context, Command) -> Option<Vec<String>>) -> Bindings {
    let mut text = String::new();
    for &context in Context::ALL {
        writeln!(text, "[keys.{}]", name_of(&context)).unwrap();
        for row in BINDINGS.iter().filter(|row| row.context == context) {
            if let Some(keys) = keys(context, row.command) {
                writeln!(text, "{} = {keys:?}", name_of(&row.command)).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    Bindings::configured(&Config::load(&path).unwrap()).unwrap()
}

/// A screen on which everything has another key.
struct Rebound {
    screen: Screen,
    usual: Bindings,
    keys: HashMap<Command, Vec<String>>,
    /// All that was drawn, in one line each.
    seen: String,
}

impl Rebound {
    fn over(memory: Memory) -> Self {
        let keys = other_keys();
        let mut screen = Screen::new(memory, 200, 44);
        screen.app.settings.look.bindings = bound(|_, command| keys.get(&command).cloned());
        Self { screen, usual: Bindings::default(), keys, seen: String::new() }
    }

    /// Presses for each key of a usual script the one that does the same now; what is text stays so.
    fn keys(&mut self, script: &str) -> &mut Self {
        self.look();
        for key in driver::keys(script) {
            let row = self.usual.of_key(self.screen.app.context(), key);
            let pressed = row.and_then(|row| {
                let at = if row.command == Command::StageNumbered {
                    row.keys.iter().position(|known| *known == key).unwrap()
                } else {
                    0
                };
                self.keys.get(&row.command).map(|keys| keys[at].parse::<Key>().unwrap())
            });
            self.screen.act(Action::Key(pressed.unwrap_or(key)));
            self.look();
        }
        self
    }

    /// Takes in what is drawn, and fails if it names a usual key that is not bound.
    fn look(&mut self) {
        let text = self.screen.text();
        let usual: BTreeSet<String> =
            BINDINGS.iter().flat_map(|row| row.keys.iter()).map(ToString::to_string).collect();
        // Letters that are typed are told as they are.
        let is_typing = self.screen.app.context().types('a');
        for line in text.lines() {
            let words: Vec<&str> = line
                .split_whitespace()
                .map(|word| word.trim_matches(|letter: char| ".,;·()│".contains(letter)))
                .collect();
            for (at, word) in words.iter().enumerate() {
                let before = at.checked_sub(1).map_or("", |before| words[before]);
                let is_name = word.chars().count() > 1
                    && word.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
                    || word.chars().all(|letter| letter.is_ascii_alphabetic())
                    || *word == "/" && matches!(before, "Press" | "press" | "filter:");
                let is_article =
                    *word == "a" && !words.get(at + 1).is_some_and(|next| matches!(*next, "adds" | "switches"));
                let is_unit = before.parse::<f64>().is_ok();
                // It quits whatever is bound.
                let is_told = usual.contains(*word)
                    && is_name
                    && !is_article
                    && !is_unit
                    && *word != "Ctrl-c"
                    && !(is_typing && word.len() == 1);
                assert!(!is_told, "{word:?} is told in: {line}\n{text}");
            }
            self.seen.push_str(line);
            self.seen.push('\n');
        }
    }

    #[track_caller]
    fn told_after(&self, words: &str, command: Command) {
        let key: Key = self.keys[&command][0].parse().unwrap();
        // A long name goes into the next row.
        let lines: Vec<&str> = self.seen.lines().collect();
        let is_told = lines.iter().enumerate().any(|(at, line)| {
            let rest = line.split_once(words).map(|(_, rest)| [rest, lines.get(at + 1).unwrap_or(&"")].concat());
            rest.is_some_and(|rest| rest.trim_start_matches(['│', ' ', '┃']).starts_with(&key.to_string()))
        });
        assert!(is_told, "{words} {key}");
    }

    /// Whether some sentence had the key of that command before these words.
    #[track_caller]
    fn told(&self, command: Command, words: &str) {
        let key: Key = self.keys[&command][0].parse().unwrap();
        let near: Vec<_> = self.seen.lines().filter(|line| line.contains(words)).collect();
        // A long name stays in the row before.
        let (said, mut before) = (format!("{key} {words}"), "");
        let is_told = self.seen.lines().any(|line| {
            let ends = before.split(['│', '┃']).any(|cell| cell.trim_end().ends_with(&key.to_string()));
            let starts = line.split(['│', '┃']).any(|cell| cell.trim_start().starts_with(words));
            before = line;
            line.contains(&said) || ends && starts
        });
        assert!(is_told, "{key} {words}\n{near:#?}");
    }
}

#[test]
fn with_every_key_bound_otherwise_no_sentence_tells_a_usual_one() {
    let mut panes = Rebound::over(Memory::with(INSTALLED).of_nix());
    panes.keys("<tab><space>u<tab><space>ui").keys("/nothing that is there<enter>/<esc><esc>a").keys(STAGE);
    panes.told(Command::ToggleRemoval, "stages what is selected");
    panes.told(Command::ToggleInstall, "stages what is selected");
    panes.told(Command::ToggleOutput, "stages what is selected");
    panes.told(Command::ShowPlan, "then shows the plan");
    panes.told(Command::ShowCollisions, "lists them");
    panes.told(Command::Back, "clears the search");
    panes.keys("<enter><tab><tab><tab>xqq").keys("cj<enter>jjbtttttttT/none<enter>/<esc>J1qX<esc>dq");
    panes.told(Command::StageSuggestion, "stages the selected one, or the first");
    panes.told(Command::ShowCollisions, "inspects them");
    panes.told(Command::StageSuggestion, "stages the first");
    panes.told(Command::ToggleBlockingOnly, "shows all");
    panes.told(Command::NextKind, "shows the next kind");
    panes.told(Command::Undo, "brings them back");
    panes.told(Command::Copy, "copies all of it");
    panes.keys("C<esc>H<space>juD<esc>q").keys("F<tab>/nowhere at all<enter><esc>q").keys("w<esc>L?/plan<enter><esc>q");
    panes.told_after("the way back is", Command::Convert);
    panes.told_after("again, or", Command::RollBack);
    panes.told(Command::SwitchFiles, "shows it with what is staged");
}

#[test]
fn messages_tell_the_keys_that_are_bound() {
    let mut settled = Rebound::over(Memory::with(INSTALLED));
    settled.keys("/bat<enter><space>");
    settled.told(Command::ShowPlan, "shows the plan in full");
    assert!(settled.screen.shows("in full, F") || settled.screen.shows("there applies it"));
    settled.keys("<enter>");
    settled.told(Command::Apply, "applies it");
    settled.keys("<enter>");
    settled.told(Command::RollBack, "rolls back");
    settled.keys("uRy");
    let mut empty = Rebound::over(Memory::without_packages());
    empty.keys("<space><enter>cps").keys("S<enter><space>q<esc><esc>");
    empty.told(Command::Search, "and type a");
    empty.told(Command::ShowSources, "shows the sources");
}

#[test]
fn sources_tell_the_keys_that_are_bound() {
    let found = FoundRow {
        name: "nixpkgs".into(),
        location: "<nixpkgs>".into(),
        why: "a channel".into(),
        ..FoundRow::default()
    };
    let mut sources = Rebound::over(Memory::with_shelves(&[], Shelves::default().found(found)));
    sources.keys("S<enter>").keys("jj<space>r");
    sources.told(Command::ShowSources, "shows what was found");
    sources.told(Command::AddFound, "makes it a source");
}

#[test]
fn what_has_no_key_is_told_by_the_palette_and_its_name() {
    let taken = [Command::ShowPlan, Command::Search, Command::ShowCollisions];
    let mut screen = Screen::new(Memory::with(&[]), 200, 44);
    screen.app.settings.look.bindings = bound(|_, command| taken.contains(&command).then(Vec::new));
    assert!(screen.shows("Press :search and type a"), "{}", screen.text());
    assert!(screen.shows("; :show-plan then shows the plan"), "{}", screen.text());
    screen.app.settings.look.bindings =
        bound(|_, command| (taken.contains(&command) || command == Command::Palette).then(Vec::new));
    assert!(screen.shows("; show-plan then shows the plan"), "{}", screen.text());
}
