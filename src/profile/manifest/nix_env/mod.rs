//! `manifest.nix`, the manifest of `nix-env`: a list of derivations as plain values (semantics 5).
//!
//! What an [`Element`] has no place for is carried along in [`Element::extra`] under one key and written again, so that
//! a manifest that was read is written byte for byte as it was. Two things that `nix-env` writes and then chokes on itself
//! are put right instead: keywords as names without quotes (2.8), and a `meta.outputsToInstall` that names other outputs
//! than there are.

mod parse;
mod record;
mod render;

use std::path::Path;

use serde_json::{Map, Value};

pub(in crate::profile) use self::record::of_evaluated;
pub(super) use self::record::{PROFILE_NAME, is_derived, named, position, set_position};
pub use self::record::{identity, meta_text};
use super::NIX_ENV;
use crate::profile::{Element, ProfileError};

/// The file's name in an environment.
pub const FILE_NAME: &str = "manifest.nix";

/// The elements that a manifest records, in its order, which is newest first; `path` is for messages.
///
/// Nothing is evaluated: what is no plain value is an error with its place.
pub fn parse(text: &[u8], path: &Path) -> Result<Vec<Element>, ProfileError> {
    let damaged = |at: usize, problem: String| {
        let before = &text[..at];
        let line = before.split(|&byte| byte == b'\n').count();
        let last = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let column = String::from_utf8_lossy(last).chars().count() + 1;
        ProfileError::Manifest { path: path.to_owned(), line, column, problem }
    };
    let readable = str::from_utf8(text).map_err(|error| damaged(error.valid_up_to(), "no UTF-8".to_owned()))?;
    let records = parse::list(readable).map_err(|problem| damaged(problem.at, problem.what))?;
    let mut elements = Vec::with_capacity(records.len());
    for (at, record) in records {
        let Value::Object(attributes) = record else {
            return Err(damaged(at, "an entry that is no attribute set".to_owned()));
        };
        elements.push(record::element(attributes).map_err(|problem| damaged(at, problem))?);
    }
    named(&mut elements);
    Ok(elements)
}

/// The manifest that records `elements` in their order, byte for byte as Nix writes it.
pub fn render(elements: &[Element]) -> Result<Vec<u8>, ProfileError> {
    let records: Result<Vec<_>, _> =
        elements.iter().map(|element| record::record(element).map(Value::Object)).collect();
    let mut text = String::new();
    render::list(&mut text, &records?);
    Ok(text.into_bytes())
}

/// Takes out of `extra` what `nix-env` recorded of one build; the user's `meta.keep` stays.
pub(super) fn forget_build(extra: &mut Map<String, Value>) {
    let keep = extra.get(NIX_ENV).and_then(|nix_env| nix_env.pointer("/attributes/meta/keep")).cloned();
    extra.remove(NIX_ENV);
    if let Some(keep) = keep {
        extra.insert(NIX_ENV.to_owned(), serde_json::json!({ "attributes": { "meta": { "keep": keep } } }));
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
