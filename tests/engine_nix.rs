//! The engine under rules `nix` against a real Nix: the same packages in, the same environment out.

mod support;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use nix_loom::engine::{self, Disk, Plan, Rules};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::forest::Forest;
use support::nix::Nix;
use support::sets::{PackageSet, package_set};
use support::tree::{Node, Tree};
use support::{number_from_env, say};
use tempfile::TempDir;

/// How many package sets Nix gets in one run, and how many disagreements are made small before the test gives up.
const BATCH: usize = 250;
const MOST_REPORTED: usize = 5;

/// What became of one package set.
enum Verdict {
    Built(Box<Plan>),
    Refused(String),
    Disagreed(String),
}

/// Lets the engine do what Nix has just done, and compares.
fn judge(forest: &Forest, nix: Option<&Path>, out: &Path) -> Verdict {
    let engine = catch_unwind(AssertUnwindSafe(|| engine::plan(&forest.request(Rules::Nix), &Disk)));
    let Ok(engine) = engine else { return Verdict::Disagreed("the engine panics".into()) };
    match (nix, engine) {
        (Some(nix), Ok(plan)) if plan.builds() => {
            let mut expected = Tree::read(nix);
            expected.0.remove(b"manifest.nix".as_slice());
            if let Err(error) = engine::write(&plan, out) {
                return Verdict::Disagreed(format!("Nix builds it, the engine cannot write it: {error}"));
            }
            let made = Tree::read(out);
            if made == expected {
                return Verdict::Built(Box::new(plan));
            }
            let (nix, engine) = (forest.describe(&expected), forest.describe(&made));
            Verdict::Disagreed(format!("Nix makes\n  {}\nthe engine makes\n  {}", nix.join("\n  "), engine.join("\n  ")))
        }
        (None, Ok(plan)) if !plan.builds() => {
            let kind = plan.collisions.iter().find(|collision| collision.blocks).map(|collision| collision.kind.name());
            Verdict::Refused(kind.unwrap_or_default().to_owned())
        }
        (None, Err(error)) => Verdict::Refused(format!("{error:?}").split([' ', '(']).next().unwrap_or_default().to_owned()),
        (Some(_), Ok(plan)) => {
            let blocking = plan.collisions.iter().find(|collision| collision.blocks);
            Verdict::Disagreed(format!("Nix builds it, the engine refuses it: {blocking:#?}"))
        }
        (Some(_), Err(error)) => Verdict::Disagreed(format!("Nix builds it, the engine fails: {error}")),
        (None, Ok(_)) => Verdict::Disagreed("Nix refuses it, the engine builds it".into()),
    }
}

/// Makes a set on which the two disagree as small as it gets, and describes it.
fn smallest(nix: &Nix, set: &mut dyn ValueTree<Value = PackageSet>) -> String {
    let disagreement = |set: &PackageSet| {
        let dir = TempDir::new().unwrap();
        let forest = set.forest(dir.path());
        forest.make();
        let built = nix.build_environments(&[forest.derivations()]).remove(0);
        match judge(&forest, built.as_deref(), &dir.path().join("out")) {
            Verdict::Disagreed(how) => Some(format!("{forest}{how}")),
            _ => None,
        }
    };
    let mut report = disagreement(&set.current()).unwrap_or_else(|| "cannot be repeated".into());
    let mut is_going_on = set.simplify();
    for _ in 0..400 {
        if !is_going_on {
            break;
        }
        is_going_on = match disagreement(&set.current()) {
            Some(smaller) => {
                report = smaller;
                set.simplify()
            }
            None => set.complicate(),
        };
    }
    report
}

/// What a package set that was built shows, for the count at the end.
fn features(forest: &Forest, plan: &Plan, environment: &Tree) -> Vec<&'static str> {
    let nodes = || forest.trees.values().flat_map(|tree| &tree.0);
    let listed = || forest.elements.iter().flat_map(|element| &element.trees);
    let links = || environment.0.values().filter_map(|node| if let Node::Link(target) = node { Some(target) } else { None });
    let contains = |path: &[u8], part: &str| path.windows(part.len()).any(|window| window == part.as_bytes());
    let prefix = |name: &str| format!("{}/", forest.path(name)).into_bytes();
    let propagated = |target: &Vec<u8>| {
        !forest.elements.iter().filter(|element| element.active).flat_map(|element| &element.trees).any(|name| target.starts_with(&prefix(name)))
    };
    let kinds = || plan.collisions.iter().map(|collision| collision.kind.name());
    let mut priorities: BTreeMap<&String, i32> = BTreeMap::new();
    let listed_twice = forest.elements.iter().any(|element| {
        element.trees.iter().any(|name| priorities.insert(name, element.priority).is_some_and(|old| old != element.priority))
    });
    [
        ("merged directories", plan.directories() > 0),
        ("directories merged in two levels", environment.0.iter().any(|(path, node)| *node == Node::Directory && path.contains(&b'/'))),
        ("shadowed files", kinds().any(|kind| kind == "shadowed")),
        ("links through a link", links().any(|target| contains(target, "/lib64/") || contains(target, "/sbin/"))),
        ("links into other packages", nodes().any(|(_, node)| matches!(node, Node::Link(target) if target.starts_with(forest.base.as_bytes())))),
        ("dangling links", plan.warnings.iter().any(|warning| warning.contains("dangling"))),
        ("links to . or ..", nodes().any(|(_, node)| matches!(node, Node::Link(target) if [b".".as_slice(), b"..", b"./.", b"../.."].contains(&target.as_slice())))),
        ("hidden names", nodes().any(|(path, _)| path.starts_with(b".") || contains(path, "/."))),
        ("special names", nodes().any(|(path, _)| ["log", "manifest.nix", "manifest.json", "info/dir", "perllocal.pod"].iter().any(|name| path.ends_with(name.as_bytes())))),
        ("names that are no UTF-8", environment.0.keys().any(|path| std::str::from_utf8(path).is_err())),
        ("propagated packages", links().any(propagated)),
        ("inactive elements", forest.elements.iter().any(|element| !element.active)),
        ("packages that are files", listed().any(|name| forest.trees.get(name).is_some_and(|tree| matches!(tree.0[b"".as_slice()], Node::File { .. })))),
        ("packages that are links", listed().any(|name| forest.trees.get(name).is_some_and(|tree| matches!(tree.0[b"".as_slice()], Node::Link(_))))),
        ("empty directories", nodes().any(|(path, node)| *node == Node::Directory && !path.is_empty() && !nodes().any(|(other, _)| other.starts_with(&[path, b"/".as_slice()].concat())))),
        ("one path at two priorities", listed_twice),
        ("priorities of 1000 and more", forest.elements.iter().any(|element| element.active && element.priority >= 1000)),
        ("negative priorities", forest.elements.iter().any(|element| element.active && element.priority < 0)),
    ]
    .into_iter()
    .filter_map(|(name, is_there)| is_there.then_some(name))
    .collect()
}

#[test]
fn random_package_sets_become_what_nix_makes_of_them_or_both_refuse() {
    let Some(nix) = Nix::or_skip() else { return };
    let wanted = usize::try_from(number_from_env("NIX_LOOM_SETS", 600)).unwrap();
    let seed = number_from_env("NIX_LOOM_SEED", 2);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let strategy = package_set(true);

    let (mut built, mut refused, mut disagreed) = (0, BTreeMap::<String, usize>::new(), 0);
    let mut seen = BTreeMap::<&'static str, usize>::new();
    let mut reports = Vec::new();
    for from in (0..wanted).step_by(BATCH) {
        let dir = TempDir::new().unwrap();
        let mut sets: Vec<_> = (from..wanted.min(from + BATCH)).map(|_| strategy.new_tree(&mut runner).unwrap()).collect();
        let forests: Vec<Forest> =
            sets.iter().enumerate().map(|(at, set)| set.current().forest(&dir.path().join(format!("{at}")))).collect();
        forests.iter().for_each(Forest::make);
        let inputs: Vec<Vec<String>> = forests.iter().map(Forest::derivations).collect();
        let environments = nix.build_environments(&inputs);
        for (at, (forest, environment)) in forests.iter().zip(&environments).enumerate() {
            let out = dir.path().join(format!("{at}.out"));
            match judge(forest, environment.as_deref(), &out) {
                Verdict::Built(plan) => {
                    built += 1;
                    for feature in features(forest, &plan, &Tree::read(&out)) {
                        *seen.entry(feature).or_default() += 1;
                    }
                }
                Verdict::Refused(why) => *refused.entry(why).or_default() += 1,
                Verdict::Disagreed(_) => {
                    disagreed += 1;
                    if reports.len() < MOST_REPORTED {
                        reports.push(format!("set {}:\n{}", from + at, smallest(&nix, &mut sets[at])));
                    }
                }
            }
        }
    }

    let refusals: usize = refused.values().sum();
    say(&format!("{wanted} random package sets (NIX_LOOM_SEED={seed}): {built} built link for link as by Nix, {refusals} refused by both, {disagreed} disagree"));
    say(&format!("  built, with {seen:?}"));
    say(&format!("  refused for {refused:?}"));
    assert!(
        reports.is_empty(),
        "{disagreed} of {wanted} sets disagree with Nix; repeat with NIX_LOOM_SEED={seed} NIX_LOOM_SETS={wanted}\n\n{}",
        reports.join("\n\n")
    );
}
