//! The rows of the inspector, worked out as far as they are unfolded. A row is a few numbers: what stands on it is read from
//! the plan when it is drawn.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::super::pairs::Packages;
use super::super::report::Report;
use super::filter::Filter;

/// How collisions are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// By who stands against whom, and in that by directory.
    #[default]
    Pair,
    /// Not at all: one list, by path.
    Path,
}

/// Collisions in the order of the rows, all of them below one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    first: u32,
    end: u32,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// That nothing blocks the staged changes.
    Settled,
    /// An output of which no listing is known; index into the plan's.
    Unknown(u32),
    Pair {
        pair: u32,
        below: Stretch,
    },
    /// A directory, with those that have only it in them: a part of the path from byte `from` to byte `to`.
    Directory {
        pair: u32,
        below: Stretch,
        from: u32,
        to: u32,
        depth: u16,
    },
    /// A collision, by its index in the plan; its path is shown from byte `from` on.
    Collision {
        at: u32,
        from: u32,
        depth: u16,
    },
}

/// What is unfolded: directories, with the slash at their end, of each pair; the empty one is the pair itself.
#[derive(Clone, Debug, Default)]
pub struct Unfolded(HashMap<Packages, HashSet<Box<[u8]>>>);

impl Unfolded {
    pub fn has(&self, packages: &Packages, directory: &[u8]) -> bool {
        self.0.get(packages).is_some_and(|directories| directories.contains(directory))
    }

    pub fn set(&mut self, packages: &Packages, directory: &[u8], is_unfolded: bool) {
        let directories = self.0.entry(Arc::clone(packages)).or_default();
        if is_unfolded {
            directories.insert(directory.into());
        } else {
            directories.remove(directory);
        }
    }

    /// Unfolds everything above a path.
    pub fn reveal(&mut self, packages: &Packages, path: &[u8]) {
        self.set(packages, b"", true);
        for end in memchr::memchr_iter(b'/', path) {
            self.set(packages, &path[..=end], true);
        }
    }
}

/// The rows, and the collisions below them.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The collisions that are shown, as indices into the plan's: pair by pair, or by path.
    order: Vec<u32>,
    /// How many of those before each place in `order` block.
    blocking: Vec<u32>,
    /// What stands above all collisions, and the pairs or the collisions themselves.
    roots: Vec<Row>,
    rows: Vec<Row>,
}

impl Tree {
    /// Sorts the collisions that the filter shows. `is_staged`: whether the report is of staged changes.
    pub fn new(report: &Report, grouping: Grouping, filter: &Filter, is_staged: bool) -> Self {
        let collisions = report.collisions();
        let mut tree = Self::default();
        if is_staged && report.builds() {
            tree.roots.push(Row::Settled);
        }
        tree.roots.extend((0..report.preview.plan.unknown.len()).map(|at| Row::Unknown(number(at))));
        let pairs = report.pairs.list();
        let is_named = |packages: &Packages| packages.iter().any(|package| filter.names(package));
        match grouping {
            Grouping::Pair => {
                for (pair, of) in (0..).zip(pairs) {
                    let is_named = is_named(&of.packages);
                    let first = number(tree.order.len());
                    let shown = of.rows.iter().copied();
                    tree.order.extend(shown.filter(|&at| filter.shows(&collisions[at as usize], is_named)));
                    let below = Stretch { first, end: number(tree.order.len()) };
                    if !below.is_empty() {
                        tree.roots.push(Row::Pair { pair, below });
                    }
                }
            }
            Grouping::Path => {
                let named: Vec<bool> = pairs.iter().map(|pair| is_named(&pair.packages)).collect();
                let is_named = |at: u32| report.pairs.of(at).is_some_and(|pair| named[pair as usize]);
                let shown =
                    (0..number(collisions.len())).filter(|&at| filter.shows(&collisions[at as usize], is_named(at)));
                tree.order.extend(shown);
                tree.roots.extend(tree.order.iter().map(|&at| Row::Collision { at, from: 0, depth: 0 }));
            }
        }
        tree.blocking.reserve(tree.order.len() + 1);
        tree.blocking.push(0);
        let mut blocking = 0;
        for &at in &tree.order {
            blocking += u32::from(collisions[at as usize].blocks);
            tree.blocking.push(blocking);
        }
        tree
    }

    /// Works the rows out anew, from what is unfolded.
    pub fn unfold(&mut self, report: &Report, unfolded: &Unfolded) {
        self.rows.clear();
        // A stack instead of a recursion: no depth of directories can exhaust the program's own.
        let mut waiting: Vec<Row> = Vec::new();
        for &root in &self.roots {
            waiting.push(root);
            while let Some(row) = waiting.pop() {
                self.rows.push(row);
                if self.is_unfolded(report, unfolded, row) {
                    let before = waiting.len();
                    self.push_children(report, row, &mut waiting);
                    waiting[before..].reverse();
                }
            }
        }
    }

    fn push_children(&self, report: &Report, row: Row, children: &mut Vec<Row>) {
        let (pair, below, from, depth) = match row {
            Row::Pair { pair, below } => (pair, below, 0, 1),
            Row::Directory { pair, below, to, depth, .. } => (pair, below, to, depth.saturating_add(1)),
            Row::Settled | Row::Unknown(_) | Row::Collision { .. } => return,
        };
        let collisions = report.collisions();
        let path = |at: usize| &*collisions[self.order[at] as usize].path;
        let Range { start: mut at, end } = below.range();
        while at < end {
            let next = match memchr::memchr(b'/', path(at).get(from as usize..).unwrap_or_default()) {
                None => at + 1,
                // They are sorted by path: what is in one directory stands together.
                Some(slash) => {
                    let directory = &path(at)[..=from as usize + slash];
                    let others = &self.order[at + 1..end];
                    at + 1 + others.partition_point(|&other| collisions[other as usize].path.starts_with(directory))
                }
            };
            children.push(if next == at + 1 {
                Row::Collision { at: self.order[at], from, depth }
            } else {
                let to = number(common_directory(path(at), path(next - 1)));
                Row::Directory { pair, below: Stretch { first: number(at), end: number(next) }, from, to, depth }
            });
            at = next;
        }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many collisions are shown, folded ones too.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many collisions there are below a row, and how many of them block.
    pub fn counts(&self, below: Stretch) -> (usize, usize) {
        let Range { start, end } = below.range();
        (end - start, (self.blocking[end] - self.blocking[start]) as usize)
    }

    /// The collisions below a row, as indices into the plan's.
    pub fn below(&self, below: Stretch) -> &[u32] {
        &self.order[below.range()]
    }

    /// The first collision below a row, or its own.
    pub fn first_of(&self, row: Row) -> Option<u32> {
        match row {
            Row::Pair { below, .. } | Row::Directory { below, .. } => self.below(below).first().copied(),
            Row::Collision { at, .. } => Some(at),
            Row::Settled | Row::Unknown(_) => None,
        }
    }

    /// The pair and the directory of a row that can be unfolded.
    pub fn directory_of<'a>(&self, report: &'a Report, row: Row) -> Option<(&'a Packages, &'a [u8])> {
        let (pair, to) = match row {
            Row::Pair { pair, .. } => (pair, 0),
            Row::Directory { pair, to, .. } => (pair, to as usize),
            Row::Settled | Row::Unknown(_) | Row::Collision { .. } => return None,
        };
        let first = report.collisions().get(self.first_of(row)? as usize)?;
        Some((&report.pairs.get(pair)?.packages, first.path.get(..to)?))
    }

    /// Whether what is below a row has rows of its own.
    pub fn is_unfolded(&self, report: &Report, unfolded: &Unfolded, row: Row) -> bool {
        self.directory_of(report, row).is_some_and(|(packages, directory)| unfolded.has(packages, directory))
    }

    /// The row of which this one is a part.
    pub fn parent(&self, row: usize) -> Option<usize> {
        let depth = depth(*self.rows.get(row)?);
        if depth == 0 {
            return None;
        }
        self.rows[..row].iter().rposition(|&above| self::depth(above) < depth)
    }
}

impl Stretch {
    fn range(self) -> Range<usize> {
        self.first as usize..self.end as usize
    }

    fn is_empty(self) -> bool {
        self.first == self.end
    }
}

/// How far to the right a row stands.
pub fn depth(row: Row) -> u16 {
    match row {
        Row::Directory { depth, .. } | Row::Collision { depth, .. } => depth,
        Row::Settled | Row::Unknown(_) | Row::Pair { .. } => 0,
    }
}

/// The length of the longest directory, with its slash, that both paths are in.
fn common_directory(one: &[u8], other: &[u8]) -> usize {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    memchr::memrchr(b'/', &one[..same]).map_or(0, |slash| slash + 1)
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
