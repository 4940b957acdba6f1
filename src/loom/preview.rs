//! What a transaction would do, worked out without touching anything.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::planned::Planned;
use super::search_path::{Program, executable};
use super::{Fetch, Loom, LoomError, Meaning, Origin};
use crate::engine::{self, Difference, EntryKind, FileError, Files, Plan, RuleSet, Suggestion};
use crate::profile::{Contents, Element, Transaction};
use crate::progress::Progress;
use crate::store::Wanted;

/// How many ways out of a collision are offered.
const SUGGESTIONS: usize = 16;

/// Things that come, go and change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed<T> {
    pub added: Vec<T>,
    pub removed: Vec<T>,
    pub changed: Vec<T>,
}

/// What a transaction would do. By default nothing, where nothing is.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// The elements after it.
    pub elements: Vec<Element>,
    /// What has to be in the store for that.
    pub wanted: Vec<Wanted>,
    pub plan: Plan,
    /// Where each of the plan's collisions comes from, in their order.
    pub origins: Vec<Origin>,
    /// Symlinks and directories of the environment before it.
    pub links_before: usize,
    pub directories_before: usize,
    /// Files, relative to the environment.
    pub files: Changed<Box<[u8]>>,
    /// Names in `bin/`.
    pub commands: Changed<Box<[u8]>>,
    /// Commands of which a shell would run another program, or go on to run another.
    pub meanings: Vec<Meaning>,
    /// The profile's `bin`, if commands change and no folder of PATH leads there.
    pub missing_from_path: Option<PathBuf>,
    pub fetch: Fetch,
    /// What would settle the collisions that block; best first.
    pub suggestions: Vec<Suggestion>,
}

impl Loom {
    /// What the transaction would do. Changes nothing and fetches no content; may wait for Nix to evaluate, and for
    /// listings of outputs that are not here. If nobody wants it any more, those are not waited for.
    pub fn preview(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Preview, LoomError> {
        self.preview_on(&self.contents()?, transaction, progress)
    }

    /// The same on this.
    pub(super) fn preview_on(
        &self,
        before: &Contents,
        transaction: &Transaction,
        progress: &dyn Progress,
    ) -> Result<Preview, LoomError> {
        let Planned { elements, wanted, request, mut plan, looked_up, unlisted } =
            self.planned(before, transaction, progress)?;
        let files = self.store.files();
        let old = match self.installed_plan(&before.elements) {
            Ok(old) => old,
            // Something that is installed is gone. The way out may be this very transaction.
            Err(error) => {
                plan.warnings.push(format!("what is installed cannot be read, so all counts as new: {error}"));
                Arc::new(Plan::empty(RuleSet::Nix))
            }
        };
        let files_changed = changed(engine::diff(&old, &plan, files)?);
        let commands = commands(&files_changed);
        let meanings = self
            .search_path
            .meanings(&commands, &|name| program(files, &old, name), &|name| program(files, &plan, name));
        let is_told = commands != Changed::default();
        let suggestions = if plan.builds() {
            Vec::new()
        } else {
            let spare = self.spare(&elements, &plan, &looked_up);
            engine::suggest(&request, &spare, &plan, files, SUGGESTIONS)
        };
        Ok(Preview {
            links_before: old.links(),
            directories_before: old.directories(),
            commands,
            meanings,
            missing_from_path: self.search_path.missing().filter(|_| is_told).map(Into::into),
            files: files_changed,
            origins: super::origins(&old, &plan),
            fetch: Fetch { unlisted, ..self.fetch(&before.elements, &wanted, &plan)? },
            suggestions,
            elements,
            wanted,
            plan,
        })
    }
}

/// The program that a plan has as the command `name`, if it can be run.
fn program(files: &dyn Files, plan: &Plan, name: &[u8]) -> Option<Program> {
    let source = plan.source_of(&engine::join(b"bin", name))?;
    let can_run = match files.find(&source) {
        Ok(found) => found.kind == EntryKind::File && found.mode & 0o111 != 0,
        Err(error) => matches!(error, FileError::Unknown),
    };
    can_run.then(|| Program { file: executable(Path::new(OsStr::from_bytes(&source))) })
}

pub(super) fn changed(difference: Difference) -> Changed<Box<[u8]>> {
    Changed { added: difference.added, removed: difference.removed, changed: difference.changed }
}

/// The names in `bin/` among the files.
pub(super) fn commands(files: &Changed<Box<[u8]>>) -> Changed<Box<[u8]>> {
    let names = |paths: &[Box<[u8]>]| {
        let in_bin = paths.iter().filter_map(|path| path.strip_prefix(b"bin/"));
        in_bin.filter(|name| !name.contains(&b'/')).map(Into::into).collect()
    };
    Changed { added: names(&files.added), removed: names(&files.removed), changed: names(&files.changed) }
}
