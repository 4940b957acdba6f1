//! What the plan says of a name where rules had to decide between arrivals.

use super::arrival::Arrival;
use crate::engine::{Collision, CollisionKind, Contender, Files, PlanError, Reason, RuleSet};
use crate::safe;

/// One decision on the way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The arrival that was there; `None` where a directory was planned before anything arrived.
    pub old: Option<usize>,
    pub new: usize,
    pub reason: Reason,
    pub blocks: bool,
}

impl Step {
    /// What the builder would warn of.
    pub fn warning(&self, arrivals: &[Arrival]) -> Option<String> {
        let what = match self.reason {
            Reason::Ignored => "collide; the first is kept, as ignoreCollisions says",
            Reason::ModeDiffers => "have different permissions",
            _ => return None,
        };
        let source = |at: usize| safe::bytes(&arrivals[at].source());
        Some(format!("{} and {} {what}", source(self.old?), source(self.new)))
    }
}

/// Sums up the decisions on a name.
pub(super) struct Judge<'a> {
    pub files: &'a dyn Files,
    pub set: RuleSet,
    /// Also where the rules do not need it.
    pub compare_contents: bool,
}

impl Judge<'_> {
    pub fn collision(
        &self,
        path: Vec<u8>,
        arrivals: &[Arrival],
        winner: Option<usize>,
        steps: &[Step],
    ) -> Result<Collision, PlanError> {
        let blocks = steps.iter().any(|step| step.blocks);
        let contender = |arrival: &Arrival| {
            Ok(Contender {
                index: arrival.root.index,
                package: arrival.root.package.clone(),
                output: arrival.root.output.clone(),
                source: arrival.source().into(),
                outside: arrival.outside(self.files)?,
                priority: arrival.priority(),
                is_directory: arrival.is_directory(),
            })
        };
        Ok(Collision {
            path: path.into(),
            kind: self.kind(arrivals, steps, blocks)?,
            blocks,
            contenders: arrivals.iter().map(contender).collect::<Result<_, PlanError>>()?,
            winner: if blocks { None } else { winner },
            cause: reason(arrivals, steps, blocks),
            rules: self.set,
        })
    }

    /// The worst kind among the decisions that count: those that block, or all if none does.
    fn kind(&self, arrivals: &[Arrival], steps: &[Step], blocks: bool) -> Result<CollisionKind, PlanError> {
        let mut worst = None;
        for step in steps.iter().filter(|step| step.blocks == blocks) {
            let old = step.old.map(|old| &arrivals[old]);
            worst = worst.max(Some(self.kind_of_step(old, &arrivals[step.new], step.reason)?));
        }
        Ok(worst.unwrap_or(CollisionKind::Shadowed))
    }

    fn kind_of_step(&self, old: Option<&Arrival>, new: &Arrival, reason: Reason) -> Result<CollisionKind, PlanError> {
        match reason {
            Reason::BetterPriority => return Ok(CollisionKind::Shadowed),
            Reason::SameFile => return Ok(CollisionKind::SameFile),
            Reason::SameContent => return Ok(CollisionKind::SameContent),
            Reason::ModeDiffers => return Ok(CollisionKind::ModeDiffers),
            _ => {}
        }
        let Some(old) = old else { return Ok(CollisionKind::FileDirectory) };
        if old.is_dangling() || new.is_dangling() {
            return Ok(CollisionKind::Dangling);
        }
        if old.is_directory() != new.is_directory() {
            return Ok(CollisionKind::FileDirectory);
        }
        if old.real(self.files)? == new.real(self.files)? {
            return Ok(CollisionKind::SameFile);
        }
        if !self.compare_contents || old.same_bytes(new, self.files)? != Some(true) {
            return Ok(CollisionKind::Tie);
        }
        let same_mode = old.mode(self.files)? == new.mode(self.files)?;
        Ok(if same_mode { CollisionKind::SameContent } else { CollisionKind::ModeDiffers })
    }
}

fn reason(arrivals: &[Arrival], steps: &[Step], blocks: bool) -> Reason {
    let Some(decisive) = steps.iter().find(|step| step.blocks == blocks) else { return Reason::BetterPriority };
    let best = arrivals.iter().map(Arrival::priority).min();
    let is_among_losers = decisive.reason == Reason::SamePriority && best < Some(arrivals[decisive.new].priority());
    if blocks && is_among_losers { Reason::TieAmongLosers } else { decisive.reason }
}
