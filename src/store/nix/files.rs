//! The files of a Nix store: as they are on disk where an output is here, else as its listing says, if one is known.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;

use crate::engine::{Disk, Entry, FileError, Files, Found, Listing, Listings, Remembered, Roots};
use crate::store::listing::Known;

/// So long an output that was not here is taken not to be here. One plan asks for it thousands of times.
const BELIEF: Duration = Duration::from_secs(1);

/// Remembers what it saw, because what is in a store does not change.
pub(super) struct NixFiles {
    files: Listings<Present, Outputs>,
}

/// What was seen of the outputs.
#[derive(Clone)]
struct Outputs(Arc<Seen>);

struct Seen {
    /// The store's directory with a slash at its end.
    store: Vec<u8>,
    known: Known,
    /// By name in the store.
    places: RwLock<HashMap<Box<[u8]>, Place, RandomState>>,
}

#[derive(Clone)]
enum Place {
    Here,
    /// Not here when it was looked for, which may change at any time.
    Away {
        looked: Instant,
        listing: Option<Arc<Listing>>,
    },
}

/// What is on disk; an output that is not here is unknown.
struct Present {
    outputs: Outputs,
    disk: Remembered<Disk>,
}

impl NixFiles {
    pub fn new(store: &Path, known: Known) -> Self {
        let store = [store.as_os_str().as_bytes(), b"/"].concat();
        let outputs = Outputs(Arc::new(Seen { store, known, places: RwLock::default() }));
        Self { files: Listings::over(Present { outputs: outputs.clone(), disk: Remembered::new(Disk) }, outputs) }
    }

    pub fn known(&self) -> &Known {
        &self.files.roots().0.known
    }

    /// Looks anew for what was not here, and for listings of it.
    pub fn look_again(&self) {
        let mut places = self.files.roots().0.places.write().unwrap_or_else(PoisonError::into_inner);
        places.retain(|_, place| matches!(place, Place::Here));
    }

    /// The listing of the output at `root`, if that is not here.
    pub fn listing(&self, root: &Path) -> Option<Arc<Listing>> {
        let path = root.as_os_str().as_bytes();
        let (length, listing) = self.files.roots().listing_of(path)?;
        (length == path.len()).then_some(listing)
    }
}

impl Outputs {
    /// Where the output is that holds `path`, and how many bytes of `path` are its root; `None` outside of the store.
    fn look(&self, path: &[u8]) -> Option<(usize, Place)> {
        let inside = path.strip_prefix(&*self.0.store)?;
        let name = &inside[..memchr::memchr(b'/', inside).unwrap_or(inside.len())];
        if matches!(name, b"" | b"." | b"..") {
            return None;
        }
        let length = self.0.store.len() + name.len();
        if let Some(place) = self.0.places.read().unwrap_or_else(PoisonError::into_inner).get(name)
            && !matches!(place, Place::Away { looked, .. } if looked.elapsed() > BELIEF)
        {
            return Some((length, place.clone()));
        }
        let root = &path[..length];
        let place = if is_there(root) {
            Place::Here
        } else {
            Place::Away { looked: Instant::now(), listing: self.0.known.get(root) }
        };
        self.0.places.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), place.clone());
        Some((length, place))
    }
}

impl Roots for Outputs {
    fn listing_of(&self, path: &[u8]) -> Option<(usize, Arc<Listing>)> {
        match self.look(path)? {
            (length, Place::Away { listing: Some(listing), .. }) => Some((length, listing)),
            _ => None,
        }
    }

    /// A store that nothing was put into yet may not be there itself.
    fn leads_to_a_root(&self, path: &[u8]) -> bool {
        let rest = self.0.store.strip_prefix(path);
        rest.is_some_and(|rest| rest.starts_with(b"/")) && !is_there(path)
    }
}

impl Present {
    /// Refuses what lies in an output that is not here.
    fn check(&self, path: &[u8]) -> Result<(), FileError> {
        match self.outputs.look(path) {
            Some((_, Place::Away { .. })) => Err(FileError::Unknown),
            Some((_, Place::Here)) | None => Ok(()),
        }
    }
}

fn is_there(path: &[u8]) -> bool {
    Path::new(OsStr::from_bytes(path)).symlink_metadata().is_ok()
}

impl Files for Present {
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

impl Files for NixFiles {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        self.files.read_dir(dir)
    }

    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        self.files.find(path)
    }

    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        self.files.canonicalize(path)
    }

    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        self.files.read_link(path)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        self.files.read(path)
    }

    fn open(&self, path: &[u8]) -> Result<Box<dyn Read>, FileError> {
        self.files.open(path)
    }

    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        self.files.same_bytes(a, b)
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
