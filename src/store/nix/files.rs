//! The files of a Nix store as they are on disk; those of paths that are not here are unknown.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::RandomState;

use crate::engine::{Disk, Entry, FileError, Files, Found, Remembered};

/// Remembers what it saw, because what is in a store does not change.
pub(super) struct NixFiles {
    /// The store's directory with a slash at its end.
    store: Vec<u8>,
    disk: Remembered<Disk>,
    /// The outputs that were seen to be here. One that is not may come at any time, so nothing is remembered of it.
    here: RwLock<HashSet<Box<[u8]>, RandomState>>,
}

impl NixFiles {
    pub fn new(store: &Path) -> Self {
        let store = [store.as_os_str().as_bytes(), b"/"].concat();
        Self { store, disk: Remembered::new(Disk), here: RwLock::default() }
    }

    /// Refuses what lies in an output that is not here.
    fn check(&self, path: &[u8]) -> Result<(), FileError> {
        let Some(inside) = path.strip_prefix(&*self.store) else { return Ok(()) };
        let name = inside.split(|&byte| byte == b'/').next().unwrap_or_default();
        if self.here.read().unwrap_or_else(PoisonError::into_inner).contains(name) {
            return Ok(());
        }
        let root = [&self.store, name].concat();
        if Path::new(OsStr::from_bytes(&root)).symlink_metadata().is_err() {
            return Err(FileError::Unknown);
        }
        self.here.write().unwrap_or_else(PoisonError::into_inner).insert(name.into());
        Ok(())
    }
}

impl Files for NixFiles {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        self.check(dir).and_then(|()| self.disk.read_dir(dir))
    }

    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        self.check(path).and_then(|()| self.disk.find(path))
    }

    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        self.check(path).and_then(|()| self.disk.canonicalize(path))
    }

    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        self.check(path).and_then(|()| self.disk.read_link(path))
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        self.check(path).and_then(|()| self.disk.read(path))
    }

    fn open(&self, path: &[u8]) -> Result<Box<dyn Read>, FileError> {
        self.check(path).and_then(|()| self.disk.open(path))
    }

    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        self.check(a).and_then(|()| self.check(b)).and_then(|()| self.disk.same_bytes(a, b))
    }
}
