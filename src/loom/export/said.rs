//! How an environment file says where a package comes from.

use crate::env_file::{Import, Known, Source, tarball};
use crate::package::Package;
use crate::profile::Element;
use crate::safe;
use crate::source::attribute;

/// How to import a Nix file, and the path in it; no path if it may be the package itself.
pub(super) fn of_file(place: &str, attribute: &str) -> Option<(Import, Option<Vec<String>>)> {
    let import = match place.strip_prefix('<').and_then(|place| place.strip_suffix('>')) {
        Some(name) => Import::SearchPath(name.to_owned()),
        None => Import::File(place.to_owned()),
    };
    if attribute == "default" {
        return Some((import, None));
    }
    Some((import, Some(attribute::parse(attribute)?)))
}

/// The same of a source that is pinned to a tarball.
pub(super) fn of_tarball(
    place: &str,
    url: String,
    hash: String,
    attribute: &str,
) -> Option<(Import, Option<Vec<String>>)> {
    let (_, path) = of_file(place, attribute)?;
    Some((Import::Tarball { url, hash, is_nixpkgs: place == "<nixpkgs>" }, path))
}

/// The same of a flake. What is surely nixpkgs needs no flakes.
pub(super) fn of_flake(
    original: &str,
    locked: &str,
    path: &str,
    is_unpinned: bool,
) -> Option<(Import, Option<Vec<String>>)> {
    let names = attribute::parse(path)?;
    if let Some(pinned) = tarball(locked)
        && let [root, system, rest @ ..] = &*names
        && root == "legacyPackages"
        && !rest.is_empty()
    {
        let import = match tarball(original) {
            _ if !is_unpinned => Import::Nixpkgs { tarball: pinned, system: system.clone() },
            Some(tarball) => Import::Nixpkgs { tarball, system: system.clone() },
            None => Import::AnyNixpkgs,
        };
        return Some((import, Some(rest.to_vec())));
    }
    let url = if is_unpinned { original } else { locked };
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let is_revision = |it: &str| it.len() == 40 && it.bytes().all(|it| it.is_ascii_hexdigit());
    let is_pinned = query.split('&').any(|it| it.starts_with("narHash=") || it.starts_with("rev="))
        || place.rsplit('/').next().is_some_and(is_revision);
    Some((Import::Flake { url: url.to_owned(), is_pinned }, Some(names)))
}

/// Whether a file can hold these texts: the language has no way to write what may steer a terminal but to let it.
pub(super) fn is_sayable(import: &Import, path: Option<&[String]>, element: &Element) -> bool {
    let place = match import {
        Import::AnyNixpkgs => "",
        Import::SearchPath(place) | Import::File(place) | Import::Flake { url: place, .. } => place,
        Import::Tarball { url, .. } => url,
        Import::Nixpkgs { system, .. } => system,
    };
    let outputs = element.outputs.iter().map(|output| &output.name);
    let mut texts = path.unwrap_or_default().iter().chain(outputs).map(String::as_str).chain([place]);
    texts.all(|text| {
        let text = text.replace(['\n', '\r', '\t'], "");
        safe::text(&text) == text
    })
}

/// What `buildEnv` takes of a package; `None` if that is not certain.
pub(super) fn known(package: &Package) -> Option<Known> {
    let first = &package.outputs.first()?.name;
    let has_choice = package.evaluated.as_ref().is_none_or(|it| it.meta.contains_key("outputsToInstall"));
    let default = match &*package.default_outputs {
        all if has_choice => all.to_vec(),
        // One that is selected, or that a flake prefers.
        [only] if only != first => return None,
        _ => vec![first.clone()],
    };
    let outputs = package.outputs.iter().map(|output| output.name.clone()).collect();
    Some(Known { outputs, default, priority: package.priority })
}

pub(super) fn changed(element: &Element, package: &Package) -> String {
    if package.version == element.version || package.version.is_empty() {
        return "its source has another build of it now".to_owned();
    }
    format!("its source has version {} now, and {} is installed", package.version, element.version)
}

/// The place of a source among those that there are.
pub(super) fn source(sources: &mut Vec<Source>, name: &str, import: Import) -> usize {
    sources.iter().position(|source| source.import == import).unwrap_or_else(|| {
        let name = match &import {
            Import::SearchPath(name) => name.clone(),
            Import::AnyNixpkgs | Import::Nixpkgs { .. } => "nixpkgs".to_owned(),
            Import::File(_) | Import::Tarball { .. } | Import::Flake { .. } => name.to_owned(),
        };
        sources.push(Source { name, import });
        sources.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKED: &str = "github:NixOS/nixpkgs/0123456789abcdef0123456789abcdef01234567";

    fn flake(original: &str, locked: &str, path: &str, is_unpinned: bool) -> (Import, Vec<String>) {
        let (import, path) = of_flake(original, locked, path, is_unpinned).unwrap();
        (import, path.unwrap())
    }

    #[test]
    fn what_is_locked_to_a_revision_of_nixpkgs_needs_no_flakes() {
        let (import, path) = flake("flake:nixpkgs", LOCKED, "legacyPackages.x86_64-linux.a.\"b.c\"", false);
        assert_eq!(path, ["a", "b.c"]);
        assert!(
            matches!(import, Import::Nixpkgs { tarball, system } if tarball.is_revision && system == "x86_64-linux")
        );
        let (import, _) = flake("flake:nixpkgs", LOCKED, "legacyPackages.x86_64-linux.a", true);
        assert_eq!(import, Import::AnyNixpkgs);
        let (import, _) = flake("github:NixOS/nixpkgs/nixos-24.05", LOCKED, "legacyPackages.x86_64-linux.a", true);
        assert!(matches!(import, Import::Nixpkgs { tarball, .. } if tarball.url.ends_with("/nixos-24.05.tar.gz")));
    }

    #[test]
    fn any_other_flake_is_asked_for_by_its_address() {
        for (locked, is_pinned) in [
            ("path:/x?narHash=sha256-x", true),
            ("git+file:///x?rev=1", true),
            ("github:a/b/0123456789abcdef0123456789abcdef01234567", true),
            ("path:/x", false),
            ("github:a/b/main", false),
        ] {
            let (import, path) = flake("path:/x", locked, "packages.x86_64-linux.a", false);
            assert_eq!(import, Import::Flake { url: locked.to_owned(), is_pinned });
            assert_eq!(path, ["packages", "x86_64-linux", "a"]);
        }
        // An attribute that importing would not give.
        let (import, _) = flake("flake:nixpkgs", LOCKED, "lib.x", false);
        assert!(matches!(import, Import::Flake { .. }));
    }

    #[test]
    fn a_file_that_may_be_the_package_has_no_path() {
        assert_eq!(of_file("<a/b>", "default"), Some((Import::SearchPath("a/b".to_owned()), None)));
        let (import, path) = of_file("/a", "x.y").unwrap();
        assert_eq!((import, path.unwrap().len()), (Import::File("/a".to_owned()), 2));
        assert_eq!(of_file("/a", "x..y"), None);
    }
}
