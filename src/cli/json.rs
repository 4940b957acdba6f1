//! The JSON that the commands print. Scripts rely on names and order: both are part of the program's promise.
//!
//! Paths and names that are no UTF-8 are given with `\xNN` in place of each such byte.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use super::suggestions;
use super::text::rfc3339;
use crate::engine::{Collision, Plan, Suggestion};
use crate::loom::{Changed, GenerationDiff, OutputInfo, Preview, Provider};
use crate::package::Package;
use crate::profile::{Element, Generation};
use crate::safe;
use crate::store::Presence;

/// A plan, as `build` prints it; other documents begin with the same keys.
#[derive(Serialize)]
pub(super) struct PlanDocument {
    rules: &'static str,
    builds: bool,
    links: usize,
    directories: usize,
    collisions: Vec<CollisionDocument>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct CollisionDocument {
    path: String,
    kind: &'static str,
    blocks: bool,
    contenders: Vec<ContenderDocument>,
    winner: Option<String>,
    reason: String,
}

#[derive(Serialize)]
struct ContenderDocument {
    package: String,
    output: String,
    source: String,
    priority: i64,
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
        });
        Self {
            path: safe::json(&collision.path),
            kind: collision.kind.name(),
            blocks: collision.blocks,
            contenders: contenders.collect(),
            winner: collision.winner.map(|at| safe::json(&collision.contenders[at].source)),
            reason: collision.reason(),
        }
    }
}

/// What a transaction would do.
#[derive(Serialize)]
pub(super) struct PreviewDocument {
    #[serde(flatten)]
    plan: PlanDocument,
    #[serde(flatten)]
    files: ChangedDocument,
    commands: ChangedDocument,
    fetch: FetchDocument,
    suggestions: Vec<SuggestionDocument>,
}

#[derive(Serialize)]
struct FetchDocument {
    paths: usize,
    builds: usize,
    download_bytes: u64,
    unpacked_bytes: u64,
    unknown: Vec<String>,
}

#[derive(Serialize)]
struct SuggestionDocument {
    change: String,
    settles: usize,
    why: String,
}

#[derive(Serialize)]
struct ChangedDocument {
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<String>,
}

impl PreviewDocument {
    /// `installed` is what is installed before the transaction.
    pub fn new(preview: &Preview, installed: &[Element]) -> Self {
        let fetch = &preview.fetch;
        let suggestion = |suggestion: &Suggestion| {
            Some(SuggestionDocument {
                change: suggestions::notation(suggestion, &preview.elements, installed)?,
                settles: suggestion.settles,
                why: suggestion.why.clone(),
            })
        };
        Self {
            plan: (&preview.plan).into(),
            files: (&preview.files).into(),
            commands: (&preview.commands).into(),
            fetch: FetchDocument {
                paths: fetch.paths,
                builds: fetch.builds,
                download_bytes: fetch.download_bytes,
                unpacked_bytes: fetch.unpacked_bytes,
                unknown: fetch.unknown.iter().map(|path| path_text(path)).collect(),
            },
            suggestions: preview.suggestions.iter().filter_map(suggestion).collect(),
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
pub(super) struct AppliedDocument {
    pub generation: Option<u64>,
    pub unchanged: bool,
    #[serde(flatten)]
    pub preview: PreviewDocument,
}

/// Which generation is current now, after a rollback.
#[derive(Serialize)]
pub(super) struct DeletedDocument {
    pub deleted: Vec<u64>,
}

#[derive(Serialize)]
pub(super) struct RollbackDocument {
    pub generation: u64,
}

/// An installed package.
#[derive(Serialize)]
pub(super) struct ElementDocument {
    name: String,
    attribute: String,
    source: String,
    version: String,
    /// Output → path, in the manifest's order.
    outputs: Map<String, Value>,
    priority: i64,
    active: bool,
}

impl From<&Element> for ElementDocument {
    fn from(element: &Element) -> Self {
        let output = |output: &crate::profile::ElementOutput| (output.name.clone(), path_text(&output.path).into());
        Self {
            name: element.name.clone(),
            attribute: element.attribute.clone(),
            source: element.source.clone(),
            version: element.version.clone(),
            outputs: element.outputs.iter().map(output).collect(),
            priority: element.priority,
            active: element.active,
        }
    }
}

/// A package that a search found.
#[derive(Serialize)]
pub(super) struct HitDocument<'a> {
    attribute: &'a str,
    source: &'a str,
    name: &'a str,
    version: &'a str,
    description: &'a str,
    outputs: Vec<&'a str>,
    installed: bool,
}

impl<'a> HitDocument<'a> {
    pub fn new(package: &'a Package, installed: bool) -> Self {
        Self {
            attribute: &package.attribute,
            source: &package.source,
            name: &package.name,
            version: &package.version,
            description: &package.description,
            outputs: package.outputs.iter().map(|output| output.name.as_str()).collect(),
            installed,
        }
    }
}

/// A package on offer, with all that is known of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PackageDocument<'a> {
    attribute: &'a str,
    source: &'a str,
    name: &'a str,
    version: &'a str,
    description: &'a str,
    homepage: &'a str,
    licenses: &'a [String],
    priority: i64,
    main_program: Option<&'a str>,
    outputs: Vec<OutputDocument<'a>>,
    /// The name of the installed element, if it is installed.
    installed: Option<&'a str>,
}

#[derive(Serialize)]
struct OutputDocument<'a> {
    name: &'a str,
    path: Option<String>,
    default: bool,
    installed: bool,
    presence: &'static str,
    size: Option<u64>,
    files: Option<u64>,
}

impl<'a> PackageDocument<'a> {
    pub fn new(package: &'a Package, outputs: &'a [OutputInfo], installed: Option<&'a Element>) -> Self {
        let output = |output: &'a OutputInfo| OutputDocument {
            name: &output.name,
            path: output.path.as_deref().map(path_text),
            default: output.is_default,
            installed: installed.is_some_and(|element| element.output(&output.name).is_some()),
            presence: presence(output.presence),
            size: output.size,
            files: output.files,
        };
        Self {
            attribute: &package.attribute,
            source: &package.source,
            name: &package.name,
            version: &package.version,
            description: &package.description,
            homepage: &package.homepage,
            licenses: &package.licenses,
            priority: package.priority,
            main_program: package.main_program.as_deref(),
            outputs: outputs.iter().map(output).collect(),
            installed: installed.map(|element| element.name.as_str()),
        }
    }
}

/// One word for where an output is.
pub(super) fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Here => "here",
        Presence::Fetch { .. } => "fetch",
        Presence::Build => "build",
        Presence::Missing => "missing",
    }
}

/// One generation.
#[derive(Serialize)]
pub(super) struct GenerationDocument {
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
pub(super) struct DiffDocument {
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

/// Who provides a file.
#[derive(Serialize)]
pub(super) struct ProviderDocument<'a> {
    package: &'a str,
    source: &'a str,
    output: &'a str,
    path: String,
    installed: bool,
    shadowed: bool,
}

impl<'a> From<&'a Provider> for ProviderDocument<'a> {
    fn from(provider: &'a Provider) -> Self {
        Self {
            package: &provider.package,
            source: &provider.source,
            output: &provider.output,
            path: safe::json(&provider.path),
            installed: provider.installed,
            shadowed: provider.shadowed,
        }
    }
}

fn path_text(path: &Path) -> String {
    safe::json(path.as_os_str().as_bytes())
}
