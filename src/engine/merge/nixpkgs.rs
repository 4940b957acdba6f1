//! The rules of nixpkgs' `buildEnv` (`pkgs/build-support/buildenv/builder.pl`).

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use super::arrival::{Arrival, Occupant};
use super::root::{Origin, Root};
use super::rules::{Dangling, Decision, MergeRules};
use crate::engine::{FileError, Files, NixpkgsRules, Package, PlanError, Reason, path};
use crate::safe;

/// Priority of the packages that `extraPathsFrom` names.
const EXTRA_PRIORITY: i64 = 1000;

pub(super) struct Nixpkgs<'a> {
    settings: &'a NixpkgsRules,
    /// The entries of `pathsToLink`, normalised, without leading slash; empty for `/`.
    linked: Vec<Vec<u8>>,
    /// They and their ancestors: directory → names in it that are real directories.
    planned: BTreeMap<Vec<u8>, BTreeSet<Arc<[u8]>>>,
}

impl<'a> Nixpkgs<'a> {
    pub fn new(settings: &'a NixpkgsRules) -> Self {
        let mut linked = Vec::new();
        let mut planned: BTreeMap<Vec<u8>, BTreeSet<Arc<[u8]>>> = BTreeMap::new();
        for entry in &settings.paths_to_link {
            let mut path = Vec::new();
            for part in path::components(entry) {
                planned.entry(path.clone()).or_default().insert(part.into());
                path = path::below(&path, part);
            }
            linked.push(path);
        }
        Self { settings, linked, planned }
    }

    /// Whether a path lies in an entry of `pathsToLink`, or on the way to one.
    fn is_linked(&self, path: &[u8]) -> bool {
        self.linked.iter().any(|entry| {
            entry.is_empty() || path.is_empty() || path::starts_with(path, entry) || path::starts_with(entry, path)
        })
    }

    /// Rule 9: what is neither settled by priority nor mergeable.
    fn tie(&self, old: &Arrival<'_>, new: &Arrival<'_>, files: &dyn Files) -> Result<Decision, PlanError> {
        if self.settings.ignore_collisions {
            return Ok(Decision::Keep(Reason::Ignored));
        }
        if old.is_dangling() || new.is_dangling() {
            return Ok(Decision::Collide(Reason::Dangling));
        }
        if old.is_directory() || new.is_directory() {
            return Ok(Decision::Collide(Reason::NotADirectory));
        }
        if !self.settings.check_collision_contents {
            return Ok(Decision::Collide(Reason::SamePriority));
        }
        let same_mode = |old: &Arrival<'_>, new: &Arrival<'_>| Ok(old.mode(files)? == new.mode(files)?);
        Ok(match old.same_bytes(new, files)? {
            Some(true) if same_mode(old, new)? => Decision::Keep(Reason::SameContent),
            Some(true) => Decision::Collide(Reason::ModeDiffers),
            None if old.is_regular(files) && new.is_regular(files) && same_mode(old, new)? => {
                Decision::Keep(Reason::NotCompared)
            }
            Some(false) | None => Decision::Collide(Reason::SamePriority),
        })
    }
}

impl MergeRules for Nixpkgs<'_> {
    /// In list order.
    fn order(&self, packages: &[Package]) -> Vec<Root> {
        Root::listed(packages).collect()
    }

    fn late(&self) -> Vec<Root> {
        let extra = self.settings.extra_paths.iter();
        extra.map(|path| Root::unlisted(path.clone(), EXTRA_PRIORITY, Origin::Extra)).collect()
    }

    fn no_directory(&self, root: &Root, error: FileError, files: &dyn Files) -> Result<Option<String>, PlanError> {
        let (package, path) = (root.package.to_string(), (*root.path).into());
        let exists = files.find(&root.path).is_ok();
        match error {
            _ if root.origin == Origin::Extra => Ok(None),
            FileError::NotADirectory if exists && self.settings.ignore_single_file_outputs => {
                Ok(Some(format!("{} is a file and cannot be merged: left out", safe::bytes(&root.path))))
            }
            FileError::NotADirectory if exists => Err(PlanError::SingleFile { package, path }),
            FileError::NotADirectory | FileError::NotFound | FileError::Loop if root.origin == Origin::Listed => {
                Ok(None)
            }
            FileError::NotADirectory | FileError::NotFound | FileError::Loop => {
                Err(PlanError::MissingPackage { package, path })
            }
            source => Err(PlanError::File { path, source }),
        }
    }

    /// Only the first line is read, split at any white space.
    fn propagated<'a>(&self, content: &'a [u8]) -> Vec<&'a [u8]> {
        let line = content.split(|&byte| byte == b'\n').next().unwrap_or_default();
        line.split(|byte| byte.is_ascii_whitespace() || *byte == 0x0b).filter(|word| !word.is_empty()).collect()
    }

    /// What leads nowhere is not there, and Perl opens a directory and reads nothing from it.
    fn propagates_nothing(&self, error: &FileError) -> bool {
        match error {
            FileError::NotFound | FileError::NotADirectory | FileError::Loop => true,
            FileError::Io(error) => error.kind() == io::ErrorKind::IsADirectory,
            FileError::Unknown => false,
        }
    }

    fn skips(&self, dir: &[u8], name: &[u8]) -> bool {
        if matches!(name, b"perllocal.pod" | b"log") {
            return true;
        }
        if dir.is_empty() && matches!(name, b"propagated-build-inputs" | b"nix-support") {
            return true;
        }
        // The pattern's `$` also matches before a newline at the end, and its `info` is not a whole component.
        if matches!(name, b"dir" | b"dir\n") && dir.ends_with(b"info") {
            return true;
        }
        let path = path::below(dir, name);
        (path.starts_with(b"share/mime/") && !path.starts_with(b"share/mime/packages")) || !self.is_linked(&path)
    }

    fn planned(&self, dir: &[u8]) -> Vec<&Arc<[u8]>> {
        self.planned.get(dir).into_iter().flatten().collect()
    }

    fn dangling(&self) -> Dangling {
        Dangling::Linked
    }

    fn link_loop(&self, _: &[u8]) -> Result<Dangling, PlanError> {
        Ok(Dangling::Linked)
    }

    fn resolves_first(&self) -> bool {
        false
    }

    /// The rules 4 to 9, in their order.
    fn arrive(&self, there: Occupant<'_>, new: &Arrival<'_>, files: &dyn Files) -> Result<Decision, PlanError> {
        let old = match there {
            Occupant::Nothing => return Ok(Decision::Place),
            Occupant::Merged if new.is_directory() => return Ok(Decision::Merge),
            Occupant::Merged => return Ok(Decision::Collide(Reason::NotADirectory)),
            Occupant::Link(old) => old,
        };
        if new.priority() < old.priority() && !old.is_directory() {
            return Ok(Decision::Replace(Reason::BetterPriority));
        }
        if old.real(files)? == new.real(files)? {
            let prefers_new = old.is_symlink() && !new.is_symlink();
            return Ok(if prefers_new {
                Decision::Replace(Reason::SameFile)
            } else {
                Decision::Keep(Reason::SameFile)
            });
        }
        if new.priority() > old.priority() && !old.is_directory() {
            return Ok(Decision::Keep(Reason::BetterPriority));
        }
        if old.is_directory() && new.is_directory() {
            return Ok(Decision::Merge);
        }
        if new.is_propagated() {
            return Ok(Decision::Keep(Reason::PropagatedYields));
        }
        self.tie(old, new, files)
    }
}
