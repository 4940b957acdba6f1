//! Words that can be clicked, where they are drawn: hints, the answers to a question, the names of panes and of kinds.
//!
//! Each view tells of its own words from what it draws them by, so that a click never means another word than the one under
//! the pointer.

use ratatui::layout::{Position, Rect};

use super::super::app::{App, Pane, Screen};
use super::super::dialog::Dialog;
use super::super::key::Key;
use super::super::layout;
use super::{dialog, footer, inspector, installed};
use crate::engine::CollisionKind;

/// What a click on a word does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The same as that key.
    Key(Key),
    Pane(Pane),
    /// Shows the collisions of that kind, or all.
    Kind(Option<CollisionKind>),
}

/// A word that can be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub area: Rect,
    pub target: Target,
}

/// Words in a row, from left to right; what does not fit cannot be clicked.
pub struct Words {
    next: Position,
    end: u16,
    pub hits: Vec<Hit>,
}

impl Words {
    pub fn at(start: Position, end: u16) -> Self {
        Self { next: start, end, hits: Vec::new() }
    }

    pub fn key(&mut self, key: Key, columns: usize) {
        self.word(Target::Key(key), columns);
    }

    pub fn word(&mut self, target: Target, columns: usize) {
        let x = self.next.x;
        self.skip(columns);
        if x < self.end {
            let width = self.next.x.min(self.end) - x;
            self.hits.push(Hit { area: Rect { x, y: self.next.y, width, height: 1 }, target });
        }
    }

    pub fn skip(&mut self, columns: usize) {
        self.next.x = self.next.x.saturating_add(u16::try_from(columns).unwrap_or(u16::MAX));
    }
}

/// All words that can be clicked now; a dialog hides those below it.
pub fn hits(app: &App) -> Vec<Hit> {
    let area = app.area();
    if layout::is_too_small(area) {
        return Vec::new();
    }
    let mut hits = footer::hits(app, layout::frame(area).footer);
    if let Some(area) = dialog::area(app) {
        // On a low screen it lies over the last line too.
        hits.retain(|hit| !area.intersects(hit.area));
    }
    match (&app.dialog, app.screen()) {
        (Some(Dialog::Palette(_)), _) => {}
        (Some(_), _) => hits.extend(dialog::hits(app)),
        (None, Some(Screen::Collisions)) => hits.extend(inspector::hits(app)),
        (None, None) => hits.extend(installed::hits(app)),
        (None, Some(_)) => {}
    }
    hits
}
