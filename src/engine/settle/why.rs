//! Why a set of changes settles a goal, in one sentence.

use std::collections::BTreeSet;

use super::case::Case;
use super::change::{Change, Edit, after};
use super::goal::Goal;

/// Names that a sentence lists.
const MAX_NAMES: usize = 3;

/// `twin` is the package that has all files of the one that is done away with.
pub(super) fn why(case: &Case, goal: &Goal, set: &[Change], twin: Option<usize>, is_of_same_files: bool) -> String {
    let name = |package: usize| &*case.request.packages[package].name;
    let same = if is_of_same_files { "the same files: " } else { "" };
    if let (Some(twin), [change]) = (twin, set) {
        let mut what = name(change.package).to_owned();
        if let Edit::Drop(output) = change.edit {
            what = format!("the output {} of {what}", case.request.packages[change.package].outputs[output].name);
        }
        return format!("{same}{} already brings all of {what}", name(twin));
    }
    let reasons = set.iter().map(|change| match change.edit {
        Edit::Priority(priority) => contest(case, goal, set, change.package, priority),
        Edit::Drop(output) => {
            let output = &case.request.packages[change.package].outputs[output].name;
            format!("{} stays without its output {output}", name(change.package))
        }
        Edit::Take { instead_of, spare } => {
            let instead_of = &case.request.packages[change.package].outputs[instead_of].name;
            let spare = &case.spare(change.package)[spare].name;
            format!("{} stays with its output {spare} instead of {instead_of}", name(change.package))
        }
        Edit::Deactivate | Edit::Remove => match listed(case, rivals(case, goal, change.package).into_iter()) {
            others if others.is_empty() => format!("nothing of {} collides any more", name(change.package)),
            others => format!("leaves them to {others}"),
        },
    });
    format!("{same}{}", reasons.collect::<Vec<_>>().join("; "))
}

/// Who wins over whom once `package` has another priority.
fn contest(case: &Case, goal: &Goal, set: &[Change], package: usize, priority: i64) -> String {
    let standing: Vec<(usize, i64)> = rivals(case, goal, package)
        .into_iter()
        .filter_map(|rival| Some((rival, after(case, set, rival).filter(|rival| rival.active)?.priority)))
        .collect();
    let name = &case.request.packages[package].name;
    let among = |is_among: fn(&i64, &i64) -> bool| {
        let those = standing.iter().filter(|(_, other)| is_among(&priority, other)).map(|(rival, _)| *rival);
        listed(case, those)
    };
    let (better, worse) = (among(|own, other| other < own), among(|own, other| other > own));
    match (better.is_empty(), worse.is_empty()) {
        (true, true) => format!("{name} has a priority of its own"),
        (true, false) => format!("{name} wins over {worse}"),
        (false, true) => format!("{better} wins over {name}"),
        (false, false) => format!("{better} wins over {name}, and {name} over {worse}"),
    }
}

/// The other packages that contend with it for what is to be settled; sorted.
fn rivals(case: &Case, goal: &Goal, package: usize) -> BTreeSet<usize> {
    let collisions = goal.collisions.iter().map(|&number| case.collision(number));
    let with_it = collisions.filter(|it| it.contenders.iter().any(|contender| contender.index == Some(package)));
    let indices = with_it.flat_map(|collision| &collision.contenders).filter_map(|contender| contender.index);
    indices.filter(|&index| index != package).collect()
}

/// `a, b, c and 2 more`.
fn listed(case: &Case, packages: impl Iterator<Item = usize>) -> String {
    let names: Vec<&str> = packages.map(|package| &*case.request.packages[package].name).collect();
    let shown = names[..names.len().min(MAX_NAMES)].join(", ");
    if names.len() > MAX_NAMES { format!("{shown} and {} more", names.len() - MAX_NAMES) } else { shown }
}
