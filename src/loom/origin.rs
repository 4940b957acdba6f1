//! Where the collisions of a plan come from: whether they were there before, or which change brought them.

use std::sync::Arc;

use crate::engine::{Collision, Plan};

/// What a transaction has to do with a collision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The same contenders had the same outcome before.
    There,
    /// The transaction brings it, or changes who takes part or who wins.
    New,
    /// All that take part were there before, but the file of another package won over them, and that one goes.
    Uncovered {
        /// The package that goes.
        by: Arc<str>,
    },
}

impl Origin {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::There => "there",
            Self::New => "new",
            Self::Uncovered { .. } => "uncovered",
        }
    }
}

/// The origin of each collision of `after`, in their order.
pub fn origins(before: &Plan, after: &Plan) -> Vec<Origin> {
    // Both are sorted by path.
    let mut old = before.collisions.iter().peekable();
    let mut origin_of = |new: &Collision| {
        while old.next_if(|old| old.path < new.path).is_some() {}
        old.peek().filter(|old| old.path == new.path).map_or(Origin::New, |old| origin(old, new))
    };
    after.collisions.iter().map(&mut origin_of).collect()
}

/// What became of the collision at one path.
fn origin(old: &Collision, new: &Collision) -> Origin {
    let source = |collision: &Collision| collision.winner.map(|at| Arc::clone(&collision.contenders[at].source));
    let takes_part = |collision: &Collision, source: &[u8]| {
        collision.contenders.iter().any(|contender| *contender.source == *source)
    };
    let is_old = new.contenders.iter().all(|contender| takes_part(old, &contender.source));
    let gone = old.winner.map(|at| &old.contenders[at]).filter(|winner| !takes_part(new, &winner.source));
    match gone {
        Some(winner) if is_old => Origin::Uncovered { by: Arc::clone(&winner.package) },
        _ if is_old && old.contenders.len() == new.contenders.len() && source(old) == source(new) => Origin::There,
        _ => Origin::New,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Disk, Output, Package, Request, Rules};

    /// The plan of packages that have one file each, by their priorities.
    fn plan(top: &std::path::Path, packages: &[(&str, i64)]) -> Plan {
        let package = |&(name, priority): &(&str, i64)| {
            let path = top.join(name);
            std::fs::create_dir_all(path.join("bin")).unwrap();
            std::fs::write(path.join("bin/x"), name).unwrap();
            let path = path.to_str().unwrap().as_bytes().into();
            Package { name: name.into(), priority, active: true, outputs: vec![Output { name: "out".into(), path }] }
        };
        let packages = packages.iter().map(package).collect();
        crate::engine::plan(&Request { rules: Rules::Nix, packages, compare_contents: true }, &Disk).unwrap()
    }

    #[test]
    fn a_tie_is_uncovered_by_the_package_that_hid_it_and_new_where_a_change_brings_it() {
        let top = tempfile::tempdir().unwrap();
        let plan = |packages: &[(&str, i64)]| plan(top.path(), packages);
        let hidden = plan(&[("a", 4), ("b", 5), ("c", 5)]);
        let of = |after: &Plan| origins(&hidden, after);
        assert_eq!(of(&plan(&[("b", 5), ("c", 5)])), [Origin::Uncovered { by: "a".into() }]);
        assert_eq!(of(&plan(&[("a", 4), ("b", 5), ("c", 5), ("other", 6)])), [Origin::New]);
        assert_eq!(of(&hidden), [Origin::There]);
        assert_eq!(of(&plan(&[("a", 6), ("b", 4), ("c", 5)])), [Origin::New], "another one wins");
        assert_eq!(of(&plan(&[("b", 4), ("c", 5)])), [Origin::Uncovered { by: "a".into() }]);
        assert_eq!(of(&plan(&[("a", 4)])), []);
        assert_eq!(origins(&plan(&[]), &hidden), [Origin::New]);
    }
}
