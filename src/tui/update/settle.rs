//! From staged changes to a new generation: what would settle their collisions, and the apply itself, which is refused
//! before anything changes while a collision blocks.

use crate::loom::changes_of;

use super::super::app::{App, Screen};
use super::super::effect::Effect;
use super::super::outline::{Outline, Row, Section};
use super::super::words;

impl App {
    pub(super) fn stage_suggestion(&mut self) {
        let at = match self.lists.plan.selected().and_then(|row| Outline::of(self).row(row)) {
            _ if self.screen() == Some(Screen::Collisions) => return self.stage_numbered(1),
            Some(Row::Item(Section::Settle, at)) if self.screen() == Some(Screen::Plan) => at,
            _ => 0,
        };
        self.stage_suggested(at);
    }

    /// Stages the suggestion that the inspector shows with this number, from 1, for its selected row.
    pub(super) fn stage_numbered(&mut self, number: usize) {
        let Some((report, row)) = self.outlook.current().zip(self.inspected()) else { return };
        let found = self.inspector.suggestions(report, row);
        match number.checked_sub(1).and_then(|at| found.get(at)) {
            Some(&(at, _)) => self.inspector.is_settling = self.stage_suggested(at),
            None => self.say("There is no change of that number."),
        }
    }

    /// Stages one of the plan's suggestions; `false` if there is no such one, or nothing in it to stage.
    fn stage_suggested(&mut self, at: usize) -> bool {
        let Some(report) = self.outlook.current() else { return false };
        let Some(suggestion) = report.preview.suggestions.get(at) else { return false };
        let sentence = format!("Staged: {}.", words::suggestion(suggestion));
        // A suggestion names an element as it would be after the staged changes.
        let changes = changes_of(suggestion, &report.preview.elements);
        if changes.is_empty() {
            return false;
        }
        let elements = self.elements().to_vec();
        // One edit: they settle it together, and are undone together.
        self.edit_staged(|transaction| changes.into_iter().for_each(|change| transaction.stage(change, &elements)));
        self.say(sentence);
        true
    }

    pub(super) fn apply(&mut self) {
        self.outbox.push(Effect::Apply { transaction: self.staged.transaction().clone() });
    }
}
