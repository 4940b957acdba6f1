//! From staged changes to a new generation: what would settle their collisions, and the apply itself, which is refused
//! before anything changes while a collision blocks.

use crate::loom::changes_of;

use super::super::app::{App, Screen};
use super::super::effect::Effect;
use super::super::outline::{Outline, Row, Section};
use super::super::{text, words};

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
        if self.is_hindered_by_job() {
            return;
        }
        let Some((report, row)) = self.outlook.current().zip(self.inspected()) else {
            self.say("Still working out what the staged changes would do.");
            return;
        };
        let found = self.inspector.suggestions(report, row);
        let sentence = match (number.checked_sub(1).and_then(|at| found.get(at)), found.len()) {
            (Some(&(at, _)), _) => {
                self.inspector.is_settling = self.stage_suggested(at);
                return;
            }
            (None, 0) if self.inspector.blocking(report, row) == 0 => {
                "Nothing blocks here, so nothing has to be settled."
            }
            (None, 0) => "No few changes were found that would settle it.",
            (None, _) => "There is no change of that number.",
        };
        self.say(sentence);
    }

    /// Stages one of the plan's suggestions; `false` if that cannot be, which is said.
    fn stage_suggested(&mut self, at: usize) -> bool {
        let Some(report) = self.outlook.current() else {
            self.say("Still working out what the staged changes would do.");
            return false;
        };
        let Some(suggestion) = report.preview.suggestions.get(at) else {
            let text = if report.builds() {
                "Nothing has to be settled: no collision blocks."
            } else {
                "No way to settle it was found; c lists the collisions."
            };
            self.say(text);
            return false;
        };
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
        if self.is_hindered_by_job() {
            return;
        }
        if self.staged.is_empty() {
            self.say("Nothing is staged.");
        } else if let Some(error) = self.outlook.error.clone() {
            self.complain(format!("Refused: {error}"));
        } else if let Some(report) = self.outlook.current() {
            match report.blocking().len() {
                0 => {
                    self.outbox.push(Effect::Apply { transaction: self.staged.transaction().clone() });
                }
                blocking => self.refuse(blocking),
            }
        } else {
            self.say("Still working out what the staged changes would do; press Enter again in a moment.");
        }
    }

    /// Says that collisions block, and which change would settle them.
    pub(super) fn refuse(&mut self, blocking: usize) {
        let block = if blocking == 1 { "blocks" } else { "block" };
        let refused = format!("Refused: {} {block}; nothing was changed.", text::plural(blocking, "collision"));
        let suggestion = self.outlook.current().and_then(|report| report.preview.suggestions.first());
        let way_out = match suggestion {
            Some(suggestion) => format!("s stages: {}.", words::suggestion(suggestion)),
            None => "c lists the collisions.".into(),
        };
        self.complain(format!("{refused} {way_out}"));
    }
}
