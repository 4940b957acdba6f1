//! A document of `export --format json`: its packages by attribute and source, which needs no Nix where the sources do not.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::{Apart, ImportKind, Imported, ImportedPackage};
use crate::env_file::{self, Document, DocumentPackage, Origin};
use crate::loom::{Loom, LoomError};
use crate::package::Package;
use crate::profile::{Change, Contents, ManifestKind, Transaction};
use crate::progress::Progress;
use crate::safe;
use crate::store::StoreError;

/// No document of this program is longer.
const MAX_BYTES: u64 = 16 << 20;

/// Whether a file is to be read as a document.
pub(super) fn is_document(file: &Path) -> bool {
    file.extension().is_some_and(|it| it.eq_ignore_ascii_case("json"))
}

impl Loom {
    /// What a document holds. A source is that of its name, or else one at the same place; if there is neither, the error
    /// says how to add it.
    pub(super) fn import_document(&self, file: &Path, progress: &dyn Progress) -> Result<Imported, LoomError> {
        let at_file = |problem: String| LoomError::File { file: file.to_owned(), problem };
        let document = env_file::read(&bytes(file).map_err(at_file)?).map_err(|error| at_file(error.to_string()))?;
        let sources = self.known_sources();
        let named = document.packages.iter().map(|package| named(package, &sources));
        let named = named.collect::<Vec<_>>();
        if let Some(problem) = missing(&document, &named) {
            return Err(at_file(problem));
        }
        let contents = self.contents()?;
        let mut imported = Imported {
            name: safe::text(&document.name),
            file: file.to_owned(),
            kind: ImportKind::Document,
            packages: Vec::new(),
            rules: None,
            post_build: None,
            whole: None,
            apart: Vec::new(),
            since: None,
            own: None,
            notes: Vec::new(),
        };
        self.prepare(&contents.elements, &installs(&document, &named), progress);
        let (mut apart, mut activities) = (Apart::default(), Vec::new());
        for (package, named) in document.packages.iter().zip(named) {
            let called = safe::text(&package.name);
            let (source, attribute) = match named {
                Named::Bare => {
                    imported.notes.push(format!("{called} is a path of a store and of no source, so it is left out"));
                    continue;
                }
                Named::At { source, attribute } => (source, attribute),
                // Told above.
                Named::Nowhere(_) => continue,
            };
            if progress.is_cancelled() {
                return Err(StoreError::Cancelled.into());
            }
            let offered = self
                .installable(&attribute, Some(&source), progress)
                .map_err(|error| at_file(format!("{called} cannot be had: {error}")))?;
            let offered = offered.ok_or_else(|| {
                let (attribute, source) = (safe::text(&attribute), safe::text(&source));
                at_file(format!("{called}: the source {source} has no {attribute} (any more)"))
            })?;
            let wanted = as_wanted(package, &offered).map_err(at_file)?;
            if !package.version.is_empty() && package.version != offered.version {
                let (now, then) = (safe::text(&offered.version), safe::text(&package.version));
                imported.notes.push(format!("{called} is of version {now} now, and was {then}"));
            }
            apart.elements.push((offered.clone(), package.outputs.clone(), package.priority));
            imported.packages.push(ImportedPackage::of(&wanted, &offered));
            activities.push((offered, package.active));
        }
        imported.apart = apart.changes(&contents.elements);
        if contents.kind == ManifestKind::NixEnv {
            // The newest element comes first there.
            imported.apart.reverse();
        }
        let activities = self.activities(&contents, &imported.apart, activities, progress)?;
        imported.apart.extend(activities);
        self.note_import(&imported);
        Ok(imported)
    }

    /// What else has to be staged so that packages are active or not as they were: what they are called is known only once
    /// they are among what is installed.
    fn activities(
        &self,
        contents: &Contents,
        installs: &[Change],
        wanted: Vec<(Package, bool)>,
        progress: &dyn Progress,
    ) -> Result<Vec<Change>, LoomError> {
        let find = |attribute: &str, source: Option<&str>| self.installable(attribute, source, progress);
        let after = Transaction { changes: installs.to_vec() }.apply_to(contents, &find)?;
        let change = |(package, active): (Package, bool)| {
            let is_it = |attribute: &str, source: &str| attribute == package.attribute && *source == *package.source;
            let element = after.iter().find(|it| is_it(&it.attribute, &it.source) && it.active != active)?;
            Some(Change::Active { name: element.name.clone(), active })
        };
        Ok(wanted.into_iter().filter_map(change).collect())
    }

    /// Every source's name, and where it is as far as somebody has said so.
    fn known_sources(&self) -> Vec<(String, Option<String>)> {
        let now = self.sources_now();
        let place = |name: &str| {
            let listed = now.listed().find(|listed| **listed.name() == *name);
            listed.map(|listed| listed.spec().location.to_string())
        };
        now.names().map(|name| (name.to_string(), place(name))).collect()
    }
}

/// Where a package of a document is to be had here.
enum Named {
    At {
        source: String,
        attribute: String,
    },
    /// It was a path.
    Bare,
    /// No source here is called so, or is at that place.
    Nowhere(Origin),
}

fn named(package: &DocumentPackage, sources: &[(String, Option<String>)]) -> Named {
    let Some(origin) = package.origin.clone() else { return Named::Bare };
    let is_named = |(name, _): &&(String, Option<String>)| *name == origin.source;
    let is_there = |(_, place): &&(String, Option<String>)| {
        place.as_deref().zip(origin.location.as_deref()).is_some_and(|(here, there)| is_same_place(here, there))
    };
    // A Nix file can be named as a source by its path.
    let is_file = origin.source.starts_with('/');
    match sources.iter().find(is_named).or_else(|| sources.iter().find(is_there)) {
        Some((source, _)) => Named::At { source: source.clone(), attribute: origin.attribute },
        None if is_file => Named::At { source: origin.source, attribute: origin.attribute },
        None => Named::Nowhere(origin),
    }
}

/// Whether two texts name one flake or file; Nix writes some addresses longer than users do.
fn is_same_place(one: &str, other: &str) -> bool {
    short(one) == short(other)
}

fn short(place: &str) -> &str {
    ["flake:", "path:"].iter().find_map(|scheme| place.strip_prefix(scheme)).unwrap_or(place)
}

/// Which sources are missing, for what, and how they are added; `None` if none is.
fn missing(document: &Document, named: &[Named]) -> Option<String> {
    let mut of_source: BTreeMap<(&str, Option<&str>), Vec<String>> = BTreeMap::new();
    for (package, named) in document.packages.iter().zip(named) {
        if let Named::Nowhere(origin) = named {
            let source = (&*origin.source, origin.location.as_deref());
            of_source.entry(source).or_default().push(safe::text(&package.name));
        }
    }
    let told = |((source, location), packages): (&(&str, Option<&str>), &Vec<String>)| {
        let way = match location {
            Some(location) => {
                let argument = safe::shell(&format!("{}={location}", name_for(source)));
                format!("`nix-loom sources add {argument}` adds it")
            }
            None => "it does not say where that is; add a source of that name".to_owned(),
        };
        format!("there is no source {} here, of which it has {}: {way}", safe::text(source), packages.join(", "))
    };
    (!of_source.is_empty()).then(|| of_source.iter().map(told).collect::<Vec<_>>().join("; "))
}

/// What to call a source: one that was never configured is called by its address, which is no name for one.
fn name_for(source: &str) -> String {
    if crate::source::check_name(source).is_ok() && !source.contains(['/', '=']) {
        return source.to_owned();
    }
    let place = source.split(['?', '#']).next().unwrap_or_default();
    let last = place.rsplit(['/', ':']).find(|part| !part.is_empty()).unwrap_or_default();
    let name: String = last.chars().filter(|it| it.is_ascii_alphanumeric() || "-_.".contains(*it)).collect();
    if crate::source::check_name(&name).is_ok() { name } else { "imported".to_owned() }
}

fn installs(document: &Document, named: &[Named]) -> Transaction {
    let change = |(_, named): (&DocumentPackage, &Named)| match named {
        Named::At { source, attribute } => Some(Change::Install {
            attribute: attribute.clone(),
            source: Some(source.clone()),
            outputs: None,
            priority: None,
        }),
        Named::Bare | Named::Nowhere(_) => None,
    };
    Transaction { changes: document.packages.iter().zip(named).filter_map(change).collect() }
}

/// The package that is on offer, with the outputs and the priority of the document.
fn as_wanted(package: &DocumentPackage, offered: &Package) -> Result<Package, String> {
    if let Some(output) = package.outputs.iter().find(|output| offered.output(output).is_none()) {
        let has: Vec<_> = offered.outputs.iter().map(|output| safe::text(&output.name)).collect();
        return Err(format!(
            "{} has no output {} (any more); it has {}",
            safe::text(&package.name),
            safe::text(output),
            has.join(", ")
        ));
    }
    Ok(Package { default_outputs: package.outputs.clone(), priority: package.priority, ..offered.clone() })
}

/// All of a file, if it can be a document.
fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error: std::io::Error| format!("it cannot be read: {error}");
    // Opening a pipe would wait for somebody to write into it.
    let found = std::fs::metadata(file).map_err(cannot)?;
    if !found.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(cannot)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it is no document of this program: it has over {} MB", MAX_BYTES >> 20));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_added_by_a_name_that_it_can_have() {
        for (source, name) in [
            ("tools", "tools"),
            ("path:/home/x/tools?narHash=y", "tools"),
            ("flake:nixpkgs", "nixpkgs"),
            ("github:NixOS/nixpkgs", "nixpkgs"),
            ("a=b", "ab"),
            ("é/", "imported"),
        ] {
            assert_eq!(name_for(source), name, "{source}");
        }
    }

    #[test]
    fn one_place_may_be_written_with_a_scheme_or_without() {
        assert!(is_same_place("/a", "path:/a"));
        assert!(is_same_place("nixpkgs", "flake:nixpkgs"));
        assert!(!is_same_place("/a", "/b"));
    }
}
