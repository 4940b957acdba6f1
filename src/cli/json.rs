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
use crate::loom::{Changed, Elsewhere, Finding, GenerationDiff, Match, Meaning, OutputInfo, Preview, Provider};
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
    meanings: Vec<MeaningDocument>,
    missing_from_path: Option<String>,
    fetch: FetchDocument,
    suggestions: Vec<SuggestionDocument>,
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
            meanings: preview.meanings.iter().map(MeaningDocument::from).collect(),
            missing_from_path: preview.missing_from_path.as_deref().map(path_text),
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
pub(super) struct ConvertedDocument {
    pub generation: Option<u64>,
    pub unchanged: bool,
}

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
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<ElsewhereDocument>,
}

impl ElementDocument {
    /// With what another place has of it.
    pub fn with_elsewhere(element: &Element, elsewhere: &Elsewhere) -> Self {
        let elsewhere = elsewhere.of_element(element).map(|found| ElsewhereDocument::new(&found, &element.version));
        Self { elsewhere, ..element.into() }
    }
}

/// That another place has a package too.
#[derive(Serialize)]
pub(super) struct ElsewhereDocument {
    place: String,
    /// The very same store path.
    same: bool,
    version: String,
}

impl ElsewhereDocument {
    /// `version` is the package's own.
    fn new(found: &Match, version: &str) -> Self {
        let (same, version) = match found {
            Match::Same { .. } => (true, version),
            Match::OtherVersion { version, .. } => (false, *version),
        };
        Self { place: path_text(found.place()), same, version: version.to_owned() }
    }

    fn of_package(package: &Package, elsewhere: &Elsewhere) -> Option<Self> {
        Some(Self::new(&elsewhere.of_package(package)?, &package.version))
    }
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
            elsewhere: None,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<ElsewhereDocument>,
}

impl<'a> HitDocument<'a> {
    pub fn new(package: &'a Package, installed: bool, elsewhere: &Elsewhere) -> Self {
        Self {
            attribute: &package.attribute,
            source: &package.source,
            name: &package.name,
            version: &package.version,
            description: &package.description,
            outputs: package.outputs.iter().map(|output| output.name.as_str()).collect(),
            installed,
            elsewhere: ElsewhereDocument::of_package(package, elsewhere),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<ElsewhereDocument>,
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
    pub fn new(
        package: &'a Package,
        outputs: &'a [OutputInfo],
        installed: Option<&'a Element>,
        elsewhere: &Elsewhere,
    ) -> Self {
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
            elsewhere: ElsewhereDocument::of_package(package, elsewhere),
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

/// What `doctor` found.
#[derive(Serialize)]
pub(super) struct FindingDocument<'a> {
    level: &'static str,
    what: &'static str,
    detail: &'a str,
    way_out: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingDocument<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            level: super::doctor::word(finding.level),
            what: finding.what,
            detail: &finding.detail,
            way_out: Some(finding.way_out.as_str()).filter(|way_out| !way_out.is_empty()),
        }
    }
}

fn path_text(path: &Path) -> String {
    safe::json(path.as_os_str().as_bytes())
}
