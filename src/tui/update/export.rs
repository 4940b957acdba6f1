//! Writing the profile as an environment file: the form, and what became of it.

use super::super::action::Command;
use super::super::app::{App, Message};
use super::super::dialog::{Dialog, Question};
use super::super::effect::Effect;
use super::super::export_form::ExportForm;
use super::super::text;
use crate::env_file::WriteError;
use crate::loom::{ExportFile, Exported, LoomError};

impl App {
    /// Asks how the profile is written; `false` if the command is another one.
    pub(super) fn write_environment(&mut self, command: Command) -> bool {
        if command != Command::WriteEnvironment {
            return false;
        }
        let form = self.last_export.clone().unwrap_or_default();
        self.dialog = Some(Dialog::Export(form));
        true
    }

    /// A key of the form that does not type.
    pub(super) fn fill_in_export(&mut self, command: Command) {
        let Some(Dialog::Export(form)) = &mut self.dialog else { return };
        match command {
            Command::Accept => {
                let form = form.clone();
                self.dialog = None;
                self.export(&form, false);
            }
            Command::NextField => form.go(1),
            Command::PreviousField => form.go(-1),
            command => form.edit(command),
        }
    }

    pub(super) fn export(&mut self, form: &ExportForm, is_over: bool) {
        let wanted = form.wanted(self.settings.home.as_deref(), is_over);
        self.last_export = Some(Box::new(form.clone()));
        self.outbox.push(Effect::Export(Box::new(wanted)));
    }

    pub(super) fn exported(&mut self, wanted: &ExportFile, result: Result<Exported, LoomError>, was_stopped: bool) {
        let form = self.last_export.clone();
        match (result, form) {
            (Ok(exported), _) => {
                self.announce(self.written(wanted, &exported));
                self.check_files();
            }
            // Whoever does something else by now is asked nothing.
            (Err(LoomError::EnvFile(WriteError::Exists(_))), Some(form)) if self.dialog.is_none() => {
                self.dialog = Some(Dialog::Question(Question::WriteOver(form)));
            }
            // What was filled in is not lost.
            (Err(error @ LoomError::EnvFile(_)), Some(form)) if self.dialog.is_none() => {
                let text = format!("Not written: {}", text::in_a_line(&error.to_string()));
                self.dialog = Some(Dialog::Export(form));
                self.message = Some(Message { text, is_error: true });
            }
            (Err(error), _) => self.fail("Not written", &error.to_string(), was_stopped),
        }
    }

    /// Where it is, what is in it, and what it is good for.
    fn written(&self, wanted: &ExportFile, exported: &Exported) -> String {
        let packages = text::plural(exported.packages, "package");
        let sources = if wanted.export.is_unpinned { "not pinned" } else { "pinned to what is installed" };
        let commented = match exported.noted {
            0 => String::new(),
            1 => " Of 1 of them the file says in a comment what it cannot say in Nix.".to_owned(),
            more => format!(" Of {more} of them the file says in comments what it cannot say in Nix."),
        };
        let place = self.at_home(&exported.path);
        let notes = exported.notes.iter().fold(String::new(), |text, note| format!("{text} Note: {note}."));
        let notes = exported.unremembered.iter().fold(notes, |text, note| format!("{text} Note: {note}."));
        format!("Written: {place}, with {packages}, {sources}.{commented}{notes}")
    }
}
