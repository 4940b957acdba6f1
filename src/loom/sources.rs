//! The sources as the user looks at them and changes them: plain data for whoever shows it.

use std::sync::{Arc, PoisonError};

use super::offered::Sources;
use super::{Loom, LoomError};
use crate::config::Config;
use crate::source::{Found, Location, Pin, Spec, discover, no_pin};

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
    /// The revision at which it is held; without one it follows its location.
    pub pin: Option<Pin>,
    /// Why it can have none, as far as that is known without asking Nix.
    pub cannot_pin: Option<String>,
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
    /// Holds a source at a revision, as [`Loom::find_pin`] found it.
    Pin(String, Pin),
    /// Lets it follow its location again.
    Unpin(String),
    /// Drops what is known of it, so that it is read again.
    Reread(String),
}

impl Loom {
    /// The sources, and what could be one. Reads files, but evaluates and fetches nothing.
    pub fn sources(&self) -> SourcesView {
        let now = self.sources_now();
        let read = |spec: &Spec| now.listed().find(|listed| listed.spec() == spec);
        let row = |name: &str, spec: Result<&Spec, String>, is_on: bool| {
            let listed = spec.as_ref().ok().and_then(|spec| read(spec));
            SourceRow {
                name: name.to_owned(),
                location: spec.as_ref().map_or_else(String::clone, |spec| spec.location.to_string()),
                listing: spec.as_ref().ok().and_then(|spec| spec.listing.as_ref()).map(ToString::to_string),
                pin: spec.as_ref().ok().and_then(|spec| spec.pin.clone()),
                cannot_pin: match &spec {
                    Ok(spec) => no_pin(&spec.location).map(str::to_owned),
                    Err(_) => Some("its location means nothing now".to_owned()),
                },
                is_on,
                is_from_command_line: false,
                packages: number_of(&now, name).filter(|_| is_on),
                problem: listed.and_then(|listed| listed.problem()),
            }
        };
        let given = self
            .choosing
            .given
            .iter()
            .map(|spec| SourceRow { is_from_command_line: true, ..row(&spec.name, Ok(spec), true) });
        let (configured, problem) = match self.choosing.configured() {
            Ok(configured) => (configured, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let of_config = configured.iter().map(|source| {
            let row = row(&source.name, source.spec.as_ref().map_err(|_| source.location.clone()), source.enabled);
            let problem = if source.enabled { self.choosing.problem(source) } else { None };
            SourceRow { problem: problem.or(row.problem.clone()), pin: source.pin.clone(), ..row }
        });
        // A config file that cannot be read is told in the place of what it would configure.
        let unread = problem.map(|problem| SourceRow {
            name: "config.toml".to_owned(),
            is_on: true,
            is_from_command_line: true,
            problem: Some(problem),
            ..SourceRow::default()
        });
        let configured = given.chain(of_config).chain(unread).collect();
        SourcesView { configured, found: self.found().iter().map(found_row).collect() }
    }

    /// What of this machine could be a source and is none.
    fn found(&self) -> Vec<Found> {
        let Some(nix) = &self.choosing.nix else { return Vec::new() };
        let mut found = discover(nix, &|name| std::env::var_os(name));
        let configured = self.choosing.configured().unwrap_or_default();
        let specs = configured.iter().filter_map(|source| source.spec.as_ref().ok()).chain(&self.choosing.given);
        let locations: Vec<&Location> = specs.map(|spec| &spec.location).collect();
        found.retain(|found| !locations.contains(&&found.spec.location));
        let given = self.choosing.given.iter().map(|spec| &spec.name);
        let mut taken: Vec<String> = configured.iter().map(|source| &source.name).chain(given).cloned().collect();
        for Found { spec, .. } in &mut found {
            let numbered = (2..).map(|number| format!("{}-{number}", spec.name));
            let mut names = std::iter::once(spec.name.clone()).chain(numbered);
            spec.name = names.find(|name| !taken.contains(name)).unwrap_or_default();
            taken.push(spec.name.clone());
        }
        found
    }

    /// Changes the sources, for later runs too. What is on offer follows at once as far as it is known; what is not read
    /// yet is read by [`Loom::load_sources`]. A folder of packages is on offer from the next start on.
    pub fn change_source(&self, change: &SourceChange) -> Result<(), LoomError> {
        if let SourceChange::Reread(name) = change {
            self.sources_now().listed().filter(|listed| **listed.name() == **name).for_each(|listed| listed.forget());
            return Ok(());
        }
        let path = self.choosing.config.as_deref().ok_or(LoomError::SourcesAreFixed)?;
        let mut config = Config::load(path)?;
        match change {
            SourceChange::Add { text, way } => config.add(&self.spec_of(text, *way)?, None)?,
            SourceChange::Enable(name, is_on) => config.set_enabled(name, *is_on)?,
            SourceChange::Move(name, to) => config.move_to(name, *to)?,
            SourceChange::Remove(name) => config.remove(name)?,
            SourceChange::Pin(name, pin) => config.set_pin(name, Some(pin))?,
            SourceChange::Unpin(name) => config.set_pin(name, None)?,
            SourceChange::Reread(_) => {}
        }
        let known: Vec<_> = self.sources_now().listed().cloned().collect();
        let sources = Sources::chosen(self.choosing.choose(&known)?, &self.plain, Vec::new());
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(sources);
        Ok(())
    }

    /// The source that a text means; with a way, that which was found and is written so.
    fn spec_of(&self, text: &str, way: Option<usize>) -> Result<Spec, LoomError> {
        let written = |found: &Found| format!("{}={}", found.spec.name, found.spec.location);
        let found = self.found().into_iter().find(|found| way.is_some() && written(found) == text);
        match found.and_then(|found| Some((found.spec, found.ways.get(way?)?.listing.clone()))) {
            Some((spec, listing)) => Ok(Spec { listing, ..spec }),
            None => Ok(text.parse::<Spec>()?),
        }
    }
}

/// How many packages the source offers, if that is known.
fn number_of(sources: &Sources, name: &str) -> Option<usize> {
    sources.catalogue().parts().iter().find(|part| **part.source() == *name).map(|part| part.index().len())
}

fn found_row(found: &Found) -> FoundRow {
    let ways = found.ways.iter().map(|way| WayRow {
        text: way.listing.as_ref().map_or_else(|| "Nix".to_owned(), ToString::to_string),
        cost: way.cost.clone(),
    });
    FoundRow {
        name: found.spec.name.clone(),
        location: found.spec.location.to_string(),
        why: match found.spec.location {
            Location::SearchPath(_) => "in NIX_PATH",
            Location::Flake(_) => "in the registry of flakes",
            _ => "a channel of Nix",
        }
        .to_owned(),
        ways: ways.collect(),
    }
}
