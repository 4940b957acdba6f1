//! Dialogs: what the answer to a question sets off.

use super::super::action::Command;
use super::super::app::{App, Dialog, Question};
use super::super::effect::Effect;
use super::super::input::Input;
use crate::loom::SourceChange;
use crate::profile::ManifestKind;

impl App {
    /// A key in a dialog.
    pub(super) fn answer(&mut self, command: Command) {
        match (command, &mut self.dialog) {
            (Command::Yes, Some(Dialog::Question(question))) => {
                let question = question.clone();
                self.dialog = None;
                self.agreed(&question);
            }
            (Command::No | Command::Back, _) => self.dialog = None,
            (Command::Accept, Some(Dialog::Priority { input, .. })) => match parse_priority(input.text()) {
                Some(priority) => {
                    self.dialog = None;
                    self.set_priority(priority);
                }
                None => self.complain(format!("A priority is a whole number from {} to {}.", i32::MIN, i32::MAX)),
            },
            (Command::Accept, Some(Dialog::Source(input))) => {
                let text = input.text().trim().to_owned();
                self.dialog = None;
                self.change_source(SourceChange::Add { text, way: None });
            }
            (command, Some(Dialog::Source(input))) => {
                input.edit(command);
            }
            (Command::Up, Some(Dialog::Priority { input, .. })) => count(input, 1),
            (Command::Down, Some(Dialog::Priority { input, .. })) => count(input, -1),
            (Command::DeleteLeft, Some(Dialog::Priority { input, .. })) => input.delete_left(),
            (Command::DeleteLine, Some(Dialog::Priority { input, .. })) => input.delete_to_start(),
            _ => {}
        }
    }

    fn agreed(&mut self, question: &Question) {
        match *question {
            Question::RemoveSource(ref name) => self.change_source(SourceChange::Remove(name.clone())),
            Question::ClearStaged => self.edit_staged(|transaction| transaction.changes.clear()),
            Question::GoToGeneration(to) => self.outbox.push(Effect::RollBack { to: Some(to) }),
            Question::DeleteGeneration(number) => self.outbox.push(Effect::DeleteGeneration { number }),
            Question::Convert(to) => self.outbox.push(Effect::Convert { to }),
            Question::Stop(task) => self.stop(task),
            Question::Quit => self.outbox.push(Effect::Quit),
        }
    }

    /// Asks before deleting the selected generation, or says why that cannot be.
    pub(super) fn ask_for_deletion(&mut self) {
        if self.is_hindered_by_job() {
            return;
        }
        match self.lists.generations.selected().and_then(|row| self.generation(row)) {
            Some(generation) if generation.current => {
                let number = generation.number;
                self.say(format!("Generation {number} is the current one, which is never deleted."));
            }
            Some(generation) => self.dialog = Some(Dialog::Question(Question::DeleteGeneration(generation.number))),
            None => {}
        }
    }

    /// Asks before making the profile one of the other kind, or says why that cannot be.
    pub(super) fn ask_for_conversion(&mut self) {
        if self.is_hindered_by_job() {
            return;
        }
        let is_nix = self.about.as_ref().is_some_and(|about| about.is_nix);
        match self.current.snapshot.kind {
            _ if !is_nix => self.say("Only a profile of Nix has two kinds, and this is the program's own."),
            None => self.say("There is no profile yet: the first installation makes one."),
            Some(ManifestKind::NixEnv | ManifestKind::Bare) => {
                self.dialog = Some(Dialog::Question(Question::Convert(ManifestKind::NixProfile)));
            }
            Some(ManifestKind::NixProfile) => {
                self.dialog = Some(Dialog::Question(Question::Convert(ManifestKind::NixEnv)));
            }
        }
    }

    /// Asks before going to a generation, or says why that cannot be.
    pub(super) fn ask_for_generation(&mut self, to: Option<u64>) {
        if self.is_hindered_by_job() {
            return;
        }
        match (to, self.current.snapshot.generation) {
            (Some(to), Some(current)) if to == current => self.say(format!("Generation {to} is the current one.")),
            (Some(to), _) => self.dialog = Some(Dialog::Question(Question::GoToGeneration(to))),
            (None, Some(current)) => self.say(format!("There is no generation before {current}.")),
            (None, None) => self.say("There is no generation yet: the first installation makes one."),
        }
    }
}

/// A priority as typed: Nix keeps it in 32 bits.
fn parse_priority(text: &str) -> Option<i64> {
    text.parse::<i32>().ok().map(i64::from)
}

fn count(input: &mut Input, by: i64) {
    if let Some(priority) = parse_priority(input.text()) {
        *input = Input::new((priority + by).to_string());
    }
}
