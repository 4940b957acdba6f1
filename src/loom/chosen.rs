//! Which of the sources that the user named are read: those of `--source`, then those of the config file that are on.
//!
//! What is given for one run must work, so anything wrong with it is an error. What is configured once for all machines
//! and days may not work here and now: it is left out, and said.

use std::sync::Arc;

use super::LoomError;
use crate::config::Configured;
use crate::nix::Installation;
use crate::package::Package;
use crate::safe;
use crate::source::{Location, NixSource, Spec};

/// The sources to read.
#[derive(Default)]
pub(super) struct Chosen {
    /// Those that Nix evaluates; nothing is evaluated yet.
    pub evaluated: Vec<NixSource>,
    /// The others, in order.
    pub others: Vec<Spec>,
    /// What is left out, and why; safe for a terminal.
    pub problems: Vec<String>,
}

/// Chooses among the sources that are given and those that are configured; the packages are what is on offer without.
pub(super) fn choose(
    given: &[Spec],
    configured: &[Configured],
    packages: &[Package],
    nix: Option<Installation>,
) -> Result<Chosen, LoomError> {
    let is_taken = |name: &str| packages.iter().any(|package| *package.source == *name);
    let is_given = |name: &str| given.iter().any(|spec| spec.name == name);
    let nix = nix.filter(|nix| nix.program("nix-instantiate").is_some()).map(Arc::new);
    let mut chosen = Chosen::default();
    for (at, spec) in given.iter().enumerate() {
        if given[..at].iter().any(|other| other.name == spec.name) || is_taken(&spec.name) {
            return Err(LoomError::SourceName { name: spec.name.clone() });
        }
        chosen.take(spec, nix.as_ref()).map_err(|NoNix| LoomError::NoNixForSource { name: spec.name.clone() })?;
    }
    for source in configured.iter().filter(|source| source.enabled && !is_given(&source.name)) {
        let taken = match &source.spec {
            Err(_) => Err(source.problem().unwrap_or_default()),
            Ok(_) if is_taken(&source.name) => Err("another source is called so; give it another name".to_owned()),
            Ok(spec) => chosen.take(spec, nix.as_ref()).map_err(|NoNix| {
                format!("{} is evaluated by Nix' program nix-instantiate, which is not here", spec.location)
            }),
        };
        if let Err(problem) = taken {
            chosen.problems.push(format!("the source {} is left out: {problem}", safe::text(&source.name)));
        }
    }
    Ok(chosen)
}

/// There is no program that evaluates.
struct NoNix;

impl Chosen {
    fn take(&mut self, spec: &Spec, nix: Option<&Arc<Installation>>) -> Result<(), NoNix> {
        match spec.location {
            Location::File(_) | Location::SearchPath(_) | Location::Flake(_) => {
                self.evaluated.push(NixSource::new(spec.clone(), nix.ok_or(NoNix)?.clone()));
            }
            Location::Listing(_) | Location::Folder(_) => self.others.push(spec.clone()),
        }
        Ok(())
    }
}
