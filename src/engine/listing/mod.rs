//! The tree of one output, held in memory.
//!
//! A listing is what is known of an output without having it: names, kinds, sizes, link targets. It is immutable, as
//! outputs are.

mod builder;
mod ordered;
mod walk;

use std::sync::Arc;

use super::{Entry, path};
use crate::safe;

pub use builder::ListingBuilder;
pub use ordered::OrderedBuilder;
pub use walk::{Listed, Walk};

/// Longest path that a listing may hold, in bytes: Linux' `PATH_MAX`, so what can be planned can also be made.
pub const MAX_PATH: usize = 4096;

/// What is wrong with an entry of a listing. Paths are relative to the output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    #[error(
        "{}: a path in a listing is relative, without empty, `.` or `..` components and without NUL",
        safe::bytes(path)
    )]
    BadPath { path: Box<[u8]> },
    #[error("{}…: longer than {MAX_PATH} bytes", safe::bytes(start))]
    TooLong { start: Box<[u8]> },
    #[error("{}: listed twice", safe::bytes(path))]
    Twice { path: Box<[u8]> },
    #[error("{}: listed as a directory and as something else", safe::bytes(path))]
    NotADirectory { path: Box<[u8]> },
    #[error("{}: not in its order, or listed twice", safe::bytes(name))]
    OutOfOrder { name: Box<[u8]> },
    #[error("a directory ends that has not begun, or does not end")]
    Unbalanced,
}

/// One thing in a listing.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Directory(DirectoryAt),
    File { size: u64, executable: bool, content: Option<u64> },
    Text(Arc<[u8]>),
    Symlink(Arc<[u8]>),
}

/// Which directory of a listing.
pub(super) type DirectoryAt = u32;

/// A directory and what its entries are.
#[derive(Clone, Debug)]
struct Directory {
    /// Sorted by name.
    entries: Arc<[Entry]>,
    /// One for each entry.
    items: Box<[Item]>,
}

/// The tree of one output. Paths are relative to the output's root, which itself is the empty path. An output may also be
/// one file or one symlink.
#[derive(Clone, Debug)]
pub struct Listing {
    root: Item,
    /// A tree of numbers instead of boxes, so that no depth can exhaust the stack.
    directories: Box<[Directory]>,
}

impl Listing {
    pub(super) fn root(&self) -> &Item {
        &self.root
    }

    /// What is in a directory, sorted by name.
    pub(super) fn entries(&self, directory: DirectoryAt) -> &Arc<[Entry]> {
        &self.directories[directory as usize].entries
    }

    /// What is called `name` in a directory.
    pub(super) fn child(&self, directory: DirectoryAt, name: &[u8]) -> Option<&Item> {
        let Directory { entries, items } = &self.directories[directory as usize];
        let at = entries.binary_search_by(|entry| (*entry.name).cmp(name)).ok()?;
        Some(&items[at])
    }

    /// What is at a path; no link is followed.
    pub(super) fn item(&self, relative: &[u8]) -> Option<&Item> {
        path::components(relative).try_fold(&self.root, |item, name| match item {
            Item::Directory(directory) => self.child(*directory, name),
            _ => None,
        })
    }

    /// Sum of the files' sizes in bytes, and the number of files; links count as files of no size.
    pub fn size(&self) -> (u64, u64) {
        let items = self.directories.iter().flat_map(|directory| &directory.items).chain([&self.root]);
        items.fold((0, 0), |(bytes, files), item| match item {
            Item::Directory(_) => (bytes, files),
            Item::File { size, .. } => (bytes.saturating_add(*size), files + 1),
            Item::Text(text) => (bytes.saturating_add(text.len() as u64), files + 1),
            Item::Symlink(_) => (bytes, files + 1),
        })
    }

    /// Everything in it with its path: a directory before what is in it, and what is in it by name.
    pub fn walk(&self) -> Walk<'_> {
        Walk::new(self)
    }

    /// Every path that is no directory, in the order of [`Listing::walk`].
    pub fn files(&self) -> impl Iterator<Item = Vec<u8>> {
        self.walk().filter(|(_, listed)| *listed != Listed::Directory).map(|(path, _)| path)
    }

    /// Where its symlinks lead that lead out of it, if it lies at the absolute path `root`: absolute paths without `..`,
    /// in no order, perhaps twice.
    ///
    /// Other links on the way are not followed, so a `..` after one of them is taken as if it were a directory.
    pub fn links_out(&self, root: &[u8]) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        let mut look = |directory: &[u8], target: &[u8]| {
            let target = path::without_dots(&path::resolve(directory, target));
            if !path::starts_with(&target, root) {
                out.push(target);
            }
        };
        let mut waiting = Vec::new();
        match &self.root {
            Item::Directory(directory) => waiting.push((*directory, root.to_vec())),
            Item::Symlink(target) => look(path::parent(root), target),
            Item::File { .. } | Item::Text(_) => {}
        }
        while let Some((directory, path)) = waiting.pop() {
            let Directory { entries, items } = &self.directories[directory as usize];
            for (entry, item) in entries.iter().zip(items) {
                match item {
                    Item::Directory(directory) => waiting.push((*directory, path::join(&path, &entry.name))),
                    Item::Symlink(target) => look(&path, target),
                    Item::File { .. } | Item::Text(_) => {}
                }
            }
        }
        out
    }
}

fn check(path: &[u8]) -> Result<(), ListingError> {
    if path.len() > MAX_PATH {
        return Err(ListingError::TooLong { start: path[..64].into() });
    }
    if !path.is_empty() && !path.split(|&byte| byte == b'/').all(is_name) {
        return Err(ListingError::BadPath { path: path.into() });
    }
    Ok(())
}

fn is_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && memchr::memchr2(0, b'/', name).is_none()
}

#[cfg(test)]
mod tests;
