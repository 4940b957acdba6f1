//! Where outputs live. One trait, [`Store`]; [`local`] is the embedded store for machines without Nix, and [`nix`] talks to
//! the daemon of a real one.

mod error;
mod linked;
pub mod listing;
pub mod local;
pub mod nix;
mod propagated;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::{Files, Listing, Plan};
use crate::progress::Progress;

pub use error::StoreError;
pub use linked::root;
use listing::Unlisted;

/// Where an output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In the store.
    Here,
    /// Would be put there: bytes to read from its source and bytes it then takes.
    Fetch { download_bytes: u64, unpacked_bytes: u64 },
    /// Would be built here.
    Build,
    /// Not in the store, and no known source has it.
    Missing,
}

/// An output that has to be in the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    pub path: PathBuf,
    /// What builds it, if that is known.
    pub derivation: Option<Derivation>,
}

/// One output of a derivation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Derivation {
    /// The `.drv`.
    pub path: PathBuf,
    pub output: String,
}

impl From<PathBuf> for Wanted {
    fn from(path: PathBuf) -> Self {
        Self { path, derivation: None }
    }
}

/// What has to be done until outputs are in the store, with all that they need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Paths that would be fetched.
    pub fetch: Vec<PathBuf>,
    /// Derivations that would be built.
    pub build: Vec<PathBuf>,
    /// Paths that are not here and that no known source has.
    pub unknown: Vec<PathBuf>,
    pub download_bytes: u64,
    pub unpacked_bytes: u64,
}

/// A place where outputs live: immutable trees, each at a path of its own.
pub trait Store: Send + Sync {
    /// What it is, for the header: `local store`, `Nix 2.34 by its daemon`.
    fn describe(&self) -> String;

    /// The directory in which all paths of this store lie.
    fn directory(&self) -> &Path;

    /// The files of the outputs, here or not: those that are not here are seen through their listings.
    fn files(&self) -> &dyn Files;

    /// Learns what is in those of these outputs that are not here, so that [`files`](Self::files) can tell, and in outputs to
    /// which links in them lead. Gives those of which that cannot be had. May wait for a network.
    fn learn(&self, _paths: &[PathBuf], _progress: &dyn Progress) -> Vec<Unlisted> {
        Vec::new()
    }

    /// From now on [`files`](Self::files) shows the output at `path` as `listing` says, for as long as it is not here: who
    /// worked out what a build will make need not wait for it. Kept only while the program runs.
    fn foresee(&self, _path: &Path, _listing: Arc<Listing>) {}

    /// What has to be done until these outputs are here. May wait for the store and what that asks.
    fn missing(&self, wanted: &[Wanted]) -> Result<Missing, StoreError>;

    /// Bytes and number of files of an output, if known without reading all of it.
    fn size(&self, path: &Path) -> Option<(u64, u64)>;

    /// The outputs that `path` asks to have installed beside it (its `propagated-user-env-packages`), transitively.
    fn propagated(&self, path: &Path) -> Vec<PathBuf> {
        propagated::propagated(self.files(), path)
    }

    /// The paths of the store that an environment here shows, each once, in no order.
    ///
    /// A store that records references answers with them; without a record the environment's links tell.
    fn references(&self, environment: &Path) -> Result<Vec<PathBuf>, StoreError> {
        linked::linked(self.directory(), environment)
    }

    /// The paths that `path` needs, itself among them, each with its bytes; `None` for a store that keeps no record of
    /// that, or of `path`.
    fn closure(&self, _path: &Path) -> Result<Option<Vec<(PathBuf, u64)>>, StoreError> {
        Ok(None)
    }

    /// What else there is to tell of the store, for `doctor`: what it is called, and what it is. Asks the store, and so
    /// finds out whether it answers.
    fn facts(&self) -> Result<Vec<(String, String)>, StoreError> {
        Ok(Vec::new())
    }

    /// Begins to put things into the store; may wait for it.
    fn session(&self, progress: &dyn Progress) -> Result<Box<dyn Session + '_>, StoreError>;

    /// Where one output is.
    fn presence(&self, wanted: &Wanted) -> Presence {
        match self.missing(std::slice::from_ref(wanted)) {
            Err(_) => Presence::Missing,
            Ok(missing) if !missing.unknown.is_empty() => Presence::Missing,
            Ok(missing) if !missing.build.is_empty() => Presence::Build,
            Ok(missing) if missing.fetch.is_empty() => Presence::Here,
            Ok(Missing { download_bytes, unpacked_bytes, .. }) => Presence::Fetch { download_bytes, unpacked_bytes },
        }
    }
}

/// A time in which things are put into the store: what it has put there, or was asked for, is kept from the garbage
/// collection of that store until the session is dropped.
pub trait Session {
    /// Puts outputs into the store; those already there cost nothing. Each is there whole or not at all.
    fn realise(&mut self, wanted: &[Wanted], progress: &dyn Progress) -> Result<(), StoreError>;

    /// Makes a file a path of the store that is called `name` and keeps `references` alive.
    fn add_text(&mut self, name: &str, content: &[u8], references: &[PathBuf]) -> Result<PathBuf, StoreError>;

    /// Makes an environment a path of the store that is called `name` and keeps `references` alive. The same plan gives
    /// the same path.
    fn add_environment(&mut self, name: &str, plan: &Plan, references: &[PathBuf]) -> Result<PathBuf, StoreError>;

    /// The version of Nix that keeps the store, e.g. `2.34.8`; `None` for a store without one.
    fn nix_version(&self) -> Option<&str>;

    /// Has what the link at `link` leads to kept from garbage collection for as long as that link does.
    fn add_root(&mut self, link: &Path) -> Result<(), StoreError>;
}
