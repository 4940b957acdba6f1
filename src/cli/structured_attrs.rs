//! What the builder of nixpkgs' `buildEnv` gets: the JSON of its structured attributes (semantics 3, at the end).
//!
//! It holds much more than is read here, and Nix has been free with the types of flags.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::spec::{AbsolutePath, Job, engine_package, job, parse, priority, read_bytes};
use crate::engine::{NixpkgsRules, RuleSet};
use crate::package::DEFAULT_PRIORITY;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StructuredAttrs {
    #[serde(default)]
    outputs: Outputs,
    #[serde(default)]
    extra_prefix: Option<String>,
    paths_to_link: Option<Vec<String>>,
    #[serde(default, deserialize_with = "flag")]
    ignore_collisions: bool,
    #[serde(default = "yes", deserialize_with = "flag")]
    check_collision_contents: bool,
    #[serde(default, deserialize_with = "flag")]
    ignore_single_file_outputs: bool,
    chosen_outputs: Vec<ChosenOutputs>,
    extra_paths_from: Option<PathBuf>,
    manifest: Option<String>,
}

#[derive(Default, Deserialize)]
struct Outputs {
    out: Option<String>,
}

#[derive(Deserialize)]
struct ChosenOutputs {
    paths: Vec<AbsolutePath>,
    #[serde(default = "usual", deserialize_with = "priority")]
    priority: i64,
}

fn yes() -> bool {
    true
}

fn usual() -> i64 {
    DEFAULT_PRIORITY
}

/// A flag as Nix writes it in any of its formats: a boolean, 1 or 0, `"1"` or `""`; nothing is false.
fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(flag),
        Value::Number(number) => Ok(number.as_f64() != Some(0.0)),
        Value::String(word) => Ok(!matches!(word.as_str(), "" | "0" | "false")),
        Value::Array(_) => Err(D::Error::invalid_type(Unexpected::Seq, &"a flag")),
        Value::Object(_) => Err(D::Error::invalid_type(Unexpected::Map, &"a flag")),
    }
}

/// Reads the attributes; the rules are those of nixpkgs unless `rules` says otherwise.
pub(super) fn read(path: &Path, rules: Option<RuleSet>) -> Result<Job> {
    let attrs: StructuredAttrs = parse(&read_bytes(path)?, path)?;
    let packages = attrs.chosen_outputs.into_iter().map(|chosen| {
        let paths: Vec<_> = chosen.paths.into_iter().map(|path| path.0).collect();
        engine_package(None, chosen.priority, true, &paths)
    });
    let packages = packages.collect();
    let default = NixpkgsRules::default();
    let settings = NixpkgsRules {
        paths_to_link: attrs
            .paths_to_link
            .map_or(default.paths_to_link, |paths| paths.into_iter().map(String::into_bytes).collect()),
        ignore_collisions: attrs.ignore_collisions,
        check_collision_contents: attrs.check_collision_contents,
        ignore_single_file_outputs: attrs.ignore_single_file_outputs,
        extra_prefix: attrs.extra_prefix.unwrap_or_default().into_bytes(),
        extra_paths: attrs.extra_paths_from.map_or(Ok(Vec::new()), |path| extra_paths(&path))?,
        manifest: attrs.manifest.map(String::into_bytes).filter(|manifest| !manifest.is_empty()),
    };
    Ok(job(rules.unwrap_or(RuleSet::Nixpkgs), settings, packages, attrs.outputs.out))
}

/// The lines of a file, as far as they are directories.
fn extra_paths(path: &Path) -> Result<Vec<Vec<u8>>> {
    if path.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let bytes = read_bytes(path)?;
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| Path::new(OsStr::from_bytes(line)).is_dir());
    Ok(lines.map(<[u8]>::to_vec).collect())
}
