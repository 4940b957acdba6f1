//! A package set: packages by name, and how to make their outputs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::meter::Meter;
use crate::engine::{Listing, ListingError};
use crate::package::Package;
use crate::safe;
use crate::store::StoreError;

/// Where in a package the outputs are named that are to be installed beside it.
pub use crate::store::propagated::FILE as PROPAGATED;

/// One output of a set: the package's place in [`PackageSet::packages`], and the output's in [`Package::outputs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutputId {
    pub package: usize,
    pub output: usize,
}

/// Packages that a [`LocalStore`](super::LocalStore) can put into itself.
pub trait PackageSet: Send + Sync {
    /// The packages; every output has its path in the store. Two outputs have one path only if they are the same tree.
    fn packages(&self) -> &[Package];

    /// The files that [`write`](Self::write) would make.
    fn listing(&self, output: OutputId) -> Result<Arc<Listing>, SetError>;

    /// Makes the output's files in `directory`, which is there and empty. Calls `meter` for every file.
    fn write(&self, output: OutputId, directory: &Path, meter: &mut Meter) -> Result<(), StoreError>;

    /// The directory from which the output is copied, if there is one.
    fn original(&self, _output: OutputId) -> Option<PathBuf> {
        None
    }
}

/// What is wrong with a package set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    #[error("the package set {set} has format {found}; this program reads format {known}", set = safe::text(set))]
    Format { set: String, found: u64, known: u64 },
    #[error("the package set {set} is damaged: {why}", set = safe::text(set), why = safe::text(why))]
    Damaged { set: String, why: String },
    #[error("{} is not a directory; give a directory that holds one directory for each package", safe::path(path))]
    NotADirectory { path: PathBuf },
    #[error("{} is a {kind}; a package holds files, directories and links only", safe::path(path))]
    SpecialFile { path: PathBuf, kind: &'static str },
    #[error("{} and {} would have the same name; rename one", safe::path(first), safe::path(second))]
    SameName { first: PathBuf, second: PathBuf },
    #[error("{} changed while it was copied; nothing was put into the store, run again", safe::path(path))]
    Changed { path: PathBuf },
    #[error("{}: {source}", safe::text(output))]
    Listing { output: String, source: ListingError },
}
