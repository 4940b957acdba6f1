//! A source of which a listing tells what it offers, and the index of that.
//!
//! Listing a source takes seconds to minutes, so the index is kept in the user's cache directory with a fingerprint of
//! what was listed. At the start it is read as it is; whether the source is still the same is looked at afterwards, in the
//! background, and only another source is listed anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::catalogue::{Index, Part};
use crate::nix::Installation;
use crate::package::{EvaluationError, Obstacle, Package};
use crate::progress::{Progress, Step};
use crate::safe;
use crate::source::{ListingPlace, Location, NixSource, Spec, listing};

/// Who saves an index still writes to it.
const LONGEST_SAVE: Duration = Duration::from_hours(1);

/// A source, and what is known of what it offers.
pub(super) struct Listed {
    name: Arc<str>,
    spec: Spec,
    /// What evaluates it; `None` for a listing alone.
    nix: Option<NixSource>,
    /// What fetches its listing.
    installation: Option<Arc<Installation>>,
    /// Where its index is kept; `None` where there is no cache directory.
    file: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    index: Option<Arc<Index>>,
    /// Of what the index is.
    fingerprint: String,
    stage: Stage,
    /// Counts how often it was to be read anew.
    forgotten: u64,
    problem: Option<String>,
}

/// How far the source is read.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Unread,
    /// Its names are known, for the time being.
    Named,
    /// All is known that is to be known, or it failed.
    Read,
}

impl Listed {
    /// Reads the index that was kept, and nothing else but the properties of a listing that is a file.
    pub fn open(spec: &Spec, installation: Option<&Arc<Installation>>, cache: Option<&Path>) -> Self {
        let is_evaluated = !matches!(spec.location, Location::Listing(_) | Location::Folder(_));
        let evaluating = installation.filter(|_| is_evaluated);
        let file = cache.map(|cache| cache.join(file_name(spec, evaluating.is_none())));
        let mut state = State::default();
        if let Some((index, fingerprint)) = file.as_deref().and_then(|file| Index::load(file).ok()) {
            state.index = Some(Arc::new(index));
            state.fingerprint = fingerprint;
        }
        let listed = Self {
            name: spec.name.as_str().into(),
            spec: spec.clone(),
            nix: evaluating.map(|nix| NixSource::new(spec.clone(), Arc::clone(nix))),
            installation: installation.cloned(),
            file,
            state: Mutex::new(state),
        };
        if let Some(ListingPlace::File(path)) = listed.place() {
            let mut state = listed.state();
            if state.index.is_some() && listing::fingerprint(path).is_ok_and(|now| now == state.fingerprint) {
                state.stage = Stage::Read;
            }
        }
        listed
    }

    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    pub fn nix(&self) -> Option<&NixSource> {
        self.nix.as_ref()
    }

    pub fn part(&self) -> Option<Part> {
        let index = self.state().index.clone()?;
        Some(Part::of_index(Arc::clone(&self.name), index))
    }

    /// Why it could not be read; safe for a terminal.
    pub fn problem(&self) -> Option<String> {
        self.state().problem.clone()
    }

    /// Whether [`Listed::read_on`] has something to do.
    pub fn is_read(&self) -> bool {
        self.state().stage == Stage::Read
    }

    /// Has it read anew by the next [`Listed::read_on`], even if nothing says that it is another one.
    pub fn forget(&self) {
        let mut state = self.state();
        state.stage = Stage::Unread;
        state.forgotten += 1;
        state.fingerprint.clear();
    }

    /// Reads the next stage: its names where nothing is known yet and they can be had at once, else the listing.
    pub fn read_on(&self, progress: &dyn Progress) -> Result<(), EvaluationError> {
        let (is_unread, forgotten) = {
            let state = self.state();
            (state.stage == Stage::Unread, state.forgotten)
        };
        let next = if is_unread { self.read_names(progress) } else { None };
        let result = match next {
            Some(named) => named.map(|index| (Stage::Named, index)),
            None => self.read_listing(progress).map(|read| (Stage::Read, read)),
        };
        let mut state = self.state();
        if state.forgotten != forgotten {
            // It is to be read anew since then.
            return Ok(());
        }
        match result {
            Ok((reached, read)) => {
                state.stage = reached;
                state.problem = None;
                if let Some((index, fingerprint)) = read {
                    (state.index, state.fingerprint) = (Some(Arc::new(index)), fingerprint);
                }
                Ok(())
            }
            // What was known stays, and the next time it is read.
            Err(error) if progress.is_cancelled() => Err(error),
            Err(error) => {
                // What was known stays: old is better than nothing.
                state.stage = Stage::Read;
                state.problem = Some(error.message.clone());
                Err(error)
            }
        }
    }

    /// The names of the top level, where they are all that can be had soon: nothing is indexed, and Nix has to list it.
    fn read_names(&self, progress: &dyn Progress) -> Option<Result<Read, EvaluationError>> {
        if self.state().index.is_some() || self.place().is_some() {
            return None;
        }
        let index = |names: Vec<String>| {
            let row = |name| Package::unevaluated(name, Arc::clone(&self.name));
            let mut packages: Vec<Package> = names.into_iter().map(row).collect();
            Some((Index::new(&mut packages), String::new()))
        };
        Some(self.nix.as_ref()?.attributes(progress).map(index))
    }

    /// The index of the listing, if it is another one than that which is known.
    fn read_listing(&self, progress: &dyn Progress) -> Result<Read, EvaluationError> {
        let (known, has_index) = {
            let state = self.state();
            (state.fingerprint.clone(), state.index.is_some())
        };
        let mut packages = Vec::new();
        let fingerprint = if let Some(place) = self.place() {
            let wrong = |error: listing::ListingError| self.error(error.to_string());
            let path = match place {
                ListingPlace::File(path) => path.clone(),
                ListingPlace::Url(url) => {
                    let nix = self.installation.as_deref();
                    let nix = nix.ok_or_else(|| self.error(format!("{place} is fetched by Nix, which is not here")))?;
                    listing::fetch(url, nix, progress).map_err(wrong)?
                }
            };
            let read_error = |error: std::io::Error| self.error(format!("cannot read {place}: {error}"));
            let fingerprint = listing::fingerprint(&path).map_err(read_error)?;
            if has_index && fingerprint == known {
                return Ok(None);
            }
            let is_alone = self.nix.is_none();
            let mut take = |mut package: Package| {
                if is_alone {
                    package.obstacles.push(Obstacle::NeedsNix);
                }
                packages.push(package);
            };
            listing::read(&path, &self.name, &mut take, progress).map_err(wrong)?;
            fingerprint
        } else if let Some(nix) = &self.nix {
            let fingerprint = nix.fingerprint(progress)?.unwrap_or_default();
            if has_index && !fingerprint.is_empty() && fingerprint == known {
                return Ok(None);
            }
            nix.list(&mut |package| packages.push(package), progress)?;
            fingerprint
        } else {
            return Ok(None);
        };
        progress.step(Step { what: format!("indexing {}", safe::text(&self.name)), done: 0, total: 0 });
        let index = Index::new(&mut packages);
        self.keep(&index, &fingerprint);
        Ok(Some((index, fingerprint)))
    }

    /// A cache that cannot be written costs time at the next start and nothing else.
    fn keep(&self, index: &Index, fingerprint: &str) {
        if let Some(file) = &self.file {
            let folder = file.parent().unwrap_or(Path::new("/"));
            let _ = fs::create_dir_all(folder);
            let _ = index.save(file, fingerprint);
            sweep(folder);
        }
    }

    fn place(&self) -> Option<&ListingPlace> {
        match (&self.spec.listing, &self.spec.location) {
            (Some(place), _) | (None, Location::Listing(place)) => Some(place),
            _ => None,
        }
    }

    fn error(&self, message: String) -> EvaluationError {
        EvaluationError { attribute: String::new(), source_name: self.name.to_string(), message }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An index with its fingerprint; `None` if that which is known is still right.
type Read = Option<(Index, String)>;

/// Removes what programs left that were killed while they saved an index.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let changed = entry.metadata().and_then(|found| found.modified());
        let is_old = changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > LONGEST_SAVE));
        if is_old && entry.path().extension().is_some_and(|end| end == "tmp") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The name of the index file: other locations have other ones, so that two programs with different sources of the same
/// name do not take each other's. Without Nix its rows need Nix, and with it they do not.
fn file_name(spec: &Spec, is_alone: bool) -> String {
    let described = format!("{:?}", (&spec.name, &spec.location, &spec.listing, is_alone));
    let mut name = String::new();
    for byte in &Sha256::digest(described)[..10] {
        let _ = write!(name, "{byte:02x}");
    }
    name + ".index"
}

#[cfg(test)]
#[path = "listed_tests.rs"]
mod tests;
