use super::*;

fn walked(listing: &Listing) -> Vec<(String, Listed<'_>)> {
    listing.walk().map(|(path, listed)| (String::from_utf8(path).unwrap(), listed)).collect()
}

const FILE: Listed<'static> = Listed::File { size: 1, executable: false };

#[test]
fn directories_on_the_way_are_made_and_entries_sorted() {
    let mut builder = ListingBuilder::new();
    builder.file(b"share/man/b", 2, false, None).unwrap();
    builder.file(b"share/man/a", 1, false, None).unwrap();
    builder.directory(b"share").unwrap();
    builder.symlink(b"bin", b"share").unwrap();
    let listing = builder.finish();
    let Some(Item::Directory(directory)) = listing.item(b"share/man") else { panic!("no directory") };
    assert_eq!(listing.entries(*directory).iter().map(|entry| &*entry.name).collect::<Vec<_>>(), [b"a", b"b"]);
    assert_eq!(listing.size(), (3, 3));
}

#[test]
fn impossible_entries_are_refused_by_name() {
    let mut builder = ListingBuilder::new();
    builder.text(b"a", b"x").unwrap();
    for (path, wanted) in [
        (&b"a"[..], "listed twice"),
        (b"a/b", "directory and as something else"),
        (b"", "directory and as something else"),
        (b"../x", "relative"),
        (b"x//y", "relative"),
        (b"/x", "relative"),
        (b"x\0", "relative"),
    ] {
        let error = builder.file(path, 0, false, None).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    let deep = b"d/".repeat(100_000);
    assert!(matches!(builder.directory(&deep), Err(ListingError::TooLong { .. })));
}

#[test]
fn an_output_may_be_one_file_or_one_link_or_empty() {
    let mut builder = ListingBuilder::new();
    builder.file(b"", 1, false, None).unwrap();
    assert!(matches!(builder.file(b"a", 1, false, None), Err(ListingError::NotADirectory { .. })));
    assert!(matches!(builder.directory(b""), Err(ListingError::NotADirectory { .. })));
    let file = builder.finish();
    assert_eq!((walked(&file), file.size()), (vec![(String::new(), FILE)], (1, 1)));
    let mut builder = ListingBuilder::new();
    builder.symlink(b"", b"/s/b").unwrap();
    assert_eq!(builder.finish().links_out(b"/s/a"), [b"/s/b"]);
    assert_eq!(walked(&ListingBuilder::new().finish()), [(String::new(), Listed::Directory)]);
}

#[test]
fn a_listing_is_gone_through_directory_by_directory_and_by_name() {
    let mut builder = ListingBuilder::new();
    for path in ["a-b", "a/x/y", "a/x-y", "b"] {
        builder.file(path.as_bytes(), 1, false, None).unwrap();
    }
    builder.directory(b"a/empty").unwrap();
    let dir = |path: &str| (path.to_owned(), Listed::Directory);
    let file = |path: &str| (path.to_owned(), FILE);
    let expected =
        [dir(""), dir("a"), dir("a/empty"), dir("a/x"), file("a/x/y"), file("a/x-y"), file("a-b"), file("b")];
    let listing = builder.finish();
    assert_eq!(walked(&listing), expected);

    let mut ordered = OrderedBuilder::new();
    ordered.begin(b"a").unwrap();
    ordered.begin(b"empty").unwrap();
    ordered.end().unwrap();
    ordered.begin(b"x").unwrap();
    ordered.file(b"y", 1, false).unwrap();
    ordered.end().unwrap();
    ordered.file(b"x-y", 1, false).unwrap();
    ordered.end().unwrap();
    ordered.file(b"a-b", 1, false).unwrap();
    ordered.file(b"b", 1, false).unwrap();
    assert_eq!(walked(&ordered.finish().unwrap()), expected);
}

#[test]
fn what_is_not_in_order_is_refused() {
    let mut ordered = OrderedBuilder::new();
    ordered.begin(b"b").unwrap();
    ordered.text(b"x", b"").unwrap();
    assert!(matches!(ordered.text(b"x", b""), Err(ListingError::OutOfOrder { .. })));
    assert!(matches!(ordered.text(b"a/b", b""), Err(ListingError::BadPath { .. })));
    assert!(matches!(ordered.symlink(b"..", b""), Err(ListingError::BadPath { .. })));
    ordered.end().unwrap();
    assert!(matches!(ordered.begin(b"a"), Err(ListingError::OutOfOrder { .. })));
    assert!(matches!(ordered.end(), Err(ListingError::Unbalanced)));
    ordered.begin(b"c").unwrap();
    assert!(matches!(ordered.finish(), Err(ListingError::Unbalanced)));
}

#[test]
fn a_path_as_long_as_paths_can_be_is_held_and_no_longer_one() {
    let mut ordered = OrderedBuilder::new();
    for _ in 0..MAX_PATH / 2 - 1 {
        ordered.begin(b"d").unwrap();
    }
    assert!(matches!(ordered.file(b"xyz", 0, false), Err(ListingError::TooLong { .. })));
    ordered.file(b"xy", 0, false).unwrap();
    for _ in 0..MAX_PATH / 2 - 1 {
        ordered.end().unwrap();
    }
    ordered.file(b"short", 0, false).unwrap();
    let deepest = ordered.finish().unwrap().walk().map(|(path, _)| path.len()).max();
    assert_eq!(deepest, Some(MAX_PATH));
}

#[test]
fn links_that_lead_out_are_told_from_those_that_stay() {
    let mut builder = ListingBuilder::new();
    for (path, target) in [
        ("bin/inside", "../lib/x"),
        ("bin/own", "/s/a/lib"),
        ("bin/other", "/s/b/bin/x"),
        ("bin/beside", "../../b/./lib//y"),
        ("bin/above", "../../../../../../etc"),
        ("bin/alike", "/s/a-b"),
    ] {
        builder.symlink(path.as_bytes(), target.as_bytes()).unwrap();
    }
    let out = builder.finish().links_out(b"/s/a").into_iter();
    let mut out: Vec<_> = out.map(|path| String::from_utf8(path).unwrap()).collect();
    out.sort();
    assert_eq!(out, ["/etc", "/s/a-b", "/s/b/bin/x", "/s/b/lib/y"]);
}
