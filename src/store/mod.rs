//! Where outputs live. One trait, [`Store`]; [`local`] is the embedded store for machines without Nix.

pub mod local;

use std::path::{Path, PathBuf};

use crate::engine::{Files, Plan};
use crate::progress::Progress;
use crate::safe;

/// Where an output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In the store.
    Here,
    /// Would be put there: bytes to read from its source and bytes it then takes.
    Fetch { download_bytes: u64, unpacked_bytes: u64 },
    /// Not in the store, and no known source has it.
    Missing,
}

/// What went wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: {source}", safe::path(path))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{} is not in the store and no package set has it; is a source missing?", safe::path(path))]
    NotAvailable { path: PathBuf },
    #[error("the store's directory has to be an absolute path, and {} is not", safe::path(path))]
    NotAbsolute { path: PathBuf },
    #[error(transparent)]
    PackageSet(#[from] local::SetError),
    #[error(transparent)]
    Write(#[from] crate::engine::WriteError),
    #[error("cancelled; nothing was changed")]
    Cancelled,
}

/// A place where outputs live: immutable trees, each at a path of its own.
pub trait Store: Send + Sync {
    /// What it is, for the header: `local store`, `Nix 2.34`.
    fn describe(&self) -> String;

    /// The directory in which all paths of this store lie.
    fn directory(&self) -> &Path;

    /// The files of the outputs, here or not: those that are not here are seen through their listings.
    fn files(&self) -> &dyn Files;

    fn presence(&self, path: &Path) -> Presence;

    /// Bytes and number of files of an output, if known without reading all of it.
    fn size(&self, path: &Path) -> Option<(u64, u64)>;

    /// The outputs that `path` asks to have installed beside it (its `propagated-user-env-packages`), transitively.
    fn propagated(&self, path: &Path) -> Vec<PathBuf>;

    /// Puts outputs into the store; those already there cost nothing. Each is there whole or not at all.
    fn realise(&self, paths: &[PathBuf], progress: &dyn Progress) -> Result<(), StoreError>;

    /// Makes an environment a path of the store, and returns that path; the same plan gives the same path.
    fn add_environment(&self, plan: &Plan) -> Result<PathBuf, StoreError>;
}
