//! The packages on offer, and the search among them.
//!
//! An [`Index`] holds the packages of one source in a form that is searched without a look at the packages, and that is
//! read from a file in a few milliseconds. A [`Catalogue`] is the indexes of all sources, in their order; it is built
//! once and never changes, so searching it needs no lock. [`Query`] is what was typed, `search` decides what answers it
//! and how well, [`Worker`] searches off the caller's thread.

mod fold;
mod index;
mod query;
mod search;
mod synonyms;
mod worker;

use std::fmt;
use std::sync::Arc;

use crate::package::Package;

pub use index::{Index, IndexError};
pub use query::{HELP as QUERY_HELP, Query};
pub use worker::{Answer, Request, Worker};

/// The packages of one source.
#[derive(Clone)]
pub struct Part {
    source: Arc<str>,
    index: Arc<Index>,
    /// The packages themselves, in the order of the index, where more is known of them than an index keeps.
    packages: Option<Arc<[Package]>>,
}

/// All packages of all sources, prepared for search.
#[derive(Default)]
pub struct Catalogue {
    parts: Vec<Part>,
    /// The number of packages before each part.
    starts: Vec<usize>,
}

/// A package found by a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Position in the [`Catalogue`].
    pub package: usize,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResult {
    /// Number of packages that match, whether among the hits or not.
    pub total: usize,
    /// The best of them, best first.
    pub hits: Vec<Hit>,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts.iter().map(|part| (&part.source, part.index.len()));
        to.debug_map().entries(parts).finish()
    }
}

impl Part {
    /// Of packages that are all of that source; nothing of them is lost.
    pub fn of_packages(source: Arc<str>, mut packages: Vec<Package>) -> Self {
        let index = Arc::new(Index::new(&mut packages));
        Self { source, index, packages: Some(packages.into()) }
    }

    /// Of what an index keeps.
    pub fn of_index(source: Arc<str>, index: Arc<Index>) -> Self {
        Self { source, index, packages: None }
    }

    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    fn package(&self, row: usize) -> Package {
        match &self.packages {
            Some(packages) => packages[row].clone(),
            None => self.index.package(row, &self.source),
        }
    }
}

impl Catalogue {
    /// Takes the sources in their order, which an empty query gives back.
    pub fn new(parts: Vec<Part>) -> Self {
        Self { starts: search::starts(&parts), parts }
    }

    /// Of packages of any sources, as tests and small programs have them: a part for each source, in the order in which
    /// they first come.
    pub fn of_packages(packages: Vec<Package>) -> Self {
        let mut of_source: Vec<(Arc<str>, Vec<Package>)> = Vec::new();
        for package in packages {
            match of_source.iter_mut().find(|(source, _)| *source == package.source) {
                Some((_, packages)) => packages.push(package),
                None => of_source.push((Arc::clone(&package.source), vec![package])),
            }
        }
        Self::new(of_source.into_iter().map(|(source, packages)| Part::of_packages(source, packages)).collect())
    }

    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Number of packages.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.index.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part in which a position is, and the row there.
    fn locate(&self, at: usize) -> Option<(&Part, usize)> {
        let part = self.starts.partition_point(|&start| start <= at).checked_sub(1)?;
        // Of empty parts that begin at the same position the last is found, which is the one that is not empty.
        let (part, row) = (&self.parts[part], at - self.starts[part]);
        (row < part.index.len()).then_some((part, row))
    }

    pub fn get(&self, at: usize) -> Option<Package> {
        let (part, row) = self.locate(at)?;
        Some(part.package(row))
    }

    pub fn attribute(&self, at: usize) -> Option<&str> {
        let (part, row) = self.locate(at)?;
        Some(part.index.attribute(row))
    }

    /// Which letters of the attribute at a position the query matches: their bytes, ascending, each where a character
    /// begins. Empty if the package was found by something else than its attribute.
    pub fn matched(&self, at: usize, query: &Query) -> Vec<usize> {
        self.locate(at).map_or_else(Vec::new, |(part, row)| search::highlight::matched(&part.index, row, query))
    }

    /// The position of an attribute: in that source, or in the first that has it if `source` is empty.
    pub fn find(&self, attribute: &str, source: &str) -> Option<usize> {
        self.all_of(attribute, source).next()
    }

    /// The positions of an attribute in all sources, or in that one.
    pub fn all_of<'a>(&'a self, attribute: &'a str, source: &'a str) -> impl Iterator<Item = usize> + 'a {
        let is_meant = move |part: &Part| source.is_empty() || *part.source == *source;
        let parts = self.parts.iter().zip(&self.starts).filter(move |(part, _)| is_meant(part));
        parts.filter_map(move |(part, start)| Some(start + part.index.find(attribute)?))
    }

    /// All positions by name: by the last part of the attribute, whatever its case; equals in the order of the sources. Of
    /// all of nixpkgs that takes a tenth of a second.
    pub fn by_name(&self) -> Vec<u32> {
        let mut positions: Vec<u32> = (0..).take(self.len()).collect();
        positions.sort_by_cached_key(|&at| {
            let attribute = self.attribute(at as usize).unwrap_or_default();
            attribute.rsplit_once('.').map_or(attribute, |(_, name)| name).to_lowercase()
        });
        positions
    }

    /// The packages of which all is known, and where their outputs are: those of package sets.
    pub fn known(&self) -> impl Iterator<Item = &Package> {
        self.parts.iter().filter_map(|part| part.packages.as_deref()).flatten()
    }

    /// The best `limit` packages that hold every term of the query; with an empty query the first `limit` of all.
    pub fn search(&self, query: &Query, limit: usize) -> SearchResult {
        self.search_while(query, limit, || true).expect("nothing stops this search")
    }

    /// As [`Catalogue::search`], but gives up with `None` soon after `is_wanted` says no.
    pub fn search_while(&self, query: &Query, limit: usize, is_wanted: impl Fn() -> bool) -> Option<SearchResult> {
        if query.is_empty() {
            let total = self.len();
            let hits = (0..total.min(limit)).map(|package| Hit { package }).collect();
            return is_wanted().then_some(SearchResult { total, hits });
        }
        search::search(&self.parts, query, limit, &is_wanted)
    }
}
