//! Copying: a text is handed to the terminal, which may have a clipboard.

use super::super::app::App;
use super::super::copy::Copyable;
use super::super::effect::Effect;

impl App {
    pub(super) fn copy(&mut self) {
        match self.copyable(self.context()) {
            Some(Copyable::Text { what, text }) => self.hand_over(&what, text),
            Some(Copyable::Commands) => {
                self.ask_for_explanation();
                self.explanation.is_to_be_copied = true;
            }
            None => {}
        }
    }

    pub(super) fn hand_over(&mut self, what: &str, text: String) {
        self.outbox.push(Effect::Copy(text));
        self.say(format!("Handed to the terminal to be copied: {what}; not every terminal does that."));
    }
}
