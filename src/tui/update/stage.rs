//! Staging: what Space, `p`, `a`, `s` and their like do to the transaction.

use crate::loom::ToBuild;
use crate::package::Package;
use crate::profile::{Change, Transaction};

use super::super::action::Command;
use super::super::app::{App, Pane};
use super::super::dialog::{Dialog, Question};
use super::super::input::Input;
use super::super::outline::{Outline, Row, Section};
use super::super::staged::{stage_install, unstage_element, unstage_install};
use super::super::subject::Subject;

impl App {
    /// Does a command that stages, or that makes staged changes real; `false` if it is neither.
    pub(super) fn change(&mut self, command: Command) -> bool {
        match command {
            Command::RollBack => self.ask_for_generation(self.generation_before()),
            Command::DeleteGeneration => self.ask_for_deletion(),
            Command::Convert => self.ask_for_conversion(),
            Command::GoToGeneration => {
                self.ask_for_generation(self.selected_generation().map(|generation| generation.number));
            }
            Command::Apply => self.apply(),
            Command::BuildResult => self.ask_for_link(ToBuild::Changes(self.staged.transaction().clone())),
            Command::ToggleRemoval => self.toggle_removal(),
            Command::ToggleInstall => self.toggle_install(),
            Command::ToggleOutput => self.toggle_output(),
            Command::ToggleActive => self.toggle_active(),
            Command::Priority => self.ask_for_priority(),
            Command::Unstage => self.unstage_selected(),
            Command::StageSuggestion => self.stage_suggestion(),
            Command::Undo if self.staged.undo() => self.ask_for_preview(),
            Command::Redo if self.staged.redo() => self.ask_for_preview(),
            Command::ClearStaged => self.dialog = Some(Dialog::Question(Question::ClearStaged)),
            _ => return false,
        }
        true
    }

    pub(super) fn edit_staged(&mut self, edit: impl FnOnce(&mut Transaction)) {
        if self.staged.edit(edit) {
            self.ask_for_preview();
        }
    }

    /// Stages an edit of something installed.
    pub(super) fn stage(&mut self, change: Change) {
        let elements = self.elements().to_vec();
        self.edit_staged(|transaction| transaction.stage(change, &elements));
    }

    fn toggle_removal(&mut self) {
        let Some(name) = self.selected_element().map(|element| element.name.clone()) else { return };
        if self.staged.removes(&name) {
            self.edit_staged(|transaction| unstage_element(transaction, &name));
        } else {
            self.stage(Change::Remove { name });
        }
    }

    fn toggle_install(&mut self) {
        let Some(package) = self.lists.available.selected().and_then(|row| self.available(row)) else { return };
        let element = self.element_of(&package).map(|element| element.name.clone());
        match element {
            _ if self.staged.install(&package.attribute, &package.source).is_some() => {
                self.edit_staged(|transaction| unstage_install(transaction, &package));
            }
            Some(name) if self.staged.removes(&name) => {
                self.edit_staged(|transaction| unstage_element(transaction, &name));
            }
            _ => {
                self.stage(install(&package, None, None));
                self.keep_query();
            }
        }
    }

    fn toggle_output(&mut self) {
        let toggled = self.subject().and_then(|subject| {
            let name = self.output_names(&subject).get(self.lists.outputs.selected()?).map(|name| (*name).clone())?;
            self.with_output_toggled(&subject, &name)
        });
        if let Some(toggled) = toggled {
            self.edit_staged(|transaction| *transaction = toggled);
            if self.subject_pane == Pane::Available {
                self.keep_query();
            }
        }
    }

    /// The staged changes with that output of the subject ticked, or not ticked if it is; `None` if the package can be
    /// installed in no way.
    pub(in super::super) fn with_output_toggled(&self, subject: &Subject<'_>, name: &str) -> Option<Transaction> {
        let outputs = self.outputs_toggled(subject, name);
        let mut transaction = self.staged.transaction().clone();
        match (subject.element, &subject.package) {
            (Some(element), _) => transaction.stage(outputs_change(element.name.clone(), outputs), self.elements()),
            (None, Some(package)) if outputs.is_empty() => unstage_install(&mut transaction, package),
            (None, Some(package)) if self.unobtainable(package).is_some() => return None,
            (None, Some(package)) => {
                let priority = self.staged_install(package).1;
                stage_install(&mut transaction, package, install(package, Some(outputs), priority));
            }
            (None, None) => return None,
        }
        Some(transaction)
    }

    /// The outputs and the priority that are staged for a package that is not installed.
    pub(super) fn staged_install(&self, package: &Package) -> (Option<Vec<String>>, Option<i64>) {
        let staged = self.staged.install(&package.attribute, &package.source);
        staged.map_or((None, None), |(outputs, priority)| (outputs.map(<[String]>::to_vec), priority))
    }

    pub(super) fn stage_install(&mut self, package: &Package, outputs: Option<Vec<String>>, priority: Option<i64>) {
        self.edit_staged(|transaction| stage_install(transaction, package, install(package, outputs, priority)));
        if self.subject_pane == Pane::Available {
            self.keep_query();
        }
    }

    /// An installed package without an output is one less.
    pub(super) fn stage_outputs(&mut self, name: String, outputs: Vec<String>) {
        self.stage(outputs_change(name, outputs));
    }

    fn toggle_active(&mut self) {
        let Some(element) = self.subject().and_then(|subject| subject.element) else { return };
        let active = !self.staged.active(&element.name).unwrap_or(element.active);
        self.stage(Change::Active { name: element.name.clone(), active });
    }

    fn ask_for_priority(&mut self) {
        let Some(subject) = self.subject() else { return };
        let now = match (subject.element, &subject.package) {
            (Some(element), _) => self.staged.priority(&element.name).unwrap_or(element.priority),
            (None, Some(package)) => {
                let staged =
                    self.staged.install(&package.attribute, &package.source).and_then(|(_, priority)| priority);
                staged.unwrap_or(package.priority)
            }
            (None, None) => return,
        };
        let name = subject.name().to_owned();
        self.dialog = Some(Dialog::Priority { subject: name, input: Input::new(now.to_string()) });
    }

    /// Sets the priority of the subject; of a package that is not installed, by staging its installation.
    pub(super) fn set_priority(&mut self, priority: i64) {
        let Some(subject) = self.subject() else { return };
        match (subject.element.cloned(), subject.package.clone()) {
            (Some(element), _) => self.stage(Change::Priority { name: element.name, priority }),
            (None, Some(package)) => {
                let outputs = self.staged_install(&package).0;
                self.stage_install(&package, outputs, Some(priority));
            }
            (None, None) => {}
        }
    }

    fn unstage_selected(&mut self) {
        let row = self.lists.plan.selected().and_then(|row| Outline::of(self).row(row));
        if let Some(Row::Item(Section::Changes, at)) = row {
            self.edit_staged(|transaction| {
                transaction.unstage(at);
            });
        }
    }
}

fn outputs_change(name: String, outputs: Vec<String>) -> Change {
    if outputs.is_empty() { Change::Remove { name } } else { Change::Outputs { name, outputs } }
}

/// An installation; what equals the package's defaults is left out.
fn install(package: &Package, outputs: Option<Vec<String>>, priority: Option<i64>) -> Change {
    Change::Install {
        attribute: package.attribute.clone(),
        source: Some(package.source.to_string()),
        outputs: outputs.filter(|outputs| !are_same(outputs.iter(), package.default_outputs.iter())),
        priority: priority.filter(|&priority| priority != package.priority),
    }
}

/// Whether two sets of outputs are the same, whatever their order.
fn are_same<'a>(some: impl Iterator<Item = &'a String>, others: impl Iterator<Item = &'a String>) -> bool {
    let (mut some, mut others): (Vec<_>, Vec<_>) = (some.collect(), others.collect());
    some.sort();
    others.sort();
    some == others
}
