//! The smallest sets of changes that settle a goal, size by size.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::Budget;
use super::candidates::candidates;
use super::case::Case;
use super::change::{Change, Set, with};
use super::contest::contest;
use super::goal::Goal;
use super::trial::trial;
use super::verdict::Verdict;

/// Larger sets are not looked for.
pub(super) const MAX_CHANGES: usize = 3;

/// Sets that are kept of one size.
const MAX_FOUND: usize = 4096;

/// A set that settles the goal.
pub(super) struct FoundSet {
    pub set: Set,
    pub settled: Vec<u32>,
    pub altered: usize,
}

/// The sets of the smallest size from `from` on that settle the goal, with that size; `None` if there is none, or if it
/// takes more work than is left.
///
/// `refuted` are sets that turned out not to. A set grows by what could mend a path at which it fails: no other change
/// alters that path, so that no set that succeeds is passed over.
pub(super) fn smallest(
    case: &Case,
    goal: &Goal,
    from: usize,
    refuted: &BTreeSet<Set>,
    budget: &mut Budget,
) -> Option<(usize, Vec<FoundSet>)> {
    (from..=MAX_CHANGES).find_map(|size| {
        let found = Search { case, goal, size, refuted, known: BTreeMap::new() }.run(budget);
        (!found.is_empty()).then_some((size, found))
    })
}

struct Search<'a> {
    case: &'a Case<'a>,
    goal: &'a Goal,
    size: usize,
    refuted: &'a BTreeSet<Set>,
    /// The candidates of packages that were asked for.
    known: BTreeMap<usize, Vec<Change>>,
}

impl Search<'_> {
    fn run(mut self, budget: &mut Budget) -> Vec<FoundSet> {
        let first = self.case.collision(self.goal.collisions[0]);
        let mut failing = vec![(Set::new(), self.case.owners(&first.contenders))];
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for depth in 1..=self.size {
            for (set, owners) in std::mem::take(&mut failing) {
                for owner in owners {
                    for change in self.candidates(owner) {
                        let Some(grown) = with(self.case, &set, change) else { continue };
                        if self.refuted.contains(&grown) || !seen.insert(grown.clone()) {
                            continue;
                        }
                        if budget.is_spent() || found.len() == MAX_FOUND {
                            return found;
                        }
                        match self.judge(&grown, budget) {
                            Verdict::Settles { settled, altered } => {
                                found.push(FoundSet { set: grown, settled, altered });
                            }
                            Verdict::Fails { owners } if depth < self.size => failing.push((grown, owners)),
                            Verdict::Fails { .. } | Verdict::NoPlan => {}
                        }
                    }
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    fn judge(&self, set: &[Change], budget: &mut Budget) -> Verdict {
        contest(self.case, self.goal, set, budget).unwrap_or_else(|| trial(self.case, self.goal, set, budget))
    }

    fn candidates(&mut self, package: usize) -> Vec<Change> {
        let (case, size) = (self.case, self.size);
        self.known.entry(package).or_insert_with(|| candidates(case, package, size)).clone()
    }
}
