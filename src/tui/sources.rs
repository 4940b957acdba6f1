//! What stands on which row of the sources screen.

use crate::loom::{FoundRow, SourceRow, WayRow};

use super::action::Command;
use super::app::App;
use super::context::Context;
use super::{text, words};

/// A row of the sources screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    Source(&'a SourceRow),
    /// Above what was found.
    Heading,
    /// Something that could be a source; its ways are rows of their own.
    Found {
        found: &'a FoundRow,
        /// Which of its ways, if there is one.
        way: Option<usize>,
    },
}

/// What a row is about, whatever stands on which row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowKey {
    name: String,
    way: Option<usize>,
    is_found: bool,
}

impl<'a> Row<'a> {
    pub fn key(&self) -> Option<RowKey> {
        match *self {
            Self::Source(source) => Some(RowKey { name: source.name.clone(), way: None, is_found: false }),
            Self::Heading => None,
            Self::Found { found, way } => Some(RowKey { name: found.name.clone(), way, is_found: true }),
        }
    }

    pub fn way(&self) -> Option<&'a WayRow> {
        match *self {
            Self::Found { found, way } => found.ways.get(way?),
            Self::Source(_) | Self::Heading => None,
        }
    }
}

/// The sources in their order, and beneath them what was found on this machine.
pub fn rows(app: &App) -> Vec<Row<'_>> {
    let Some(view) = &app.sources else { return Vec::new() };
    let mut rows: Vec<_> = view.configured.iter().map(Row::Source).collect();
    if !view.found.is_empty() {
        rows.push(Row::Heading);
    }
    for found in &view.found {
        match found.ways.len() {
            0 => rows.push(Row::Found { found, way: None }),
            ways => rows.extend((0..ways).map(|way| Row::Found { found, way: Some(way) })),
        }
    }
    rows
}

/// The row on which that is now; what was found may be a source by now.
pub fn row_of(app: &App, key: &RowKey) -> Option<usize> {
    let rows = rows(app);
    let exact = rows.iter().position(|row| row.key().as_ref() == Some(key));
    exact.or_else(|| rows.iter().position(|row| matches!(row, Row::Source(source) if source.name == key.name)))
}

/// The selected row.
pub fn selected(app: &App) -> Option<Row<'_>> {
    rows(app).get(app.lists.sources.selected()?).copied()
}

impl App {
    /// From which place to which the selected source would be moved; `None` if there is none beyond.
    pub(super) fn moved_source(&self, by: isize) -> Option<(usize, usize)> {
        let Row::Source(source) = selected(self)? else { return None };
        let configured = &self.sources.as_ref()?.configured;
        let first = self.first_own_source();
        let from = configured.iter().position(|other| other.name == source.name)?;
        let to = from.saturating_add_signed(by).clamp(first, configured.len() - 1);
        (from != to).then_some((from, to))
    }

    /// The place of the first source of the config file: those of the command line stand before it.
    pub(super) fn first_own_source(&self) -> usize {
        let configured = self.sources.iter().flat_map(|view| &view.configured);
        configured.take_while(|source| source.is_from_command_line).count()
    }
}

/// In a few words: off, how many packages, how far its reading is, or why it cannot be read. Not safe for a terminal yet.
pub fn state(app: &App, source: &SourceRow) -> String {
    // A step of the loading names its source.
    let step = app.loading().filter(|step| step.what.split_whitespace().any(|word| word == source.name));
    match (source, step) {
        (SourceRow { is_on: false, .. }, _) => "off".to_owned(),
        (_, Some(step)) => words::progress(step, usize::MAX),
        (SourceRow { problem: Some(problem), .. }, _) => format!("✗ {}", text::in_a_line(problem)),
        (SourceRow { packages: Some(packages), .. }, _) => text::plural(*packages, "package"),
        _ if app.is_load_stopped => {
            format!("not read; {} reads it", app.key_for(Context::Sources, Command::RereadSource))
        }
        _ => "not read yet".to_owned(),
    }
}
