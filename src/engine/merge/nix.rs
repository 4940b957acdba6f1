//! The rules of `builtin:buildenv`, as `nix-env` and `nix profile` use it (Nix, `src/libstore/builtins/buildenv.cc`).

use std::cmp::Ordering;

use super::arrival::{Arrival, Occupant};
use super::root::Root;
use super::rules::{Dangling, Decision, MergeRules};
use crate::engine::{FileError, Files, Package, PlanError, Reason, path};
use crate::safe;

pub(super) struct Nix;

impl MergeRules for Nix {
    /// Sorted by priority and then by path: a tie is processed in path order, not in install order.
    fn order(&self, packages: &[Package]) -> Vec<Root> {
        let mut roots: Vec<Root> = Root::listed(packages).collect();
        roots.sort_by(|a, b| a.priority.cmp(&b.priority).then_with(|| a.path.cmp(&b.path)));
        roots
    }

    fn no_directory(&self, root: &Root, error: FileError, _: &dyn Files) -> Result<Option<String>, PlanError> {
        let (package, path) = (root.package.to_string(), (*root.path).into());
        match error {
            FileError::NotADirectory => {
                Ok(Some(format!("not including {} because it is not a directory", safe::bytes(&root.path))))
            }
            FileError::NotFound => Err(PlanError::MissingPackage { package, path }),
            FileError::Loop => Err(PlanError::LinkLoop { path }),
            source => Err(PlanError::File { path, source }),
        }
    }

    /// Separated by spaces and newlines only: a tab glues two words together.
    fn propagated<'a>(&self, content: &'a [u8]) -> Vec<&'a [u8]> {
        content.split(|byte| matches!(byte, b' ' | b'\n')).filter(|word| !word.is_empty()).collect()
    }

    fn skips(&self, _: &[u8], name: &[u8]) -> bool {
        name.first() == Some(&b'.')
    }

    /// By the *source's* path, at any depth.
    fn skips_source(&self, source: &[u8], name: &[u8]) -> bool {
        match name {
            b"propagated-build-inputs"
            | b"nix-support"
            | b"perllocal.pod"
            | b"log"
            | b"manifest.nix"
            | b"manifest.json" => true,
            b"dir" => path::file_name(source) == b"info",
            _ => false,
        }
    }

    fn dangling(&self) -> Dangling {
        Dangling::Skipped
    }

    fn link_loop(&self, source: &[u8]) -> Result<Dangling, PlanError> {
        Err(PlanError::LinkLoop { path: source.into() })
    }

    fn resolves_first(&self) -> bool {
        true
    }

    fn arrive(&self, there: Occupant<'_>, new: &Arrival<'_>, _: &dyn Files) -> Result<Decision, PlanError> {
        Ok(match there {
            Occupant::Nothing => Decision::Place,
            Occupant::Merged if new.is_directory() => Decision::Merge,
            Occupant::Link(old) if old.is_directory() && new.is_directory() => Decision::Merge,
            Occupant::Link(old) if !new.is_directory() => match old.priority().cmp(&new.priority()) {
                Ordering::Equal => Decision::Collide(Reason::SamePriority),
                Ordering::Less => Decision::Keep(Reason::BetterPriority),
                Ordering::Greater => Decision::Replace(Reason::BetterPriority),
            },
            Occupant::Merged | Occupant::Link(_) => Decision::Collide(Reason::NotADirectory),
        })
    }
}
