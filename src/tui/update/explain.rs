//! What is staged in the words of Nix: asked for, shown, copied.

use super::super::app::{App, Screen};
use super::super::effect::Effect;
use super::super::explanation::Explanation;
use super::super::text;
use crate::loom::{ExplainedLine, LoomError};

impl App {
    pub(super) fn show_explanation(&mut self) {
        self.ask_for_explanation();
        self.open(Screen::Explanation);
    }

    pub(super) fn ask_for_explanation(&mut self) {
        self.explanation = Explanation::default();
        self.requests.explain += 1;
        let transaction = self.staged.transaction().clone();
        self.outbox.push(Effect::Explain { request: self.requests.explain, transaction });
    }

    pub(super) fn explained(&mut self, request: u64, lines: Result<Vec<ExplainedLine>, LoomError>) {
        if request != self.requests.explain {
            return;
        }
        self.explanation.lines = Some(lines.map_err(|error| error.to_string()));
        if std::mem::take(&mut self.explanation.is_to_be_copied) {
            match (&self.explanation.lines, self.explanation.text()) {
                (Some(Err(error)), _) => self.complain(format!("Not copied: {}", text::in_a_line(error))),
                (_, Some(text)) => self.hand_over("the commands of Nix for what is staged", text),
                (_, None) => self.say("Nothing was copied: Nix has no command for what is staged."),
            }
        }
    }
}
