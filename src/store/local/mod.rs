//! The local store: the store for machines without Nix. Outputs come from [package sets](PackageSet), such as the
//! [demo set](DemoSet) that is part of the program and [folders](FolderSet) of the user's own.
//!
//! It is a directory of immutable, read-only trees, each at `<32 letters>-<name>`, where the letters are a hash of what
//! is there. It is not Nix' store, and no Nix can read it: there are no references and no garbage collection yet.

mod demo;
mod files;
mod folder;
mod meter;
mod session;
mod set;
pub(super) mod store_path;
mod tree;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub use self::demo::DemoSet;
pub use self::folder::FolderSet;
pub use self::meter::Meter;
pub use self::set::{OutputId, PackageSet, SetError};

use self::files::StoreFiles;
use self::session::LocalSession;
use self::store_path::name_of;
use self::tree::at;
use super::{Missing, Presence, Session, Store, StoreError, Wanted};
use crate::engine::{Files, Listing, Staging};
use crate::package::Package;
use crate::progress::Progress;
use crate::safe;

/// Where the local store is if nothing else is said: `nix-loom/store` in the user's data directory
/// (`$XDG_DATA_HOME`); `None` for a user without a home.
pub fn default_directory() -> Option<PathBuf> {
    Some(directories::BaseDirs::new()?.data_dir().join("nix-loom/store"))
}

/// `directory` as an absolute path without links, so that the paths in it are those to which links lead; what is not
/// there yet is taken as it is.
pub fn resolve_directory(directory: &Path) -> Result<PathBuf, StoreError> {
    let absolute = std::path::absolute(directory).map_err(at(directory))?;
    for ancestor in absolute.ancestors() {
        match fs::canonicalize(ancestor) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(ancestor)(error)),
            Ok(real) => {
                let rest = absolute.strip_prefix(ancestor).expect("an ancestor is a prefix");
                // Joining nothing would add a slash.
                return Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) });
            }
        }
    }
    Ok(absolute)
}

/// A store directory, and the package sets from which its outputs come.
pub struct LocalStore {
    directory: PathBuf,
    sets: Vec<Box<dyn PackageSet>>,
    outputs: HashMap<PathBuf, KnownOutput>,
    files: OnceLock<StoreFiles>,
}

/// An output of one of the sets.
struct KnownOutput {
    set: usize,
    id: OutputId,
    /// Made when it is first asked for; `None` if the set cannot tell.
    listing: OnceLock<Option<Arc<Listing>>>,
}

impl LocalStore {
    /// The store at `directory`, which need not exist yet. The sets must have their paths in it.
    ///
    /// What programs left there that died at work is removed.
    pub fn open(directory: PathBuf, sets: Vec<Box<dyn PackageSet>>) -> Result<Self, StoreError> {
        let store = Self::look(directory, sets)?;
        Staging::sweep(&store.directory);
        Ok(store)
    }

    /// The same, and nothing is removed.
    pub fn look(directory: PathBuf, sets: Vec<Box<dyn PackageSet>>) -> Result<Self, StoreError> {
        if !directory.is_absolute() {
            return Err(StoreError::NotAbsolute { path: directory });
        }
        match fs::read_dir(&directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&directory)(error)),
            _ => {}
        }
        let mut outputs = HashMap::new();
        for (set, packages) in sets.iter().map(|set| set.packages()).enumerate() {
            for (package, Package { outputs: of_package, .. }) in packages.iter().enumerate() {
                for (output, path) in of_package.iter().map(|output| output.path.as_ref()).enumerate() {
                    let known = KnownOutput { set, id: OutputId { package, output }, listing: OnceLock::new() };
                    if let Some(path) = path {
                        outputs.entry(path.clone()).or_insert(known);
                    }
                }
            }
        }
        Ok(Self { directory, sets, outputs, files: OnceLock::new() })
    }

    /// The packages of all sets, in their order.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.sets.iter().flat_map(|set| set.packages())
    }

    fn presence_of(&self, path: &Path) -> Presence {
        if is_here(path) {
            return Presence::Here;
        }
        let Some((known, listing)) = self.outputs.get(path).zip(self.listing(path)) else { return Presence::Missing };
        let (unpacked_bytes, _) = listing.size();
        // What is invented need not be read from anywhere.
        let download_bytes = self.sets[known.set].original(known.id).map_or(0, |_| unpacked_bytes);
        Presence::Fetch { download_bytes, unpacked_bytes }
    }

    fn listing(&self, path: &Path) -> Option<&Arc<Listing>> {
        let known = self.outputs.get(path)?;
        known.listing.get_or_init(|| self.sets[known.set].listing(known.id).ok()).as_ref()
    }

    fn store_files(&self) -> &StoreFiles {
        self.files.get_or_init(|| {
            StoreFiles::new(self.outputs.iter().filter_map(|(path, known)| {
                Some((path.as_path(), Arc::clone(self.listing(path)?), self.sets[known.set].original(known.id)))
            }))
        })
    }

    /// Puts an output of a set into the store.
    fn make(&self, path: &Path, progress: &dyn Progress) -> Result<(), StoreError> {
        let known = self.outputs.get(path).ok_or_else(|| StoreError::NotAvailable { path: path.to_path_buf() })?;
        let set = &self.sets[known.set];
        let (_, files) = set.listing(known.id)?.size();
        let what = format!("putting {} into the store", safe::text(&name_of(path)));
        let mut meter = Meter::start(progress, what, files);
        self.place(path, |directory| set.write(known.id, directory, &mut meter))
    }

    /// Gives `path` the tree that `fill` makes in an empty directory: read-only, and whole or not at all.
    fn place(&self, path: &Path, fill: impl FnOnce(&Path) -> Result<(), StoreError>) -> Result<(), StoreError> {
        fs::create_dir_all(&self.directory).map_err(at(&self.directory))?;
        let staging = Staging::beside(path).map_err(at(path))?;
        fill(staging.path())?;
        tree::seal(staging.path())?;
        match staging.publish(path) {
            // Another program was faster. Theirs stays: it is the same.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result.map_err(at(path)),
        }
    }
}

impl Store for LocalStore {
    fn describe(&self) -> String {
        "local store".to_owned()
    }

    fn directory(&self) -> &Path {
        &self.directory
    }

    fn files(&self) -> &dyn Files {
        self.store_files()
    }

    fn missing(&self, wanted: &[Wanted]) -> Result<Missing, StoreError> {
        let mut missing = Missing::default();
        for Wanted { path, .. } in wanted {
            match self.presence_of(path) {
                Presence::Here => {}
                Presence::Fetch { download_bytes, unpacked_bytes } => {
                    missing.fetch.push(path.clone());
                    missing.download_bytes += download_bytes;
                    missing.unpacked_bytes += unpacked_bytes;
                }
                Presence::Build | Presence::Missing => missing.unknown.push(path.clone()),
            }
        }
        Ok(missing)
    }

    fn size(&self, path: &Path) -> Option<(u64, u64)> {
        // Of a set that is no longer open, or of a folder that was edited since: what is here tells.
        self.listing(path).map_or_else(|| tree::size(path).ok(), |listing| Some(listing.size()))
    }

    fn session(&self, _: &dyn Progress) -> Result<Box<dyn Session + '_>, StoreError> {
        Ok(Box::new(LocalSession(self)))
    }
}

/// Whether an output is there: what is there is whole.
fn is_here(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[cfg(test)]
mod tests;
