//! Going through a listing in order.

use super::{DirectoryAt, Item, Listing, path};

/// What a path of a listing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed<'a> {
    Directory,
    File {
        size: u64,
        executable: bool,
    },
    /// A file whose bytes are known.
    Text(&'a [u8]),
    /// A symlink and its target.
    Symlink(&'a [u8]),
}

/// Goes through a listing: its root first, under the empty path; see [`Listing::walk`].
#[derive(Debug)]
pub struct Walk<'a> {
    listing: &'a Listing,
    is_begun: bool,
    /// The directories on the way, each with the number of its entries that were given and the length of its path.
    open: Vec<(DirectoryAt, usize, usize)>,
    /// Of the innermost directory; what it is longer than that is the rest of what was given last.
    path: Vec<u8>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(listing: &'a Listing) -> Self {
        Self { listing, is_begun: false, open: Vec::new(), path: Vec::new() }
    }

    fn give(&mut self, item: &'a Item) -> (Vec<u8>, Listed<'a>) {
        let listed = match item {
            Item::Directory(directory) => {
                self.open.push((*directory, 0, self.path.len()));
                Listed::Directory
            }
            Item::File { size, executable, .. } => Listed::File { size: *size, executable: *executable },
            Item::Text(text) => Listed::Text(text),
            Item::Symlink(target) => Listed::Symlink(target),
        };
        (self.path.clone(), listed)
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (Vec<u8>, Listed<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if !std::mem::replace(&mut self.is_begun, true) {
            return Some(self.give(&self.listing.root));
        }
        while let Some((directory, given, length)) = self.open.last_mut() {
            let directory = &self.listing.directories[*directory as usize];
            let Some(item) = directory.items.get(*given) else {
                self.open.pop();
                continue;
            };
            self.path.truncate(*length);
            self.path = path::below(&self.path, &directory.entries[*given].name);
            *given += 1;
            return Some(self.give(item));
        }
        None
    }
}
