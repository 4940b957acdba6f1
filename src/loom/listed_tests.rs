use super::*;
use crate::progress::Silent;

/// Nobody wants it any more.
struct Cancelled;

impl Progress for Cancelled {
    fn step(&self, _: Step) {}

    fn is_cancelled(&self) -> bool {
        true
    }
}

/// A listing with that many packages.
fn write(path: &Path, number: usize) {
    let entry = |at: usize| format!(r#""a{at}": {{"name": "a{at}-1", "pname": "a{at}", "version": "1"}}"#);
    let entries: Vec<_> = (0..number).map(entry).collect();
    fs::write(path, format!(r#"{{"version": "2", "packages": {{{}}}}}"#, entries.join(","))).unwrap();
}

#[test]
fn what_is_cancelled_leaves_what_was_known_and_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("packages.json");
    write(&place, 2);
    let spec: Spec = format!("q={}", place.display()).parse().unwrap();
    let open = || Listed::open(&spec, None, Some(&folder.path().join("cache")));
    let packages = |listed: &Listed| listed.part().map(|part| part.index().len());
    let listed = open();
    assert!(listed.read_on(&Cancelled).is_err());
    assert_eq!((packages(&listed), listed.is_read(), listed.problem()), (None, false, None));
    listed.read_on(&Silent).unwrap();
    assert_eq!((packages(&listed), listed.is_read()), (Some(2), true));

    write(&place, 30);
    let listed = open();
    assert_eq!((packages(&listed), listed.is_read()), (Some(2), false), "the index that was kept");
    assert!(listed.read_on(&Cancelled).is_err());
    assert_eq!((packages(&listed), listed.is_read(), listed.problem()), (Some(2), false, None));
    listed.read_on(&Silent).unwrap();
    assert_eq!((packages(&listed), listed.is_read()), (Some(30), true));
}
