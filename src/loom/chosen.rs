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

/// Why a configured source cannot be read here and now, as far as that is known without reading it; safe for a terminal.
pub fn source_problem(source: &Configured, nix: Option<&Installation>) -> Option<String> {
    let Ok(spec) = &source.spec else { return source.problem() };
    let problem = || format!("{} is evaluated by Nix' program nix-instantiate, which is not here", spec.location);
    (is_evaluated(&spec.location) && !can_evaluate(nix)).then(problem)
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
    let nix = nix.map(Arc::new);
    let mut chosen = Chosen::default();
    for (at, spec) in given.iter().enumerate() {
        if given[..at].iter().any(|other| other.name == spec.name) || is_taken(&spec.name) {
            return Err(LoomError::SourceName { name: spec.name.clone() });
        }
        if is_evaluated(&spec.location) && !can_evaluate(nix.as_deref()) {
            return Err(LoomError::NoNixForSource { name: spec.name.clone() });
        }
        chosen.take(spec, nix.as_ref());
    }
    for source in configured.iter().filter(|source| source.enabled && !is_given(&source.name)) {
        let taken = || is_taken(&source.name).then(|| "another source is called so; give it another name".to_owned());
        match (source_problem(source, nix.as_deref()).or_else(taken), &source.spec) {
            (None, Ok(spec)) => chosen.take(spec, nix.as_ref()),
            (problem, _) => {
                let (name, problem) = (safe::text(&source.name), problem.unwrap_or_default());
                chosen.problems.push(format!("the source {name} is left out: {problem}"));
            }
        }
    }
    Ok(chosen)
}

fn is_evaluated(location: &Location) -> bool {
    match location {
        Location::File(_) | Location::SearchPath(_) | Location::Flake(_) => true,
        Location::Listing(_) | Location::Folder(_) => false,
    }
}

fn can_evaluate(nix: Option<&Installation>) -> bool {
    nix.is_some_and(|nix| nix.program("nix-instantiate").is_some())
}

impl Chosen {
    fn take(&mut self, spec: &Spec, nix: Option<&Arc<Installation>>) {
        match nix.filter(|_| is_evaluated(&spec.location)) {
            Some(nix) => self.evaluated.push(NixSource::new(spec.clone(), nix.clone())),
            None => self.others.push(spec.clone()),
        }
    }
}
