//! The changes of one package that are worth a try.

use std::collections::BTreeSet;

use super::case::Case;
use super::change::{Change, Edit};
use crate::engine::RuleSet;

/// Priorities of others that are told apart; more are thinned out.
const MAX_RIVALS: usize = 12;

/// Nix keeps priorities in 32 bits.
const PRIORITIES: std::ops::RangeInclusive<i64> = i32::MIN as i64..=i32::MAX as i64;

/// The changes of a package, for sets of `size` changes; sorted.
pub(super) fn candidates(case: &Case, package: usize, size: usize) -> Vec<Change> {
    if !case.is_nameable(package) {
        return Vec::new();
    }
    let mut edits: Vec<Edit> = priorities(case, package, size).into_iter().map(Edit::Priority).collect();
    let of = &case.request.packages[package];
    let names: BTreeSet<&str> = of.outputs.iter().map(|output| &*output.name).collect();
    // An output is told by its name.
    if names.len() == of.outputs.len() {
        let outputs = outputs_at_stake(case, package);
        if of.outputs.len() > 1 {
            edits.extend(outputs.iter().map(|&output| Edit::Drop(output)));
        }
        for (spare, _) in case.spare(package).iter().enumerate().filter(|(_, spare)| !names.contains(&*spare.name)) {
            edits.extend(outputs.iter().map(|&instead_of| Edit::Take { instead_of, spare }));
        }
    }
    if case.request.rules.set() == RuleSet::Nix {
        edits.push(Edit::Deactivate);
    }
    edits.push(Edit::Remove);
    edits.into_iter().map(|edit| Change { package, edit }).collect()
}

/// Priorities that differ in how they stand to those of the packages that it collides with: in each gap between those the
/// nearest to today's, and as many as there are changes, for packages that come to stand in one gap together.
fn priorities(case: &Case, package: usize, size: usize) -> BTreeSet<i64> {
    let today = case.request.packages[package].priority;
    let steps = i64::try_from(size).unwrap_or(1);
    let rivals = thinned(&rivals_of(case, package));
    let mut priorities: BTreeSet<i64> = rivals.iter().copied().collect();
    for (at, &rival) in rivals.iter().enumerate() {
        let next = rivals.get(at + 1).copied().unwrap_or(i64::MAX);
        if at == 0 {
            priorities.extend((1..=steps).map(|step| rival.saturating_sub(step)));
            priorities.insert(today.min(rival.saturating_sub(1)));
        }
        let above = (1..=steps).map(|step| rival.saturating_add(step));
        priorities.extend(above.filter(|priority| *priority < next));
        let nearest = today.clamp(rival.saturating_add(1), next.max(rival.saturating_add(2)) - 1);
        if nearest < next {
            priorities.insert(nearest);
        }
    }
    priorities.retain(|priority| PRIORITIES.contains(priority) && *priority != today);
    priorities
}

/// Priorities of those with whom it contends for a path; sorted.
fn rivals_of(case: &Case, package: usize) -> BTreeSet<i64> {
    let collisions = case.collisions_of(package).iter().map(|&number| case.collision(number));
    let contenders = collisions.flat_map(|collision| &collision.contenders);
    contenders.filter(|contender| contender.index != Some(package)).map(|contender| contender.priority).collect()
}

/// Evenly chosen, the lowest and the highest among them.
fn thinned(all: &BTreeSet<i64>) -> Vec<i64> {
    let all: Vec<i64> = all.iter().copied().collect();
    if all.len() <= MAX_RIVALS {
        return all;
    }
    (0..MAX_RIVALS).map(|at| all[at * (all.len() - 1) / (MAX_RIVALS - 1)]).collect()
}

/// Positions of the outputs that contend for a path; an entangled package's may matter without that.
fn outputs_at_stake(case: &Case, package: usize) -> Vec<usize> {
    let outputs = &case.request.packages[package].outputs;
    if case.entangled.contains(&package) {
        return (0..outputs.len()).collect();
    }
    let mut at_stake = vec![false; outputs.len()];
    for &number in case.collisions_of(package) {
        for contender in case.collision(number).contenders.iter().filter(|it| it.index == Some(package)) {
            if let Some(at) = outputs.iter().position(|output| output.name == contender.output) {
                at_stake[at] = true;
            }
        }
    }
    (0..outputs.len()).filter(|&at| at_stake[at]).collect()
}
