//! What PATH makes of a profile: which of its commands a shell would run, and which come from another folder.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use super::Changed;
use crate::profile::Located;
use crate::safe;
use crate::store::local::resolve_directory;

/// Most links followed on the way to a folder, as in Linux.
const MAX_LINKS: usize = 40;

/// So many names are asked for one by one. Listing a folder of 2000 files costs as much as asking for 400 names that are
/// not there: with 2000 names in 15 such folders it is 10 ms and not 50, with 20 names it would be 10 ms and not 1.
const FEW: usize = 100;

/// The folders of PATH, and which of them is the profile's.
///
/// Relative folders are left out: what they hold depends on where the shell stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPath {
    folders: Vec<PathBuf>,
    /// Index of the first folder that is the profile's `bin`.
    profile: Option<usize>,
    /// The profile's `bin` by its own name.
    bin: PathBuf,
}

/// A command that a shell would find elsewhere after the plan than before it, or that it would go on to find elsewhere
/// although the plan brings or changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The name in `bin/`.
    pub command: Box<[u8]>,
    /// What a shell runs before and after.
    pub before: Option<PathBuf>,
    pub after: Option<PathBuf>,
    pub kind: MeaningKind,
}

/// Why a command's meaning is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeaningKind {
    /// The profile's command comes before the one that was run until now.
    TakesPlace,
    /// A folder that stands earlier on PATH has it too: the profile's is not run.
    Hidden,
    /// The profile's command goes, and one that stood behind it is run.
    FallsBack,
}

impl Meaning {
    /// `takes the place of /usr/bin/rg`; safe for a terminal.
    pub fn why(&self) -> String {
        let show = |path: &Option<PathBuf>| path.as_deref().map(safe::path).unwrap_or_default();
        match self.kind {
            MeaningKind::TakesPlace => format!("takes the place of {}", show(&self.before)),
            MeaningKind::Hidden => format!("hidden by {}, which stands earlier on PATH", show(&self.after)),
            MeaningKind::FallsBack => format!("falls back to {}", show(&self.after)),
        }
    }
}

/// A command of the profile that a shell can run, before or after a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// `None` while it is not in the store.
    pub file: Option<FileId>,
}

/// Device and inode: two names of one file are one program.
pub type FileId = (u64, u64);

/// Finds the profile's command of a name; `None` if there is none that can be run.
pub type Provide<'a> = dyn Fn(&[u8]) -> Option<Program> + 'a;

impl SearchPath {
    /// `folders` as PATH has them; neither the profile nor its alias need exist.
    pub fn new(folders: &[PathBuf], located: &Located) -> Self {
        let mut seen = HashSet::new();
        let folders = folders.iter().filter(|folder| folder.is_absolute() && seen.insert(*folder));
        let folders: Vec<PathBuf> = folders.cloned().collect();
        let mut names = vec![located.profile.link()];
        if fs::symlink_metadata(&located.alias).is_err() {
            // It will be made, and then leads to the profile.
            names.push(&located.alias);
        }
        let names: Vec<PathBuf> = names.into_iter().filter_map(own_place).collect();
        let profile = folders.iter().position(|folder| names.iter().any(|name| leads_to_bin(folder, name)));
        Self { folders, profile, bin: located.alias.join("bin") }
    }

    /// In their order, each once.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Which of the folders is the profile's `bin`, if one is.
    pub fn profile(&self) -> Option<usize> {
        self.profile
    }

    /// The folder that is missing on PATH so that a shell finds the profile's commands; `None` if nothing is missing,
    /// or if there is no PATH to speak of.
    pub fn missing(&self) -> Option<&Path> {
        (self.profile.is_none() && !self.folders.is_empty()).then_some(&self.bin)
    }

    /// The commands that would change their meaning, in the order of their names.
    ///
    /// A command that is only changed and stays in front of others is none of them. Each folder is listed at most once.
    pub fn meanings(&self, commands: &Changed<Box<[u8]>>, before: &Provide, after: &Provide) -> Vec<Meaning> {
        let Some(own) = self.profile.map(|at| &self.folders[at]) else { return Vec::new() };
        let names = commands.added.iter().chain(&commands.removed).chain(&commands.changed);
        let names: HashSet<&[u8]> = names.map(|name| &**name).collect();
        let rivals = self.rivals(&names);
        let mut meanings: Vec<Meaning> =
            rivals.iter().filter_map(|(name, rival)| meaning(name, rival, own, before, after)).collect();
        meanings.sort_by(|a, b| a.command.cmp(&b.command));
        meanings
    }

    /// The commands of the profile, by name, that an earlier folder hides, with what hides them; sorted.
    pub fn hidden(&self, names: &HashSet<&[u8]>) -> Vec<(Box<[u8]>, PathBuf)> {
        let rivals = self.rivals(names).into_iter().filter(|(_, rival)| rival.is_earlier);
        let mut hidden: Vec<_> = rivals.map(|(name, rival)| (name.into(), rival.path)).collect();
        hidden.sort();
        hidden
    }

    /// What a shell would run under these names if there were no profile.
    fn rivals<'a>(&self, names: &HashSet<&'a [u8]>) -> HashMap<&'a [u8], Rival> {
        let mut rivals = HashMap::new();
        let Some(own) = self.profile else { return rivals };
        let mut wanted = names.clone();
        for (at, folder) in self.folders.iter().enumerate().filter(|(at, _)| *at != own) {
            for name in there(folder, &wanted) {
                let path = folder.join(OsStr::from_bytes(name));
                if let Some(file) = executable(&path) {
                    wanted.remove(name);
                    rivals.insert(name, Rival { path, file, is_earlier: at < own });
                }
            }
        }
        rivals
    }
}

/// The first command of a name outside of the profile.
struct Rival {
    path: PathBuf,
    file: FileId,
    /// Stands before the profile's folder.
    is_earlier: bool,
}

/// Which of the names a folder may have: all of them if they are few, else those it lists. A folder that cannot be read
/// has none, as for a shell.
fn there<'a>(folder: &Path, wanted: &HashSet<&'a [u8]>) -> Vec<&'a [u8]> {
    if wanted.len() <= FEW {
        return wanted.iter().copied().collect();
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| wanted.get(entry.file_name().as_bytes()).copied()).collect()
}

fn meaning(name: &[u8], rival: &Rival, own: &Path, before: &Provide, after: &Provide) -> Option<Meaning> {
    let ours = own.join(OsStr::from_bytes(name));
    let is_same = |program: &Program| program.file == Some(rival.file);
    let of = |kind, before: &PathBuf, after: &PathBuf| {
        Some(Meaning { command: name.into(), before: Some(before.clone()), after: Some(after.clone()), kind })
    };
    match (before(name), after(name)) {
        (_, Some(new)) if rival.is_earlier && !is_same(&new) => of(MeaningKind::Hidden, &rival.path, &rival.path),
        _ if rival.is_earlier => None,
        (None, Some(new)) if !is_same(&new) => of(MeaningKind::TakesPlace, &rival.path, &ours),
        (Some(old), None) if !is_same(&old) => of(MeaningKind::FallsBack, &ours, &rival.path),
        _ => None,
    }
}

/// The file that a shell would run under this name: links followed, and somebody may execute it.
pub fn executable(path: &Path) -> Option<FileId> {
    let found = fs::metadata(path).ok()?;
    (found.is_file() && found.mode() & 0o111 != 0).then(|| (found.dev(), found.ino()))
}

/// Whether `folder` leads, through whatever links, to `bin` behind the link `profile`, given by its [`own_place`].
///
/// Links are followed up to the profile's own and not behind it: another link to the same environment does not go along
/// when the profile is switched.
fn leads_to_bin(folder: &Path, profile: &Path) -> bool {
    let mut at = PathBuf::from("/");
    let mut rest = parts(folder);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        if part == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&part);
        if next == profile && rest == ["bin"] {
            return true;
        }
        let Ok(target) = fs::read_link(&next) else {
            at = next;
            continue;
        };
        links += 1;
        if links > MAX_LINKS {
            return false;
        }
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        rest.extend(parts(&target));
    }
    false
}

/// The link itself, in its directory without links; what is not there yet is taken as it is.
fn own_place(link: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(link).ok()?;
    Some(resolve_directory(absolute.parent()?).ok()?.join(absolute.file_name()?))
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(_) | Component::ParentDir => Some(part.as_os_str().to_owned()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    let mut parts: Vec<_> = parts.collect();
    parts.reverse();
    parts
}

#[cfg(test)]
#[path = "search_path_tests.rs"]
mod tests;
