//! The tree of files against environments on disk: every path of a written environment is in it, and nothing else, with
//! the package that provides it.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use machine::Machine;
use nix_loom::engine::{self, Disk, Files, Listings, Plan, Rules};
use nix_loom::loom::{Asked, FileTree, NodeKind, Owner, Stopped};
use nix_loom::profile::{Element, ElementOutput};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::forest::Forest;
use support::sets::{PackageSet, package_set};
use support::tree::Nothing;
use support::{number_from_env, temp_dir};
use tempfile::TempDir;

fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(number_from_env("NIX_LOOM_SEED", 6));
    ProptestConfig { failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

fn plant(set: &PackageSet) -> (TempDir, Forest) {
    let dir = temp_dir();
    let forest = set.forest(dir.path());
    forest.make();
    (dir, forest)
}

fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// The elements of a forest, as a profile holds them.
fn elements(forest: &Forest) -> Vec<Element> {
    let output = |(at, name): (usize, &String)| ElementOutput {
        name: ["out", "dev", "man", "doc"][at].into(),
        path: forest.path(name).into(),
    };
    let element = |(at, element): (usize, &support::forest::Element)| Element {
        name: format!("element{at}"),
        outputs: element.trees.iter().enumerate().map(output).collect(),
        priority: element.priority.into(),
        active: element.active,
        ..Element::default()
    };
    forest.elements.iter().enumerate().map(element).collect()
}

/// The owners of a forest's environment; what is propagated is found by reading the packages.
fn owners(forest: &Forest) -> Vec<Owner> {
    let mut owners = Owner::of_profile(&elements(forest));
    let mut at = 0;
    while let Some(owner) = owners.get(at).cloned() {
        let list = path(&owner.path).join("nix-support/propagated-user-env-packages");
        for word in fs::read(list).unwrap_or_default().split(|byte| matches!(byte, b' ' | b'\n' | b'\t')) {
            if !word.is_empty() && owners.iter().all(|owner| *owner.path != *word) {
                owners.push(Owner { path: word.into(), propagated_by: Some(owner.package.clone()), ..owner.clone() });
            }
        }
        at += 1;
    }
    owners
}

/// What a walk of an environment finds at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Walked {
    Directory,
    File { size: u64, mode: u32 },
    Link(Vec<u8>),
}

/// Every path of an environment on disk. Its own links are followed, those of packages are not.
fn walk(environment: &Path) -> BTreeMap<Vec<u8>, Walked> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![(Vec::new(), environment.to_owned(), true)];
    while let Some((above, place, is_own)) = waiting.pop() {
        for entry in fs::read_dir(&place).unwrap() {
            let entry = entry.unwrap();
            let path = support::tree::join(&above, entry.file_name().as_bytes());
            let kind = entry.file_type().unwrap();
            let is_linked = is_own && kind.is_symlink();
            let place = if is_linked { fs::read_link(entry.path()).unwrap() } else { entry.path() };
            let is_directory = if is_linked { place.is_dir() } else { kind.is_dir() };
            let walked = if is_directory {
                waiting.push((path.clone(), place, is_own && !is_linked));
                Walked::Directory
            } else if let Ok(target) = fs::read_link(&place) {
                Walked::Link(target.as_os_str().as_bytes().to_vec())
            } else {
                let metadata = fs::metadata(&place).unwrap();
                Walked::File { size: metadata.len(), mode: metadata.permissions().mode() & 0o7777 }
            };
            found.insert(path, walked);
        }
    }
    found
}

/// The same of a tree.
fn told(tree: &FileTree) -> BTreeMap<Vec<u8>, Walked> {
    let nodes = (0..u32::try_from(tree.len()).unwrap()).filter_map(|at| {
        let node = tree.node(at)?;
        let walked = match node.kind {
            NodeKind::Directory => Walked::Directory,
            NodeKind::File => Walked::File { size: node.size?, mode: node.mode.into() },
            NodeKind::Symlink => Walked::Link(tree.link(at)?.target.to_vec()),
            kind => panic!("{kind:?} at {:?}", tree.path(at)),
        };
        Some((tree.path(at), walked))
    });
    nodes.collect()
}

/// Where a path leads once all links before its last name are followed.
fn place(path: &Path) -> PathBuf {
    fs::canonicalize(path.parent().unwrap()).unwrap().join(path.file_name().unwrap())
}

fn tree(plan: &Plan, forest: &Forest, files: &dyn Files) -> FileTree {
    FileTree::of_plan(plan, owners(forest), files, &|| true).unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_tree_has_every_path_of_the_written_environment_with_a_package_that_provides_it(set in package_set(true)) {
        let (dir, forest) = plant(&set);
        let Ok(plan) = engine::plan(&forest.request(Rules::Nix), &Disk) else { return Ok(()) };
        if !plan.builds() {
            return Ok(());
        }
        let out = dir.path().join("environment");
        engine::write(&plan, &out).unwrap();
        let tree = tree(&plan, &forest, &Disk);
        prop_assert_eq!(told(&tree), walk(&out), "{}", forest);
        for at in 0..u32::try_from(tree.len()).unwrap() {
            let below = tree.path(at);
            let there = out.join(path(&below));
            let is_own_directory = there.symlink_metadata().is_ok_and(|it| it.is_dir()) && tree.source(at).is_none();
            if is_own_directory {
                prop_assert!(tree.owner(at).is_none());
                // Every one of those who share it has something in it.
                for owner in tree.sharers(at) {
                    prop_assert!(path(&owner.path).join(path(&below)).exists(), "{below:?} of {owner:?}\n{forest}");
                }
                continue;
            }
            let owner = tree.owner(at);
            prop_assert!(owner.is_some(), "nobody has {}\n{forest}", there.display());
            let provided = path(&owner.unwrap().path).join(path(&below));
            let is_same = place(&provided) == place(&there)
                || fs::canonicalize(&provided).is_ok_and(|one| fs::canonicalize(&there).is_ok_and(|other| one == other));
            prop_assert!(is_same, "{} is not {}\n{forest}", there.display(), provided.display());
            let source = tree.source(at).unwrap();
            prop_assert!(path(&source).symlink_metadata().is_ok());
            if let Some((end, _)) = tree.link(at).and_then(|link| link.end.as_ref()) {
                prop_assert_eq!(path(end), fs::canonicalize(&there).unwrap());
            }
        }
    }

    #[test]
    fn who_stands_back_is_who_the_plan_says_and_nobody_else(set in package_set(true)) {
        let (_dir, forest) = plant(&set);
        let Ok(plan) = engine::plan(&forest.request(Rules::Nix), &Disk) else { return Ok(()) };
        let tree = tree(&plan, &forest, &Disk);
        let nodes = 0..u32::try_from(tree.len()).unwrap();
        let told: BTreeMap<Vec<u8>, usize> =
            nodes.filter(|&at| tree.contest(at).is_some()).map(|at| (tree.path(at), tree.shadowed(at).count())).collect();
        let expected = plan.collisions.iter().map(|collision| {
            (collision.path.to_vec(), collision.contenders.len() - usize::from(collision.winner.is_some()))
        });
        prop_assert_eq!(told, expected.collect::<BTreeMap<_, _>>(), "{}", forest);
        prop_assert_eq!(tree.all().contested, plan.collisions.len());
    }

    #[test]
    fn listings_in_memory_give_the_tree_of_the_same_packages_on_disk(set in package_set(false)) {
        let (_dir, forest) = plant(&set);
        let Ok(plan) = engine::plan(&forest.request(Rules::Nix), &Disk) else { return Ok(()) };
        let mut contents = BTreeMap::new();
        let mut listings = Listings::new(Nothing { base: &forest.base });
        for (name, tree) in &forest.trees {
            listings.insert(forest.path(name).as_bytes(), Arc::new(tree.listing(&mut contents)));
        }
        let (disk, memory) = (tree(&plan, &forest, &Disk), tree(&plan, &forest, &listings));
        let lines = |tree: &FileTree| tree.plain().map(|file| format!("{file:?}")).collect::<Vec<_>>();
        prop_assert_eq!(lines(&disk), lines(&memory), "{}", forest);
    }

    #[test]
    fn a_filter_finds_exactly_the_paths_that_hold_every_word(
        set in package_set(false),
        words in prop::collection::vec("[a-zA-Z/0-9.]{0,3}", 0..3),
    ) {
        let (_dir, forest) = plant(&set);
        let Ok(plan) = engine::plan(&forest.request(Rules::Nix), &Disk) else { return Ok(()) };
        let tree = tree(&plan, &forest, &Disk);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let holds = |path: &[u8], word: &str| {
            let lower = |bytes: &[u8]| bytes.to_ascii_lowercase();
            let is_in = |path: Vec<u8>, word: Vec<u8>| word.is_empty() || path.windows(word.len()).any(|part| part == word);
            if word.contains(char::is_uppercase) {
                is_in(path.to_vec(), word.as_bytes().to_vec())
            } else {
                is_in(lower(path), lower(word.as_bytes()))
            }
        };
        let expected: Vec<u32> = (0..u32::try_from(tree.len()).unwrap())
            .filter(|&at| words.iter().all(|word| holds(&tree.path(at), word)))
            .collect();
        prop_assert_eq!(tree.matching(&words), expected);
    }

    #[test]
    fn the_stretch_below_a_node_is_what_lies_below_its_path(set in package_set(false)) {
        let (_dir, forest) = plant(&set);
        let Ok(plan) = engine::plan(&forest.request(Rules::Nix), &Disk) else { return Ok(()) };
        let tree = tree(&plan, &forest, &Disk);
        let nodes = || 0..u32::try_from(tree.len()).unwrap();
        for at in nodes() {
            let start = [&*tree.path(at), b"/"].concat();
            let below: Vec<u32> = nodes().filter(|&other| tree.path(other).starts_with(&start)).collect();
            prop_assert_eq!(tree.below(at).collect::<Vec<_>>(), below.clone());
            let files = below.iter().chain([&at]).filter(|&&it| tree.node(it).unwrap().kind != NodeKind::Directory);
            prop_assert_eq!(tree.totals(at).files, files.count());
            prop_assert_eq!(tree.find(&tree.path(at)), Some(at));
            prop_assert_eq!(tree.children(Some(at)).map(|child| tree.parent(child)).find(|parent| *parent != Some(at)), None);
        }
    }
}

#[test]
fn a_walk_that_nobody_wants_any_more_ends() {
    let dir = temp_dir();
    fs::create_dir_all(dir.path().join("a/b/c")).unwrap();
    let asked = Asked {
        package: "a".into(),
        version: String::new(),
        output: "out".into(),
        path: Some(dir.path().join("a")),
        priority: None,
    };
    assert_eq!(FileTree::of_outputs(std::slice::from_ref(&asked), &Disk, &|| false).err(), Some(Stopped));
    let tree = FileTree::of_outputs(&[asked], &Disk, &|| true).unwrap();
    assert_eq!((tree.len(), tree.all().files), (3, 0));
    assert_eq!((tree.path(2), tree.path_in_profile(2)), (b"out/b/c".to_vec(), b"b/c".to_vec()));
}

/// Path, kind and package of each file that a run of `files` tells.
fn listed(machine: &Machine, arguments: &[&str]) -> BTreeMap<String, [String; 2]> {
    let document = machine.json(&[&["files"], arguments].concat());
    let files = document.as_array().unwrap().iter().map(|file| {
        let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
        (text("path"), [text("kind"), text("package")])
    });
    files.collect()
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[test]
fn the_program_lists_the_files_of_the_profile_as_they_are_on_disk_now_before_and_after() {
    let machine = Machine::new();
    let folder = machine.path("packages");
    for (name, files) in [("low", &["bin/tool", "share/low"][..]), ("high", &["bin/tool", "share/doc/high"])] {
        for file in files {
            write(&folder.join(format!("{name}-1")).join(file), name);
        }
    }
    std::os::unix::fs::symlink("tool", folder.join("low-1/bin/t\u{1b}[31m")).unwrap();
    let packages = ["--packages", folder.to_str().unwrap()];
    machine.run(0, &[&packages[..], &["apply", "low"]].concat());
    machine.run(0, &[&packages[..], &["apply", "high:priority=4"]].concat());

    let files = listed(&machine, &packages);
    let on_disk: Vec<Vec<u8>> = walk(&machine.profile())
        .into_iter()
        .filter(|(_, walked)| *walked != Walked::Directory)
        .map(|(path, _)| path)
        .collect();
    assert_eq!(files.keys().map(|path| path.clone().into_bytes()).collect::<Vec<_>>(), on_disk);
    let told = |path: &str, kind: &str, package: &str| (path.to_owned(), [kind.to_owned(), package.to_owned()]);
    let expected = [
        told("bin/t\u{1b}[31m", "link", "low"),
        told("bin/tool", "file", "high"),
        told("manifest.json", "file", ""),
        told("share/doc/high", "file", "high"),
        told("share/low", "file", "low"),
    ];
    assert_eq!(files, BTreeMap::from(expected));
    // The machine checks that nothing of it steers the terminal.
    let text = machine.run(0, &[&packages[..], &["files"]].concat()).stdout;
    assert!(text.contains("t\\x1b[31m"), "{text}");

    let before = listed(&machine, &["--generation", "1", packages[0], packages[1]]);
    assert_eq!(before["bin/tool"][1], "low");
    let after = listed(&machine, &["--with=-high", packages[0], packages[1]]);
    assert_eq!((&*after["bin/tool"][1], after.contains_key("share/doc/high")), ("low", false));
}

#[test]
fn the_program_lists_the_outputs_of_a_package_and_says_when_there_is_none_of_that_name() {
    let machine = Machine::new();
    let of = |arguments: &[&str]| listed(&machine, arguments).into_keys().collect::<Vec<_>>();
    let all = of(&["zlib"]);
    assert!(all.iter().any(|path| path == "dev/include/zlib.h") && all.iter().any(|path| path.starts_with("out/lib/")));
    let dev = of(&["zlib^dev"]);
    assert!(!dev.is_empty() && dev.iter().all(|path| path.starts_with("dev/")), "{dev:?}");
    machine.run(0, &["apply", "zlib^dev"]);
    assert_eq!(of(&["zlib"]), all, "installed, it has the other outputs too");
    machine.run(2, &["files", "zlib^nothing"]);
    machine.run(1, &["files", "no-such-package"]);
}

#[test]
fn what_nothing_has_exactly_is_looked_for_elsewhere_and_then_by_part() {
    let machine = Machine::new();
    let told = |question: &str| {
        let document = machine.json(&["which", "--like", question]);
        let providers = document.as_array().unwrap().iter().map(|provider| {
            let text = |key: &str| provider[key].as_str().unwrap().to_owned();
            (text("package"), text("output"), text("path"))
        });
        providers.collect::<Vec<_>>()
    };
    let exact = told("node");
    assert!(exact.len() > 1 && exact.iter().all(|(.., path)| path == "bin/node"), "{exact:?}");
    let named = told("zlib.h");
    assert!(named.contains(&("zlib".into(), "dev".into(), "include/zlib.h".into())), "{named:?}");
    assert!(named.iter().all(|(.., path)| path.ends_with("/zlib.h")), "{named:?}");
    let part = told("nod");
    assert!(!part.is_empty() && part.iter().all(|(.., path)| path.to_lowercase().contains("nod")), "{part:?}");
    let like = told("np?");
    assert!(
        like.iter().any(|(.., path)| path == "bin/npm") && like.iter().any(|(.., path)| path == "bin/npx"),
        "{like:?}"
    );
    assert!(told("include/zli").iter().any(|(.., path)| path == "include/zlib.h"));
    assert_eq!(told("nothing is called so"), []);
    machine.run(0, &["apply", "zlib^dev"]);
    let document = machine.json(&["which", "--like", "zlib.h"]);
    assert_eq!(
        (&document[0]["installed"], &document[0]["shadowed"]),
        (&true.into(), &false.into()),
        "installed ones first"
    );
}
