//! What to settle: all that blocks within a group of packages, and what blocks between two of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use crate::engine::CollisionKind;

/// Blocking collisions that are to be settled together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Goal {
    /// Numbers of collisions, sorted; never empty.
    pub collisions: Vec<u32>,
}

/// Pairs that get a goal of their own, those with the most collisions first.
const MAX_PAIRS: usize = 16;

/// Packages at one path of which each two are looked at as a pair.
const MAX_CONTENDERS: usize = 8;

/// The goals, larger ones first; all groups before all pairs.
pub(super) fn goals(case: &Case) -> Vec<Goal> {
    let mut goals = groups(case);
    let known: BTreeSet<Goal> = goals.iter().cloned().collect();
    goals.extend(pairs(case).into_iter().filter(|pair| !known.contains(pair)));
    goals
}

/// Packages belong together if they block each other, and groups whose packages share any path that collides are one:
/// to settle the one may unsettle the other.
fn groups(case: &Case) -> Vec<Goal> {
    let mut joined = Joined::new(case.request.packages.len());
    let mut is_involved = vec![false; case.request.packages.len()];
    for collision in case.plan.blocking() {
        let owners = case.owners(&collision.contenders);
        joined.join(&owners);
        owners.iter().for_each(|&owner| is_involved[owner] = true);
    }
    for collision in case.plan.collisions.iter().filter(|collision| !collision.blocks) {
        let indices = collision.contenders.iter().filter_map(|contender| contender.index);
        joined.join(&indices.filter(|&index| is_involved[index]).collect::<Vec<_>>());
    }
    let mut groups: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (number, collision) in blocking(case) {
        if let Some(&owner) = case.owners(&collision.contenders).first() {
            groups.entry(joined.root(owner)).or_default().push(number);
        }
    }
    sorted(groups.into_values())
}

fn pairs(case: &Case) -> Vec<Goal> {
    let mut pairs: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
    for (number, collision) in blocking(case) {
        let packages: BTreeSet<usize> = collision.contenders.iter().filter_map(|contender| contender.index).collect();
        let packages: Vec<usize> = packages.into_iter().take(MAX_CONTENDERS).collect();
        for (at, &one) in packages.iter().enumerate() {
            for &other in &packages[at + 1..] {
                pairs.entry((one, other)).or_default().push(number);
            }
        }
    }
    let different: BTreeSet<Vec<u32>> = pairs.into_values().collect();
    let mut pairs = sorted(different.into_iter());
    pairs.truncate(MAX_PAIRS);
    pairs
}

fn blocking<'a>(case: &Case<'a>) -> impl Iterator<Item = (u32, &'a crate::engine::Collision)> {
    (0..).zip(&case.plan.collisions).filter(|(_, collision)| collision.blocks)
}

fn sorted(collisions: impl Iterator<Item = Vec<u32>>) -> Vec<Goal> {
    let mut goals: Vec<Goal> = collisions.map(|collisions| Goal { collisions }).collect();
    goals.sort_by_key(|goal| (Reverse(goal.collisions.len()), goal.collisions[0]));
    goals
}

impl Goal {
    /// Whether all that collides is the same on both sides.
    pub fn is_of_same_files(&self, case: &Case) -> bool {
        let kinds = self.collisions.iter().map(|&number| case.collision(number).kind);
        kinds.into_iter().all(|kind| matches!(kind, CollisionKind::SameFile | CollisionKind::SameContent))
    }
}

/// Which packages belong together (a forest of links to a representative).
struct Joined(Vec<usize>);

impl Joined {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, packages: &[usize]) {
        for pair in packages.windows(2) {
            let (one, other) = (self.root(pair[0]), self.root(pair[1]));
            self.0[one.max(other)] = one.min(other);
        }
    }
}
