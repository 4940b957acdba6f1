//! The demo set: packages modelled on nixpkgs, with invented contents, so that the program can be tried without Nix.

mod contents;
mod format;
mod paths;
mod references;

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::contents::{Bytes, Contents};
use self::format::{Entry, Record};
use self::references::References;
use super::meter::Meter;
use super::set::{OutputId, PROPAGATED, PackageSet, SetError};
use super::store_path::is_name_byte;
use super::tree::at;
use crate::engine::{Listing, ListingBuilder, ListingError};
use crate::package::{DEFAULT_PRIORITY, Package, PackageOutput};
use crate::store::StoreError;

/// `assets/README.md` says how it is made.
const BUNDLED: &[u8] = include_bytes!("../../../../assets/demo-packages.json.br");

/// The demo set, with paths in one store.
pub struct DemoSet {
    packages: Vec<Package>,
    records: Vec<Record>,
    references: References,
    contents: Contents,
}

/// What one entry of an output becomes.
enum Made<'a> {
    File {
        bytes: Bytes,
        executable: bool,
        content: u64,
    },
    /// A file that is read when an environment is planned.
    Text(Vec<u8>),
    Link(&'a str),
}

impl DemoSet {
    /// The set that is part of the program, with paths in the store at `store`.
    pub fn bundled(store: &Path) -> Result<Self, SetError> {
        let mut json = Vec::with_capacity(1 << 20);
        let decompressed = brotli::Decompressor::new(BUNDLED, 1 << 16).read_to_end(&mut json);
        decompressed.map_err(|error| SetError::Damaged { set: "demo".to_owned(), why: error.to_string() })?;
        Self::parse(&json, store)
    }

    /// A set of the same format, with paths in the store at `store`.
    pub fn parse(json: &[u8], store: &Path) -> Result<Self, SetError> {
        let file = format::parse(json)?;
        let records = file.packages;
        let damaged = |why: String| SetError::Damaged { set: file.name.clone(), why };
        records.iter().try_for_each(check).map_err(damaged)?;
        let references = References::resolve(&records).map_err(damaged)?;
        let contents = Contents::collect(&records).map_err(damaged)?;
        let paths = paths::of_outputs(&file.name, &records, &references, &contents, store);

        let source: Arc<str> = file.name.as_str().into();
        let package = |(record, paths): (&Record, Vec<PathBuf>)| to_package(record, &source, paths);
        let packages = records.iter().zip(paths).map(package).collect();
        Ok(Self { packages, records, references, contents })
    }

    /// The entries of an output.
    fn entries(&self, output: OutputId) -> &[Entry] {
        let owner = &self.records[self.references.owners[output.package]];
        &owner.files[&owner.outputs[output.output]]
    }

    fn made<'a>(&self, output: OutputId, entry: &'a Entry) -> Made<'a> {
        match entry {
            Entry::Link { target, .. } => Made::Link(target),
            Entry::File { path, .. } if &**path == PROPAGATED => Made::Text(self.propagated_text(output)),
            Entry::File { executable, content, .. } => Made::File {
                bytes: self.contents.bytes(*content, &self.records),
                executable: *executable,
                content: content.0,
            },
        }
    }

    /// The store paths of the packages to be installed as well, separated by blanks.
    ///
    /// Where the store's own directory has a blank or line break in its path, that file cannot name a path: it is empty.
    fn propagated_text(&self, output: OutputId) -> Vec<u8> {
        let path = |id: &OutputId| self.packages[id.package].outputs[id.output].path.as_deref();
        let propagated = &self.references.propagated[self.references.owners[output.package]];
        let paths: Vec<&[u8]> = propagated.iter().filter_map(path).map(|path| path.as_os_str().as_bytes()).collect();
        if paths.iter().any(|path| path.contains(&b' ') || path.contains(&b'\n')) {
            Vec::new()
        } else {
            paths.join(&b' ')
        }
    }
}

impl PackageSet for DemoSet {
    fn packages(&self) -> &[Package] {
        &self.packages
    }

    fn listing(&self, output: OutputId) -> Result<Arc<Listing>, SetError> {
        let mut listing = ListingBuilder::new();
        let mut add = |entry: &Entry| -> Result<(), ListingError> {
            let path = entry.path().as_bytes();
            match self.made(output, entry) {
                Made::File { bytes, executable, content } => listing.file(path, bytes.size, executable, Some(content)),
                Made::Text(text) => listing.text(path, &text),
                Made::Link(target) => listing.symlink(path, target.as_bytes()),
            }
        };
        self.entries(output).iter().try_for_each(&mut add).map_err(|source| {
            let package = &self.packages[output.package];
            SetError::Listing {
                output: format!("{}.{}", package.attribute, package.outputs[output.output].name),
                source,
            }
        })?;
        Ok(Arc::new(listing.finish()))
    }

    fn write(&self, output: OutputId, directory: &Path, meter: &mut Meter) -> Result<(), StoreError> {
        let mut parent = PathBuf::new();
        for entry in self.entries(output) {
            meter.next_file()?;
            let path = directory.join(entry.path());
            if let Some(new) = path.parent().filter(|new| *new != parent) {
                fs::create_dir_all(new).map_err(at(new))?;
                parent = new.to_path_buf();
            }
            match self.made(output, entry) {
                Made::File { bytes, executable, .. } => write_file(&path, &bytes.text, bytes.size, executable),
                Made::Text(text) => write_file(&path, &text, text.len() as u64, false),
                Made::Link(target) => symlink(target, &path),
            }
            .map_err(at(&path))?;
        }
        Ok(())
    }
}

/// Writes `text` and lets zeros follow up to `size`, without storing them.
fn write_file(path: &Path, text: &[u8], size: u64, executable: bool) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text)?;
    file.set_len(size)?;
    if executable { file.set_permissions(fs::Permissions::from_mode(0o755)) } else { Ok(()) }
}

fn to_package(record: &Record, source: &Arc<str>, paths: Vec<PathBuf>) -> Package {
    let output = |(name, path): (&String, PathBuf)| PackageOutput { name: name.clone(), path: Some(path) };
    Package {
        attribute: record.attr.clone(),
        source: Arc::clone(source),
        name: record.pname.clone(),
        version: record.version.clone(),
        description: record.description.clone(),
        long_description: String::new(),
        homepage: record.homepage.clone(),
        licenses: record.license.clone(),
        priority: record.priority.unwrap_or(DEFAULT_PRIORITY),
        outputs: record.outputs.iter().zip(paths).map(output).collect(),
        default_outputs: record.outputs_to_install.clone(),
        main_program: record.main_program.clone(),
        obstacles: Vec::new(),
        evaluated: None,
    }
}

/// What has to hold of every package; says what does not.
fn check(record: &Record) -> Result<(), String> {
    let attribute = &record.attr;
    let names = [&record.pname, &record.version].into_iter().chain(&record.outputs);
    if let Some(name) = names.into_iter().find(|name| !name.bytes().all(is_name_byte)) {
        // Names become part of store paths and of shell scripts.
        return Err(format!("{attribute}: {name:?} cannot be part of a store path"));
    }
    match record.outputs.iter().find(|output| !record.files.contains_key(*output)) {
        Some(output) => Err(format!("{attribute}: no files are given for its output {output}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
