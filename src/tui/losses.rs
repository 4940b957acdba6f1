//! Which packages have files that the profile does not show because another package's win, and which block; counted once
//! for each plan.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::Collision;

/// What one package loses, and where it blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Paths at which another package wins.
    pub files: usize,
    /// Of which of its outputs they are.
    pub outputs: Vec<(Arc<str>, usize)>,
    /// Who wins how many, the one with most first.
    pub to: Vec<(Arc<str>, usize)>,
    /// How many paths of which of its outputs block.
    pub blocking: Vec<(Arc<str>, usize)>,
}

/// What the packages of a plan lose, by name.
#[derive(Clone, Debug, Default)]
pub struct Losses(HashMap<Arc<str>, Loss>);

impl Losses {
    /// Nobody wins a path that blocks, and what a package's own outputs take from each other is no loss.
    pub fn new(collisions: &[Collision]) -> Self {
        let mut losses: HashMap<Arc<str>, Loss> = HashMap::new();
        for collision in collisions {
            let Some(winner) = collision.winner.and_then(|at| collision.contenders.get(at)) else {
                for contender in &collision.contenders {
                    let loss = losses.entry(Arc::clone(&contender.package)).or_default();
                    count(&mut loss.blocking, &contender.output);
                }
                continue;
            };
            for (at, loser) in collision.contenders.iter().enumerate() {
                if loser.package == winner.package {
                    continue;
                }
                let loss = losses.entry(Arc::clone(&loser.package)).or_default();
                count(&mut loss.outputs, &loser.output);
                // A path of two of its outputs is one path.
                if collision.contenders[..at].iter().all(|other| other.package != loser.package) {
                    loss.files += 1;
                    count(&mut loss.to, &winner.package);
                }
            }
        }
        for loss in losses.values_mut() {
            loss.to.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
        }
        Self(losses)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the package of that name loses, if it does.
    pub fn of(&self, package: &str) -> Option<&Loss> {
        self.0.get(package)
    }

    /// How many files of one of its outputs.
    pub fn of_output(&self, package: &str, output: &str) -> usize {
        self.of(package).map_or(0, |loss| number(&loss.outputs, output))
    }

    /// At how many paths one of its outputs blocks.
    pub fn blocking(&self, package: &str, output: &str) -> usize {
        self.of(package).map_or(0, |loss| number(&loss.blocking, output))
    }
}

fn number(numbers: &[(Arc<str>, usize)], name: &str) -> usize {
    numbers.iter().find(|(known, _)| **known == *name).map_or(0, |(_, number)| *number)
}

/// Packages lose to few others and have few outputs: a list is enough.
fn count(numbers: &mut Vec<(Arc<str>, usize)>, name: &Arc<str>) {
    match numbers.iter_mut().find(|(known, _)| known == name) {
        Some((_, number)) => *number += 1,
        None => numbers.push((Arc::clone(name), 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{CollisionKind, Contender, Reason, RuleSet};

    fn collision(contenders: &[(&str, &str)], winner: Option<usize>) -> Collision {
        let contender = |&(package, output): &(&str, &str)| Contender {
            index: Some(0),
            package: package.into(),
            output: output.into(),
            source: b"/".as_slice().into(),
            outside: None,
            priority: 5,
            is_directory: false,
        };
        Collision {
            path: b"bin/x".as_slice().into(),
            kind: CollisionKind::Shadowed,
            blocks: winner.is_none(),
            contenders: contenders.iter().map(contender).collect(),
            winner,
            cause: Reason::BetterPriority,
            rules: RuleSet::Nix,
        }
    }

    #[test]
    fn only_what_another_package_wins_is_lost() {
        let losses = Losses::new(&[
            collision(&[("a", "out"), ("b", "out")], Some(0)),
            collision(&[("a", "out"), ("b", "bin"), ("b", "out"), ("c", "out")], Some(0)),
            collision(&[("c", "out"), ("b", "out")], Some(0)),
            collision(&[("a", "out"), ("d", "out")], None),
            collision(&[("e", "out"), ("e", "dev")], Some(0)),
        ]);
        assert_eq!(losses.of("a").map(|loss| (loss.files, loss.to.len())), Some((0, 0)));
        assert_eq!(losses.of("d").map(|loss| loss.files), Some(0), "nobody wins what blocks");
        assert_eq!((losses.blocking("d", "out"), losses.blocking("d", "dev"), losses.blocking("b", "out")), (1, 0, 0));
        assert_eq!(losses.of("e"), None, "it stays in the family");
        let loss = losses.of("b").unwrap();
        assert_eq!((loss.files, &loss.to[..]), (3, &[("a".into(), 2), ("c".into(), 1)][..]));
        assert_eq!(
            (losses.of_output("b", "out"), losses.of_output("b", "bin"), losses.of_output("b", "man")),
            (3, 1, 0)
        );
        assert_eq!(losses.of("c").map(|loss| loss.files), Some(1));
    }
}
