use proptest::prelude::*;

use super::super::input::Input;
use super::super::report::Report;
use super::*;
use crate::engine::{Collision, CollisionKind, Contender, Difference, Plan, Reason, RuleSet, Settlement, Suggestion};
use crate::loom::Preview;

/// A path, the packages that want it, and whether that blocks.
type Given = (String, Vec<&'static str>, bool);

fn report(mut given: Vec<Given>, suggestions: Vec<Suggestion>) -> Report {
    given.sort();
    given.dedup_by(|one, other| one.0 == other.0);
    let mut plan = Plan::empty(RuleSet::Nix);
    plan.collisions = given.into_iter().map(|(path, packages, blocks)| collision(&path, &packages, blocks)).collect();
    Report::new(Preview { plan, suggestions, ..Preview::default() })
}

fn collision(path: &str, packages: &[&str], blocks: bool) -> Collision {
    let contender = |package: &&str| Contender {
        index: None,
        package: (*package).into(),
        output: "out".into(),
        source: format!("/store/{package}/{path}").into_bytes().into(),
        outside: None,
        priority: 5,
        is_directory: false,
    };
    Collision {
        path: path.as_bytes().into(),
        kind: if blocks { CollisionKind::Tie } else { CollisionKind::Shadowed },
        blocks,
        contenders: packages.iter().map(contender).collect(),
        winner: (!blocks).then_some(0),
        cause: if blocks { Reason::SamePriority } else { Reason::BetterPriority },
        rules: RuleSet::Nix,
    }
}

fn given(paths: &[&str], packages: &[&'static str], blocks: bool) -> Vec<Given> {
    paths.iter().map(|path| ((*path).to_owned(), packages.to_vec(), blocks)).collect()
}

/// The rows in words: `pair a ↔ b 3/1`, `  dir share/ 2/0`, `    bin/x`; of a collision what is shown of its path.
fn rows(inspector: &Inspector, report: &Report) -> Vec<String> {
    let tree = inspector.tree();
    let row = |row: &Row| {
        let indent = "  ".repeat(depth(*row).into());
        let path = tree.first_of(*row).map_or(&[][..], |at| &report.collisions()[at as usize].path);
        let part = |from: u32, to: usize| String::from_utf8_lossy(&path[from as usize..to]).into_owned();
        match *row {
            Row::Settled => "settled".into(),
            Row::Unknown(at) => format!("unknown {at}"),
            Row::Pair { pair, below } => {
                let (all, blocking) = tree.counts(below);
                format!("pair {} {all}/{blocking}", report.pairs.get(pair).unwrap().packages.join(" ↔ "))
            }
            Row::Directory { below, from, to, .. } => {
                let (all, blocking) = tree.counts(below);
                format!("{indent}dir {} {all}/{blocking}", part(from, to as usize))
            }
            Row::Collision { from, .. } => format!("{indent}{}", part(from, path.len())),
        }
    };
    tree.rows().iter().map(row).collect()
}

/// Unfolds everything.
fn unfold_all(inspector: &mut Inspector, report: &Report) {
    let mut row = 0;
    while let Some(there) = inspector.row(row) {
        inspector.set_unfolded(report, there, true);
        row += 1;
    }
}

#[test]
fn pairs_that_block_come_first_and_then_those_with_the_most() {
    let mut all = given(&["a", "b", "c"], &["x", "y"], false);
    all.extend(given(&["d"], &["z", "y", "z"], true));
    all.extend(given(&["e", "f"], &["x", "z"], true));
    all.extend(given(&["g"], &["x", "x"], false));
    let report = report(all, Vec::new());
    let inspector = Inspector::opened(Some(&report), true);
    assert_eq!(rows(&inspector, &report), ["pair x ↔ z 2/2", "pair y ↔ z 1/1", "pair x ↔ y 3/0", "pair x 1/0"]);
}

#[test]
fn a_chain_of_directories_is_one_row_and_a_sole_collision_needs_none() {
    let paths = ["share/man/man1/a.1", "share/man/man1/b.1", "share/man/man3/c.3", "bin/a", "a", "a-b", "a/b", "a/c/d"];
    let report = report(given(&paths, &["x", "y"], false), Vec::new());
    let mut inspector = Inspector::opened(Some(&report), true);
    assert_eq!(
        rows(&inspector, &report)[1..],
        ["pair x ↔ y 8/0", "  a", "  a-b", "  dir a/ 2/0", "  bin/a", "  dir share/man/ 3/0"],
        "nothing blocks, so that comes first; the only pair is unfolded"
    );
    unfold_all(&mut inspector, &report);
    let below_man = ["  dir share/man/ 3/0", "    dir man1/ 2/0", "      a.1", "      b.1", "    man3/c.3"];
    assert_eq!(rows(&inspector, &report)[8..], below_man);
}

#[test]
fn those_that_settle_all_of_a_pair_are_offered_first() {
    let suggestion = |settled: &[u32]| Suggestion {
        settlements: vec![Settlement::Remove { package: "x".into() }],
        settled: settled.to_vec(),
        builds: false,
        alters: Difference::default(),
        why: String::new(),
    };
    let mut all = given(&["a", "b", "c"], &["x", "y"], true);
    all.extend(given(&["d"], &["x", "z"], true));
    let report = report(all, vec![suggestion(&[1, 3]), suggestion(&[0, 1, 2]), suggestion(&[3])]);
    let mut inspector = Inspector::opened(Some(&report), true);
    let pair = inspector.row(0).unwrap();
    assert_eq!(inspector.suggestions(&report, pair), [(1, 3), (0, 1)]);
    unfold_all(&mut inspector, &report);
    assert_eq!(inspector.suggestions(&report, inspector.row(2).unwrap()), [(0, 1), (1, 1)], "of the collision b");
    assert_eq!(inspector.next_blocking(&report, 4), Some(4), "the pair x ↔ z");
    assert_eq!(inspector.next_blocking(&report, 99), Some(0));
}

fn any_given() -> impl Strategy<Value = Vec<Given>> {
    let part = prop_oneof![Just("a"), Just("ab"), Just("a-b"), Just("B"), Just("c")];
    let path = prop::collection::vec(part, 1..5).prop_map(|parts| parts.join("/"));
    let packages = prop_oneof![Just(vec!["x", "y"]), Just(vec!["y", "x"]), Just(vec!["x", "z", "y"]), Just(vec!["z"])];
    prop::collection::vec((path, packages, any::<bool>()), 0..40)
}

proptest! {
    #[test]
    fn unfolded_rows_are_exactly_what_the_filter_shows_each_once_and_in_its_place(
        given in any_given(), text in "[abBxz/-]{0,2}", is_blocking_only: bool, by_path: bool,
    ) {
        let report = report(given, Vec::new());
        let grouping = if by_path { Grouping::Path } else { Grouping::Pair };
        let filter = Filter { kind: None, is_blocking_only, text: Input::new(text.clone()) };
        let mut inspector = Inspector { grouping, filter, ..Inspector::default() };
        inspector.sort(Some(&report), false);
        unfold_all(&mut inspector, &report);

        let is_part = |whole: &str| {
            if text.contains('B') { whole.contains(&text) } else { whole.to_lowercase().contains(&text) }
        };
        let wanted: Vec<u32> = (0..).zip(report.collisions()).filter(|(_, collision)| {
            let path = String::from_utf8_lossy(&collision.path).into_owned();
            (collision.blocks || !is_blocking_only)
                && (is_part(&path) || collision.contenders.iter().any(|contender| is_part(&contender.package)))
        }).map(|(at, _)| at).collect();

        let tree = inspector.tree();
        let mut shown = Vec::new();
        // What is above the present row: for each depth the path, and how many collisions are still to come.
        let mut above: Vec<(Vec<u8>, usize)> = Vec::new();
        for (place, &row) in tree.rows().iter().enumerate() {
            let ended = above.get(depth(row).into()..).unwrap_or_default();
            prop_assert!(ended.iter().all(|(_, left)| *left == 0), "a row above tells another number: {place}");
            above.truncate(depth(row).into());
            let parent = above.last().map_or(&[][..], |(path, _)| path).to_vec();
            let path = tree.first_of(row).map(|at| report.collisions()[at as usize].path.to_vec()).unwrap_or_default();
            match row {
                Row::Collision { at, from, .. } => {
                    prop_assert_eq!(&path[..from as usize], &parent[..]);
                    for (_, left) in &mut above { *left -= 1; }
                    shown.push(at);
                }
                Row::Pair { below, .. } => above.push((Vec::new(), tree.counts(below).0)),
                Row::Directory { below, from, to, .. } => {
                    prop_assert_eq!(&path[..from as usize], &parent[..]);
                    prop_assert!(tree.counts(below).0 > 1);
                    above.push((path[..to as usize].to_vec(), tree.counts(below).0));
                }
                Row::Settled | Row::Unknown(_) => {}
            }
            let blocking = inspector.blocking(&report, row);
            let below = match row { Row::Pair { below, .. } | Row::Directory { below, .. } => tree.below(below), _ => &[] };
            if !below.is_empty() {
                prop_assert_eq!(blocking, below.iter().filter(|&&at| report.collisions()[at as usize].blocks).count());
            }
            prop_assert!(tree.parent(place).is_none_or(|parent| depth(tree.rows()[parent]) < depth(row)));
        }
        shown.sort_unstable();
        prop_assert_eq!(shown, wanted);
        for place in 0..tree.rows().len() {
            let anchor = inspector.anchor(&report, place).unwrap();
            prop_assert_eq!(inspector.clone().find(&report, &anchor), Some(place));
        }
    }

    #[test]
    fn a_collision_is_found_however_it_is_folded(given in any_given(), by_path: bool) {
        let report = report(given, Vec::new());
        for collision in report.collisions() {
            let grouping = if by_path { Grouping::Path } else { Grouping::Pair };
            let mut inspector = Inspector { grouping, ..Inspector::default() };
            inspector.sort(Some(&report), true);
            let row = inspector.find(&report, &Anchor::Collision(collision.path.clone())).unwrap();
            prop_assert_eq!(inspector.anchor(&report, row), Some(Anchor::Collision(collision.path.clone())));
        }
    }
}
