//! How the profile stands.

use serde::Serialize;

use super::imported::SinceDocument;
use super::path_text;
use super::source::PinDocument;
use crate::loom::{About, CollisionCount, Difference, FileState, FileStatus, SourceRow, Status};
use crate::profile::{ManifestKind, Relation};

/// How the profile stands.
#[derive(Serialize)]
pub(in crate::cli) struct StatusDocument {
    profile: String,
    store: String,
    /// `nix-env`, `nix-profile` or `bare`; null before the first installation.
    kind: Option<&'static str>,
    generation: Option<u64>,
    /// Whether it is recorded that this program made it.
    made_here: bool,
    packages: usize,
    inactive: usize,
    /// Null if they cannot be worked out.
    collisions: Option<CollisionsDocument>,
    sources: Vec<SourceStatusDocument>,
    /// Whether the profile agrees with all files.
    agrees: bool,
    /// The one that was remembered last first.
    files: Vec<FileDocument>,
}

#[derive(Serialize)]
struct CollisionsDocument {
    blocking: usize,
    settled: usize,
}

#[derive(Serialize)]
struct SourceStatusDocument {
    name: String,
    location: String,
    /// Null if it follows its location.
    pin: Option<PinDocument>,
}

#[derive(Serialize)]
struct FileDocument {
    file: String,
    /// `whole`, `apart` or `exported`.
    relation: &'static str,
    generation: Option<u64>,
    /// `agrees`, `differs`, `edited`, `unreadable` or `gone`.
    state: &'static str,
    /// Why it is unreadable.
    reason: Option<String>,
    /// Whether it was read anew.
    asked: bool,
    /// Whether its text is another one since then.
    edited: bool,
    /// Whether it says something else although its text is the same.
    moved: bool,
    differences: Vec<DifferenceDocument>,
    /// Of an environment that is one element: what became of its packages; null if it is the same or was not asked.
    environment: Option<SinceDocument>,
    /// What makes the profile as the file says.
    changes: Vec<String>,
}

#[derive(Serialize)]
struct DifferenceDocument {
    package: String,
    what: &'static str,
    profile: Option<String>,
    file: Option<String>,
}

impl StatusDocument {
    pub fn new(about: &About, status: &Status, sources: &[SourceRow]) -> Self {
        let collisions = |it: CollisionCount| CollisionsDocument { blocking: it.blocking, settled: it.settled };
        let source = |it: &SourceRow| SourceStatusDocument {
            name: it.name.clone(),
            location: it.location.clone(),
            pin: it.pin.as_ref().map(PinDocument::new),
        };
        Self {
            profile: path_text(&about.profile),
            store: about.store.clone(),
            kind: status.kind.map(kind),
            generation: status.generation,
            made_here: status.is_made_here,
            packages: status.packages,
            inactive: status.inactive,
            collisions: status.collisions.map(collisions),
            sources: sources.iter().filter(|source| source.is_on).map(source).collect(),
            agrees: status.agrees(),
            files: status.files.iter().map(FileDocument::from).collect(),
        }
    }
}

fn kind(kind: ManifestKind) -> &'static str {
    match kind {
        ManifestKind::NixEnv => "nix-env",
        ManifestKind::NixProfile => "nix-profile",
        ManifestKind::Bare => "bare",
    }
}

impl From<&FileStatus> for FileDocument {
    fn from(file: &FileStatus) -> Self {
        Self {
            file: path_text(&file.file),
            relation: match file.relation {
                Relation::Whole => "whole",
                Relation::Apart => "apart",
                Relation::Exported => "exported",
            },
            generation: file.generation,
            state: file.state.name(),
            reason: if let FileState::Unreadable(why) = &file.state { Some(why.clone()) } else { None },
            asked: file.is_asked,
            edited: file.is_edited,
            moved: file.is_moved,
            differences: file.differences.iter().map(DifferenceDocument::from).collect(),
            environment: file.since.as_ref().map(SinceDocument::from),
            changes: file.adopt.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&Difference> for DifferenceDocument {
    fn from(difference: &Difference) -> Self {
        let [profile, file] = difference.kind.sides();
        Self { package: difference.name.clone(), what: difference.kind.name(), profile, file }
    }
}
