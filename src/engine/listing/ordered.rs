//! A listing made from its entries in order.

use std::sync::Arc;

use super::{Directory, DirectoryAt, Item, Listing, ListingError, MAX_PATH, is_name};
use crate::engine::{Entry, EntryKind};

/// Makes a listing whose root is a directory from what is in it in the order of [`Listing::walk`]. Nothing has to be looked
/// up or sorted, which is what makes it several times as fast as a [`ListingBuilder`](super::ListingBuilder).
#[derive(Debug)]
pub struct OrderedBuilder {
    /// Those that have ended; the place of one is taken when it begins.
    directories: Vec<Option<Directory>>,
    /// The directories on the way, the root first.
    open: Vec<Open>,
    /// Bytes of the path of the innermost.
    length: usize,
    /// Used again for the next directory.
    spare: Vec<Open>,
}

#[derive(Debug, Default)]
struct Open {
    at: DirectoryAt,
    entries: Vec<Entry>,
    items: Vec<Item>,
}

impl Default for OrderedBuilder {
    fn default() -> Self {
        Self { directories: vec![None], open: vec![Open::default()], length: 0, spare: Vec::new() }
    }
}

impl OrderedBuilder {
    pub fn new() -> Self {
        Self::default()
    }

    /// A directory begins in the one that is open; what follows is in it until it [ends](Self::end).
    pub fn begin(&mut self, name: &[u8]) -> Result<(), ListingError> {
        let at = DirectoryAt::try_from(self.directories.len()).map_err(|_| ListingError::Unbalanced)?;
        self.add(name, EntryKind::Directory, Item::Directory(at))?;
        self.directories.push(None);
        self.length += name.len() + 1;
        let spare = self.spare.pop().unwrap_or_default();
        self.open.push(Open { at, ..spare });
        Ok(())
    }

    /// The directory that began last ends.
    pub fn end(&mut self) -> Result<(), ListingError> {
        if self.open.len() < 2 {
            return Err(ListingError::Unbalanced);
        }
        self.close();
        let name = self.open.last().and_then(|open| open.entries.last()).map_or(0, |entry| entry.name.len());
        self.length -= name + 1;
        Ok(())
    }

    /// A regular file of `size` bytes.
    pub fn file(&mut self, name: &[u8], size: u64, executable: bool) -> Result<(), ListingError> {
        self.add(name, EntryKind::File, Item::File { size, executable, content: None })
    }

    /// A regular file whose bytes are known.
    pub fn text(&mut self, name: &[u8], bytes: &[u8]) -> Result<(), ListingError> {
        self.add(name, EntryKind::File, Item::Text(bytes.into()))
    }

    pub fn symlink(&mut self, name: &[u8], target: &[u8]) -> Result<(), ListingError> {
        self.add(name, EntryKind::Symlink, Item::Symlink(target.into()))
    }

    /// The listing; every directory but the root must have ended.
    pub fn finish(mut self) -> Result<Listing, ListingError> {
        if self.open.len() != 1 {
            return Err(ListingError::Unbalanced);
        }
        self.close();
        let directories = self.directories.into_iter().collect::<Option<_>>().ok_or(ListingError::Unbalanced)?;
        Ok(Listing { root: Item::Directory(0), directories })
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.pop() else { return };
        let entries: Arc<[Entry]> = open.entries.drain(..).collect();
        self.directories[open.at as usize] = Some(Directory { entries, items: open.items.drain(..).collect() });
        self.spare.push(open);
    }

    fn add(&mut self, name: &[u8], kind: EntryKind, item: Item) -> Result<(), ListingError> {
        if self.length + name.len() > MAX_PATH {
            return Err(ListingError::TooLong { start: name[..name.len().min(64)].into() });
        }
        if !is_name(name) {
            return Err(ListingError::BadPath { path: name.into() });
        }
        let open = self.open.last_mut().ok_or(ListingError::Unbalanced)?;
        if open.entries.last().is_some_and(|before| *before.name >= *name) {
            return Err(ListingError::OutOfOrder { name: name.into() });
        }
        open.entries.push(Entry { name: name.into(), kind });
        open.items.push(item);
        Ok(())
    }
}
