//! The sources as the user looks at them and changes them: plain data for whoever shows it.

use std::sync::Arc;

use super::listed::Listed;
use super::{Loom, LoomError};

/// All sources, and what else of this machine could be one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcesView {
    /// In the order in which they are searched: those of the command line, then those of the config file.
    pub configured: Vec<SourceRow>,
    /// What is none yet.
    pub found: Vec<FoundRow>,
}

/// A source, on or off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceRow {
    pub name: String,
    /// As the user would write it.
    pub location: String,
    /// Where its packages are listed, if not by evaluating it.
    pub listing: Option<String>,
    pub is_on: bool,
    /// Given for this run only: it can be read again, but neither moved nor switched off nor removed.
    pub is_from_command_line: bool,
    /// How many it offers; `None` if it is not read yet.
    pub packages: Option<usize>,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// Something on this machine that could be a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundRow {
    /// The name that it would get.
    pub name: String,
    pub location: String,
    /// Where it was found.
    pub why: String,
    /// How its packages can be listed, the cheapest first.
    pub ways: Vec<WayRow>,
}

/// A way to list the packages of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WayRow {
    pub text: String,
    /// What it takes, in words.
    pub cost: String,
}

/// A change of the sources; they are called by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceChange {
    Add {
        /// `NAME=LOCATION`.
        text: String,
        /// The way to list it, of those that were found for this text; `None` for the usual one.
        way: Option<usize>,
    },
    /// Switches a source on or off.
    Enable(String, bool),
    /// To a position among the sources that are not of the command line.
    Move(String, usize),
    Remove(String),
    /// Drops what is known of it, so that it is read again.
    Reread(String),
}

impl Loom {
    /// The sources, and what could be one. Reads files, but evaluates and fetches nothing.
    pub fn sources(&self) -> SourcesView {
        let catalogue = self.catalogue();
        let row = |name: &Arc<str>| {
            let part = catalogue.parts().iter().find(|part| part.source() == name);
            let listed = self.sources.listed().find(|listed| listed.name() == name);
            let spec = listed.map(Listed::spec);
            SourceRow {
                name: name.to_string(),
                location: spec.map_or_else(String::new, |spec| spec.location.to_string()),
                listing: spec.and_then(|spec| Some(spec.listing.as_ref()?.to_string())),
                is_on: true,
                is_from_command_line: true,
                packages: part.map(|part| part.index().len()),
                problem: listed.and_then(Listed::problem),
            }
        };
        SourcesView { configured: self.sources.names().map(row).collect(), found: Vec::new() }
    }

    /// Changes the sources, for later runs too. What is on offer follows at once as far as it is known; what is not read
    /// yet is read by [`Loom::load_sources`].
    pub fn change_source(&self, change: &SourceChange) -> Result<(), LoomError> {
        match change {
            SourceChange::Reread(name) => {
                self.sources.listed().filter(|listed| **listed.name() == **name).for_each(Listed::forget);
                Ok(())
            }
            _ => Err(LoomError::SourcesAreFixed),
        }
    }
}
