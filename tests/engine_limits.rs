//! Trees that are too deep, too large or lead into themselves: the engine ends with an answer, never by overflow.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use nix_loom::engine::{
    self, Disk, ListingBuilder, Listings, NixpkgsRules, Output, Package, Plan, PlanError, Request, Rules,
};
use support::forest::plant;
use support::rows::REFUSED;
use support::temp_dir;
use support::tree::{Node, Nothing, Tree};
use tempfile::TempDir;

const SMALL_STACK: usize = 256 * 1024;

fn both_rules() -> [Rules; 2] {
    [Rules::Nix, Rules::Nixpkgs(NixpkgsRules::default())]
}

/// Packages at these roots, all at priority 5.
fn request(rules: Rules, roots: &[&Path]) -> Request {
    let package = |root: &&Path| Package {
        name: root.to_str().unwrap().into(),
        priority: 5,
        active: true,
        outputs: vec![Output { name: "out".into(), path: root.to_str().unwrap().as_bytes().into() }],
    };
    Request { rules, packages: roots.iter().map(package).collect(), compare_contents: true }
}

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(SMALL_STACK).spawn(work).unwrap().join().unwrap()
}

#[test]
fn a_listing_of_a_hundred_thousand_levels_is_refused_for_its_path() {
    let path = b"d/".repeat(100_000);
    on_a_small_stack(move || {
        assert!(ListingBuilder::new().file(&[&path[..], b"f"].concat(), 0, false, None).is_err());
        assert!(ListingBuilder::new().directory(&path[..path.len() - 1]).is_err());
        assert!(ListingBuilder::new().symlink(&[&path[..], b"l"].concat(), b"x").is_err());
    });
}

#[test]
fn a_deep_listing_that_is_allowed_plans_on_a_small_stack() {
    on_a_small_stack(|| {
        let mut listings = Listings::new(Nothing { base: "/" });
        for root in ["/a", "/b"] {
            let mut listing = ListingBuilder::new();
            let path = [b"d/".repeat(2000).as_slice(), &root.as_bytes()[1..]].concat();
            listing.file(&path, 0, false, None).unwrap();
            listings.insert(root.as_bytes(), Arc::new(listing.finish()));
        }
        for rules in both_rules() {
            let plan = engine::plan(&request(rules, &[Path::new("/a"), Path::new("/b")]), &listings).unwrap();
            assert_eq!((plan.directories(), plan.links()), (2000, 2));
        }
    });
}

/// A directory whose deep trees the standard library could not remove: it holds one open file for every level.
struct DeepDir(Option<TempDir>);

impl Drop for DeepDir {
    fn drop(&mut self) {
        let path = self.0.take().map(TempDir::keep).unwrap();
        let _ = Command::new("rm").arg("-rf").arg(path).status();
    }
}

#[test]
fn a_tree_as_deep_as_paths_can_be_is_planned_and_written_on_a_small_stack() {
    let dir = DeepDir(Some(temp_dir()));
    let base = dir.0.as_ref().unwrap().path().to_owned();
    // PATH_MAX counts the final NUL; the package's path, a slash and a name of one letter come on top.
    let depth = (4095 - base.as_os_str().len() - "/package1/x".len()) / 2;
    let packages: Vec<PathBuf> = (0..2).map(|at| base.join(format!("package{at}"))).collect();
    for (package, leaf) in packages.iter().zip(["x", "y"]) {
        let deepest = package.join("d/".repeat(depth));
        std::fs::create_dir_all(&deepest).unwrap();
        std::fs::write(deepest.join(leaf), leaf).unwrap();
    }
    for (at, rules) in both_rules().into_iter().enumerate() {
        let (packages, out) = (packages.clone(), base.join(format!("out{at}")));
        let written = out.clone();
        let plan = on_a_small_stack(move || {
            let plan = engine::plan(&request(rules, &[&packages[0], &packages[1]]), &Disk).unwrap();
            engine::write(&plan, &out).unwrap();
            plan
        });
        assert_eq!((plan.directories(), plan.links()), (depth, 2));
        assert_eq!(Tree::read(&written), Tree::of_plan(&plan));
    }
}

/// Under both rule sets: no environment, whether as an error or as a collision that blocks.
fn assert_ends_refused(input: &str) {
    for rules in both_rules() {
        assert_eq!(plant(input).outcome(rules), REFUSED, "{input}");
    }
}

#[test]
fn links_that_make_exponentially_many_paths_end_with_an_error() {
    assert_ends_refused("a5: d/p->. d/q->. d/x=1 | b5: d/p->. d/q->. d/y=1");
    assert_ends_refused("a5: d/p->.. d/q->../d | b5: d/p->.. d/q->../d");
}

#[test]
fn links_to_the_directory_of_all_packages_are_endless_under_nix_and_one_link_under_nixpkgs() {
    let packages = plant("a5: up->.. x=1 | b5: up->.. y=1");
    assert_eq!(packages.outcome(Rules::Nix), REFUSED);
    assert_eq!(packages.outcome(Rules::Nixpkgs(NixpkgsRules::default())), "up -> a/up, x -> a/x, y -> b/y");
}

#[test]
fn an_endless_tree_is_too_large_rather_than_endless() {
    let plan = plant("a5: d/p->. d/q->. | b5: d/p->. d/q->.").plan(Rules::Nixpkgs(NixpkgsRules::default()));
    assert!(
        matches!(plan, Err(PlanError::TooLarge { .. } | PlanError::LinkLoop { .. } | PlanError::File { .. })),
        "{plan:?}"
    );
}

/// `l0 -> l1 -> … -> file`, `length` links in all.
fn chain(length: usize) -> Tree {
    let mut tree = Tree::default();
    for at in 0..length {
        let target = if at + 1 == length { "file".to_owned() } else { format!("l{}", at + 1) };
        tree.insert(format!("l{at}").as_bytes(), Node::Link(target.into_bytes()));
    }
    tree.insert(b"file", Node::File { bytes: Vec::new(), executable: false });
    tree
}

#[test]
fn forty_links_in_a_row_are_followed_and_not_one_more_on_disk_and_in_memory() {
    for (length, is_fine) in [(1, true), (40, true), (41, false)] {
        let tree = chain(length);
        let dir = temp_dir();
        let root = dir.path().join("a");
        tree.make(&root);
        let mut listings = Listings::new(Nothing { base: dir.path().to_str().unwrap() });
        listings.insert(root.to_str().unwrap().as_bytes(), Arc::new(tree.listing(&mut BTreeMap::new())));
        let request = request(Rules::Nix, &[&root]);
        let in_memory: Plan = engine::plan(&request, &listings).unwrap();
        let on_disk = engine::plan(&request, &Disk).unwrap();
        assert_eq!((in_memory.builds(), on_disk.builds()), (is_fine, is_fine), "{length} links");
        let problems = on_disk.problems;
        let is_named = matches!(&*problems, [PlanError::LinkLoop { path }] if path.ends_with(b"/a/l0"));
        assert_eq!(is_named, !is_fine, "{problems:?}");
    }
}

#[test]
fn a_loop_of_links_is_refused_by_rules_nix_and_named() {
    for input in ["a5: x->x", "a5: x->y y->x", "a5: d/x->../e/y e/y->../d/x", "a5: d->e/f e->d"] {
        let loops = plant(input).plan(Rules::Nix).unwrap();
        let is_looked_into = !input.contains("d/x");
        assert_eq!(loops.builds(), !is_looked_into, "a directory that one package has is not looked into: {input}");
        let is_loop = |problem: &PlanError| matches!(problem, PlanError::LinkLoop { .. });
        assert!(loops.problems.iter().all(is_loop), "{input}: {loops:?}");
    }
}
