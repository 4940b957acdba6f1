use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("state/nix-loom/screen.json")
    }

    /// With a file of these bytes.
    fn with(bytes: &[u8]) -> Self {
        let place = Self::new();
        fs::create_dir_all(place.path().parent().unwrap()).unwrap();
        fs::write(place.path(), bytes).unwrap();
        place
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path().parent().unwrap()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn full() -> Remembered {
    Remembered {
        pane: Some("available".into()),
        theme: Some("dusk".into()),
        orders: [("installed".into(), "name".into())].into(),
        widths: [("outputs".into(), 40)].into(),
        queries: vec!["node 20".into(), "日本 'x".into()],
        files: vec!["~/myproject_env.nix".into()],
    }
}

fn searched(queries: &[&str]) -> Remembered {
    Remembered { queries: queries.iter().map(ToString::to_string).collect(), ..Remembered::default() }
}

#[test]
fn what_is_saved_is_there_the_next_time_and_for_nobody_else() {
    let place = Place::new();
    assert_eq!(Remembered::load(&place.path()), Remembered::default());
    full().save(&place.path()).unwrap();
    assert_eq!(Remembered::load(&place.path()), full());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.path()), 0o600);
    assert_eq!(mode(place.path().parent().unwrap()), 0o700);
    assert_eq!(place.names(), ["screen.json"]);
}

#[test]
fn what_is_not_said_stays_as_it_was() {
    let place = Place::with(br#"{"version": 1, "pane": "outputs", "queries": ["a"], "later": [1, {"b": null}]}"#);
    searched(&["b"]).save(&place.path()).unwrap();
    let text = fs::read_to_string(place.path()).unwrap();
    assert!(text.contains("\"later\""), "{text}");
    let now = Remembered::load(&place.path());
    assert_eq!((now.pane.as_deref(), now.queries), (Some("outputs"), vec!["b".to_owned(), "a".to_owned()]));
}

#[test]
fn a_file_of_a_newer_version_is_neither_used_nor_changed() {
    let newer = br#"{"version": 2, "pane": "outputs", "queries": {"a": 1}}"#;
    let place = Place::with(newer);
    assert_eq!(Remembered::load(&place.path()), Remembered::default());
    full().save(&place.path()).unwrap();
    assert_eq!(fs::read(place.path()).unwrap(), newer);
}

#[test]
fn queries_are_kept_once_the_newest_first_and_not_for_ever() {
    let place = Place::new();
    let many: Vec<_> = (0..MOST_QUERIES + 50).map(|number| format!("query {number}")).collect();
    Remembered { queries: many, ..Remembered::default() }.save(&place.path()).unwrap();
    searched(&["query 7", " ", "a\nb", "new "]).save(&place.path()).unwrap();
    let queries = Remembered::load(&place.path()).queries;
    assert_eq!(queries.len(), MOST_QUERIES);
    assert_eq!(queries[..3], ["query 7", "new", "query 0"]);
    assert_eq!(queries.iter().filter(|query| *query == "query 7").count(), 1);
}

#[test]
fn of_two_programs_the_queries_of_both_are_kept_and_the_place_of_the_last() {
    let place = Place::new();
    searched(&["before"]).save(&place.path()).unwrap();
    Remembered { pane: Some("installed".into()), ..searched(&["one"]) }.save(&place.path()).unwrap();
    Remembered { pane: Some("outputs".into()), ..searched(&["other"]) }.save(&place.path()).unwrap();
    let now = Remembered::load(&place.path());
    assert_eq!(now.queries, ["other", "one", "before"]);
    assert_eq!(now.pane.as_deref(), Some("outputs"));
}

#[test]
fn of_many_programs_at_the_same_moment_no_query_is_lost() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for program in 0..8 {
            let path = place.path();
            scope.spawn(move || {
                for number in 0..10 {
                    searched(&[&format!("{program} {number}")]).save(&path).unwrap();
                }
            });
        }
    });
    assert_eq!(Remembered::load(&place.path()).queries.len(), 80);
    assert_eq!(place.names(), ["screen.json"]);
}

#[test]
fn what_a_killed_program_left_is_removed() {
    let place = Place::with(b"{}");
    fs::write(place.path().with_file_name(".screen.json.new-1-0"), "half").unwrap();
    full().save(&place.path()).unwrap();
    assert_eq!(place.names(), ["screen.json"]);
}

#[test]
fn a_pipe_or_a_directory_in_its_place_keeps_nobody_waiting_and_stays() {
    let place = Place::new();
    fs::create_dir_all(place.path()).unwrap();
    assert_eq!(Remembered::load(&place.path()), Remembered::default());
    full().save(&place.path()).unwrap_err();
    assert!(place.path().is_dir());
    fs::remove_dir(place.path()).unwrap();
    let made = std::process::Command::new("mkfifo").arg(place.path()).status().unwrap();
    assert!(made.success());
    // One that waited would do so for ever.
    assert_eq!(Remembered::load(&place.path()), Remembered::default());
    full().save(&place.path()).unwrap_err();
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_and_no_panic() {
    let place = Place::with(b"{}");
    let file = place.path().join("below/a/file");
    full().save(&file).unwrap_err();
    full().save(Path::new("/")).unwrap_err();
    full().save(Path::new("/proc/nix-loom/screen.json")).unwrap_err();
    assert_eq!(Remembered::load(&file), Remembered::default());
}

#[test]
fn a_link_is_followed_and_stays_one() {
    let place = Place::with(b"{}");
    let link = place.0.path().join("link.json");
    symlink(place.path(), &link).unwrap();
    full().save(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(Remembered::load(&place.path()), full());
}

#[test]
fn a_file_too_large_to_be_ours_is_not_read() {
    let place = Place::with(format!("{{\"pane\": \"outputs\", \"x\": \"{}\"}}", "x".repeat(4 << 20)).as_bytes());
    assert_eq!(Remembered::load(&place.path()), Remembered::default());
}

#[test]
fn a_file_cut_at_any_byte_is_read_and_written_over() {
    let bytes = full().merged_into(None).unwrap();
    for end in 0..bytes.len() {
        let part = &bytes[..end];
        let _ = Remembered::parse(part);
        let mended = full().merged_into(Some(part)).unwrap_or_else(|| part.to_vec());
        assert_eq!(Remembered::parse(&mended), full(), "cut at {end}");
    }
}

proptest! {
    #[test]
    fn a_file_damaged_anywhere_harms_nobody(damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = full().merged_into(None).unwrap();
        for (at, byte) in damages {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let read = Remembered::parse(&bytes);
        prop_assert!(read.queries.iter().all(|query| clean(query).as_ref() == Some(query)));
        // Unless it has become one of a newer version, it is written over.
        if let Some(mended) = full().merged_into(Some(&bytes)) {
            let mended = Remembered::parse(&mended);
            prop_assert_eq!(mended.pane, full().pane);
            prop_assert_eq!(&mended.queries[..2], &full().queries[..]);
        }
    }

    #[test]
    fn any_bytes_at_all_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), depth in 0_usize..3000) {
        let _ = Remembered::parse(&bytes);
        let nested = "[".repeat(depth);
        let _ = Remembered::parse(nested.as_bytes());
        let _ = Remembered::parse(format!("{{\"queries\": {nested}").as_bytes());
    }
}
