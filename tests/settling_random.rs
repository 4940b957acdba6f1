//! What is said of ways to settle collisions, tried on random package sets under both rule sets: that each does what it
//! says and nothing else, and that no smaller one would do.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use nix_loom::engine::{
    self, Difference, Disk, Files, NixpkgsRules, Output, Package, Plan, Remembered, Request, RuleSet, Rules,
    Settlement, Suggestion,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::forest::Forest;
use support::sets::{PackageSet, package_set};
use support::{number_from_env, temp_dir};
use tempfile::TempDir;

/// All that are found.
const ALL: usize = 10_000;

/// Every priority that the brute force tries; those of the packages lie well within.
const PRIORITIES: std::ops::RangeInclusive<i64> = -3..=6;

/// Packages whose files meet, and for each an output that it could have.
struct Case {
    _dir: TempDir,
    forest: Forest,
    files: Remembered<Disk>,
    request: Request,
    spare: Vec<Vec<Output>>,
    plan: Plan,
    suggestions: Vec<Suggestion>,
}

impl Case {
    /// `None` if there is no plan at all, or nothing blocks.
    fn new(set: &PackageSet, rules: Rules, spare: &[Option<usize>]) -> Option<Self> {
        let dir = temp_dir();
        let mut forest = set.forest(dir.path());
        // Few priorities, so that many tie.
        forest.elements.iter_mut().for_each(|element| element.priority = element.priority.rem_euclid(4));
        forest.make();
        let mut request = forest.request(rules);
        request.compare_contents = true;
        let output = |name: &str| Output { name: "spare".into(), path: forest.path(name).into_bytes().into() };
        let of_element = |(at, element): (usize, &support::forest::Element)| {
            let name = spare.get(at).copied().flatten().map(|tree| format!("p{tree}"));
            name.filter(|name| forest.trees.contains_key(name) && !element.trees.contains(name))
                .iter()
                .map(|name| output(name))
                .collect()
        };
        let spare: Vec<Vec<Output>> = forest.elements.iter().enumerate().map(of_element).collect();
        let files = Remembered::new(Disk);
        let plan = engine::plan(&request, &files).ok().filter(|plan| plan.blocking().count() > 0)?;
        let suggestions = engine::suggest(&request, &spare, &plan, &files, ALL);
        Some(Self { _dir: dir, forest, files, request, spare, plan, suggestions })
    }

    /// The request after some changes; `None` if they contradict each other.
    fn changed(&self, settlements: &[Settlement]) -> Option<Request> {
        let mut request = self.request.clone();
        for settlement in settlements {
            let at = request.packages.iter().position(|package| package.name == *settlement.package())?;
            let spare = self.request.packages.iter().position(|package| package.name == *settlement.package())?;
            let package = &mut request.packages[at];
            let position =
                |package: &Package, name: &str| package.outputs.iter().position(|output| *output.name == *name);
            match settlement {
                Settlement::Priority { priority, .. } => package.priority = *priority,
                Settlement::DropOutput { output, .. } => {
                    let output = position(package, output)?;
                    package.outputs.remove(output);
                }
                Settlement::TakeOutput { instead_of, output, .. } => {
                    let instead_of = position(package, instead_of)?;
                    package.outputs[instead_of] = self.spare[spare].iter().find(|it| it.name == *output)?.clone();
                }
                Settlement::Deactivate { .. } => package.active = false,
                Settlement::Remove { .. } => drop(request.packages.remove(at)),
            }
        }
        (request.packages.iter().all(|package| !package.outputs.is_empty())).then_some(request)
    }

    /// What some changes settle, and the plan after them; `None` if something comes to block, or there is no plan.
    fn outcome(&self, settlements: &[Settlement]) -> Option<(Vec<u32>, Plan)> {
        let plan = engine::plan(&self.changed(settlements)?, &self.files).ok()?;
        let problems = |plan: &Plan| -> BTreeSet<String> { plan.problems.iter().map(ToString::to_string).collect() };
        if !problems(&plan).is_subset(&problems(&self.plan)) {
            return None;
        }
        let still: BTreeSet<&[u8]> = plan.blocking().map(|collision| &*collision.path).collect();
        let blocking: BTreeMap<&[u8], u32> = (0..)
            .zip(&self.plan.collisions)
            .filter(|(_, collision)| collision.blocks)
            .map(|(number, collision)| (&*collision.path, number))
            .collect();
        if !still.iter().all(|path| blocking.contains_key(path)) {
            return None;
        }
        let settled = blocking.iter().filter(|(path, _)| !still.contains(*path)).map(|(_, number)| *number).collect();
        Some((settled, plan))
    }

    /// Every change of one package that contends for a path that blocks, or that brings in one that does.
    fn changes(&self) -> Vec<Settlement> {
        let contenders = self.plan.blocking().flat_map(|collision| &collision.contenders);
        let contending: BTreeSet<usize> = contenders.filter_map(|contender| contender.index).collect();
        let mut changes = Vec::new();
        for (at, of) in self.request.packages.iter().enumerate() {
            let package = of.name.clone();
            changes.extend(
                PRIORITIES
                    .filter(|priority| *priority != of.priority)
                    .map(|priority| Settlement::Priority { package: package.clone(), priority }),
            );
            for output in &of.outputs {
                changes.push(Settlement::DropOutput { package: package.clone(), output: output.name.clone() });
                for spare in self.spare[at].iter().filter(|_| contending.contains(&at)) {
                    let (instead_of, output) = (output.name.clone(), spare.name.clone());
                    changes.push(Settlement::TakeOutput { package: package.clone(), instead_of, output });
                }
            }
            if self.request.rules.set() == RuleSet::Nix {
                changes.push(Settlement::Deactivate { package: package.clone() });
            }
            changes.push(Settlement::Remove { package });
        }
        changes
    }

    /// The first set of at most `size` changes that settles all of `goal`.
    fn brute_force(&self, goal: &[u32], size: usize) -> Option<Vec<Settlement>> {
        let changes = self.changes();
        let reaches = |set: &[Settlement]| {
            self.outcome(set).is_some_and(|(settled, _)| goal.iter().all(|number| settled.contains(number)))
        };
        let mut sets = vec![Vec::new()];
        for _ in 0..size {
            let grown = sets.iter().flat_map(|set: &Vec<Settlement>| {
                changes.iter().map(move |change| set.iter().chain([change]).cloned().collect::<Vec<_>>())
            });
            sets = grown.collect();
            if let Some(found) = sets.iter().find(|set| reaches(set)) {
                return Some(found.clone());
            }
        }
        None
    }

    fn blocking(&self) -> Vec<u32> {
        (0..).zip(&self.plan.collisions).filter(|(_, collision)| collision.blocks).map(|(number, _)| number).collect()
    }
}

fn without(difference: &Difference, plan: &Plan, settled: &[u32]) -> Difference {
    let settled: BTreeSet<&[u8]> = settled.iter().map(|number| &*plan.collisions[*number as usize].path).collect();
    let rest = |paths: &[Box<[u8]>]| paths.iter().filter(|path| !settled.contains(&***path)).cloned().collect();
    Difference {
        added: rest(&difference.added),
        removed: rest(&difference.removed),
        changed: rest(&difference.changed),
    }
}

fn rules(is_nix: bool) -> Rules {
    if is_nix { Rules::Nix } else { Rules::Nixpkgs(NixpkgsRules::default()) }
}

fn spare() -> impl Strategy<Value = Vec<Option<usize>>> {
    prop::collection::vec(prop::option::weighted(0.4, 0..5_usize), 6)
}

/// The same cases in every run; `NIX_LOOM_SEED` and `PROPTEST_CASES` give others and more.
fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(number_from_env("NIX_LOOM_SEED", 5));
    ProptestConfig { failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_suggestion_settles_and_alters_exactly_what_it_says(set in package_set(true), is_nix in any::<bool>(), spare in spare()) {
        let Some(case) = Case::new(&set, rules(is_nix), &spare) else { return Ok(()) };
        for suggestion in &case.suggestions {
            let Some((settled, after)) = case.outcome(&suggestion.settlements) else {
                return Err(TestCaseError::fail(format!("{suggestion:?} unsettles something\n{}", case.forest)));
            };
            prop_assert_eq!(&settled, &suggestion.settled, "{:?}\n{}", suggestion, case.forest);
            prop_assert!(!settled.is_empty());
            prop_assert_eq!(after.builds(), suggestion.builds, "{:?}\n{}", suggestion, case.forest);
            let difference = engine::diff(&case.plan, &after, &case.files).unwrap();
            prop_assert_eq!(without(&difference, &case.plan, &settled), suggestion.alters.clone(), "{:?}\n{}", suggestion, case.forest);
            prop_assert!(!suggestion.why.is_empty());
        }
    }

    #[test]
    fn no_smaller_set_of_changes_settles_what_a_suggestion_settles(set in package_set(false), is_nix in any::<bool>(), spare in spare()) {
        let Some(case) = Case::new(&set, rules(is_nix), &spare) else { return Ok(()) };
        for suggestion in case.suggestions.iter().filter(|suggestion| suggestion.settlements.len() > 1) {
            let smaller = case.brute_force(&suggestion.settled, suggestion.settlements.len() - 1);
            prop_assert_eq!(smaller, None, "{:?}\n{}", suggestion, case.forest);
        }
    }

    #[test]
    fn what_two_changes_settle_has_a_suggestion(set in package_set(false), is_nix in any::<bool>(), spare in spare()) {
        let Some(case) = Case::new(&set, rules(is_nix), &spare) else { return Ok(()) };
        let settled: BTreeSet<u32> = case.suggestions.iter().flat_map(|suggestion| suggestion.settled.iter().copied()).collect();
        let blocking = case.blocking();
        if let Some(one) = case.brute_force(&blocking, 1) {
            let has_one = case.suggestions.iter().any(|it| it.settled == blocking && it.settlements.len() == 1);
            prop_assert!(has_one, "{:?} would do, of {:#?}\n{}", one, case.suggestions, case.forest);
        } else if !blocking.iter().all(|number| settled.contains(number)) {
            prop_assert_eq!(case.brute_force(&blocking, 2), None, "{:#?}\n{}", case.suggestions, case.forest);
        }
    }

    #[test]
    fn the_same_question_gets_the_same_answer(set in package_set(true), is_nix in any::<bool>(), spare in spare()) {
        let Some(case) = Case::new(&set, rules(is_nix), &spare) else { return Ok(()) };
        let again = engine::suggest(&case.request, &case.spare, &case.plan, &Disk as &dyn Files, ALL);
        prop_assert_eq!(&again, &case.suggestions);
        let few = engine::suggest(&case.request, &case.spare, &case.plan, &case.files, 2);
        prop_assert!(few.len() == case.suggestions.len().min(2));
    }
}
