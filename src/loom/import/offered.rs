//! Which of the packages in a file a configured source offers, too: the very same, by their derivations.

use std::collections::{BTreeSet, HashMap};

use crate::loom::Loom;
use crate::package::Package;
use crate::profile::Element;
use crate::progress::Progress;
use crate::source::NixSource;

/// Attributes that are tried for one package in one source: of other names of it, and of other versions.
const MAX_TRIED: usize = 8;
/// Runs of Nix for one source, where some attributes end the evaluation.
const MAX_RUNS: usize = 16;

impl Loom {
    /// For each package of which it is not `found` yet what a source offers that is the same, if one does; the first source
    /// counts. As far as the sources are read, their lists tell what to try; the attributes of what is installed are tried,
    /// too.
    pub(super) fn same_offered(
        &self,
        packages: &[Package],
        mut found: Vec<Option<Package>>,
        elements: &[Element],
        progress: &dyn Progress,
    ) -> Vec<Option<Package>> {
        let sources = self.sources_now();
        for listed in sources.listed() {
            let Some(nix) = listed.nix() else { continue };
            let mut tried: HashMap<&str, BTreeSet<String>> = HashMap::new();
            for (package, _) in packages.iter().zip(&found).filter(|(_, found)| found.is_none()) {
                let tried = tried.entry(&package.name).or_default();
                tried.insert(package.name.clone());
                let outputs = |element: &&Element| {
                    element
                        .outputs
                        .iter()
                        .any(|output| package.outputs.iter().any(|it| it.path.as_ref() == Some(&output.path)))
                };
                let here = elements.iter().filter(|element| element.source == **listed.name());
                tried.extend(here.filter(outputs).map(|element| element.attribute.clone()));
            }
            if let Some(part) = listed.part() {
                let index = part.index();
                for row in 0..index.len() {
                    let Some(tried) = tried.get_mut(index.name(row)).filter(|tried| tried.len() < MAX_TRIED) else {
                        continue;
                    };
                    let is_version =
                        |package: &Package| package.name == index.name(row) && package.version == index.version(row);
                    if index.version(row).is_empty() || packages.iter().any(is_version) {
                        tried.insert(index.attribute(row).to_owned());
                    }
                }
            }
            let attributes: BTreeSet<&str> = tried.values().flatten().map(String::as_str).collect();
            let offered = evaluated(nix, &attributes, progress);
            for (package, found) in packages.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
                *found = offered.iter().find(|offered| is_same(package, offered)).cloned();
            }
        }
        found
    }
}

/// What of these attributes evaluates.
pub(super) fn evaluated(nix: &NixSource, attributes: &BTreeSet<&str>, progress: &dyn Progress) -> Vec<Package> {
    nix.good_packages(&attributes.iter().copied().collect::<Vec<_>>(), MAX_RUNS, progress)
}

/// Whether two packages are one: made by one derivation, or as the same paths.
pub(super) fn is_same(package: &Package, offered: &Package) -> bool {
    let derivation = |package: &Package| package.evaluated.as_ref().map(|it| it.derivation.clone());
    if derivation(package).is_some() {
        return derivation(package) == derivation(offered);
    }
    package
        .outputs
        .iter()
        .all(|output| output.path.is_some() && offered.outputs.iter().any(|it| it.path == output.path))
}
