//! Staging: what Space, `p`, `a`, `s` and their like do to the transaction.

use crate::package::{Obstacle, Package};
use crate::profile::{Change, Element, Transaction};

use super::super::action::Command;
use super::super::app::{App, Dialog, Question};
use super::super::input::Input;
use super::super::outline::{Outline, Row, Section};
use super::super::staged::{stage_install, unstage_element, unstage_install};
use super::super::{text, words};

impl App {
    /// Does a command that stages, or that makes staged changes real; `false` if it is neither.
    pub(super) fn change(&mut self, command: Command) -> bool {
        match command {
            Command::RollBack => self.ask_for_generation(self.generation_before()),
            Command::DeleteGeneration => self.ask_for_deletion(),
            Command::Convert => self.ask_for_conversion(),
            Command::GoToGeneration => {
                let selected = self.lists.generations.selected().and_then(|row| self.generation(row));
                self.ask_for_generation(selected.map(|generation| generation.number));
            }
            Command::Apply => self.apply(),
            _ if !is_edit(command) => return false,
            // What is being applied must stay what was looked at.
            _ if self.is_hindered_by_job() => {}
            Command::ToggleRemoval => self.toggle_removal(),
            Command::ToggleInstall => self.toggle_install(),
            Command::ToggleOutput => self.toggle_output(),
            Command::ToggleActive => self.toggle_active(),
            Command::Priority => self.ask_for_priority(),
            Command::Unstage => self.unstage_selected(),
            Command::StageSuggestion => self.stage_suggestion(),
            Command::Undo if self.staged.undo() => self.restaged(),
            Command::Undo => self.say("Nothing to undo: no change is staged. R rolls a generation back."),
            Command::Redo if self.staged.redo() => self.restaged(),
            Command::Redo => self.say("Nothing to redo."),
            Command::ClearStaged if self.staged.is_empty() => self.say("Nothing is staged."),
            _ => self.dialog = Some(Dialog::Question(Question::ClearStaged)),
        }
        true
    }

    pub(super) fn edit_staged(&mut self, edit: impl FnOnce(&mut Transaction)) {
        if self.staged.edit(edit) {
            self.restaged();
        }
    }

    /// Stages an edit of something installed.
    pub(super) fn stage(&mut self, change: Change) {
        let elements = self.elements().to_vec();
        self.edit_staged(|transaction| transaction.stage(change, &elements));
    }

    fn restaged(&mut self) {
        self.ask_for_preview();
    }

    fn toggle_removal(&mut self) {
        let Some(element) = self.lists.installed.selected().and_then(|row| self.elements().get(row)).cloned() else {
            self.say("Nothing is installed yet: press / and type a name.");
            return;
        };
        if self.staged.removes(&element.name) {
            self.edit_staged(|transaction| unstage_element(transaction, &element.name));
        } else {
            self.stage(Change::Remove { name: element.name });
        }
    }

    fn toggle_install(&mut self) {
        let Some(package) = self.lists.available.selected().and_then(|row| self.available(row)) else {
            self.say("No package is selected.");
            return;
        };
        let element = self.element_of(&package).cloned();
        let is_staged = self.staged.install(&package.attribute, &package.source).is_some();
        match element {
            _ if is_staged => self.edit_staged(|transaction| unstage_install(transaction, &package)),
            Some(element) if self.staged.removes(&element.name) => {
                self.edit_staged(|transaction| unstage_element(transaction, &element.name));
            }
            Some(element) if !is_other(&package, &element) => {
                self.say(format!("{} is installed already; Space in Installed stages its removal.", element.name));
            }
            _ if self.refuses(&package) => {}
            _ => self.stage(install(&package, None, None)),
        }
    }

    /// Whether a package can be installed in no way; says so if that is it. What is broken or not free is tried: the user's
    /// configuration may allow it, and Nix' evaluation has the last word.
    fn refuses(&mut self, package: &Package) -> bool {
        let name = text::fit(&package.attribute, 40);
        let sentence = package.obstacles.iter().find_map(|obstacle| match obstacle {
            Obstacle::NeedsNix => Some(format!(
                "{name} needs Nix: {} only lists it. A source that Nix evaluates can install it: a Nix file, a channel or \
                 a flake.",
                text::fit(&package.source, 40)
            )),
            Obstacle::Failed(_) => Some(format!(
                "{name} {}. Once that is mended, S leads to the sources, where r reads it again.",
                words::in_words(obstacle).trim_end_matches('.')
            )),
            Obstacle::Broken | Obstacle::Unfree | Obstacle::Insecure | Obstacle::OtherSystem => None,
        });
        let is_refused = sentence.is_some();
        if let Some(sentence) = sentence {
            self.complain(format!("Not staged: {sentence}"));
        }
        is_refused
    }

    fn toggle_output(&mut self) {
        let row = self.lists.outputs.selected();
        let Some((subject, name)) =
            self.subject().zip(row.and_then(|row| Some(self.output_rows().get(row)?.name.clone())))
        else {
            self.say("No output is selected.");
            return;
        };
        let mut outputs = self.chosen_outputs(&subject);
        if outputs.contains(&name) {
            outputs.retain(|output| *output != name);
        } else {
            outputs.push(name);
        }
        let order = self.output_rows().iter().map(|row| row.name.clone()).collect::<Vec<_>>();
        outputs.sort_by_key(|output| order.iter().position(|name| name == output));
        let (element, package) = (subject.element.cloned(), subject.package.clone());
        match (element, package) {
            (Some(element), _) => self.stage_outputs(element.name, outputs),
            (None, Some(package)) if outputs.is_empty() => {
                self.edit_staged(|transaction| unstage_install(transaction, &package));
            }
            (None, Some(package)) if self.refuses(&package) => {}
            (None, Some(package)) => {
                let priority = self.staged_install(&package).1;
                self.stage_install(&package, Some(outputs), priority);
            }
            (None, None) => {}
        }
    }

    /// The outputs and the priority that are staged for a package that is not installed.
    pub(super) fn staged_install(&self, package: &Package) -> (Option<Vec<String>>, Option<i64>) {
        let staged = self.staged.install(&package.attribute, &package.source);
        staged.map_or((None, None), |(outputs, priority)| (outputs.map(<[String]>::to_vec), priority))
    }

    pub(super) fn stage_install(&mut self, package: &Package, outputs: Option<Vec<String>>, priority: Option<i64>) {
        self.edit_staged(|transaction| stage_install(transaction, package, install(package, outputs, priority)));
    }

    /// An installed package without an output is one less.
    pub(super) fn stage_outputs(&mut self, name: String, outputs: Vec<String>) {
        self.stage(if outputs.is_empty() { Change::Remove { name } } else { Change::Outputs { name, outputs } });
    }

    fn toggle_active(&mut self) {
        let Some(subject) = self.subject() else {
            self.say("No package is selected.");
            return;
        };
        let Some(element) = subject.element.cloned() else {
            let name = text::fit(subject.name(), 40);
            self.say(format!("{name} is not installed; only an installed package can be switched off."));
            return;
        };
        let active = !self.staged.active(&element.name).unwrap_or(element.active);
        self.stage(Change::Active { name: element.name, active });
    }

    fn ask_for_priority(&mut self) {
        let Some(subject) = self.subject() else {
            self.say("No package is selected.");
            return;
        };
        let name = subject.name().to_owned();
        let now = match (subject.element, subject.package) {
            (Some(element), _) if self.staged.removes(&element.name) => {
                self.say(format!("{name} is staged for removal; its priority does not matter."));
                return;
            }
            (Some(element), _) => self.staged.priority(&element.name).unwrap_or(element.priority),
            (None, Some(package)) => {
                let staged =
                    self.staged.install(&package.attribute, &package.source).and_then(|(_, priority)| priority);
                staged.unwrap_or(package.priority)
            }
            (None, None) => return,
        };
        self.dialog = Some(Dialog::Priority { subject: name, input: Input::new(now.to_string()) });
    }

    /// Sets the priority of the subject; of a package that is not installed, by staging its installation.
    pub(super) fn set_priority(&mut self, priority: i64) {
        let Some(subject) = self.subject() else { return };
        match (subject.element.cloned(), subject.package.clone()) {
            (Some(element), _) => self.stage(Change::Priority { name: element.name, priority }),
            (None, Some(package)) if self.refuses(&package) => {}
            (None, Some(package)) => {
                let outputs = self.staged_install(&package).0;
                self.stage_install(&package, outputs, Some(priority));
            }
            (None, None) => {}
        }
    }

    fn unstage_selected(&mut self) {
        match self.lists.plan.selected().and_then(|row| Outline::of(self).row(row)) {
            Some(Row::Item(Section::Changes, at)) => self.edit_staged(|transaction| {
                transaction.unstage(at);
            }),
            _ => self.say("Select a staged change to take it back."),
        }
    }
}

fn is_edit(command: Command) -> bool {
    matches!(
        command,
        Command::ToggleRemoval
            | Command::ToggleInstall
            | Command::ToggleOutput
            | Command::ToggleActive
            | Command::Priority
            | Command::Unstage
            | Command::StageSuggestion
            | Command::Undo
            | Command::Redo
            | Command::ClearStaged
    )
}

/// Whether the source offers something else than what is installed: by the paths where it tells them, else by the version.
fn is_other(package: &Package, element: &Element) -> bool {
    let paths = element.outputs.iter().filter_map(|installed| {
        let offered = package.output(&installed.name)?.path.as_ref()?;
        Some(*offered != installed.path)
    });
    let version_differs = !package.version.is_empty() && package.version != element.version;
    paths.reduce(|one, other| one || other).unwrap_or(version_differs)
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
