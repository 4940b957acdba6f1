//! `manifest.json`, the manifest of `nix profile`: versions 1 to 3 are read, 2 and 3 are written as Nix writes them.
//!
//! Nix reads the address of an element as a flake reference and refuses what is none. So an element of a source of this
//! program has no address, and one key of our own that Nix passes over says where it came from. What else an element
//! holds, such as a flake's address, is carried along in [`Element::extra`] and written again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};

use super::outputs::{guess, pair};
use super::{NIX_ENV, OUTPUTS, old_names, whole};
use crate::package::DEFAULT_PRIORITY;
use crate::profile::{Element, ElementOutput, ProfileError, StoreName};

/// The file's name in an environment.
pub const FILE_NAME: &str = "manifest.json";

/// Our own key.
const OWN: &str = "nixLoom";

/// The newest version that is known.
const VERSION: u64 = 3;

/// A version that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonVersion {
    /// For Nix before 2.20. Nix 2.8 itself knows neither priorities nor outputs there, and drops them.
    V2,
    /// For Nix since 2.20.
    V3,
}

#[derive(Deserialize)]
struct Header {
    version: u64,
}

/// Versions 1 and 2.
#[derive(Deserialize)]
struct ListManifest {
    elements: Vec<Record>,
}

/// Version 3.
#[derive(Deserialize)]
struct NamedManifest {
    elements: BTreeMap<String, Record>,
}

/// One element as the file has it; version 1 said `uri` where later ones say `url`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    store_paths: Vec<String>,
    active: Option<bool>,
    priority: Option<Number>,
    #[serde(alias = "originalUri")]
    original_url: Option<String>,
    #[serde(alias = "uri")]
    url: Option<String>,
    attr_path: Option<String>,
    /// Names, of which `*` is all; `null` or missing: the default ones.
    outputs: Option<Vec<String>>,
    #[serde(rename = "nixLoom")]
    own: Option<Value>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// What the keys of Nix do not tell; it holds for as long as the element has these outputs.
#[derive(Deserialize, Serialize)]
struct Own {
    /// Version 2 has no names.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    attribute: String,
    source: String,
    /// Names and paths, in the element's order.
    outputs: Vec<(String, String)>,
}

/// The elements that a manifest records, in its order; `path` is for messages.
pub fn parse(text: &[u8], path: &Path) -> Result<Vec<Element>, ProfileError> {
    let damaged = |error: serde_json::Error| {
        let problem = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        ProfileError::Manifest {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            problem: problem.strip_suffix(&place).unwrap_or(&problem).to_owned(),
        }
    };
    match serde_json::from_slice::<Header>(text).map_err(damaged)?.version {
        1 | 2 => {
            let records = serde_json::from_slice::<ListManifest>(text).map_err(damaged)?.elements;
            let mut elements: Vec<_> = records.into_iter().map(|record| record.element(String::new())).collect();
            old_names::give(&mut elements);
            Ok(elements)
        }
        VERSION => {
            let records = serde_json::from_slice::<NamedManifest>(text).map_err(damaged)?.elements;
            Ok(records.into_iter().map(|(name, record)| record.element(name)).collect())
        }
        version => Err(ProfileError::ManifestVersion { path: path.to_owned(), version }),
    }
}

/// The manifest that records `elements`, byte for byte as Nix writes it: compact, keys sorted, no newline at the end. In
/// version 3, two elements of one name are one.
pub fn render(elements: &[Element], version: JsonVersion) -> Result<Vec<u8>, ProfileError> {
    let mut manifest = match version {
        JsonVersion::V2 => json!({ "elements": listed(elements)?, "version": 2 }),
        JsonVersion::V3 => json!({ "elements": named(elements)?, "version": VERSION }),
    };
    manifest.sort_all_objects();
    Ok(manifest.to_string().into_bytes())
}

fn named(elements: &[Element]) -> Result<Map<String, Value>, ProfileError> {
    let record = |element: &Element| {
        let mut record = nix_record(element)?;
        record.insert("priority".to_owned(), element.priority.into());
        if !is_told_by(&record, element) {
            record.insert(OWN.to_owned(), json!(own(element, None)?));
        }
        Ok((element.name.clone(), Value::Object(record)))
    };
    elements.iter().map(record).collect()
}

/// As Nix 2.8 writes them: what is the default has no key.
fn listed(elements: &[Element]) -> Result<Vec<Value>, ProfileError> {
    let mut unnamed = elements.to_vec();
    for element in &mut unnamed {
        element.name.clear();
    }
    old_names::give(&mut unnamed);
    // A name depends on those of the others: all are written, or none.
    let is_named = unnamed.iter().zip(elements).any(|(given, element)| given.name != element.name);
    let record = |element: &Element| {
        let mut record = nix_record(element)?;
        if element.priority != DEFAULT_PRIORITY {
            record.insert("priority".to_owned(), element.priority.into());
        }
        if record.get(OUTPUTS).is_some_and(Value::is_null) {
            record.shift_remove(OUTPUTS);
        }
        if is_named || !is_told_by(&record, element) {
            let name = is_named.then(|| element.name.clone());
            record.insert(OWN.to_owned(), json!(own(element, name)?));
        }
        Ok(Value::Object(record))
    };
    elements.iter().map(record).collect()
}

impl Record {
    /// The element, with this name or the one that our own key tells.
    fn element(self, name: String) -> Element {
        let mut extra = self.extra;
        let url = self.url.filter(|url| !url.is_empty());
        let original = self.original_url.filter(|url| !url.is_empty()).or_else(|| url.clone());
        let source = match (&original, url) {
            (Some(original), Some(url)) => {
                extra.insert("originalUrl".to_owned(), original.clone().into());
                extra.insert("url".to_owned(), url.into());
                original.clone()
            }
            _ => String::new(),
        };
        let paths: Vec<_> = self.store_paths.iter().map(PathBuf::from).collect();
        let chosen = self.outputs.clone().filter(|names| !names.iter().any(|name| name == "*"));
        let named = chosen.and_then(|names| pair(&names, paths.clone()));
        let has_address = !source.is_empty();
        let told = Element {
            name,
            attribute: self.attr_path.filter(|_| has_address).unwrap_or_default(),
            source,
            version: String::new(),
            outputs: named.unwrap_or_else(|| guess(paths.clone())),
            priority: self.priority.as_ref().and_then(whole).unwrap_or(DEFAULT_PRIORITY),
            active: self.active.unwrap_or(true),
            extra,
        };
        let own = self.own.and_then(|own| serde_json::from_value::<Own>(own).ok());
        let mut element = match own.filter(|own| is_all(own, &paths)) {
            Some(own) => own.complete(told),
            None => told,
        };
        let in_it: BTreeSet<_> = element.outputs.iter().map(|output| &output.name).collect();
        let is_chosen = self.outputs.as_ref().is_some_and(|chosen| in_it == chosen.iter().collect());
        if has_address && !is_chosen {
            element.extra.insert(OUTPUTS.to_owned(), json!(self.outputs));
        }
        let first = element.outputs.first();
        let version = first.map(|output| StoreName::with_output(&output.path, &output.name).version);
        element.version = version.unwrap_or_default();
        element
    }
}

impl Own {
    fn complete(self, element: Element) -> Element {
        let outputs = self.outputs.into_iter();
        Element {
            name: self.name.unwrap_or(element.name),
            attribute: self.attribute,
            source: self.source,
            outputs: outputs.map(|(name, path)| ElementOutput { name, path: path.into() }).collect(),
            ..element
        }
    }
}

/// What Nix itself records of the element in every version, and what is carried along.
fn nix_record(element: &Element) -> Result<Map<String, Value>, ProfileError> {
    let paths: Result<BTreeSet<_>, _> = element.outputs.iter().map(text_of).collect();
    let mut record = Map::new();
    record.insert("active".to_owned(), element.active.into());
    record.insert("storePaths".to_owned(), json!(paths?));
    if element.extra.contains_key("url") {
        // Nix has them in a set.
        let names: BTreeSet<_> = element.outputs.iter().map(|output| &output.name).collect();
        record.insert("attrPath".to_owned(), element.attribute.clone().into());
        record.insert(OUTPUTS.to_owned(), json!(names));
    }
    for (key, value) in &element.extra {
        record.insert(key.clone(), value.clone());
    }
    Ok(record)
}

/// Whether reading the record would give the element back without our own key. The order of outputs, which Nix forgets,
/// counts only for the way back to `nix-env`.
fn is_told_by(record: &Map<String, Value>, element: &Element) -> bool {
    let Ok(told) = serde_json::from_value::<Record>(record.clone().into()) else { return false };
    let told = told.element(String::new());
    let has_outputs = told.outputs == element.outputs
        || !element.extra.contains_key(NIX_ENV) && named_paths(&told) == named_paths(element);
    has_outputs && (&told.attribute, &told.source) == (&element.attribute, &element.source)
}

fn named_paths(element: &Element) -> BTreeSet<(&str, &Path)> {
    element.outputs.iter().map(|output| (&*output.name, &*output.path)).collect()
}

fn own(element: &Element, name: Option<String>) -> Result<Own, ProfileError> {
    let pair = |output: &ElementOutput| Ok((output.name.clone(), text_of(output)?.to_owned()));
    Ok(Own {
        name,
        attribute: element.attribute.clone(),
        source: element.source.clone(),
        outputs: element.outputs.iter().map(pair).collect::<Result<_, ProfileError>>()?,
    })
}

fn text_of(output: &ElementOutput) -> Result<&str, ProfileError> {
    output.path.to_str().ok_or_else(|| ProfileError::NotText { path: output.path.clone() })
}

/// Whether it speaks of exactly `paths`: else another program has changed those and left our key behind.
fn is_all(own: &Own, paths: &[PathBuf]) -> bool {
    let recorded: BTreeSet<_> = own.outputs.iter().map(|(_, path)| Path::new(path)).collect();
    recorded == paths.iter().map(PathBuf::as_path).collect()
}

#[cfg(test)]
#[path = "nix_profile_tests.rs"]
mod tests;
