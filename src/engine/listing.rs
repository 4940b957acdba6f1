//! The tree of one output, held in memory.
//!
//! A listing is what is known of an output without having it: names, kinds, sizes, link targets. It is immutable, as
//! outputs are.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::{Entry, EntryKind, path};
use crate::safe;

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
}

/// One thing in a listing.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Directory(Arc<[Entry]>),
    File { size: u64, executable: bool, content: Option<u64> },
    Text(Box<[u8]>),
    Symlink(Box<[u8]>),
}

/// The tree of one output. Paths are relative to the output's root, which itself is the empty path.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Planning looks up a path for every directory, which is why the standard hash is too slow.
    items: HashMap<Box<[u8]>, Item, RandomState>,
}

impl Listing {
    pub(super) fn item(&self, relative: &[u8]) -> Option<&Item> {
        self.items.get(relative)
    }

    /// Sum of the files' sizes in bytes, and the number of files; links count as files of no size.
    pub fn size(&self) -> (u64, u64) {
        self.items.values().fold((0, 0), |(bytes, files), item| match item {
            Item::Directory(_) => (bytes, files),
            Item::File { size, .. } => (bytes + size, files + 1),
            Item::Text(text) => (bytes + text.len() as u64, files + 1),
            Item::Symlink(_) => (bytes, files + 1),
        })
    }

    /// Every path that is no directory, in no particular order.
    pub fn files(&self) -> impl Iterator<Item = &[u8]> {
        self.items.iter().filter(|(_, item)| !matches!(item, Item::Directory(_))).map(|(path, _)| &**path)
    }
}

/// Collects a listing; directories on the way to an entry are made by themselves.
#[derive(Debug)]
pub struct ListingBuilder {
    items: HashMap<Box<[u8]>, Building>,
}

/// A directory's entries grow until the listing is finished.
#[derive(Debug)]
enum Building {
    Directory(Vec<Entry>),
    Leaf(Item),
}

impl Default for ListingBuilder {
    fn default() -> Self {
        Self { items: HashMap::from([(Box::default(), Building::Directory(Vec::new()))]) }
    }
}

impl ListingBuilder {
    pub fn new() -> Self {
        Self::default()
    }

    /// A directory; it may be listed before, after or without its entries.
    pub fn directory(&mut self, path: &[u8]) -> Result<(), ListingError> {
        check(path)?;
        self.make_directory(path)
    }

    /// A regular file of `size` bytes. Files with equal `content`, over all listings that are planned together, hold
    /// the same bytes, and files with different ones do not; `None` if that is not known.
    pub fn file(&mut self, path: &[u8], size: u64, executable: bool, content: Option<u64>) -> Result<(), ListingError> {
        self.leaf(path, EntryKind::File, Item::File { size, executable, content })
    }

    /// A regular file whose bytes are known, such as `nix-support/propagated-user-env-packages`.
    pub fn text(&mut self, path: &[u8], bytes: &[u8]) -> Result<(), ListingError> {
        self.leaf(path, EntryKind::File, Item::Text(bytes.into()))
    }

    pub fn symlink(&mut self, path: &[u8], target: &[u8]) -> Result<(), ListingError> {
        self.leaf(path, EntryKind::Symlink, Item::Symlink(target.into()))
    }

    pub fn finish(self) -> Listing {
        let items = self.items.into_iter().map(|(path, item)| match item {
            Building::Directory(mut entries) => {
                entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
                (path, Item::Directory(entries.into()))
            }
            Building::Leaf(item) => (path, item),
        });
        Listing { items: items.collect() }
    }

    fn leaf(&mut self, path: &[u8], kind: EntryKind, item: Item) -> Result<(), ListingError> {
        check(path)?;
        if path.is_empty() {
            return Err(ListingError::BadPath { path: path.into() });
        }
        if self.items.contains_key(path) {
            return Err(ListingError::Twice { path: path.into() });
        }
        self.enter(path, kind)?;
        self.items.insert(path.into(), Building::Leaf(item));
        Ok(())
    }

    fn make_directory(&mut self, path: &[u8]) -> Result<(), ListingError> {
        // Upwards to the first directory that is there, then it is entered into its parent.
        let mut missing = Vec::new();
        let mut at = path;
        loop {
            match self.items.get(at) {
                Some(Building::Directory(_)) => break,
                Some(Building::Leaf(_)) => return Err(ListingError::NotADirectory { path: at.into() }),
                None => {
                    missing.push(at);
                    at = path::parent(at);
                }
            }
        }
        for &directory in missing.iter().rev() {
            self.items.insert(directory.into(), Building::Directory(Vec::new()));
            self.enter(directory, EntryKind::Directory)?;
        }
        Ok(())
    }

    /// Adds the last component of `path` to the directory before it.
    fn enter(&mut self, path: &[u8], kind: EntryKind) -> Result<(), ListingError> {
        let parent = path::parent(path);
        if !self.items.contains_key(parent) {
            self.make_directory(parent)?;
        }
        match self.items.get_mut(parent) {
            Some(Building::Directory(entries)) => {
                entries.push(Entry { name: path::file_name(path).into(), kind });
                Ok(())
            }
            _ => Err(ListingError::NotADirectory { path: parent.into() }),
        }
    }
}

fn check(path: &[u8]) -> Result<(), ListingError> {
    if path.len() > MAX_PATH {
        return Err(ListingError::TooLong { start: path[..64].into() });
    }
    let bad = |part: &[u8]| part.is_empty() || part == b"." || part == b".." || part.contains(&0);
    if !path.is_empty() && path.split(|&byte| byte == b'/').any(bad) {
        return Err(ListingError::BadPath { path: path.into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_on_the_way_are_made_and_entries_sorted() {
        let mut builder = ListingBuilder::new();
        builder.file(b"share/man/b", 2, false, None).unwrap();
        builder.file(b"share/man/a", 1, false, None).unwrap();
        builder.directory(b"share").unwrap();
        builder.symlink(b"bin", b"share").unwrap();
        let listing = builder.finish();
        let Some(Item::Directory(entries)) = listing.item(b"share/man") else { panic!("no directory") };
        assert_eq!(entries.iter().map(|entry| &*entry.name).collect::<Vec<_>>(), [b"a", b"b"]);
        assert_eq!(listing.size(), (3, 3));
    }

    #[test]
    fn impossible_entries_are_refused_by_name() {
        let mut builder = ListingBuilder::new();
        builder.text(b"a", b"x").unwrap();
        for (path, wanted) in [
            (&b"a"[..], "listed twice"),
            (b"a/b", "directory and as something else"),
            (b"../x", "relative"),
            (b"x//y", "relative"),
            (b"/x", "relative"),
            (b"", "relative"),
        ] {
            let error = builder.file(path, 0, false, None).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
        let deep = b"d/".repeat(100_000);
        assert!(matches!(builder.directory(&deep), Err(ListingError::TooLong { .. })));
    }
}
