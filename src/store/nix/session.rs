//! Putting things into a Nix store: one connection, whose temporary roots keep all of it from being collected.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::files::NixFiles;
use super::{Client, Content, Wanted as Asked};
use crate::engine::{self, Plan};
use crate::progress::{Progress, Silent, Step};
use crate::store::{Session, StoreError, Wanted};

/// What the store is asked for.
pub(super) fn asked(wanted: &Wanted) -> Asked {
    match &wanted.derivation {
        Some(derivation) => Asked::Outputs { drv: derivation.path.clone(), outputs: vec![derivation.output.clone()] },
        None => Asked::Path(wanted.path.clone()),
    }
}

pub(super) struct NixSession<'a> {
    client: Client,
    files: &'a NixFiles,
    /// What has a temporary root already.
    kept: HashSet<PathBuf>,
}

impl<'a> NixSession<'a> {
    pub fn new(client: Client, files: &'a NixFiles) -> Self {
        Self { client, files, kept: HashSet::new() }
    }

    /// Keeps a path, which need not be there yet, until the end of the session.
    fn keep(&mut self, path: &Path, progress: &dyn Progress) -> Result<(), StoreError> {
        if !self.kept.contains(path) {
            self.client.add_temp_root(path, progress)?;
            self.kept.insert(path.to_owned());
        }
        Ok(())
    }

    fn gone<'w>(&mut self, wanted: &'w [Wanted], progress: &dyn Progress) -> Result<Vec<&'w Wanted>, StoreError> {
        let paths: Vec<PathBuf> = wanted.iter().map(|wanted| wanted.path.clone()).collect();
        let valid = self.client.valid_paths(&paths, progress)?;
        Ok(wanted.iter().filter(|wanted| !valid.contains(&wanted.path)).collect())
    }
}

impl Session for NixSession<'_> {
    fn realise(&mut self, wanted: &[Wanted], progress: &dyn Progress) -> Result<(), StoreError> {
        // First kept, then looked for: what is found is not collected any more.
        for Wanted { path, derivation } in wanted {
            self.keep(path, progress)?;
            if let Some(derivation) = derivation {
                self.keep(&derivation.path, progress)?;
            }
        }
        let gone: Vec<_> = self.gone(wanted, progress)?.into_iter().map(asked).collect();
        if !gone.is_empty() {
            progress.step(Step { what: "asking Nix for what is not here".to_owned(), done: 0, total: 0 });
            self.client.build(&gone, progress)?;
        }
        // What was put here is seen as it is from now on.
        self.files.look_again();
        match self.gone(wanted, progress)?.first() {
            None => Ok(()),
            Some(Wanted { path, .. }) => Err(StoreError::NotMade { path: path.clone() }),
        }
    }

    fn add_text(&mut self, name: &str, content: &[u8], references: &[PathBuf]) -> Result<PathBuf, StoreError> {
        let info = self.client.add(name, Content::Text, references, |to| to.write_all(content), &Silent)?;
        self.keep(&info.path, &Silent)?;
        Ok(info.path)
    }

    fn add_environment(&mut self, name: &str, plan: &Plan, references: &[PathBuf]) -> Result<PathBuf, StoreError> {
        let write = |to: &mut dyn std::io::Write| engine::nar::write_plan(plan, to);
        let info = self.client.add(name, Content::Nar, references, write, &Silent)?;
        self.keep(&info.path, &Silent)?;
        Ok(info.path)
    }

    fn nix_version(&self) -> Option<&str> {
        Some(self.client.connection().nix_version())
    }

    fn add_root(&mut self, link: &Path) -> Result<(), StoreError> {
        let absolute = std::path::absolute(link).map_err(|source| StoreError::Io { path: link.to_owned(), source })?;
        Ok(self.client.add_indirect_root(&absolute, &Silent)?)
    }
}
