//! What is other in a file than in what is installed of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::derivation_name;
use crate::loom::Loom;
use crate::package::Package;
use crate::profile::{Element, StoreName};
use crate::source::Environment;

/// What became of the packages of an environment since it was installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentChange {
    /// The element that installing it again would replace.
    pub element: String,
    /// Whether it is the very same build.
    pub is_same: bool,
    pub added: Vec<EnvironmentPackage>,
    pub removed: Vec<EnvironmentPackage>,
    /// Before and after; of one version they are two builds.
    pub changed: Vec<(EnvironmentPackage, EnvironmentPackage)>,
}

/// An output of a package in an environment, as its path names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvironmentPackage {
    pub name: String,
    /// Empty if it has none.
    pub version: String,
    pub output: String,
}

impl EnvironmentPackage {
    fn of(path: &Path) -> Self {
        let StoreName { name, version, output } = StoreName::of(path);
        Self { name, version, output }
    }
}

impl Loom {
    /// How the file differs from the element that it would replace; `None` if there is none.
    ///
    /// What is installed is known by what its environment links to, so a package that all others hide in it counts as added.
    pub(super) fn since(
        &self,
        package: &Package,
        environment: Option<&Environment>,
        elements: &[Element],
    ) -> Option<EnvironmentChange> {
        let is_from = |it: &&Element| it.attribute == package.attribute && it.source == *package.source;
        let is_named = |it: &&Element| it.is_of_derivation(&derivation_name(package));
        let element = elements.iter().find(is_from).or_else(|| elements.iter().find(is_named))?;
        let mut change = EnvironmentChange { element: element.name.clone(), ..EnvironmentChange::default() };
        let is_path_of = |path: &PathBuf| package.outputs.iter().any(|output| output.path.as_ref() == Some(path));
        change.is_same = element.outputs.iter().all(|output| is_path_of(&output.path));
        if change.is_same {
            return Some(change);
        }
        let (old, new) = environment.map_or_else(
            || (element.outputs.iter().map(|output| output.path.clone()).collect(), chosen(package).collect()),
            |environment| self.linked(element, environment),
        );
        let named = |paths: &BTreeSet<PathBuf>, others: &BTreeSet<PathBuf>| {
            let mut named: BTreeMap<(String, String), Vec<EnvironmentPackage>> = BTreeMap::new();
            for path in paths.difference(others) {
                let package = EnvironmentPackage::of(path);
                named.entry((package.name.clone(), package.output.clone())).or_default().push(package);
            }
            named
        };
        let (gone, mut come) = (named(&old, &new), named(&new, &old));
        for (key, gone) in gone {
            let mut come = come.remove(&key).unwrap_or_default().into_iter();
            for gone in gone {
                match come.next() {
                    Some(come) => change.changed.push((gone, come)),
                    None => change.removed.push(gone),
                }
            }
            change.added.extend(come);
        }
        change.added.extend(come.into_values().flatten());
        change.added.sort();
        Some(change)
    }

    /// The outputs that an installed environment links to, and those that a file takes; what packages ask to have beside
    /// them, which a file does not list, is not among the former.
    fn linked(&self, element: &Element, environment: &Environment) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        let mut old = BTreeSet::new();
        for output in &element.outputs {
            old.extend(self.store.references(&output.path).unwrap_or_default());
            old.remove(&output.path);
        }
        let new: BTreeSet<PathBuf> = environment.packages.iter().flat_map(chosen).collect();
        let propagated = old.iter().chain(&new).flat_map(|path| self.store.propagated(path));
        let beside: HashSet<PathBuf> = propagated.collect();
        old.retain(|path| new.contains(path) || !beside.contains(path));
        (old, new)
    }
}

/// The paths of the outputs that are taken of a package.
fn chosen(package: &Package) -> impl Iterator<Item = PathBuf> {
    package.default_outputs.iter().filter_map(|name| package.output(name)?.path.clone())
}
