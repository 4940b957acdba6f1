//! The packages on offer, with an index by attribute: the screen looks packages up far too often to walk through them all.

use std::collections::HashMap;
use std::sync::Arc;

use crate::package::Package;
use crate::profile::Element;

/// All packages, in the order of their sources.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    packages: Arc<[Package]>,
    /// Indices of `packages`, sorted by attribute, then by order.
    by_attribute: Vec<u32>,
    /// By position, what was evaluated since the packages were read.
    evaluated: HashMap<usize, Package>,
    /// Packages that were evaluated though no row shows them, such as `python3Packages.requests`.
    unlisted: Vec<Package>,
}

impl Offer {
    pub fn new(packages: Arc<[Package]>) -> Self {
        let mut by_attribute: Vec<u32> = (0..u32::try_from(packages.len()).unwrap_or(u32::MAX)).collect();
        by_attribute.sort_by_key(|&at| (&packages[at as usize].attribute, at));
        Self { packages, by_attribute, evaluated: HashMap::new(), unlisted: Vec::new() }
    }

    /// Whether positions in `packages` are positions in the offer.
    pub fn is_of(&self, packages: &Arc<[Package]>) -> bool {
        Arc::ptr_eq(&self.packages, packages)
    }

    pub fn len(&self) -> usize {
        self.packages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// The package at a position, as it is known now.
    pub fn get(&self, at: usize) -> Option<&Package> {
        self.evaluated.get(&at).or_else(|| self.packages.get(at))
    }

    /// Takes in what an evaluation told.
    pub fn learn(&mut self, package: Package) {
        match self.position(&package.attribute, &package.source) {
            _ if package.is_unevaluated() => {}
            Some(at) if self.packages[at].is_unevaluated() => drop(self.evaluated.insert(at, package)),
            Some(_) => {}
            None => {
                self.unlisted
                    .retain(|known| (&known.attribute, &known.source) != (&package.attribute, &package.source));
                self.unlisted.push(package);
            }
        }
    }

    /// Takes in what another offer had learned.
    pub fn learn_from(&mut self, other: Self) {
        for package in other.evaluated.into_values().chain(other.unlisted) {
            self.learn(package);
        }
    }

    /// The package of an attribute: of that source, or of the first that has it if `source` is empty.
    pub fn find(&self, attribute: &str, source: &str) -> Option<&Package> {
        let is_meant = |package: &&Package| package.attribute == attribute && *package.source == *source;
        match self.position(attribute, source) {
            Some(at) => self.get(at),
            None => self.unlisted.iter().find(is_meant),
        }
    }

    /// The position of that package.
    pub fn position(&self, attribute: &str, source: &str) -> Option<usize> {
        let attribute_of = |at: &u32| self.packages[*at as usize].attribute.as_str();
        let start = self.by_attribute.partition_point(|at| attribute_of(at) < attribute);
        self.by_attribute[start..]
            .iter()
            .take_while(|at| attribute_of(at) == attribute)
            .map(|&at| at as usize)
            .find(|&at| source.is_empty() || &*self.packages[at].source == source)
    }

    /// The package from which an element came, as it is offered now.
    pub fn of_element(&self, element: &Element) -> Option<&Package> {
        if element.attribute.is_empty() { None } else { self.find(&element.attribute, &element.source) }
    }
}
