//! The environment for other programs, as one JSON document.

use serde_json::{Value, json as document};

use super::{Entry, EnvFile, From, Import, Source};

/// Stands in every document, so that no other one is taken for one of these. A program that knows only a lower number may
/// not understand it.
pub(super) const VERSION: u64 = 1;

/// The document: `{"nixLoom", "name", "system", "notes", "sources": [{"name", "kind", "location", "hash", "pinned"}],
/// "packages": [{"name", "version", "source", "attribute", "storePaths", "outputs", "priority", "active", "notes", "from":
/// {"attribute", "source", "location"}}]}`.
///
/// What does not apply is null; `attribute` is a list of names, and `source` a place in `sources`: how Nix finds it. `from`
/// is what this program calls it, and reads again.
pub fn json(file: &EnvFile) -> Value {
    document!({
        "nixLoom": VERSION,
        "name": file.name,
        "system": file.system,
        "notes": file.notes,
        "sources": file.sources.iter().map(source).collect::<Vec<_>>(),
        "packages": file.packages.iter().map(package).collect::<Vec<_>>(),
    })
}

fn source(source: &Source) -> Value {
    let (kind, location, hash) = match &source.import {
        Import::AnyNixpkgs => ("search-path", "<nixpkgs>".to_owned(), None),
        Import::SearchPath(name) => ("search-path", format!("<{name}>"), None),
        Import::File(path) => ("file", path.clone(), None),
        Import::Tarball { url, hash, .. } => ("tarball", url.clone(), Some(hash.clone())),
        Import::Nixpkgs { tarball, .. } => ("tarball", tarball.url.clone(), tarball.hash.clone()),
        Import::Flake { url, .. } => ("flake", url.clone(), None),
    };
    document!({
        "name": source.name, "kind": kind, "location": location, "hash": hash, "pinned": source.is_pinned(),
    })
}

fn package(entry: &Entry) -> Value {
    let (source, attribute, paths) = match &entry.from {
        From::Attribute { source, path } => (Some(source), Some(path.clone()), None),
        From::Whole { source } => (Some(source), Some(vec!["default".to_owned()]), None),
        From::Paths(paths) | From::Nowhere(paths) => (None, None, Some(paths)),
    };
    let origin = &entry.origin;
    let from = (!origin.attribute.is_empty())
        .then(|| document!({ "attribute": origin.attribute, "source": origin.source, "location": origin.location }));
    document!({
        "name": entry.name, "version": entry.version, "source": source, "attribute": attribute, "storePaths": paths,
        "outputs": entry.outputs, "priority": entry.priority, "active": entry.active, "notes": entry.notes, "from": from,
    })
}
