//! Dialogs: what the answer to a question sets off.

use super::super::action::Command;
use super::super::app::App;
use super::super::dialog::{Dialog, Question};
use super::super::effect::Effect;
use super::super::input::Input;
use super::super::staged::parse_priority;
use crate::loom::{SourceChange, removal_of_all};
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
            (Command::No | Command::Back, Some(Dialog::Question(Question::WriteOver(form)))) => {
                // Another place may do.
                self.dialog = Some(Dialog::Export(form.clone()));
            }
            (Command::No | Command::Back, _) => self.dialog = None,
            (command, Some(Dialog::Export(_))) => self.fill_in_export(command),
            (command, Some(Dialog::Deletion(_))) => self.choose_deletion(command),
            (Command::Accept, Some(Dialog::Priority { input, .. })) => {
                if let Some(priority) = parse_priority(input.text()) {
                    self.dialog = None;
                    self.set_priority(priority);
                }
            }
            (Command::Accept, Some(Dialog::Source(input))) => {
                let text = input.text().trim().to_owned();
                self.dialog = None;
                self.change_source(SourceChange::Add { text, way: None });
            }
            (Command::Accept, Some(Dialog::Link { what, input })) => {
                let (what, typed) = (what.clone(), input.text().trim().to_owned());
                self.dialog = None;
                self.build(what, &typed);
            }
            (command, Some(Dialog::Source(input) | Dialog::Link { input, .. })) => {
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
            Question::RewriteFile => self.rewrite_file(),
            Question::WriteOver(ref form) => self.export(form, true),
            Question::RemoveSource(ref name) => self.change_source(SourceChange::Remove(name.clone())),
            Question::Pin(ref found) => {
                self.change_source(SourceChange::Pin(found.source.clone(), found.to.clone()));
            }
            Question::Unpin(ref name) => self.change_source(SourceChange::Unpin(name.clone())),
            Question::ClearStaged => self.edit_staged(|transaction| transaction.changes.clear()),
            Question::UndoGeneration { to: None, .. } => {
                self.outbox.push(Effect::Empty { transaction: removal_of_all(self.elements()) });
            }
            Question::GoToGeneration(to) | Question::UndoGeneration { to: Some(to), .. } => {
                self.outbox.push(Effect::RollBack { to: Some(to) });
            }
            Question::Convert(to) => self.outbox.push(Effect::Convert { to }),
            Question::Stop(task) => self.stop(task),
            Question::Quit => self.outbox.push(Effect::Quit),
        }
    }

    /// Asks before making the profile one of the other kind.
    pub(super) fn ask_for_conversion(&mut self) {
        let to = match self.current.snapshot.kind {
            None => return,
            Some(ManifestKind::NixEnv | ManifestKind::Bare) => ManifestKind::NixProfile,
            Some(ManifestKind::NixProfile) => ManifestKind::NixEnv,
        };
        self.dialog = Some(Dialog::Question(Question::Convert(to)));
    }

    /// Asks before going to a generation.
    pub(super) fn ask_for_generation(&mut self, to: Option<u64>) {
        if let Some(to) = to {
            self.dialog = Some(Dialog::Question(Question::GoToGeneration(to)));
        }
    }
}

fn count(input: &mut Input, by: i64) {
    if let Some(priority) = parse_priority(input.text()) {
        *input = Input::new((priority + by).to_string());
    }
}
