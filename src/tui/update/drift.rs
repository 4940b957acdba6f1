//! Whether the profile agrees with its files: asked for in the background, shown, and what its keys do.

use std::path::Path;

use super::super::action::Command;
use super::super::app::{App, Screen};
use super::super::dialog::{Dialog, Question};
use super::super::effect::Effect;
use super::super::text;
use crate::loom::{LoomError, Status};

impl App {
    /// Looks whether the files still say what they said: cheap enough for every change of the profile.
    pub(super) fn check_files(&mut self) {
        let is_full = self.screens.contains(&Screen::Drift);
        self.ask_files(is_full);
    }

    fn ask_files(&mut self, is_full: bool) {
        self.requests.status += 1;
        self.drift.is_asking = is_full;
        self.outbox.push(Effect::Status { request: self.requests.status, is_full });
    }

    pub(super) fn show_drift(&mut self) {
        self.open(Screen::Drift);
        self.ask_files(true);
    }

    /// Does a command of the screen; `false` if it is none.
    pub(super) fn change_files(&mut self, command: Command) -> bool {
        match command {
            Command::ShowDrift => self.show_drift(),
            Command::AskFile => self.ask_files(true),
            Command::NextFile => {
                self.drift.at = (self.drift.at + 1) % self.drift.files().len().max(1);
                self.lists.drift.to_top();
            }
            Command::StageFile => self.stage_file(),
            Command::RewriteFile => self.dialog = Some(Dialog::Question(Question::RewriteFile)),
            Command::ForgetFile => {
                let Some(file) = self.drift.file().map(|file| file.file.clone()) else { return true };
                self.outbox.push(Effect::ForgetFile(file));
            }
            _ => return false,
        }
        true
    }

    /// Stages what makes the profile as the file says, as one step that can be undone, and shows the plan.
    fn stage_file(&mut self) {
        let Some(changes) = self.drift.file().map(|file| file.adopt.clone()) else { return };
        let elements = self.elements().to_vec();
        self.edit_staged(|transaction| changes.into_iter().for_each(|change| transaction.stage(change, &elements)));
        self.open(Screen::Plan);
    }

    pub(super) fn rewrite_file(&mut self) {
        let wanted = self.drift.file().and_then(|file| file.rewriting.as_ref()).map(|it| it.wanted.clone());
        self.outbox.extend(wanted.map(|wanted| Effect::Export(Box::new(wanted))));
    }

    pub(super) fn take_status(&mut self, request: u64, status: Result<Box<Status>, LoomError>) {
        if request != self.requests.status {
            return;
        }
        // What is shown stays so, wherever it stands now.
        let shown = self.drift.file().map(|file| file.file.clone());
        // Who stopped the asking has what was known before.
        if status.is_ok() || !self.drift.is_asking || self.drift.status.is_none() {
            self.drift.status = Some(status.map_err(|error| error.to_string()));
        }
        self.drift.is_asking = false;
        let at = self.drift.files().iter().position(|file| Some(&file.file) == shown.as_ref());
        self.drift.at = at.unwrap_or(0);
    }

    pub(super) fn forgotten(&mut self, file: &Path, result: Result<(), LoomError>) {
        match result {
            Ok(()) => {
                self.announce(format!("{} is forgotten; the file stays as it is.", self.at_home(file)));
                self.check_files();
            }
            Err(error) => self.complain(format!("Not forgotten: {}", text::in_a_line(&error.to_string()))),
        }
    }
}
