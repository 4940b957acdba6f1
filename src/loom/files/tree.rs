//! A tree of files as one flat structure: 100,000 files are a few megabytes, and are handed over without being copied.
//!
//! The nodes stand in the order of a walk, what is in a directory by name (bytewise, as `ls` has it in the C locale), so
//! what is below a node is the stretch of nodes that follows it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::engine::{Collision, EntryKind, Found, join};

/// Position of a node in its tree.
pub type NodeId = u32;

/// No node, no owner, no place.
pub(super) const NONE: u32 = u32::MAX;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A directory, also one that the profile links as a whole.
    Directory,
    File,
    /// A symlink in a package. What the profile links is what the link leads to.
    Symlink,
    /// A device, socket or pipe.
    Other,
    /// An output, or something in it, of which nothing is known until it is fetched.
    Unknown,
    /// It is there, but cannot be looked at.
    Unreadable,
    /// Several want the path and nobody gets it: the collision blocks.
    Contested,
}

/// An output that provides files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The element's name, or the attribute; of what is propagated, its name in the store.
    pub package: Arc<str>,
    pub output: Arc<str>,
    /// Empty if it has none or it is not known.
    pub version: Arc<str>,
    /// `None` where nothing is decided by it.
    pub priority: Option<i64>,
    /// Where the output is; empty if that is not known.
    pub path: Box<[u8]>,
    /// The package that asked for it, if it is not in the profile by itself.
    pub propagated_by: Option<Arc<str>>,
}

/// A symlink in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLink {
    /// As written.
    pub target: Box<[u8]>,
    /// Where it ends once every link is followed, and what is there; `None` if that is nowhere, or not known.
    pub end: Option<(Box<[u8]>, EntryKind)>,
    /// Whether that is nowhere.
    pub is_dangling: bool,
}

/// A path that more than one package wants.
pub type Contest = Collision;

/// One node.
#[derive(Clone, Copy, Debug)]
pub struct FileNode {
    name_start: u32,
    name_length: u16,
    pub kind: NodeKind,
    /// Permission bits (`0o7777`); 0 where they are not known.
    pub mode: u16,
    pub depth: u16,
    parent: NodeId,
    /// The first node behind all that is below this one.
    end: NodeId,
    /// Bytes; `None` for what is no file.
    pub size: Option<u64>,
    owner: u32,
    /// Where the profile's link leads, if it is one.
    place: u32,
}

/// How much is below a node, itself included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All that is no directory.
    pub files: usize,
    /// Bytes of files; what a link leads to does not count.
    pub bytes: u64,
    /// Paths that more than one package wants.
    pub contested: usize,
}

/// All files of a profile, or of some outputs.
#[derive(Debug, Default)]
pub struct FileTree {
    nodes: Vec<FileNode>,
    names: Vec<u8>,
    owners: Vec<Owner>,
    /// Directories to which links lead, and whole targets.
    places: Vec<Arc<[u8]>>,
    links: HashMap<NodeId, FileLink>,
    contests: HashMap<NodeId, Contest>,
    /// The owners of what is below a directory that several share.
    shared: HashMap<NodeId, Box<[u32]>>,
    /// Sums over all nodes before each.
    before: Vec<Totals>,
    /// Whether the topmost nodes are outputs instead of what is in a profile.
    is_of_outputs: bool,
}

impl FileTree {
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether the topmost nodes are outputs, and so no part of a path in the profile.
    pub fn is_of_outputs(&self) -> bool {
        self.is_of_outputs
    }

    pub fn node(&self, at: NodeId) -> Option<&FileNode> {
        self.nodes.get(at as usize)
    }

    pub fn name(&self, at: NodeId) -> &[u8] {
        self.node(at).map_or(&[], |node| {
            let start = node.name_start as usize;
            &self.names[start..start + usize::from(node.name_length)]
        })
    }

    pub fn parent(&self, at: NodeId) -> Option<NodeId> {
        self.node(at).map(|node| node.parent).filter(|&parent| parent != NONE)
    }

    /// The nodes below a node.
    pub fn below(&self, at: NodeId) -> Range<NodeId> {
        self.node(at).map_or(0..0, |node| at + 1..node.end)
    }

    /// What is in a directory; `None` gives the topmost nodes.
    pub fn children(&self, of: Option<NodeId>) -> impl Iterator<Item = NodeId> + '_ {
        let mut left = of.map_or(0..number(self.nodes.len()), |at| self.below(at));
        std::iter::from_fn(move || {
            let child = left.start;
            let node = self.nodes.get(child as usize).filter(|_| child < left.end)?;
            left.start = node.end;
            Some(child)
        })
    }

    /// The path below the profile, or below the output's name; of an output that is not known, where that is.
    pub fn path(&self, at: NodeId) -> Vec<u8> {
        let mut names: Vec<&[u8]> = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            names.push(self.name(at));
            next = self.parent(at);
        }
        names.reverse();
        names.join(&b'/')
    }

    /// The path that a file has in the profile if it is shown there; empty for an output itself.
    pub fn path_in_profile(&self, at: NodeId) -> Vec<u8> {
        let path = self.path(at);
        if !self.is_of_outputs {
            return path;
        }
        memchr::memchr(b'/', &path).map_or_else(Vec::new, |slash| path[slash + 1..].to_vec())
    }

    /// The file or directory in a package that a node is; `None` for the profile's own directories and for what nobody
    /// has.
    pub fn source(&self, at: NodeId) -> Option<Vec<u8>> {
        let mut names: Vec<&[u8]> = Vec::new();
        let mut at = at;
        loop {
            let node = self.node(at)?;
            if node.place != NONE {
                let place = self.places[node.place as usize].to_vec();
                return Some(names.iter().rev().fold(place, |path, name| join(&path, name)));
            }
            names.push(self.name(at));
            at = self.parent(at)?;
        }
    }

    pub fn owner(&self, at: NodeId) -> Option<&Owner> {
        self.owners.get(self.node(at)?.owner as usize)
    }

    /// Who provides what is below a directory that several share; nobody for other nodes.
    pub fn sharers(&self, at: NodeId) -> impl Iterator<Item = &Owner> {
        let sharers = self.shared.get(&at).map_or(&[][..], |owners| owners);
        sharers.iter().filter_map(|&owner| self.owners.get(owner as usize))
    }

    /// Of a symlink in a package: where it leads. A directory that is linked through one has it too.
    pub fn link(&self, at: NodeId) -> Option<&FileLink> {
        self.links.get(&at)
    }

    /// Whether the profile has a link here to something in a package.
    pub fn is_linked(&self, at: NodeId) -> bool {
        !self.is_of_outputs && self.node(at).is_some_and(|node| node.place != NONE && node.kind != NodeKind::Unknown)
    }

    /// Who else wants the path.
    pub fn contest(&self, at: NodeId) -> Option<&Contest> {
        self.contests.get(&at)
    }

    /// Of a node and all that is below it.
    pub fn totals(&self, at: NodeId) -> Totals {
        self.node(at).map_or_else(Totals::default, |node| self.between(at, node.end))
    }

    /// Of all nodes.
    pub fn all(&self) -> Totals {
        self.between(0, number(self.nodes.len()))
    }

    fn between(&self, first: NodeId, end: NodeId) -> Totals {
        let (Some(first), Some(end)) = (self.before.get(first as usize), self.before.get(end as usize)) else {
            return Totals::default();
        };
        Totals {
            files: end.files - first.files,
            bytes: end.bytes.saturating_sub(first.bytes),
            contested: end.contested - first.contested,
        }
    }

    /// The node at a path, as [`FileTree::path`] tells it.
    pub fn find(&self, path: &[u8]) -> Option<NodeId> {
        let mut found = None;
        for name in path.split(|&byte| byte == b'/') {
            found = Some(self.children(found).find(|&child| self.name(child) == name)?);
        }
        found
    }

    /// The nodes whose whole path holds every word, in order. A word's case counts only if it has a capital letter.
    pub fn matching(&self, words: &[&str]) -> Vec<NodeId> {
        let words: Vec<Word> = words.iter().map(|word| Word::new(word)).collect();
        let mut path: Vec<u8> = Vec::new();
        // For each directory on the way, where its path ends.
        let mut ends: Vec<usize> = Vec::new();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(node) = self.node(at) {
            ends.truncate(usize::from(node.depth));
            path.truncate(ends.last().copied().unwrap_or(0));
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(self.name(at));
            ends.push(path.len());
            if words.iter().all(|word| word.is_in(&path)) {
                // All that is below has it in its path too.
                found.extend(at..node.end);
                at = node.end;
            } else {
                at += 1;
            }
        }
        found
    }
}

/// What is looked for in paths.
struct Word {
    letters: Vec<u8>,
    has_capital: bool,
    /// For a quick no: the first letter in both cases.
    first: [u8; 2],
}

impl Word {
    fn new(word: &str) -> Self {
        let letters = word.as_bytes().to_vec();
        let first = letters.first().copied().unwrap_or_default();
        let has_capital = word.contains(char::is_uppercase);
        let other = if has_capital { first } else { first.to_ascii_uppercase() };
        Self { first: [first, other], letters, has_capital }
    }

    fn is_in(&self, path: &[u8]) -> bool {
        if self.has_capital {
            return memchr::memmem::find(path, &self.letters).is_some();
        }
        let mut starts = memchr::memchr2_iter(self.first[0], self.first[1], path);
        let is_here = |start: usize| {
            path.get(start..start + self.letters.len()).is_some_and(|part| part.eq_ignore_ascii_case(&self.letters))
        };
        self.letters.is_empty() || starts.any(is_here)
    }
}

/// Puts a tree together, node by node in the order of a walk.
pub(super) struct Builder {
    tree: FileTree,
    /// The directories that are open.
    open: Vec<NodeId>,
}

/// What a node is built from.
pub(super) struct New<'a> {
    pub name: &'a [u8],
    pub kind: NodeKind,
    pub found: Option<Found>,
    pub owner: Option<u32>,
    /// Where the profile's link leads.
    pub place: Option<Arc<[u8]>>,
}

impl Builder {
    pub fn new(owners: Vec<Owner>, is_of_outputs: bool) -> Self {
        Self { tree: FileTree { owners, is_of_outputs, ..FileTree::default() }, open: Vec::new() }
    }

    pub fn owners(&self) -> &[Owner] {
        &self.tree.owners
    }

    /// Adds a node to the innermost open directory.
    pub fn add(&mut self, new: New<'_>) -> NodeId {
        let tree = &mut self.tree;
        let at = number(tree.nodes.len());
        let name = &new.name[..new.name.len().min(usize::from(u16::MAX))];
        let place = new.place.map_or(NONE, |place| {
            tree.places.push(place);
            number(tree.places.len() - 1)
        });
        tree.nodes.push(FileNode {
            name_start: number(tree.names.len()),
            name_length: u16::try_from(name.len()).unwrap_or(u16::MAX),
            kind: new.kind,
            mode: new.found.map_or(0, |found| u16::try_from(found.mode & 0o7777).unwrap_or(0)),
            depth: u16::try_from(self.open.len()).unwrap_or(u16::MAX),
            parent: self.open.last().copied().unwrap_or(NONE),
            end: at + 1,
            size: new.found.filter(|_| new.kind == NodeKind::File).map(|found| found.size),
            owner: new.owner.unwrap_or(NONE),
            place,
        });
        tree.names.extend_from_slice(name);
        at
    }

    pub fn link(&mut self, at: NodeId, link: FileLink) {
        self.tree.links.insert(at, link);
    }

    pub fn contest(&mut self, at: NodeId, contest: Contest) {
        self.tree.contests.insert(at, contest);
    }

    pub fn enter(&mut self, at: NodeId) {
        self.open.push(at);
    }

    /// Ends the innermost open directory; `sharers` if several provide what is in it.
    pub fn leave(&mut self, sharers: Option<Box<[u32]>>) {
        let Some(at) = self.open.pop() else { return };
        self.tree.nodes[at as usize].end = number(self.tree.nodes.len());
        if let Some(sharers) = sharers {
            self.tree.shared.insert(at, sharers);
        }
    }

    pub fn finish(mut self) -> FileTree {
        let mut sum = Totals::default();
        self.tree.before.reserve(self.tree.nodes.len() + 1);
        self.tree.before.push(sum);
        for (at, node) in (0..).zip(&self.tree.nodes) {
            sum.files += usize::from(!matches!(node.kind, NodeKind::Directory | NodeKind::Unknown));
            sum.bytes = sum.bytes.saturating_add(node.size.unwrap_or(0));
            sum.contested += usize::from(self.tree.contests.contains_key(&at));
            self.tree.before.push(sum);
        }
        self.tree
    }
}

pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
