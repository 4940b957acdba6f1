//! Sources in the config file, and their pins.

use serde::Serialize;

use crate::cli::text::rfc3339;
use crate::config::Configured;
use crate::loom::PinMove;
use crate::source::Pin;

/// A source in the config file.
#[derive(Serialize)]
pub(in crate::cli) struct SourceDocument<'a> {
    name: &'a str,
    location: &'a str,
    listing: Option<&'a str>,
    pin: Option<PinDocument>,
    enabled: bool,
    error: Option<String>,
}

impl<'a> SourceDocument<'a> {
    /// `error` says why it cannot be read.
    pub fn new(source: &'a Configured, error: Option<String>) -> Self {
        Self {
            name: &source.name,
            location: &source.location,
            listing: source.listing.as_deref(),
            pin: source.pin.as_ref().map(PinDocument::new),
            enabled: source.enabled,
            error,
        }
    }
}

/// A revision of a source.
#[derive(Serialize)]
pub(in crate::cli) struct PinDocument {
    /// As the config file has it.
    address: String,
    /// The commit; null if only the content is known.
    revision: Option<String>,
    /// SRI.
    hash: Option<String>,
    date: Option<String>,
}

impl PinDocument {
    pub fn new(pin: &Pin) -> Self {
        let time = |seconds: i64| std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds.unsigned_abs());
        Self {
            address: pin.to_string(),
            revision: pin.revision().map(str::to_owned),
            hash: pin.hash().map(str::to_owned),
            date: pin.modified().map(|modified| rfc3339(time(modified))),
        }
    }
}

/// What became of a pin, or would.
#[derive(Serialize)]
pub(in crate::cli) struct PinMoveDocument<'a> {
    name: &'a str,
    follows: &'a str,
    from: Option<PinDocument>,
    /// Null if it could not be found.
    to: Option<PinDocument>,
    /// Whether the config file was changed.
    moved: bool,
    notes: &'a [String],
    error: Option<String>,
}

impl<'a> PinMoveDocument<'a> {
    pub fn new(found: &'a PinMove, moved: bool) -> Self {
        Self {
            name: &found.source,
            follows: &found.follows,
            from: found.from.as_ref().map(PinDocument::new),
            to: Some(PinDocument::new(&found.to)),
            moved,
            notes: &found.notes,
            error: None,
        }
    }

    pub fn failed(source: &'a Configured, error: String) -> Self {
        Self {
            name: &source.name,
            follows: &source.location,
            from: source.pin.as_ref().map(PinDocument::new),
            to: None,
            moved: false,
            notes: &[],
            error: Some(error),
        }
    }
}
