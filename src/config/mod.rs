//! The config file: which sources there are, in which order, and which of them are on; and how the screen looks and which
//! keys do what, which only the screen understands.
//!
//! It is TOML, for people: every change keeps comments, order and spelling of all that it does not mean, and replaces the
//! file in one step. The file is the truth; what is here is how it was when it was read last.
//!
//! | module | what it is |
//! |---|---|
//! | `entries` | the text → the sources in it, and where they stand |
//! | `settings` | the text → what it says of the screen and its keys |
//! | `edit` | changes of the text |
//! | `file` | the file on disk: locked, compared, replaced |
//!
//! What no program can put right (wrong TOML, an unknown setting, two sources of one name) makes the whole file
//! unreadable, with line and column. A location that means nothing *now*, such as a path that is not there, is the trouble
//! of that source alone: disks are unmounted, and the others go on.

mod edit;
mod entries;
mod error;
mod file;
mod settings;

use std::path::{Path, PathBuf};

use crate::safe;
use crate::source::{ListingPlace, Location, Pin, Spec, SpecError, check_name};

use entries::{Entry, Wrong};
pub use error::ConfigError;
pub use settings::{Section, Setting, Spot, Value};

/// What a new file says, before its first source.
const TEMPLATE: &str = include_str!("../../assets/config.toml");

/// A config file, as it was when it was read or changed last.
#[derive(Clone, Debug)]
pub struct Config {
    path: PathBuf,
    sources: Vec<Configured>,
    screen: settings::Screen,
}

/// A source in the config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configured {
    pub name: String,
    /// As it is written.
    pub location: String,
    /// As it is written.
    pub listing: Option<String>,
    pub pin: Option<Pin>,
    pub enabled: bool,
    /// The line of its `[[source]]`, from 1.
    pub line: usize,
    /// What that means here and now, or why it means nothing.
    pub spec: Result<Spec, SpecError>,
}

impl Configured {
    /// Why it cannot be read; safe for a terminal.
    pub fn problem(&self) -> Option<String> {
        let error = self.spec.as_ref().err()?;
        Some(format!("{}: {}", safe::text(&error.text), safe::text(&error.problem)))
    }
}

impl Config {
    /// Where the file is if the user names none: `$XDG_CONFIG_HOME/nix-loom/config.toml`.
    pub fn default_path() -> Result<PathBuf, ConfigError> {
        let directories = directories::BaseDirs::new().ok_or(ConfigError::NoHome)?;
        Ok(directories.config_dir().join("nix-loom/config.toml"))
    }

    /// Reads the file; a missing one has no sources.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let path = std::path::absolute(path).map_err(ConfigError::io(path, "find it"))?;
        let bytes = file::read(&path)?.unwrap_or_default();
        let text = text(&path, &bytes)?;
        let sources = sources(&path, text)?;
        let screen = settings::parse(text).map_err(|wrong| Place(&path).wrong(text, wrong))?;
        Ok(Self { path, sources, screen })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// In their order, those that are off too.
    pub fn sources(&self) -> &[Configured] {
        &self.sources
    }

    /// What `[screen]` sets, as it is written.
    pub fn screen(&self) -> &[Setting] {
        &self.screen.screen
    }

    /// What each `[keys.…]` sets, as it is written.
    pub fn keys(&self) -> &[Section] {
        &self.screen.keys
    }

    /// Says that what is at a place of the file means nothing.
    pub fn wrong(&self, spot: Spot, problem: String) -> ConfigError {
        ConfigError::Wrong { path: self.path.clone(), line: spot.line, column: spot.column, problem }
    }

    /// Adds a source, which is on, at a position from 0, or after the last.
    pub fn add(&mut self, spec: &Spec, at: Option<usize>) -> Result<(), ConfigError> {
        check_name(&spec.name).map_err(|problem| ConfigError::Name { name: spec.name.clone(), problem })?;
        let location = written_location(&spec.location)?;
        let listing = spec.listing.as_ref().map(written_place).transpose()?;
        let pin = spec.pin.as_ref().map(ToString::to_string);
        let source =
            edit::Written { name: &spec.name, location: &location, listing: listing.as_deref(), pin: pin.as_deref() };
        self.change(|file, text, entries| {
            file.is_free(entries, &spec.name)?;
            let at = at.unwrap_or(entries.len());
            file.has_position(at, entries.len() + 1)?;
            edit::add(text, &source, at).map_err(|wrong| file.wrong(text, wrong))
        })
    }

    /// Takes a source out, and with it the comments that stand directly at it.
    pub fn remove(&mut self, name: &str) -> Result<(), ConfigError> {
        self.change(|file, text, entries| {
            let at = file.position(entries, name)?;
            edit::remove(text, at).map_err(|wrong| file.wrong(text, wrong))
        })
    }

    /// Gives a source another name.
    pub fn rename(&mut self, name: &str, to: &str) -> Result<(), ConfigError> {
        check_name(to).map_err(|problem| ConfigError::Name { name: to.to_owned(), problem })?;
        self.change(|file, text, entries| {
            let at = file.position(entries, name)?;
            if to != name {
                file.is_free(entries, to)?;
            }
            Ok(edit::rename(text, &entries[at], to))
        })
    }

    /// Switches a source on or off.
    pub fn set_enabled(&mut self, name: &str, enabled: bool) -> Result<(), ConfigError> {
        self.change(|file, text, entries| Ok(edit::set_enabled(text, &entries[file.position(entries, name)?], enabled)))
    }

    /// Gives a source the position, from 0, that it has afterwards.
    pub fn move_to(&mut self, name: &str, to: usize) -> Result<(), ConfigError> {
        self.change(|file, text, entries| {
            let from = file.position(entries, name)?;
            file.has_position(to, entries.len())?;
            if from == to {
                return Ok(text.to_owned());
            }
            edit::move_to(text, from, to).map_err(|wrong| file.wrong(text, wrong))
        })
    }

    /// Gives a source another listing, or none.
    pub fn set_listing(&mut self, name: &str, listing: Option<&ListingPlace>) -> Result<(), ConfigError> {
        let listing = listing.map(written_place).transpose()?;
        self.change(|file, text, entries| {
            Ok(edit::set_listing(text, &entries[file.position(entries, name)?], listing.as_deref()))
        })
    }

    /// Holds a source at a revision, or lets it follow its location again.
    pub fn set_pin(&mut self, name: &str, pin: Option<&Pin>) -> Result<(), ConfigError> {
        let pin = pin.map(ToString::to_string);
        self.change(|file, text, entries| {
            Ok(edit::set_pin(text, &entries[file.position(entries, name)?], pin.as_deref()))
        })
    }

    /// The source of a name.
    pub fn source(&self, name: &str) -> Result<&Configured, ConfigError> {
        let names = || self.sources.iter().map(|source| source.name.clone()).collect();
        let found = self.sources.iter().find(|source| source.name == name);
        found.ok_or_else(|| ConfigError::NoSource { path: self.path.clone(), name: name.to_owned(), names: names() })
    }

    /// Changes the file as it is now, whatever it was when it was read.
    fn change(
        &mut self,
        mut edit: impl FnMut(Place, &str, &[Entry]) -> Result<String, ConfigError>,
    ) -> Result<(), ConfigError> {
        let path = &self.path;
        let on_bytes = |bytes: Option<&[u8]>| {
            let text = bytes.map_or(Ok(TEMPLATE), |bytes| text(path, bytes))?;
            let read = |text: &str| entries::parse(text).and_then(|entries| settings::parse(text).map(|_| entries));
            let entries = read(text).map_err(|wrong| Place(path).wrong(text, wrong))?;
            let changed = edit(Place(path), text, &entries)?;
            // A change must never be what makes the file unreadable.
            read(&changed).map_err(|wrong| Place(path).wrong(&changed, wrong))?;
            Ok((changed != text).then(|| changed.into_bytes()))
        };
        file::change(path, on_bytes, |_| {})?;
        *self = Self::load(path)?;
        Ok(())
    }
}

/// The sources in a file with this text.
fn sources(path: &Path, text: &str) -> Result<Vec<Configured>, ConfigError> {
    let entries = entries::parse(text).map_err(|wrong| Place(path).wrong(text, wrong))?;
    // As the user names it: a link into the store of Nix has nothing beside it.
    let folder = path.parent().unwrap_or(Path::new("/"));
    let (mut line, mut counted) = (1, 0);
    let mut line_of = |at: usize| {
        line += text[counted..at].matches('\n').count();
        counted = at;
        line
    };
    let configured = |entry: Entry| {
        // One that is none makes the whole file unreadable.
        let pin: Option<Pin> = entry.pin.and_then(|pin| pin.text.parse().ok());
        let listing = entry.listing.map(|listing| listing.text);
        let spec = Spec::in_file(&entry.name.text, &entry.location.text, listing.as_deref(), folder);
        Configured {
            line: line_of(entry.header.start),
            enabled: entry.enabled.is_none_or(|flag| flag.is_set),
            spec: spec.and_then(|spec| spec.pinned(pin.clone())),
            name: entry.name.text,
            location: entry.location.text,
            listing,
            pin,
        }
    };
    Ok(entries.into_iter().map(configured).collect())
}

fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, ConfigError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (good, _) = bytes.split_at(error.valid_up_to());
        let wrong = Wrong { at: good.len(), problem: "this is not UTF-8, which TOML is".into() };
        Place(path).wrong(&String::from_utf8_lossy(good), wrong)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Line and column, both from 1, of a byte of a text.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The file that errors name.
#[derive(Clone, Copy)]
struct Place<'a>(&'a Path);

impl Place<'_> {
    fn wrong(self, text: &str, wrong: Wrong) -> ConfigError {
        let (line, column) = position(text, wrong.at);
        ConfigError::Wrong { path: self.0.to_owned(), line, column, problem: wrong.problem }
    }

    fn position(self, entries: &[Entry], name: &str) -> Result<usize, ConfigError> {
        entries.iter().position(|entry| entry.name.text == name).ok_or_else(|| ConfigError::NoSource {
            path: self.0.to_owned(),
            name: name.to_owned(),
            names: entries.iter().map(|entry| entry.name.text.clone()).collect(),
        })
    }

    fn is_free(self, entries: &[Entry], name: &str) -> Result<(), ConfigError> {
        if entries.iter().all(|entry| entry.name.text != name) {
            return Ok(());
        }
        Err(ConfigError::SameName { path: self.0.to_owned(), name: name.to_owned() })
    }

    /// A position from 0, of `count`.
    fn has_position(self, position: usize, count: usize) -> Result<(), ConfigError> {
        if position < count {
            return Ok(());
        }
        Err(ConfigError::Position { path: self.0.to_owned(), position: position.saturating_add(1), count })
    }
}

/// A location as the file says it.
fn written_location(location: &Location) -> Result<String, ConfigError> {
    match location {
        Location::File(path) => written_path(path),
        Location::SearchPath(name) => Ok(format!("<{name}>")),
        Location::Flake(reference) => Ok(reference.clone()),
        Location::Listing(place) => written_place(place),
        Location::Folder(path) => Ok(format!("folder:{}", written_path(path)?)),
    }
}

fn written_place(place: &ListingPlace) -> Result<String, ConfigError> {
    match place {
        ListingPlace::File(path) => written_path(path),
        ListingPlace::Url(url) => Ok(url.clone()),
    }
}

fn written_path(path: &Path) -> Result<String, ConfigError> {
    path.to_str().map(str::to_owned).ok_or_else(|| ConfigError::NotText { place: path.to_owned() })
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
