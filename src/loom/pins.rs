//! Pins of sources: to which revision one would move, and what is known of revisions.

use std::sync::Arc;

use super::{Loom, LoomError};
use crate::config::{Config, Configured};
use crate::nix::Installation;
use crate::package::EvaluationError;
use crate::profile::{Element, ProfileError, manifest};
use crate::progress::Progress;
use crate::safe;
use crate::source::{Pin, find_pin};

/// What pinning a source, or moving its pin, would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinMove {
    pub source: String,
    /// The location that it follows without a pin, as it is written.
    pub follows: String,
    /// Where it is pinned; `None` if it is not.
    pub from: Option<Pin>,
    pub to: Pin,
    /// What is to be known of it; sentences, safe for a terminal.
    pub notes: Vec<String>,
}

impl PinMove {
    /// Whether it would leave the source at what it is pinned to.
    pub fn is_no_move(&self) -> bool {
        self.from.as_ref().is_some_and(|from| from.is_same(&self.to))
    }
}

/// To what a source of the config file would be pinned: what its location has now, or the revision that is asked for.
/// Nix fetches it.
pub fn find_move(
    source: &Configured,
    wanted: Option<&str>,
    nix: &Arc<Installation>,
    progress: &dyn Progress,
) -> Result<PinMove, EvaluationError> {
    let failed =
        |message: String| EvaluationError { attribute: String::new(), source_name: source.name.clone(), message };
    let spec = source.spec.as_ref().map_err(|_| failed(source.problem().unwrap_or_default()))?;
    let to = find_pin(spec, wanted, nix, progress)?;
    // A cancelled look must not be taken for an answer.
    if progress.is_cancelled() {
        return Err(failed("stopped".to_owned()));
    }
    let mut notes = Vec::new();
    if to.revision().is_none() {
        notes.push(format!(
            "The address {} names no revision: once it has something else, the pin can only be had where it is still in the \
             store.",
            safe::text(&to.tarball().map_or_else(|| to.reference().to_owned(), |(url, _)| url))
        ));
    }
    notes.extend(listing_note(source.listing.is_some()).map(str::to_owned));
    Ok(PinMove { source: source.name.clone(), follows: source.location.clone(), from: source.pin.clone(), to, notes })
}

/// What a listing beside a pin means.
pub(super) fn listing_note(has_listing: bool) -> Option<&'static str> {
    has_listing.then_some(
        "Its listing is not of the pin: rows may show newer versions than the pin has. What is looked at or installed is that \
         of the pin.",
    )
}

/// The revision from which an element was installed, if that is known.
pub fn revision_of(element: &Element) -> Option<Pin> {
    manifest::locked_address(element)?.parse().ok()
}

impl Loom {
    /// To what a source of the config file would be pinned; see [`find_move`]. Nothing is changed.
    pub fn find_pin(&self, name: &str, wanted: Option<&str>, progress: &dyn Progress) -> Result<PinMove, LoomError> {
        let path = self.choosing.config.as_deref().ok_or(LoomError::SourcesAreFixed)?;
        let nix = self.choosing.nix.as_ref().ok_or_else(|| LoomError::NoNixForPin { name: name.to_owned() })?;
        let found = find_move(Config::load(path)?.source(name)?, wanted, nix, progress);
        found.map_err(|error| ProfileError::from(error).into())
    }

    /// The pin of a source that is read: its revision, hash and address for Nix. `None` if it follows its location.
    pub fn pin_of(&self, source: &str) -> Option<Pin> {
        self.sources_now().listed().find(|listed| **listed.name() == *source)?.spec().pin.clone()
    }
}
