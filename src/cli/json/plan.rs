//! Plans, previews and what became of them.

use std::path::Path;

use serde::Serialize;

use super::path_text;
use crate::cli::suggestions;
use crate::engine::{Collision, Plan, Suggestion};
use crate::loom::{Changed, Double, Meaning, Origin, OwnPlan, Preview};
use crate::profile::{Element, StoreName};
use crate::safe;

/// A plan, as `build` prints it; other documents begin with the same keys.
#[derive(Serialize)]
pub(in crate::cli) struct PlanDocument {
    rules: &'static str,
    builds: bool,
    links: usize,
    directories: usize,
    collisions: Vec<CollisionDocument>,
    warnings: Vec<String>,
    problems: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct CollisionDocument {
    path: String,
    kind: &'static str,
    blocks: bool,
    contenders: Vec<ContenderDocument>,
    winner: Option<String>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncovered_by: Option<String>,
}

#[derive(Serialize)]
struct ContenderDocument {
    package: String,
    output: String,
    source: String,
    priority: i64,
    /// The package whose file it is, if it is not its own: what an environment has it from.
    #[serde(skip_serializing_if = "Option::is_none")]
    inside: Option<InsideDocument>,
}

#[derive(Serialize)]
struct InsideDocument {
    package: String,
    version: String,
    output: String,
    /// Where the file really lies.
    path: String,
}

/// A package that is in an environment, and installed by itself.
#[derive(Serialize)]
struct DoubleDocument {
    environment: String,
    package: String,
    version: String,
    element: String,
    same: bool,
    collisions: usize,
    why: String,
}

impl From<&Plan> for PlanDocument {
    fn from(plan: &Plan) -> Self {
        Self {
            rules: plan.rules.name(),
            builds: plan.builds(),
            links: plan.links(),
            directories: plan.directories(),
            collisions: plan.collisions.iter().map(CollisionDocument::from).collect(),
            warnings: plan.warnings.clone(),
            problems: plan.problems.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&Collision> for CollisionDocument {
    fn from(collision: &Collision) -> Self {
        let contenders = collision.contenders.iter().map(|contender| ContenderDocument {
            package: contender.package.to_string(),
            output: contender.output.to_string(),
            source: safe::json(&contender.source),
            priority: contender.priority,
            inside: None,
        });
        Self {
            path: safe::json(&collision.path),
            kind: collision.kind.name(),
            blocks: collision.blocks,
            contenders: contenders.collect(),
            winner: collision.winner.map(|at| safe::json(&collision.contenders[at].source)),
            reason: collision.reason(),
            origin: None,
            uncovered_by: None,
        }
    }
}

/// What a transaction would do.
#[derive(Serialize)]
pub(in crate::cli) struct PreviewDocument {
    #[serde(flatten)]
    plan: PlanDocument,
    #[serde(flatten)]
    files: ChangedDocument,
    commands: ChangedDocument,
    meanings: Vec<MeaningDocument>,
    missing_from_path: Option<String>,
    fetch: FetchDocument,
    suggestions: Vec<SuggestionDocument>,
    environments: Vec<OwnPlanDocument>,
    doubles: Vec<DoubleDocument>,
}

/// An environment as its builder will make it.
#[derive(Serialize)]
pub(in crate::cli) struct OwnPlanDocument {
    name: String,
    path: String,
    /// `null` if there is none, for the reason in `error`.
    plan: Option<PlanDocument>,
    error: Option<String>,
    /// Whether it will be that, to the last link.
    certain: bool,
    doubts: Vec<String>,
    unknown: Vec<String>,
    /// SHA-256 of its NAR, in hexadecimal digits; `null` if it is not certain.
    nar_hash: Option<String>,
}

impl From<&Double> for DoubleDocument {
    fn from(double: &Double) -> Self {
        Self {
            environment: double.environment.clone(),
            package: double.inside.name.clone(),
            version: double.inside.version.clone(),
            element: double.element.clone(),
            same: double.is_same,
            collisions: double.collisions.len(),
            why: double.sentence(),
        }
    }
}

impl From<&OwnPlan> for OwnPlanDocument {
    fn from(own: &OwnPlan) -> Self {
        let plan = own.plan.as_ref();
        Self {
            name: own.name.clone(),
            path: path_text(&own.path),
            plan: plan.ok().map(|plan| PlanDocument::from(&**plan)),
            error: plan.err().map(ToString::to_string),
            certain: own.is_certain(),
            doubts: own.doubts.clone(),
            unknown: plan.map_or_else(|_| Vec::new(), |plan| plan.unknown.iter().map(|it| safe::json(it)).collect()),
            nar_hash: own.nar_hash(),
        }
    }
}

#[derive(Serialize)]
struct MeaningDocument {
    command: String,
    before: Option<String>,
    after: Option<String>,
    why: String,
}

impl From<&Meaning> for MeaningDocument {
    fn from(meaning: &Meaning) -> Self {
        Self {
            command: safe::json(&meaning.command),
            before: meaning.before.as_deref().map(path_text),
            after: meaning.after.as_deref().map(path_text),
            why: meaning.why(),
        }
    }
}

#[derive(Serialize)]
struct FetchDocument {
    paths: usize,
    builds: usize,
    download_bytes: u64,
    unpacked_bytes: u64,
    shared: usize,
    shared_bytes: u64,
    unknown: Vec<String>,
}

#[derive(Serialize)]
struct SuggestionDocument {
    /// All of `changes`, with blanks between them.
    change: String,
    changes: Vec<String>,
    settles: usize,
    builds: bool,
    alters: AltersDocument,
    why: String,
}

/// How many files other than the settled ones.
#[derive(Serialize)]
struct AltersDocument {
    added: usize,
    removed: usize,
    changed: usize,
}

#[derive(Serialize)]
pub(super) struct ChangedDocument {
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<String>,
}

impl PreviewDocument {
    /// `installed` is what is installed before the transaction.
    pub fn new(preview: &Preview, installed: &[Element]) -> Self {
        let fetch = &preview.fetch;
        let mut plan = PlanDocument::from(&preview.plan);
        plan.builds = preview.builds();
        for (collision, origin) in plan.collisions.iter_mut().zip(&preview.origins) {
            collision.origin = Some(origin.name());
            if let Origin::Uncovered { by } = origin {
                collision.uncovered_by = Some(by.to_string());
            }
        }
        for (document, collision) in plan.collisions.iter_mut().zip(&preview.plan.collisions) {
            for (document, contender) in document.contenders.iter_mut().zip(&collision.contenders) {
                document.inside = preview.inside(contender).zip(contender.outside.as_deref()).map(|(name, path)| {
                    let StoreName { name: package, version, output } = name;
                    InsideDocument { package, version, output, path: safe::json(path) }
                });
            }
        }
        let suggestion = |suggestion: &Suggestion| {
            let changes = suggestions::notation(suggestion, &preview.elements, installed)?;
            let alters = &suggestion.alters;
            Some(SuggestionDocument {
                change: changes.join(" "),
                changes,
                settles: suggestion.settles(),
                builds: suggestion.builds,
                alters: AltersDocument {
                    added: alters.added.len(),
                    removed: alters.removed.len(),
                    changed: alters.changed.len(),
                },
                why: suggestion.why.clone(),
            })
        };
        Self {
            plan,
            files: (&preview.files).into(),
            commands: (&preview.commands).into(),
            meanings: preview.meanings.iter().map(MeaningDocument::from).collect(),
            missing_from_path: preview.missing_from_path.as_deref().map(path_text),
            fetch: FetchDocument {
                paths: fetch.paths,
                builds: fetch.builds,
                download_bytes: fetch.download_bytes,
                unpacked_bytes: fetch.unpacked_bytes,
                shared: fetch.shared,
                shared_bytes: fetch.shared_bytes,
                unknown: fetch.unknown.iter().map(|path| path_text(path)).collect(),
            },
            suggestions: preview.suggestions.iter().filter_map(suggestion).collect(),
            environments: preview.environments.iter().map(OwnPlanDocument::from).collect(),
            doubles: preview.doubles.iter().map(DoubleDocument::from).collect(),
        }
    }
}

impl From<&Changed<Box<[u8]>>> for ChangedDocument {
    fn from(changed: &Changed<Box<[u8]>>) -> Self {
        let texts = |paths: &[Box<[u8]>]| paths.iter().map(|path| safe::json(path)).collect();
        Self { added: texts(&changed.added), removed: texts(&changed.removed), changed: texts(&changed.changed) }
    }
}

/// What `apply` did.
#[derive(Serialize)]
pub(in crate::cli) struct AppliedDocument {
    pub generation: Option<u64>,
    pub unchanged: bool,
    #[serde(flatten)]
    pub preview: PreviewDocument,
}

/// What `build` made of changes, or of an environment file.
#[derive(Serialize)]
pub(in crate::cli) struct BuiltDocument<P> {
    /// In the store; null if it was refused.
    path: Option<String>,
    /// The link that leads there, absolute.
    link: Option<String>,
    #[serde(flatten)]
    plan: Option<P>,
}

impl<P: Serialize> BuiltDocument<P> {
    pub fn new(path: Option<&Path>, link: Option<&Path>, plan: Option<P>) -> Self {
        Self { path: path.map(path_text), link: link.map(path_text), plan }
    }
}
