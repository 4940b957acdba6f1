//! Environment files.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::path_text;
use super::plan::{OwnPlanDocument, PreviewDocument};
use crate::engine::Rules;
use crate::loom::{EnvironmentChange, EnvironmentPackage, Imported, ImportedPackage};
use crate::profile::Transaction;
use crate::safe;

/// What `import` found in a file, and what installing it would do or did.
#[derive(Serialize)]
pub(in crate::cli) struct ImportedDocument {
    file: String,
    name: String,
    kind: &'static str,
    packages: Vec<ImportedPackageDocument>,
    /// Of an environment: the rules that its builder follows, with its arguments.
    rules: Option<Value>,
    /// Of an environment: what its builder makes of it.
    own: Option<OwnPlanDocument>,
    /// Since it was installed; null if it is not.
    since: Option<SinceDocument>,
    notes: Vec<String>,
    /// What installs it.
    changes: Vec<String>,
    pub preview: Option<PreviewDocument>,
    /// With --apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unchanged: Option<bool>,
}

#[derive(Serialize)]
struct ImportedPackageDocument {
    name: String,
    version: String,
    /// What it is installed as if the file is taken apart.
    attribute: String,
    source: String,
    /// Output → path, in the file's order.
    outputs: Map<String, Value>,
    priority: i64,
}

#[derive(Serialize)]
pub(super) struct SinceDocument {
    /// Which installed package it would replace.
    element: String,
    same: bool,
    added: Vec<OutputDocument>,
    removed: Vec<OutputDocument>,
    changed: Vec<BeforeAfterDocument>,
}

#[derive(Serialize)]
struct OutputDocument {
    name: String,
    version: String,
    output: String,
}

#[derive(Serialize)]
struct BeforeAfterDocument {
    before: OutputDocument,
    after: OutputDocument,
}

impl ImportedDocument {
    pub fn new(imported: &Imported, transaction: &Transaction) -> Self {
        Self {
            file: path_text(&imported.file),
            name: imported.name.clone(),
            kind: imported.kind.word(),
            packages: imported.packages.iter().map(ImportedPackageDocument::from).collect(),
            rules: imported.rules.as_ref().map(|rules| rules_document(rules, imported.post_build.as_deref())),
            own: imported.own.as_ref().map(OwnPlanDocument::from),
            since: imported.since.as_ref().map(SinceDocument::from),
            notes: imported.notes.clone(),
            changes: transaction.changes.iter().map(ToString::to_string).collect(),
            preview: None,
            generation: None,
            unchanged: None,
        }
    }
}

fn rules_document(rules: &Rules, post_build: Option<&str>) -> Value {
    let name = rules.set().name();
    let Rules::Nixpkgs(rules) = rules else { return json!({ "name": name }) };
    let texts = |paths: &[Vec<u8>]| paths.iter().map(|path| safe::json(path)).collect::<Vec<_>>();
    json!({
        "name": name,
        "pathsToLink": texts(&rules.paths_to_link),
        "ignoreCollisions": rules.ignore_collisions,
        "checkCollisionContents": rules.check_collision_contents,
        "ignoreSingleFileOutputs": rules.ignore_single_file_outputs,
        "extraPrefix": safe::json(&rules.extra_prefix),
        "extraPaths": texts(&rules.extra_paths),
        "manifest": rules.manifest.as_deref().map(safe::json),
        "postBuild": post_build,
    })
}

impl From<&ImportedPackage> for ImportedPackageDocument {
    fn from(package: &ImportedPackage) -> Self {
        let outputs = package.outputs.iter().map(|output| (output.name.clone(), path_text(&output.path).into()));
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            attribute: package.attribute.clone(),
            source: package.source.clone(),
            outputs: outputs.collect(),
            priority: package.priority,
        }
    }
}

impl From<&EnvironmentChange> for SinceDocument {
    fn from(change: &EnvironmentChange) -> Self {
        let documents = |packages: &[EnvironmentPackage]| packages.iter().map(OutputDocument::from).collect();
        let changed = change.changed.iter();
        Self {
            element: change.element.clone(),
            same: change.is_same,
            added: documents(&change.added),
            removed: documents(&change.removed),
            changed: changed
                .map(|(before, after)| BeforeAfterDocument { before: before.into(), after: after.into() })
                .collect(),
        }
    }
}

impl From<&EnvironmentPackage> for OutputDocument {
    fn from(package: &EnvironmentPackage) -> Self {
        let EnvironmentPackage { name, version, output } = package.clone();
        Self { name, version, output }
    }
}
