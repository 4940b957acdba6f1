//! The engine under rules `nix` against a real Nix: the same packages in, the same environment out.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use nix_loom::engine::{self, Disk, Plan, PlanError, RuleSet, Rules};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::forest::{Forest, Planted, plant};
use support::nix::Nix;
use support::rows::{REFUSED, ROWS};
use support::sets::{PackageSet, package_set};
use support::tree::{Node, Tree};
use support::{number_from_env, say, temp_dir};

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
            Verdict::Disagreed(format!(
                "Nix makes\n  {}\nthe engine makes\n  {}",
                nix.join("\n  "),
                engine.join("\n  ")
            ))
        }
        (None, Ok(plan)) if !plan.builds() => {
            let problem = plan.problems.first().map(variant);
            let kind = plan.collisions.iter().find(|collision| collision.blocks).map(|collision| collision.kind.name());
            Verdict::Refused(problem.or(kind.map(str::to_owned)).unwrap_or_default())
        }
        (None, Err(error)) => Verdict::Refused(variant(&error)),
        (Some(_), Ok(plan)) => {
            let blocking = plan.collisions.iter().find(|collision| collision.blocks);
            Verdict::Disagreed(format!("Nix builds it, the engine refuses it: {blocking:#?}"))
        }
        (Some(_), Err(error)) => Verdict::Disagreed(format!("Nix builds it, the engine fails: {error}")),
        (None, Ok(_)) => Verdict::Disagreed("Nix refuses it, the engine builds it".into()),
    }
}

fn variant(error: &PlanError) -> String {
    format!("{error:?}").split([' ', '(']).next().unwrap_or_default().to_owned()
}

/// Makes a set on which the two disagree as small as it gets, and describes it.
fn smallest(nix: &Nix, set: &mut dyn ValueTree<Value = PackageSet>) -> String {
    let disagreement = |set: &PackageSet| {
        let dir = temp_dir();
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
    let links =
        || environment.0.values().filter_map(|node| if let Node::Link(target) = node { Some(target) } else { None });
    let contains = |path: &[u8], part: &str| path.windows(part.len()).any(|window| window == part.as_bytes());
    let prefix = |name: &str| format!("{}/", forest.path(name)).into_bytes();
    let propagated = |target: &Vec<u8>| {
        !forest
            .elements
            .iter()
            .filter(|element| element.active)
            .flat_map(|element| &element.trees)
            .any(|name| target.starts_with(&prefix(name)))
    };
    let kinds = || plan.collisions.iter().map(|collision| collision.kind.name());
    let mut priorities: BTreeMap<&String, i32> = BTreeMap::new();
    let listed_twice = forest.elements.iter().any(|element| {
        element
            .trees
            .iter()
            .any(|name| priorities.insert(name, element.priority).is_some_and(|old| old != element.priority))
    });
    [
        ("merged directories", plan.directories() > 0),
        ("directories merged in two levels", environment.0.iter().any(|(path, node)| *node == Node::Directory && path.contains(&b'/'))),
        ("shadowed files", kinds().any(|kind| kind == "shadowed")),
        ("links through a link", links().any(|target| contains(target, "/lib64/") || contains(target, "/sbin/"))),
        ("links into other packages", nodes().any(|(_, node)| matches!(node, Node::Link(target) if target.starts_with(forest.base.as_bytes())))),
        ("dangling links", plan.warnings.iter().any(|warning| warning.contains("leads nowhere"))),
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
    let (mut runner, strategy) = (runner(seed), package_set(true));

    let (mut built, mut refused, mut disagreed) = (0, BTreeMap::<String, usize>::new(), 0);
    let mut shown = BTreeMap::<&'static str, usize>::new();
    let mut reports = Vec::new();
    for from in (0..wanted).step_by(BATCH) {
        let dir = temp_dir();
        let mut sets: Vec<_> =
            (from..wanted.min(from + BATCH)).map(|_| strategy.new_tree(&mut runner).unwrap()).collect();
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
                        *shown.entry(feature).or_default() += 1;
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
    say(&format!(
        "{wanted} random package sets (NIX_LOOM_SEED={seed}): {built} built link for link as by Nix, {refusals} refused by both, {disagreed} disagree"
    ));
    say(&format!("  built, with {shown:?}"));
    say(&format!("  refused for {refused:?}"));
    assert!(
        reports.is_empty(),
        "{disagreed} of {wanted} sets disagree with Nix; repeat with NIX_LOOM_SEED={seed} NIX_LOOM_SETS={wanted}\n\n{}",
        reports.join("\n\n")
    );
    // A generator gone dull must not pass for agreement. Smaller runs are for trying out.
    if wanted >= 500 {
        assert!(built >= wanted / 3 && refusals >= wanted / 10, "{built} built, {refusals} refused: too one-sided");
        for (feature, least) in FEATURES {
            let count = shown.get(feature).copied().unwrap_or_default();
            assert!(count >= least, "only {count} sets that were built have {feature}; at least {least} should");
        }
        for reason in ["tie", "file-directory", "LinkLoop", "MissingPackage"] {
            assert!(refused.contains_key(reason), "no set was refused for {reason}: {refused:?}");
        }
    }
}

/// How many of 500 sets must at least have been built with each of these.
const FEATURES: [(&str, usize); 18] = [
    ("merged directories", 150),
    ("directories merged in two levels", 25),
    ("shadowed files", 25),
    ("links through a link", 25),
    ("links into other packages", 50),
    ("dangling links", 25),
    ("links to . or ..", 25),
    ("hidden names", 50),
    ("special names", 50),
    ("names that are no UTF-8", 25),
    ("propagated packages", 15),
    ("inactive elements", 25),
    ("packages that are files", 5),
    ("packages that are links", 5),
    ("empty directories", 50),
    ("one path at two priorities", 25),
    ("priorities of 1000 and more", 5),
    ("negative priorities", 50),
];

/// Builds one forest with Nix and with the engine; both as [`Forest::describe`] writes it.
fn compare_texts(nix: &Nix, inputs: &[&str]) -> Vec<(String, String)> {
    let planted: Vec<_> = inputs.iter().map(|input| plant(input)).collect();
    let derivations: Vec<_> = planted.iter().map(|forest| forest.derivations()).collect();
    let environments = nix.build_environments(&derivations);
    let describe = |(forest, environment): (&Planted, Option<PathBuf>)| {
        let by_nix = environment.map_or(REFUSED.to_owned(), |path| {
            let mut tree = Tree::read(&path);
            tree.0.remove(b"manifest.nix".as_slice());
            forest.describe(&tree).join(", ")
        });
        (by_nix, forest.outcome(Rules::Nix))
    };
    planted.iter().zip(environments).map(describe).collect()
}

#[test]
fn every_row_of_the_table_says_what_nix_does() {
    let Some(nix) = Nix::or_skip() else { return };
    let inputs: Vec<&str> = ROWS.iter().map(|row| row.input).collect();
    for (row, (by_nix, by_engine)) in ROWS.iter().zip(compare_texts(&nix, &inputs)) {
        assert_eq!(by_nix, row.nix, "the table is wrong in {}: {}", row.claim, row.input);
        assert_eq!(by_engine, row.nix, "the engine is wrong in {}: {}", row.claim, row.input);
    }
}

/// What random sets hardly hit: each of the numbered rules of `nix` at its edge.
const EDGES: &[&str] = &[
    // Sorted by priority, then by the bytes of the path; inactive ones do not count.
    "b5: lib/b=1 lib64->lib | a5: lib/a=1 lib64->lib",
    "a5!: bin/x=1 | b5: bin/x=2",
    "",
    // A root that is missing, a file, or a link to either.
    "a5: x=1 | gone5",
    "a5: x=1 | gone5!",
    "a5: ->@f | f: =1 | b5: x=1",
    "a5: ->@d | d: x=1 | d5",
    "a5: ->gone | b5: x=1",
    // What is skipped, and what only looks like it.
    "a5: info/dir=1 myinfo/dir=1 share/info/dir/x=1 | b5: share/info/y=1 info/z=1 myinfo/z=1",
    "a5: catalog=1 xmanifest.nix=1 log=1 manifest.json=1 nix-support/x=1 d/xlog=1 | b5: d/y=1",
    "a5: .d/x=1 d/.e/x=1 | b5: .d/y=1 d/.e/y=1",
    "a5: propagated-build-inputs=1 d/propagated-build-inputs=1 | b5: d/x=1",
    // Files against directories, and links to either.
    "a5: x->d d/p=1 | b5: x=1",
    "a5: x=1 | b6: x->d d/p=1",
    "a5: x->f f=1 | b6: x/y=1",
    "a5: x/y=1 | b6: x->f f=1",
    "a5: x/y/z=1 | b6: x/y=1",
    "a5: x->y/z y/w=1 | b5: x=1",
    "a5: x->f/below f=1 | b5: x=1",
    // Merging through links, by more than two packages.
    "a5: lib64->lib lib/a=1 | b5: lib64->lib lib/b=1 | c5: lib64/c=1",
    "a5: lib64/a=1 | b5: lib64->lib lib/b=1 | c5: lib64->lib lib/c=1",
    "a5: s->@b/d | b5: d/x=1 | c5: s/y=1",
    "a5: s->@b/d | b4: s/y=1 d/x=1 | c3: s/x=1",
    "a4: d/l->. d/x=1 | b5: d/l/y=1",
    "a4: d/l->.. d/x=1 | b5: d/l/y=1",
    "a5: d/l->. | b5: d/l->.",
    "a5: x->x/.. | b5: y=1",
    // Propagation: rounds, cycles, what separates and what does not, numbers that tie.
    "a5: x=1 nix-support/propagated-user-env-packages=@b_@c~ | b: x=2 nix-support/propagated-user-env-packages=@d | c: x=3 | d: x=4 y=4",
    "a5: x=1 nix-support/propagated-user-env-packages=@b | b: y=1 nix-support/propagated-user-env-packages=@a~@b",
    "a5: nix-support/propagated-user-env-packages=@b^@c | b: x=1 | c: y=1",
    "a5: nix-support/propagated-user-env-packages=@gone x=1",
    "a5: nix-support/propagated-user-env-packages=b x=1 | b: y=1",
    "a5: nix-support=1 x=1",
    "a5: nix-support->@b/s x=1 | b: s/propagated-user-env-packages=@c | c: y=1",
    "a5!: nix-support/propagated-user-env-packages=@b | b: x=1 | c5: y=1",
    "a5: nix-support/propagated-user-env-packages=@b | b: x=1 | c1000: x=2",
    "a5: nix-support/propagated-user-env-packages=@b_@c | b: y=1 | c: x=1 | d1001: x=2",
    "a5: nix-support/propagated-user-env-packages=@b_@c | b: y=1 | c: x=1 | d1000: x=2",
    "a5: nix-support/propagated-user-env-packages=@f x=1 | f: =1",
    "a5: nix-support/propagated-user-env-packages=@b/ x=1 | b5: y=1",
    "a5: nix-support/propagated-user-env-packages=@b/. x=1 | b: d/y=1 | c5: d/z=1",
    // Priorities at the ends of their range.
    "a2147483647: x=1 | b-2147483648: x=2",
    "a-1: x=1 | b0: x=2 | c-1: y=1",
];

#[test]
fn the_edges_of_the_rules_are_where_nix_has_them() {
    let Some(nix) = Nix::or_skip() else { return };
    let outcomes = EDGES.iter().zip(compare_texts(&nix, EDGES));
    let wrong: Vec<String> = outcomes
        .filter(|(_, (by_nix, by_engine))| by_nix != by_engine)
        .map(|(input, (by_nix, by_engine))| format!("{input}\n  Nix:    {by_nix}\n  engine: {by_engine}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {} disagree\n{}", wrong.len(), EDGES.len(), wrong.join("\n"));
}

#[test]
fn the_nar_of_a_plan_is_what_nix_dumps_of_the_written_tree() {
    let Some(nix) = Nix::or_skip() else { return };
    let compare = |plan: &Plan, out: &Path| {
        engine::write(plan, out).unwrap();
        let mut nar = Vec::new();
        engine::nar::write_plan(plan, &mut nar).unwrap();
        assert!(nar == nix.dump(out), "the NAR of {:?} differs", Tree::read(out));
    };
    let dir = temp_dir();
    // Lengths around the padding to eight bytes; names that sort by byte, not by alphabet or by path.
    for length in 0..=17 {
        let plan = Plan::empty(RuleSet::Nix).with_root_file(b"manifest.json", &b"x".repeat(length));
        compare(&plan, &dir.path().join(format!("length{length}")));
    }
    let names = "a5: d/x=1 d-e/x=1 d.e/x=1 D/x=1 e/x=1 12345678=1 1234567=1 | b5: d/y=1 d-e/y=1 d.e/y=1 D/y=1 dé/y=1";
    compare(&plant(names).plan(Rules::Nix).unwrap(), &dir.path().join("names"));

    let (mut runner, strategy) = (runner(7), package_set(true));
    let mut compared = 0;
    for at in 0.. {
        let place = dir.path().join(format!("{at}"));
        let forest = strategy.new_tree(&mut runner).unwrap().current().forest(&place);
        forest.make();
        if let Ok(plan) = engine::plan(&forest.request(Rules::Nix), &Disk)
            && plan.builds()
        {
            let plan = if at % 2 == 0 { plan } else { plan.with_root_file(b"manifest.json", br#"{"version":3}"#) };
            compare(&plan, &place.join("out"));
            compared += 1;
        }
        if compared == 150 {
            break;
        }
    }
    say(&format!("{compared} NARs of random environments are byte for byte what nix-store --dump makes"));
}

/// Random values that are the same for the same seed.
fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
