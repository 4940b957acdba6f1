//! Where files come from: the trait [`Files`].
//!
//! Planning works through it on directories on disk and on listings in memory alike.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

/// Most symlinks followed while one path is resolved, as in Linux.
pub const MAX_LINKS: usize = 40;

/// What an entry of a directory is, without following links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    Directory,
    File,
    Symlink,
    /// A device, socket or pipe.
    Other,
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Shared with the plans that link it.
    pub name: Arc<[u8]>,
    pub kind: EntryKind,
}

/// What a path leads to when every link is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Never [`EntryKind::Symlink`].
    pub kind: EntryKind,
    /// Permission bits (`0o7777`).
    pub mode: u32,
    /// Bytes; 0 for directories.
    pub size: u64,
}

/// Why a path could not be looked at.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing there, or a link that leads to nothing.
    #[error("no such file or directory")]
    NotFound,
    /// More than [`MAX_LINKS`] links on the way.
    #[error("too many levels of symbolic links")]
    Loop,
    #[error("not a directory")]
    NotADirectory,
    /// The package is not here and no listing of it could be had: nothing can be said about its files.
    #[error("its files are not known until it is fetched")]
    Unknown,
    #[error("{0}")]
    Io(Arc<io::Error>),
}

/// A view of files. Every path is absolute.
pub trait Files: Sync {
    /// The entries of the directory `dir` (links in `dir` itself are followed), without `.` and `..`, in any order.
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError>;

    /// What `path` leads to, every link followed.
    fn find(&self, path: &[u8]) -> Result<Found, FileError>;

    /// `path` with every link resolved. The last component may be missing; nothing before it may.
    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError>;

    /// Where the link at `path` points, or `None` if it is no link.
    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError>;

    /// The content of the file at `path`.
    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError>;

    /// The same, to be read piece by piece: of a large file, what is in memory is what the reader keeps. A pipe or a
    /// device is an error.
    fn open(&self, path: &[u8]) -> Result<Box<dyn Read>, FileError> {
        Ok(Box::new(Cursor::new(self.read(path)?)))
    }

    /// Whether two files hold the same bytes; `None` if that cannot be told: they would have to
    /// be fetched, or one is a pipe or device.
    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError>;
}

impl<F: Files + ?Sized> Files for &F {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        (**self).read_dir(dir)
    }

    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        (**self).find(path)
    }

    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        (**self).canonicalize(path)
    }

    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        (**self).read_link(path)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        (**self).read(path)
    }

    fn open(&self, path: &[u8]) -> Result<Box<dyn Read>, FileError> {
        (**self).open(path)
    }

    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        (**self).same_bytes(a, b)
    }
}
