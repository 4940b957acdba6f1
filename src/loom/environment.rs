//! The environment of a plan as a path of the store, with the manifest that Nix' programs expect in it (semantics 5, 7).

use std::path::PathBuf;

use super::{LoomError, Preview};
use crate::package::DEFAULT_PRIORITY;
use crate::profile::{Element, JsonVersion, ManifestKind, manifest};
use crate::store::Session;

/// The first Nix whose `nix profile` writes version 3.
const WRITES_VERSION_3: (u64, u64) = (2, 20);

/// The first Nix whose `nix profile` knows priorities.
pub(super) const KNOWS_PRIORITIES: (u64, u64) = (2, 9);

/// Adds the environment to the store, and returns its path. Names and references are those that Nix' own programs give, so
/// that an environment of `nix profile` gets the very path that Nix would give it.
pub(super) fn add(session: &mut dyn Session, kind: ManifestKind, preview: &Preview) -> Result<PathBuf, LoomError> {
    let (file, text) = manifest::render(kind, &preview.elements, json_version(session))?;
    let plan = preview.plan.clone();
    let mut references = references(&preview.elements);
    if kind != ManifestKind::NixEnv {
        let plan = plan.with_root_file(file.as_bytes(), &text);
        return Ok(session.add_environment("profile", &plan, &references)?);
    }
    let manifest = session.add_text("env-manifest.nix", &text, &references)?;
    let plan = plan.with_root_link(file.as_bytes(), manifest.as_os_str().as_encoded_bytes());
    references.push(manifest);
    Ok(session.add_environment("user-environment", &plan, &references)?)
}

/// What the Nix of this store will not do as the profile says.
pub(super) fn warnings(session: &dyn Session, kind: ManifestKind, preview: &Preview) -> Vec<String> {
    let is_old = session.nix_version().and_then(version).is_some_and(|version| version < KNOWS_PRIORITIES);
    let has_priorities = preview.elements.iter().any(|element| element.priority != DEFAULT_PRIORITY);
    if kind != ManifestKind::NixProfile || !is_old || !has_priorities {
        return Vec::new();
    }
    vec![format!(
        "`nix profile` of Nix {} knows no priorities: its next change of this profile forgets them, and fails if that collides",
        session.nix_version().unwrap_or_default(),
    )]
}

/// The newest version that the Nix of this store reads.
fn json_version(session: &dyn Session) -> JsonVersion {
    match session.nix_version().and_then(version) {
        Some(version) if version < WRITES_VERSION_3 => JsonVersion::V2,
        _ => JsonVersion::V3,
    }
}

/// `2.34.8` → (2, 34).
pub(super) fn version(text: &str) -> Option<(u64, u64)> {
    let mut numbers = text.split(|letter: char| !letter.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// What an environment keeps alive: every output of every element, those of inactive ones too.
fn references(elements: &[Element]) -> Vec<PathBuf> {
    let outputs = elements.iter().flat_map(|element| &element.outputs);
    let mut paths: Vec<_> = outputs.map(|output| output.path.clone()).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_two_numbers_of_a_version_count() {
        assert_eq!(version("2.34.8"), Some((2, 34)));
        assert_eq!(version("2.8.0pre20220530_af23d38"), Some((2, 8)));
        assert_eq!(version("2.20"), Some((2, 20)));
        assert_eq!(version("unknown"), None);
        assert!(version("2.8.0").unwrap() < WRITES_VERSION_3, "not compared as text");
    }
}
