//! The ways to settle one goal, the gentlest first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::budget::Budget;
use super::case::Case;
use super::change::{Change, Edit, Set, settlement};
use super::goal::Goal;
use super::search::{FoundSet, smallest};
use super::verified::Verifier;
use super::{Difference, Suggestion, why};
use crate::engine::CollisionKind;

/// How many of one harshness are given.
const MAX_ALIKE: usize = 2;

/// The ways to settle a goal, worked out when they are asked for.
pub(super) struct Ranked<'a> {
    case: &'a Case<'a>,
    goal: &'a Goal,
    budget: Budget,
    /// Of how many changes those that wait are.
    size: usize,
    waiting: VecDeque<FoundSet>,
    /// Sets that turned out to settle nothing.
    refuted: BTreeSet<Set>,
    /// How many were given of each harshness.
    given: BTreeMap<u32, usize>,
    /// What those that were given do to which package; another that does the same with other numbers tells nothing new.
    done: BTreeSet<Vec<(usize, Edit)>>,
    is_exhausted: bool,
    is_of_same_files: bool,
}

impl<'a> Ranked<'a> {
    pub fn new(case: &'a Case<'a>, goal: &'a Goal, budget: Budget) -> Self {
        Self {
            case,
            goal,
            budget,
            size: 0,
            waiting: VecDeque::new(),
            refuted: BTreeSet::new(),
            given: BTreeMap::new(),
            done: BTreeSet::new(),
            is_exhausted: false,
            is_of_same_files: goal.is_of_same_files(case),
        }
    }

    pub fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// The next best way; `None` if there is none left.
    pub fn next(&mut self, verifier: &mut Verifier<'a>) -> Option<(Set, Suggestion)> {
        while !self.is_exhausted {
            let Some(found) = self.waiting.pop_front() else {
                self.search(verifier);
                continue;
            };
            let harshness = harshness(&found.set).0;
            let way = way(self.case, &found.set);
            if self.given.get(&harshness).is_some_and(|given| *given >= MAX_ALIKE) || self.done.contains(&way) {
                continue;
            }
            let Some(effect) = verifier.verify(&found, self.goal).cloned() else {
                self.refuted.insert(found.set);
                continue;
            };
            *self.given.entry(harshness).or_default() += 1;
            self.done.insert(way);
            let twin = self.brings_all(&found, verifier);
            let why = why::why(self.case, self.goal, &found.set, twin, self.is_of_same_files);
            let settlements = found.set.iter().map(|change| settlement(self.case, *change)).collect();
            let suggestion =
                Suggestion { settlements, settled: effect.settled, builds: effect.builds, alters: effect.alters, why };
            return Some((found.set, suggestion));
        }
        None
    }

    /// Looks for sets of the next size, unless some were given already: larger ones are no way out then.
    fn search(&mut self, verifier: &mut Verifier<'a>) {
        let is_first = self.given.is_empty();
        let found = if is_first {
            smallest(self.case, self.goal, self.size + 1, &self.refuted, &mut self.budget)
        } else {
            None
        };
        let Some((size, mut found)) = found else {
            self.is_exhausted = true;
            return;
        };
        self.size = size;
        found.sort_by_cached_key(|found| self.rank(found, verifier));
        self.waiting = found.into();
    }

    /// Lower is better: what does away with a package, or an output, all of whose files another has too, before all where
    /// those of the other are links to its own; then the gentler, what leads fewer files elsewhere, the smaller step, what changes the packages listed last (they were just added), and what
    /// leaves the field to the others.
    fn rank(&self, found: &FoundSet, verifier: &mut Verifier<'a>) -> impl Ord + use<> {
        let set = &found.set;
        let twin = self.brings_all(found, verifier);
        let is_twin = twin.is_some();
        let is_part = twin.is_some_and(|twin| self.only_links_to(twin, set[0].package));
        let harshness = if is_twin { (u32::from(set[0].edit != Edit::Remove), 0) } else { harshness(set) };
        let mut packages: Vec<usize> = set.iter().map(|change| change.package).collect();
        packages.reverse();
        let (mut step, mut priorities) = (0_u64, Vec::new());
        for change in set {
            if let Edit::Priority(priority) = change.edit {
                step = step.saturating_add(priority.abs_diff(self.case.request.packages[change.package].priority));
                priorities.push(priority);
            }
        }
        (!is_twin, !is_part, harshness, found.altered, step, Reverse(packages), Reverse(priorities))
    }

    /// If the set does away with one package, or one of its outputs, whose files are, all of them, another's too: that
    /// other package.
    fn brings_all(&self, found: &FoundSet, verifier: &mut Verifier<'a>) -> Option<usize> {
        let [Change { package, edit }] = found.set[..] else { return None };
        let takes_away = edit.is_end() || matches!(edit, Edit::Drop(_));
        let collides_in_nothing_else = self.case.collisions_of(package) == self.goal.collisions;
        if !takes_away || !collides_in_nothing_else || !self.is_of_same_files {
            return None;
        }
        let has = |index: usize, number: u32| {
            self.case.collision(number).contenders.iter().any(|contender| contender.index == Some(index))
        };
        let mut others =
            self.case.collision(self.goal.collisions[0]).contenders.iter().filter_map(|contender| contender.index);
        let other =
            others.find(|&other| other != package && self.goal.collisions.iter().all(|&number| has(other, number)))?;
        // Nothing else is lost.
        (verifier.verify(found, self.goal)?.alters == Difference::default()).then_some(other)
    }

    /// Whether all that `whole` has of what is to be settled are links to files that `part` has itself, as an environment
    /// has those of a package in it.
    fn only_links_to(&self, whole: usize, part: usize) -> bool {
        self.goal.collisions.iter().all(|&number| {
            let collision = self.case.collision(number);
            let lies = |package: usize, is_outside: bool| {
                let mut of_it = collision.contenders.iter().filter(|contender| contender.index == Some(package));
                of_it.all(|contender| contender.outside.is_some() == is_outside)
            };
            collision.kind == CollisionKind::SameFile && lies(whole, true) && lies(part, false)
        })
    }
}

/// The harshest change, then all together.
fn harshness(set: &[Change]) -> (u32, u32) {
    let of_each = set.iter().map(|change| change.edit.harshness());
    (of_each.clone().max().unwrap_or_default(), of_each.sum())
}

/// The changes, of priorities only whether they go up or down.
fn way(case: &Case, set: &[Change]) -> Vec<(usize, Edit)> {
    let edit = |change: &Change| match change.edit {
        Edit::Priority(priority) => {
            Edit::Priority(priority.cmp(&case.request.packages[change.package].priority) as i64)
        }
        edit => edit,
    };
    set.iter().map(|change| (change.package, edit(change))).collect()
}
