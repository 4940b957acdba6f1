//! The index of one source: its packages in columns, sorted by attribute, and what a search needs of them.
//!
//! | module | what it is |
//! |---|---|
//! | `build` | packages → index |
//! | `file` | index ↔ file, whole or not at all |
//! | `names` | folded names, and where their words begin |
//! | `words` | an inverted index of words |
//! | `interned` | texts that many rows share |
//! | `tokens` | the words of a description |
//! | `fame` | how well known a package is |
//! | `standing` | what ranks a package whatever is searched for |

mod build;
mod fame;
mod file;
mod interned;
mod names;
mod standing;
mod tokens;
mod words;

use std::sync::Arc;

use super::fold::{fold_all, spell_all};
use crate::package::{Obstacle, Package, PackageOutput};

pub(super) use build::leaf_start;
pub use file::IndexError;
pub(super) use interned::Interned;
pub(super) use names::{Name, NameKind, Names};
pub(super) use standing::Standing;
pub(super) use words::Words;

/// The texts of a row, in the order of the column.
#[derive(Clone, Copy)]
enum Text {
    Attribute,
    Name,
    Version,
    Description,
    LongDescription,
    Homepage,
    Program,
    /// Why it does not evaluate.
    Failure,
}

const TEXTS: usize = 8;

/// Bits of what stands in the way of a package.
pub(super) mod obstacle {
    pub const BROKEN: u8 = 1;
    pub const UNFREE: u8 = 2;
    pub const INSECURE: u8 = 4;
    pub const OTHER_SYSTEM: u8 = 8;
    pub const NEEDS_NIX: u8 = 16;
    pub const FAILED: u8 = 32;
}

/// The packages of one source, prepared for search; never changed once it is built.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// All texts, row after row.
    texts: String,
    /// Where each text ends, eight a row.
    text_ends: Vec<u32>,
    priorities: Vec<i64>,
    obstacles: Vec<u8>,
    /// Names of outputs, and those that are installed without a choice, as JSON.
    outputs: Interned,
    /// SPDX identifiers, as JSON.
    licenses: Interned,

    names: Names,
    /// What stands before the last component of an attribute, without the dot; empty at the top level.
    sets: Interned,
    /// The same, folded; each is a row of its own.
    set_names: Names,
    /// For each row what ranks it whatever is searched for.
    standing: Vec<u8>,
    /// For each row what comes first among equals; less is better.
    order: Vec<u32>,
    /// Words of names and sets.
    name_words: Words,
    description_words: Words,
    long_words: Words,
}

impl Index {
    /// Number of packages.
    pub fn len(&self) -> usize {
        self.priorities.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn text(&self, row: usize, text: Text) -> &str {
        let at = row * TEXTS + text as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.text_ends[before]);
        &self.texts[start as usize..self.text_ends[at] as usize]
    }

    pub fn attribute(&self, row: usize) -> &str {
        self.text(row, Text::Attribute)
    }

    /// What its package is called.
    pub fn name(&self, row: usize) -> &str {
        self.text(row, Text::Name)
    }

    pub fn version(&self, row: usize) -> &str {
        self.text(row, Text::Version)
    }

    /// The row of an attribute.
    pub fn find(&self, attribute: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.attribute(middle).cmp(attribute) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The package of a row, as its source told it; where its outputs are is not kept.
    pub fn package(&self, row: usize, source: &Arc<str>) -> Package {
        let text = |text| self.text(row, text).to_owned();
        let (outputs, default_outputs) = build::read_outputs(self.outputs.of(row));
        Package {
            attribute: text(Text::Attribute),
            source: Arc::clone(source),
            name: text(Text::Name),
            version: text(Text::Version),
            description: text(Text::Description),
            long_description: text(Text::LongDescription),
            homepage: text(Text::Homepage),
            licenses: build::read_licenses(self.licenses.of(row)),
            priority: self.priorities[row],
            outputs: outputs.into_iter().map(|name| PackageOutput { name, path: None }).collect(),
            default_outputs,
            main_program: Some(text(Text::Program)).filter(|program| !program.is_empty()),
            obstacles: self.obstacles(row),
            evaluated: None,
        }
    }

    fn obstacles(&self, row: usize) -> Vec<Obstacle> {
        let bits = self.obstacles[row];
        let known = [
            (obstacle::BROKEN, Obstacle::Broken),
            (obstacle::UNFREE, Obstacle::Unfree),
            (obstacle::INSECURE, Obstacle::Insecure),
            (obstacle::OTHER_SYSTEM, Obstacle::OtherSystem),
            (obstacle::NEEDS_NIX, Obstacle::NeedsNix),
            (obstacle::FAILED, Obstacle::Failed(self.text(row, Text::Failure).to_owned())),
        ];
        known.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, obstacle)| obstacle).collect()
    }

    /// For each row the bits of what stands in the way.
    pub(super) fn obstacle_bits(&self) -> &[u8] {
        &self.obstacles
    }

    pub(super) fn is_top_level(&self, row: usize) -> bool {
        self.sets.of(row).is_empty()
    }

    /// A name as its source wrote it.
    pub(super) fn original(&self, name: Name<'_>) -> &str {
        match name.kind {
            NameKind::Leaf => {
                let attribute = self.attribute(name.row);
                &attribute[leaf_start(attribute)..]
            }
            NameKind::Name => self.text(name.row, Text::Name),
            NameKind::Program => self.text(name.row, Text::Program),
        }
    }

    pub(super) fn program(&self, row: usize) -> &str {
        self.text(row, Text::Program)
    }

    /// The description and the long one.
    pub(super) fn descriptions(&self, row: usize) -> [&str; 2] {
        [Text::Description, Text::LongDescription].map(|text| self.text(row, text))
    }

    /// Whether folded letters are in one of the descriptions.
    pub(super) fn is_said_of(&self, row: usize, folded: &str) -> bool {
        self.descriptions(row).iter().any(|text| fold_all(text).contains(folded))
    }

    /// Whether these letters, in their case but without accents, are in one of the descriptions.
    pub(super) fn spells_in_description(&self, row: usize, spelled: &str) -> bool {
        self.descriptions(row).iter().any(|text| spell_all(text).contains(spelled))
    }

    /// For each of [`Index::outputs`] whether an output of that name is among them.
    pub(super) fn with_output(&self, name: &str) -> Vec<bool> {
        // Most are told apart without reading the list.
        self.outputs.judged(|spelled| {
            spelled.contains(name) && build::read_outputs(spelled).0.iter().any(|output| output == name)
        })
    }

    /// For each of [`Index::licenses`] whether one of them begins so, whatever the case.
    pub(super) fn with_license(&self, folded: &str) -> Vec<bool> {
        let begins = |license: &String| fold_all(license).starts_with(folded);
        self.licenses.judged(|spelled| build::read_licenses(spelled).iter().any(begins))
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn sets(&self) -> &Interned {
        &self.sets
    }

    /// The sets as names, in the order of [`Index::sets`].
    pub(super) fn set_names(&self) -> &Names {
        &self.set_names
    }

    /// For each row what ranks it whatever is searched for.
    pub(super) fn standings(&self) -> impl Iterator<Item = Standing> + '_ {
        self.standing.iter().map(|&bits| Standing(bits))
    }

    /// For each row what comes first among equals: the top level, then short names, then those of large sets; less is
    /// better.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    pub(super) fn name_words(&self) -> &Words {
        &self.name_words
    }

    pub(super) fn description_words(&self) -> &Words {
        &self.description_words
    }

    pub(super) fn long_words(&self) -> &Words {
        &self.long_words
    }

    pub(super) fn outputs(&self) -> &Interned {
        &self.outputs
    }

    pub(super) fn licenses(&self) -> &Interned {
        &self.licenses
    }
}
