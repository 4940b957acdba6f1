//! The environment that there would be after a transaction, and that of what is installed.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use super::{Loom, LoomError, OwnPlan};
use crate::engine::{self, Output, Plan, PlanError, Request, Rules};
use crate::package::{Package, PackageOutput};
use crate::profile::{Contents, Element, Transaction};
use crate::progress::Progress;
use crate::store::listing::Unlisted;
use crate::store::{Derivation, Wanted};

/// An environment, and what it was worked out from.
pub(super) struct Planned {
    pub elements: Vec<Element>,
    /// What has to be in the store for it.
    pub wanted: Vec<Wanted>,
    pub request: Request,
    pub plan: Plan,
    /// The packages that the transaction installs, as they were found.
    pub looked_up: Vec<Package>,
    /// Of what no listing could be had, and why.
    pub unlisted: Vec<Unlisted>,
    /// The environments in it that are not here yet, each after those in it.
    pub environments: Vec<OwnPlan>,
}

impl Loom {
    /// What the profile would be after the transaction. Evaluates what it installs, and asks for the listings of what is not
    /// here.
    pub(super) fn planned(
        &self,
        before: &Contents,
        transaction: &Transaction,
        progress: &dyn Progress,
    ) -> Result<Planned, LoomError> {
        let looked_up = RefCell::new(Vec::new());
        let find = |attribute: &str, source: Option<&str>| {
            let package = self.installable(attribute, source, progress)?;
            looked_up.borrow_mut().extend(package.clone());
            Ok(package)
        };
        self.prepare(&before.elements, transaction, progress);
        let elements = transaction.apply_to(before, &find)?;
        let looked_up: Vec<Package> = looked_up.into_inner();
        let derivations: HashMap<_, _> = looked_up.iter().flat_map(derivations_of).collect();
        self.check_store(&elements, &derivations)?;
        let paths = paths(&elements);
        let environments = self.foresee(&looked_up, &paths, progress).environments;
        let mut unlisted = self.store.learn(&paths, progress);
        let wanted = self.wanted(&elements, &derivations);
        let request = request(&elements);
        let mut plan = engine::plan(&request, self.store.files())?;
        for own in environments.iter().filter(|own| !own.is_certain() && paths.contains(&own.path)) {
            plan.unknown.push(own.path.as_os_str().as_bytes().into());
            unlisted.push(Unlisted { path: own.path.clone(), why: own.doubt() });
        }
        plan.unknown.sort_unstable();
        plan.unknown.dedup();
        Ok(Planned { elements, wanted, request, plan, looked_up, unlisted, environments })
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
fn derivations_of(package: &Package) -> Vec<(PathBuf, Derivation)> {
    let Some(evaluated) = &package.evaluated else { return Vec::new() };
    let derivation = |output: &PackageOutput| {
        let derivation = Derivation { path: evaluated.derivation.clone(), output: output.name.clone() };
        Some((output.path.clone()?, derivation))
    };
    package.outputs.iter().filter_map(derivation).collect()
}

/// The environment of these elements, as the engine is asked for it. A profile follows the rules `nix`.
pub(super) fn request(elements: &[Element]) -> Request {
    let package = |element: &Element| engine::Package {
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
