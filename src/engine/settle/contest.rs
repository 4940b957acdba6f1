//! What the rules `nix` come to at a path when some packages are changed, told from the contenders alone.
//!
//! They look at nothing but priority, order, and whether it is a directory; and they go into every directory that is to
//! be merged, so that no change brings a path to light that the plan does not have. Hence only paths that collide already
//! can come to block, and a plan in which thousands of files collide need not be made anew for each change that is tried.
//! Who propagates packages or contends with a propagated one needs a trial. A further output that is taken is hoped to
//! collide with nobody: before it is suggested, that is [verified](super::verified).

use super::budget::Budget;
use super::case::Case;
use super::change::{Change, Edit, touched};
use super::goal::Goal;
use super::verdict::Verdict;

use crate::engine::{Collision, Difference, RuleSet};

/// What became of one path.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Outcome {
    blocks: bool,
    /// The contender that is linked, or the first of the directories that are merged.
    holder: Option<usize>,
}

/// What is at the path so far.
enum Slot {
    Nothing,
    Link(usize),
    Merged(usize),
}

/// What the changes come to, but for what a further output brings; `None` if contenders alone do not tell.
pub(super) fn contest(case: &Case, goal: &Goal, set: &[Change], budget: &mut Budget) -> Option<Verdict> {
    if !is_told(case, set) {
        return None;
    }
    // A goal that is not reached is seen at once most of the time.
    for &number in &goal.collisions {
        if outcome(case, case.collision(number), set, budget)?.blocks {
            return Some(fails(case, number));
        }
    }
    let mut settled = Vec::new();
    let mut altered = 0;
    for number in touched(case, set) {
        let collision = case.collision(number);
        let after = outcome(case, collision, set, budget)?;
        match (collision.blocks, after.blocks) {
            (false, true) => return Some(fails(case, number)),
            (true, false) => settled.push(number),
            (false, false) => altered += usize::from(after.holder != collision.winner),
            (true, true) => {}
        }
    }
    Some(Verdict::Settles { settled, altered })
}

/// The paths that priorities alone alter, beside the settled ones; `None` if contenders alone do not tell: other changes
/// also take files away that nobody contends for.
pub(super) fn alters(case: &Case, set: &[Change], settled: &[u32]) -> Option<Difference> {
    let is_priority = |change: &Change| matches!(change.edit, Edit::Priority(_));
    if !is_told(case, set) || !set.iter().all(is_priority) {
        return None;
    }
    let mut unbound = Budget::new(u64::MAX);
    let mut difference = Difference::default();
    for number in touched(case, set) {
        let collision = case.collision(number);
        if settled.binary_search(&number).is_ok() {
            continue;
        }
        let before = outcome(case, collision, &[], &mut unbound)?;
        let after = outcome(case, collision, set, &mut unbound)?;
        if collision.blocks && collision.contenders.iter().any(|contender| contender.is_directory) {
            return None;
        }
        let (old, new) = (&collision.contenders[before.holder?].source, &collision.contenders[after.holder?].source);
        if old != new
            && !matches!((case.files.canonicalize(old), case.files.canonicalize(new)), (Ok(a), Ok(b)) if a == b)
        {
            difference.changed.push(collision.path.clone());
        }
    }
    Some(difference)
}

fn is_told(case: &Case, set: &[Change]) -> bool {
    let is_told = |change: &Change| !case.entangled.contains(&change.package);
    case.request.rules.set() == RuleSet::Nix && set.iter().all(is_told)
}

fn fails(case: &Case, number: u32) -> Verdict {
    Verdict::Fails { owners: case.owners(&case.collision(number).contenders) }
}

/// What becomes of a path; `None` if a package that is not listed contends for it: its place in the order is not known.
fn outcome(case: &Case, collision: &Collision, set: &[Change], budget: &mut Budget) -> Option<Outcome> {
    budget.spend(collision.contenders.len() as u64);
    let mut arrivals = Vec::with_capacity(collision.contenders.len());
    for (at, contender) in collision.contenders.iter().enumerate() {
        let package = contender.index?;
        let mut priority = Some(contender.priority);
        for change in set.iter().filter(|change| change.package == package) {
            match change.edit {
                Edit::Priority(other) => priority = priority.and(Some(other)),
                Edit::Drop(output) | Edit::Take { instead_of: output, .. }
                    if case.request.packages[package].outputs[output].name != contender.output => {}
                _ => priority = None,
            }
        }
        if let Some(priority) = priority {
            arrivals.push((priority, at));
        }
    }
    let root = |at: usize| {
        let contender = &collision.contenders[at];
        let outputs = contender.index.map(|package| &case.request.packages[package].outputs);
        outputs.and_then(|outputs| outputs.iter().find(|output| output.name == contender.output)).map(|it| &*it.path)
    };
    arrivals.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| root(a.1).cmp(&root(b.1))));
    Some(decide(collision, &arrivals))
}

/// The rules, applied to arrivals (priority and contender) in their order.
fn decide(collision: &Collision, arrivals: &[(i64, usize)]) -> Outcome {
    let is_directory = |at: usize| collision.contenders[at].is_directory;
    let mut slot = Slot::Nothing;
    let mut blocks = false;
    for (number, &(priority, new)) in arrivals.iter().enumerate() {
        match slot {
            Slot::Nothing => slot = Slot::Link(new),
            Slot::Link(old) | Slot::Merged(old) if is_directory(old) && is_directory(new) => slot = Slot::Merged(old),
            // Sorted: what is there has no worse priority.
            Slot::Link(old) if !is_directory(new) => {
                let best = arrivals[..number].iter().find(|(_, at)| *at == old).map(|(priority, _)| *priority);
                blocks |= best == Some(priority);
            }
            Slot::Link(_) => {
                blocks = true;
                slot = Slot::Link(new);
            }
            Slot::Merged(_) => blocks = true,
        }
    }
    let (Slot::Link(at) | Slot::Merged(at)) = slot else { return Outcome { blocks, holder: None } };
    Outcome { blocks, holder: Some(at) }
}
