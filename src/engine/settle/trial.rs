//! A set of changes tried out by planning again, with as few packages as give the same answer.
//!
//! What becomes of a path depends only on what arrives there. Packages that arrive at one path either collide there or
//! all bring directories, which merge whatever else is changed. So a change of a package can alter nothing at paths other
//! than those at which it collides and, where it kept directories of others away, those below; in both cases the others
//! collide with it. A plan of the changed packages and those that collide with them therefore blocks where the plan of
//! all would. What propagates others, or is propagated, always takes part, for priorities of propagated packages are
//! counted from all of them. Where such a package is changed itself, or a further output comes in, of which nobody knows
//! yet with whom it collides, all packages take part.

use std::collections::BTreeSet;

use super::budget::Budget;
use super::case::Case;
use super::change::{Change, Edit, after, touched};
use super::goal::Goal;
use super::verdict::Verdict;
use crate::engine::{Collision, Package, Plan, Request, merge};

/// Looks at contenders that one link of a plan stands for.
pub(super) const WORK_OF_A_LINK: u64 = 4;

/// What the changes come to, told by a plan.
pub(super) fn trial(case: &Case, goal: &Goal, set: &[Change], budget: &mut Budget) -> Verdict {
    let touched = touched(case, set);
    let is_entangled = set.iter().any(|change| case.entangled.contains(&change.package));
    let needs_all = is_entangled || set.iter().any(|change| matches!(change.edit, Edit::Take { .. }));
    if !is_entangled {
        let untouched = goal.collisions.iter().find(|number| touched.binary_search(number).is_err());
        if let Some(&number) = untouched {
            return Verdict::Fails { owners: case.owners(&case.collision(number).contenders) };
        }
    }
    let members: BTreeSet<usize> = if needs_all {
        (0..case.request.packages.len()).collect()
    } else {
        let contenders = touched.iter().flat_map(|&number| &case.collision(number).contenders);
        let changed = set.iter().map(|change| change.package);
        contenders
            .filter_map(|contender| contender.index)
            .chain(changed)
            .chain(case.entangled.iter().copied())
            .collect()
    };
    let (places, packages): (Vec<usize>, Vec<Package>) =
        members.into_iter().filter_map(|index| Some((index, after(case, set, index)?))).unzip();
    // Contents are compared for the sake of the reader; whether it blocks never depends on it.
    let request = Request { rules: case.request.rules.clone(), packages, compare_contents: false };
    let plan = merge::plan(&request, case.files);
    let Ok(plan) = plan else {
        budget.spend(WORK_OF_A_LINK);
        return Verdict::NoPlan;
    };
    budget.spend(size(&plan) * WORK_OF_A_LINK + touched.len() as u64);
    if case.has_new_problem(&plan) {
        return Verdict::NoPlan;
    }
    judge(case, goal, &plan, &places, if needs_all { None } else { Some(&touched) })
}

/// `places`: where each package of the plan is in the case. `touched`: collisions that may have changed; `None`: all.
fn judge(case: &Case, goal: &Goal, plan: &Plan, places: &[usize], touched: Option<&[u32]>) -> Verdict {
    let mut still = BTreeSet::new();
    for collision in plan.blocking() {
        let number = case.collision_at(&collision.path);
        match number {
            Some(number) if case.collision(number).blocks && goal.collisions.binary_search(&number).is_err() => {
                still.insert(number);
            }
            _ => {
                let mut owners: BTreeSet<usize> =
                    number.into_iter().flat_map(|number| case.owners(&case.collision(number).contenders)).collect();
                for contender in &collision.contenders {
                    match contender.index.map(|at| places[at]) {
                        Some(package) if !case.entangled.contains(&package) => _ = owners.insert(package),
                        _ => owners.extend(&case.entangled),
                    }
                }
                return Verdict::Fails { owners: owners.into_iter().collect() };
            }
        }
    }
    let all = || (0..).zip(&case.plan.collisions).map(|(number, _)| number).collect();
    let touched = touched.map_or_else(all, <[u32]>::to_vec);
    let settled = touched.into_iter().filter(|number| case.collision(*number).blocks && !still.contains(number));
    let settled: Vec<u32> = settled.collect();
    Verdict::Settles { settled, altered: altered(case, plan) }
}

/// How many paths that collide, and did before, have another winner.
fn altered(case: &Case, plan: &Plan) -> usize {
    let is_altered = |after: &&Collision| {
        let before = case.collision_at(&after.path).map(|number| case.collision(number));
        before.is_some_and(|before| !before.blocks && winner(before) != winner(after))
    };
    plan.collisions.iter().filter(is_altered).count()
}

fn winner(collision: &Collision) -> Option<&[u8]> {
    collision.winner.map(|winner| &*collision.contenders[winner].source)
}

/// Links and directories.
pub(super) fn size(plan: &Plan) -> u64 {
    (plan.links() + plan.directories()) as u64
}
