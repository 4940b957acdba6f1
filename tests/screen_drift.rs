//! Whether the profile agrees with its file, on the screen, driven by key scripts over a backend in memory.

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
use nix_loom::env_file::Format;
use nix_loom::loom::{
    DiffChange, DiffLine, Difference, DifferenceKind, EnvironmentChange, EnvironmentPackage, Export, ExportFile,
    FileState, FileStatus, Rewriting,
};
use nix_loom::profile::{Change, Relation};
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::effect::{Effect, Reply};
use nix_loom::tui::work::Task;
use pictures::pictures;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];
const FILE: &str = "/home/user/work/myproject_env.nix";

fn file(state: FileState) -> FileStatus {
    FileStatus {
        file: FILE.into(),
        relation: Relation::Exported,
        generation: Some(3),
        state,
        is_asked: false,
        is_edited: false,
        is_moved: false,
        differences: Vec::new(),
        since: None,
        adopt: Vec::new(),
        rewriting: None,
    }
}

fn difference(name: &str, kind: DifferenceKind) -> Difference {
    Difference { name: name.to_owned(), kind }
}

fn line(change: DiffChange, text: &str) -> DiffLine {
    DiffLine { change, left: Some(1), right: Some(1), text: text.as_bytes().into(), is_unended: false }
}

/// A file that differs, as it says it now.
fn differing() -> FileStatus {
    let (file_has, profile_has) = (vec!["bin".to_owned(), "dev".to_owned()], vec!["bin".to_owned(), "man".to_owned()]);
    let export = Export { name: "myproject_env".into(), elements: Vec::new(), is_unpinned: false };
    let wanted = ExportFile { export, format: Format::Nix, out: FILE.into(), is_over: true };
    let texts = [
        (DiffChange::Same, "  paths = ["),
        (DiffChange::Added, "    pkgs.git"),
        (DiffChange::Removed, "    pkgs.vim"),
        (DiffChange::Same, "    pkgs.zlib"),
        (DiffChange::Gap, ""),
        (DiffChange::Removed, "    # kept for the talk in \u{1b}[31mspring"),
    ];
    FileStatus {
        is_asked: true,
        differences: vec![
            difference("vim", DifferenceKind::OnlyInFile("9.1.1918".into())),
            difference("jq", DifferenceKind::Outputs { profile: profile_has, file: file_has }),
            difference("zlib", DifferenceKind::Priority { profile: 5, file: 4 }),
            difference("git", DifferenceKind::OnlyInProfile("2.52.0".into())),
        ],
        adopt: vec![
            Change::Remove { name: "git".into() },
            Change::Outputs { name: "jq".into(), outputs: vec!["bin".into(), "dev".into()] },
            Change::Priority { name: "zlib".into(), priority: 4 },
            Change::Install { attribute: "vim".into(), source: None, outputs: None, priority: None },
        ],
        rewriting: Some(Box::new(Rewriting {
            wanted,
            difference: texts.iter().map(|(change, text)| line(*change, text)).collect(),
        })),
        ..file(FileState::Differs)
    }
}

/// An environment that is one element, of which the pins moved.
fn moved() -> FileStatus {
    let package = |name: &str, version: &str| EnvironmentPackage {
        name: name.into(),
        version: version.into(),
        output: "out".into(),
    };
    FileStatus {
        file: "/home/user/other_env.nix".into(),
        relation: Relation::Whole,
        is_asked: true,
        is_moved: true,
        differences: vec![difference("other_env", DifferenceKind::Build)],
        since: Some(EnvironmentChange {
            element: "other_env".into(),
            is_same: false,
            added: vec![package("ffmpeg", "8.0")],
            removed: vec![package("libjpeg", "9f")],
            changed: vec![(package("nodejs", "20.1"), package("nodejs", "22.3"))],
        }),
        ..file(FileState::Differs)
    }
}

fn quick() -> FileStatus {
    FileStatus { differences: differing().differences, ..file(FileState::Differs) }
}

fn memory() -> Memory {
    let other = FileStatus { file: moved().file, ..file(FileState::Gone) };
    Memory::with(INSTALLED).with_env_file(quick(), differing()).with_env_file(other, moved())
}

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
fn pictures_of_a_file_that_differs() {
    of_memory("drift-panes", memory, "");
    of_memory("drift", memory, "=");
    of_memory("drift-environment", memory, "=<tab>");
    of_memory("drift-rewrite", memory, "=W");
    of_memory("drift-none", || Memory::with(INSTALLED), "=");
    pictures("drift-asking", "keys: =, while Nix is asked", |columns, rows| {
        let mut screen = Screen::new(memory(), columns, rows);
        screen.hold();
        screen.keys("=");
        let asked = screen.waiting.iter().rev().find_map(|effect| match effect {
            Effect::Status { request, is_full: true } => Some(*request),
            _ => None,
        });
        let step = Step { what: "evaluating myproject_env.nix".into(), done: 0, total: 0 };
        screen.act(Action::Reply(Reply::Progressed(Task::Status(asked.unwrap()), step)));
        screen
    });
}

#[test]
fn the_header_says_with_a_word_whether_they_agree() {
    let agrees = || file(FileState::Agrees);
    let first = |screen: &Screen| screen.text().lines().next().unwrap().to_owned();
    let header = |files: &[FileState]| {
        let files = files.iter().map(|state| FileStatus { state: state.clone(), ..agrees() });
        let memory = files.fold(Memory::with(INSTALLED), |memory, file| memory.with_env_file(file.clone(), file));
        first(&screen(memory, ""))
    };
    assert!(!header(&[]).contains("env.nix"), "{}", header(&[]));
    for (states, said) in [
        (vec![FileState::Agrees], "myproject_env.nix = agrees"),
        (vec![FileState::Differs], "myproject_env.nix ≠ differs"),
        (vec![FileState::Edited], "myproject_env.nix ≠ edited"),
        (vec![FileState::Unreadable("x".into())], "myproject_env.nix ! unreadable"),
        (vec![FileState::Agrees, FileState::Gone], "myproject_env.nix ! gone"),
    ] {
        assert!(header(&states).contains(said), "{}", header(&states));
    }
}

/// How often the files were looked at, and asked.
fn looked_and_asked(screen: &Screen) -> (usize, usize) {
    let of = |full: bool| {
        screen.waiting.iter().filter(|it| matches!(it, Effect::Status { is_full, .. } if *is_full == full)).count()
    };
    (of(false), of(true))
}

#[test]
fn files_are_asked_only_for_who_looks_and_no_key_waits_for_it() {
    let mut screen = screen(memory(), "");
    screen.hold();
    screen.keys("r");
    screen.do_newest();
    assert_eq!(looked_and_asked(&screen).1, 0, "reading the profile again asks nobody");
    screen.keys("=");
    assert_eq!(looked_and_asked(&screen).1, 1);
    assert!(screen.shows("being asked what it says now"), "{}", screen.text());
    assert!(screen.shows("vim 9.1.1918: only the file has it"), "what is known is shown meanwhile");
    screen.keys("<enter>");
    assert!(screen.message().contains("Wait until the file has been asked"), "{}", screen.message());
    screen.keys("q");
    assert_eq!(screen.app.screen(), None, "the way back is open");
}

#[test]
fn enter_stages_what_makes_the_profile_as_the_file_says_as_one_step() {
    let mut screen = screen(memory(), "=<enter>");
    let staged: Vec<_> = screen.app.staged.changes().iter().map(ToString::to_string).collect();
    assert_eq!(staged, ["-git", "jq^bin,dev", "zlib:priority=4", "vim"]);
    assert_eq!(screen.app.screen(), Some(nix_loom::tui::app::Screen::Plan));
    screen.keys("u");
    assert!(screen.app.staged.is_empty(), "and one key takes it back");
}

#[test]
fn writing_anew_is_asked_with_the_difference_and_the_header_agrees_afterwards() {
    let mut screen = screen(memory(), "=W");
    assert!(screen.shows("− ") && screen.shows("pkgs.vim"), "{}", screen.text());
    screen.keys("n").hold();
    screen.keys("W<enter>");
    let written = screen.waiting.iter().find_map(|effect| match effect {
        Effect::Export(wanted) => Some(wanted.clone()),
        _ => None,
    });
    assert_eq!(written.map(|it| (it.out.clone(), it.is_over)), Some((FILE.into(), true)));
    screen.go_on();
    assert!(screen.shows("= agrees with the profile"), "{}", screen.text());
    screen.keys("W");
    assert!(screen.message().contains("The file says the same already"), "{}", screen.message());
}

#[test]
fn of_a_file_that_the_profile_was_made_from_nothing_is_written() {
    let mut screen = screen(memory(), "=<tab>W");
    assert_eq!(screen.app.dialog, None);
    assert!(screen.message().contains("it is not written over"), "{}", screen.message());
    assert!(screen.shows("~ nodejs 20.1: 22.3 in the file"), "{}", screen.text());
    screen.keys("<tab>");
    assert!(screen.shows("myproject_env.nix"));
}

#[test]
fn a_file_can_be_forgotten_and_the_next_is_shown() {
    let mut screen = screen(memory(), "=D");
    assert!(screen.message().contains("is forgotten; the file stays as it is"), "{}", screen.message());
    assert!(screen.shows("other_env.nix") && !screen.shows("1 of 2"), "{}", screen.text());
    screen.keys("D");
    assert!(screen.shows("No file belongs to this profile yet"), "{}", screen.text());
    for key in ["<enter>", "W", "<tab>", "D", "r"] {
        screen.keys(key);
        assert!(screen.message().contains("No file belongs to this profile"), "{key}: {}", screen.message());
    }
}
