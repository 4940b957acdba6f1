//! What is to be settled, and what is asked of it again and again.

use std::collections::{BTreeMap, BTreeSet};

use super::entangled::entangled;
use super::{Files, Output, Plan, Request};
use crate::engine::{Collision, Contender};

pub(super) struct Case<'a> {
    pub request: &'a Request,
    spare: &'a [Vec<Output>],
    pub plan: &'a Plan,
    pub files: &'a dyn Files,
    /// For each package the collisions in which it takes part, sorted.
    collisions_of: Vec<Vec<u32>>,
    /// Packages whose change may alter paths that they do not have themselves.
    pub entangled: BTreeSet<usize>,
    /// Whether the package's name means it alone, so that a change can be told by it.
    is_nameable: Vec<bool>,
}

impl<'a> Case<'a> {
    pub fn new(request: &'a Request, spare: &'a [Vec<Output>], plan: &'a Plan, files: &'a dyn Files) -> Self {
        let mut collisions_of = vec![Vec::new(); request.packages.len()];
        for (number, collision) in (0..).zip(&plan.collisions) {
            for index in collision.contenders.iter().filter_map(|contender| contender.index) {
                // Two outputs of one package contend as one.
                if collisions_of[index].last() != Some(&number) {
                    collisions_of[index].push(number);
                }
            }
        }
        let mut named: BTreeMap<&str, usize> = BTreeMap::new();
        for package in &request.packages {
            *named.entry(&package.name).or_default() += 1;
        }
        let is_nameable = request.packages.iter().map(|package| named[&*package.name] == 1).collect();
        let entangled = entangled(request, spare, files);
        Self { request, spare, plan, files, collisions_of, entangled, is_nameable }
    }

    pub fn spare(&self, package: usize) -> &'a [Output] {
        self.spare.get(package).map_or(&[], Vec::as_slice)
    }

    pub fn collision(&self, number: u32) -> &'a Collision {
        &self.plan.collisions[number as usize]
    }

    pub fn collisions_of(&self, package: usize) -> &[u32] {
        &self.collisions_of[package]
    }

    pub fn is_nameable(&self, package: usize) -> bool {
        self.is_nameable[package]
    }

    /// The number of the collision at a path.
    pub fn collision_at(&self, path: &[u8]) -> Option<u32> {
        let at = self.plan.collisions.binary_search_by(|collision| (*collision.path).cmp(path)).ok()?;
        u32::try_from(at).ok()
    }

    /// The packages whose change could alter what becomes of these contenders, sorted. Who brings in a package that is
    /// not listed, or the very same output as a contender, may be any that is entangled.
    pub fn owners(&self, contenders: &[Contender]) -> Vec<usize> {
        let mut owners: BTreeSet<usize> = contenders.iter().filter_map(|contender| contender.index).collect();
        if self.is_entangling(contenders) {
            owners.extend(&self.entangled);
        }
        owners.into_iter().collect()
    }

    /// Whether something keeps `plan` from being made that does not keep this one's.
    pub fn has_new_problem(&self, plan: &Plan) -> bool {
        let known = || self.plan.problems.iter().map(ToString::to_string);
        plan.problems.iter().any(|problem| known().all(|known| known != problem.to_string()))
    }

    /// Whether a package that is not listed, or an entangled one, is among the contenders.
    pub fn is_entangling(&self, contenders: &[Contender]) -> bool {
        contenders.iter().any(|contender| contender.index.is_none_or(|index| self.entangled.contains(&index)))
    }
}
