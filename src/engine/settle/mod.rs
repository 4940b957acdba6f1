//! What would settle the collisions that block a plan: changes of one package, each tried out by planning again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Difference, Files, Output, Package, Plan, PlanError, Request, diff, merge};

/// A change of one package, in the engine's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Another priority.
    Priority { package: Arc<str>, priority: i64 },
    /// One output less.
    DropOutput { package: Arc<str>, output: Arc<str> },
    /// Another output of the package in place of one.
    TakeOutput { package: Arc<str>, instead_of: Arc<str>, output: Arc<str> },
    /// It stays installed, but is left out of the environment.
    Deactivate { package: Arc<str> },
    /// The package gone.
    Remove { package: Arc<str> },
}

impl Settlement {
    /// The package that it changes.
    pub fn package(&self) -> &Arc<str> {
        match self {
            Self::Priority { package, .. }
            | Self::DropOutput { package, .. }
            | Self::TakeOutput { package, .. }
            | Self::Deactivate { package }
            | Self::Remove { package } => package,
        }
    }
}

/// Changes that settle collisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What to change, together; no smaller number of changes does it.
    pub settlements: Vec<Settlement>,
    /// Indices into [`Plan::collisions`] of the blocking ones that no longer block; sorted.
    pub settled: Vec<u32>,
    /// Whether the environment then builds.
    pub builds: bool,
    /// What else it alters: paths other than the settled ones.
    pub alters: Difference,
    /// Why, in one sentence.
    pub why: String,
}

impl Suggestion {
    /// How many of the collisions that block no longer do.
    pub fn settles(&self) -> usize {
        self.settled.len()
    }
}

/// Packages with the most blocking collisions that are tried; each costs up to four plans.
const MAX_PACKAGES: usize = 12;

/// Changes of one package each that settle at least one blocking collision of `plan`, which was made from `request`;
/// best first, at most `limit`. What makes the environment build comes before what only helps, and the gentler change
/// before the harsher: another priority, an output less, the package gone.
///
/// `spare` holds for each package the outputs that it has but that are not asked for; it may be shorter than the packages.
pub fn suggest(
    request: &Request,
    spare: &[Vec<Output>],
    plan: &Plan,
    files: &dyn Files,
    limit: usize,
) -> Vec<Suggestion> {
    let _ = spare;
    let blocking: BTreeSet<&[u8]> = plan.blocking().map(|collision| &*collision.path).collect();
    let mut suggestions: Vec<(usize, Suggestion)> = Vec::new();
    for (index, rivals) in rivals(request, plan) {
        for (harshness, settlement, why) in candidates(&request.packages[index], &rivals) {
            let mut changed = request.clone();
            change(&mut changed.packages, index, &settlement);
            let Ok(after) = merge::plan(&changed, files) else { continue };
            let still: BTreeSet<&[u8]> = after.blocking().map(|collision| &*collision.path).collect();
            let settled = settled(plan, &still);
            // What settles one collision and makes another is no way out.
            if !settled.is_empty() && still.is_subset(&blocking) {
                let builds = still.is_empty();
                let Ok(alters) = alters(plan, &after, &settled, files) else { continue };
                let settlements = vec![settlement];
                suggestions.push((harshness, Suggestion { settlements, settled, builds, alters, why }));
            }
        }
    }
    suggestions.sort_by_key(|(harshness, it)| (!it.builds, *harshness, std::cmp::Reverse(it.settles())));
    suggestions.into_iter().map(|(_, suggestion)| suggestion).take(limit).collect()
}

/// Indices of the blocking collisions whose paths are not among `still`.
fn settled(plan: &Plan, still: &BTreeSet<&[u8]>) -> Vec<u32> {
    let blocking = (0..).zip(&plan.collisions).filter(|(_, collision)| collision.blocks);
    blocking.filter(|(_, collision)| !still.contains(&*collision.path)).map(|(index, _)| index).collect()
}

/// What differs between the plans, but for the settled collisions.
fn alters(before: &Plan, after: &Plan, settled: &[u32], files: &dyn Files) -> Result<Difference, PlanError> {
    let mut difference = diff(before, after, files)?;
    let settled: BTreeSet<&[u8]> = settled.iter().map(|&index| &*before.collisions[index as usize].path).collect();
    for paths in [&mut difference.added, &mut difference.removed, &mut difference.changed] {
        paths.retain(|path| !settled.contains(&**path));
    }
    Ok(difference)
}

/// What the blocking collisions say of one package.
#[derive(Default)]
struct Rivals {
    collisions: usize,
    /// Best and worst priority of the others.
    best: Option<i64>,
    worst: Option<i64>,
    names: BTreeSet<Arc<str>>,
    /// The package's own outputs that take part.
    outputs: BTreeSet<Arc<str>>,
}

/// The packages that take part in blocking collisions, those with the most first.
fn rivals(request: &Request, plan: &Plan) -> Vec<(usize, Rivals)> {
    let mut by_package: BTreeMap<usize, Rivals> = BTreeMap::new();
    for collision in plan.blocking() {
        for (at, contender) in collision.contenders.iter().enumerate() {
            let Some(index) = contender.index else { continue };
            let rivals = by_package.entry(index).or_default();
            rivals.collisions += 1;
            rivals.outputs.insert(contender.output.clone());
            let others = collision.contenders.iter().enumerate().filter(|(other, _)| *other != at);
            for (_, other) in others.filter(|(_, other)| other.index != Some(index)) {
                rivals.best = Some(rivals.best.map_or(other.priority, |best| best.min(other.priority)));
                rivals.worst = rivals.worst.max(Some(other.priority));
                rivals.names.insert(other.package.clone());
            }
        }
    }
    let mut rivals: Vec<_> = by_package.into_iter().filter(|(index, _)| *index < request.packages.len()).collect();
    // The last listed first: it is the one that was just added.
    rivals.sort_by_key(|(index, rivals)| std::cmp::Reverse((rivals.collisions, *index)));
    rivals.truncate(MAX_PACKAGES);
    rivals
}

/// What could be done with one package: how harsh it is, the change, and what it means.
fn candidates(package: &Package, rivals: &Rivals) -> Vec<(usize, Settlement, String)> {
    let name = || package.name.clone();
    let others = rivals.names.iter().map(|name| &**name).collect::<Vec<_>>().join(", ");
    let mut candidates = Vec::new();
    if let (Some(best), Some(worst)) = (rivals.best, rivals.worst) {
        let lose = Settlement::Priority { package: name(), priority: worst + 1 };
        candidates.push((0, lose, format!("{others} wins over {}", package.name)));
        let win = Settlement::Priority { package: name(), priority: best - 1 };
        candidates.push((0, win, format!("{} wins over {others}", package.name)));
    }
    if package.outputs.len() > 1 {
        for output in &rivals.outputs {
            let drop = Settlement::DropOutput { package: name(), output: output.clone() };
            candidates.push((1, drop, format!("{} stays without its output {output}", package.name)));
        }
    }
    let why = if others.is_empty() { "its own outputs collide".to_owned() } else { format!("leaves them to {others}") };
    candidates.push((2, Settlement::Remove { package: name() }, why));
    candidates
}

fn change(packages: &mut Vec<Package>, index: usize, settlement: &Settlement) {
    match settlement {
        Settlement::Priority { priority, .. } => packages[index].priority = *priority,
        Settlement::DropOutput { output, .. } => packages[index].outputs.retain(|there| there.name != *output),
        Settlement::TakeOutput { .. } | Settlement::Deactivate { .. } => {}
        Settlement::Remove { .. } => {
            packages.remove(index);
        }
    }
}
