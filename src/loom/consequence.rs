//! What one more change would do to changes that are staged already: the two environments held against each other.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Loom, LoomError, Origin, origins};
use crate::engine::{self, Collision, Files, Plan, PlanError};
use crate::profile::Transaction;
use crate::progress::Progress;

/// What becomes different between two environments; in numbers, for a row has no room for more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequence {
    /// Files that come, go, and lead elsewhere.
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    /// Collisions that come with it, and how many of them block.
    pub collisions: usize,
    pub blocking: usize,
    /// The packages that take part in them and how many each, the ones with most first.
    pub against: Vec<(Arc<str>, usize)>,
    /// Outputs that come or go of which not all is known before they are fetched: the numbers above leave out what
    /// they bring.
    pub unknown: usize,
}

impl Consequence {
    /// Of two plans over the same files. Collisions that were there before are not counted.
    pub fn between(before: &Plan, after: &Plan, files: &dyn Files) -> Result<Self, PlanError> {
        let difference = engine::diff(before, after, files)?;
        let origins = origins(before, after);
        let come: Vec<&Collision> = after
            .collisions
            .iter()
            .zip(&origins)
            .filter(|(_, origin)| **origin != Origin::There)
            .map(|(collision, _)| collision)
            .collect();
        let only = |some: &Plan, other: &Plan| some.unknown.iter().filter(|path| !other.unknown.contains(path)).count();
        Ok(Self {
            added: difference.added.len(),
            removed: difference.removed.len(),
            changed: difference.changed.len(),
            collisions: come.len(),
            blocking: come.iter().filter(|collision| collision.blocks).count(),
            against: packages(&come),
            unknown: only(before, after) + only(after, before),
        })
    }
}

/// Who takes part in how many.
fn packages(collisions: &[&Collision]) -> Vec<(Arc<str>, usize)> {
    let mut numbers: HashMap<&Arc<str>, usize> = HashMap::new();
    for collision in collisions {
        let contenders = &collision.contenders;
        for (at, contender) in contenders.iter().enumerate() {
            // Two outputs of one package count once.
            if contenders[..at].iter().all(|other| other.package != contender.package) {
                *numbers.entry(&contender.package).or_default() += 1;
            }
        }
    }
    let mut numbers: Vec<_> = numbers.into_iter().map(|(package, number)| (Arc::clone(package), number)).collect();
    numbers.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    numbers
}

impl Loom {
    /// For each of `then` what it would do in place of `staged`, given to `tell` with its index as soon as it is known.
    /// Changes nothing and fetches no content; may wait for listings of outputs that are not here. Gives up in between
    /// once nobody wants it any more.
    pub fn consequences(
        &self,
        staged: &Transaction,
        then: &[Transaction],
        progress: &dyn Progress,
        tell: &dyn Fn(usize, Result<Consequence, LoomError>),
    ) -> Result<(), LoomError> {
        let before = self.contents()?;
        let now = self.planned(&before, staged, progress)?.plan;
        for (at, transaction) in then.iter().enumerate() {
            if progress.is_cancelled() {
                return Ok(());
            }
            let after = self.planned(&before, transaction, progress);
            // What was not waited for to its end is not known.
            if progress.is_cancelled() {
                return Ok(());
            }
            let consequence = after.and_then(|after| Ok(Consequence::between(&now, &after.plan, self.store.files())?));
            tell(at, consequence);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Disk, Output, Package, Request, Rules};

    /// The plan of packages, each with its priority and its files.
    fn plan(top: &std::path::Path, packages: &[(&str, i64, &[&str])]) -> Plan {
        let package = |&(name, priority, files): &(&str, i64, &[&str])| {
            let path = top.join(name);
            for file in files {
                let file = path.join(file);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, name).unwrap();
            }
            let path = path.to_str().unwrap().as_bytes().into();
            Package { name: name.into(), priority, active: true, outputs: vec![Output { name: "out".into(), path }] }
        };
        let packages = packages.iter().map(package).collect();
        engine::plan(&Request { rules: Rules::Nix, packages, compare_contents: true }, &Disk).unwrap()
    }

    #[test]
    fn what_a_package_adds_and_against_whom_it_stands_is_counted_apart_from_what_was_there() {
        let top = tempfile::tempdir().unwrap();
        let old = [("a", 5, &["bin/x", "bin/y"][..]), ("b", 6, &["bin/y"])];
        let plan = |more: &[(&'static str, i64, &'static [&'static str])]| {
            let all: Vec<_> = old.iter().copied().chain(more.iter().copied()).collect();
            self::plan(top.path(), &all)
        };
        let before = plan(&[]);
        assert_eq!(before.collisions.len(), 1);
        let of = |more: &[_]| Consequence::between(&before, &plan(more), &Disk).unwrap();
        assert_eq!(of(&[]), Consequence::default());
        let loses = of(&[("c", 7, &["bin/x", "bin/z"])]);
        assert_eq!((loses.added, loses.changed, loses.collisions, loses.blocking), (1, 0, 1, 0));
        assert_eq!(loses.against, [("a".into(), 1), ("c".into(), 1)]);
        let blocks = of(&[("d", 5, &["bin/x", "share/d"])]);
        assert_eq!((blocks.added, blocks.collisions, blocks.blocking), (1, 1, 1));
        let wins = of(&[("e", 1, &["bin/x", "bin/y"])]);
        assert_eq!((wins.added, wins.changed, wins.collisions), (0, 2, 2));
        assert_eq!(wins.against, [("a".into(), 2), ("e".into(), 2), ("b".into(), 1)]);
        let back = Consequence::between(&plan(&[("c", 7, &["bin/x", "bin/z"])]), &before, &Disk).unwrap();
        assert_eq!((back.removed, back.collisions), (1, 0), "a collision that goes is none that comes");
    }

    #[test]
    fn an_output_of_which_nothing_is_known_is_never_one_that_adds_nothing() {
        let top = tempfile::tempdir().unwrap();
        let before = plan(top.path(), &[("a", 5, &["bin/x"])]);
        let mut after = before.clone();
        after.unknown = vec![b"/store/b".as_slice().into()];
        let consequence = Consequence::between(&before, &after, &Disk).unwrap();
        assert_eq!((consequence.added, consequence.unknown), (0, 1));
        assert_eq!(Consequence::between(&after, &before, &Disk).unwrap().unknown, 1);
        assert_eq!(Consequence::between(&after, &after, &Disk).unwrap().unknown, 0);
    }
}
