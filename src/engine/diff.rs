//! What differs between two environments, file by file.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Directory, DirectoryId, EntryKind, FileError, Files, Node, Plan, PlanError, path};

/// Paths relative to the environment, sorted bytewise. Files inside directories that are linked whole count too; a link
/// to a directory inside a package counts as one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub added: Vec<Box<[u8]>>,
    pub removed: Vec<Box<[u8]>>,
    /// There before and after, but leading to another file.
    pub changed: Vec<Box<[u8]>>,
}

/// What one of the environments has at a path.
#[derive(Clone)]
enum Side<'a> {
    Nothing,
    /// A real directory.
    Merged(DirectoryId),
    /// Something in a package; if it is a link, whether it is followed into a directory.
    Source {
        path: Vec<u8>,
        follows: bool,
    },
    /// A plain file.
    Plain(&'a [u8]),
}

enum Seen<'a> {
    Nothing,
    File,
    Directory(BTreeMap<Vec<u8>, Side<'a>>),
}

/// The files gained, lost and led elsewhere between two plans.
///
/// Where both lead to the same place nothing is read, so the cost goes with the difference, not with the size.
pub fn diff(before: &Plan, after: &Plan, files: &dyn Files) -> Result<Difference, PlanError> {
    let mut difference = Difference::default();
    let root = Side::Merged(DirectoryId::ROOT);
    let mut waiting = vec![(Vec::new(), root.clone(), root)];
    while let Some((path, old, new)) = waiting.pop() {
        if old.is_same(&new) {
            continue;
        }
        if let (Side::Merged(old), Side::Merged(new)) = (&old, &new) {
            waiting.extend(unequal(&path, before.directory(*old), after.directory(*new)));
            continue;
        }
        let left = old.look(before, new.is_followed(), files)?;
        let right = new.look(after, old.is_followed(), files)?;
        if matches!((&left, &right), (Seen::File, Seen::File)) {
            if !old.leads_to_same(&new, files) {
                difference.changed.push(path.into());
            }
            continue;
        }
        let left = left.entries_or_note(&path, &mut difference.removed);
        let mut right = right.entries_or_note(&path, &mut difference.added);
        for (name, old) in left {
            let new = right.remove(&name).unwrap_or(Side::Nothing);
            waiting.push((path::below(&path, &name), old, new));
        }
        waiting.extend(right.into_iter().map(|(name, new)| (path::below(&path, &name), Side::Nothing, new)));
    }
    for paths in [&mut difference.added, &mut difference.removed, &mut difference.changed] {
        paths.sort_unstable();
    }
    Ok(difference)
}

/// What is not plainly the same in two real directories, which is little of thousands of entries: path, before and after.
fn unequal<'a>(path: &[u8], before: &'a Directory, after: &'a Directory) -> Vec<(Vec<u8>, Side<'a>, Side<'a>)> {
    let mut unequal = Vec::new();
    let (mut left, mut right) = (before.entries.iter().peekable(), after.entries.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some((old, _)), Some((new, _))) => old.cmp(new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return unequal,
        };
        let old = left.next_if(|_| order.is_le());
        let new = right.next_if(|_| order.is_ge());
        let is_equal =
            matches!((old, new), (Some((_, old @ (Node::Link(_) | Node::File(_)))), Some((_, new))) if old == new);
        if let Some((name, _)) = old.or(new).filter(|_| !is_equal) {
            let side = |entry: Option<&'a (_, Node)>| entry.map_or(Side::Nothing, |(_, node)| Side::of(node));
            unequal.push((path::below(path, name), side(old), side(new)));
        }
    }
}

impl<'a> Side<'a> {
    fn of(node: &'a Node) -> Self {
        match node {
            Node::Directory(id) => Self::Merged(*id),
            Node::Link(target) => Self::Source { path: target.to_vec(), follows: true },
            Node::File(content) => Self::Plain(content),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Source { path: a, .. }, Self::Source { path: b, .. }) => a == b,
            (Self::Plain(a), Self::Plain(b)) => a == b,
            _ => false,
        }
    }

    /// Whether what is on the other side of it is looked at through links: a directory that is merged on one side and
    /// a link to a directory on the other are compared by what is in them.
    fn is_followed(&self) -> bool {
        matches!(self, Self::Merged(_) | Self::Source { follows: true, .. })
    }

    fn look(&self, plan: &'a Plan, follows: bool, files: &dyn Files) -> Result<Seen<'a>, PlanError> {
        let path = match self {
            Self::Nothing => return Ok(Seen::Nothing),
            Self::Plain(_) => return Ok(Seen::File),
            Self::Merged(id) => {
                let entries = plan.directory(*id).entries.iter();
                return Ok(Seen::Directory(entries.map(|(name, node)| (name.to_vec(), Self::of(node))).collect()));
            }
            Self::Source { path, follows: self_follows } => {
                if !(*self_follows || follows) && files.read_link(path).is_ok_and(|target| target.is_some()) {
                    return Ok(Seen::File);
                }
                path
            }
        };
        match files.find(path) {
            Ok(found) if found.kind == EntryKind::Directory => {}
            // A link that leads nowhere, or to what is not known, is there all the same.
            Ok(_) | Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop | FileError::Unknown) => {
                return Ok(Seen::File);
            }
            Err(source) => return Err(PlanError::File { path: path.as_slice().into(), source }),
        }
        let entries =
            files.read_dir(path).map_err(|source| PlanError::File { path: path.as_slice().into(), source })?;
        let inner = |name: &[u8]| Self::Source { path: path::join(path, name), follows: false };
        Ok(Seen::Directory(entries.iter().map(|entry| (entry.name.to_vec(), inner(&entry.name))).collect()))
    }

    /// Two files that are one when every link is followed, or the very same link that leads nowhere.
    fn leads_to_same(&self, other: &Self, files: &dyn Files) -> bool {
        let (Self::Source { path: a, .. }, Self::Source { path: b, .. }) = (self, other) else { return false };
        let is_one = |a, b| matches!((files.canonicalize(a), files.canonicalize(b)), (Ok(a), Ok(b)) if a == b);
        is_one(a, b) || path::file_name(a) == path::file_name(b) && is_one(path::parent(a), path::parent(b))
    }
}

impl<'a> Seen<'a> {
    fn entries_or_note(self, path: &[u8], files: &mut Vec<Box<[u8]>>) -> BTreeMap<Vec<u8>, Side<'a>> {
        match self {
            Self::Nothing => BTreeMap::new(),
            Self::File => {
                files.push(path.into());
                BTreeMap::new()
            }
            Self::Directory(entries) => entries,
        }
    }
}
