//! The environment worked out in memory.

use std::sync::Arc;

use super::{Collision, Listing, ListingError, OrderedBuilder, PlanError, RuleSet, path};

/// A directory of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DirectoryId(pub(super) u32);

impl DirectoryId {
    /// The environment's root.
    pub const ROOT: Self = Self(0);
}

/// What a name in the environment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Directory(DirectoryId),
    /// A symlink to this target.
    Link(Target),
    /// A plain file with this content, such as `manifest.json`.
    File(Box<[u8]>),
}

/// Where a symlink points. Almost every link of an environment has its own name at the end of its target, and thousands
/// share the directory before it: both are shared instead of written out, which halves the work of planning anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    dir: Arc<[u8]>,
    /// Empty if `dir` is the whole target.
    name: Arc<[u8]>,
}

impl Target {
    /// `name` in the directory `dir`.
    pub(super) fn new(dir: Arc<[u8]>, name: Arc<[u8]>) -> Self {
        Self { dir, name }
    }

    /// The target written out.
    pub fn to_vec(&self) -> Vec<u8> {
        path::join(&self.dir, &self.name)
    }
}

impl From<&[u8]> for Target {
    fn from(target: &[u8]) -> Self {
        Self { dir: target.into(), name: Arc::default() }
    }
}

/// A real directory of the environment; its entries are sorted by name, bytewise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    pub entries: Vec<(Arc<[u8]>, Node)>,
}

/// An environment, worked out but not made.
///
/// The directories form an arena instead of nested boxes, so that no depth of tree can exhaust the stack.
#[derive(Clone, Debug)]
pub struct Plan {
    pub rules: RuleSet,
    pub(super) directories: Vec<Directory>,
    /// Sorted by path.
    pub collisions: Vec<Collision>,
    pub warnings: Vec<String>,
    /// Why it cannot be made although nothing collides: packages that can be in no environment. What else there is was
    /// planned without them. In order of what they say.
    pub problems: Vec<PlanError>,
    /// Outputs of which not all is known, sorted: no listing of a package could be had, so that what it brings is not part
    /// of the plan; or what a package propagates is not known; or links lead into an output of which nothing is known, and
    /// count as links to files.
    pub unknown: Vec<Box<[u8]>>,
}

impl Default for Plan {
    /// An empty environment of the rules `nix`, which are those of every profile.
    fn default() -> Self {
        Self::empty(RuleSet::Nix)
    }
}

impl Plan {
    /// An environment with nothing in it.
    pub fn empty(rules: RuleSet) -> Self {
        let directories = vec![Directory::default()];
        Self {
            rules,
            directories,
            collisions: Vec::new(),
            warnings: Vec::new(),
            problems: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Whether the environment can be built: no collision blocks it, and no package stands in the way.
    pub fn builds(&self) -> bool {
        self.problems.is_empty() && !self.collisions.iter().any(|collision| collision.blocks)
    }

    /// The collisions that keep it from being built.
    pub fn blocking(&self) -> impl Iterator<Item = &Collision> {
        self.collisions.iter().filter(|collision| collision.blocks)
    }

    /// Number of symlinks.
    pub fn links(&self) -> usize {
        let entries = self.directories.iter().flat_map(|directory| &directory.entries);
        entries.filter(|(_, node)| matches!(node, Node::Link(_))).count()
    }

    /// Number of directories, the root not counted.
    pub fn directories(&self) -> usize {
        self.directories.len() - 1
    }

    pub fn directory(&self, id: DirectoryId) -> &Directory {
        &self.directories[id.0 as usize]
    }

    /// The file or directory in a package that `path` leads to; `path` is relative to the environment. `None` for what
    /// is not there, for the environment's own directories and for plain files.
    pub fn source_of(&self, path: &[u8]) -> Option<Vec<u8>> {
        let mut directory = self.directory(DirectoryId::ROOT);
        let mut parts = path::components(path);
        while let Some(part) = parts.next() {
            let at = directory.entries.binary_search_by(|(name, _)| (**name).cmp(part)).ok()?;
            match &directory.entries[at].1 {
                Node::Directory(id) => directory = self.directory(*id),
                Node::Link(target) => return Some(parts.fold(target.to_vec(), |dir, name| path::join(&dir, name))),
                Node::File(_) => return None,
            }
        }
        None
    }

    /// The same environment with a plain file in its root, in place of what has that name.
    #[must_use]
    pub fn with_root_file(self, name: &[u8], content: &[u8]) -> Self {
        self.with_root(name, Node::File(content.into()))
    }

    /// The same environment with a symlink in its root, in place of what has that name.
    #[must_use]
    pub fn with_root_link(self, name: &[u8], target: &[u8]) -> Self {
        self.with_root(name, Node::Link(target.into()))
    }

    fn with_root(mut self, name: &[u8], node: Node) -> Self {
        let entries = &mut self.directories[0].entries;
        match entries.binary_search_by(|(there, _)| (**there).cmp(name)) {
            Ok(at) => entries[at].1 = node,
            Err(at) => entries.insert(at, (name.into(), node)),
        }
        self
    }

    /// The tree that the environment will be, as another plan can merge it before it is made. An error where a path is
    /// longer than a listing may hold.
    pub fn listing(&self) -> Result<Listing, ListingError> {
        let mut listing = OrderedBuilder::new();
        // A stack of its own, so that no depth of tree can exhaust the thread's.
        let mut open = vec![self.directories[0].entries.iter()];
        while let Some(entries) = open.last_mut() {
            match entries.next() {
                Some((name, Node::Directory(id))) => {
                    listing.begin(name)?;
                    open.push(self.directory(*id).entries.iter());
                }
                Some((name, Node::Link(target))) => listing.symlink(name, &target.to_vec())?,
                Some((name, Node::File(content))) => listing.text(name, content)?,
                None => {
                    open.pop();
                    if !open.is_empty() {
                        listing.end()?;
                    }
                }
            }
        }
        listing.finish()
    }

    /// Every directory with its path (empty for the root), parents before what is in them.
    pub(super) fn directories_by_path(&self) -> Vec<(Vec<u8>, &Directory)> {
        let mut paths = vec![Vec::new(); self.directories.len()];
        let mut waiting = vec![DirectoryId::ROOT];
        let mut order = Vec::with_capacity(self.directories.len());
        while let Some(id) = waiting.pop() {
            order.push(id);
            for (name, node) in &self.directory(id).entries {
                if let Node::Directory(child) = node {
                    paths[child.0 as usize] = path::below(&paths[id.0 as usize], name);
                    waiting.push(*child);
                }
            }
        }
        order.into_iter().map(|id| (std::mem::take(&mut paths[id.0 as usize]), self.directory(id))).collect()
    }
}
