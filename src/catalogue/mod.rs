//! The packages on offer, and the search among them.
//!
//! A [`Catalogue`] is built once and never changes; searching it needs no lock. [`Query`] is what was typed, `rank`
//! decides what answers it and how well, [`Worker`] searches off the caller's thread. What is installed is not known
//! here.

mod fold;
mod keys;
mod query;
mod rank;
mod worker;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::package::Package;

use keys::{Keys, origins};
pub use query::Query;
use rank::{Rank, Ranker};
pub use worker::{Answer, Request, Worker};

/// Packages matches between two looks at whether the search is still wanted: a small part of a millisecond.
const PACKAGES_BETWEEN_CHECKS: usize = 1024;

/// All packages of all sources, prepared for search.
pub struct Catalogue {
    packages: Arc<[Package]>,
    keys: Keys,
    /// For each output name but `out`, which all have, the packages with such an output, ascending.
    with_output: HashMap<String, Vec<u32>>,
}

/// A package found by a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index into [`Catalogue::packages`].
    pub package: usize,
    /// Byte positions of the matched letters in the attribute, ascending, each where a character begins. Empty if the
    /// package was found by something else than its attribute.
    pub matched: Vec<usize>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResult {
    /// Number of packages that match, whether among the hits or not.
    pub total: usize,
    /// The best of them, best first.
    pub hits: Vec<Hit>,
}

impl Catalogue {
    /// Takes the packages in the order of their sources, which an empty query gives back.
    pub fn new(packages: Arc<[Package]>) -> Self {
        let mut with_output: HashMap<String, Vec<u32>> = HashMap::new();
        for (index, package) in (0..).zip(packages.iter()) {
            for output in package.outputs.iter().filter(|output| output.name != "out") {
                match with_output.get_mut(&output.name) {
                    Some(having) => having.push(index),
                    None => drop(with_output.insert(output.name.clone(), vec![index])),
                }
            }
        }
        Self { keys: Keys::new(&packages), packages, with_output }
    }

    pub fn packages(&self) -> &Arc<[Package]> {
        &self.packages
    }

    /// The best `limit` packages that hold every term of the query; with an empty query the first `limit` of all.
    pub fn search(&self, query: &Query, limit: usize) -> SearchResult {
        self.search_while(query, limit, || true).expect("nothing stops this search")
    }

    /// As [`Catalogue::search`], but gives up with `None` soon after `wanted` says no.
    pub fn search_while(&self, query: &Query, limit: usize, wanted: impl Fn() -> bool) -> Option<SearchResult> {
        let total = self.packages.len();
        if query.is_empty() {
            let hits = (0..total.min(limit)).map(|package| Hit { package, matched: Vec::new() }).collect();
            return wanted().then_some(SearchResult { total, hits });
        }
        let ranker = Ranker::new(&self.keys, query, |output| self.with_output.get(output).map_or(&[], Vec::as_slice));
        let mut matches = Vec::new();
        for package in 0..total {
            if package % PACKAGES_BETWEEN_CHECKS == 0 && !wanted() {
                return None;
            }
            matches.extend(ranker.rank(package).map(|rank| (rank, package)));
        }
        let total = matches.len();
        self.keep_best(&mut matches, limit);
        let hits = matches.into_iter().map(|(_, package)| self.hit(&ranker, package)).collect();
        Some(SearchResult { total, hits })
    }

    /// Sorts only what is kept: most queries match far more than a screen shows.
    fn keep_best(&self, matches: &mut Vec<(Rank, usize)>, limit: usize) {
        if limit < matches.len() {
            matches.select_nth_unstable_by(limit, |one, other| self.compare(*one, *other));
            matches.truncate(limit);
        }
        matches.sort_unstable_by(|one, other| self.compare(*one, *other));
    }

    /// By rank, then attribute, then the order of the sources.
    fn compare(&self, one: (Rank, usize), other: (Rank, usize)) -> Ordering {
        let attribute = |package: usize| self.keys.entry(package).attribute().text();
        one.0.cmp(&other.0).then_with(|| attribute(one.1).cmp(attribute(other.1))).then(one.1.cmp(&other.1))
    }

    fn hit(&self, ranker: &Ranker<'_>, package: usize) -> Hit {
        let origins = origins(&self.packages[package].attribute);
        let mut matched: Vec<usize> = ranker.matched(package).into_iter().map(|byte| origins[byte]).collect();
        matched.dedup();
        Hit { package, matched }
    }
}
