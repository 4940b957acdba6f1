//! In which order the panes list packages; the first of each is how it comes, and is not told.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::app::App;
use crate::profile::Element;

const INSTALLED: &str = "installed";
const AVAILABLE: &str = "available";

/// The order of what is installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstalledOrder {
    /// As the profile's manifest has it.
    #[default]
    Profile,
    Name,
    /// By source, then by name.
    Source,
    /// What has a newer version first.
    Newer,
}

/// The order of what is on offer while nothing is searched for: a query ranks what it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AvailableOrder {
    /// Source after source, each by attribute.
    #[default]
    Source,
    /// By name across all sources.
    Name,
}

/// The orders of the panes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    pub installed: InstalledOrder,
    pub available: AvailableOrder,
}

impl Orders {
    /// As they are remembered, pane → order; whatever means nothing is as usual.
    pub fn named(names: &BTreeMap<String, String>) -> Self {
        let name = |pane: &str| names.get(pane).map_or("", String::as_str);
        Self {
            installed: InstalledOrder::named(name(INSTALLED)).unwrap_or_default(),
            available: AvailableOrder::named(name(AVAILABLE)).unwrap_or_default(),
        }
    }

    /// The same to be remembered.
    pub fn names(self) -> BTreeMap<String, String> {
        let orders = [(INSTALLED, self.installed.name()), (AVAILABLE, self.available.name())];
        orders.map(|(pane, order)| (pane.to_owned(), order.to_owned())).into()
    }
}

impl InstalledOrder {
    pub const ALL: &[Self] = &[Self::Profile, Self::Name, Self::Source, Self::Newer];

    #[must_use]
    pub fn next(self) -> Self {
        after(Self::ALL, self)
    }

    /// The name under which it is remembered; never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Name => "name",
            Self::Source => "source",
            Self::Newer => "newer",
        }
    }

    /// The order that is remembered by that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|order| order.name() == name)
    }

    /// For a title.
    pub fn words(self) -> &'static str {
        match self {
            Self::Profile => "in the profile's order",
            Self::Name => "by name",
            Self::Source => "by source",
            Self::Newer => "outdated first",
        }
    }

    /// The rows in this order, as indices into the elements. `newer` tells for each whether there is a newer version.
    pub fn rows(self, elements: &[Element], newer: &[Option<String>]) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..elements.len()).collect();
        let name = |&at: &usize| elements[at].name.to_lowercase();
        match self {
            Self::Profile => {}
            Self::Name => rows.sort_by_cached_key(name),
            // What has no source recorded comes last.
            Self::Source => {
                rows.sort_by_cached_key(|at| (elements[*at].source.is_empty(), elements[*at].source.clone(), name(at)));
            }
            Self::Newer => rows.sort_by_key(|&at| Reverse(newer.get(at).is_some_and(Option::is_some))),
        }
        rows
    }
}

impl AvailableOrder {
    pub const ALL: &[Self] = &[Self::Source, Self::Name];

    #[must_use]
    pub fn next(self) -> Self {
        after(Self::ALL, self)
    }

    /// The name under which it is remembered; never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Name => "name",
        }
    }

    /// The order that is remembered by that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|order| order.name() == name)
    }

    /// For a title.
    pub fn words(self) -> &'static str {
        match self {
            Self::Source => "source by source",
            Self::Name => "by name",
        }
    }
}

/// The positions of what is on offer, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct ByName {
    /// Whether it is known or on its way.
    pub is_asked: bool,
    pub rows: Option<Arc<[u32]>>,
}

impl App {
    /// A row of the installed pane.
    pub fn installed(&self, row: usize) -> Option<&Element> {
        self.elements().get(*self.installed_rows.get(row)?)
    }

    /// The newer version that the source of a row's package offers, if it does.
    pub fn newer_than(&self, row: usize) -> Option<&str> {
        self.newer.get(*self.installed_rows.get(row)?)?.as_deref()
    }

    pub fn selected_element(&self) -> Option<&Element> {
        self.installed(self.lists.installed.selected()?)
    }

    /// The position on offer of a row, while nothing is searched for.
    pub(super) fn offered_at(&self, row: usize) -> usize {
        self.rows_by_name().and_then(|rows| rows.get(row)).map_or(row, |&at| at as usize)
    }

    /// The row of a position on offer, while nothing is searched for.
    pub(super) fn row_on_offer(&self, at: usize) -> Option<usize> {
        self.rows_by_name().map_or(Some(at), |rows| rows.iter().position(|&row| row as usize == at))
    }

    /// The rows on offer by name, if they are shown so.
    fn rows_by_name(&self) -> Option<&[u32]> {
        self.by_name.rows.as_deref().filter(|_| self.orders.available == AvailableOrder::Name)
    }

    /// In which order what is on offer is shown; a query ranks, whatever the order.
    pub fn available_order(&self) -> Option<AvailableOrder> {
        match (&self.found, self.rows_by_name()) {
            (Some(_), _) => None,
            (None, Some(_)) => Some(AvailableOrder::Name),
            (None, None) => Some(AvailableOrder::Source),
        }
    }
}

/// What follows in a circle.
fn after<T: Copy + PartialEq>(all: &[T], now: T) -> T {
    let at = all.iter().position(|&it| it == now).unwrap_or(0);
    all[(at + 1) % all.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_come_by_and_remembered_by_its_name() {
        let mut order = InstalledOrder::default();
        for &expected in InstalledOrder::ALL {
            assert_eq!(order, expected);
            assert_eq!(InstalledOrder::named(order.name()), Some(order));
            order = order.next();
        }
        assert_eq!(order, InstalledOrder::default());
        for &order in AvailableOrder::ALL {
            assert_eq!(AvailableOrder::named(order.name()), Some(order));
            assert_eq!(order.next().next(), order);
        }
        assert_eq!(InstalledOrder::named("size"), None);
        let orders = Orders { installed: InstalledOrder::Newer, available: AvailableOrder::Name };
        assert_eq!(Orders::named(&orders.names()), orders);
        let damaged = [("installed".to_owned(), "profil".to_owned()), ("nothing".to_owned(), "name".to_owned())];
        assert_eq!(Orders::named(&damaged.into()), Orders::default());
    }

    #[test]
    fn equals_keep_the_order_of_the_profile() {
        let element =
            |name: &str, source: &str| Element { name: name.into(), source: source.into(), ..Element::default() };
        let elements = [element("b", "two"), element("C", "one"), element("a", ""), element("a", "one")];
        let newer = [None, Some("2".into()), None, Some("2".into())];
        let rows = |order: InstalledOrder| order.rows(&elements, &newer);
        assert_eq!(rows(InstalledOrder::Profile), [0, 1, 2, 3]);
        assert_eq!(rows(InstalledOrder::Name), [2, 3, 0, 1], "whatever the case");
        assert_eq!(rows(InstalledOrder::Source), [3, 1, 0, 2]);
        assert_eq!(rows(InstalledOrder::Newer), [1, 3, 0, 2]);
    }
}
