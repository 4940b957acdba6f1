//! The difference between two generations.

use std::collections::BTreeMap;

use super::preview::{Changed, changed, commands};
use super::{Loom, LoomError};
use crate::engine;
use crate::profile::Element;

/// What differs between two generations.
#[derive(Clone, Debug)]
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
    /// What differs between the generations `from` and `to`, either of which may be the older.
    pub fn diff(&self, from: u64, to: u64) -> Result<GenerationDiff, LoomError> {
        let (old, new) = (self.contents_of(from)?.elements, self.contents_of(to)?.elements);
        let files = changed(engine::diff(&self.plan(&old)?, &self.plan(&new)?, self.store.files())?);
        let mut difference = GenerationDiff {
            packages_added: Vec::new(),
            packages_removed: Vec::new(),
            packages_changed: Vec::new(),
            commands: commands(&files),
            files,
        };
        let mut before: BTreeMap<String, Element> = old.into_iter().map(|it| (it.name.clone(), it)).collect();
        for after in new {
            match before.remove(&after.name) {
                None => difference.packages_added.push(after),
                Some(before) if is_other(&before, &after) => difference.packages_changed.push((before, after)),
                Some(_) => {}
            }
        }
        difference.packages_removed = before.into_values().collect();
        Ok(difference)
    }
}

/// Whether an element is another to its user; how the two kinds of profile record it is not what is asked.
fn is_other(before: &Element, after: &Element) -> bool {
    let seen = |it: &Element| (it.version.clone(), it.outputs.clone(), it.priority, it.active);
    seen(before) != seen(after)
}
