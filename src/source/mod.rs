//! Sources that Nix evaluates: the attributes of a Nix file or a flake.
//!
//! Each question is a child process of Nix, which answers in JSON; its messages are shown and never read for what they
//! mean. nixpkgs has more than 100,000 attributes, so what is evaluated is the names of the top level and then exactly
//! the attributes that are looked at, each once while the program runs. All of them are evaluated only where a whole
//! source is listed, and then no further than a row of the list needs.
//!
//! | module | what it is |
//! |---|---|
//! | `spec` | where a source lies, as the user writes it |
//! | `attribute` | attribute paths and their spelling |
//! | `evaluator` | the questions, and the answers to them |
//! | `evaluate.nix` | what Nix evaluates for a question |
//! | `list` | all packages of a source, and what of it fails |
//! | `flake` | a flake, locked where it can be |
//! | `pin` | the revision at which a source is held, as it is written |
//! | `find_pin` | which revision a source is at now |
//! | `fingerprint` | what else a listing depends on |
//! | `record` | an answer made into a package on offer |
//! | `file` | a file as a whole: an environment, a package, a list or a set of them |
//! | `build_env`, `derivation` | what an environment takes, as its derivation tells it |
//! | `discover` | the sources that a user has already |
//! | `channel`, `registry`, `search_path` | what Nix' files say of them |
//! | [`listing`] | files that tell the packages of a source without an evaluation |
//! | `child`, `reason` | the child process, and why it failed |
//!
//! A file is called with `{ }` if it is a function. If it is one package, it offers that as `default`, as flakes do.
//! Of a flake, `packages.SYSTEM` and `legacyPackages.SYSTEM` are on offer, and any path that begins with those words. It
//! is evaluated in pure mode at the revision to which Nix locks it when it is first asked for; a flake that cannot be
//! locked, such as a working tree with changes, is not pure.

pub(crate) mod attribute;
mod build_env;
mod channel;
mod child;
mod derivation;
mod discover;
mod evaluator;
mod file;
mod find_pin;
mod fingerprint;
mod flake;
mod list;
pub mod listing;
mod pin;
mod reason;
mod record;
mod registry;
mod search_path;
mod spec;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::nix::Installation;
use crate::package::{EvaluationError, Package};
use crate::progress::Progress;

pub use build_env::Environment;
pub use discover::{Found, Way, discover};
use evaluator::{Evaluator, Failure};
pub use file::{FileSource, Held};
pub use find_pin::{find_pin, no_pin};
pub use pin::Pin;
pub use spec::{ListingPlace, Location, Spec, SpecError, check_name};

/// Ends all that Nix still evaluates, at the end of the program.
pub fn end_evaluations() {
    child::end_all();
}

/// The words with which a path in a flake begins, if it is not one below the user's system.
const FLAKE_ROOTS: [&str; 2] = ["packages", "legacyPackages"];

/// A source that Nix evaluates. All methods may be called from any thread; those that start Nix wait for it.
pub struct NixSource {
    name: Arc<str>,
    /// The flake as it was given; `None` for a Nix file.
    flake: Option<String>,
    pin: Option<Pin>,
    evaluator: Evaluator,
    names: OnceLock<Names>,
    /// What was evaluated already, by the attribute's spelling; what failed is tried again.
    known: Mutex<HashMap<String, Package>>,
}

/// The names of the top level.
struct Names {
    in_order: Vec<String>,
    all: HashSet<String>,
}

impl NixSource {
    /// Starts nothing.
    pub fn new(spec: Spec, nix: Arc<Installation>) -> Self {
        Self {
            name: spec.name.into(),
            flake: match &spec.location {
                Location::Flake(reference) => Some(reference.clone()),
                Location::File(_) | Location::SearchPath(_) | Location::Listing(_) | Location::Folder(_) => None,
            },
            pin: spec.pin.clone(),
            evaluator: Evaluator::new(spec.location, spec.pin, nix),
            names: OnceLock::new(),
            known: Mutex::default(),
        }
    }

    /// One of a file that somebody writes at this moment: a failure is traced to its place in that.
    fn traced(self) -> Self {
        Self { evaluator: self.evaluator.traced(), ..self }
    }

    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The attributes of the top level, as they are spelled in paths, without a look at their values. Once they are known,
    /// they stay.
    pub fn attributes(&self, progress: &dyn Progress) -> Result<Vec<String>, EvaluationError> {
        if self.names.get().is_none() {
            let what = format!("loading {}", self.name);
            let names = self.evaluator.names(&what, progress).map_err(|failure| self.error("", failure))?;
            let all = names.iter().cloned().collect();
            let _ = self.names.set(Names { in_order: names, all });
        }
        Ok(self.loaded().unwrap_or_default())
    }

    /// Whether the attributes of the top level are known already.
    pub fn is_loaded(&self) -> bool {
        self.names.get().is_some()
    }

    /// The attributes of the top level, if they are known already.
    pub fn loaded(&self) -> Option<Vec<String>> {
        let names = self.names.get()?;
        Some(names.in_order.iter().map(|name| attribute::spelled(std::slice::from_ref(name))).collect())
    }

    /// What this source calls the attribute that has this path in the flake with this address, as `nix profile` records
    /// both; `None` if it is another flake, or the same at another revision than the one at which this source is held.
    pub fn attribute_at(&self, original_url: &str, path: &str) -> Option<String> {
        let flake = self.pin.as_ref().map_or(self.flake.as_deref()?, Pin::reference);
        let is_here = ["", "flake:", "path:", "git+file://"];
        is_here.iter().any(|scheme| original_url.strip_prefix(scheme) == Some(flake)).then(|| self.attribute_of(path))
    }

    /// What it would call the attribute that has this path in its flake.
    pub fn attribute_of(&self, path: &str) -> String {
        let below = FLAKE_ROOTS.iter().find_map(|root| path.strip_prefix(root)?.strip_prefix('.'));
        // Then comes the system.
        below.and_then(|below| below.split_once('.')).map_or(path, |(_, rest)| rest).to_owned()
    }

    pub fn is_flake(&self) -> bool {
        self.flake.is_some()
    }

    /// Whether there may be such an attribute, as far as that is known without evaluating.
    pub fn may_have(&self, attribute: &str) -> bool {
        let Some(path) = attribute::parse(attribute) else { return false };
        let is_root = self.flake.is_some() && path.len() > 1 && FLAKE_ROOTS.contains(&path[0].as_str());
        is_root || self.names.get().is_none_or(|names| names.all.contains(&path[0]))
    }

    /// The package of an attribute, evaluated if it is not known; `None` if there is no such attribute. Its derivation is
    /// in Nix' store then, so that it can be built.
    pub fn package(&self, attribute: &str, progress: &dyn Progress) -> Result<Option<Package>, EvaluationError> {
        let Some(path) = attribute::parse(attribute) else { return Ok(None) };
        let spelled = attribute::spelled(&path);
        if let Some(known) = self.remembered(&spelled) {
            return Ok(Some(known));
        }
        if !self.may_have(attribute) {
            return Ok(None);
        }
        let what = format!("evaluating {spelled} of {}", self.name);
        let found = self.evaluator.packages(&[path], &self.name, &what, progress);
        let found = found.and_then(|mut found| found.pop().unwrap_or(Ok(None)));
        let found = found.map_err(|failure| self.error(&spelled, failure))?;
        self.remember(found.clone());
        Ok(found)
    }

    /// Evaluates attributes in one go, so that [`NixSource::package`] knows them afterwards: starting Nix and reading the
    /// source costs more than most packages. If one of them fails, none is known, and each tells for itself.
    pub fn prepare(&self, attributes: &[&str], progress: &dyn Progress) {
        let unknown = attributes.iter().filter(|attribute| self.may_have(attribute));
        let paths = unknown.filter_map(|attribute| attribute::parse(attribute));
        let paths: Vec<_> = paths.filter(|path| self.remembered(&attribute::spelled(path)).is_none()).collect();
        if paths.len() < 2 {
            return;
        }
        let what = format!("evaluating {} packages of {}", paths.len(), self.name);
        let found = self.evaluator.packages(&paths, &self.name, &what, progress);
        found.into_iter().flatten().flatten().for_each(|package| self.remember(package));
    }

    /// The packages among these attributes, evaluated in one go where they are not known. What fails is none; it is found by
    /// halves where it ends the whole evaluation, in at most `runs` runs of Nix.
    pub(crate) fn good_packages(&self, attributes: &[&str], runs: usize, progress: &dyn Progress) -> Vec<Package> {
        let there = attributes.iter().filter(|attribute| self.may_have(attribute));
        let paths: Vec<_> = there.filter_map(|attribute| attribute::parse(attribute)).collect();
        let (mut good, mut unknown) = (Vec::new(), Vec::new());
        for path in paths {
            match self.remembered(&attribute::spelled(&path)) {
                Some(known) => good.push(known),
                None => unknown.push(path),
            }
        }
        let what = format!("evaluating {} packages of {}", unknown.len(), self.name);
        let mut waiting = vec![&unknown[..]];
        for _ in 0..runs {
            let Some(paths) = waiting.pop().filter(|_| !progress.is_cancelled()) else { break };
            match self.evaluator.good_packages(paths, &self.name, &what, progress) {
                Ok(found) => {
                    for package in &found {
                        self.remember(Some(package.clone()));
                    }
                    good.extend(found);
                }
                Err(_) if paths.len() < 2 => {}
                Err(_) => {
                    let (one, other) = paths.split_at(paths.len() / 2);
                    waiting.extend([other, one]);
                }
            }
        }
        good
    }

    /// What each attribute is now, whatever was known of the source before: a file is read and a flake is locked anew. All
    /// are evaluated in one go; where that fails, what fails is found by halves, so that the others are told all the same.
    /// An error of the source as a whole is that of each, and names no attribute.
    pub fn packages_now(
        &self,
        attributes: &[&str],
        progress: &dyn Progress,
    ) -> Vec<Result<Option<Package>, EvaluationError>> {
        self.forget();
        let paths: Vec<_> = attributes.iter().map(|attribute| attribute::parse(attribute)).collect();
        let parsed: Vec<_> = paths.iter().flatten().cloned().collect();
        let what = match &parsed[..] {
            [path] => format!("evaluating {} of {}", attribute::spelled(path), self.name),
            _ => format!("evaluating {} packages of {}", parsed.len(), self.name),
        };
        let mut found = self.by_halves(&parsed, true, &what, progress).into_iter();
        let result = |path: Option<_>| path.and_then(|_| found.next()).unwrap_or(Ok(None));
        let found: Vec<_> = paths.into_iter().map(result).collect();
        found.iter().flatten().for_each(|package| self.remember(package.clone()));
        found
    }

    fn by_halves(
        &self,
        paths: &[Vec<String>],
        is_whole: bool,
        what: &str,
        progress: &dyn Progress,
    ) -> Vec<Result<Option<Package>, EvaluationError>> {
        let error = |path: &[String], failure| self.error(&attribute::spelled(path), failure);
        match self.evaluator.packages(paths, &self.name, what, progress) {
            Ok(found) => {
                let told = found.into_iter().zip(paths);
                told.map(|(result, path)| result.map_err(|failure| error(path, failure))).collect()
            }
            Err(Failure(reason)) if progress.is_cancelled() => {
                paths.iter().map(|path| Err(error(path, Failure(reason.clone())))).collect()
            }
            Err(failure) => {
                // If not even its names can be had, no half of it is better.
                let roots = if is_whole { self.evaluator.roots(what, progress).map(|_| ()) } else { Ok(()) };
                match (roots, paths) {
                    (Err(Failure(reason)), _) => {
                        paths.iter().map(|_| Err(self.error("", Failure(reason.clone())))).collect()
                    }
                    (Ok(()), [path]) => vec![Err(error(path, failure))],
                    (Ok(()), _) => {
                        let (one, other) = paths.split_at(paths.len() / 2);
                        [one, other].into_iter().flat_map(|half| self.by_halves(half, false, what, progress)).collect()
                    }
                }
            }
        }
    }

    /// Drops what was evaluated, and to what a flake was locked.
    pub fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.evaluator.forget();
    }

    /// Gives every package of the source to `each`, with what a search needs of it and no more: its outputs have no paths,
    /// and it has to be evaluated before it can be installed. What does not evaluate is a package, too, with
    /// [`Obstacle::Failed`](crate::package::Obstacle::Failed). Of sets in sets, eight levels are listed.
    ///
    /// This may take minutes. If it ends with an error, what was given until then is good, and not all.
    pub fn list(&self, each: &mut dyn FnMut(Package), progress: &dyn Progress) -> Result<(), EvaluationError> {
        list::list(&self.evaluator, &self.name, each, progress).map_err(|failure| self.error("", failure))
    }

    /// What [`NixSource::list`] would be a listing of: as long as this is the same, so is the listing. `None` if nothing
    /// tells whether it is, as for a file outside of the store, which may import anything.
    ///
    /// Of a locked flake it is the address with its revision; of what is in the store, as channels are, its path and the
    /// state of the settings of nixpkgs. A file in the store that reads others outside of it is taken at its word.
    pub fn fingerprint(&self, progress: &dyn Progress) -> Result<Option<String>, EvaluationError> {
        let what = format!("looking at {}", self.name);
        self.evaluator.fingerprint(&what, progress).map_err(|failure| self.error("", failure))
    }

    fn remember(&self, package: Option<Package>) {
        if let Some(package) = package {
            let attribute = package.attribute.clone();
            self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(attribute, package);
        }
    }

    /// The package of an attribute if it was evaluated already.
    pub fn known(&self, attribute: &str) -> Option<Package> {
        self.remembered(&attribute::spelled(&attribute::parse(attribute)?))
    }

    /// What was found for an attribute, but not a package whose derivation the store has collected since then.
    fn remembered(&self, spelled: &str) -> Option<Package> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(spelled)?.clone();
        known.evaluated.as_ref().is_some_and(|it| it.derivation.exists()).then_some(known)
    }

    fn error(&self, attribute: &str, failure: Failure) -> EvaluationError {
        EvaluationError { attribute: attribute.to_owned(), source_name: self.name.to_string(), message: failure.0 }
    }
}
