use std::sync::Arc;
use std::thread;

use super::*;
use crate::package::{Obstacle, Package};

fn index(rows: usize) -> Index {
    let package = |number| Package {
        description: format!("Tool number {number} for é and \u{1b}[31m"),
        obstacles: vec![Obstacle::Failed("it throws".into())],
        ..Package::unevaluated(format!("set{}.tool-{number}", number % 3), Arc::from("test"))
    };
    Index::new(&mut (0..rows).map(package).collect())
}

#[test]
fn an_index_is_read_as_it_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.index");
    for rows in [0, 1, 40] {
        index(rows).save(&path, "of this").unwrap();
        let (read, fingerprint) = Index::load(&path).unwrap();
        assert_eq!((&read, &*fingerprint), (&index(rows), "of this"));
    }
}

#[test]
fn a_file_that_is_cut_or_changed_anywhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.index");
    index(5).save(&path, "of this").unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(Index::load(&path).is_err(), "cut to {length}");
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        fs::write(&path, changed).unwrap();
        assert!(Index::load(&path).is_err(), "changed at {at}");
    }
    fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
    assert!(matches!(Index::load(&path), Err(IndexError::Damaged)));
}

#[test]
fn who_reads_while_others_save_reads_a_whole_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.index");
    index(10).save(&path, "10").unwrap();
    thread::scope(|scope| {
        for rows in [10, 20] {
            // A program saves one index of a source at a time; these two stand for two programs.
            let path = &path;
            scope.spawn(move || {
                for _ in 0..30 {
                    let beside = path.with_file_name(format!("{rows}.index"));
                    index(rows).save(&beside, &rows.to_string()).unwrap();
                    fs::rename(&beside, path).unwrap();
                }
            });
        }
        for _ in 0..100 {
            let (read, fingerprint) = Index::load(&path).unwrap();
            assert_eq!(read.len().to_string(), fingerprint);
        }
    });
}
