//! A package as Nix' evaluation describes it, made into one on offer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::package::{DEFAULT_PRIORITY, Evaluated, FlakeOrigin, Obstacle, Package, PackageOutput};

/// What `evaluate.nix` tells of a derivation.
#[derive(Debug, Deserialize)]
pub(super) struct Record {
    name: String,
    pname: String,
    version: String,
    system: String,
    derivation: String,
    outputs: Vec<Output>,
    /// The only output that is meant, as of `openssl.dev`.
    selected: Option<String>,
    meta: Vec<Meta>,
}

#[derive(Debug, Deserialize)]
struct Output {
    name: String,
    /// `None` in a listing.
    path: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Meta {
    name: String,
    value: Value,
}

impl Record {
    /// The package called `attribute` of `source`; the error says what it lacks.
    ///
    /// Paths outside of `store`, as content-addressed derivations have before they are built, are not known. Without a
    /// choice `nix-env` installs `meta.outputsToInstall`, else all outputs; `nix profile` of Nix 2.26 and later the same,
    /// else `out` (both observed).
    pub fn into_package(
        mut self,
        attribute: String,
        source: Arc<str>,
        store: &Path,
        flake: Option<FlakeOrigin>,
    ) -> Result<Package, &'static str> {
        if self.derivation.is_empty() {
            return Err("it has no drvPath, so nothing can build it");
        }
        let evaluated = Evaluated {
            full_name: self.name.clone(),
            system: std::mem::take(&mut self.system),
            derivation: std::mem::take(&mut self.derivation).into(),
            meta: self.take_meta(),
            flake,
            pin: None,
        };
        let described = self.described(store, evaluated.flake.is_some())?;
        let package = described.into_package(attribute, source, &evaluated.meta);
        Ok(Package { evaluated: Some(Arc::new(evaluated)), ..package })
    }

    /// The same as a row of a listing: it has neither paths nor what only an evaluation tells.
    pub fn into_row(mut self, attribute: String, source: Arc<str>, is_of_flake: bool) -> Result<Package, &'static str> {
        let meta = self.take_meta();
        Ok(self.described(Path::new("/"), is_of_flake)?.into_package(attribute, source, &meta))
    }

    fn take_meta(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.meta).into_iter().map(|it| (it.name, it.value)).collect()
    }

    fn described(self, store: &Path, is_of_flake: bool) -> Result<Described, &'static str> {
        if self.outputs.is_empty() {
            return Err("it has no outputs");
        }
        let path = |path: Option<String>| path.map(PathBuf::from).filter(|path| path.starts_with(store));
        let outputs = self.outputs.into_iter().map(|it| PackageOutput { path: path(it.path), name: it.name });
        Ok(Described {
            full_name: self.name,
            pname: self.pname,
            version: self.version,
            outputs: outputs.collect(),
            selected: self.selected,
            is_of_flake,
        })
    }
}

/// What is told of a derivation beside its `meta`.
pub(super) struct Described {
    pub full_name: String,
    /// Empty if it is not told apart, as the version.
    pub pname: String,
    pub version: String,
    pub outputs: Vec<PackageOutput>,
    /// The only output that is meant, as of `openssl.dev`.
    pub selected: Option<String>,
    pub is_of_flake: bool,
}

impl Described {
    /// The package called `attribute` of `source`, not evaluated. What has another type in `meta` than nixpkgs gives it is
    /// taken as missing.
    pub fn into_package(self, attribute: String, source: Arc<str>, meta: &Map<String, Value>) -> Package {
        let (name, version) = if self.pname.is_empty() || self.version.is_empty() {
            split_name(&self.full_name)
        } else {
            (self.pname, self.version)
        };
        let text = |name: &str| meta.get(name).and_then(Value::as_str).unwrap_or_default();
        Package {
            attribute,
            source,
            name,
            version,
            description: one_line(text("description")),
            long_description: one_line(text("longDescription")),
            homepage: meta.get("homepage").and_then(first_text).unwrap_or_default().to_owned(),
            licenses: meta.get("license").map(licenses).unwrap_or_default(),
            priority: meta.get("priority").and_then(priority).unwrap_or(DEFAULT_PRIORITY),
            default_outputs: default_outputs(&self.outputs, self.selected, meta, self.is_of_flake),
            main_program: Some(text("mainProgram")).filter(|name| !name.is_empty()).map(str::to_owned),
            obstacles: obstacles(meta),
            outputs: self.outputs,
            evaluated: None,
        }
    }
}

/// What nixpkgs says in `meta` of whether a package can be had here.
fn obstacles(meta: &Map<String, Value>) -> Vec<Obstacle> {
    let known = [
        ("broken", Obstacle::Broken),
        ("unfree", Obstacle::Unfree),
        ("insecure", Obstacle::Insecure),
        ("unsupported", Obstacle::OtherSystem),
    ];
    let is_said = |name: &str| meta.get(name).and_then(Value::as_bool) == Some(true);
    known.into_iter().filter(|(name, _)| is_said(name)).map(|(_, obstacle)| obstacle).collect()
}

fn default_outputs(
    outputs: &[PackageOutput],
    selected: Option<String>,
    meta: &Map<String, Value>,
    is_of_flake: bool,
) -> Vec<String> {
    let is_there = |name: &String| outputs.iter().any(|output| output.name == *name);
    let to_install = meta.get("outputsToInstall").and_then(Value::as_array).into_iter().flatten();
    let to_install = to_install.filter_map(|name| name.as_str().map(str::to_owned));
    let chosen = selected.map_or_else(|| to_install.collect(), |name| vec![name]);
    let chosen: Vec<String> = chosen.into_iter().filter(is_there).collect();
    if !chosen.is_empty() {
        return chosen;
    }
    let all = outputs.iter().map(|output| output.name.clone());
    match outputs.iter().find(|output| output.name == "out") {
        Some(out) if is_of_flake => vec![out.name.clone()],
        None if is_of_flake => all.take(1).collect(),
        _ => all.collect(),
    }
}

/// Name and version of a full name: split at the first `-` that no letter follows (Nix, `src/libstore/names.cc`).
fn split_name(full: &str) -> (String, String) {
    let dashes = full.match_indices('-').map(|(at, _)| at);
    let is_split = |at: &usize| full[at + 1..].bytes().next().is_some_and(|next| !next.is_ascii_alphabetic());
    match dashes.into_iter().find(is_split) {
        Some(at) => (full[..at].to_owned(), full[at + 1..].to_owned()),
        None => (full.to_owned(), String::new()),
    }
}

/// The words of a text with one blank between them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text, or the first of a list of them.
fn first_text(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.as_array()?.first()?.as_str())
}

/// Read like C's `stoi`, as Nix does when it links an environment: `"3abc"` is 3, 4.5 is 4, `true` is 1. `None` for what
/// has no number that Nix could read back.
fn priority(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Bool(is_true) => return is_true.then_some(1),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim_start().to_owned(),
        _ => return None,
    };
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    text[..sign + digits].parse::<i32>().ok().map(i64::from)
}

/// The SPDX identifiers in `meta.license`, which may be a text, a set, a list of both, or a compound; where one has no
/// identifier, its short name, or its full one.
fn licenses(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(all) => all.iter().flat_map(licenses).collect(),
        Value::Object(license) => {
            let name = ["spdxId", "shortName", "fullName"].iter().find_map(|key| license.get(*key)?.as_str());
            match name {
                Some(name) => vec![name.to_owned()],
                // `A or B`, `A with exception E`.
                None => ["licenses", "license", "exception"]
                    .iter()
                    .filter_map(|key| license.get(*key))
                    .flat_map(licenses)
                    .collect(),
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
