//! Which of the sources that the user named are read: those of `--source`, then those of the config file that are on.
//!
//! What is given for one run must work, so anything wrong with it is an error. What is configured once for all machines
//! and days may not work here and now: it is left out, and said.

use std::path::PathBuf;
use std::sync::Arc;

use super::LoomError;
use super::listed::Listed;
use crate::config::{Config, Configured};
use crate::nix::Installation;
use crate::safe;
use crate::source::{ListingPlace, Location, Spec};

/// Of what the sources are chosen, and what there is to read them with. The config file is read each time.
pub(super) struct Choosing {
    /// Those that are given for this run.
    pub given: Vec<Spec>,
    pub config: Option<PathBuf>,
    pub nix: Option<Arc<Installation>>,
    /// Where indexes are kept.
    pub cache: Option<PathBuf>,
    /// Whether folders of packages can become part of the store.
    pub takes_folders: bool,
    /// Names of what is on offer without.
    pub taken: Vec<String>,
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
    Listed(Arc<Listed>),
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

impl Choosing {
    /// The sources in the config file, on or off.
    pub fn configured(&self) -> Result<Vec<Configured>, LoomError> {
        let config = self.config.as_deref().map(Config::load).transpose()?;
        Ok(config.map(|config| config.sources().to_vec()).unwrap_or_default())
    }

    /// Why a configured source that is on is left out; `None` if it is not.
    pub fn problem(&self, source: &Configured) -> Option<String> {
        let folder = || match &source.spec {
            Ok(Spec { location: location @ Location::Folder(_), .. }) if !self.takes_folders => {
                Some(format!("{location} can be offered in the program's own store only (--store local)"))
            }
            _ => None,
        };
        let is_taken = self.taken.contains(&source.name);
        let taken = || is_taken.then(|| "another source is called so; give it another name".to_owned());
        source_problem(source, self.nix.as_deref()).or_else(taken).or_else(folder)
    }

    /// Chooses among the sources that are given and those that are configured. What is `known` already is not opened again.
    pub fn choose(&self, known: &[Arc<Listed>]) -> Result<Chosen, LoomError> {
        let given = &self.given;
        let is_given = |name: &str| given.iter().any(|spec| spec.name == name);
        let mut chosen = Chosen::default();
        for (at, spec) in given.iter().enumerate() {
            if given[..at].iter().any(|other| other.name == spec.name) || self.taken.contains(&spec.name) {
                return Err(LoomError::SourceName { name: spec.name.clone() });
            }
            if missing_for(spec, self.nix.as_deref()).is_some() {
                return Err(LoomError::NoNixForSource { name: spec.name.clone() });
            }
            if let (Location::Folder(folder), false) = (&spec.location, self.takes_folders) {
                return Err(LoomError::FolderForNix { folder: folder.clone() });
            }
            chosen.sources.push(self.choice(spec, known));
        }
        for source in self.configured()?.iter().filter(|source| source.enabled && !is_given(&source.name)) {
            match (self.problem(source), &source.spec) {
                (None, Ok(spec)) => chosen.sources.push(self.choice(spec, known)),
                (problem, _) => {
                    let (name, problem) = (safe::text(&source.name), problem.unwrap_or_default());
                    chosen.problems.push(format!("the source {name} is left out: {problem}"));
                }
            }
        }
        Ok(chosen)
    }

    fn choice(&self, spec: &Spec, known: &[Arc<Listed>]) -> Choice {
        if let Location::Folder(folder) = &spec.location {
            return Choice::Folder { name: spec.name.clone(), folder: folder.clone() };
        }
        let open = || Arc::new(Listed::open(spec, self.nix.as_ref(), self.cache.as_deref()));
        Choice::Listed(known.iter().find(|listed| listed.spec() == spec).cloned().unwrap_or_else(open))
    }
}
