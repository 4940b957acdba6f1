//! The environment for other programs, as one JSON document.

use serde_json::{Value, json as document};

use super::{Entry, EnvFile, From, Import, Source};

/// The document: `{"name", "notes", "sources": [{"name", "kind", "location", "hash", "pinned"}], "packages": [{"name", "source",
/// "attribute", "storePaths", "outputs", "priority", "active", "notes"}]}`. What does not apply is null; `attribute` is a
/// list of names, and `source` a place in `sources`.
pub fn json(file: &EnvFile) -> Value {
    document!({
        "name": file.name,
        "notes": file.notes,
        "sources": file.sources.iter().map(source).collect::<Vec<_>>(),
        "packages": file.packages.iter().map(package).collect::<Vec<_>>(),
    })
}

fn source(source: &Source) -> Value {
    let (kind, location, hash) = match &source.import {
        Import::SearchPath(name) => ("search-path", format!("<{name}>"), None),
        Import::File(path) => ("file", path.clone(), None),
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
    document!({
        "name": entry.name, "source": source, "attribute": attribute, "storePaths": paths, "outputs": entry.outputs,
        "priority": entry.priority, "active": entry.active, "notes": entry.notes,
    })
}
