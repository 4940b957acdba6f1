//! A user's own folder as a package set: each directory in it, called `NAME` or `NAME-VERSION`, is a package.
//!
//! The trees are looked at when the set is opened and copied when an output is put into the store. An output's path
//! follows from names, kinds, sizes, executable bits, link targets and the files' times: an edit gives a new path, the
//! old one stays as it was, and nothing need be read to know that.

mod attribute;
mod layout;
mod snapshot;

use std::collections::HashMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::snapshot::Snapshot;
use super::meter::Meter;
use super::set::{OutputId, PackageSet, SetError};
use super::store_path::{Fingerprint, store_path};
use super::tree::at;
use crate::engine::Listing;
use crate::package::{DEFAULT_PRIORITY, Package, PackageOutput};
use crate::safe;
use crate::store::StoreError;

/// A folder of packages, as it was when it was opened.
pub struct FolderSet {
    packages: Vec<Package>,
    /// By package and output.
    snapshots: Vec<Vec<Snapshot>>,
}

impl FolderSet {
    /// Looks at all packages in `folder`; `source` is what the set is called, and `store` where its outputs would be.
    ///
    pub fn open(folder: &Path, source: &str, store: &Path) -> Result<Self, StoreError> {
        let folder = fs::canonicalize(folder).map_err(at(folder))?;
        if !folder.is_dir() {
            return Err(SetError::NotADirectory { path: folder }.into());
        }
        let source: Arc<str> = source.into();
        let mut set = Self { packages: Vec::new(), snapshots: Vec::new() };
        let directories = layout::packages(&folder)?;
        for directory in &directories {
            let (package, snapshots) = open_package(directory, &source, store)?;
            set.packages.push(package);
            set.snapshots.push(snapshots);
        }
        attribute::assign(&mut set.packages);
        let mut attributes: HashMap<&str, &PathBuf> = HashMap::new();
        for (package, directory) in set.packages.iter().zip(&directories) {
            if let Some(first) = attributes.insert(&package.attribute, directory) {
                return Err(SetError::SameName { first: first.clone(), second: directory.clone() }.into());
            }
        }
        Ok(set)
    }

    /// What a folder's set is called if the user gives no name: as the folder itself.
    pub fn usual_name(folder: &Path) -> String {
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        real.file_name().map_or_else(|| "packages".to_owned(), |name| safe::json(name.as_bytes()))
    }

    fn snapshot(&self, output: OutputId) -> &Snapshot {
        &self.snapshots[output.package][output.output]
    }
}

impl PackageSet for FolderSet {
    fn packages(&self) -> &[Package] {
        &self.packages
    }

    fn listing(&self, output: OutputId) -> Result<Arc<Listing>, SetError> {
        let snapshot = self.snapshot(output);
        let named = |source| SetError::Listing { output: safe::bytes(snapshot.root().as_os_str().as_bytes()), source };
        snapshot.listing().map(Arc::new).map_err(named)
    }

    fn write(&self, output: OutputId, directory: &Path, meter: &mut Meter) -> Result<(), StoreError> {
        self.snapshot(output).copy(directory, meter)
    }

    fn original(&self, output: OutputId) -> Option<PathBuf> {
        Some(self.snapshot(output).root().to_path_buf())
    }
}

fn open_package(directory: &Path, source: &Arc<str>, store: &Path) -> Result<(Package, Vec<Snapshot>), StoreError> {
    let full_name = directory.file_name().expect("a directory in a folder has a name").as_bytes();
    let mut outputs = Vec::new();
    let mut snapshots = Vec::new();
    for (name, directory) in layout::outputs(directory)? {
        let snapshot = Snapshot::take(directory)?;
        let mut hash = Fingerprint::new("output of a folder");
        hash.bytes(full_name).bytes(name.as_bytes());
        snapshot.describe(&mut hash);
        let suffix = if name == "out" { String::new() } else { format!("-{name}") };
        let path = store_path(store, &hash.finish(), &[full_name, suffix.as_bytes()].concat());
        outputs.push(PackageOutput { name, path: Some(path) });
        snapshots.push(snapshot);
    }
    let output_names: Vec<String> = outputs.iter().map(|output| output.name.clone()).collect();
    let (name, version) = layout::split_version(full_name);
    let package = Package {
        attribute: String::new(), // follows from what else is in the folder
        source: Arc::clone(source),
        name: safe::json(name),
        version: safe::json(version),
        description: String::new(),
        long_description: String::new(),
        homepage: String::new(),
        licenses: Vec::new(),
        priority: DEFAULT_PRIORITY,
        default_outputs: layout::default_outputs(&output_names),
        outputs,
        main_program: None,
        obstacles: Vec::new(),
        evaluated: None,
    };
    Ok((package, snapshots))
}

#[cfg(test)]
mod tests;
