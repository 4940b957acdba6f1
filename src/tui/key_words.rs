//! Keys in sentences: those that the user has bound, never those of the table.

use super::action::Command;
use super::app::{App, Pane};
use super::bindings::name_of;
use super::context::Context;
use super::text;

impl App {
    /// The first key of a command in a context, for reading; `None` if the user took all of them away.
    pub fn bound_key(&self, context: Context, command: Command) -> Option<String> {
        self.bindings().key(context, command).map(|key| self.settings.look.key_name(key))
    }

    /// What a sentence tells to press for a command: its first key, else the palette's with the name to choose there, as
    /// `:show-plan`.
    pub fn key_for(&self, context: Context, command: Command) -> String {
        if let Some(key) = self.bound_key(context, command) {
            return key;
        }
        let name = name_of(&command);
        match self.bound_key(context, Command::Palette) {
            Some(palette) if text::width(&palette) == 1 => format!("{palette}{name}"),
            Some(palette) => format!("{palette} {name}"),
            None => name,
        }
    }

    /// What stages, or ticks, in the pane with the focus.
    pub fn staging_key(&self) -> String {
        match self.focus {
            Pane::Installed => self.key_for(Context::Installed, Command::ToggleRemoval),
            Pane::Available => self.key_for(Context::Available, Command::ToggleInstall),
            Pane::Outputs => self.key_for(Context::Outputs, Command::ToggleOutput),
        }
    }

    /// What comes after a key that leads to the plan: that it does, and which key applies it there.
    pub fn then_applies(&self, key: &str) -> String {
        let apply = self.key_for(Context::Plan, Command::Apply);
        if apply == key {
            format!("shows the plan in full, a second {apply} applies it")
        } else {
            format!("shows the plan in full, {apply} there applies it")
        }
    }
}
