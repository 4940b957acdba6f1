//! Listings as the channels of nixpkgs publish them, made up for a test, and the program that searches them.

// Every test file compiles this module for itself, and none uses all of it.
#![allow(dead_code)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A package with a name, a version and what else its entry or `meta` holds.
pub fn package(name: &str, version: &str, meta: &Value) -> Value {
    json!({"name": format!("{name}-{version}"), "pname": name, "version": version, "outputs": {"out": null}, "meta": meta})
}

/// The whole document.
pub fn document(packages: &Value) -> String {
    json!({"version": "2", "packages": packages}).to_string()
}

/// Writes a listing anew, compressed if `place` ends in `.br`; gives the place as text.
pub fn write(place: &Path, packages: &Value) -> String {
    let text = document(packages);
    let _ = fs::remove_file(place);
    let mut file = fs::File::create(place).unwrap();
    if place.extension().is_some_and(|end| end == "br") {
        brotli::CompressorWriter::new(file, 4096, 5, 22).write_all(text.as_bytes()).unwrap();
    } else {
        file.write_all(text.as_bytes()).unwrap();
    }
    place.to_str().unwrap().to_owned()
}

/// Many packages: `quark0`, `quark1` and so on.
pub fn quarks(count: usize, version: &str) -> Value {
    let quark = |number: usize| {
        let name = format!("quark{number}");
        (name.clone(), package(&name, version, &json!({"description": format!("A particle with the number {number}")})))
    };
    Value::Object((0..count).map(quark).collect())
}

/// `--source NAME=PLACE`, as one argument.
pub fn source(name: &str, place: &Path) -> String {
    format!("--source={name}={}", place.display())
}

/// The files in which a machine keeps indexes.
pub fn indexes(cache: &Path) -> Vec<PathBuf> {
    let folder = cache.join("nix-loom/catalogue");
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// `ATTRIBUTE@SOURCE` of each row that `search --json` printed.
pub fn rows(found: &Value) -> Vec<String> {
    let row = |row: &Value| format!("{}@{}", row["attribute"].as_str().unwrap(), row["source"].as_str().unwrap());
    found.as_array().unwrap().iter().map(row).collect()
}
