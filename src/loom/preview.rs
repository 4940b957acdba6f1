//! What a transaction would do, worked out without touching anything.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use super::search_path::{Program, executable};
use super::{Fetch, Loom, LoomError, Meaning, Origin};
use crate::engine::{
    self, Difference, EntryKind, FileError, Files, Output, Package, Plan, PlanError, Request, RuleSet, Rules,
    Suggestion,
};
use crate::profile::{Contents, Element, Transaction};
use crate::progress::Progress;
use crate::store::{Derivation, Wanted};

/// How many ways out of a collision are offered.
const SUGGESTIONS: usize = 16;

/// Things that come, go and change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed<T> {
    pub added: Vec<T>,
    pub removed: Vec<T>,
    pub changed: Vec<T>,
}

/// What a transaction would do.
#[derive(Clone, Debug)]
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
        let derivations = RefCell::new(HashMap::new());
        let looked_up = RefCell::new(Vec::new());
        let find = |attribute: &str, source: Option<&str>| {
            let package = self.installable(attribute, source, progress)?;
            derivations.borrow_mut().extend(package.iter().flat_map(derivations_of));
            looked_up.borrow_mut().extend(package.clone());
            Ok(package)
        };
        self.prepare(transaction, progress);
        let elements = transaction.apply_to(before, &find)?;
        let derivations = derivations.into_inner();
        self.check_store(&elements, &derivations)?;
        let unlisted = self.store.learn(&paths(&elements), progress);
        let wanted = self.wanted(&elements, &derivations);
        let files = self.store.files();
        let request = request(&elements);
        let mut plan = engine::plan(&request, files)?;
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
            let spare = self.spare(&elements, &plan, &looked_up.into_inner());
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

    /// What an evaluation told of must belong into this store.
    fn check_store(&self, elements: &[Element], derivations: &HashMap<PathBuf, Derivation>) -> Result<(), LoomError> {
        let store = self.store.directory();
        let foreign = |element: &Element| {
            let mut paths = element.outputs.iter().map(|output| &output.path);
            let path = paths.find(|path| derivations.contains_key(*path) && !path.starts_with(store))?;
            Some(LoomError::ForeignStore {
                package: element.name.clone(),
                belongs: path.parent().unwrap_or(path).to_owned(),
                store: store.to_owned(),
            })
        };
        elements.iter().find_map(foreign).map_or(Ok(()), Err)
    }

    /// The environment of what is installed, which was worked out before unless something changed.
    pub(super) fn installed_plan(&self, elements: &[Element]) -> Result<Arc<Plan>, PlanError> {
        let mut known = self.installed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, plan)) = &*known
            && of == elements
        {
            return Ok(plan.clone());
        }
        let plan = Arc::new(self.plan(elements)?);
        *known = Some((elements.to_vec(), plan.clone()));
        Ok(plan)
    }

    pub(super) fn plan(&self, elements: &[Element]) -> Result<Plan, PlanError> {
        engine::plan(&request(elements), self.store.files())
    }

    /// The paths that the elements need, with what they propagate.
    fn wanted(&self, elements: &[Element], derivations: &HashMap<PathBuf, Derivation>) -> Vec<Wanted> {
        let mut seen = HashSet::new();
        let outputs = elements.iter().flat_map(|element| &element.outputs);
        let paths =
            outputs.flat_map(|output| std::iter::once(output.path.clone()).chain(self.store.propagated(&output.path)));
        let wanted = paths.filter(|path| seen.insert(path.clone()));
        wanted.map(|path| Wanted { derivation: derivations.get(&path).cloned(), path }).collect()
    }
}

/// The outputs that an environment of these elements shows.
fn paths(elements: &[Element]) -> Vec<PathBuf> {
    let active = elements.iter().filter(|element| element.active);
    active.flat_map(|element| &element.outputs).map(|output| output.path.clone()).collect()
}

/// What builds each output of a package, as far as an evaluation told.
fn derivations_of(package: &crate::package::Package) -> Vec<(PathBuf, Derivation)> {
    let Some(evaluated) = &package.evaluated else { return Vec::new() };
    let derivation = |output: &crate::package::PackageOutput| {
        let derivation = Derivation { path: evaluated.derivation.clone(), output: output.name.clone() };
        Some((output.path.clone()?, derivation))
    };
    package.outputs.iter().filter_map(derivation).collect()
}

/// The environment of these elements, as the engine is asked for it. A profile follows the rules `nix`.
fn request(elements: &[Element]) -> Request {
    let package = |element: &Element| Package {
        name: element.name.as_str().into(),
        priority: element.priority,
        active: element.active,
        outputs: element
            .outputs
            .iter()
            .map(|output| Output { name: output.name.as_str().into(), path: output.path.as_os_str().as_bytes().into() })
            .collect(),
    };
    Request { rules: Rules::Nix, packages: elements.iter().map(package).collect(), compare_contents: true }
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
