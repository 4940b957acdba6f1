//! The search: what answers a query, and in which order.
//!
//! For each term every row gets the cost of the best place at which the term stands in it ([`cost`]); a row without a
//! place for one of them is no answer. Costs are added up, and what is well known and what is of the top level is
//! favoured. Places are looked for in this order, each only as far as it can still matter:
//!
//! | module | places |
//! |---|---|
//! | `literal` | letter by letter in names and descriptions |
//! | `scattered` | letters scattered over a name, where few names have them together |
//! | `slips` | words that are the term but for a typing slip, where nothing good was found |
//! | `phrase` | all terms beside each other in a description |
//! | `filter` | conditions, as `license:mit` |
//! | `highlight` | which letters of an attribute matched |

mod cost;
mod filter;
pub(super) mod highlight;
mod literal;
mod phrase;
mod scattered;
mod slips;

use std::cmp::Ordering;

use super::index::{Index, Standing};
use super::query::{Manner, Query, Term};
use super::{Hit, Part, SearchResult};
use scattered::Scattered;

/// Where more names have a term letter by letter, nobody means one that has its letters scattered.
const ENOUGH: usize = 200;

/// A row that answers the query, by what sorts before what.
#[derive(Clone, Copy)]
struct Match {
    /// The cost above what comes first among equals; less is better.
    rank: u64,
    /// What the terms cost.
    base: i32,
    part: u32,
    row: u32,
}

/// The best `limit` rows that answer the query; `None` soon after `is_wanted` says no. Hits count rows through all parts.
pub(super) fn search(
    parts: &[Part],
    query: &Query,
    limit: usize,
    is_wanted: &dyn Fn() -> bool,
) -> Option<SearchResult> {
    let scattered = Scattered::new();
    let mut found: Vec<Found> = parts.iter().map(|part| Found::new(part.index().len())).collect();
    let wanted: Vec<&Term> = query.terms().iter().filter(|term| term.manner != Manner::Nowhere).collect();
    for term in &wanted {
        let costs = costs_of(parts, term, wanted.len() == 1, &scattered, is_wanted)?;
        found.iter_mut().zip(costs).for_each(|(found, costs)| found.add(&costs));
    }
    for term in query.terms().iter().filter(|term| term.manner == Manner::Nowhere) {
        for (found, part) in found.iter_mut().zip(parts) {
            let mut costs = vec![cost::NONE; part.index().len()];
            literal::in_names(part.index(), term, &mut costs);
            literal::in_descriptions(part.index(), term, &mut costs);
            found.drop_all(|row| costs[row] != cost::NONE);
        }
    }
    let mut matches = Vec::new();
    for ((part, of), found) in (0..).zip(parts).zip(&mut found) {
        if !is_wanted() {
            return None;
        }
        if let Some(passing) = filter::passing(of, parts, query) {
            found.drop_all(|row| !passing[row]);
        }
        found.matches(of.index(), part, &mut matches);
    }
    phrase::favour(parts, &wanted, &mut matches);
    let total = matches.len();
    keep_best(parts, &mut matches, limit);
    let starts = starts(parts);
    let hit = |found: Match| Hit { package: starts[found.part as usize] + found.row as usize };
    Some(SearchResult { total, hits: matches.into_iter().map(hit).collect() })
}

/// For each part what the term costs in each row.
fn costs_of(
    parts: &[Part],
    term: &Term,
    is_alone: bool,
    scattered: &Scattered,
    is_wanted: &dyn Fn() -> bool,
) -> Option<Vec<Vec<u8>>> {
    let mut all: Vec<Vec<u8>> = Vec::with_capacity(parts.len());
    let (mut named, mut good) = (0, false);
    for part in parts {
        let mut costs = vec![cost::NONE; part.index().len()];
        literal::in_names(part.index(), term, &mut costs);
        named += costs.iter().filter(|&&cost| cost != cost::NONE).count();
        if !is_wanted() {
            return None;
        }
        if term.manner != Manner::AtStart {
            literal::in_descriptions(part.index(), term, &mut costs);
            literal::in_long_descriptions(part.index(), term, &mut costs);
            literal::in_details(part.index(), term, is_alone, &mut costs);
        }
        for synonym in &term.synonyms {
            synonym_costs(part.index(), synonym, &mut costs);
        }
        good |= costs.iter().any(|&cost| cost <= cost::GOOD);
        all.push(costs);
    }
    if term.manner == Manner::Anywhere && named < ENOUGH {
        for (part, costs) in parts.iter().zip(&mut all) {
            if !is_wanted() {
                return None;
            }
            scattered.find(part.index(), term, costs);
            // Who heeds case does not slip.
            if !good && !term.heeds_case {
                slips::find(part.index(), term, costs);
            }
        }
    }
    Some(all)
}

/// Lowers the costs of rows of which a synonym is a whole word.
fn synonym_costs(index: &Index, synonym: &Term, costs: &mut [u8]) {
    let mut found = vec![cost::NONE; costs.len()];
    literal::in_names(index, synonym, &mut found);
    literal::in_descriptions(index, synonym, &mut found);
    literal::in_long_descriptions(index, synonym, &mut found);
    for (cost, &found) in costs.iter_mut().zip(&found) {
        if found <= cost::EXACT_PROGRAM || found == cost::DESCRIPTION_WORD || found == cost::LONG_WORD {
            literal::lower(cost, found + cost::SYNONYM);
        }
    }
}

/// What the terms so far cost in each row of a part.
struct Found {
    /// [`Found::NONE`] where one of them was not found.
    costs: Vec<u16>,
}

impl Found {
    const NONE: u16 = u16::MAX;

    fn new(rows: usize) -> Self {
        Self { costs: vec![0; rows] }
    }

    fn add(&mut self, costs: &[u8]) {
        for (sum, &cost) in self.costs.iter_mut().zip(costs) {
            // There are at most 16 terms: no sum comes near the greatest.
            *sum = if cost == cost::NONE || *sum == Self::NONE { Self::NONE } else { *sum + u16::from(cost) };
        }
    }

    fn drop_all(&mut self, is_out: impl Fn(usize) -> bool) {
        for (row, sum) in self.costs.iter_mut().enumerate() {
            if is_out(row) {
                *sum = Self::NONE;
            }
        }
    }

    fn matches(&self, index: &Index, part: u32, matches: &mut Vec<Match>) {
        let extra: Vec<i32> = Standing::all().map(extra_cost).collect();
        let rows = (0..).zip(&self.costs).zip(index.standings()).zip(index.order());
        for (((row, &cost), standing), &order) in rows.filter(|(((_, cost), _), _)| **cost != Self::NONE) {
            let base = i32::from(cost);
            let rank = ranked(base + extra[standing.number()]) << 32 | u64::from(order);
            matches.push(Match { rank, base, part, row });
        }
    }
}

/// What a row costs whatever was found in it.
fn extra_cost(standing: Standing) -> i32 {
    let if_so = |is_so: bool, cost: i32| if is_so { cost } else { 0 };
    if_so(standing.is_nested(), cost::NESTED)
        + if_so(standing.is_undescribed(), cost::UNDESCRIBED)
        + if_so(standing.is_broken(), cost::OBSTACLE)
        + if_so(standing.is_failed(), cost::FAILED)
        - cost::FAME * i32::from(standing.fame())
}

/// A cost as part of a rank. What is favoured may cost less than nothing.
fn ranked(cost: i32) -> u64 {
    u64::try_from(cost + 256).unwrap_or(0)
}

impl Match {
    /// The terms together cost no more than this.
    fn cap(&mut self, at_most: i32) {
        let less = u64::try_from(self.base - at_most).unwrap_or(0);
        self.rank -= less << 32;
    }
}

/// Sorts only what is kept: most queries match far more than a screen shows.
fn keep_best(parts: &[Part], matches: &mut Vec<Match>, limit: usize) {
    let compare = |one: &Match, other: &Match| compare(parts, one, other);
    if limit < matches.len() {
        matches.select_nth_unstable_by(limit, compare);
        matches.truncate(limit);
    }
    matches.sort_unstable_by(compare);
}

/// By rank, then attribute, then the order of the sources.
fn compare(parts: &[Part], one: &Match, other: &Match) -> Ordering {
    one.rank.cmp(&other.rank).then_with(|| {
        if one.part == other.part {
            // Rows are in the order of their attributes.
            return one.row.cmp(&other.row);
        }
        let attribute = |found: &Match| parts[found.part as usize].index().attribute(found.row as usize);
        attribute(one).cmp(attribute(other)).then(one.part.cmp(&other.part))
    })
}

/// The number of rows before each part.
pub(super) fn starts(parts: &[Part]) -> Vec<usize> {
    let mut next = 0;
    parts
        .iter()
        .map(|part| {
            let start = next;
            next += part.index().len();
            start
        })
        .collect()
}
