//! The listings that real Nix writes beside its archives, and those that it prints, say what is really there.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use nix_loom::engine::{Listed, Listing};
use nix_loom::progress::Silent;
use nix_loom::store::listing::{Cache, Limits, Provider, parse};
use support::lab::{CACHE, Lab, Who};
use support::nix::{Nix, succeed};
use support::tree::{Node, Tree};

/// What both can say of a file.
#[derive(Clone, Debug, PartialEq)]
enum Fact {
    Directory,
    File { size: u64, executable: bool },
    Link(Vec<u8>),
}

type Facts = BTreeMap<Vec<u8>, Fact>;

fn on_disk(place: &Path) -> Facts {
    let fact = |node| match node {
        Node::Directory => Fact::Directory,
        Node::File { bytes, executable } => Fact::File { size: bytes.len() as u64, executable },
        Node::Link(target) => Fact::Link(target),
    };
    Tree::read(place).0.into_iter().map(|(path, node)| (path, fact(node))).collect()
}

fn listed(listing: &Listing) -> Facts {
    let fact = |listed| match listed {
        Listed::Directory => Fact::Directory,
        Listed::File { size, executable } => Fact::File { size, executable },
        Listed::Text(text) => Fact::File { size: text.len() as u64, executable: false },
        Listed::Symlink(target) => Fact::Link(target.to_vec()),
    };
    listing.walk().map(|(path, listed)| (path, fact(listed))).collect()
}

/// Names and targets with all that JSON and shells have trouble with.
fn tree(names: &[&[u8]]) -> Tree {
    let mut tree = Tree::default();
    tree.insert(b"bin/program", Node::File { bytes: vec![0; 5000], executable: true });
    tree.insert(b"share/empty-file", Node::File { bytes: Vec::new(), executable: false });
    tree.insert(b"share/empty/directory", Node::Directory);
    tree.insert(b"lib/link", Node::Link(b"../bin/program".to_vec()));
    tree.insert(b"lib/nowhere", Node::Link(b"/nix/store/\"not\\here\"".to_vec()));
    tree.insert(&[b"deep/".repeat(39), b"er".to_vec()].concat(), Node::Directory);
    for name in names {
        tree.insert(&[b"odd/", *name].concat(), Node::File { bytes: name.to_vec(), executable: false });
        tree.insert(&[b"odd-links/", *name].concat(), Node::Link(name.to_vec()));
    }
    tree
}

const ODD: [&[u8]; 7] =
    [b"a b", b"\"quoted\"", b"back\\slash", b"line\nbreak", b"\x01\x1b[31m", "é日本".as_bytes(), b"..."];

/// What the cache says of each of `paths`; all of them must be in it.
fn from_cache(cache: &Path, store: &Path, paths: &[PathBuf]) -> Vec<Facts> {
    let found = Mutex::new(BTreeMap::new());
    let give = |path: &Path, listing: Result<Listing, String>| {
        let listing = listing.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        found.lock().unwrap().insert(path.to_owned(), listed(&listing));
    };
    let cache = Cache::new(&format!("file://{}", cache.display()), store, Limits::default());
    cache.listings(paths, &give, &Silent);
    let found = found.into_inner().unwrap();
    paths.iter().map(|path| found[path].clone()).collect()
}

#[test]
fn what_the_nix_of_this_machine_writes_and_prints_is_what_is_there() {
    let Some(nix) = Nix::or_skip() else { return };
    let mut names = ODD.to_vec();
    // This one writes bytes as they are, UTF-8 or not; newer ones refuse such names.
    names.push(b"caf\xe9");
    tree(&names).make(&nix.path("directory"));
    Tree(BTreeMap::from([(Vec::new(), Node::File { bytes: b"one file".to_vec(), executable: true })]))
        .make(&nix.path("file"));
    Tree(BTreeMap::from([(Vec::new(), Node::Link(b"elsewhere".to_vec()))])).make(&nix.path("link"));
    let cache = nix.path("cache");
    let url = format!("file://{}", cache.display());
    let add = |name: &str| {
        let output = succeed(nix.command("nix-store").arg("--add").arg(nix.path(name)));
        PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end())
    };
    let paths = ["directory", "file", "link"].map(add);
    succeed(nix.command("nix").args(["copy", "--to", &format!("{url}?write-nar-listing=1")]).args(&paths));

    let there: Vec<_> = paths.iter().map(|path| on_disk(path)).collect();
    assert_eq!(from_cache(&cache, &nix.store(), &paths), there);
    for (path, there) in paths.iter().zip(&there) {
        let printed = succeed(nix.command("nix").args(["store", "ls", "--json", "-R", "--store", &url]).arg(path));
        assert_eq!(listed(&parse(&printed.stdout).unwrap()), *there, "{}", path.display());
    }
}

fn what_this_nix_writes_and_prints_is_what_is_there(version: &'static str) {
    let Some(lab) = Lab::with_cache_or_skip(version, Who::Root) else { return };
    tree(&ODD).make(&lab.host("/root/directory"));
    let path = lab.run("nix-store", &["--add", "/root/directory"]);
    let path = path.trim_end();
    let url = format!("file://{CACHE}?write-nar-listing=1");
    lab.run("nix", &["copy", "--no-check-sigs", "--to", &url, path]);
    let there = on_disk(&lab.host(path));
    assert_eq!(from_cache(&lab.host(CACHE), Path::new("/nix/store"), &[path.into()]), [there.clone()]);
    let printed = lab.run("nix", &["store", "ls", "--json", "-R", "--store", &url, path]);
    assert_eq!(listed(&parse(printed.as_bytes()).unwrap()), there);
}

#[test]
fn what_nix_2_8_writes_and_prints_is_what_is_there() {
    what_this_nix_writes_and_prints_is_what_is_there("2.8");
}

#[test]
fn what_nix_2_26_writes_and_prints_is_what_is_there() {
    what_this_nix_writes_and_prints_is_what_is_there("2.26");
}

#[test]
fn what_nix_2_34_writes_and_prints_is_what_is_there() {
    what_this_nix_writes_and_prints_is_what_is_there("2.34");
}
