//! The profile, or a part of it, as an environment file.

use std::path::PathBuf;

use serde_json::Value;

use super::explain::origin::{Origin, paths};
use super::{Loom, LoomError};
use crate::env_file::{self, Entry, EnvFile, Format, From, Import, Known, Source, WriteError, tarball};
use crate::package::Package;
use crate::profile::{Element, ProfileError};
use crate::progress::Progress;
use crate::safe;
use crate::source::attribute;
use crate::store::StoreError;

/// What is to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// What the environment is to be called.
    pub name: String,
    /// The names of elements; all of the profile if empty. They come in the profile's order.
    pub elements: Vec<String>,
    /// Whether sources are to be what they are when the file is built, and not the revision that is installed.
    pub is_unpinned: bool,
}

/// An environment file that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    pub export: Export,
    pub format: Format,
    pub out: PathBuf,
    /// Whether it may take the place of what is there.
    pub is_over: bool,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Absolute.
    pub path: PathBuf,
    pub packages: usize,
    /// How many of the packages have something that the file can only tell of in a comment.
    pub noted: usize,
}

impl Loom {
    /// Writes what is installed as an environment file: the whole file or nothing. What is there already is told before
    /// anything is worked out.
    pub fn export(&self, wanted: &ExportFile, progress: &dyn Progress) -> Result<Exported, LoomError> {
        let ExportFile { export, format, out, is_over } = wanted;
        if !is_over && std::fs::symlink_metadata(out).is_ok() {
            return Err(WriteError::Exists(out.clone()).into());
        }
        let file = self.env_file(export, progress)?;
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        env_file::write(out, &env_file::text(&file, *format), *is_over)?;
        let noted = file.packages.iter().filter(|entry| !entry.notes.is_empty()).count();
        let path = std::path::absolute(out).unwrap_or_else(|_| out.clone());
        Ok(Exported { path, packages: file.packages.len(), noted })
    }

    /// What is installed, as an environment file. Packages of sources that Nix evaluates are evaluated for it, so that
    /// outputs and priorities are said only where they have to be; where that fails, they are said.
    pub fn env_file(&self, export: &Export, progress: &dyn Progress) -> Result<EnvFile, LoomError> {
        let elements = self.contents()?.elements;
        if let Some(name) = export.elements.iter().find(|name| elements.iter().all(|it| it.name != **name)) {
            return Err(ProfileError::NotInstalled { name: name.clone() }.into());
        }
        let mut file = EnvFile { name: export.name.clone(), ..EnvFile::default() };
        let is_wanted = |it: &&Element| export.elements.is_empty() || export.elements.contains(&it.name);
        for element in elements.iter().filter(is_wanted) {
            let entry = self.entry(element, export, &mut file, progress);
            file.packages.push(entry);
        }
        Ok(file)
    }

    fn entry(&self, element: &Element, export: &Export, file: &mut EnvFile, progress: &dyn Progress) -> Entry {
        let mut entry = Entry {
            name: element.name.clone(),
            from: From::Paths(paths(element)),
            outputs: element.outputs.iter().map(|output| output.name.clone()).collect(),
            priority: element.priority,
            active: element.active,
            known: None,
            notes: Vec::new(),
        };
        let origin = self.origin(element);
        let is_pinned = !export.is_unpinned && matches!(origin, Origin::Flake { .. }) && self.is_nix;
        let said = match origin {
            Origin::Nowhere => {
                entry.notes.push("it is of a folder of packages, which no Nix knows".to_owned());
                entry.from = From::Nowhere(paths(element));
                return entry;
            }
            Origin::Paths => None,
            Origin::File { place, attribute, .. } => said_of_file(&place, &attribute),
            Origin::Flake { path, .. } if !self.is_nix => {
                let note =
                    "The demonstration packages are modelled on those of nixpkgs: it has them, in other versions";
                if file.notes.is_empty() {
                    file.notes.push(note.to_owned());
                }
                attribute::parse(&path).map(|path| (Import::SearchPath("nixpkgs".to_owned()), Some(path)))
            }
            Origin::Flake { url, path, .. } => {
                let locked = element.extra.get("url").and_then(Value::as_str).unwrap_or(&url);
                said_of_flake(&url, locked, &path, export.is_unpinned)
            }
        };
        let Some((import, path)) = said.filter(|(import, path)| is_sayable(import, path.as_deref(), element)) else {
            entry.notes.push(
                "where it comes from is not known, or cannot be said; this is what this machine's store has".to_owned(),
            );
            return entry;
        };
        let package = self.package(&element.attribute, Some(&element.source), progress).ok().flatten();
        if let Some(package) = package {
            let is_there = |name: &String| package.output(name).is_some();
            let is_same = element.outputs.iter().all(|output| {
                let offered = package.output(&output.name).and_then(|offered| offered.path.as_ref());
                offered.is_none_or(|path| *path == output.path)
            });
            if !is_pinned && !entry.outputs.iter().all(is_there) {
                entry.notes.push(
                    "its source has it without these outputs now; this is what this machine's store has".to_owned(),
                );
                return entry;
            }
            if !is_same && !is_pinned && self.is_nix {
                entry.notes.push(changed(element, &package));
            }
            // Of a revision that is not the one of the source here nothing is known.
            if is_same || !is_pinned {
                entry.known = known(&package);
            }
        }
        let source = source(&mut file.sources, &element.source, import);
        entry.from = match path {
            Some(path) => From::Attribute { source, path },
            None => From::Whole { source },
        };
        entry
    }
}

/// How to import a Nix file, and the path in it; no path if it may be the package itself.
fn said_of_file(place: &str, attribute: &str) -> Option<(Import, Option<Vec<String>>)> {
    let import = match place.strip_prefix('<').and_then(|place| place.strip_suffix('>')) {
        Some(name) => Import::SearchPath(name.to_owned()),
        None => Import::File(place.to_owned()),
    };
    if attribute == "default" {
        return Some((import, None));
    }
    Some((import, Some(attribute::parse(attribute)?)))
}

/// The same of a flake. What is surely nixpkgs needs no flakes.
fn said_of_flake(original: &str, locked: &str, path: &str, is_unpinned: bool) -> Option<(Import, Option<Vec<String>>)> {
    let names = attribute::parse(path)?;
    if let Some(pinned) = tarball(locked)
        && let [root, system, rest @ ..] = &*names
        && root == "legacyPackages"
        && !rest.is_empty()
    {
        let import = match tarball(original) {
            _ if !is_unpinned => Import::Nixpkgs { tarball: pinned, system: system.clone() },
            Some(tarball) => Import::Nixpkgs { tarball, system: system.clone() },
            None => Import::SearchPath("nixpkgs".to_owned()),
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
fn is_sayable(import: &Import, path: Option<&[String]>, element: &Element) -> bool {
    let place = match import {
        Import::SearchPath(place) | Import::File(place) | Import::Flake { url: place, .. } => place,
        Import::Nixpkgs { system, .. } => system,
    };
    let outputs = element.outputs.iter().map(|output| &output.name);
    let mut texts = path.unwrap_or_default().iter().chain(outputs).chain([place]);
    texts.all(|text| {
        let text = text.replace(['\n', '\r', '\t'], "");
        safe::text(&text) == text
    })
}

/// What `buildEnv` takes of a package; `None` if that is not certain.
fn known(package: &Package) -> Option<Known> {
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

fn changed(element: &Element, package: &Package) -> String {
    if package.version == element.version || package.version.is_empty() {
        return "its source has another build of it now".to_owned();
    }
    format!("its source has version {} now, and {} is installed", package.version, element.version)
}

/// The place of a source among those that there are.
fn source(sources: &mut Vec<Source>, name: &str, import: Import) -> usize {
    sources.iter().position(|source| source.import == import).unwrap_or_else(|| {
        let name = match &import {
            Import::SearchPath(name) => name.clone(),
            Import::Nixpkgs { .. } => "nixpkgs".to_owned(),
            Import::File(_) | Import::Flake { .. } => name.to_owned(),
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
        let (import, path) = said_of_flake(original, locked, path, is_unpinned).unwrap();
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
        assert_eq!(import, Import::SearchPath("nixpkgs".to_owned()));
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
        assert_eq!(said_of_file("<a/b>", "default"), Some((Import::SearchPath("a/b".to_owned()), None)));
        let (import, path) = said_of_file("/a", "x.y").unwrap();
        assert_eq!((import, path.unwrap().len()), (Import::File("/a".to_owned()), 2));
        assert_eq!(said_of_file("/a", "x..y"), None);
    }
}
