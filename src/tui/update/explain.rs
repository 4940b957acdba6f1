//! What is staged in the words of Nix: asked for, shown, copied.

use super::super::app::{App, Screen};
use super::super::effect::Effect;
use crate::loom::{ExplainedLine, LoomError};

impl App {
    pub(super) fn show_explanation(&mut self) {
        self.explanation.lines = None;
        self.requests.explain += 1;
        let transaction = self.staged.transaction().clone();
        self.outbox.push(Effect::Explain { request: self.requests.explain, transaction });
        self.open(Screen::Explanation);
    }

    pub(super) fn explained(&mut self, request: u64, lines: Result<Vec<ExplainedLine>, LoomError>) {
        if request == self.requests.explain {
            self.explanation.lines = Some(lines.map_err(|error| error.to_string()));
        }
    }

    /// Hands all commands to the terminal, which may have a clipboard.
    pub(super) fn copy_explanation(&mut self) {
        let Some(text) = self.explanation.text() else { return };
        self.outbox.push(Effect::Copy(text));
        self.say("Handed to the terminal to be copied; not every terminal does that.");
    }
}
