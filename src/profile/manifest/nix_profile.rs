//! `manifest.json`, the manifest of `nix profile`: versions 1 to 3 are read, 3 is written as Nix writes it.
//!
//! An element of a source of this program has `nix-loom:SOURCE` as its address. What else an element holds, such as a
//! flake's address, is carried along in [`Element::extra`] and written again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Number, Value, json};

use super::outputs::{guess, pair};
use super::{OUTPUTS, old_names};
use crate::package::DEFAULT_PRIORITY;
use crate::profile::{Element, ElementOutput, ProfileError, StoreName};

/// The file's name in an environment.
pub const FILE_NAME: &str = "manifest.json";

/// Before the source's name in the address of an element that came from a source of this program.
const SCHEME: &str = "nix-loom:";

/// Our own key, written only where the store names do not tell which path is which output: `[["out", "/path"], …]`.
const OUTPUT_PATHS: &str = "outputPaths";

/// The newest version that is known.
const VERSION: u64 = 3;

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
    output_paths: Option<Vec<(String, String)>>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// Reads the manifest of an environment. One without any is an error.
pub fn read(environment: &Path) -> Result<Vec<Element>, ProfileError> {
    let path = environment.join(FILE_NAME);
    match fs::read(&path) {
        Ok(text) => parse(&text, &path),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let is_of_nix_env = fs::symlink_metadata(environment.join("manifest.nix")).is_ok();
            let path = environment.to_owned();
            Err(if is_of_nix_env { ProfileError::NixEnvManifest { path } } else { ProfileError::NoManifest { path } })
        }
        Err(error) => Err(ProfileError::io(&path, "read the manifest")(error)),
    }
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

/// The manifest of version 3 that records `elements`, byte for byte as Nix writes it: compact, keys sorted, no newline
/// at the end. Two elements of one name are one.
pub fn render(elements: &[Element]) -> Result<Vec<u8>, ProfileError> {
    let mut named = Map::new();
    for element in elements {
        named.insert(element.name.clone(), Value::Object(record(element)?));
    }
    let mut manifest = json!({ "elements": named, "version": VERSION });
    manifest.sort_all_objects();
    Ok(manifest.to_string().into_bytes())
}

impl Record {
    fn element(self, name: String) -> Element {
        let mut extra = self.extra;
        let url = self.url.filter(|url| !url.is_empty());
        let original = self.original_url.filter(|url| !url.is_empty()).or_else(|| url.clone());
        let source = match (&original, url) {
            (Some(original), Some(url)) => match original.strip_prefix(SCHEME) {
                Some(source) if *original == url => source.to_owned(),
                _ => {
                    extra.insert("originalUrl".to_owned(), original.clone().into());
                    extra.insert("url".to_owned(), url.into());
                    original.clone()
                }
            },
            _ => String::new(),
        };
        let paths: Vec<_> = self.store_paths.iter().map(PathBuf::from).collect();
        let recorded = self.output_paths.map(recorded).filter(|outputs| is_all(outputs, &paths));
        let chosen = self.outputs.clone().filter(|names| !names.iter().any(|name| name == "*"));
        let named = recorded.or_else(|| pair(&chosen?, paths.clone()));
        if named.is_none() && original.is_some() {
            extra.insert(OUTPUTS.to_owned(), json!(self.outputs));
        }
        let outputs = named.unwrap_or_else(|| guess(paths));
        let version = outputs.first().map(|output| StoreName::with_output(&output.path, &output.name).version);
        Element {
            name,
            attribute: self.attr_path.unwrap_or_default(),
            source,
            version: version.unwrap_or_default(),
            outputs,
            priority: self.priority.as_ref().map_or(DEFAULT_PRIORITY, whole),
            active: self.active.unwrap_or(true),
            extra,
        }
    }
}

fn record(element: &Element) -> Result<Map<String, Value>, ProfileError> {
    let mut paths = BTreeSet::new();
    for output in &element.outputs {
        let text = output.path.to_str().ok_or_else(|| ProfileError::NotText { path: output.path.clone() })?;
        paths.insert(text);
    }
    let names: Vec<_> = element.outputs.iter().map(|output| output.name.clone()).collect();
    let mut record = Map::new();
    record.insert("active".to_owned(), element.active.into());
    record.insert("priority".to_owned(), element.priority.into());
    record.insert("storePaths".to_owned(), json!(paths));
    let has_source = !element.attribute.is_empty() || !element.source.is_empty();
    if has_source {
        let url = format!("{SCHEME}{}", element.source);
        record.insert("attrPath".to_owned(), element.attribute.clone().into());
        record.insert("originalUrl".to_owned(), url.clone().into());
        record.insert("url".to_owned(), url.into());
        record.insert(OUTPUTS.to_owned(), json!(names));
    }
    for (key, value) in &element.extra {
        record.insert(key.clone(), value.clone());
    }
    let is_named = has_source && !element.extra.contains_key(OUTPUTS);
    let paths: Vec<_> = paths.into_iter().map(PathBuf::from).collect();
    let read_back = if is_named { pair(&names, paths) } else { Some(guess(paths)) };
    if read_back.as_ref() != Some(&element.outputs) {
        let pairs: Vec<_> = element.outputs.iter().map(|output| (&output.name, output.path.to_str())).collect();
        record.insert(OUTPUT_PATHS.to_owned(), json!(pairs));
    }
    Ok(record)
}

fn recorded(pairs: Vec<(String, String)>) -> Vec<ElementOutput> {
    pairs.into_iter().map(|(name, path)| ElementOutput { name, path: path.into() }).collect()
}

/// Whether `outputs` speak of exactly `paths`: else another program has changed those and left our key behind.
fn is_all(outputs: &[ElementOutput], paths: &[PathBuf]) -> bool {
    let recorded: BTreeSet<_> = outputs.iter().map(|output| &output.path).collect();
    recorded == paths.iter().collect()
}

/// Nix reads a priority as a C `int`, which cuts a fraction off.
#[expect(clippy::cast_possible_truncation, reason = "a number that is out of range becomes the nearest one")]
fn whole(number: &Number) -> i64 {
    number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)).unwrap_or(DEFAULT_PRIORITY)
}

#[cfg(test)]
#[path = "nix_profile_tests.rs"]
mod tests;
