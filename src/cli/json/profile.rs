//! Generations.

use serde::Serialize;

use super::package::ElementDocument;
use super::path_text;
use super::plan::ChangedDocument;
use crate::cli::text::rfc3339;
use crate::loom::GenerationDiff;
use crate::profile::{Element, Generation};

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

/// One generation.
#[derive(Serialize)]
pub(in crate::cli) struct GenerationDocument {
    number: u64,
    current: bool,
    created: String,
    path: String,
}

impl From<&Generation> for GenerationDocument {
    fn from(generation: &Generation) -> Self {
        Self {
            number: generation.number,
            current: generation.current,
            created: rfc3339(generation.created),
            path: path_text(&generation.path),
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
