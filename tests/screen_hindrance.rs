//! What cannot be done now: whatever keys came before, a hindered key changes nothing, asks for nothing, and says its sentence.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use driver::Screen;
use memory::{Memory, Shelves};
use nix_loom::tui::action::{Action, Command};
use nix_loom::tui::context::Context;
use nix_loom::tui::effect::Effect;
use nix_loom::tui::key::Key;
use nix_loom::tui::keymap::Binding;
use proptest::prelude::*;

/// What a random script is made of.
#[derive(Clone, Debug)]
enum Step {
    /// A key of a row that holds where the script has got to.
    Bound(prop::sample::Index, prop::sample::Index),
    /// Keys that lead somewhere.
    Script(&'static str),
    /// From here on work takes long.
    Hold,
    GoOn,
}

const SCRIPTS: &[&str] = &[
    "/corepack<enter><space>",
    "/nodejs_24<enter><space>",
    "/busybox<enter><space>c",
    "/nothing has this name<enter>",
    "<space><enter>",
    "<enter><enter>",
    "<esc><esc><esc>",
    "1G<space>",
    "Sj",
    "H",
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bound =
        (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(row, key)| Step::Bound(row, key));
    let script = prop::sample::select(SCRIPTS).prop_map(Step::Script);
    prop::collection::vec(prop_oneof![12 => bound, 3 => script, 1 => Just(Step::Hold), 1 => Just(Step::GoOn)], 1..60)
}

fn screen(kind: usize) -> Screen {
    let memory = match kind {
        0 => Memory::with(&["git", "jq", "nodejs_18", "zlib"]),
        1 => Memory::with(&[]),
        2 => Memory::with(&["git"]).of_nix(),
        _ => {
            let shelves = Shelves::default()
                .given("demo", "/nix/demo")
                .source("nixpkgs", "<nixpkgs>")
                .source("theirs", "github:them/theirs")
                .offer("/nix/demo", vec![Memory::offered("git")])
                .offer("<nixpkgs>", vec![Memory::offered("jq")]);
            Memory::with_shelves(&["git"], shelves)
        }
    };
    Screen::new(memory, 100, 30)
}

/// Everything that a key could change, but for the message.
fn state(screen: &Screen) -> String {
    let app = &screen.app;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        app.staged,
        app.screens,
        app.dialog,
        app.lists,
        app.focus,
        app.query,
        app.works,
        screen.waiting,
        screen.asked_of_terminal
    )
}

/// Presses a key; whether it was hindered, and so did nothing.
fn press(screen: &mut Screen, key: Key) -> Result<bool, TestCaseError> {
    let command = screen.app.bindings().command(screen.app.context(), key);
    // Keys for rows that are still being looked for wait for them.
    let waits = screen.waiting.iter().any(|effect| matches!(effect, Effect::Search { .. }));
    let hindrance = command.filter(|_| !waits).and_then(|command| screen.app.hindrance(command));
    let before = state(screen);
    screen.act(Action::Key(key));
    if let Some(hindrance) = &hindrance {
        prop_assert_eq!(state(screen), before.clone(), "{:?} is hindered: {}", command, &hindrance.sentence);
        prop_assert_eq!(screen.message(), &hindrance.sentence, "{}", before);
        prop_assert!(hindrance.sentence.ends_with('.'), "a sentence: {}", hindrance.sentence);
    }
    Ok(hindrance.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn a_hindered_key_changes_nothing_and_says_why(kind in 0_usize..4, steps in steps()) {
        let mut screen = screen(kind);
        for step in steps {
            match step {
                Step::Hold => screen.hold(),
                Step::GoOn => screen.go_on(),
                Step::Script(script) => {
                    for key in driver::keys(script) {
                        press(&mut screen, key)?;
                    }
                }
                Step::Bound(row, key) => {
                    let is_useful = |binding: &&Binding| {
                        !matches!(binding.command, Command::QuitNow | Command::Suspend | Command::Redraw)
                    };
                    let rows: Vec<_> = screen.app.bindings().of(screen.app.context()).filter(is_useful).collect();
                    let key = *key.get(&row.get(&rows).keys);
                    press(&mut screen, key)?;
                }
            }
        }
    }
}

#[test]
fn each_refusal_names_the_way_out() {
    let told = |installed: &[&str], keys: &str| {
        let mut screen = Screen::new(Memory::with(installed), 100, 30);
        screen.keys(keys);
        screen.message().to_owned()
    };
    let installed = &["git", "jq", "nodejs_18", "zlib"];
    for (keys, sentence) in [
        ("<enter>", "Nothing is staged: press Space on a package first."),
        ("<space>X<esc>U", "Nothing to redo."),
        ("u", "Nothing to undo: no change is staged. R rolls a generation back."),
        ("X", "Nothing is staged."),
        ("c", "No two packages want the same path: there is no collision."),
        ("<space><enter>c", "No two packages want the same path: there is no collision."),
        ("<space>p", "git is staged for removal; its priority does not matter."),
        ("/nothing has this name<enter><space>", "No package is selected."),
        ("/corepack<enter>s", "Nothing has to be settled: no collision blocks."),
        ("/jq<enter><space>", "jq is installed already; Space in Installed stages its removal."),
    ] {
        assert_eq!(told(installed, keys), sentence, "{keys}");
    }
    assert_eq!(told(&[], "1<space>"), "Nothing is installed yet: press / and type a name.");
    assert_eq!(told(&[], "H"), "There is no generation yet: the first installation makes one.");
}

#[test]
fn a_hindered_hint_is_dimmed_and_any_other_is_not() {
    let mut screen = Screen::new(Memory::with(&["git", "jq", "nodejs_18", "zlib"]), 240, 30);
    let key_style = |screen: &Screen, hint: &str| {
        let (buffer, _) = screen.draw();
        let last = screen.text().lines().last().unwrap_or_default().to_owned();
        let at = last.find(hint).unwrap_or_else(|| panic!("{hint} is in {last}"));
        let at = u16::try_from(last[..at].chars().count()).unwrap();
        buffer[(at, 29)].style()
    };
    assert_eq!(screen.app.context(), Context::Installed);
    let (dimmed, plain) = (key_style(&screen, "Enter plan"), key_style(&screen, "Space remove"));
    assert_ne!(dimmed, plain);
    screen.keys("<space>");
    assert_eq!(key_style(&screen, "Enter plan"), plain);
    assert_eq!(key_style(&screen, "u undo"), plain);
}
