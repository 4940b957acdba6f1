//! Sources in the config file.

use serde::Serialize;

use crate::config::Configured;

/// A source in the config file.
#[derive(Serialize)]
pub(in crate::cli) struct SourceDocument<'a> {
    name: &'a str,
    location: &'a str,
    listing: Option<&'a str>,
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
            enabled: source.enabled,
            error,
        }
    }
}
