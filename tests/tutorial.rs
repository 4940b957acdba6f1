//! The README's tutorial is true: its files are written, its commands run against a real Nix, and each line that it shows is
//! printed.
//!
//! In what it shows, a line of `…` stands for any lines and a `…` in a line for any letters. A block of `diff` is an edit.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use support::nix::{Nix, lines, succeed};

const README: &str = include_str!("../README.md");
const BEGINS: &str = "### An environment for a project\n";
const FILE: &str = "myproject_env.nix";

/// What a reader does at one place of the tutorial.
#[derive(Debug)]
enum Step {
    /// Writes the file.
    Write(String),
    /// Changes some lines of it into others.
    Edit(String, String),
    /// Types a command and sees these lines.
    Run(String, Vec<String>),
}

/// The fenced blocks of the tutorial in their order.
fn steps() -> Vec<Step> {
    let start = README.find(BEGINS).expect("the README has the tutorial") + BEGINS.len();
    let section = &README[start..];
    let section = &section[..section.find("\n### ").unwrap_or(section.len())];
    let mut steps = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match kind {
            "nix" => {
                assert_eq!(block[0], format!("# {FILE}"), "a file says in its first line what it is called");
                steps.push(Step::Write(block.join("\n") + "\n"));
            }
            "diff" => {
                let side = |without: char| {
                    let kept: Vec<&str> =
                        block.iter().filter(|line| !line.starts_with(without)).map(|line| &line[1..]).collect();
                    kept.join("\n") + "\n"
                };
                steps.push(Step::Edit(side('+'), side('-')));
            }
            "console" => {
                for line in block {
                    match (line.strip_prefix("$ "), steps.last_mut()) {
                        (Some(command), _) => steps.push(Step::Run(command.to_owned(), Vec::new())),
                        (None, Some(Step::Run(_, shown))) => shown.push(line.to_owned()),
                        _ => panic!("{line}: a block begins with a command"),
                    }
                }
            }
            other => panic!("{other}: nothing is known of such a block"),
        }
    }
    steps
}

/// Whether the printed lines are those that are shown.
fn are_shown(printed: &[&str], shown: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "…" => (0..=printed.len()).any(|from| are_shown(&printed[from..], rest)),
        Some((first, rest)) => {
            let Some((line, left)) = printed.split_first() else { return false };
            is_shown(line.trim_end(), first) && are_shown(left, rest)
        }
    }
}

fn is_shown(line: &str, shown: &str) -> bool {
    match shown.split_once('…') {
        None => line == shown,
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| is_shown(&rest[at..], after))
        }),
    }
}

/// A home in which the tutorial is followed.
struct Reader {
    nix: Nix,
}

impl Reader {
    fn folder(&self) -> PathBuf {
        self.nix.path("home").join("myproject")
    }

    /// Puts what the tutorial fetches by its hash into the store, where Nix finds it without asking the network.
    fn has_fetched_what_is_pinned(&self) -> String {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tutorial");
        // As `fetchTarball` calls it.
        let source = self.nix.path("source");
        fs::create_dir(&source).unwrap();
        fs::copy(fixtures.join("pinned/default.nix"), source.join("default.nix")).unwrap();
        fs::copy(fixtures.join("packages.nix"), source.join("packages.nix")).unwrap();
        let add = ["--add-fixed", "--recursive", "sha256"];
        succeed(self.nix.command("nix-store").args(add).arg(&source));
        let hash = self.nix.command("nix-hash").args(["--type", "sha256", "--base32"]).arg(&source).output().unwrap();
        lines(&hash)[0].to_str().unwrap().to_owned()
    }

    /// What a command prints on both streams, as the tutorial shows it.
    fn run(&self, command: &str) -> String {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tutorial/nixpkgs");
        let program = Path::new(env!("CARGO_BIN_EXE_nix-loom")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(program.to_owned()).chain(std::env::split_paths(&path));
        let output = self
            .nix
            .command("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(self.folder())
            .env("PATH", std::env::join_paths(paths).unwrap())
            .env("NIX_PATH", format!("nixpkgs={}", fixture.display()))
            .env_remove("NIX_LOOM_CONFIG")
            .env_remove("NIX_LOOM_STORE")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let home = self.nix.path("home").canonicalize().unwrap();
        let store = self.nix.store().canonicalize().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        printed.replace(home.to_str().unwrap(), "~").replace(store.to_str().unwrap(), "/nix/store")
    }
}

#[test]
fn every_step_of_the_tutorial_does_what_it_says() {
    let Some(nix) = Nix::or_skip() else { return };
    let reader = Reader { nix };
    fs::create_dir(reader.folder()).unwrap();
    let hash = reader.has_fetched_what_is_pinned();
    let file = reader.folder().join(FILE);
    let mut commands = 0;
    for step in steps() {
        match step {
            Step::Write(text) => fs::write(&file, text).unwrap(),
            Step::Edit(old, new) => {
                let text = fs::read_to_string(&file).unwrap();
                assert_eq!(text.matches(&old).count(), 1, "the file has these lines once:\n{old}");
                assert!(!new.contains("sha256") || new.contains(&hash), "the hash of what is pinned is {hash}");
                fs::write(&file, text.replace(&old, &new)).unwrap();
            }
            Step::Run(command, shown) => {
                let printed = reader.run(&command);
                let is_so = are_shown(&printed.lines().collect::<Vec<_>>(), &shown);
                assert!(is_so, "$ {command}\nshown:\n{}\n\nprinted:\n{printed}", shown.join("\n"));
                commands += 1;
            }
        }
    }
    assert!(commands > 5, "the tutorial was found");
}

#[test]
fn what_is_shown_may_leave_out_lines_and_letters_and_nothing_else() {
    let shown = |lines: &[&str]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(are_shown(&["a", "b", "c"], &shown(&["a", "…", "c"])));
    assert!(are_shown(&["a"], &shown(&["…", "a", "…"])));
    assert!(!are_shown(&["a", "b"], &shown(&["a"])) && !are_shown(&["a"], &shown(&["a", "b"])));
    assert!(are_shown(&["/nix/store/hash-x"], &shown(&["/nix/store/…-x"])));
    assert!(!are_shown(&["/nix/store/hash-y"], &shown(&["/nix/store/…-x"])));
}
