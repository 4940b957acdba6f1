//! Putting things into the local store. Nothing there is ever collected, so there is nothing to be kept.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::store_path::{HashWriter, store_path};
use super::tree::{self, at};
use super::{LocalStore, is_here};
use crate::engine::{self, Plan, Staging};
use crate::progress::Progress;
use crate::store::{Session, Store as _, StoreError, Wanted};

pub(super) struct LocalSession<'a>(pub &'a LocalStore);

impl Session for LocalSession<'_> {
    fn realise(&mut self, wanted: &[Wanted], progress: &dyn Progress) -> Result<(), StoreError> {
        let mut seen = HashSet::new();
        let wanted =
            wanted.iter().flat_map(|Wanted { path, .. }| std::iter::once(path.clone()).chain(self.0.propagated(path)));
        let missing: Vec<PathBuf> = wanted.filter(|path| !is_here(path) && seen.insert(path.clone())).collect();
        if let Some(path) = missing.iter().find(|path| !self.0.outputs.contains_key(*path)) {
            return Err(StoreError::NotAvailable { path: path.clone() });
        }
        missing.iter().try_for_each(|path| self.0.make(path, progress))
    }

    fn add_text(&mut self, name: &str, content: &[u8], _: &[PathBuf]) -> Result<PathBuf, StoreError> {
        let path = store_path(&self.0.directory, &Sha256::digest(content).into(), name.as_bytes());
        if is_here(&path) {
            return Ok(path);
        }
        fs::create_dir_all(&self.0.directory).map_err(at(&self.0.directory))?;
        let staging = Staging::beside(&path).map_err(at(&path))?;
        let file = staging.path().join(name);
        fs::write(&file, content).map_err(at(&file))?;
        tree::seal(staging.path())?;
        match fs::hard_link(&file, &path) {
            // Another program was faster. Theirs stays: it is the same.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path),
            result => result.map(|()| path.clone()).map_err(at(&path)),
        }
    }

    fn add_environment(&mut self, name: &str, plan: &Plan, _: &[PathBuf]) -> Result<PathBuf, StoreError> {
        let mut hash = HashWriter::new();
        engine::nar::write_plan(plan, &mut hash).map_err(at(&self.0.directory))?;
        let path = store_path(&self.0.directory, &hash.finish(), name.as_bytes());
        if !is_here(&path) {
            self.0.place(&path, |directory| Ok(engine::write_into(plan, directory)?))?;
        }
        Ok(path)
    }

    fn nix_version(&self) -> Option<&str> {
        None
    }

    fn add_root(&mut self, _: &Path) -> Result<(), StoreError> {
        Ok(())
    }
}
