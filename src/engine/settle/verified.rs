//! What a set of changes does to the whole environment, before it is suggested.

use std::collections::{BTreeMap, BTreeSet};

use super::Difference;
use super::budget::Budget;
use super::case::Case;
use super::change::{Change, Edit, Set, after};
use super::contest;
use super::goal::Goal;
use super::search::FoundSet;
use super::trial::{WORK_OF_A_LINK, size};
use crate::engine::{Request, diff, merge};

/// What a set of changes does.
#[derive(Clone, Debug)]
pub(super) struct Verified {
    /// Numbers of the blocking collisions that no longer block, sorted.
    pub settled: Vec<u32>,
    /// Whether none blocks any more.
    pub builds: bool,
    pub alters: Difference,
}

/// Remembers what it found.
pub(super) struct Verifier<'a> {
    case: &'a Case<'a>,
    blocking: usize,
    known: BTreeMap<Set, Option<Verified>>,
    budget: Budget,
}

impl<'a> Verifier<'a> {
    /// `work`: see [`Budget`]; what goes beyond is not verified.
    pub fn new(case: &'a Case<'a>, work: u64) -> Self {
        let blocking = case.plan.blocking().count();
        Self { case, blocking, known: BTreeMap::new(), budget: Budget::new(work) }
    }

    /// What a set that was found for a goal does; `None` if it does not settle the goal after all, or unsettles something.
    pub fn verify(&mut self, found: &FoundSet, goal: &Goal) -> Option<&Verified> {
        let key = as_removals(&found.set);
        if !self.known.contains_key(&key) {
            let verified = self.by_contest(found).or_else(|| self.by_plan(&found.set));
            self.known.insert(key.clone(), verified);
        }
        let verified = self.known[&key].as_ref()?;
        let is_settled = |number: &u32| verified.settled.binary_search(number).is_ok();
        goal.collisions.iter().all(is_settled).then_some(verified)
    }

    fn by_contest(&self, found: &FoundSet) -> Option<Verified> {
        // Who brings a problem with it takes it away when it goes, which contenders do not tell.
        if !self.case.plan.problems.is_empty() {
            return None;
        }
        let alters = contest::alters(self.case, &found.set, &found.settled)?;
        let settled = found.settled.clone();
        Some(Verified { builds: settled.len() == self.blocking, settled, alters })
    }

    fn by_plan(&mut self, set: &[Change]) -> Option<Verified> {
        if self.budget.is_spent() {
            return None;
        }
        let case = self.case;
        let packages = (0..case.request.packages.len()).filter_map(|index| after(case, set, index)).collect();
        let request = Request { rules: case.request.rules.clone(), packages, compare_contents: false };
        let plan = merge::plan(&request, case.files).ok()?;
        self.budget.spend(2 * WORK_OF_A_LINK * size(&plan));
        if case.has_new_problem(&plan) {
            return None;
        }
        // Of what is not known it cannot be said that it collides with nobody.
        if plan.unknown.iter().any(|path| !case.plan.unknown.contains(path)) {
            return None;
        }
        let mut still = BTreeSet::new();
        for collision in plan.blocking() {
            // What did not block before must not block now.
            still.insert(case.collision_at(&collision.path).filter(|number| case.collision(*number).blocks)?);
        }
        let blocking = (0..).zip(&case.plan.collisions).filter(|(_, collision)| collision.blocks);
        let settled: Vec<u32> = blocking.map(|(number, _)| number).filter(|number| !still.contains(number)).collect();
        let mut alters = diff(case.plan, &plan, case.files).ok()?;
        let is_settled = |path: &[u8]| case.collision_at(path).is_some_and(|it| settled.binary_search(&it).is_ok());
        for paths in [&mut alters.added, &mut alters.removed, &mut alters.changed] {
            paths.retain(|path| !is_settled(path));
        }
        Some(Verified { builds: still.is_empty() && plan.problems.is_empty(), settled, alters })
    }
}

/// A package that is inactive leaves the same environment as one that is gone.
fn as_removals(set: &[Change]) -> Set {
    let is_end = |change: &Change| if change.edit.is_end() { Edit::Remove } else { change.edit };
    let mut set: Set = set.iter().map(|change| Change { edit: is_end(change), ..*change }).collect();
    set.sort_unstable();
    set
}
