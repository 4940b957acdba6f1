//! The question for a file: its line is completed from what the folder has, which is read in the background.

use super::super::action::Command;
use super::super::app::App;
use super::super::dialog::Dialog;
use super::super::effect::Effect;
use super::super::export_form::at_home;
use super::super::file_prompt::{Entered, FilePrompt};

impl App {
    pub(super) fn ask_for_file(&mut self) {
        let recent = self.opened_files.queries().to_vec();
        self.dialog = Some(Dialog::File(Box::new(FilePrompt::new(recent))));
    }

    /// A key of the line that does not type.
    pub(super) fn edit_file_prompt(&mut self, command: Command) {
        let Some(Dialog::File(prompt)) = &mut self.dialog else { return };
        match command {
            Command::Accept => {
                if let Entered::File(typed) = prompt.enter() {
                    self.dialog = None;
                    self.open_file(at_home(&typed, self.settings.home.as_deref()));
                }
            }
            Command::CompletePath => prompt.complete(),
            Command::Down => prompt.step(1),
            Command::Up => prompt.step(-1),
            command => {
                if prompt.input.edit(command) {
                    prompt.edited();
                }
            }
        }
    }

    pub(super) fn type_path(&mut self, typed: &str) {
        if let Some(Dialog::File(prompt)) = &mut self.dialog {
            prompt.input.insert(typed);
            prompt.edited();
        }
    }

    /// Asks what is in the folder of the line, if it is another one than before.
    pub(super) fn ask_for_folder(&mut self) {
        let Some(Dialog::File(prompt)) = &mut self.dialog else { return };
        let folder = prompt.folder(self.settings.home.as_deref());
        if prompt.lacks(&folder) {
            prompt.ask(folder.clone());
            self.outbox.push(Effect::ReadFolder { folder });
        }
    }
}
