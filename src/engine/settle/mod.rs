//! What would settle the collisions that block a plan: the smallest sets of changes that do, and what else they alter.
//!
//! 1. `goal`: what to settle: all that blocks within packages that belong together, and what blocks between two of them;
//! 2. `candidates`: the changes of one package that are worth a try;
//! 3. `search`: the smallest sets for a goal, told by `contest` from the collisions alone where the rules allow it, else
//!    by `trial`, which plans again;
//! 4. `rank`: the gentlest first;
//! 5. `verified`: what is given out, and what it alters.
//!
//! Work is counted, not timed, so that the same question always gets the same answer: what would take too long to find
//! is not suggested.

mod budget;
mod candidates;
mod case;
mod change;
mod contest;
mod entangled;
mod goal;
mod rank;
mod search;
mod trial;
mod verdict;
mod verified;
mod why;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Difference, Files, Output, Plan, Request};
use budget::Budget;
use case::Case;
use rank::Ranked;
use verified::Verifier;

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

/// Work for one question; see [`Budget`]. Some hundreds of milliseconds.
const WORK: u64 = 4_000_000;

/// The smallest sets of changes that settle blocking collisions of `plan`, which was made from `request`: for each group
/// of packages that block each other all of its collisions, and in a larger group also those of two packages. At most
/// `limit` of them, best first: what makes the environment build, then the gentlest of each group in turn.
///
/// A change is one of a package that contends for a path that blocks. `spare` holds for each package the outputs that it
/// has but that are not asked for; it may be shorter than the packages.
pub fn suggest(
    request: &Request,
    spare: &[Vec<Output>],
    plan: &Plan,
    files: &dyn Files,
    limit: usize,
) -> Vec<Suggestion> {
    let case = Case::new(request, spare, plan, files);
    let mut verifier = Verifier::new(&case, WORK);
    let goals = goal::goals(&case);
    let work = WORK / goals.len().max(1) as u64;
    let mut groups: Vec<_> = goals.iter().map(|goal| Ranked::new(&case, goal, Budget::new(work))).collect();
    let mut given = BTreeSet::new();
    let mut suggestions = Vec::new();
    while suggestions.len() < limit {
        let before = suggestions.len();
        for group in &mut groups {
            if suggestions.len() < limit
                && let Some((set, suggestion)) = group.next(&mut verifier)
                && given.insert(set)
            {
                suggestions.push(suggestion);
            }
        }
        if suggestions.len() == before && groups.iter().all(Ranked::is_exhausted) {
            break;
        }
    }
    suggestions.sort_by_key(|suggestion| !suggestion.builds);
    suggestions
}
