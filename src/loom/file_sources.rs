//! Nix files that are sources without being configured: `default@/home/alice/myproject_env.nix`; and flakes at a revision.
//!
//! Each is evaluated once and stays as it was then, until [`Loom::import`](super::Loom::import) reads it anew: so what was
//! previewed is what is applied.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Loom, LoomError};
use crate::package::EvaluationError;
use crate::source::{FileSource, Location};

/// Those that were asked for, by the names of their sources.
pub(super) type FileSources = Mutex<HashMap<String, Arc<FileSource>>>;

impl Loom {
    /// The file that the name of a source means: an absolute path, unless a source is called so. `None` for other names.
    pub(super) fn file_source(&self, name: Option<&str>) -> Result<Option<Arc<FileSource>>, EvaluationError> {
        let Some(name) = name.filter(|name| name.starts_with('/') || is_locked_flake(name)) else { return Ok(None) };
        if self.sources_now().names().any(|known| **known == *name) {
            return Ok(None);
        }
        if let Some(known) = self.known_files().get(name) {
            return Ok(Some(Arc::clone(known)));
        }
        let error =
            |message: String| EvaluationError { attribute: String::new(), source_name: name.to_owned(), message };
        let opened = Arc::new(self.open_file(name, Path::new(name)).map_err(error)?);
        // Whoever was first counts, so that all see one evaluation.
        Ok(Some(Arc::clone(self.known_files().entry(name.to_owned()).or_insert(opened))))
    }

    /// The file as it is now, which it is from now on for everybody.
    pub(super) fn file_anew(&self, name: &str, file: &Path) -> Result<Arc<FileSource>, String> {
        let opened = self.open_file(name, file).map(Arc::new);
        let mut known = self.known_files();
        match &opened {
            Ok(source) => _ = known.insert(name.to_owned(), Arc::clone(source)),
            Err(_) => _ = known.remove(name),
        }
        opened
    }

    fn open_file(&self, name: &str, file: &Path) -> Result<FileSource, String> {
        let nix = self.choosing.nix.clone().filter(|nix| nix.program("nix-instantiate").is_some());
        let nix = nix.ok_or("it takes Nix to evaluate it, which is not here")?;
        if is_locked_flake(name) { Ok(FileSource::of_flake(name, nix)) } else { FileSource::open(name, file, nix) }
    }

    fn known_files(&self) -> MutexGuard<'_, HashMap<String, Arc<FileSource>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is the address of a flake at a revision, which is the same for all time. No other source is called so.
fn is_locked_flake(name: &str) -> bool {
    let Some((scheme, _)) = name.split_once(':') else { return false };
    let (place, query) = name.split_once('?').unwrap_or((name, ""));
    let is_revision = |it: &str| it.len() == 40 && it.bytes().all(|it| it.is_ascii_hexdigit());
    let is_locked = |it: &str| it.starts_with("narHash=") || it.strip_prefix("rev=").is_some_and(is_revision);
    let is_at_revision = query.split('&').any(is_locked) || place.rsplit('/').next().is_some_and(is_revision);
    let is_scheme = |it: char| it.is_ascii_alphanumeric() || "+-.".contains(it);
    let is_plain = !name.contains(|it: char| it.is_whitespace() || it.is_control() || it == '#');
    scheme.starts_with(|it: char| it.is_ascii_alphabetic())
        && scheme.chars().all(is_scheme)
        && is_plain
        && is_at_revision
}

/// What a file is called as a source, and where it is: its absolute path, or that of its folder for a flake.
pub(super) fn name_of(file: &Path) -> Result<(String, PathBuf), LoomError> {
    let error = |problem: &str| LoomError::File { file: file.to_owned(), problem: problem.to_owned() };
    let absolute = std::path::absolute(file).map_err(|cause| error(&format!("it cannot be read: {cause}")))?;
    let name = match Location::of_path(&absolute) {
        Ok(Location::Flake(folder)) => Some(folder),
        _ => absolute.to_str().map(str::to_owned),
    };
    let name = name.ok_or_else(|| error("its name is not UTF-8, and a source is named by text"))?;
    Ok((name, absolute))
}
