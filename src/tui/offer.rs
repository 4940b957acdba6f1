//! The packages on offer, with an index by attribute: the screen looks packages up far too often to walk through them all.

use std::sync::Arc;

use crate::package::Package;
use crate::profile::Element;

/// All packages, in the order of their sources.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    packages: Arc<[Package]>,
    /// Indices of `packages`, sorted by attribute, then by order.
    by_attribute: Vec<u32>,
}

impl Offer {
    pub fn new(packages: Arc<[Package]>) -> Self {
        let mut by_attribute: Vec<u32> = (0..u32::try_from(packages.len()).unwrap_or(u32::MAX)).collect();
        by_attribute.sort_by_key(|&at| (&packages[at as usize].attribute, at));
        Self { packages, by_attribute }
    }

    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The package of an attribute: of that source, or of the first that has it if `source` is empty.
    pub fn find(&self, attribute: &str, source: &str) -> Option<&Package> {
        let attribute_of = |at: &u32| self.packages[*at as usize].attribute.as_str();
        let start = self.by_attribute.partition_point(|at| attribute_of(at) < attribute);
        self.by_attribute[start..]
            .iter()
            .take_while(|at| attribute_of(at) == attribute)
            .map(|&at| &self.packages[at as usize])
            .find(|package| source.is_empty() || &*package.source == source)
    }

    /// The package from which an element came, as it is offered now.
    pub fn of_element(&self, element: &Element) -> Option<&Package> {
        if element.attribute.is_empty() { None } else { self.find(&element.attribute, &element.source) }
    }
}
