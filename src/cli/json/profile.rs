//! Generations.

use serde::Serialize;

use super::package::ElementDocument;
use super::path_text;
use super::plan::ChangedDocument;
use crate::cli::text::rfc3339;
use crate::loom::{DeletionPreview, GenerationDiff, GenerationSummary, Undone};
use crate::profile::{Element, Generation, Parent};

/// What `convert` did.
#[derive(Serialize)]
pub(in crate::cli) struct ConvertedDocument {
    pub generation: Option<u64>,
    pub unchanged: bool,
}

/// What `delete-generations` did.
#[derive(Serialize)]
pub(in crate::cli) struct DeletedDocument {
    pub deleted: Vec<u64>,
}

/// Which generation is current now, after a rollback.
#[derive(Serialize)]
pub(in crate::cli) struct RollbackDocument {
    pub generation: u64,
}

/// Which generation is current now, after an undo, and which was before.
#[derive(Serialize)]
pub(in crate::cli) struct UndoneDocument {
    generation: u64,
    undone: u64,
    /// Whether it is recorded that the one was made from the other.
    parent_is_known: bool,
}

impl From<&Undone> for UndoneDocument {
    fn from(undone: &Undone) -> Self {
        Self {
            generation: undone.generation,
            undone: undone.from,
            parent_is_known: !matches!(undone.parent, Parent::Probably(_)),
        }
    }
}

/// What `delete-generations --dry-run` would do.
#[derive(Serialize)]
pub(in crate::cli) struct DeletionDocument {
    would_delete: Vec<u64>,
    /// Those of them from which the current one descends.
    ancestors: Vec<u64>,
    /// Of what only they have; null if that is not known.
    bytes: Option<u64>,
    paths: Option<usize>,
    /// Whether a garbage collection of the store frees them.
    is_collected: bool,
}

impl From<&DeletionPreview> for DeletionDocument {
    fn from(preview: &DeletionPreview) -> Self {
        let is_nothing = preview.generations.is_empty();
        Self {
            would_delete: preview.generations.iter().map(|generation| generation.number).collect(),
            ancestors: preview.ancestors.clone(),
            bytes: preview.only_theirs.map(|(_, size)| size.bytes).or(is_nothing.then_some(0)),
            paths: preview.only_theirs.map(|(paths, _)| paths).or(is_nothing.then_some(0)),
            is_collected: preview.is_collected,
        }
    }
}

/// One generation.
#[derive(Serialize)]
pub(in crate::cli) struct GenerationDocument {
    number: u64,
    current: bool,
    created: String,
    path: String,
    /// From which it was made, be that deleted or not; null for the first, and if nothing is below it.
    parent: Option<u64>,
    /// Whether that is recorded.
    parent_is_known: bool,
    /// Null if it cannot be read.
    packages: Option<usize>,
    /// Null if not known.
    bytes: Option<u64>,
    /// Whether these are with all that the packages need.
    bytes_of_closure: Option<bool>,
}

impl GenerationDocument {
    pub fn new(generation: &Generation, summary: Option<&GenerationSummary>) -> Self {
        let facts = summary.and_then(|summary| summary.facts.as_ref().ok());
        let size = facts.and_then(|facts| facts.size);
        let parent = summary.map_or(Parent::Unknown, |summary| summary.parent);
        Self {
            number: generation.number,
            current: generation.current,
            created: rfc3339(generation.created),
            path: path_text(&generation.path),
            parent: if let Parent::Deleted(number) = parent { Some(number) } else { parent.number() },
            parent_is_known: matches!(parent, Parent::Known(_) | Parent::Deleted(_) | Parent::Nothing),
            packages: facts.map(|facts| facts.packages),
            bytes: size.filter(|size| !size.is_least).map(|size| size.bytes),
            bytes_of_closure: size.map(|size| size.is_closure),
        }
    }
}

/// What differs between two generations.
#[derive(Serialize)]
pub(in crate::cli) struct DiffDocument {
    from: u64,
    to: u64,
    packages: PackagesDocument,
    files: ChangedDocument,
    commands: ChangedDocument,
}

#[derive(Serialize)]
struct PackagesDocument {
    added: Vec<ElementDocument>,
    removed: Vec<ElementDocument>,
    changed: Vec<BeforeAfterDocument>,
}

#[derive(Serialize)]
struct BeforeAfterDocument {
    before: ElementDocument,
    after: ElementDocument,
}

impl DiffDocument {
    pub fn new(from: u64, to: u64, diff: &GenerationDiff) -> Self {
        let elements = |elements: &[Element]| elements.iter().map(ElementDocument::from).collect();
        let changed = diff.packages_changed.iter();
        let packages = PackagesDocument {
            added: elements(&diff.packages_added),
            removed: elements(&diff.packages_removed),
            changed: changed
                .map(|(before, after)| BeforeAfterDocument { before: before.into(), after: after.into() })
                .collect(),
        };
        Self { from, to, packages, files: (&diff.files).into(), commands: (&diff.commands).into() }
    }
}
