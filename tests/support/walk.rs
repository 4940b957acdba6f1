//! What differs between two environments on disk, found by walking both: the judge of the engine's difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Paths below the environments.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Walked {
    pub added: BTreeSet<Vec<u8>>,
    pub removed: BTreeSet<Vec<u8>>,
    pub changed: BTreeSet<Vec<u8>>,
}

/// One side at a path.
enum Side {
    Nothing,
    /// A directory; `is_own` if the environment itself has it or links to it.
    Directory {
        place: PathBuf,
        is_own: bool,
    },
    /// A link inside a package to a directory: one file, unless the other environment itself has something there.
    LinkedDirectory(PathBuf),
    File {
        place: PathBuf,
        is_own: bool,
    },
}

/// Compares two environments file by file. The packages must lie elsewhere.
pub fn differences(before: &Path, after: &Path) -> Walked {
    let mut walk = Walk { environments: [before, after], walked: Walked::default() };
    let root = |place: &Path| Side::Directory { place: place.to_owned(), is_own: true };
    walk.compare(Vec::new(), &root(before), &root(after));
    walk.walked
}

struct Walk<'a> {
    environments: [&'a Path; 2],
    walked: Walked,
}

impl Walk<'_> {
    fn compare(&mut self, path: Vec<u8>, before: &Side, after: &Side) {
        use Side::{Directory, File, LinkedDirectory, Nothing};
        let is_own = |side: &Side| matches!(side, Directory { is_own: true, .. } | File { is_own: true, .. });
        let follows = is_own(before) || is_own(after);
        let leaf = |side: &Side| match side {
            File { place, .. } => Some(place.clone()),
            LinkedDirectory(place) if !follows => Some(place.clone()),
            _ => None,
        };
        if let (Some(one), Some(other)) = (leaf(before), leaf(after)) {
            if !is_one(&one, &other) {
                self.walked.changed.insert(path);
            }
            return;
        }
        if leaf(before).is_some() {
            self.walked.removed.insert(path.clone());
        }
        if leaf(after).is_some() {
            self.walked.added.insert(path.clone());
        }
        let (old, mut new) = (self.children(before, follows), self.children(after, follows));
        let below = |name: &[u8]| if path.is_empty() { name.to_vec() } else { [&path, name].join(&b'/') };
        for (name, side) in old {
            self.compare(below(&name), &side, &new.remove(&name).unwrap_or(Nothing));
        }
        for (name, side) in new {
            self.compare(below(&name), &Nothing, &side);
        }
    }

    /// What is in a directory. The links of an environment are followed, those of a package only where the other side
    /// has a directory.
    fn children(&self, side: &Side, follows: bool) -> BTreeMap<Vec<u8>, Side> {
        let place = match side {
            Side::Directory { place, .. } => place,
            Side::LinkedDirectory(place) if follows => place,
            _ => return BTreeMap::new(),
        };
        let is_environment = self.environments.iter().any(|environment| place.starts_with(environment));
        let entries = fs::read_dir(place).unwrap().map(|entry| {
            let entry = entry.unwrap();
            let is_link = entry.file_type().unwrap().is_symlink();
            let found = entry.path();
            let leads_to = if is_environment && is_link { fs::read_link(&found).unwrap() } else { found };
            let side = match (leads_to.is_dir(), is_link && !is_environment) {
                (false, _) => Side::File { place: leads_to, is_own: is_environment },
                (true, false) => Side::Directory { place: leads_to, is_own: is_environment },
                (true, true) => Side::LinkedDirectory(leads_to),
            };
            (entry.file_name().as_bytes().to_vec(), side)
        });
        entries.collect()
    }
}

/// Whether two paths lead to one file, or are one link that leads nowhere.
fn is_one(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| Some(fs::canonicalize(path.parent()?).ok()?.join(path.file_name()?));
    one == other || place(one) == place(other) || real(one, 0).is_some_and(|one| real(other, 0) == Some(one))
}

/// Where a path leads when every link is followed, though nothing may be there; `None` for what leads nowhere at all.
fn real(path: &Path, links: usize) -> Option<PathBuf> {
    if let Ok(real) = fs::canonicalize(path) {
        return Some(real);
    }
    let (parent, name) = (path.parent()?, path.file_name()?);
    let place = fs::canonicalize(parent).ok()?.join(name);
    match fs::read_link(&place) {
        Ok(target) if links < 40 => real(&place.parent()?.join(target), links + 1),
        Ok(_) => None,
        Err(_) => Some(place),
    }
}
