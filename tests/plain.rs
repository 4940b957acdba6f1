//! What the screen shows can be had as plain lines: from the same state, one fact a line, without a sign or a colour, and
//! from the command line.

#![allow(clippy::unwrap_used)]
#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use driver::Screen;
use memory::Memory;
use nix_loom::loom::{Elsewhere, FilesOf};
use nix_loom::package::Package;
use nix_loom::profile::{Change, Transaction};
use nix_loom::progress::{Progress as _, Silent, Step};
use nix_loom::tui::backend::Backend;
use nix_loom::tui::log::Kind;
use nix_loom::tui::order::InstalledOrder;
use nix_loom::tui::plain::{Journal, Page, PlainError, Shown, View, show, text};
use nix_loom::tui::subject_words::effect;
use nix_loom::tui::text::{count, plural, size};
use nix_loom::tui::work::Task;
use nix_loom::tui::{App, Settings};
use proptest::prelude::*;

const PAGES: [Page; 14] = [
    Page::Panes,
    Page::Installed,
    Page::Available(None),
    Page::Details,
    Page::Plan,
    Page::Collisions,
    Page::Explanation,
    Page::Generations,
    Page::Sources,
    Page::Files,
    Page::Which,
    Page::Log,
    Page::Actions,
    Page::Keys,
];

const INSTALLED: &[&str] = &["git", "nodejs_18", "vim", "zlib"];

fn settings() -> Settings {
    Screen::unopened(Memory::with(&[]), 80, 24).app.settings
}

fn shown(view: &View, backend: &dyn Backend) -> Result<Shown, PlainError> {
    show(view, backend, settings(), &Silent)
}

/// The values of a label, in their order.
fn values<'a>(text: &'a str, label: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(label)?.strip_prefix(": ")).collect()
}

/// Asserts that lines need neither eyes nor a terminal: no blanks to align, no control characters, no signs.
#[track_caller]
fn assert_plain(text: &str) {
    for line in text.lines() {
        assert_eq!(line.trim(), line, "nothing is told by a place");
        assert!(!line.contains("  ") || line.starts_with('#'), "nothing is aligned: {line:?}");
        let sign = line.chars().find(|letter| !letter.is_ascii() && !letter.is_alphanumeric());
        assert_eq!(sign, None, "nothing is told by a sign: {line:?}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
    assert!(!text.contains("\n\n\n") && !text.starts_with('\n'), "at most one blank line");
    assert!(text.is_empty() || text.ends_with('\n'));
}

fn installation(attribute: &str) -> Change {
    Change::Install { attribute: attribute.into(), source: None, outputs: None, priority: None }
}

fn colliding() -> Transaction {
    Transaction { changes: vec![installation("nodejs_24")] }
}

#[test]
fn the_installed_packages_have_a_label_for_each_fact() {
    let text = shown(&View::Installed, &Memory::with(INSTALLED)).unwrap().text;
    assert_plain(&text);
    assert_eq!(values(&text, "package"), INSTALLED);
    assert_eq!(values(&text, "version"), ["2.52.0", "18.20.8", "9.1.1918", "1.3.1"]);
    assert_eq!(values(&text, "priority").len(), 4);
}

#[test]
fn marks_are_said_in_words() {
    let mut elsewhere = Elsewhere::default();
    elsewhere.add("/run/current-system/sw".into(), ["/store/git-2.52.0-out"].map(Into::into));
    let mut git = Memory::offered("git");
    git.version = "2.53.0".into();
    let backend = Memory::with(&["git"]).beside(elsewhere).that_offers(vec![git]);
    let text = shown(&View::Installed, &backend).unwrap().text;
    assert_eq!(values(&text, "newer"), ["2.53.0"]);
    assert_eq!(values(&text, "elsewhere"), ["in the system too"]);
    let mut screen = Screen::new(backend, 120, 40);
    screen.keys("1a");
    assert_eq!(values(&self::text(&screen.app, Page::Installed), "staged"), ["off"]);
    screen.keys("<space>");
    assert_eq!(values(&self::text(&screen.app, Page::Installed), "staged"), ["it goes"]);
}

#[test]
fn a_query_finds_what_the_search_box_finds() {
    let view = View::Available { query: "node".into(), limit: None };
    let text = shown(&view, &Memory::with(&[])).unwrap().text;
    let mut screen = Screen::new(Memory::with(&[]), 120, 40);
    screen.keys("/node<enter>");
    let rows: Vec<_> = (0..screen.app.available_len()).filter_map(|row| screen.app.available(row)).collect();
    assert!(rows.len() > 1);
    assert_eq!(values(&text, "package"), rows.iter().map(|package| &*package.attribute).collect::<Vec<_>>());
    let few = View::Available { query: "node".into(), limit: Some(1) };
    let text = shown(&few, &Memory::with(&[])).unwrap().text;
    assert_eq!(values(&text, "package").len(), 1);
    assert!(text.starts_with(&format!("Available: the first 1 of {} packages\n", rows.len())), "{text}");
}

#[test]
fn details_tell_of_what_is_installed_or_else_of_what_is_on_offer() {
    let view = |attribute: &str| View::Details { attribute: attribute.into(), source: None };
    let memory = Memory::with(&["jq"]);
    let text = shown(&view("jq"), &memory).unwrap().text;
    assert_eq!(values(&text, "output"), ["bin", "man", "dev", "out"]);
    assert_eq!(values(&text, "state")[0], "installed");
    let text = shown(&view("zlib"), &memory).unwrap().text;
    assert_eq!(values(&text, "output"), ["out", "dev", "static"]);
    assert_eq!(values(&text, "description"), ["Compression library for the DEFLATE format"]);
    let error = shown(&view("zlob"), &memory).unwrap_err();
    assert!(matches!(error, PlainError::NoPackage { .. }), "{error}");
}

#[test]
fn shadowed_files_are_told_with_whom_they_lose_to() {
    let backend = Memory::with(&["busybox", "vim"]);
    let mut screen = Screen::new(backend, 120, 40);
    screen.keys("1jp<up><enter>");
    assert_eq!(values(&text(&screen.app, Page::Installed), "shadowed"), ["1 file by busybox"]);
    assert_eq!(values(&text(&screen.app, Page::Details), "shadowed"), ["1 file by busybox"]);
    screen.keys("O");
    assert_eq!(values(&text(&screen.app, Page::Installed), "order"), ["by name"]);
}

#[test]
fn outputs_tell_what_a_tick_would_do() {
    let view = |attribute: &str| View::Details { attribute: attribute.into(), source: None };
    let text = |attribute: &str, memory: &Memory| shown(&view(attribute), memory).unwrap().text;
    let zlib = text("zlib", &Memory::with(&["zlib"]));
    assert_eq!(values(&zlib, "ticked"), ["It brings 2 files."]);
    assert_eq!(values(&zlib, "not ticked"), ["A tick adds 2 files.", "A tick adds 1 file."]);
    assert_eq!(values(&zlib, "usually holds")[1], "headers and build files, for compiling against it");
    let node = text("nodejs_24", &Memory::with(&["nodejs_18"]));
    assert!(values(&node, "not ticked")[0].contains("with nodejs_18; that blocks the plan"), "{node}");
    let bat = text("bat", &Memory::with(&[]).unlisted(&["bat"]));
    assert!(values(&bat, "not ticked")[0].contains("unknown until fetched"), "{bat}");
}

#[test]
fn a_package_in_no_listing_is_told_of_as_its_evaluation_does() {
    let memory = || Memory::with(&["git"]).with_deep("python3Packages.zlib", "zlib");
    let view = |source: Option<&str>| View::Details {
        attribute: "python3Packages.zlib".into(),
        source: source.map(Into::into),
    };
    let text = shown(&view(None), &memory()).unwrap().text;
    assert!(text.starts_with("Details of python3Packages.zlib\n"), "{text}");
    assert_eq!(values(&text, "output"), ["out", "dev", "static"]);
    assert_eq!(values(&text, "not ticked").len(), 3, "{text}");
    assert!(matches!(shown(&view(None), &Memory::with(&[])), Err(PlainError::NoPackage { .. })));
    let broken = View::Details { attribute: memory::BROKEN.into(), source: Some(memory::MINE.into()) };
    assert!(matches!(shown(&broken, &memory()), Err(PlainError::Evaluation(_))));
    let of = View::FilesOfPackage { attribute: "python3Packages.zlib".into(), source: None };
    assert!(values(&shown(&of, &memory()).unwrap().text, "path").iter().any(|path| path.ends_with("zlib.h")));
}

#[test]
fn the_log_tells_what_began_and_how_it_ended() {
    let mut screen = Screen::new(Memory::that_fails_to_apply(&["git"]), 120, 40);
    screen.keys("/ripgrep<enter><space>s<enter><enter>y");
    let lines = text(&screen.app, Page::Log);
    assert_plain(&lines);
    assert_eq!(values(&lines, "begun"), ["applying"], "{lines}");
    assert!(values(&lines, "failed")[0].starts_with("applying: failed after "), "{lines}");
}

#[test]
fn a_journal_has_the_lines_of_other_programs_between_beginning_and_end() {
    let journal = Journal::begin(Task::Apply, settings(), &Silent);
    journal.line("building 'a'\u{1b}[31m");
    journal.step(Step { what: "building".into(), done: 1, total: 2 });
    let log = journal.end(Some("no space left\non the device".into()));
    assert_plain(&log);
    let labels: Vec<_> =
        log.lines().filter_map(|line| line.split_once(": ")).map(|(label, _)| label).filter(|it| *it != "at").collect();
    assert_eq!(labels, ["begun", "output", "failed", "failed"], "{log}");
    let done = Journal::begin(Task::Apply, settings(), &Silent).end(None);
    assert!(values(&done, "done")[0].starts_with("applying: done after "), "{done}");
}

#[test]
fn a_plan_that_would_be_refused_says_so_and_what_would_settle_it() {
    let shown = shown(&View::Plan(colliding()), &Memory::with(INSTALLED)).unwrap();
    assert!(shown.is_refused);
    assert_plain(&shown.text);
    assert!(shown.text.starts_with("Plan: refused as it is\nchange: nodejs_24 comes\n"), "{}", shown.text);
    assert!(!values(&shown.text, "way 1").is_empty(), "{}", shown.text);
    assert!(values(&shown.text, "path").contains(&"bin/node"));
}

#[test]
fn a_plan_that_builds_lists_every_file_and_command() {
    let transaction = Transaction { changes: vec![installation("ripgrep"), Change::Remove { name: "vim".into() }] };
    let shown = shown(&View::Plan(transaction), &Memory::with(INSTALLED)).unwrap();
    assert!(!shown.is_refused);
    let comes = values(&shown.text, "comes");
    assert!(["rg", "bin/rg", "share/man/man1/rg.1.gz"].iter().all(|path| comes.contains(path)), "{}", shown.text);
    assert!(values(&shown.text, "goes").contains(&"bin/vim"));
}

#[test]
fn every_collision_tells_who_wants_it_who_wins_and_why() {
    let memory = Memory::with(INSTALLED);
    let shown = shown(&View::Collisions(colliding()), &memory).unwrap();
    let preview = memory.preview(&colliding(), &Silent).unwrap();
    let mut paths = values(&shown.text, "path");
    paths.sort_unstable();
    let expected: Vec<_> = preview.plan.collisions.iter().map(|it| String::from_utf8_lossy(&it.path)).collect();
    assert_eq!(paths, expected);
    assert_eq!(values(&shown.text, "why").len(), expected.len() + preview.suggestions.len());
    let contenders: usize = preview.plan.collisions.iter().map(|it| it.contenders.len()).sum();
    assert_eq!(values(&shown.text, "wanted by").len(), contenders);
}

#[test]
fn comparing_tells_what_the_files_hold_and_of_a_path_where_nothing_collides_that() {
    let view = |path: &str| View::Compared { transaction: colliding(), path: Some(path.into()) };
    let memory = Memory::with(INSTALLED);
    let text = shown(&view("/bin/node"), &memory).unwrap().text;
    assert_eq!(values(&text, "path"), ["bin/node"]);
    assert!(values(&text, "contents")[0].contains("the first byte that differs is number 25"), "{text}");
    assert!(matches!(shown(&view("bin/nod"), &memory), Err(PlainError::NoCollision { .. })));
    let all = View::Compared { transaction: colliding(), path: None };
    assert!(values(&shown(&all, &memory).unwrap().text, "contents").len() > 1);
}

#[test]
fn each_generation_tells_what_going_there_changes() {
    let text = shown(&View::Generations, &Memory::with(INSTALLED)).unwrap().text;
    assert_plain(&text);
    assert_eq!(values(&text, "generation"), ["4", "3", "2", "1"]);
    assert_eq!(values(&text, "going from 4 to it, packages"), ["1 goes", "2 go", "3 go"]);
}

#[test]
fn the_words_of_nix_are_lines_as_they_are() {
    let memory = Memory::with(INSTALLED);
    let lines = memory.explain(&colliding(), &Silent).unwrap();
    let expected: Vec<_> = lines.iter().map(ToString::to_string).collect();
    let text = shown(&View::Explanation(colliding()), &memory).unwrap().text;
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn every_file_tells_who_provides_it_and_who_is_shadowed() {
    let memory = Memory::with(&["git", "nodejs_18"]);
    let text = shown(&View::Files { generation: None }, &memory).unwrap().text;
    assert_plain(&text);
    let tree = memory.files(&FilesOf::Profile, &Silent).unwrap();
    let expected: Vec<_> = tree.plain().map(|file| String::from_utf8(file.path).unwrap()).collect();
    assert_eq!(values(&text, "path"), expected);
    assert!(values(&text, "from").contains(&"nodejs_18 (out) 18.20.8"), "{text}");
    let of = View::FilesOfPackage { attribute: "zlib".into(), source: None };
    let text = shown(&of, &memory).unwrap().text;
    assert!(values(&text, "path").iter().any(|path| path.ends_with("include/zlib.h")), "{text}");
}

#[test]
fn who_has_a_command_is_told_as_the_screen_tells_it() {
    let text = shown(&View::Which("vi".into()), &Memory::with(&["vim"])).unwrap().text;
    let mut screen = Screen::new(Memory::with(&["vim"]), 120, 40);
    screen.keys("wvi");
    let providers = screen.app.which.providers();
    assert!(providers.len() > 1);
    assert_eq!(values(&text, "package"), providers.iter().map(|it| &*it.package).collect::<Vec<_>>());
    assert_eq!(values(&text, "state")[0], "installed");
}

#[test]
fn all_that_comes_from_outside_is_harmless() {
    let hostile = "a\u{1b}]0;owned\u{7}\u{202e}\r\nb: c";
    let package = |attribute: &str| Package {
        description: hostile.into(),
        version: hostile.into(),
        homepage: hostile.into(),
        ..Package::unevaluated(attribute.into(), hostile.into())
    };
    let memory = Memory::offering(vec![package(hostile), package("\n"), package("")]);
    let mut screen = Screen::new(memory, 120, 40);
    screen.keys("2<space>");
    for page in PAGES {
        let text = text(&screen.app, page);
        assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{page:?}: {text:?}");
        assert!(!text.contains('\u{202e}'), "{page:?}");
        assert!(text.lines().all(|line| !line.starts_with("b: c")), "no name makes a line of its own: {text}");
    }
}

#[test]
fn without_anything_every_view_says_so() {
    let screen = Screen::new(Memory::without_packages(), 80, 24);
    for page in PAGES {
        let text = text(&screen.app, page);
        assert!(!text.is_empty(), "{page:?}");
        assert_plain(&text);
    }
    let unopened = Screen::unopened(Memory::without_packages(), 80, 24);
    for page in PAGES {
        assert!(!text(&unopened.app, page).is_empty(), "{page:?}");
    }
}

/// What the marks of the installed packages mean is in the lines, in the order of the rows.
fn assert_marks(app: &App) -> Result<(), TestCaseError> {
    let lines = text(app, Page::Installed);
    let order = app.orders.installed;
    let order = Some(order.words()).filter(|_| order != InstalledOrder::default());
    let elements: Vec<_> = (0..app.elements().len()).filter_map(|row| app.installed(row)).collect();
    prop_assert_eq!(values(&lines, "order"), order.filter(|_| !elements.is_empty()).into_iter().collect::<Vec<_>>());
    let newer: Vec<_> = (0..elements.len()).filter_map(|row| app.newer_than(row)).collect();
    prop_assert_eq!(values(&lines, "newer"), newer);
    let elsewhere = elements.iter().filter_map(|it| Some(app.elsewhere.of_element(it)?.words(&it.version)));
    prop_assert_eq!(values(&lines, "elsewhere"), elsewhere.collect::<Vec<_>>());
    let off = elements.iter().filter(|element| !element.active).count();
    prop_assert_eq!(values(&lines, "state"), vec!["off"; off]);
    let losses = app.outlook.report.as_ref().map(|report| &report.losses);
    let losses = elements.iter().filter_map(|element| losses?.of(&element.name));
    let (shadowed, blocks) = (values(&lines, "shadowed"), values(&lines, "blocks"));
    let losing: Vec<_> = losses.clone().filter(|loss| loss.files > 0).collect();
    prop_assert_eq!(shadowed.len(), losing.len());
    for (said, loss) in shadowed.iter().zip(losing) {
        prop_assert!(said.starts_with(&plural(loss.files, "file")), "{}", said);
        prop_assert!(loss.to.iter().all(|(winner, _)| said.contains(&**winner)), "{}", said);
    }
    let blocking = losses.map(|loss| loss.blocking.iter().map(|(_, paths)| paths).sum()).filter(|paths| *paths > 0);
    let blocking = blocking.map(|paths: usize| format!("the plan, at {}", plural(paths, "path")));
    prop_assert_eq!(blocks, blocking.collect::<Vec<_>>());
    Ok(())
}

/// What the rows of the outputs tell is in the lines.
fn assert_outputs(app: &App) -> Result<(), TestCaseError> {
    let Some(subject) = app.subject() else { return Ok(()) };
    let (lines, rows) = (text(app, Page::Details), app.output_rows());
    let infos = || rows.iter().filter_map(|row| row.info);
    prop_assert_eq!(values(&lines, "where").len(), infos().count());
    prop_assert_eq!(values(&lines, "size"), infos().filter_map(|info| info.size.map(size)).collect::<Vec<_>>());
    prop_assert_eq!(values(&lines, "files"), infos().filter_map(|info| info.files.map(count)).collect::<Vec<_>>());
    let defaults = values(&lines, "state").iter().filter(|state| state.split(", ").any(|it| it == "default")).count();
    prop_assert_eq!(defaults, rows.iter().filter(|row| row.is_default).count());
    for (label, is_ticked) in [("ticked", true), ("not ticked", false)] {
        let rows = rows.iter().filter(|row| row.is_ticked == is_ticked);
        let effects = rows.map(|row| effect(app, &subject, row)).filter(|effect| !effect.is_empty());
        prop_assert_eq!(values(&lines, label), effects.collect::<Vec<_>>());
    }
    Ok(())
}

/// Every line of the log is in the lines, under what it tells.
fn assert_log(app: &App) -> Result<(), TestCaseError> {
    let lines = text(app, Page::Log);
    for (label, kind) in [
        ("begun", Kind::Began),
        ("done", Kind::Done),
        ("failed", Kind::Failed),
        ("stopped", Kind::Stopped),
        ("output", Kind::Said),
        ("note", Kind::Note),
    ] {
        let entries = app.log.entries().filter(|entry| entry.kind == kind);
        prop_assert_eq!(values(&lines, label).len(), entries.flat_map(|entry| entry.text.lines()).count());
    }
    Ok(())
}

/// Packages of which some have newer versions, are in the system too, or are unknown until they are fetched.
fn with_marks(installed: &[&str]) -> Memory {
    let offered = Memory::with(&[]).catalogue();
    let offered = offered.known().cloned().map(|package| match &*package.attribute {
        "git" | "zlib" => Package { version: "99".into(), ..package },
        _ => package,
    });
    let mut elsewhere = Elsewhere::default();
    let paths = ["/store/git-2.52.0-out", "/store/vim-8.2-out"];
    elsewhere.add("/run/current-system/sw".into(), paths.map(Into::into));
    Memory::with(installed).that_offers(offered.collect()).beside(elsewhere).unlisted(&["bat"])
}

/// Every package, collision and generation that the state has is in the lines, once.
fn assert_complete(app: &App) -> Result<(), TestCaseError> {
    let installed = text(app, Page::Installed);
    let rows = (0..app.elements().len()).filter_map(|row| app.installed(row));
    prop_assert_eq!(values(&installed, "package"), rows.map(|it| &*it.name).collect::<Vec<_>>());
    assert_marks(app)?;
    assert_outputs(app)?;
    assert_log(app)?;
    let available = text(app, Page::Available(None));
    let rows: Vec<_> = (0..app.available_len()).filter_map(|row| app.available(row)).collect();
    prop_assert_eq!(values(&available, "package"), rows.iter().map(|it| &*it.attribute).collect::<Vec<_>>());
    let generations = text(app, Page::Generations);
    let numbers: Vec<_> = app.current.generations.iter().rev().map(|it| it.number.to_string()).collect();
    prop_assert_eq!(values(&generations, "generation"), numbers);
    let outputs = app.output_rows();
    let names: Vec<_> = outputs.iter().map(|row| &*row.name).collect();
    let (details, plan) = (text(app, Page::Details), text(app, Page::Plan));
    prop_assert_eq!(values(&details, "output"), names);
    prop_assert_eq!(values(&plan, "change").len(), app.staged.changes().len());
    if let Some(report) = app.outlook.current() {
        let collisions = text(app, Page::Collisions);
        let mut paths = values(&collisions, "path");
        paths.sort_unstable();
        let mut expected: Vec<_> =
            report.collisions().iter().map(|it| String::from_utf8_lossy(&it.path).into_owned()).collect();
        expected.sort_unstable();
        prop_assert_eq!(paths, expected);
        let blocks = values(&collisions, "verdict").iter().filter(|verdict| **verdict == "blocks").count();
        prop_assert_eq!(blocks, report.blocking().len());
    }
    for page in PAGES {
        assert_plain(&text(app, page));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_screen_lists_is_in_the_plain_lines(
        installed in prop::sample::subsequence(vec!["bat", "busybox", "coreutils", "git", "jq", "nodejs_18", "vim", "zlib"], 0..6),
        keys in prop::collection::vec(prop::sample::select(vec![
            "j", "k", "<space>", "<tab>", "2", "1", "3", "a", "p<up><enter>", "s", "u", "U", "/node<enter>", "/vi<enter>",
            "<esc>", "c", "H", "F", "f", "<enter>", "G", "R", "y", "n", "x", "O", "L", "d",
        ]), 0..24),
    ) {
        let mut screen = Screen::new(with_marks(&installed), 120, 40);
        for key in keys {
            screen.keys(key);
        }
        assert_complete(&screen.app)?;
    }
}

/// A machine of its own for the program itself.
struct Machine(tempfile::TempDir);

impl Machine {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nix-loom"));
        let path = |name: &str| -> PathBuf { self.0.path().join(name) };
        command
            .args(arguments)
            .stdin(Stdio::null())
            .env("NIX_LOOM_STORE", "local")
            .env("HOME", path("home"))
            .env("XDG_DATA_HOME", path("data"))
            .env("XDG_STATE_HOME", path("state"))
            .env("XDG_CACHE_HOME", path("cache"))
            .env("XDG_CONFIG_HOME", path("config"))
            .env_remove("NIX_LOOM_CONFIG");
        command
    }

    #[track_caller]
    fn text(&self, code: i32, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let text = String::from_utf8(stdout).unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}\n{text}{}", String::from_utf8_lossy(&stderr));
        text
    }
}

#[test]
fn the_program_prints_every_view_and_ends_as_the_commands_do() {
    let machine = Machine(tempfile::tempdir().unwrap());
    machine.text(0, &["apply", "nodejs_18"]);
    for (code, arguments, start) in [
        (0, &["--plain"][..], "nix-loom\nprofile: "),
        (0, &["--plain", "installed"], "Installed: 1 package\n\npackage: nodejs_18\n"),
        (0, &["list", "--plain"], "Installed: 1 package\n"),
        (0, &["--plain", "search", "node"], "Available: "),
        (0, &["available", "node"], "Available: 2 packages\nquery: node\n"),
        (0, &["--plain", "details", "nodejs_20"], "Details of nodejs_20\n"),
        (0, &["--plain", "outputs", "nodejs_20@demo"], "Details of nodejs_20\n"),
        (1, &["--plain", "show", "nodejs_19"], ""),
        (2, &["--plain", "show", "nodejs_20^out"], ""),
        (3, &["--plain", "plan", "nodejs_20"], "Plan: refused as it is\n"),
        (0, &["plan", "nodejs_20", "-nodejs_18", "--plain"], "Plan: builds\n"),
        (0, &["collisions"], "Collisions of the profile: none\n"),
        (3, &["collisions", "nodejs_20"], "Collisions of the plan: "),
        (3, &["--plain", "compare", "nodejs_20", "--path", "bin/node"], "path: bin/node\n"),
        (2, &["--plain", "compare", "nodejs_20", "--path", "bin/nod"], ""),
        (0, &["--plain", "explain", "-nodejs_18"], "#"),
        (0, &["--plain", "generations"], "Generations: 1\n\ngeneration: 1\nstate: current\n"),
        (0, &["--plain", "sources"], "Sources: "),
        (0, &["actions"], "Actions\n\naction: "),
        (0, &["keys"], "Keys\n"),
        (0, &["--plain", "which", "node"], "Who has node: 2 answers\n\npackage: nodejs_18\n"),
        (0, &["files"], "Files of the profile: "),
        (0, &["files", "nodejs_18"], "Files of nodejs_18: "),
        (0, &["files", "--generation", "1"], "Files of generation 1: "),
        (1, &["files", "nodejs_19"], ""),
        (1, &["files", "--generation", "9"], ""),
        (3, &["--plain", "apply", "nodejs_20"], "Plan: refused as it is\nchange: nodejs_20 comes\n"),
        (0, &["--plain", "apply", "ripgrep"], "Plan: builds\nchange: ripgrep comes\n"),
        (0, &["--plain", "diff", "1", "2"], "From generation 1 to 2\npackages: 1 comes\ncomes: ripgrep "),
        (2, &["--plain", "--json", "list"], ""),
        (2, &["available", "--json"], ""),
    ] {
        let text = machine.text(code, arguments);
        assert!(text.starts_with(start), "{arguments:?}: {text}");
        if arguments.contains(&"apply") {
            let end = if code == 0 { "done" } else { "failed" };
            assert_eq!(values(&text, "begun"), ["applying"], "{text}");
            assert!(values(&text, end)[0].starts_with("applying: "), "{text}");
        }
        assert_plain(&text);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_of_the_program() {
    let machine = Machine(tempfile::tempdir().unwrap());
    let mut child = machine.command(&["available"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(child.wait().unwrap().success(), "{errors}");
    assert_eq!((first, &*errors), (*b"A", ""));
}

#[test]
fn an_environment_file_is_told_with_its_own_collisions_and_with_what_would_become_of_the_profile() {
    let of = |file: &str, is_apart| View::Environment { file: file.into(), changes: Transaction::default(), is_apart };
    let backend = Memory::with(&["git", "zlib"]);
    let whole = shown(&of(memory::imports::FILE, false), &backend).unwrap();
    assert!(whole.is_refused, "{}", whole.text);
    for told in [
        "Environment file /home/user/myproject_env.nix\n",
        "An environment of 5 packages. As one package it is myproject_env.\n",
        "\nBy itself\nrules: nixpkgs\nIt builds: 17 links in 5 directories. 1 collision, and nothing blocks.\n",
        "\npath: bin/vi\n",
        "\npackage: neovim\nversion: 0.11.5\noutputs: out\npriority: 6\nattribute: paths.neovim\nfrom: the file\n",
        "change: myproject_env.nix comes, as one package\n",
        "rules: nix\n",
    ] {
        assert!(whole.text.contains(told), "{told:?}\n{}", whole.text);
    }
    let set = shown(&of(memory::imports::SET, false), &backend).unwrap();
    assert!(!set.is_refused && set.text.contains("change: bat comes, from tools.nix\n"), "{}", set.text);
    let broken = shown(&of(memory::imports::BROKEN_FILE, false), &backend).unwrap_err().to_string();
    assert!(broken.contains("undefined variable 'zlb'") && broken.contains("broken.nix:4:7"), "{broken}");
}
