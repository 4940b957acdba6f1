//! A change of one package, by positions, and what a set of changes makes of the packages.

use super::Settlement;
use super::case::Case;
use crate::engine::Package;

/// One change of the package at a position in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub package: usize,
    pub edit: Edit,
}

/// Outputs are positions in the package's, spare ones in its spare outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edit {
    Priority(i64),
    Drop(usize),
    Take { instead_of: usize, spare: usize },
    Deactivate,
    Remove,
}

/// Changes to be made together, sorted.
pub(super) type Set = Vec<Change>;

impl Edit {
    /// How much it takes away: a priority nothing, an output some, the package everything.
    pub fn harshness(self) -> u32 {
        match self {
            Self::Priority(_) => 0,
            Self::Drop(_) | Self::Take { .. } => 1,
            Self::Deactivate => 2,
            Self::Remove => 3,
        }
    }

    /// Whether it leaves none of the package's files.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Deactivate | Self::Remove)
    }

    /// The output that it takes away.
    fn output(self) -> Option<usize> {
        match self {
            Self::Drop(output) | Self::Take { instead_of: output, .. } => Some(output),
            _ => None,
        }
    }

    fn contradicts(self, other: Self) -> bool {
        match (self, other) {
            (Self::Priority(_), Self::Priority(_)) => true,
            (Self::Take { spare: one, .. }, Self::Take { spare: other, .. }) if one == other => true,
            _ => self.is_end() || other.is_end() || (self.output().is_some() && self.output() == other.output()),
        }
    }
}

/// `set` with a change more; `None` if it cannot be made together with the others.
pub(super) fn with(case: &Case, set: &[Change], change: Change) -> Option<Set> {
    let of_package = || set.iter().filter(|other| other.package == change.package);
    if of_package().any(|other| other.edit.contradicts(change.edit)) {
        return None;
    }
    let drops = of_package().chain([&change]).filter(|it| matches!(it.edit, Edit::Drop(_))).count();
    if drops > 0 && drops == case.request.packages[change.package].outputs.len() {
        return None;
    }
    let mut grown = set.to_vec();
    grown.push(change);
    grown.sort_unstable();
    Some(grown)
}

/// The package at `index` after the changes; `None` if it is gone.
pub(super) fn after(case: &Case, set: &[Change], index: usize) -> Option<Package> {
    let mut package = case.request.packages[index].clone();
    let mut outputs: Vec<_> = package.outputs.drain(..).map(Some).collect();
    for change in set.iter().filter(|change| change.package == index) {
        match change.edit {
            Edit::Priority(priority) => package.priority = priority,
            Edit::Drop(output) => outputs[output] = None,
            Edit::Take { instead_of, spare } => outputs[instead_of] = Some(case.spare(index)[spare].clone()),
            Edit::Deactivate => package.active = false,
            Edit::Remove => return None,
        }
    }
    package.outputs = outputs.into_iter().flatten().collect();
    Some(package)
}

/// The change in the words of who asked.
pub(super) fn settlement(case: &Case, change: Change) -> Settlement {
    let of = &case.request.packages[change.package];
    let package = of.name.clone();
    match change.edit {
        Edit::Priority(priority) => Settlement::Priority { package, priority },
        Edit::Drop(output) => Settlement::DropOutput { package, output: of.outputs[output].name.clone() },
        Edit::Take { instead_of, spare } => Settlement::TakeOutput {
            package,
            instead_of: of.outputs[instead_of].name.clone(),
            output: case.spare(change.package)[spare].name.clone(),
        },
        Edit::Deactivate => Settlement::Deactivate { package },
        Edit::Remove => Settlement::Remove { package },
    }
}

/// The collisions in which changed packages take part, sorted.
pub(super) fn touched(case: &Case, set: &[Change]) -> Vec<u32> {
    let mut touched: Vec<u32> = set.iter().flat_map(|change| case.collisions_of(change.package)).copied().collect();
    touched.sort_unstable();
    touched.dedup();
    touched
}
