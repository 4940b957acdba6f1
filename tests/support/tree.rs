//! Trees of files: made on disk, made in memory, and read back for comparison.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use nix_loom::engine::{self, DirectoryId, EntryKind, FileError, Files, Found, Listing, ListingBuilder, Plan};

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Directory,
    File { bytes: Vec<u8>, executable: bool },
    Link(Vec<u8>),
}

/// Entries by their path below the root; the entry at the empty path is the root itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(pub BTreeMap<Vec<u8>, Node>);

impl Tree {
    /// Adds an entry and the directories on the way to it, unless its place is taken.
    pub fn insert(&mut self, path: &[u8], node: Node) {
        let ancestors = (0..path.len()).filter(|&at| path[at] == b'/').map(|at| &path[..at]);
        let above: Vec<&[u8]> = [b"".as_slice()].into_iter().chain(ancestors).filter(|dir| *dir != path).collect();
        if self.0.contains_key(path) || above.iter().any(|dir| self.0.get(*dir).is_some_and(|n| *n != Node::Directory))
        {
            return;
        }
        for dir in above {
            self.0.insert(dir.to_vec(), Node::Directory);
        }
        self.0.insert(path.to_vec(), node);
    }

    /// Makes the tree at `root`, with the modes that files have in a store.
    pub fn make(&self, root: &Path) {
        for (path, node) in &self.0 {
            let place = if path.is_empty() { root.to_owned() } else { root.join(OsStr::from_bytes(path)) };
            match node {
                Node::Directory => fs::create_dir(&place).unwrap(),
                Node::Link(target) => symlink(OsStr::from_bytes(target), &place).unwrap(),
                Node::File { bytes, executable } => {
                    fs::write(&place, bytes).unwrap();
                    let mode = if *executable { 0o555 } else { 0o444 };
                    fs::set_permissions(&place, fs::Permissions::from_mode(mode)).unwrap();
                }
            }
        }
    }

    /// Reads a tree from disk; permissions other than the owner's execute bit do not count.
    pub fn read(root: &Path) -> Self {
        let mut tree = Self::default();
        let mut waiting = vec![Vec::new()];
        while let Some(path) = waiting.pop() {
            let place = if path.is_empty() { root.to_owned() } else { root.join(OsStr::from_bytes(&path)) };
            let metadata = fs::symlink_metadata(&place).unwrap();
            let node = if metadata.is_symlink() {
                Node::Link(fs::read_link(&place).unwrap().into_os_string().as_bytes().to_vec())
            } else if metadata.is_dir() {
                for entry in fs::read_dir(&place).unwrap() {
                    waiting.push(join(&path, entry.unwrap().file_name().as_bytes()));
                }
                Node::Directory
            } else {
                let executable = metadata.permissions().mode() & 0o100 != 0;
                Node::File { bytes: fs::read(&place).unwrap(), executable }
            };
            tree.0.insert(path, node);
        }
        tree
    }

    /// What a plan would make.
    pub fn of_plan(plan: &Plan) -> Self {
        let mut tree = Self(BTreeMap::from([(Vec::new(), Node::Directory)]));
        let mut waiting = vec![(Vec::new(), DirectoryId::ROOT)];
        while let Some((dir, id)) = waiting.pop() {
            for (name, node) in &plan.directory(id).entries {
                let path = join(&dir, name);
                let node = match node {
                    engine::Node::Directory(id) => {
                        waiting.push((path.clone(), *id));
                        Node::Directory
                    }
                    engine::Node::Link(target) => Node::Link(target.to_vec()),
                    engine::Node::File(bytes) => Node::File { bytes: bytes.to_vec(), executable: false },
                };
                tree.0.insert(path, node);
            }
        }
        tree
    }

    /// The same tree as a listing; files with equal bytes get equal content ids from `contents`.
    pub fn listing(&self, contents: &mut BTreeMap<Vec<u8>, u64>) -> Listing {
        let mut builder = ListingBuilder::new();
        for (path, node) in &self.0 {
            match node {
                Node::Directory => builder.directory(path).unwrap(),
                Node::Link(target) => builder.symlink(path, target).unwrap(),
                Node::File { bytes, .. } if path.ends_with(b"propagated-user-env-packages") => {
                    builder.text(path, bytes).unwrap();
                }
                Node::File { bytes, executable } => {
                    let next = contents.len() as u64;
                    let id = *contents.entry(bytes.clone()).or_insert(next);
                    builder.file(path, bytes.len() as u64, *executable, Some(id)).unwrap();
                }
            }
        }
        builder.finish()
    }

    /// Directories and links, the root not counted.
    pub fn counts(&self) -> (usize, usize) {
        let directories = self.0.values().filter(|node| **node == Node::Directory).count();
        let links = self.0.values().filter(|node| matches!(node, Node::Link(_))).count();
        (directories.saturating_sub(1), links)
    }
}

/// `dir/name`, or `name` alone below the root.
pub fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    if dir.is_empty() { name.to_vec() } else { [dir, b"/", name].concat() }
}

/// A world with the directories that lead to `base`, which is empty, and without any file.
pub struct Nothing<'a> {
    pub base: &'a str,
}

impl Nothing<'_> {
    fn is_directory(&self, path: &[u8]) -> bool {
        let below = self.base.as_bytes().strip_prefix(path);
        path == b"/" || below.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    }
}

impl Files for Nothing<'_> {
    fn read_dir(&self, _: &[u8]) -> Result<Arc<[engine::Entry]>, FileError> {
        Err(FileError::NotFound)
    }
    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        if self.is_directory(path) {
            return Ok(Found { kind: EntryKind::Directory, mode: 0o555, size: 0 });
        }
        Err(FileError::NotFound)
    }
    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        let parent = path.iter().rposition(|&byte| byte == b'/').map_or(path, |at| &path[..at.max(1)]);
        if self.is_directory(path) || self.is_directory(parent) { Ok(path.into()) } else { Err(FileError::NotFound) }
    }
    fn read_link(&self, _: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        Err(FileError::NotFound)
    }
    fn read(&self, _: &[u8]) -> Result<Vec<u8>, FileError> {
        Err(FileError::NotFound)
    }
    fn same_bytes(&self, _: &[u8], _: &[u8]) -> Result<Option<bool>, FileError> {
        Err(FileError::NotFound)
    }
}
