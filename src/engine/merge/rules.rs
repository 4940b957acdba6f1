//! What the two builders decide differently.

use std::sync::Arc;

use super::arrival::{Arrival, Occupant};
use super::root::Root;
use crate::engine::{FileError, Files, Package, PlanError, Reason};

/// What becomes of a name when one more entry arrives at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing is there: link it.
    Place,
    /// It takes the place of what is there.
    Replace(Reason),
    /// What is there stays.
    Keep(Reason),
    /// Both are directories: a real directory with the entries of both.
    Merge,
    /// The builder gives up.
    Collide(Reason),
}

/// What a link that leads nowhere is to a builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dangling {
    /// It is left out, with a warning.
    Skipped,
    /// It is linked like a file, with a warning.
    Linked,
}

/// The rules of one builder.
pub(super) trait MergeRules: Sync {
    /// The listed packages in the order in which they are processed.
    fn order(&self, packages: &[Package]) -> Vec<Root>;

    /// Packages that are added after the propagated ones.
    fn late(&self) -> Vec<Root> {
        Vec::new()
    }

    /// A root that cannot be read as a directory: left out, perhaps with a warning, or an error.
    fn no_directory(&self, root: &Root, error: FileError, files: &dyn Files) -> Result<Option<String>, PlanError>;

    /// The paths in a `nix-support/propagated-user-env-packages`.
    fn propagated<'a>(&self, content: &'a [u8]) -> Vec<&'a [u8]>;

    /// Whether a list of propagated packages that cannot be read is as good as none.
    fn propagates_nothing(&self, error: &FileError) -> bool {
        matches!(error, FileError::NotFound | FileError::NotADirectory)
    }

    /// Whether an entry is left out by its name alone. `dir` is the directory in the environment, without a leading
    /// slash.
    fn skips(&self, dir: &[u8], name: &[u8]) -> bool;

    /// Whether an entry is left out once it is known that it leads somewhere. `source` is its package's directory.
    fn skips_source(&self, _source: &[u8], _name: &[u8]) -> bool {
        false
    }

    /// Names in the environment's directory `dir` that are real directories whether or not anything arrives there.
    fn planned(&self, _dir: &[u8]) -> Vec<&Arc<[u8]>> {
        Vec::new()
    }

    /// What a link that leads nowhere is.
    fn dangling(&self) -> Dangling;

    /// What a link that leads to itself is.
    fn link_loop(&self, source: &[u8]) -> Result<Dangling, PlanError>;

    /// Whether the first of several directories is merged by its path with all links resolved.
    fn resolves_first(&self) -> bool;

    /// One more entry arrives.
    fn arrive(&self, there: Occupant<'_>, new: &Arrival<'_>, files: &dyn Files) -> Result<Decision, PlanError>;
}
