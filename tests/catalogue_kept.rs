//! The index of a listing on disk: made once, made anew where it has to be, and never in the way of an answer.

#![allow(clippy::unwrap_used)]

#[path = "support/listing.rs"]
mod listing;
#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use listing::{document, indexes, quarks, rows, source};
use machine::{Machine, names, said};
use serde_json::Value;

const QUARKS: usize = 2000;

/// A machine with a listing, and the option that names it.
fn with_quarks() -> (Machine, PathBuf, String) {
    let machine = Machine::new();
    let place = machine.path("quarks.json");
    listing::write(&place, &quarks(QUARKS, "1"));
    let option = source("q", &place);
    (machine, place, option)
}

#[track_caller]
fn search(machine: &Machine, source: &str) -> Value {
    machine.json(&[source, "search", "quark19", "source:q"])
}

/// The one index that there is. Beside it may be what a killed program left; that is swept later.
#[track_caller]
fn index(machine: &Machine) -> PathBuf {
    let mut files = indexes(&machine.path("cache"));
    files.retain(|file| file.extension().is_some_and(|end| end == "index"));
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().next().unwrap()
}

/// Which file it is, and when it was written.
fn identity(file: &Path) -> (u64, i64, i64) {
    let found = file.metadata().unwrap();
    (found.ino(), found.mtime(), found.mtime_nsec())
}

#[test]
fn an_index_is_made_once_and_again_only_for_another_listing() {
    let (machine, place, option) = with_quarks();
    let first = search(&machine, &option);
    assert_eq!(rows(&first)[0], "quark19@q");
    let made = identity(&index(&machine));
    assert_eq!(search(&machine, &option), first);
    assert_eq!(identity(&index(&machine)), made);
    listing::write(&place, &quarks(QUARKS, "2"));
    assert_eq!(search(&machine, &option)[0]["version"], "2");
    assert_ne!(identity(&index(&machine)), made);
}

#[test]
fn a_damaged_index_is_made_again_with_the_same_answers() {
    let (machine, _, option) = with_quarks();
    let expected = search(&machine, &option);
    let file = index(&machine);
    let whole = fs::read(&file).unwrap();
    let with = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        bytes
    };
    let middle = whole.len() / 2;
    let damaged =
        [Vec::new(), whole[..middle].to_vec(), with(9), with(middle), with(whole.len() - 1), vec![0xff; 4096]];
    for bytes in damaged {
        fs::write(&file, bytes).unwrap();
        assert_eq!(search(&machine, &option), expected);
        assert_eq!(fs::read(&file).unwrap(), whole, "it is whole again");
    }
}

#[test]
fn without_a_place_for_the_index_the_answers_are_the_same() {
    let (machine, _, option) = with_quarks();
    let expected = search(&machine, &option);
    fs::remove_dir_all(machine.path("cache")).unwrap();
    fs::write(machine.path("cache"), "a file where the folder would be").unwrap();
    assert_eq!(search(&machine, &option), expected);
}

#[test]
fn ten_programs_at_once_find_the_same_and_leave_one_whole_index() {
    let (machine, _, option) = with_quarks();
    let programs: Vec<_> =
        (0..10).map(|_| machine.start(&[&option, "search", "quark19", "source:q", "--json"])).collect();
    let answers: Vec<String> =
        programs.into_iter().map(|program| said(&program.wait_with_output().unwrap()).stdout).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let made = identity(&index(&machine));
    assert_eq!(serde_json::to_string(&search(&machine, &option)).unwrap(), compact(&answers[0]));
    assert_eq!(identity(&index(&machine)), made);
}

fn compact(text: &str) -> String {
    serde_json::from_str::<Value>(text).unwrap().to_string()
}

#[test]
fn a_program_that_is_killed_while_it_makes_the_index_leaves_nothing_wrong() {
    let (machine, _, option) = with_quarks();
    let expected = search(&machine, &option);
    let folder = index(&machine).parent().unwrap().to_owned();
    // Once as early as something is there to be seen, and so on.
    for spins in [0, 1, 10, 100, 1000] {
        fs::remove_dir_all(&folder).unwrap();
        let mut program = machine.start(&[&option, "search", "quark19", "--json"]);
        let mut seen = 0;
        while seen <= spins && program.try_wait().unwrap().is_none() {
            seen += usize::from(!names(&folder).is_empty());
        }
        program.kill().unwrap();
        program.wait().unwrap();
        assert_eq!(search(&machine, &option), expected);
        index(&machine);
    }
}

#[test]
fn a_listing_that_cannot_be_read_is_named_and_the_other_sources_answer() {
    let (machine, place, option) = with_quarks();
    let bad = machine.path("bad.json");
    let whole = document(&quarks(30, "1"));
    let rubbish = [
        whole[..whole.len() / 2].to_owned(),
        String::new(),
        "not JSON at all".to_owned(),
        "[]".to_owned(),
        whole.replacen("\"2\"", "\"7\"", 1),
        "\u{1b}]0;hostile\u{7}".to_owned(),
        "[".repeat(100_000),
    ];
    let broken = source("bad", &bad);
    for text in rubbish {
        fs::write(&bad, &text).unwrap();
        let told = machine.any(&[&option, &broken, "search", "quark19", "--json"]);
        assert!(told.stderr.contains("bad.json"), "{:.40}: {}", text, told.stderr);
        let found: Value = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!(rows(&found)[0], "quark19@q");
    }
    assert!(place.exists());
}
