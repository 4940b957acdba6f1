//! The staged changes with their past: each edit can be undone and redone. What an edit overrules is the business of
//! [`Transaction`]; what it means for the profile is told by a preview.

use crate::package::Package;
use crate::profile::{Change, Element, Transaction};

/// The transaction as it stands, and as it stood before and after each edit.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    now: Transaction,
    past: Vec<Transaction>,
    future: Vec<Transaction>,
}

impl Staged {
    pub fn transaction(&self) -> &Transaction {
        &self.now
    }

    pub fn changes(&self) -> &[Change] {
        &self.now.changes
    }

    pub fn is_empty(&self) -> bool {
        self.now.changes.is_empty()
    }

    /// Edits the changes as one step that can be undone; `false` if nothing became different.
    pub fn edit(&mut self, edit: impl FnOnce(&mut Transaction)) -> bool {
        let before = self.now.clone();
        edit(&mut self.now);
        if self.now == before {
            return false;
        }
        self.past.push(before);
        self.future.clear();
        true
    }

    /// `false` if there is nothing to undo.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.past.pop() else { return false };
        self.future.push(std::mem::replace(&mut self.now, before));
        true
    }

    /// `false` if there is nothing to redo.
    pub fn redo(&mut self) -> bool {
        let Some(after) = self.future.pop() else { return false };
        self.past.push(std::mem::replace(&mut self.now, after));
        true
    }

    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// The changes were applied: there is nothing to go back to here.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The staged installation of an attribute: its outputs and priority where they were chosen.
    pub fn install(&self, attribute: &str, source: &str) -> Option<(Option<&[String]>, Option<i64>)> {
        self.changes().iter().find_map(|change| match change {
            Change::Install { outputs, priority, .. } if installs(change, attribute, source) => {
                Some((outputs.as_deref(), *priority))
            }
            _ => None,
        })
    }

    pub fn removes(&self, element: &str) -> bool {
        self.changes().iter().any(|change| matches!(change, Change::Remove { name } if name == element))
    }

    pub fn outputs(&self, element: &str) -> Option<&[String]> {
        self.changes().iter().find_map(|change| match change {
            Change::Outputs { name, outputs } if name == element => Some(outputs.as_slice()),
            _ => None,
        })
    }

    pub fn priority(&self, element: &str) -> Option<i64> {
        self.changes().iter().find_map(|change| match change {
            Change::Priority { name, priority } if name == element => Some(*priority),
            _ => None,
        })
    }

    pub fn active(&self, element: &str) -> Option<bool> {
        self.changes().iter().find_map(|change| match change {
            Change::Active { name, active } if name == element => Some(*active),
            _ => None,
        })
    }
}

/// Whether a change installs that attribute of that source.
pub fn installs(change: &Change, attribute: &str, source: &str) -> bool {
    matches!(change, Change::Install { attribute: of, source: from, .. }
        if of == attribute && from.as_deref().is_none_or(|from| from == source))
}

/// Stages an installation in place of an older one of the same attribute; nothing of that one is kept.
pub fn stage_install(transaction: &mut Transaction, package: &Package, change: Change) {
    let is_same = |change: &Change| installs(change, &package.attribute, &package.source);
    match transaction.changes.iter_mut().find(|change| is_same(change)) {
        Some(staged) => *staged = change,
        None => transaction.changes.push(change),
    }
}

/// Takes the installation of a package back.
pub fn unstage_install(transaction: &mut Transaction, package: &Package) {
    transaction.changes.retain(|change| !installs(change, &package.attribute, &package.source));
}

/// Takes everything back that is staged for an installed element.
pub fn unstage_element(transaction: &mut Transaction, element: &str) {
    transaction.changes.retain(|change| change.element() != Some(element));
}

/// Whether the source offers something else than what is installed: by the paths where it tells them, else by the version.
pub fn is_other(package: &Package, element: &Element) -> bool {
    let paths = element.outputs.iter().filter_map(|installed| {
        let offered = package.output(&installed.name)?.path.as_ref()?;
        Some(*offered != installed.path)
    });
    let version_differs = !package.version.is_empty() && package.version != element.version;
    paths.reduce(|one, other| one || other).unwrap_or(version_differs)
}

/// A priority as typed: Nix keeps it in 32 bits.
pub fn parse_priority(text: &str) -> Option<i64> {
    text.parse::<i32>().ok().map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remove(name: &str) -> Change {
        Change::Remove { name: name.into() }
    }

    #[test]
    fn undo_and_redo_walk_through_every_edit() {
        let mut staged = Staged::default();
        assert!(staged.edit(|transaction| transaction.changes.push(remove("a"))));
        assert!(staged.edit(|transaction| transaction.changes.push(remove("b"))));
        assert!(!staged.edit(|_| {}), "nothing became different");
        assert!(staged.undo() && staged.undo() && !staged.undo());
        assert!(staged.is_empty());
        assert!(staged.redo());
        assert_eq!(staged.changes(), [remove("a")]);
        assert!(staged.edit(|transaction| transaction.changes.push(remove("c"))));
        assert!(!staged.redo(), "a new edit ends what could be redone");
    }
}
