//! The state of the inspector, the screen of the collisions: how they are grouped, what is left out, what is unfolded, and
//! what is known of the files of the selected one.

mod filter;
mod tree;

use std::sync::Arc;

pub use filter::Filter;
pub use tree::{Grouping, Row, Stretch, Tree, depth};

use crate::loom::FileComparison;

use super::list::List;
use super::pairs::Packages;
use super::report::Report;
use tree::Unfolded;

/// What a row is about, whatever the plan, the grouping or the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    Settled,
    Unknown(Box<[u8]>),
    Pair(Packages),
    Directory(Packages, Box<[u8]>),
    /// Its path.
    Collision(Box<[u8]>),
}

/// The contents of a collision's files.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The files that are compared, the first with each other one; none if no collision is selected.
    pub files: Vec<Arc<[u8]>>,
    /// `None` while they are being compared.
    pub comparisons: Option<Vec<FileComparison>>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Inspector {
    /// Whether it is about an environment file by itself, and not about the profile.
    pub is_of_file: bool,
    pub grouping: Grouping,
    pub filter: Filter,
    /// Whether the filter's text is being typed.
    pub is_typing: bool,
    unfolded: Unfolded,
    tree: Tree,
    pub contents: Contents,
    /// How far what is told of the selected row is scrolled.
    pub detail: List,
    /// What is selected.
    pub told: Option<Anchor>,
    /// What was selected until a filter or a plan had no row for it; it is gone back to, unless the selection is moved.
    pub lost: Option<Anchor>,
    /// Whether the next plan is that of something settled here: what still blocks is gone on to.
    pub is_settling: bool,
}

impl Inspector {
    /// As it is when the screen opens. A pair that is the only one is unfolded.
    pub fn opened(report: Option<&Report>, is_staged: bool) -> Self {
        let mut inspector = Self::default();
        if let Some([only]) = report.map(|report| report.pairs.list()) {
            inspector.unfolded.set(&only.packages, b"", true);
        }
        inspector.sort(report, is_staged);
        inspector
    }

    /// The same for the plan of an environment file.
    pub fn opened_of_file(report: Option<&Report>) -> Self {
        Self { is_of_file: true, ..Self::opened(report, false) }
    }

    /// Takes a plan, a grouping or a filter in; [`Inspector::find`] then tells where something stands now.
    pub fn sort(&mut self, report: Option<&Report>, is_staged: bool) {
        self.tree =
            report.map_or_else(Tree::default, |report| Tree::new(report, self.grouping, &self.filter, is_staged));
        self.unfold(report);
    }

    fn unfold(&mut self, report: Option<&Report>) {
        if let Some(report) = report {
            self.tree.unfold(report, &self.unfolded);
        }
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    pub fn row(&self, row: usize) -> Option<Row> {
        self.tree.rows().get(row).copied()
    }

    pub fn is_unfolded(&self, report: &Report, row: Row) -> bool {
        self.tree.is_unfolded(report, &self.unfolded, row)
    }

    /// Whether there is something below a row that is out of sight.
    pub fn is_folded(&self, report: &Report, row: Row) -> bool {
        let directory = self.tree.directory_of(report, row);
        directory.is_some_and(|(packages, directory)| !self.unfolded.has(packages, directory))
    }

    /// Folds or unfolds what is below a row; `false` if nothing becomes different.
    pub fn set_unfolded(&mut self, report: &Report, row: Row, is_unfolded: bool) -> bool {
        let Some((packages, directory)) = self.tree.directory_of(report, row) else { return false };
        if self.unfolded.has(packages, directory) == is_unfolded {
            return false;
        }
        self.unfolded.set(packages, directory, is_unfolded);
        self.unfold(Some(report));
        true
    }

    /// What a row is about.
    pub fn anchor(&self, report: &Report, row: usize) -> Option<Anchor> {
        let row = self.row(row)?;
        Some(match row {
            Row::Settled => Anchor::Settled,
            Row::Unknown(at) => Anchor::Unknown(report.preview.plan.unknown.get(at as usize)?.clone()),
            Row::Pair { pair, .. } => Anchor::Pair(Arc::clone(&report.pairs.get(pair)?.packages)),
            Row::Directory { .. } => {
                let (packages, directory) = self.tree.directory_of(report, row)?;
                Anchor::Directory(Arc::clone(packages), directory.into())
            }
            Row::Collision { at, .. } => Anchor::Collision(report.collisions().get(at as usize)?.path.clone()),
        })
    }

    /// The row that is about this; a collision is unfolded, of a directory that is no more the row is that of its pair.
    /// `None` if there is none.
    pub fn find(&mut self, report: &Report, anchor: &Anchor) -> Option<usize> {
        if let Anchor::Collision(path) = anchor
            && self.grouping == Grouping::Pair
        {
            let pair = report.pairs.of(report.find(path)?)?;
            self.unfolded.reveal(&report.pairs.get(pair)?.packages, path);
            self.unfold(Some(report));
        }
        let place = self.tree.rows().iter().position(|&row| self.is_about(report, row, anchor));
        match anchor {
            Anchor::Directory(packages, _) if place.is_none() => self.find(report, &Anchor::Pair(Arc::clone(packages))),
            // In a list without pairs the first of their collisions stands for them.
            Anchor::Pair(packages) if place.is_none() && self.grouping == Grouping::Path => {
                let pair = report.pairs.find(packages)?;
                let is_of = |row: &Row| matches!(row, Row::Collision { at, .. } if report.pairs.of(*at) == Some(pair));
                self.tree.rows().iter().position(is_of)
            }
            _ => place,
        }
    }

    fn is_about(&self, report: &Report, row: Row, anchor: &Anchor) -> bool {
        match (row, anchor) {
            (Row::Settled, Anchor::Settled) => true,
            (Row::Unknown(at), Anchor::Unknown(path)) => report.preview.plan.unknown.get(at as usize) == Some(path),
            (Row::Pair { pair, .. }, Anchor::Pair(packages)) => {
                report.pairs.get(pair).is_some_and(|pair| pair.packages == *packages)
            }
            (Row::Directory { .. }, Anchor::Directory(packages, directory)) => {
                self.tree.directory_of(report, row) == Some((packages, directory))
            }
            (Row::Collision { at, .. }, Anchor::Collision(path)) => {
                report.collisions().get(at as usize).is_some_and(|collision| collision.path == *path)
            }
            _ => false,
        }
    }

    /// How many of the collisions below a row block; of a collision, whether it does.
    pub fn blocking(&self, report: &Report, row: Row) -> usize {
        match row {
            Row::Pair { below, .. } | Row::Directory { below, .. } => self.tree.counts(below).1,
            Row::Collision { at, .. } => {
                usize::from(report.collisions().get(at as usize).is_some_and(|collision| collision.blocks))
            }
            Row::Settled | Row::Unknown(_) => 0,
        }
    }

    /// The first row from `row` on, or else from the top, with something below it that blocks.
    pub fn next_blocking(&self, report: &Report, row: usize) -> Option<usize> {
        let rows = self.tree.rows();
        let blocks = |&row: &usize| self.blocking(report, rows[row]) > 0;
        (row..rows.len()).chain(0..row.min(rows.len())).find(blocks)
    }

    /// The suggestions that settle something of a row, with how many of its collisions; those that settle all of it first.
    pub fn suggestions(&self, report: &Report, row: Row) -> Vec<(usize, usize)> {
        let suggestions = report.preview.suggestions.iter().enumerate();
        let settles = |(number, suggestion): (usize, &crate::engine::Suggestion)| {
            let settles = match row {
                Row::Pair { pair, .. } | Row::Directory { pair, .. } => report.pairs.settled(number, pair),
                Row::Collision { at, .. } => usize::from(suggestion.settled.binary_search(&at).is_ok()),
                Row::Settled | Row::Unknown(_) => 0,
            };
            (settles > 0).then_some((number, settles))
        };
        let mut found: Vec<_> = suggestions.filter_map(settles).collect();
        let most = found.iter().map(|(_, settles)| *settles).max().unwrap_or(0);
        found.sort_by_key(|(_, settles)| *settles < most);
        found
    }
}

#[cfg(test)]
mod tests;
