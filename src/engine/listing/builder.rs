//! A listing made from paths in any order.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Directory, DirectoryAt, Item, Listing, ListingError, check};
use crate::engine::{Entry, EntryKind, path};

/// Collects a listing; directories on the way to an entry are made by themselves. Without any entry the output is an
/// empty directory.
#[derive(Debug, Default)]
pub struct ListingBuilder {
    items: HashMap<Box<[u8]>, Building, RandomState>,
}

/// A directory's entries grow until the listing is finished.
#[derive(Debug)]
enum Building {
    Directory(Vec<Entry>),
    Leaf(Item),
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

    pub fn finish(mut self) -> Listing {
        let mut unsorted = match self.items.remove(&b""[..]) {
            None => vec![(Box::default(), Vec::new())],
            Some(Building::Directory(entries)) => vec![(Box::default(), entries)],
            Some(Building::Leaf(root)) => return Listing { root, directories: Box::default() },
        };
        let mut directories = Vec::new();
        while let Some((path, entries)) = unsorted.get_mut(directories.len()) {
            let (path, mut entries): (Box<[u8]>, _) = (std::mem::take(path), std::mem::take(entries));
            entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            let mut items = Vec::with_capacity(entries.len());
            for entry in &entries {
                let path = path::below(&path, &entry.name);
                items.push(match self.items.remove(&*path) {
                    Some(Building::Leaf(item)) => item,
                    Some(Building::Directory(entries)) => {
                        unsorted.push((path.into(), entries));
                        let at = DirectoryAt::try_from(unsorted.len() - 1);
                        Item::Directory(at.expect("fewer than 2³² directories"))
                    }
                    None => unreachable!("what was entered into a directory is there"),
                });
            }
            directories.push(Directory { entries: entries.into(), items: items.into() });
        }
        Listing { root: Item::Directory(0), directories: directories.into() }
    }

    fn leaf(&mut self, path: &[u8], kind: EntryKind, item: Item) -> Result<(), ListingError> {
        check(path)?;
        match self.items.get(path) {
            // The output itself.
            None if path.is_empty() => {}
            None => self.enter(path, kind)?,
            Some(Building::Directory(_)) => return Err(ListingError::NotADirectory { path: path.into() }),
            Some(Building::Leaf(_)) => return Err(ListingError::Twice { path: path.into() }),
        }
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
                None => missing.push(at),
            }
            if at.is_empty() {
                break;
            }
            at = path::parent(at);
        }
        for &directory in missing.iter().rev() {
            self.items.insert(directory.into(), Building::Directory(Vec::new()));
            if !directory.is_empty() {
                self.enter(directory, EntryKind::Directory)?;
            }
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
