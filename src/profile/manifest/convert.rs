//! From one kind of manifest to the other without a loss, and back to the very bytes.
//!
//! Most of an element means the same in both. What only one kind records stays in [`Element::extra`], and each kind
//! writes what the other needs in a key of ours. Left are the order (`nix-env` has the newest first, `nix profile` last
//! or sorted by name) and the names (`nix-env` has those of the derivations).

use serde_json::Value;

use super::{ManifestKind, NIX_ENV, nix_env};
use crate::profile::element_name::UniqueNames;
use crate::profile::{Element, StoreName};

/// `elements` of a manifest of kind `from` as those of one of kind `to`: outputs, priorities, activity and provenance are
/// kept. Nothing is converted to a single package, so the elements stay as they are then.
pub fn convert(elements: &[Element], from: ManifestKind, to: ManifestKind) -> Vec<Element> {
    let is_nix_env = from == ManifestKind::NixEnv;
    match to {
        ManifestKind::NixEnv if !is_nix_env => to_nix_env(elements),
        ManifestKind::NixProfile if is_nix_env => to_nix_profile(elements),
        _ => elements.to_vec(),
    }
}

fn to_nix_env(elements: &[Element]) -> Vec<Element> {
    let mut converted: Vec<_> = elements.iter().rev().cloned().collect();
    // What came after an earlier conversion has no position and is newer.
    converted.sort_by_key(nix_env::position);
    for element in &mut converted {
        if nix_env::position(element).is_none() || element.extra.contains_key(nix_env::PROFILE_NAME) {
            element.extra.insert(nix_env::PROFILE_NAME.to_owned(), element.name.clone().into());
        }
        nix_env::set_position(element, None);
    }
    nix_env::named(&mut converted);
    converted
}

fn to_nix_profile(elements: &[Element]) -> Vec<Element> {
    let comes_from_there =
        |element: &Element| element.extra.contains_key(nix_env::PROFILE_NAME) && nix_env::is_derived(element);
    let is_the_way_back = elements.iter().all(comes_from_there);
    let mut names = UniqueNames::default();
    let mut converted = Vec::with_capacity(elements.len());
    for (position, element) in elements.iter().enumerate().rev() {
        let mut element = element.clone();
        let known = element.extra.get(nix_env::PROFILE_NAME).and_then(Value::as_str).map(str::to_owned);
        element.name = names.take(&known.unwrap_or(element.name));
        if is_the_way_back {
            element.extra.remove(nix_env::PROFILE_NAME);
            element.extra.remove(NIX_ENV);
        } else {
            nix_env::set_position(&mut element, Some(position));
        }
        let first = element.outputs.first();
        let version = first.map(|output| StoreName::with_output(&output.path, &output.name).version);
        element.version = version.unwrap_or_default();
        converted.push(element);
    }
    converted
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
