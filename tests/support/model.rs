//! The rules `nixpkgs` in the plainest words: one path at a time, on real files, stopping at the first refusal.
//!
//! It plans nothing ahead, explains nothing and is slow; the engine must come to the same environment by its own way.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix_loom::engine::NixpkgsRules;

use super::forest::Forest;
use super::tree::{Node, Tree};

struct Model<'a> {
    rules: &'a NixpkgsRules,
    /// By path with a leading slash; the root is empty. `None` is a real directory.
    planned: BTreeMap<Vec<u8>, (Option<PathBuf>, i64)>,
    done: BTreeSet<PathBuf>,
    postponed: BTreeSet<PathBuf>,
    /// Paths that may still be looked at: links to their own directory can make exponentially many.
    budget: usize,
}

/// Why the model comes to no environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEnvironment {
    Refused,
    /// The rules would go on for ever or nearly so.
    TooLarge,
}

/// The environment, or why there is none.
pub fn environment(forest: &Forest, rules: &NixpkgsRules) -> Result<Tree, NoEnvironment> {
    let mut model =
        Model { rules, planned: BTreeMap::new(), done: BTreeSet::new(), postponed: BTreeSet::new(), budget: 20_000 };
    model.planned.insert(Vec::new(), (None, 0));
    for path in &rules.paths_to_link {
        for (at, _) in path.iter().enumerate().filter(|(at, byte)| **byte == b'/' && *at > 0) {
            model.planned.insert(path[..at].to_vec(), (None, 0));
        }
        model.planned.insert(if path == b"/" { Vec::new() } else { path.clone() }, (None, 0));
    }
    for element in forest.elements.iter().filter(|element| element.active) {
        for path in element.trees.iter().map(|name| PathBuf::from(forest.path(name))).filter(|path| path.exists()) {
            model.package(&path, element.priority.into(), rules.ignore_collisions)?;
        }
    }
    let mut priority = 1000;
    while !model.postponed.is_empty() {
        for path in std::mem::take(&mut model.postponed) {
            model.package(&path, priority, true)?;
            priority += 1;
        }
    }
    for path in rules.extra_paths.iter().map(|path| PathBuf::from(OsStr::from_bytes(path))).filter(|path| path.is_dir())
    {
        model.package(&path, 1000, rules.ignore_collisions)?;
    }
    Ok(model.finish())
}

impl Model<'_> {
    fn package(&mut self, path: &Path, priority: i64, ignore: bool) -> Result<(), NoEnvironment> {
        if !self.done.insert(path.to_owned()) {
            return Ok(());
        }
        if path.is_file() {
            return if self.rules.ignore_single_file_outputs { Ok(()) } else { Err(NoEnvironment::Refused) };
        }
        self.add(b"", path, priority, ignore)?;
        let propagated = fs::read(path.join("nix-support/propagated-user-env-packages")).unwrap_or_default();
        let first_line = propagated.split(|&byte| byte == b'\n').next().unwrap_or_default();
        for word in first_line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            let path = PathBuf::from(OsStr::from_bytes(word));
            if !self.done.contains(&path) {
                self.postponed.insert(path);
            }
        }
        Ok(())
    }

    fn add(&mut self, place: &[u8], source: &Path, priority: i64, ignore: bool) -> Result<(), NoEnvironment> {
        if self.is_skipped(place) {
            return Ok(());
        }
        let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        let planned = self.planned.get(place).cloned();
        let (old, old_priority) = match planned {
            None => {
                self.planned.insert(place.to_vec(), (Some(source.to_owned()), priority));
                return Ok(());
            }
            Some((None, _)) if !source.is_dir() => return Err(NoEnvironment::Refused),
            Some((None, _)) => {
                self.add_children(place, source, priority, ignore)?;
                self.planned.insert(place.to_vec(), (None, priority));
                return Ok(());
            }
            Some((Some(old), old_priority)) => (old, old_priority),
        };
        if priority < old_priority && !old.is_dir() {
            self.planned.insert(place.to_vec(), (Some(source.to_owned()), priority));
        } else if real_path(&old) == real_path(source) {
            if is_link(&old) && !is_link(source) {
                self.planned.insert(place.to_vec(), (Some(source.to_owned()), priority));
            }
        } else if priority > old_priority && !old.is_dir() {
            // The better one is there already.
        } else if old.is_dir() && source.is_dir() {
            self.add_children(place, &old, old_priority, ignore)?;
            self.add_children(place, source, priority, ignore)?;
            self.planned.insert(place.to_vec(), (None, priority));
        } else if ignore || self.rules.check_collision_contents && is_same(&old, source) {
            // The first one stays.
        } else {
            return Err(NoEnvironment::Refused);
        }
        Ok(())
    }

    fn add_children(&mut self, place: &[u8], dir: &Path, priority: i64, ignore: bool) -> Result<(), NoEnvironment> {
        for entry in fs::read_dir(dir).map_err(|_| NoEnvironment::Refused)? {
            self.budget = self.budget.checked_sub(1).ok_or(NoEnvironment::TooLarge)?;
            let name = entry.map_err(|_| NoEnvironment::Refused)?.file_name();
            self.add(&[place, b"/", name.as_bytes()].concat(), &dir.join(&name), priority, ignore)?;
        }
        Ok(())
    }

    fn is_skipped(&self, place: &[u8]) -> bool {
        let name = place.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let is_wanted = self.rules.paths_to_link.iter().any(|wanted| {
            let below = |path: &[u8], above: &[u8]| {
                above.is_empty() || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
            };
            let wanted = if wanted == b"/" { b"".as_slice() } else { wanted };
            below(place, wanted) || below(wanted, place)
        });
        place == b"/propagated-build-inputs"
            || place == b"/nix-support"
            || place.ends_with(b"info/dir")
            || place.starts_with(b"/share/mime/") && !place.starts_with(b"/share/mime/packages")
            || name == b"perllocal.pod"
            || name == b"log"
            || !is_wanted
    }

    fn finish(self) -> Tree {
        let prefix = self.rules.extra_prefix.strip_prefix(b"/").unwrap_or(&self.rules.extra_prefix);
        let mut tree = Tree::default();
        tree.insert(b"", Node::Directory);
        for (place, (target, _)) in self.planned {
            let place = [prefix, &place].concat();
            let place = place.strip_prefix(b"/").unwrap_or(&place);
            tree.insert(
                place,
                target.map_or(Node::Directory, |target| Node::Link(target.into_os_string().as_bytes().to_vec())),
            );
        }
        if let Some(manifest) = &self.rules.manifest {
            tree.insert(b"manifest", Node::Link(manifest.clone()));
        }
        tree
    }
}

/// Like Perl's `abs_path`: the last component may be missing, nothing else; `None` for both of two paths counts as equal.
fn real_path(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        if let Ok(real) = fs::canonicalize(&path) {
            return Some(real);
        }
        // What ends in a slash must be there, if only as a file.
        if let Some(bare) = path.as_os_str().as_bytes().strip_suffix(b"/") {
            return fs::canonicalize(OsStr::from_bytes(bare)).ok();
        }
        let dir = fs::canonicalize(path.parent()?).ok()?;
        let Ok(target) = fs::read_link(&path) else {
            return dir.is_dir().then(|| dir.join(path.file_name().unwrap_or_default()));
        };
        path = dir.join(target);
    }
    None
}

fn is_same(a: &Path, b: &Path) -> bool {
    let (Ok(mode_a), Ok(mode_b)) = (fs::metadata(a), fs::metadata(b)) else { return false };
    mode_a.is_file()
        && mode_b.is_file()
        && mode_a.permissions().mode() == mode_b.permissions().mode()
        && fs::read(a).ok() == fs::read(b).ok()
}
