//! A cache over another view of files that do not change, as the outputs in a store do not.

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::RandomState;

use super::{Entry, FileError, Files, Found};

type Cache<T> = RwLock<HashMap<Box<[u8]>, Result<T, FileError>, RandomState>>;

/// Remembers directories, kinds and resolved paths; contents are asked for anew each time.
///
/// Only for immutable files: what was not there once stays missing.
#[derive(Debug, Default)]
pub struct Remembered<F> {
    beneath: F,
    directories: Cache<Arc<[Entry]>>,
    found: Cache<Found>,
    real: Cache<Arc<[u8]>>,
}

impl<F: Files> Remembered<F> {
    pub fn new(beneath: F) -> Self {
        Self { beneath, directories: RwLock::default(), found: RwLock::default(), real: RwLock::default() }
    }
}

fn remember<T: Clone>(
    cache: &Cache<T>,
    path: &[u8],
    look: impl FnOnce() -> Result<T, FileError>,
) -> Result<T, FileError> {
    if let Some(known) = cache.read().unwrap_or_else(PoisonError::into_inner).get(path) {
        return known.clone();
    }
    let found = look();
    // A passing failure must not be remembered for ever.
    if !matches!(found, Err(FileError::Io(_) | FileError::Unknown)) {
        cache.write().unwrap_or_else(PoisonError::into_inner).insert(path.into(), found.clone());
    }
    found
}

impl<F: Files> Files for Remembered<F> {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        remember(&self.directories, dir, || self.beneath.read_dir(dir))
    }

    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        remember(&self.found, path, || self.beneath.find(path))
    }

    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        remember(&self.real, path, || self.beneath.canonicalize(path))
    }

    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        self.beneath.read_link(path)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        self.beneath.read(path)
    }

    fn open(&self, path: &[u8]) -> Result<Box<dyn Read>, FileError> {
        self.beneath.open(path)
    }

    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        self.beneath.same_bytes(a, b)
    }
}
