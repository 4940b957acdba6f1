//! The files of a store's outputs, whether they are in the store or not.
//!
//! An output of a known set is seen through its listing even if it is in the store: its path follows from what the
//! listing says and its tree was made from it, so both say the same, and the listing also knows which contents are
//! equal without reading them. All else (environments, and outputs of sets that are no longer open) is seen on disk.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::{Disk, Entry, FileError, Files, Found, Listing, Listings};

/// A [`Files`] over listings and the disk.
pub struct StoreFiles {
    listings: Listings<Disk>,
    /// Outputs that are copied from somewhere: their paths, and where the files can be read until then.
    originals: Vec<(PathBuf, PathBuf)>,
}

impl StoreFiles {
    /// For each output its path, its listing, and the directory it is copied from, if any.
    pub fn new<'a>(outputs: impl Iterator<Item = (&'a Path, Arc<Listing>, Option<PathBuf>)>) -> Self {
        let mut listings = Listings::new(Disk);
        let mut originals = Vec::new();
        for (path, listing, original) in outputs {
            listings.insert(path.as_os_str().as_bytes(), listing);
            originals.extend(original.map(|original| (path.to_path_buf(), original)));
        }
        originals.sort_unstable();
        Self { listings, originals }
    }

    /// Where the bytes of the file at `path` can be read now: in the store, or where the output would be copied from.
    fn readable(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        let real = PathBuf::from(OsString::from_vec(self.listings.canonicalize(path)?.to_vec()));
        if real.symlink_metadata().is_ok() {
            return Ok(Some(real.into_os_string().into_vec()));
        }
        let before = self.originals.partition_point(|(output, _)| *output <= real);
        let copied_from = self.originals[..before].last().and_then(|(output, original)| {
            Some(original.join(real.strip_prefix(output).ok()?).into_os_string().into_vec())
        });
        Ok(copied_from)
    }
}

impl Files for StoreFiles {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        self.listings.read_dir(dir)
    }

    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        self.listings.find(path)
    }

    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        self.listings.canonicalize(path)
    }

    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        self.listings.read_link(path)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        match self.listings.read(path) {
            Err(FileError::Unknown) => Disk.read(&self.readable(path)?.ok_or(FileError::Unknown)?),
            result => result,
        }
    }

    fn open(&self, path: &[u8]) -> Result<Box<dyn Read>, FileError> {
        match self.listings.open(path) {
            Err(FileError::Unknown) => Disk.open(&self.readable(path)?.ok_or(FileError::Unknown)?),
            result => result,
        }
    }

    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        if let Some(known) = self.listings.same_bytes(a, b)? {
            return Ok(Some(known));
        }
        match (self.readable(a)?, self.readable(b)?) {
            (Some(a), Some(b)) => Disk.same_bytes(&a, &b),
            _ => Ok(None),
        }
    }
}
