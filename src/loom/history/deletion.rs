//! What a deletion of generations would do.

use std::time::SystemTime;

use super::super::{Loom, LoomError};
use super::size::{Paths, Scales, Size, outputs};
use crate::profile::{Deletion, Generation, ancestors};

/// What a deletion would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeletionPreview {
    /// Those that would go, oldest first; never the current one.
    pub generations: Vec<Generation>,
    /// Those of them from which the current one descends: undoing could not go back to them any more.
    pub ancestors: Vec<u64>,
    /// What no generation would have that stays, in paths and bytes; `None` if some generation cannot be read. Other
    /// profiles may have it.
    pub only_theirs: Option<(usize, Size)>,
    /// Whether the store has a garbage collection that frees it.
    pub is_collected: bool,
}

impl Loom {
    /// What [`Loom::delete_generations`] would do. Changes nothing; may wait for the store.
    pub fn weigh_deletion(&self, deletions: &[Deletion]) -> Result<DeletionPreview, LoomError> {
        let all = self.profile.generations()?;
        let numbers = self.profile.chosen(deletions, &all, SystemTime::now())?;
        let parents = self.parents(&all);
        let goes = |number: u64| numbers.binary_search(&number).is_ok();
        let current = all.iter().find(|generation| generation.current).map(|generation| generation.number);
        let mut line = current.map(|current| ancestors(current, &all, &parents)).unwrap_or_default();
        line.retain(|&number| goes(number));
        line.sort_unstable();
        let only_theirs = if numbers.is_empty() { None } else { self.only_of(&all, &goes) };
        Ok(DeletionPreview {
            generations: all.into_iter().filter(|generation| goes(generation.number)).collect(),
            ancestors: line,
            only_theirs,
            is_collected: self.is_nix,
        })
    }

    /// What only those generations keep that go.
    fn only_of(&self, all: &[Generation], goes: &dyn Fn(u64) -> bool) -> Option<(usize, Size)> {
        let mut scales = Scales::new(self);
        let (mut going, mut staying) = (Paths::none(), Paths::none());
        for generation in all {
            let contents = self.profile.contents_at(generation);
            let outputs = match &contents {
                Ok(contents) => outputs(&contents.elements),
                // What is gone keeps nothing.
                Err(_) if !generation.path.exists() => continue,
                Err(_) => return None,
            };
            let paths = scales.paths(&generation.path, &outputs);
            if goes(generation.number) { going.add(paths) } else { staying.add(paths) }
        }
        going.remove(&staying);
        Some((going.len(), going.size()))
    }
}
