//! Files that collide, beside each other.

use serde::Serialize;

use super::plan::CollisionDocument;
use crate::cli::compare::kind_name;
use crate::engine::Collision;
use crate::loom::{DiffChange, DiffLine, FileComparison, FileContents, FileFacts};
use crate::safe;

/// A collision with its contenders' files.
#[derive(Serialize)]
pub(in crate::cli) struct ComparedDocument {
    #[serde(flatten)]
    collision: CollisionDocument,
    /// In the order of the contenders.
    files: Vec<FileDocument>,
    /// The first of them with each of the others.
    differences: Vec<DifferenceDocument>,
}

#[derive(Serialize)]
struct FileDocument {
    path: String,
    kind: &'static str,
    size: Option<u64>,
    /// In octal, as `chmod` takes it.
    mode: Option<String>,
    target: Option<String>,
    real: Option<String>,
}

#[derive(Serialize, Default)]
struct DifferenceDocument {
    /// `same-file`, `same-bytes`, `text`, `bytes`, `incomparable` or `unknown`.
    contents: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// From 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_different_byte: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<[&'static str; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<LineDocument>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<bool>,
}

#[derive(Serialize)]
struct LineDocument {
    change: &'static str,
    left: Option<u32>,
    right: Option<u32>,
    text: String,
}

impl ComparedDocument {
    pub fn new(collision: &Collision, comparisons: &[FileComparison]) -> Self {
        let first = comparisons.first().map(|comparison| &comparison.sides[0]);
        let sides = first.into_iter().chain(comparisons.iter().map(|comparison| &comparison.sides[1]));
        Self {
            collision: collision.into(),
            files: sides.map(FileDocument::from).collect(),
            differences: comparisons.iter().map(|it| DifferenceDocument::from(&it.contents)).collect(),
        }
    }
}

impl From<&FileFacts> for FileDocument {
    fn from(facts: &FileFacts) -> Self {
        Self {
            path: safe::json(&facts.path),
            kind: kind_name(facts.kind),
            size: facts.size,
            mode: facts.mode.map(|mode| format!("{mode:04o}")),
            target: facts.target.as_deref().map(safe::json),
            real: facts.real.as_deref().map(safe::json),
        }
    }
}

impl From<&FileContents> for DifferenceDocument {
    fn from(contents: &FileContents) -> Self {
        match contents {
            FileContents::SameFile => Self { contents: "same-file", ..Self::default() },
            FileContents::SameBytes => Self { contents: "same-bytes", ..Self::default() },
            FileContents::Text { lines, is_cut } => Self {
                contents: "text",
                lines: Some(lines.iter().map(LineDocument::from).collect()),
                cut: Some(*is_cut),
                ..Self::default()
            },
            FileContents::Bytes { first, types } => {
                Self { contents: "bytes", first_different_byte: *first, types: Some(*types), ..Self::default() }
            }
            FileContents::Incomparable(why) => {
                Self { contents: "incomparable", why: Some(why.clone()), ..Self::default() }
            }
            FileContents::Unknown(why) => Self { contents: "unknown", why: Some(why.clone()), ..Self::default() },
        }
    }
}

impl From<&DiffLine> for LineDocument {
    fn from(line: &DiffLine) -> Self {
        let change = match line.change {
            DiffChange::Same => "same",
            DiffChange::Removed => "removed",
            DiffChange::Added => "added",
            DiffChange::Gap => "gap",
        };
        Self { change, left: line.left, right: line.right, text: safe::json(&line.text) }
    }
}
