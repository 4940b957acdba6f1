//! What the engine makes of packages of which not all is known.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use nix_loom::engine::{
    self, CollisionKind, Entry, FileError, Files, Found, Listing, ListingBuilder, Listings, NixpkgsRules, Output,
    Package, Plan, Request, Rules,
};
use support::forest::Forest;
use support::tree::{Nothing, Tree};

/// The directory `/s`, in which whatever is asked for is unknown.
struct Unknown(Nothing<'static>);

impl Unknown {
    fn check(path: &[u8]) -> Result<(), FileError> {
        if path.starts_with(b"/s/") { Err(FileError::Unknown) } else { Ok(()) }
    }
}

impl Files for Unknown {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        Self::check(dir).and_then(|()| self.0.read_dir(dir))
    }
    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        Self::check(path).and_then(|()| self.0.find(path))
    }
    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        Self::check(path).and_then(|()| self.0.canonicalize(path))
    }
    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        Self::check(path).and_then(|()| self.0.read_link(path))
    }
    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        Self::check(path).and_then(|()| self.0.read(path))
    }
    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        Self::check(a).and_then(|()| Self::check(b)).and_then(|()| self.0.same_bytes(a, b))
    }
}

/// A listing of files, and of links where an entry has an arrow.
fn listing(entries: &[&str]) -> Listing {
    let mut listing = ListingBuilder::new();
    for entry in entries {
        match entry.split_once("->") {
            Some((path, target)) => listing.symlink(path.as_bytes(), target.as_bytes()).unwrap(),
            None => listing.file(entry.as_bytes(), 1, false, None).unwrap(),
        }
    }
    listing.finish()
}

fn files(packages: &[(&str, &[&str])]) -> Listings<Unknown> {
    let mut files = Listings::new(Unknown(Nothing { base: "/s" }));
    for (name, entries) in packages {
        files.insert(format!("/s/{name}").as_bytes(), Arc::new(listing(entries)));
    }
    files
}

/// The plan of packages at priority 5, in this order.
fn plan(rules: &Rules, names: &[&str], files: &dyn Files) -> Plan {
    let package = |name: &&str| {
        let outputs = vec![Output { name: "out".into(), path: format!("/s/{name}").into_bytes().into() }];
        Package { name: (*name).into(), priority: 5, active: true, outputs }
    };
    let packages = names.iter().map(package).collect();
    engine::plan(&Request { rules: rules.clone(), packages, compare_contents: true }, files).unwrap()
}

fn links(plan: &Plan) -> Vec<String> {
    Forest::new("/s".as_ref()).describe(&Tree::of_plan(plan))
}

fn unknown(plan: &Plan) -> Vec<&str> {
    plan.unknown.iter().map(|path| str::from_utf8(path).unwrap()).collect()
}

fn both() -> [Rules; 2] {
    [Rules::Nix, Rules::Nixpkgs(NixpkgsRules::default())]
}

#[test]
fn a_link_into_an_output_of_which_nothing_is_known_counts_as_a_link_to_a_file_and_that_output_is_told() {
    let files = files(&[
        ("a", &["bin/far->/s/far/bin/far", "bin/near->../../near/./bin/near", "bin/own"]),
        ("b", &["bin/b", "share->/s/shared/share", "twice->/s/a/bin/far"]),
    ]);
    for rules in both() {
        let plan = plan(&rules, &["a", "b"], &files);
        let expected = ["bin/b -> b/bin/b", "bin/far -> a/bin/far", "bin/near -> a/bin/near", "bin/own -> a/bin/own"];
        let expected: Vec<_> = expected.into_iter().chain(["share -> b/share", "twice -> b/twice"]).collect();
        assert_eq!(links(&plan), expected, "{rules:?}");
        assert_eq!(unknown(&plan), ["/s/far", "/s/near", "/s/shared"], "{rules:?}");
        assert!(plan.builds() && plan.warnings.is_empty(), "{rules:?}: {:?}", plan.warnings);
        // What is not known is not the same, but no reason to fail either.
        let before = self::plan(&rules, &["b"], &files);
        let difference = engine::diff(&before, &plan, &files).unwrap();
        assert_eq!(difference.added.len(), 3, "{rules:?}: {difference:?}");
    }
}

#[test]
fn links_to_one_unknown_file_are_one_file_and_links_to_two_are_two() {
    let files = files(&[
        ("a", &["bin/same->/s/far/bin/x", "bin/other->/s/far/bin/x"]),
        ("b", &["bin/same->/s/way/x", "bin/other->/s/far/bin/y"]),
        ("way", &["x->../far/bin/../bin/x"]),
    ]);
    for rules in both() {
        let plan = plan(&rules, &["a", "b"], &files);
        let kinds: Vec<_> = plan.collisions.iter().map(|it| (&*it.path, it.kind, it.blocks)).collect();
        let same_blocks = matches!(rules, Rules::Nix);
        let expected =
            [(&b"bin/other"[..], CollisionKind::Tie, true), (b"bin/same", CollisionKind::SameFile, same_blocks)];
        assert_eq!(kinds, expected, "{rules:?}");
        assert_eq!(unknown(&plan), ["/s/far"], "{rules:?}");
    }
}

#[test]
fn a_link_into_an_unknown_output_against_a_directory_is_a_file() {
    let files = files(&[("a", &["share->/s/far/share"]), ("b", &["share/x"])]);
    for rules in both() {
        let plan = plan(&rules, &["a", "b"], &files);
        let kinds: Vec<_> = plan.collisions.iter().map(|it| (it.kind, it.blocks)).collect();
        assert_eq!(kinds, [(CollisionKind::FileDirectory, true)], "{rules:?}");
        assert_eq!(unknown(&plan), ["/s/far"], "{rules:?}");
    }
}

#[test]
fn what_a_listed_package_propagates_is_not_known_and_that_is_told_with_its_name() {
    const LIST: &str = "nix-support/propagated-user-env-packages";
    let files = files(&[("a", &["bin/a", LIST]), ("b", &["bin/b", "nix-support/setup-hook"])]);
    for rules in both() {
        let plan = plan(&rules, &["a", "b"], &files);
        assert_eq!(links(&plan), ["bin/a -> a/bin/a", "bin/b -> b/bin/b"], "{rules:?}");
        assert_eq!(plan.warnings, ["what a propagates is not known until it is fetched"], "{rules:?}");
        assert_eq!(unknown(&plan), ["/s/a"], "{rules:?}");
    }
}

#[test]
fn what_a_package_propagates_counts_where_the_words_are_known() {
    let mut files = files(&[("c", &["bin/c"])]);
    let mut listing = ListingBuilder::new();
    listing.text(b"nix-support/propagated-user-env-packages", b"/s/c /s/unknown").unwrap();
    files.insert(b"/s/a", Arc::new(listing.finish()));
    for rules in both() {
        let plan = plan(&rules, &["a"], &files);
        assert_eq!((links(&plan), unknown(&plan)), (vec!["bin -> c/bin".to_owned()], vec!["/s/unknown"]), "{rules:?}");
    }
}

#[test]
fn a_package_of_which_nothing_is_known_brings_nothing_and_is_told_once() {
    let files = files(&[("a", &["bin/a->/s/gone/bin/a"])]);
    for rules in both() {
        let plan = plan(&rules, &["gone", "a"], &files);
        assert_eq!((links(&plan), unknown(&plan)), (vec!["bin -> a/bin".to_owned()], vec!["/s/gone"]), "{rules:?}");
    }
}

#[test]
fn an_output_that_is_one_file_or_one_link_is_what_it_is_on_disk() {
    let mut files = files(&[("dir", &["bin/x"])]);
    let mut file = ListingBuilder::new();
    file.file(b"", 3, false, None).unwrap();
    files.insert(b"/s/file", Arc::new(file.finish()));
    let mut link = ListingBuilder::new();
    link.symlink(b"", b"dir").unwrap();
    files.insert(b"/s/link", Arc::new(link.finish()));

    assert_eq!(files.find(b"/s/file").unwrap().size, 3);
    assert!(matches!(files.read_dir(b"/s/file"), Err(FileError::NotADirectory)));
    assert!(matches!(files.find(b"/s/file/x"), Err(FileError::NotADirectory)));
    assert_eq!(files.read_link(b"/s/file").unwrap(), None);
    assert_eq!(files.read_link(b"/s/link").unwrap().as_deref(), Some(&b"dir"[..]));
    assert_eq!(&*files.canonicalize(b"/s/link/bin/x").unwrap(), b"/s/dir/bin/x");

    let warned = plan(&Rules::Nix, &["file"], &files);
    assert_eq!(warned.warnings, ["not including /s/file because it is not a directory"]);
    for rules in both() {
        assert_eq!(links(&plan(&rules, &["link"], &files)), ["bin -> link/bin"], "{rules:?}");
    }
}
