//! Undoing: back to the generation from which the current one was made.

use super::super::{Loom, LoomError};
use crate::profile::{Change, Element, Parent, Transaction};
use crate::progress::Progress;

/// What was undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The generation that was current.
    pub from: u64,
    /// The one that is current now; a new one without packages if the first was undone.
    pub generation: u64,
    pub parent: Parent,
}

impl Loom {
    /// Makes that generation current from which the current one was made. Before the first there was nothing, and Nix knows
    /// no profile without a generation: so undoing that makes a new one without packages, which can be undone like any other.
    pub fn undo(&self, progress: &dyn Progress) -> Result<Undone, LoomError> {
        let profile = self.locked(progress)?;
        let generations = self.generations()?;
        let at = generations.iter().position(|generation| generation.current).ok_or(LoomError::NothingToUndo)?;
        let (from, parent) = (generations[at].number, self.parents(&generations)[at]);
        match (parent, parent.number()) {
            (_, Some(number)) => {
                profile.switch_to(number)?;
                Ok(Undone { from, generation: number, parent })
            }
            (Parent::Nothing, _) => {
                drop(profile);
                let elements = self.contents()?.elements;
                if elements.is_empty() {
                    return Err(LoomError::NothingToUndo);
                }
                let applied = self.apply(&removal_of_all(&elements), progress)?;
                Ok(Undone { from, generation: applied.generation, parent })
            }
            _ => {
                let parent = if let Parent::Deleted(parent) = parent { Some(parent) } else { None };
                Err(LoomError::ParentGone { generation: from, parent })
            }
        }
    }
}

/// The changes that remove every element.
pub fn removal_of_all(elements: &[Element]) -> Transaction {
    Transaction { changes: elements.iter().map(|element| Change::Remove { name: element.name.clone() }).collect() }
}
