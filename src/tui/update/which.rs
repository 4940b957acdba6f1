//! The screen that tells who provides a command or a file: what is asked, and what its keys do with an answer.

use super::super::action::Command;
use super::super::app::{App, Pane, Screen};
use super::super::effect::Effect;
use super::super::input::Input;
use super::super::staged::unstage_install;
use super::super::which::Which;
use crate::loom::{Found, LoomError};
use crate::package::Package;

impl App {
    pub(super) fn show_which(&mut self) {
        self.which = Which::default();
        if self.found.as_ref().is_some_and(|found| found.total == 0) {
            // No package is called so: perhaps a file is.
            self.which.input = Input::new(self.query.text());
            self.which.input.select_all();
        }
        self.lists.which.to_top();
        self.open(Screen::Which);
    }

    /// A key of the screen that does not type.
    pub(super) fn edit_which(&mut self, command: Command) {
        match command {
            Command::Back if self.which.input.is_empty() => self.back(),
            Command::Back => self.which.input.clear(),
            Command::GoToPackage => self.go_to_provider(),
            Command::ToggleInstall => self.toggle_provider(),
            _ if self.which.input.edit(command) => {}
            _ => {
                self.navigate(command);
            }
        }
    }

    /// Asks for what was typed, if something else was asked for last.
    pub(super) fn ask_which(&mut self) {
        if self.screen() != Some(Screen::Which) || self.which.asked.as_deref() == Some(self.which.input.text()) {
            return;
        }
        let question = self.which.input.text().to_owned();
        self.which.asked = Some(question.clone());
        self.which.found = None;
        self.lists.which.to_top();
        self.requests.which += 1;
        self.outbox.push(Effect::Which { request: self.requests.which, question });
    }

    pub(super) fn take_found(&mut self, found: Result<Found, LoomError>) {
        let selected = self.selected_provider().cloned();
        self.which.found = Some(found.map_err(|error| error.to_string()));
        self.fit_lists();
        // A fuller answer to the same question: what is selected stays so.
        let row = selected.and_then(|it| self.which.providers().iter().position(|provider| *provider == it));
        self.lists.which.move_to(row.unwrap_or(0));
    }

    /// The profile or what is on offer became another one: so may the answer.
    pub(super) fn ask_which_again(&mut self) {
        self.which.asked = None;
    }

    fn go_to_provider(&mut self) {
        let Some(provider) = self.selected_provider().cloned() else { return };
        if provider.installed {
            let row = self.elements().iter().position(|element| element.name == provider.package);
            let Some(row) = row else { return };
            self.close_screens();
            self.focus(Pane::Installed);
            self.lists.installed.select(row);
            return;
        }
        if let Some(package) = self.offered_by(&provider) {
            self.close_screens();
            self.look_up(&package);
        }
    }

    /// Back to the panes, but for what is asked there.
    fn close_screens(&mut self) {
        self.screens.clear();
        self.is_searching = false;
    }

    /// Searches for exactly this package, and selects it once it is found.
    pub(super) fn look_up(&mut self, package: &Package) {
        self.focus(Pane::Available);
        self.query.clear();
        self.query.insert(&format!("{} source:{}", package.attribute, package.source));
        self.searched();
        self.sought = Some((package.attribute.clone(), package.source.to_string()));
    }

    /// Selects the package that was looked up.
    pub(super) fn select_sought(&mut self) {
        let Some((attribute, source)) = self.sought.take() else { return };
        let is_sought = |package: &Package| package.attribute == attribute && *package.source == *source;
        let row = (0..self.available_len()).find(|&row| self.available(row).is_some_and(|it| is_sought(&it)));
        if let Some(row) = row {
            self.fit_lists();
            self.lists.available.select(row);
        }
    }

    /// Stages that the profile gets the output of the selected answer, or takes that back.
    fn toggle_provider(&mut self) {
        let Some(provider) = self.selected_provider().cloned() else { return };
        let Some(package) = self.offered_by(&provider) else { return };
        let mut outputs = self.outputs_to_be(&package);
        let is_staged = outputs.contains(&provider.output);
        if is_staged {
            outputs.retain(|output| *output != provider.output);
        } else {
            outputs.push(provider.output.clone());
        }
        match self.element_of(&package).cloned() {
            Some(element) => self.stage_outputs(element.name, outputs),
            None if is_staged => self.edit_staged(|transaction| unstage_install(transaction, &package)),
            None => {
                // What an installation has without a choice, and what was asked for beside it.
                outputs.extend(
                    package
                        .default_outputs
                        .iter()
                        .filter(|output| !outputs.contains(output))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
                outputs.sort_by_key(|output| package.outputs.iter().position(|it| it.name == *output));
                let priority = self.staged_install(&package).1;
                self.stage_install(&package, Some(outputs), priority);
            }
        }
    }
}
