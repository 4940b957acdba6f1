//! What arrives at a name of the environment: entries of the directories that packages contribute.

use std::sync::Arc;

use super::root::{Origin, Root};
use crate::engine::unknown::edge;
use crate::engine::{Entry, EntryKind, FileError, Files, PlanError, path};

/// A package's directory that is merged into one of the environment.
#[derive(Clone, Debug)]
pub(super) struct Contribution {
    /// Position of its root among those that take part.
    pub root: u32,
    /// Its path, as links to what is in it will name it.
    pub dir: Arc<[u8]>,
    /// The same with every link resolved; the same allocation where there was none.
    pub real: Arc<[u8]>,
    /// What is in it, if it was read already.
    pub entries: Option<Arc<[Entry]>>,
}

/// What is at a name so far.
#[derive(Clone, Copy)]
pub(super) enum Occupant<'a> {
    Nothing,
    Link(&'a Arrival<'a>),
    Merged,
}

/// An entry of a contribution, on its way to its name in the environment.
pub(super) struct Arrival<'a> {
    pub root: &'a Root,
    pub contribution: &'a Contribution,
    pub name: &'a Arc<[u8]>,
    pub kind: EntryKind,
    pub leads_to: LeadsTo,
}

/// What an entry is when links are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LeadsTo {
    Directory,
    File,
    Nothing,
}

impl Arrival<'_> {
    /// Its path in its package.
    pub fn source(&self) -> Vec<u8> {
        path::join(&self.contribution.dir, self.name)
    }

    pub fn priority(&self) -> i64 {
        self.root.priority
    }

    pub fn is_directory(&self) -> bool {
        self.leads_to == LeadsTo::Directory
    }

    pub fn is_dangling(&self) -> bool {
        self.leads_to == LeadsTo::Nothing
    }

    pub fn is_symlink(&self) -> bool {
        self.kind == EntryKind::Symlink
    }

    pub fn is_propagated(&self) -> bool {
        self.root.origin == Origin::Propagated
    }

    /// Its path with every link resolved, as far as that is known; `None` where a link on the way leads nowhere.
    pub fn real(&self, files: &dyn Files) -> Result<Option<Arc<[u8]>>, PlanError> {
        if !self.is_symlink() {
            return Ok(Some(path::join_shared(&self.contribution.real, self.name)));
        }
        match files.canonicalize(&self.source()) {
            Ok(real) => Ok(Some(real)),
            Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop) => Ok(None),
            Err(FileError::Unknown) => Ok(Some(edge(files, &self.source()).path)),
            Err(source) => Err(self.failed(source)),
        }
    }

    /// Permission bits of what it leads to.
    pub fn mode(&self, files: &dyn Files) -> Result<u32, PlanError> {
        files.find(&self.source()).map(|found| found.mode).map_err(|source| self.failed(source))
    }

    /// Its path with every link resolved, if that does not lie in its package.
    pub fn outside(&self, files: &dyn Files) -> Result<Option<Arc<[u8]>>, PlanError> {
        let is_own = |real: &[u8]| path::starts_with(real, &self.root.real);
        if !self.is_symlink() && is_own(&self.contribution.real) {
            return Ok(None);
        }
        Ok(self.real(files)?.filter(|real| !is_own(real)))
    }

    /// Whether it and `other` hold the same bytes; `None` where that cannot be told without fetching them, or for what
    /// holds none.
    pub fn same_bytes(&self, other: &Self, files: &dyn Files) -> Result<Option<bool>, PlanError> {
        match files.same_bytes(&self.source(), &other.source()) {
            Err(FileError::Unknown) => Ok(None),
            result => result.map_err(|source| self.failed(source)),
        }
    }

    /// Whether it leads to a regular file.
    pub fn is_regular(&self, files: &dyn Files) -> bool {
        files.find(&self.source()).is_ok_and(|found| found.kind == EntryKind::File)
    }

    pub fn failed(&self, source: FileError) -> PlanError {
        PlanError::File { path: self.source().into(), source }
    }

    /// The directory that it leads to, to be merged; `resolved`: by its path with every link resolved.
    pub fn as_contribution(&self, real: Arc<[u8]>, resolved: bool) -> Contribution {
        let is_real = !self.is_symlink() && Arc::ptr_eq(&self.contribution.dir, &self.contribution.real);
        let dir = if resolved || is_real { real.clone() } else { self.source().into() };
        Contribution { root: self.contribution.root, dir, real, entries: None }
    }
}
