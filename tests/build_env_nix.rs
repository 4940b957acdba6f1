//! The rules `nixpkgs` against a `buildEnv` of the tests' own that a real Nix builds, in its old and its new shape: the
//! same arguments in, the same environment out, and what one refuses the other refuses at the same path.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use nix_loom::loom::{Loom, Options, OwnPlan, StoreChoice};
use nix_loom::progress::Silent;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use support::build_env::{Arguments, Case, Choice, Form, Said, Verdict, World, any_link};
use support::forest::Forest;
use support::lab::{Lab, Who};
use support::nix::{self, Nix};
use support::rows::{self, REFUSED, ROWS};
use support::sets::{PackageSet, package_set};
use support::tree::{Node, Tree};
use support::{number_from_env, say};

/// How many disagreements are made small before the test gives up.
const MOST_REPORTED: usize = 3;

fn arguments() -> impl Strategy<Value = Arguments> {
    let paths = vec!["/bin", "/share/man", "/share", "/lib", "/etc/xdg", "/bin/shared"];
    let paths_to_link = prop_oneof![
        3 => Just(vec!["/"]),
        1 => prop::collection::vec(select(paths), 1..=3),
    ];
    let choice = select(vec![Choice::All, Choice::All, Choice::First, Choice::Selected, Choice::Unsaid]);
    let extra_paths = prop::collection::vec(select(vec!["p0", "p1", "p2", "p9"]).prop_map(str::to_owned), 1..=2);
    (
        (select(vec![Form::Old, Form::New]), prop::collection::vec(choice, 6), paths_to_link),
        select(vec![vec![], vec![], vec!["dev"], vec!["gone", "dev"]]),
        (prop::bool::weighted(0.25), prop::bool::weighted(0.8), any::<bool>()),
        (select(vec!["", "", "/usr", "/usr/local"]), select(vec!["", "/manifest"])),
        prop_oneof![5 => Just(Vec::new()), 1 => extra_paths],
    )
        .prop_map(
            |((form, choices, paths_to_link), extra_outputs, flags, (extra_prefix, manifest), extra_paths)| Arguments {
                form,
                choices,
                extra_outputs,
                paths_to_link,
                ignore_collisions: flags.0,
                check_collision_contents: flags.1,
                ignore_single_file_outputs: flags.2,
                extra_prefix,
                manifest,
                extra_paths,
            },
        )
}

/// What is done to a package set so that what is rare becomes frequent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Twist {
    Nothing,
    /// All have one priority.
    Ties,
    /// All files are equal, at one priority.
    EqualFiles,
    /// Of the files at one path one is real, and all others are links to it.
    OneFile,
}

impl Twist {
    fn apply(self, forest: &mut Forest) {
        if self == Self::Nothing {
            return;
        }
        forest.elements.iter_mut().for_each(|element| element.priority = 5);
        if self == Self::Ties {
            return;
        }
        let mut real = BTreeMap::<Vec<u8>, Vec<u8>>::new();
        let bases: BTreeMap<String, String> =
            forest.trees.keys().map(|name| (name.clone(), forest.path(name))).collect();
        for (name, tree) in &mut forest.trees {
            for (path, node) in &mut tree.0 {
                if path.is_empty() || path.starts_with(b"nix-support/") || !matches!(node, Node::File { .. }) {
                    continue;
                }
                if self == Self::EqualFiles {
                    *node = Node::File { bytes: b"equal".to_vec(), executable: false };
                } else if let Some(real) = real.get(path) {
                    *node = Node::Link(real.clone());
                } else {
                    real.insert(path.clone(), [bases[name].as_bytes(), b"/", path].concat());
                }
            }
        }
    }
}

/// What a [`Case`] is made of, before it has a place.
type Made = (PackageSet, Arguments, Twist);

fn made() -> impl Strategy<Value = Made> {
    let twist = prop_oneof![6 => Just(Twist::Nothing), 4 => Just(Twist::Ties), 2 => Just(Twist::EqualFiles), 1 => Just(Twist::OneFile)];
    (package_set(true), arguments(), twist)
}

fn case(base: &Path, (set, arguments, twist): Made) -> Case {
    let mut forest = set.forest(base);
    twist.apply(&mut forest);
    Case { forest, arguments }
}

/// Random values that are the same for the same seed.
fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Makes a case on which the two disagree as small as it gets, and describes it.
fn smallest(world: World, set: &mut dyn ValueTree<Value = Made>) -> String {
    let mut tried = 0;
    let mut disagreement = |current: Made| {
        tried += 1;
        let case = case(&Path::new(&world.place()).join(format!("small{tried}")), current);
        match world.judge(std::slice::from_ref(&case)).remove(0) {
            Verdict::Disagreed(how) => Some(format!("{}{:#?}\n{how}", case.forest, case.arguments)),
            _ => None,
        }
    };
    let mut report = disagreement(set.current()).unwrap_or_else(|| "cannot be repeated".into());
    let mut is_going_on = set.simplify();
    for _ in 0..150 {
        if !is_going_on {
            break;
        }
        is_going_on = match disagreement(set.current()) {
            Some(smaller) => {
                report = smaller;
                set.simplify()
            }
            None => set.complicate(),
        };
    }
    report
}

/// What a case that was built shows, for the count at the end.
fn features(case: &Case, tree: &Tree, document: &Value) -> Vec<&'static str> {
    let arguments = &case.arguments;
    let kind = |kind: &str| document["collisions"].as_array().unwrap().iter().any(|c| c["kind"] == kind);
    let contains = |path: &[u8], part: &str| path.windows(part.len()).any(|window| window == part.as_bytes());
    let active = || case.forest.elements.iter().filter(|element| element.active);
    let leads_into = |name: &String| {
        let prefix = format!("{}/", case.forest.path(name)).into_bytes();
        any_link(tree, |target| target.starts_with(&prefix))
    };
    let is_file = |name: &String| {
        case.forest.trees.get(name).is_some_and(|tree| matches!(tree.0[b"".as_slice()], Node::File { .. }))
    };
    let has_two = |choice: Choice| {
        active().any(|e| e.trees.len() > 1)
            && case
                .forest
                .elements
                .iter()
                .zip(&arguments.choices)
                .any(|(e, c)| e.active && e.trees.len() > 1 && *c == choice)
    };
    let is_listed = |name: &String| active().any(|element| element.trees.contains(name));
    let mut ignored = document["collisions"].as_array().unwrap().iter().map(|collision| &collision["reason"]);
    [
        ("the old form", arguments.form == Form::Old),
        ("the new form", arguments.form == Form::New),
        ("merged directories", tree.0.values().filter(|node| **node == Node::Directory).count() > 1),
        ("shadowed files", kind("shadowed")),
        ("equal files", kind("same-content")),
        ("one file by two names", kind("same-file")),
        (
            "ignored collisions",
            arguments.ignore_collisions && ignored.any(|r| r.as_str().unwrap().contains("ignoreCollisions")),
        ),
        ("dangling links", document["warnings"].to_string().contains("leads nowhere")),
        ("hidden names", tree.0.keys().any(|path| path.starts_with(b".") || contains(path, "/."))),
        ("names that are no UTF-8", tree.0.keys().any(|path| std::str::from_utf8(path).is_err())),
        ("links through a link", any_link(tree, |target| contains(target, "/lib64/") || contains(target, "/sbin/"))),
        (
            "propagated packages",
            arguments.extra_paths.is_empty()
                && case.forest.trees.keys().any(|name| !is_listed(name) && leads_into(name)),
        ),
        ("paths to link", arguments.paths_to_link != ["/"]),
        ("an extra prefix", !arguments.extra_prefix.is_empty()),
        ("a manifest", !arguments.manifest.is_empty()),
        ("extra outputs", !arguments.extra_outputs.is_empty() && has_two(Choice::First)),
        ("a selected output", has_two(Choice::Selected)),
        ("extra paths", arguments.extra_paths.iter().any(|name| !is_listed(name) && leads_into(name))),
        ("files that are skipped", active().flat_map(|element| &element.trees).any(is_file)),
    ]
    .into_iter()
    .filter_map(|(name, is_there)| is_there.then_some(name))
    .collect()
}

/// How many of 500 cases must at least have been built with each of these.
const FEATURES: [(&str, usize); 19] = [
    ("the old form", 100),
    ("the new form", 100),
    ("merged directories", 150),
    ("shadowed files", 15),
    ("equal files", 3),
    ("one file by two names", 4),
    ("ignored collisions", 12),
    ("dangling links", 75),
    ("hidden names", 75),
    ("names that are no UTF-8", 50),
    ("links through a link", 25),
    ("propagated packages", 8),
    ("paths to link", 50),
    ("an extra prefix", 75),
    ("a manifest", 75),
    ("extra outputs", 20),
    ("a selected output", 40),
    ("extra paths", 4),
    ("files that are skipped", 4),
];

/// Tries as many random cases; what was built with what, and how many were refused for what.
fn try_random_cases(
    world: World,
    wanted: usize,
    seed: u64,
) -> (BTreeMap<&'static str, usize>, BTreeMap<String, usize>, usize) {
    let strategy = made();
    let mut runner = runner(seed);
    let mut sets: Vec<_> = (0..wanted).map(|_| strategy.new_tree(&mut runner).unwrap()).collect();
    let base = format!("{}/packages", world.place());
    let cases: Vec<Case> =
        sets.iter().enumerate().map(|(at, set)| case(&Path::new(&base).join(format!("{at}")), set.current())).collect();

    let (mut built, mut endless, mut disagreed) = (0, 0, Vec::new());
    let (mut shown, mut refused) = (BTreeMap::<_, usize>::new(), BTreeMap::<_, usize>::new());
    for (at, verdict) in world.judge(&cases).into_iter().enumerate() {
        match verdict {
            Verdict::Built(tree, document) => {
                built += 1;
                for feature in features(&cases[at], &tree, &document) {
                    *shown.entry(feature).or_default() += 1;
                }
            }
            Verdict::Refused(why, _) => *refused.entry(why).or_default() += 1,
            Verdict::Endless => endless += 1,
            Verdict::Disagreed(_) => disagreed.push(at),
        }
    }
    let refusals: usize = refused.values().sum();
    say(&format!(
        "{wanted} random environments (NIX_LOOM_SEED={seed}): {built} built link for link as by buildEnv, {refusals} refused \
         by both at one path, {endless} without an end, {} disagree",
        disagreed.len()
    ));
    say(&format!("  built, with {shown:?}\n  refused for {refused:?}"));
    let reports: Vec<String> = disagreed
        .iter()
        .take(MOST_REPORTED)
        .map(|&at| format!("case {at}:\n{}", smallest(world, &mut sets[at])))
        .collect();
    let count = disagreed.len();
    assert!(
        reports.is_empty(),
        "{count} of {wanted} cases disagree with buildEnv; repeat with NIX_LOOM_SEED={seed} NIX_LOOM_SETS={wanted}\n\n{}",
        reports.join("\n\n")
    );
    assert!(endless <= wanted / 20, "{endless} cases without an end say nothing");
    assert!(built >= wanted / 4 && refusals >= wanted / 10, "{built} built, {refusals} refused: too one-sided");
    (shown, refused, built)
}

#[test]
fn random_environments_become_what_build_env_makes_of_them_or_both_refuse_at_one_path() {
    let Some(nix) = Nix::or_skip() else { return };
    let wanted = usize::try_from(number_from_env("NIX_LOOM_SETS", 500)).unwrap();
    let seed = number_from_env("NIX_LOOM_SEED", 3);
    let (shown, refused, _) = try_random_cases(World::Here(&nix), wanted, seed);
    // A generator gone dull must not pass for agreement. Smaller runs are for trying out.
    if wanted >= 500 {
        for (feature, least) in FEATURES {
            let count = shown.get(feature).copied().unwrap_or_default();
            assert!(
                count >= least,
                "only {count} environments that were built have {feature}; at least {least} should"
            );
        }
        for (reason, least) in [("collision", 40), ("not-a-directory", 10), ("single-file", 8), ("missing", 2)] {
            let count = refused.get(reason).copied().unwrap_or_default();
            assert!(count >= least, "only {count} environments were refused for {reason}: {refused:?}");
        }
    }
}

/// Rows of the table that need settings; at the end the path at which both refuse.
const WITH_IGNORE_COLLISIONS: &[(&str, &str, &str)] = &[
    ("a tie keeps the first listed", "b5: bin/x=1 | a5: bin/x=2", "bin/x -> b/bin/x"),
    ("a losing file after two directories is refused", "a5: x/p=1 | b5: x/q=1 | c9: x=2", "REFUSED at x"),
    ("a winning file after two directories is refused", "a5: x/p=1 | b5: x/q=1 | c1: x=2", "REFUSED at x"),
    ("a file that ties with two directories is refused", "a5: x/p=1 | b5: x/q=1 | c5: x=2", "REFUSED at x"),
];

/// Rules that random sets hardly hit.
const EDGES: &[(&str, &str, &str)] = &[
    (
        "of share/mime only what begins with packages is linked",
        "a5: share/mime/packages/a=1 share/mime/cache=1 share/mime/packages.list=1 | b5: share/mime/packages/b=1 share/mime/cache=2",
        "share/mime/packages.list -> a/share/mime/packages.list, share/mime/packages/a -> a/share/mime/packages/a, \
         share/mime/packages/b -> b/share/mime/packages/b",
    ),
    (
        "nix-support is skipped in the root only",
        "a5: nix-support/x=1 propagated-build-inputs=1 d/nix-support=1 | b5: d/x=1",
        "d/nix-support -> a/d/nix-support, d/x -> b/d/x",
    ),
    ("a listed path that does not exist is skipped", "gone5 | a5: x=1", "x -> a/x"),
];

/// Every row in both forms, and what is to be of it: the claim, and the outcome.
fn row_cases(world: World) -> (Vec<Case>, Vec<(String, String)>) {
    let base = format!("{}/packages", world.place());
    let mut cases = Vec::new();
    let mut expected = Vec::new();
    let mut add = |claim: &str, input: &str, outcome: &str, change: &dyn Fn(&mut Arguments)| {
        for form in [Form::Old, Form::New] {
            let mut arguments = Arguments::usual(form);
            change(&mut arguments);
            cases.push(Case {
                forest: rows::parse(&Path::new(&base).join(format!("{}", cases.len())), input),
                arguments,
            });
            expected.push((format!("{claim} ({form:?}): {input}"), outcome.to_owned()));
        }
    };
    for row in ROWS {
        add(row.claim, row.input, row.nixpkgs, &|_| ());
    }
    for (claim, input, outcome) in EDGES {
        add(claim, input, outcome, &|_| ());
    }
    for (claim, input, outcome) in WITH_IGNORE_COLLISIONS {
        add(claim, input, outcome, &|arguments| arguments.ignore_collisions = true);
    }
    (cases, expected)
}

/// What is wrong of the rows.
fn rows_that_are_wrong(world: World) -> Vec<String> {
    let (cases, expected) = row_cases(world);
    let found = world.judge(&cases).into_iter().zip(&cases).map(|(verdict, case)| match verdict {
        Verdict::Built(tree, _) => case.forest.describe(&tree).join(", "),
        Verdict::Refused(_, path) => format!("{REFUSED} at {}", String::from_utf8(path).unwrap()),
        Verdict::Endless => "endless".to_owned(),
        Verdict::Disagreed(how) => format!("disagreement: {how}"),
    });
    let is_as_expected = |found: &str, expected: &str| {
        found == expected
            || expected == REFUSED && found.strip_prefix(REFUSED).is_some_and(|rest| rest.starts_with(" at "))
    };
    found
        .zip(expected)
        .filter(|(found, (_, expected))| !is_as_expected(found, expected))
        .map(|(found, (claim, expected))| format!("{claim}\n  expected {expected}\n  found    {found}"))
        .collect()
}

/// What the program says of each environment that is described, of which none is built.
fn known_before(nix: &Nix, world: World, number: usize) -> Vec<OwnPlan> {
    let place = world.place();
    let file = format!("{place}/known.nix");
    let text = "let all = import ./cases.nix { cases = ./cases.json; }; in builtins.listToAttrs (builtins.genList
        (at: { name = \"e${toString at}\"; value = builtins.elemAt all at; }) (builtins.length all))";
    std::fs::write(&file, text).unwrap();
    let sources = vec![format!("known={file}").parse().unwrap()];
    let options =
        Options { profile: Some(nix.path("profile")), store: StoreChoice::Nix, sources, ..Options::default() };
    let loom = Loom::open(&options).unwrap();
    let known = (0..number).map(|at| {
        let transaction = loom.transaction(&[format!("e{at}@known").parse().unwrap()]).unwrap();
        let preview = loom.preview(&transaction, &Silent).unwrap();
        let [own] = <[OwnPlan; 1]>::try_from(preview.environments).unwrap();
        assert!(own.path.symlink_metadata().is_err(), "nothing is built for a preview");
        own
    });
    known.collect()
}

#[test]
fn every_row_and_random_environments_are_known_before_they_are_built() {
    let Some(nix) = Nix::for_library("every_row_and_random_environments_are_known_before_they_are_built") else {
        return;
    };
    let random = usize::try_from(number_from_env("NIX_LOOM_KNOWN", 200)).unwrap();
    let (strategy, mut runner) = (made(), runner(number_from_env("NIX_LOOM_SEED", 9)));
    let world = World::Here(&nix);
    let base = format!("{}/packages", world.place());
    let (mut cases, _) = row_cases(world);
    let wanted = cases.len() + random;
    cases
        .extend((cases.len()..wanted).map(|at| {
            case(&Path::new(&base).join(format!("{at}")), strategy.new_tree(&mut runner).unwrap().current())
        }));
    world.write(&cases);
    let known = known_before(&nix, world, wanted);
    let built = world.build(wanted);

    let (mut same, mut refused, mut endless) = (Vec::new(), 0, 0);
    for (at, (case, (own, built))) in cases.iter().zip(known.into_iter().zip(built)).enumerate() {
        let said = match &own.plan {
            Ok(plan) => Said::by(plan),
            Err(error) => Said { code: Some(1), document: Value::Null, stderr: error.to_string(), tree: None },
        };
        match world.hold(at, case, built, said) {
            Verdict::Built(..) => same.push((own.nar_hash().unwrap(), own.path)),
            Verdict::Refused(..) => {
                assert!(!own.builds() && own.obstacle().is_some());
                refused += 1;
            }
            Verdict::Endless => endless += 1,
            Verdict::Disagreed(how) => panic!("case {at}: {how}\n{}{:#?}", case.forest, case.arguments),
        }
    }
    say(&format!(
        "{wanted} environments known before they were built: {} became that, {refused} were refused at a path that was told, \
         {endless} have no end",
        same.len()
    ));
    assert!(same.len() >= wanted / 2 && refused >= wanted / 10, "too one-sided");
    let query = |program: &str, arguments: &[&str], of: Vec<&std::ffi::OsStr>| {
        nix::lines(&nix::succeed(nix.command(program).args(arguments).args(of)))
    };
    let hashes = query("nix-store", &["--query", "--hash"], same.iter().map(|(_, path)| path.as_os_str()).collect());
    let hashes = query(
        "nix-hash",
        &["--type", "sha256", "--to-base16"],
        hashes.iter().map(std::ffi::OsString::as_os_str).collect(),
    );
    let expected: Vec<_> = same.iter().map(|(hash, _)| std::ffi::OsString::from(hash)).collect();
    assert_eq!(hashes, expected, "the hash of what will be built is known, too");
}

#[test]
fn every_row_of_the_table_says_what_build_env_does_in_both_forms() {
    let Some(nix) = Nix::or_skip() else { return };
    let wrong = rows_that_are_wrong(World::Here(&nix));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is the same in every Nix is tried in the one above; here is whether each gives the builder what the program reads.
fn in_a_lab(version: &'static str) {
    let Some(lab) = Lab::or_skip(version, Who::Root) else { return };
    let wrong = rows_that_are_wrong(World::Lab(&lab));
    assert!(wrong.is_empty(), "Nix {version}: {}", wrong.join("\n"));
    try_random_cases(World::Lab(&lab), 40, 5);
}

#[test]
fn rows_and_random_environments_hold_in_nix_2_26() {
    in_a_lab("2.26");
}

#[test]
fn rows_and_random_environments_hold_in_nix_2_34() {
    in_a_lab("2.34");
}
