//! Sources in memory that the screen can change: what each offers is known from the start, and is read only when it is asked for.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use nix_loom::catalogue::{Catalogue, Part};
use nix_loom::config::ConfigError;
use nix_loom::loom::{FoundRow, LoomError, PinMove, SourceChange, SourceRow, SourcesView};
use nix_loom::package::{EvaluationError, Package};
use nix_loom::profile::ProfileError;
use nix_loom::progress::{Progress, Step};
use nix_loom::source::Pin;

/// The sources, and what each location offers.
#[derive(Default)]
pub struct Shelves {
    pub view: SourcesView,
    /// Location → packages; any other cannot be read.
    offers: HashMap<String, Vec<Package>>,
    /// As a config file that nobody may write.
    is_read_only: bool,
    /// By the name of the source.
    newest: HashMap<String, Result<String, String>>,
}

impl Shelves {
    /// A configured source that is not read yet.
    pub fn source(mut self, name: &str, location: &str) -> Self {
        self.view.configured.push(Self::row(name, location));
        self
    }

    /// A source of the command line.
    pub fn given(mut self, name: &str, location: &str) -> Self {
        self.view.configured.push(SourceRow { is_from_command_line: true, ..Self::row(name, location) });
        self
    }

    pub fn found(mut self, found: FoundRow) -> Self {
        self.view.found.push(found);
        self
    }

    pub fn offer(mut self, location: &str, packages: Vec<Package>) -> Self {
        self.offers.insert(location.to_owned(), packages);
        self
    }

    pub fn read_only(self) -> Self {
        Self { is_read_only: true, ..self }
    }

    fn row(name: &str, location: &str) -> SourceRow {
        SourceRow { name: name.into(), location: location.into(), is_on: true, ..SourceRow::default() }
    }

    /// What a source has now: a revision, or why it has none.
    pub fn newest(mut self, name: &str, found: Result<&str, &str>) -> Self {
        self.newest.insert(name.to_owned(), found.map(str::to_owned).map_err(str::to_owned));
        self
    }

    /// A configured source that is pinned there.
    pub fn pinned(mut self, name: &str, pin: &str) -> Self {
        self.set_pin(name, Some(pin.parse().unwrap())).unwrap();
        self
    }

    fn set_pin(&mut self, name: &str, pin: Option<Pin>) -> Result<(), LoomError> {
        let at = self.position(name)?;
        let row = &mut self.view.configured[at];
        (row.pin, row.packages, row.problem) = (pin, None, None);
        Ok(())
    }

    pub fn find_pin(&self, name: &str, progress: &dyn Progress) -> Result<PinMove, LoomError> {
        progress.step(Step { what: format!("looking for the revision of {name}"), done: 0, total: 0 });
        let row = &self.view.configured[self.position(name)?];
        let missing = Err("it keeps no revisions".to_owned());
        let failed = |message| EvaluationError { attribute: String::new(), source_name: name.to_owned(), message };
        let found = self.newest.get(name).cloned().unwrap_or(missing).map_err(failed);
        let to = found.map_err(ProfileError::from)?.parse()?;
        Ok(PinMove {
            source: name.to_owned(),
            follows: row.location.clone(),
            from: row.pin.clone(),
            to,
            notes: row.listing.iter().map(|_| "Its listing is not of the pin.".to_owned()).collect(),
        })
    }

    /// Where what a row offers is kept: under its pin, if it has one.
    fn shelf(&self, row: &SourceRow) -> Option<&Vec<Package>> {
        let pinned = row.pin.as_ref().and_then(|pin| self.offers.get(&pin.to_string()));
        pinned.or_else(|| self.offers.get(&row.location))
    }

    fn is_unread(row: &SourceRow) -> bool {
        row.is_on && row.packages.is_none() && row.problem.is_none()
    }

    pub fn has_unread(&self) -> bool {
        self.view.configured.iter().any(Self::is_unread)
    }

    pub fn catalogue(&self) -> Catalogue {
        let read = self.view.configured.iter().filter(|row| row.is_on && row.packages.is_some());
        let part = |row: &SourceRow| {
            let packages = self.shelf(row).into_iter().flatten();
            let packages = packages.map(|package| Package { source: row.name.as_str().into(), ..package.clone() });
            Part::of_packages(row.name.as_str().into(), packages.collect())
        };
        Catalogue::new(read.map(part).collect())
    }

    pub fn read(&mut self, progress: &dyn Progress) -> Vec<EvaluationError> {
        let mut errors = Vec::new();
        for row in self.view.configured.iter_mut().filter(|row| Self::is_unread(row)) {
            progress.step(Step { what: format!("listing {}", row.name), done: 45_000, total: 0 });
            let pinned = row.pin.as_ref().and_then(|pin| self.offers.get(&pin.to_string()));
            row.packages = pinned.or_else(|| self.offers.get(&row.location)).map(Vec::len);
            row.problem = row.packages.is_none().then(|| "syntax error, unexpected end of file".to_owned());
            errors.extend(row.problem.clone().map(|message| EvaluationError {
                attribute: String::new(),
                source_name: row.name.clone(),
                message,
            }));
        }
        errors
    }

    /// Another change before this one may have removed it.
    fn position(&self, name: &str) -> Result<usize, LoomError> {
        let rows = &self.view.configured;
        rows.iter().position(|row| row.name == name).ok_or_else(|| {
            let names = rows.iter().map(|row| row.name.clone()).collect();
            ConfigError::NoSource { path: "config.toml".into(), name: name.to_owned(), names }.into()
        })
    }

    pub fn change(&mut self, change: &SourceChange) -> Result<(), LoomError> {
        if self.is_read_only {
            return Err(LoomError::SourcesAreFixed);
        }
        match change {
            SourceChange::Add { text, way } => {
                let spec: nix_loom::source::Spec = text.parse()?;
                if self.view.configured.iter().any(|row| row.name == spec.name) {
                    return Err(LoomError::SourceName { name: spec.name });
                }
                let location = text.split_once('=').expect("it parses").1;
                let found = self.view.found.iter().position(|found| found.location == location);
                let ways = found.map_or(Vec::new(), |at| self.view.found.remove(at).ways);
                let listing = way.and_then(|way| ways.get(way)).map(|way| way.text.clone());
                self.view.configured.push(SourceRow { listing, ..Self::row(&spec.name, location) });
            }
            SourceChange::Enable(name, is_on) => {
                let at = self.position(name)?;
                self.view.configured[at].is_on = *is_on;
            }
            SourceChange::Move(name, to) => {
                let row = self.view.configured.remove(self.position(name)?);
                let first = self.view.configured.iter().take_while(|row| row.is_from_command_line).count();
                self.view.configured.insert(first + to, row);
            }
            SourceChange::Remove(name) => {
                self.view.configured.remove(self.position(name)?);
            }
            SourceChange::Pin(name, pin) => self.set_pin(name, Some(pin.clone()))?,
            SourceChange::Unpin(name) => self.set_pin(name, None)?,
            SourceChange::Reread(name) => {
                let at = self.position(name)?;
                (self.view.configured[at].packages, self.view.configured[at].problem) = (None, None);
            }
        }
        Ok(())
    }
}
