//! Who stands against whom: the collisions sorted into sets of packages, once for each plan, by the thread that made it.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::{Collision, CollisionKind, Suggestion};

/// The packages of a pair, each once, sorted by name; it tells the pair apart from others, in other plans too.
pub type Packages = Arc<[Arc<str>]>;

/// Two packages, or more, that want the same paths; only one if two of its own outputs do.
#[derive(Clone, Debug)]
pub struct Pair {
    pub packages: Packages,
    /// Indices into the plan's collisions, in the order of their paths.
    pub rows: Vec<u32>,
    /// How many of them block.
    pub blocking: usize,
    /// How many there are of each of [`CollisionKind::ALL`].
    kinds: [u32; CollisionKind::ALL.len()],
}

/// All pairs of a plan: those that block first, then those with the most collisions.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    list: Vec<Pair>,
    /// The pair of each collision.
    of: Vec<u32>,
    /// For each suggestion how many blocking collisions of each pair it settles.
    settled: Vec<Vec<u32>>,
}

impl Pair {
    /// Each kind that there is, with how many; the gravest first.
    pub fn kinds(&self) -> impl Iterator<Item = (CollisionKind, usize)> {
        numbered(self.kinds.map(|number| number as usize))
    }
}

/// The number of each kind that there is, the gravest first; the numbers are in the order of [`CollisionKind::ALL`].
fn numbered(numbers: [usize; CollisionKind::ALL.len()]) -> impl Iterator<Item = (CollisionKind, usize)> {
    CollisionKind::ALL.into_iter().zip(numbers).rev().filter(|(_, number)| *number > 0)
}

impl Pairs {
    pub fn new(collisions: &[Collision], suggestions: &[Suggestion]) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut names: Vec<&Arc<str>> = Vec::new();
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut list: Vec<Pair> = Vec::new();
        let mut of = Vec::with_capacity(collisions.len());
        let mut key = Vec::new();
        for (at, collision) in (0..).zip(collisions) {
            key.clear();
            for contender in &collision.contenders {
                key.push(*numbers.entry(&contender.package).or_insert_with(|| {
                    names.push(&contender.package);
                    number(names.len() - 1)
                }));
            }
            key.sort_unstable();
            key.dedup();
            let pair = known.get(key.as_slice()).copied().unwrap_or_else(|| {
                let mut packages: Vec<Arc<str>> = key.iter().map(|&name| Arc::clone(names[name as usize])).collect();
                packages.sort_unstable();
                list.push(Pair { packages: packages.into(), rows: Vec::new(), blocking: 0, kinds: Default::default() });
                known.insert(key.clone(), number(list.len() - 1));
                number(list.len() - 1)
            });
            let there = &mut list[pair as usize];
            there.rows.push(at);
            there.blocking += usize::from(collision.blocks);
            there.kinds[collision.kind as usize] += 1;
            of.push(pair);
        }
        let mut order: Vec<u32> = (0..number(list.len())).collect();
        order.sort_by_key(|&pair| {
            let pair = &list[pair as usize];
            (pair.blocking == 0, Reverse(pair.rows.len()), Arc::clone(&pair.packages))
        });
        let mut place = vec![0; order.len()];
        for (now, &before) in (0..).zip(&order) {
            place[before as usize] = now;
        }
        for pair in &mut of {
            *pair = place[*pair as usize];
        }
        let mut unsorted: Vec<Option<Pair>> = list.into_iter().map(Some).collect();
        let list: Vec<Pair> = order.iter().filter_map(|&before| unsorted[before as usize].take()).collect();
        let settled = suggestions.iter().map(|suggestion| {
            let mut counts = vec![0; list.len()];
            suggestion
                .settled
                .iter()
                .filter_map(|&at| of.get(at as usize))
                .for_each(|&pair| counts[pair as usize] += 1);
            counts
        });
        let settled = settled.collect();
        Self { list, of, settled }
    }

    /// Each kind that there is, with how many of all pairs; the gravest first.
    pub fn kinds(&self) -> Vec<(CollisionKind, usize)> {
        let mut numbers = [0; CollisionKind::ALL.len()];
        for pair in &self.list {
            numbers.iter_mut().zip(pair.kinds).for_each(|(sum, number)| *sum += number as usize);
        }
        numbered(numbers).collect()
    }

    pub fn list(&self) -> &[Pair] {
        &self.list
    }

    pub fn get(&self, pair: u32) -> Option<&Pair> {
        self.list.get(pair as usize)
    }

    /// The pair of a collision.
    pub fn of(&self, collision: u32) -> Option<u32> {
        self.of.get(collision as usize).copied()
    }

    pub fn find(&self, packages: &[Arc<str>]) -> Option<u32> {
        self.list.iter().position(|pair| *pair.packages == *packages).map(number)
    }

    /// How many blocking collisions of a pair a suggestion settles.
    pub fn settled(&self, suggestion: usize, pair: u32) -> usize {
        self.settled.get(suggestion).and_then(|counts| counts.get(pair as usize)).map_or(0, |&count| count as usize)
    }
}

/// An index in 32 bits: more collisions than that do not fit into memory.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
