//! Which of the sources that the user named are read: those of `--source`, then those of the config file that are on.
//!
//! What is given for one run must work, so anything wrong with it is an error. What is configured once for all machines
//! and days may not work here and now: it is left out, and said.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LoomError;
use super::listed::Listed;
use crate::config::Configured;
use crate::nix::Installation;
use crate::safe;
use crate::source::{ListingPlace, Location, Spec};

/// What there is to read sources with.
pub(super) struct Means<'a> {
    pub nix: Option<Arc<Installation>>,
    /// Where indexes are kept.
    pub cache: Option<&'a Path>,
    /// Whether folders of packages can become part of the store.
    pub takes_folders: bool,
}

/// The sources to read.
#[derive(Default)]
pub(super) struct Chosen {
    /// In order.
    pub sources: Vec<Choice>,
    /// What is left out, and why; safe for a terminal.
    pub problems: Vec<String>,
}

pub(super) enum Choice {
    Listed(Box<Listed>),
    /// A folder of packages.
    Folder {
        name: String,
        folder: PathBuf,
    },
}

/// Why a configured source cannot be read here and now, as far as that is known without reading it; safe for a terminal.
pub fn source_problem(source: &Configured, nix: Option<&Installation>) -> Option<String> {
    let Ok(spec) = &source.spec else { return source.problem() };
    missing_for(spec, nix)
}

/// What of Nix it would take to read a source that is not here. A listing that is a file can be read without Nix.
fn missing_for(spec: &Spec, nix: Option<&Installation>) -> Option<String> {
    if nix.is_some_and(|nix| nix.program("nix-instantiate").is_some()) {
        return None;
    }
    let place = match (&spec.location, &spec.listing) {
        (Location::Folder(_), _) => None,
        (Location::Listing(place), _) | (_, Some(place)) => match place {
            ListingPlace::File(_) => None,
            ListingPlace::Url(_) => Some("fetched"),
        },
        _ => Some("evaluated"),
    };
    place.map(|how| format!("{} is {how} by Nix' program nix-instantiate, which is not here", spec.location))
}

/// Chooses among the sources that are given and those that are configured; `taken` are names of what is on offer without.
pub(super) fn choose(
    given: &[Spec],
    configured: &[Configured],
    taken: &[String],
    means: &Means<'_>,
) -> Result<Chosen, LoomError> {
    let is_taken = |name: &str| taken.iter().any(|taken| *taken == *name);
    let is_given = |name: &str| given.iter().any(|spec| spec.name == name);
    let nix = means.nix.as_deref();
    let mut chosen = Chosen::default();
    for (at, spec) in given.iter().enumerate() {
        if given[..at].iter().any(|other| other.name == spec.name) || is_taken(&spec.name) {
            return Err(LoomError::SourceName { name: spec.name.clone() });
        }
        if missing_for(spec, nix).is_some() {
            return Err(LoomError::NoNixForSource { name: spec.name.clone() });
        }
        if let (Location::Folder(folder), false) = (&spec.location, means.takes_folders) {
            return Err(LoomError::FolderForNix { folder: folder.clone() });
        }
        chosen.take(spec, means);
    }
    for source in configured.iter().filter(|source| source.enabled && !is_given(&source.name)) {
        let taken = || is_taken(&source.name).then(|| "another source is called so; give it another name".to_owned());
        let folder = || match &source.spec {
            Ok(Spec { location: location @ Location::Folder(_), .. }) if !means.takes_folders => {
                Some(format!("{location} can be offered in the program's own store only (--store local)"))
            }
            _ => None,
        };
        match (source_problem(source, nix).or_else(taken).or_else(folder), &source.spec) {
            (None, Ok(spec)) => chosen.take(spec, means),
            (problem, _) => {
                let (name, problem) = (safe::text(&source.name), problem.unwrap_or_default());
                chosen.problems.push(format!("the source {name} is left out: {problem}"));
            }
        }
    }
    Ok(chosen)
}

impl Chosen {
    fn take(&mut self, spec: &Spec, means: &Means<'_>) {
        self.sources.push(match &spec.location {
            Location::Folder(folder) => Choice::Folder { name: spec.name.clone(), folder: folder.clone() },
            _ => Choice::Listed(Box::new(Listed::open(spec, means.nix.as_ref(), means.cache))),
        });
    }
}
