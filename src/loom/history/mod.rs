//! The generations: what each is, from which it was made, what differs between two, and how to go back.

mod deletion;
mod size;
mod summary;
mod undo;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Mutex;

use super::preview::{Changed, changed, commands};
use super::{Loom, LoomError};
use crate::engine::{self, Plan, RuleSet};
use crate::profile::{Element, Generation, Parent};

pub use deletion::DeletionPreview;
pub use size::Size;
pub use summary::{GenerationFacts, GenerationSummary};
pub use undo::{Undone, removal_of_all};

/// What was worked out of generations: their environments never change, so it holds as long as the program runs. By the
/// environment and that of the parent.
pub(super) type Known = Mutex<HashMap<(PathBuf, Option<PathBuf>), GenerationFacts>>;

/// What differs between two generations.
#[derive(Clone, Debug, Default)]
pub struct GenerationDiff {
    pub packages_added: Vec<Element>,
    pub packages_removed: Vec<Element>,
    /// Before and after.
    pub packages_changed: Vec<(Element, Element)>,
    /// Files, relative to the environment.
    pub files: Changed<Box<[u8]>>,
    /// Names in `bin/`.
    pub commands: Changed<Box<[u8]>>,
}

impl Loom {
    /// What differs between the generations `from` and `to`, either of which may be the older; `None` is nothing installed.
    pub fn diff(&self, from: Option<u64>, to: u64) -> Result<GenerationDiff, LoomError> {
        let old = from.map(|from| self.contents_of(from)).transpose()?.map(|contents| contents.elements);
        let new = self.contents_of(to)?.elements;
        let before = match &old {
            Some(old) => self.plan(old)?,
            None => Plan::empty(RuleSet::Nix),
        };
        let files = changed(engine::diff(&before, &self.plan(&new)?, self.store.files())?);
        let packages = packages(old.unwrap_or_default(), new);
        Ok(GenerationDiff {
            packages_added: packages.added,
            packages_removed: packages.removed,
            packages_changed: packages.changed,
            commands: commands(&files),
            files,
        })
    }

    /// From which generation each was made; `generations` are all that there are, as [`Loom::generations`] gives them.
    pub fn parents(&self, generations: &[Generation]) -> Vec<Parent> {
        self.descent.parents(generations)
    }
}

/// Elements that come, go and change.
struct Packages {
    added: Vec<Element>,
    removed: Vec<Element>,
    /// Before and after.
    changed: Vec<(Element, Element)>,
}

fn packages(old: Vec<Element>, new: Vec<Element>) -> Packages {
    let mut packages = Packages { added: Vec::new(), removed: Vec::new(), changed: Vec::new() };
    let mut before: BTreeMap<String, Element> = old.into_iter().map(|it| (it.name.clone(), it)).collect();
    for after in new {
        match before.remove(&after.name) {
            None => packages.added.push(after),
            Some(before) if is_other(&before, &after) => packages.changed.push((before, after)),
            Some(_) => {}
        }
    }
    packages.removed = before.into_values().collect();
    packages
}

/// Whether an element is another to its user; how the two kinds of profile record it is not what is asked.
fn is_other(before: &Element, after: &Element) -> bool {
    let is_same = before.version == after.version
        && before.outputs == after.outputs
        && before.priority == after.priority
        && before.active == after.active;
    !is_same
}
