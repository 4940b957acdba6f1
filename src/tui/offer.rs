//! The packages on offer, as the screen knows them: what the catalogue tells, and what was evaluated since.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalogue::{Catalogue, Query};
use crate::package::Package;
use crate::profile::Element;

/// All packages, in the order of their sources.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    catalogue: Arc<Catalogue>,
    /// By position, what was evaluated.
    evaluated: HashMap<usize, Package>,
    /// Packages that were evaluated though no row shows them, such as `python3Packages.requests`.
    unlisted: Vec<Package>,
}

impl Offer {
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, evaluated: HashMap::new(), unlisted: Vec::new() }
    }

    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Whether positions in that catalogue are positions in the offer.
    pub fn is_of(&self, catalogue: &Arc<Catalogue>) -> bool {
        Arc::ptr_eq(&self.catalogue, catalogue)
    }

    pub fn len(&self) -> usize {
        self.catalogue.len()
    }

    pub fn is_empty(&self) -> bool {
        self.catalogue.is_empty()
    }

    /// The package at a position, as it is known now.
    pub fn get(&self, at: usize) -> Option<Package> {
        self.evaluated.get(&at).cloned().or_else(|| self.catalogue.get(at))
    }

    /// Takes in what an evaluation told.
    pub fn learn(&mut self, package: Package) {
        if package.evaluated.is_none() {
            return;
        }
        if let Some(at) = self.position(&package.attribute, &package.source) {
            self.evaluated.insert(at, package);
        } else {
            self.unlisted.retain(|known| (&known.attribute, &known.source) != (&package.attribute, &package.source));
            self.unlisted.push(package);
        }
    }

    /// Takes in what another offer had learned.
    pub fn learn_from(&mut self, other: Self) {
        for package in other.evaluated.into_values().chain(other.unlisted) {
            self.learn(package);
        }
    }

    /// Forgets what was learned of a source.
    pub fn forget(&mut self, source: &str) {
        self.evaluated.retain(|_, package| *package.source != *source);
        self.unlisted.retain(|package| *package.source != *source);
    }

    /// The package of an attribute: of that source, or of the first that has it if `source` is empty.
    pub fn find(&self, attribute: &str, source: &str) -> Option<Package> {
        let is_meant = |package: &&Package| package.attribute == attribute && *package.source == *source;
        match self.position(attribute, source) {
            Some(at) => self.get(at),
            None => self.unlisted.iter().find(is_meant).cloned(),
        }
    }

    /// The packages of an attribute in all sources, in their order.
    pub fn all_of(&self, attribute: &str) -> Vec<Package> {
        self.catalogue.all_of(attribute, "").filter_map(|at| self.get(at)).collect()
    }

    /// The position of that package.
    pub fn position(&self, attribute: &str, source: &str) -> Option<usize> {
        self.catalogue.find(attribute, source)
    }

    /// Which letters of the attribute at a position the query matches.
    pub fn matched(&self, at: usize, query: &Query) -> Vec<usize> {
        self.catalogue.matched(at, query)
    }

    /// The package from which an element came, as it is offered now.
    pub fn of_element(&self, element: &Element) -> Option<Package> {
        if element.attribute.is_empty() { None } else { self.find(&element.attribute, &element.source) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(attribute: &str, source: &str) -> Package {
        Package::unevaluated(attribute.into(), source.into())
    }

    #[test]
    fn what_is_learned_outlasts_a_new_catalogue_until_its_source_is_forgotten() {
        let catalogue = || Arc::new(Catalogue::of_packages(vec![package("a", "one"), package("b", "two")]));
        let mut offer = Offer::new(catalogue());
        for (attribute, source) in [("a", "one"), ("b", "two"), ("deep.c", "one")] {
            let evaluated = Some(Arc::default());
            offer.learn(Package { version: "1".into(), evaluated, ..package(attribute, source) });
        }
        let mut newer = Offer::new(catalogue());
        newer.learn_from(offer);
        let version = |offer: &Offer, attribute, source| offer.find(attribute, source).map(|package| package.version);
        assert_eq!(version(&newer, "a", "one").as_deref(), Some("1"));
        assert_eq!(version(&newer, "deep.c", "one").as_deref(), Some("1"));
        newer.forget("one");
        assert_eq!(version(&newer, "a", "one").as_deref(), Some(""));
        assert_eq!(version(&newer, "deep.c", "one"), None);
        assert_eq!(version(&newer, "b", "two").as_deref(), Some("1"));
    }
}
