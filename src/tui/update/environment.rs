//! The screen of an environment file: what its keys change, and what became of the file.

use std::path::{Path, PathBuf};

use super::super::action::Command;
use super::super::app::{App, Screen};
use super::super::effect::Effect;
use super::super::environment::{Environment, Own, Read, StagedAs};
use super::super::files::Showing;
use super::super::text;
use super::super::work::Task;
use crate::loom::{LoomError, ToBuild};
use crate::profile::Change;

impl App {
    /// Does a command of the screen of an environment file; `false` if it is none.
    pub(super) fn change_environment(&mut self, command: Command) -> bool {
        if command == Command::OpenEnvironment {
            self.ask_for_file();
            return true;
        }
        if self.screen() != Some(Screen::Environment) {
            return false;
        }
        match command {
            Command::InstallWhole => self.stage_import(StagedAs::Whole),
            Command::TakeApart => self.stage_import(StagedAs::Apart),
            Command::RereadEnvironment => self.read_file(self.environment.file.clone()),
            Command::BuildResult => self.ask_for_link(ToBuild::File(self.environment.file.clone())),
            Command::ShowCollisions => self.show_own_collisions(),
            Command::ShowFiles => self.show_own_files(),
            Command::ScrollDetailDown => self.environment.detail.scroll(self.half_of_import_detail()),
            Command::ScrollDetailUp => self.environment.detail.scroll(-self.half_of_import_detail()),
            _ => return false,
        }
        true
    }

    fn half_of_import_detail(&self) -> isize {
        isize::try_from(self.environment.detail.page() / 2).unwrap_or(isize::MAX).max(1)
    }

    /// Opens the screen with a file, and has it read; what is known of it from before is shown meanwhile.
    pub(super) fn open_file(&mut self, file: PathBuf) {
        if self.environment.file != file {
            self.environment = Environment::default();
            self.lists.environment.to_top();
        }
        self.open(Screen::Environment);
        self.read_file(file);
    }

    pub(super) fn read_file(&mut self, file: PathBuf) {
        // Nobody waits for an older one any more; it may never have begun.
        self.stop_reading();
        self.requests.import += 1;
        self.environment.file.clone_from(&file);
        self.environment.is_reading = true;
        self.environment.error = None;
        self.environment.was_stopped = false;
        self.outbox.push(Effect::Import { request: self.requests.import, file });
    }

    fn stop_reading(&mut self) {
        let older: Vec<Task> =
            self.works.all().iter().map(|work| work.task).filter(|task| matches!(task, Task::Import(_))).collect();
        for task in older {
            self.stop(task);
            self.ended(task, Some(String::new()));
        }
    }

    /// The work that reads the file, while it runs.
    pub(in super::super) fn reading(&self) -> Option<Task> {
        self.environment.is_reading.then_some(Task::Import(self.requests.import))
    }

    pub(super) fn imported(&mut self, request: u64, read: Result<Box<Read>, LoomError>, was_stopped: bool) {
        if request != self.requests.import {
            return;
        }
        self.environment.is_reading = false;
        self.environment.was_stopped = was_stopped;
        match read {
            Ok(read) => {
                self.environment.error = None;
                self.environment.file.clone_from(&read.imported.file);
                self.keep_file(&read.imported.file.clone());
                // What was built of it before may be something else.
                self.built.take_if(|(of, _)| *of == ToBuild::File(read.imported.file.clone()));
                let is_staged = self.staged_import().is_some();
                self.environment.read = Some(read);
                if self.inspector.is_of_file && self.screens.contains(&Screen::Collisions) {
                    // More of its files is known now.
                    self.open_inspector_of_file();
                }
                self.environment.detail.to_top();
                if is_staged {
                    // What was staged of it may be something else now.
                    self.ask_for_preview();
                }
            }
            Err(error) => {
                self.environment.error = Some(error.to_string());
                self.environment.detail.to_top();
            }
        }
    }

    /// The file was opened: it is remembered.
    fn keep_file(&mut self, file: &Path) {
        let text = match self.settings.home.as_deref().and_then(|home| file.strip_prefix(home).ok()) {
            Some(rest) => rest.to_str().map(|rest| format!("~/{rest}")),
            None => file.to_str().map(str::to_owned),
        };
        if text.is_some_and(|text| self.opened_files.keep(&text)) {
            self.remember();
        }
    }

    /// Stages what the file holds in that way, in place of the other, as one step; then the plan tells what comes of it.
    pub(super) fn stage_import(&mut self, how: StagedAs) {
        let Some(imported) = self.environment.imported() else { return };
        let changes: Vec<Change> = match how {
            StagedAs::Whole => imported.whole.iter().cloned().collect(),
            StagedAs::Apart => imported.apart.clone(),
        };
        let others: Vec<Change> = imported.whole.iter().chain(&imported.apart).cloned().collect();
        let name = text::fit(&imported.name, 40);
        let number = imported.packages.len();
        if self.staged_import() != Some(how) {
            let elements = self.elements().to_vec();
            self.edit_staged(|transaction| {
                transaction.changes.retain(|change| !others.contains(change));
                for change in changes {
                    transaction.stage(change, &elements);
                }
            });
            self.say(match how {
                StagedAs::Whole => format!("Staged: {name}, as one package."),
                StagedAs::Apart => format!("Staged: {}, each for itself.", text::plural(number, "package")),
            });
        }
        self.open(Screen::Plan);
    }

    /// Those of what was built of it, if it was; else as they are planned.
    fn show_own_files(&mut self) {
        if let Some(showing) = self.showing_built(&ToBuild::File(self.environment.file.clone())) {
            return self.show_files(showing);
        }
        let Some(read) = self.environment.read.as_deref() else { return };
        if let Own::Planned(_, woven) = &read.own {
            let showing = Showing::Environment(read.imported.name.clone(), woven.clone());
            self.show_files(showing);
        }
    }

    /// The inspector shows the collisions within the file.
    fn show_own_collisions(&mut self) {
        self.open(Screen::Collisions);
        self.open_inspector_of_file();
    }
}
