//! What a transaction would do, worked out without touching anything.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::planned::Planned;
use super::search_path::{Program, executable};
use super::{Double, Fetch, Loom, LoomError, Meaning, Origin, OwnPlan, double};
use crate::engine::{self, Contender, Difference, EntryKind, FileError, Files, Plan, RuleSet, Suggestion};
use crate::profile::{Contents, Element, StoreName, Transaction};
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

/// What would become of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is in the way, as far as is known.
    Builds,
    /// So many collisions block it, those in its own environments counted.
    Collides { count: usize },
    /// No settlement of collisions makes it possible: see [`Preview::obstacles`].
    Impossible,
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
    /// The environments among the elements that are not built yet, as they will be.
    pub environments: Vec<OwnPlan>,
    /// Packages that block because an environment has them, too.
    pub doubles: Vec<Double>,
    /// The directory in which the store's paths lie.
    pub store: PathBuf,
}

impl Preview {
    /// The package whose file a contender of the plan has, if it is not its own: what an environment has it from.
    pub fn inside(&self, contender: &Contender) -> Option<StoreName> {
        double::outside(contender, &self.store).map(StoreName::of)
    }

    /// Of which package that is there twice a collision of the plan tells.
    pub fn double(&self, collision: u32) -> Option<&Double> {
        self.doubles.iter().find(|double| double.collisions.binary_search(&collision).is_ok())
    }

    /// Whether all of it can be built, as far as is known.
    pub fn builds(&self) -> bool {
        self.verdict() == Verdict::Builds
    }

    /// What is in the way beside the collisions of the plan; sentences without a full stop, safe for a terminal.
    pub fn obstacles(&self) -> Vec<String> {
        let problems = self.plan.problems.iter().map(ToString::to_string);
        problems.chain(self.environments.iter().filter_map(OwnPlan::obstacle)).collect()
    }

    pub fn verdict(&self) -> Verdict {
        let own = || self.environments.iter().filter_map(|own| own.plan.as_ref().ok());
        let mut plans = own().map(AsRef::as_ref).chain([&self.plan]);
        if self.environments.iter().any(|own| own.plan.is_err()) || plans.any(|plan| !plan.problems.is_empty()) {
            return Verdict::Impossible;
        }
        match self.plan.blocking().count() + own().map(|plan| plan.blocking().count()).sum::<usize>() {
            0 => Verdict::Builds,
            count => Verdict::Collides { count },
        }
    }

    /// The preview if it builds; else the error that holds it.
    pub(super) fn unblocked(self) -> Result<Self, LoomError> {
        match self.verdict() {
            Verdict::Builds => Ok(self),
            Verdict::Collides { count } => Err(LoomError::Collisions { count, preview: Box::new(self) }),
            Verdict::Impossible => Err(LoomError::Impossible { preview: Box::new(self) }),
        }
    }
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
        let Planned { elements, wanted, request, mut plan, looked_up, unlisted, environments } =
            self.planned(before, transaction, progress)?;
        let files = self.store.files();
        let old = match self.installed_plan(&before.elements) {
            Ok(old) => {
                let problems = old.problems.iter().map(ToString::to_string);
                let unread = problems.filter(|old| plan.problems.iter().all(|new| new.to_string() != *old));
                let unread: Vec<_> =
                    unread.map(|it| format!("of what is installed not all can be read: {it}")).collect();
                plan.warnings.extend(unread);
                old
            }
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
        let suggestions = if plan.blocking().next().is_none() {
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
            environments,
            doubles: super::doubles(&plan, &elements, &before.elements, self.store.directory()),
            store: self.store.directory().to_owned(),
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
