//! Walks a plan and the packages that it shows, or some outputs, and puts the tree together.

use std::collections::{BTreeSet, HashMap};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::tree::{Builder, FileLink, FileTree, New, NodeKind, Owner};
use crate::engine::{Collision, DirectoryId, Entry, EntryKind, FileError, Files, Found, Node, Plan, join};
use crate::package::Package;
use crate::profile::Element;

/// The walk was given up, because nobody wants its result any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// An output whose files are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub package: String,
    pub version: String,
    pub output: String,
    /// `None` if it is not known where it would be.
    pub path: Option<PathBuf>,
    pub priority: Option<i64>,
}

impl Asked {
    /// The outputs of a package, in the order of its source: the installed ones as they are installed, and the others if
    /// they are of the same build.
    pub fn of(element: Option<&Element>, package: Option<&Package>) -> Vec<Self> {
        let offered = package.map_or(&[][..], |package| &package.outputs);
        let installed = element.map_or(&[][..], |element| &element.outputs);
        let is_same_build = installed.iter().all(|output| {
            let other = offered.iter().find(|other| other.name == output.name);
            other.and_then(|other| other.path.as_ref()) == Some(&output.path)
        });
        let (name, version, priority) = match (element, package) {
            (Some(element), _) => (&element.name, &element.version, element.priority),
            (None, Some(package)) => (&package.attribute, &package.version, package.priority),
            (None, None) => return Vec::new(),
        };
        let asked = |output: &String, path: Option<PathBuf>| Self {
            package: name.clone(),
            version: version.clone(),
            output: output.clone(),
            path,
            priority: Some(priority),
        };
        if is_same_build {
            offered.iter().map(|output| asked(&output.name, output.path.clone())).collect()
        } else {
            installed.iter().map(|output| asked(&output.name, Some(output.path.clone()))).collect()
        }
    }
}

impl FileTree {
    /// What an environment shows: its own directories, and the directories that it links as a whole with what is in them.
    /// A symlink in a package is not followed further. `owners` are the outputs that the plan was made of, those that come
    /// first before others of the same path.
    pub fn of_plan(
        plan: &Plan,
        owners: Vec<Owner>,
        files: &dyn Files,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Self, Stopped> {
        let mut weave = Weave::new(owners, false, files, is_wanted);
        let mut contests: HashMap<&[u8], Vec<&Collision>> = HashMap::new();
        for collision in &plan.collisions {
            contests.entry(directory(&collision.path)).or_default().push(collision);
        }
        for path in &plan.unknown {
            weave.unknown(path);
        }
        weave.walk(Frame::of_plan(plan, DirectoryId::ROOT, Vec::new(), &contests), Some((plan, &contests)))?;
        Ok(weave.builder.finish())
    }

    /// An environment that is in the store, as it lies there: what its links lead to is followed as in
    /// [`of_plan`](Self::of_plan).
    pub fn of_built(
        top: &[u8],
        owners: Vec<Owner>,
        files: &dyn Files,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Self, Stopped> {
        let mut weave = Weave::new(owners, false, files, is_wanted);
        if let Some(frame) = weave.built(top.to_vec(), Vec::new()) {
            weave.walk(frame, None)?;
        }
        Ok(weave.builder.finish())
    }

    /// The outputs, each with its files below it.
    pub fn of_outputs(asked: &[Asked], files: &dyn Files, is_wanted: &dyn Fn() -> bool) -> Result<Self, Stopped> {
        let owners = asked.iter().map(|asked| Owner {
            package: asked.package.as_str().into(),
            output: asked.output.as_str().into(),
            version: asked.version.as_str().into(),
            priority: asked.priority,
            path: asked.path.as_ref().map_or(&[][..], |path| path.as_os_str().as_bytes()).into(),
            propagated_by: None,
        });
        let mut weave = Weave::new(owners.collect(), true, files, is_wanted);
        let entry = |(at, asked): (u32, &Asked)| {
            let name = asked.output.as_bytes().into();
            let what =
                asked.path.as_ref().map_or(What::Unknown, |path| What::Linked(path.as_os_str().as_bytes().into()));
            (name, what, Some(at), None)
        };
        let entries: Vec<Step<'_>> = (0..).zip(asked).map(entry).collect();
        weave.walk(
            Frame { path: Vec::new(), source: None, owner: None, steps: entries.into_iter(), sharers: None },
            None,
        )?;
        Ok(weave.builder.finish())
    }
}

/// What stands at a name, before it is looked at.
enum What {
    /// A directory of the environment's own.
    Merged(DirectoryId),
    /// A link of the environment, or an output.
    Linked(Arc<[u8]>),
    /// A plain file of the environment of so many bytes.
    Plain(u64),
    /// Something in a package.
    Inside(EntryKind),
    /// Something that an environment in the store has itself.
    Built(EntryKind),
    /// Several want it, and nobody gets it.
    Contested,
    /// It is not known where it would be.
    Unknown,
}

/// Name, what is there, its owner if that is known already, and the contest about it.
type Step<'a> = (Arc<[u8]>, What, Option<u32>, Option<&'a Collision>);

/// A directory that is being walked.
struct Frame<'a> {
    /// Below the environment; kept for directories of its own only.
    path: Vec<u8>,
    /// The directory in a package.
    source: Option<Vec<u8>>,
    owner: Option<u32>,
    steps: std::vec::IntoIter<Step<'a>>,
    /// Who provides what is in it, for directories of the environment's own.
    sharers: Option<BTreeSet<u32>>,
}

type Contests<'a> = HashMap<&'a [u8], Vec<&'a Collision>>;

impl<'a> Frame<'a> {
    fn of_plan(plan: &Plan, id: DirectoryId, path: Vec<u8>, contests: &Contests<'a>) -> Self {
        let mut here: HashMap<&[u8], &'a Collision> = HashMap::new();
        for &collision in contests.get(&*path).into_iter().flatten() {
            here.insert(name(&collision.path), collision);
        }
        let mut steps: Vec<Step<'a>> = Vec::new();
        for (name, node) in &plan.directory(id).entries {
            let what = match node {
                Node::Directory(id) => What::Merged(*id),
                Node::Link(target) => What::Linked(target.to_vec().into()),
                Node::File(content) => What::Plain(content.len() as u64),
            };
            steps.push((Arc::clone(name), what, None, here.remove(&**name)));
        }
        if !here.is_empty() {
            steps.extend(
                here.into_iter().map(|(name, collision)| (name.into(), What::Contested, None, Some(collision))),
            );
            steps.sort_by(|one, other| one.0.cmp(&other.0));
        }
        Self { path, source: None, owner: None, steps: steps.into_iter(), sharers: Some(BTreeSet::new()) }
    }

    fn of_package(entries: &[Entry], source: Vec<u8>, owner: Option<u32>) -> Self {
        let mut steps: Vec<Step<'a>> =
            entries.iter().map(|entry| (Arc::clone(&entry.name), What::Inside(entry.kind), owner, None)).collect();
        steps.sort_by(|one, other| one.0.cmp(&other.0));
        Self { path: Vec::new(), source: Some(source), owner, steps: steps.into_iter(), sharers: None }
    }
}

struct Weave<'a> {
    builder: Builder,
    files: &'a dyn Files,
    is_wanted: &'a dyn Fn() -> bool,
    /// Outputs by their paths, the first of each.
    by_path: HashMap<Box<[u8]>, u32>,
    /// How many components the outputs' paths have.
    depths: BTreeSet<usize>,
}

impl<'a> Weave<'a> {
    fn new(owners: Vec<Owner>, is_of_outputs: bool, files: &'a dyn Files, is_wanted: &'a dyn Fn() -> bool) -> Self {
        let mut by_path = HashMap::new();
        let mut depths = BTreeSet::new();
        for (at, owner) in (0..).zip(&owners).filter(|(_, owner)| !owner.path.is_empty()) {
            depths.insert(slashes(&owner.path));
            by_path.entry(owner.path.clone()).or_insert(at);
        }
        Self { builder: Builder::new(owners, is_of_outputs), files, is_wanted, by_path, depths }
    }

    /// An output of the profile of which not all is known.
    fn unknown(&mut self, path: &[u8]) {
        let owner = self.by_path.get(path).copied();
        self.builder.add(New { name: path, kind: NodeKind::Unknown, found: None, owner, place: Some(path.into()) });
    }

    /// Goes through a directory and all that is below it. A stack instead of a recursion: no depth can exhaust the
    /// program's own.
    fn walk(&mut self, top: Frame<'a>, plan: Option<(&Plan, &Contests<'a>)>) -> Result<(), Stopped> {
        let mut open = vec![top];
        while let Some(frame) = open.last_mut() {
            let Some(step) = frame.steps.next() else {
                let ended = open.pop().and_then(|ended| ended.sharers);
                if let (Some(sharers), Some(above)) = (&ended, open.last_mut()) {
                    above.sharers.get_or_insert_default().extend(sharers);
                }
                self.builder.leave(ended.map(|sharers| sharers.into_iter().collect()));
                continue;
            };
            if let Some(below) = self.step(frame, step, plan) {
                if !(self.is_wanted)() {
                    return Err(Stopped);
                }
                open.push(below);
            }
        }
        Ok(())
    }

    /// Adds one node; gives what is in it, if it is a directory.
    fn step(
        &mut self,
        frame: &mut Frame<'a>,
        (name, what, owner, contest): Step<'a>,
        plan: Option<(&Plan, &Contests<'a>)>,
    ) -> Option<Frame<'a>> {
        let (at, below) = match what {
            What::Merged(id) => {
                let at = self.plain(&name, NodeKind::Directory, None);
                let path = if frame.path.is_empty() { name.to_vec() } else { join(&frame.path, &name) };
                (at, plan.map(|(plan, contests)| Frame::of_plan(plan, id, path, contests)))
            }
            What::Plain(size) => {
                let found = Found { kind: EntryKind::File, mode: 0o444, size };
                (self.plain(&name, NodeKind::File, Some(found)), None)
            }
            What::Contested => (self.plain(&name, NodeKind::Contested, None), None),
            What::Unknown => {
                let new = New { name: &name, kind: NodeKind::Unknown, found: None, owner, place: None };
                (self.builder.add(new), None)
            }
            What::Linked(source) => {
                let owner = owner.or_else(|| self.owner_of(&source, &frame.path, &name, contest));
                if let (Some(sharers), Some(owner)) = (&mut frame.sharers, owner) {
                    sharers.insert(owner);
                }
                self.linked(&name, &source, owner)
            }
            What::Built(kind) => {
                let source = join(frame.source.as_deref().unwrap_or_default(), &name);
                let path = if frame.path.is_empty() { name.to_vec() } else { join(&frame.path, &name) };
                match (kind, self.files.read_link(&source).ok().flatten()) {
                    (EntryKind::Directory, _) => {
                        (self.plain(&name, NodeKind::Directory, None), self.built(source, path))
                    }
                    // Of the environment, as a link of a plan is; others lead somewhere within it.
                    (EntryKind::Symlink, Some(target)) if target.starts_with(b"/") => {
                        let target = Arc::from(target);
                        let owner = self.owner_of(&target, &frame.path, &name, None);
                        if let (Some(sharers), Some(owner)) = (&mut frame.sharers, owner) {
                            sharers.insert(owner);
                        }
                        self.linked(&name, &target, owner)
                    }
                    _ => self.inside(&name, kind, source, None),
                }
            }
            What::Inside(kind) => {
                let source = join(frame.source.as_deref().unwrap_or_default(), &name);
                self.inside(&name, kind, source, owner.or(frame.owner))
            }
        };
        if let Some(contest) = contest {
            self.builder.contest(at, contest.clone());
        }
        if below.is_some() {
            self.builder.enter(at);
        }
        below
    }

    /// What is of the environment itself, or of nobody.
    fn plain(&mut self, name: &[u8], kind: NodeKind, found: Option<Found>) -> u32 {
        self.builder.add(New { name, kind, found, owner: None, place: None })
    }

    /// What the environment links, or an output. That link is followed; what it leads to may be a link of its own.
    fn linked(&mut self, name: &[u8], source: &Arc<[u8]>, owner: Option<u32>) -> (u32, Option<Frame<'a>>) {
        let target = self.files.read_link(source).ok().flatten();
        let found = self.files.find(source);
        let kind = match (&found, &target) {
            (Ok(found), _) if found.kind == EntryKind::Directory => NodeKind::Directory,
            (_, Some(_)) => NodeKind::Symlink,
            (Ok(found), None) => kind(found.kind),
            (Err(error), None) => kind_of(error),
        };
        let link = target.map(|target| self.link(source, target, &found));
        let new = New { name, kind, found: found.ok(), owner, place: Some(Arc::clone(source)) };
        let at = self.builder.add(new);
        if let Some(link) = link {
            self.builder.link(at, link);
        }
        (at, if kind == NodeKind::Directory { self.read_dir(source.to_vec(), owner) } else { None })
    }

    /// Something below what is linked. No link is followed.
    fn inside(
        &mut self,
        name: &[u8],
        entry: EntryKind,
        source: Vec<u8>,
        owner: Option<u32>,
    ) -> (u32, Option<Frame<'a>>) {
        if entry == EntryKind::Directory {
            let at = self.builder.add(New { name, kind: NodeKind::Directory, found: None, owner, place: None });
            return (at, self.read_dir(source, owner));
        }
        let found = self.files.find(&source);
        if entry == EntryKind::Symlink {
            let target = self.files.read_link(&source).ok().flatten().unwrap_or_default();
            let link = self.link(&source, target, &found);
            let new = New { name, kind: NodeKind::Symlink, found: found.ok(), owner, place: None };
            let at = self.builder.add(new);
            self.builder.link(at, link);
            return (at, None);
        }
        let kind = found.as_ref().map_or_else(kind_of, |_| self::kind(entry));
        (self.builder.add(New { name, kind, found: found.ok(), owner, place: None }), None)
    }

    /// A directory that an environment in the store has itself; `None` if it cannot be read.
    fn built(&self, source: Vec<u8>, path: Vec<u8>) -> Option<Frame<'a>> {
        let entries = self.files.read_dir(&source).ok()?;
        let mut steps: Vec<Step<'a>> =
            entries.iter().map(|entry| (Arc::clone(&entry.name), What::Built(entry.kind), None, None)).collect();
        steps.sort_by(|one, other| one.0.cmp(&other.0));
        let sharers = Some(BTreeSet::new());
        Some(Frame { path, source: Some(source), owner: None, steps: steps.into_iter(), sharers })
    }

    /// What is in a directory of a package; of one that cannot be read, nothing.
    fn read_dir(&self, source: Vec<u8>, owner: Option<u32>) -> Option<Frame<'a>> {
        let entries = self.files.read_dir(&source).ok()?;
        Some(Frame::of_package(&entries, source, owner))
    }

    fn link(&self, source: &[u8], target: Vec<u8>, found: &Result<Found, FileError>) -> FileLink {
        let end = found.as_ref().ok().and_then(|found| Some((self.files.canonicalize(source).ok()?, found.kind)));
        FileLink {
            target: target.into(),
            end: end.map(|(path, kind)| ((*path).into(), kind)),
            is_dangling: matches!(found, Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop)),
        }
    }

    /// Who provides what a link of the environment leads to: who won it, else in whose output it lies, else in whose
    /// output the same is reached at that path.
    fn owner_of(&self, source: &[u8], directory: &[u8], name: &[u8], contest: Option<&Collision>) -> Option<u32> {
        if let Some(winner) = contest.and_then(|contest| contest.contenders.get(contest.winner?)) {
            let is_winner = |owner: &Owner| {
                owner.package == winner.package && owner.output == winner.output && is_in(&winner.source, &owner.path)
            };
            if let Some(at) = self.builder.owners().iter().position(is_winner) {
                return u32::try_from(at).ok();
            }
        }
        let below = if directory.is_empty() { name.to_vec() } else { join(directory, name) };
        let by_prefix = self.by_prefix(source);
        let is_at = |at: &u32| *source == *join(&self.builder.owners()[*at as usize].path, &below);
        // Through a link in a package, one may show what lies in another.
        by_prefix.filter(is_at).or_else(|| self.by_reaching(source, &below)).or(by_prefix)
    }

    /// The first output that leads to the same place by that path.
    fn by_reaching(&self, source: &[u8], below: &[u8]) -> Option<u32> {
        let real = self.files.canonicalize(source).ok()?;
        let reaches = |owner: &Owner| {
            !owner.path.is_empty()
                && self.files.canonicalize(&join(&owner.path, below)).is_ok_and(|there| there == real)
        };
        u32::try_from(self.builder.owners().iter().position(reaches)?).ok()
    }

    fn by_prefix(&self, source: &[u8]) -> Option<u32> {
        self.depths.iter().find_map(|&depth| {
            let end = memchr::memchr_iter(b'/', source).nth(depth).unwrap_or(source.len());
            self.by_path.get(&source[..end]).copied()
        })
    }
}

fn slashes(path: &[u8]) -> usize {
    memchr::memchr_iter(b'/', path).count()
}

fn is_in(path: &[u8], directory: &[u8]) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

fn directory(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(&[], |slash| &path[..slash])
}

fn name(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..])
}

fn kind(kind: EntryKind) -> NodeKind {
    match kind {
        EntryKind::Directory => NodeKind::Directory,
        EntryKind::File => NodeKind::File,
        EntryKind::Symlink => NodeKind::Symlink,
        EntryKind::Other => NodeKind::Other,
    }
}

fn kind_of(error: &FileError) -> NodeKind {
    if matches!(error, FileError::Unknown) { NodeKind::Unknown } else { NodeKind::Unreadable }
}
