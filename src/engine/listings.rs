//! Many listings, each at its place, over another view of files for everything else.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::files::MAX_LINKS;
use super::listing::Item;
use super::{Entry, EntryKind, FileError, Files, Found, Listing, path};

/// Which listings there are, at which absolute roots. A root lies in no other one.
pub trait Roots: Sync {
    /// The listing of what `path` lies in or is, and how many bytes of `path` are its root.
    fn listing_of(&self, path: &[u8]) -> Option<(usize, Arc<Listing>)>;

    /// Whether `path`, which lies in no listing, is to be taken as it is although nothing is there: roots lie in it.
    fn leads_to_a_root(&self, path: &[u8]) -> bool;
}

/// Listings that were put at their roots.
#[derive(Debug, Default)]
pub struct Inserted {
    roots: HashMap<Box<[u8]>, Arc<Listing>, RandomState>,
    /// How many components the roots have, so that a path's root is found without trying every prefix.
    depths: BTreeSet<usize>,
}

impl Roots for Inserted {
    fn listing_of(&self, path: &[u8]) -> Option<(usize, Arc<Listing>)> {
        self.depths.iter().find_map(|&depth| {
            let end = prefix_length(path, depth)?;
            Some((end, self.roots.get(&path[..end])?.clone()))
        })
    }

    fn leads_to_a_root(&self, path: &[u8]) -> bool {
        self.roots.keys().any(|root| path::starts_with(root, path))
    }
}

/// Listings at absolute roots; what lies under no listed root is asked of `beneath`.
///
/// The way to a root must be free of links (as that to a store path is). A link in a listing may lead into another listing
/// or out to `beneath`; a link from `beneath` into a listing is not followed.
#[derive(Debug)]
pub struct Listings<F, R = Inserted> {
    beneath: F,
    roots: R,
}

/// Where a path leads: into a listing (its item), or out of all of them.
enum Place {
    Listed { real: Vec<u8>, listing: Arc<Listing>, item: Item },
    Missing { real: Vec<u8> },
    Beneath(Vec<u8>),
}

impl<F: Files> Listings<F> {
    pub fn new(beneath: F) -> Self {
        Self::over(beneath, Inserted::default())
    }

    /// Puts `listing` at the absolute path `root`, in place of what was there.
    pub fn insert(&mut self, root: &[u8], listing: Arc<Listing>) {
        self.roots.depths.insert(path::components(root).count());
        self.roots.roots.insert(root.into(), listing);
    }
}

impl<F: Files, R: Roots> Listings<F, R> {
    pub fn over(beneath: F, roots: R) -> Self {
        Self { beneath, roots }
    }

    pub fn roots(&self) -> &R {
        &self.roots
    }

    /// Follows `path` link by link. Terminates because links are counted.
    fn walk(&self, path: &[u8]) -> Result<Place, FileError> {
        let mut pending = path.to_vec();
        let mut links = 0;
        let mut must_be_directory = asks_for_directory(path);
        'restart: loop {
            // One slash between components, as the roots have it; `..` stays, for it depends on links.
            pending = append(Vec::with_capacity(pending.len()), path::components(&pending));
            let Some((root_length, listing)) = self.roots.listing_of(&pending) else {
                return Ok(Place::Beneath(pending));
            };
            let (root, relative) = pending.split_at(root_length);
            let mut real = root.to_vec();
            let mut parts = path::components(relative);
            let mut item = listing.root();
            loop {
                if let Item::Symlink(target) = item {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(FileError::Loop);
                    }
                    must_be_directory |= asks_for_directory(target) && parts.clone().next().is_none();
                    pending = append(path::resolve(path::parent(&real), target), parts);
                    continue 'restart;
                }
                let Some(part) = parts.next() else { break };
                let Item::Directory(directory) = item else { return Err(FileError::NotADirectory) };
                if part == b".." {
                    // `real` is free of links, so its parent is the parent; it may lie outside the listing.
                    real.truncate(path::parent(&real).len());
                    pending = append(real, parts);
                    continue 'restart;
                }
                real.push(b'/');
                real.extend_from_slice(part);
                match listing.child(*directory, part) {
                    Some(child) => item = child,
                    None if parts.next().is_none() && !must_be_directory => return Ok(Place::Missing { real }),
                    None => return Err(FileError::NotFound),
                }
            }
            if must_be_directory && !matches!(item, Item::Directory(_)) {
                return Err(FileError::NotADirectory);
            }
            let item = item.clone();
            return Ok(Place::Listed { real, listing, item });
        }
    }
}

/// Whether a path that leads to anything but a directory is an error.
fn asks_for_directory(path: &[u8]) -> bool {
    path.ends_with(b"/") || path.ends_with(b"/.")
}

/// Length of the first `depth` components of an absolute path, or `None` if it has fewer.
fn prefix_length(path: &[u8], depth: usize) -> Option<usize> {
    let mut slashes = memchr::memchr_iter(b'/', path);
    slashes.nth(depth - 1)?;
    Some(slashes.next().unwrap_or(path.len()))
}

fn append<'a>(mut path: Vec<u8>, rest: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    for part in rest {
        path.push(b'/');
        path.extend_from_slice(part);
    }
    path
}

impl<F: Files, R: Roots> Files for Listings<F, R> {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        // The usual case, a path without links, costs one look-up.
        if let Some((root_length, listing)) = self.roots.listing_of(dir)
            && let Some(Item::Directory(directory)) = listing.item(&dir[root_length..])
        {
            return Ok(listing.entries(*directory).clone());
        }
        match self.walk(dir)? {
            Place::Listed { listing, item: Item::Directory(directory), .. } => Ok(listing.entries(directory).clone()),
            Place::Listed { .. } => Err(FileError::NotADirectory),
            Place::Missing { .. } => Err(FileError::NotFound),
            Place::Beneath(path) => self.beneath.read_dir(&path),
        }
    }

    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        let item = match self.walk(path)? {
            Place::Listed { item, .. } => item,
            Place::Missing { .. } => return Err(FileError::NotFound),
            Place::Beneath(path) => return self.beneath.find(&path),
        };
        Ok(match item {
            Item::Directory(_) => Found { kind: EntryKind::Directory, mode: 0o555, size: 0 },
            Item::File { size, executable, .. } => {
                Found { kind: EntryKind::File, mode: if executable { 0o555 } else { 0o444 }, size }
            }
            Item::Text(text) => Found { kind: EntryKind::File, mode: 0o444, size: text.len() as u64 },
            Item::Symlink(_) => return Err(FileError::Loop), // walk() follows every link
        })
    }

    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        match self.walk(path)? {
            Place::Listed { real, .. } | Place::Missing { real } => Ok(real.into()),
            // On the way to a root there are no links either, and the way need not exist beneath.
            Place::Beneath(path) if self.roots.leads_to_a_root(&path) => Ok(path.into()),
            Place::Beneath(path) => self.beneath.canonicalize(&path),
        }
    }

    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        // Links before the last component are followed, the last one is not. To a root there are none.
        let is_root = |(root_length, _): &(usize, _)| *root_length == path.len();
        let path = match self.roots.listing_of(path) {
            Some(found) if is_root(&found) => path.to_vec(),
            _ => path::join(&self.canonicalize(path::parent(path))?, path::file_name(path)),
        };
        match self.roots.listing_of(&path) {
            Some((root_length, listing)) => match listing.item(&path[root_length..]) {
                Some(Item::Symlink(target)) => Ok(Some(target.to_vec())),
                Some(_) => Ok(None),
                None => Err(FileError::NotFound),
            },
            None => self.beneath.read_link(&path),
        }
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        match self.walk(path)? {
            Place::Listed { item: Item::Text(text), .. } => Ok(text.to_vec()),
            Place::Listed { item: Item::Directory(_), .. } => Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
            Place::Listed { .. } => Err(FileError::Unknown),
            Place::Missing { .. } => Err(FileError::NotFound),
            Place::Beneath(path) => self.beneath.read(&path),
        }
    }

    fn open(&self, path: &[u8]) -> Result<Box<dyn Read>, FileError> {
        match self.walk(path)? {
            Place::Beneath(path) => self.beneath.open(&path),
            _ => Ok(Box::new(io::Cursor::new(self.read(path)?))),
        }
    }

    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        if self.find(a)?.size != self.find(b)?.size {
            return Ok(Some(false));
        }
        Ok(match (self.walk(a)?, self.walk(b)?) {
            (Place::Beneath(a), Place::Beneath(b)) => return self.beneath.same_bytes(&a, &b),
            (Place::Listed { real: a, item: first, .. }, Place::Listed { real: b, item: second, .. }) => {
                match (first, second) {
                    _ if a == b => Some(true),
                    (Item::File { content: Some(a), .. }, Item::File { content: Some(b), .. }) => Some(a == b),
                    (Item::Text(a), Item::Text(b)) => Some(a == b),
                    _ => None,
                }
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Disk, ListingBuilder};

    #[test]
    fn a_link_with_a_slash_at_its_end_leads_to_directories_only() {
        let mut builder = ListingBuilder::new();
        builder.file(b"lib/file", 1, false, None).unwrap();
        for (name, target) in [("dir", "lib/"), ("file", "lib/file/"), ("dot", "lib/file/."), ("gone", "nothing/")] {
            builder.symlink(name.as_bytes(), target.as_bytes()).unwrap();
        }
        let mut listings = Listings::new(Disk);
        listings.insert(b"/listed/a", Arc::new(builder.finish()));
        assert_eq!(listings.find(b"/listed/a/dir").unwrap().kind, EntryKind::Directory);
        for path in [&b"/listed/a/file"[..], b"/listed/a/dot", b"/listed/a/lib/file/"] {
            assert!(matches!(listings.find(path), Err(FileError::NotADirectory)), "{path:?}");
        }
        assert!(listings.canonicalize(b"/listed/a/gone").is_err());
        assert_eq!(&*listings.canonicalize(b"/listed/a/lib/nothing").unwrap(), b"/listed/a/lib/nothing");
    }

    #[test]
    fn a_link_to_the_root_of_another_listing_leads_there() {
        let mut listings = Listings::new(Disk);
        let mut builder = ListingBuilder::new();
        builder.symlink(b"bin/other", b"/listed//b").unwrap();
        builder.symlink(b"bin/beside", b"../../b/x").unwrap();
        listings.insert(b"/listed/a", Arc::new(builder.finish()));
        let mut builder = ListingBuilder::new();
        builder.text(b"x", b"text").unwrap();
        listings.insert(b"/listed/b", Arc::new(builder.finish()));
        assert_eq!(&*listings.canonicalize(b"/listed/a/bin/other").unwrap(), b"/listed/b");
        assert_eq!(listings.read(b"/listed/a/bin/beside").unwrap(), b"text");
        assert_eq!(listings.read_dir(b"/listed/a/bin/other/.").unwrap().len(), 1);
    }
}
