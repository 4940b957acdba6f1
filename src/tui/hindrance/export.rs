//! What stands in the way of writing an environment file.

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::dialog::Dialog;
use super::super::export_form::Flaw;
use super::super::text;
use super::super::work::Task;
use super::Hindrance;

impl App {
    pub(super) fn no_export(&self) -> Option<Hindrance> {
        if self.works.get(Task::Export).is_some() {
            let key = self.key_for(Context::Panes, Command::ShowLog);
            return Some(format!("An environment file is being written already; {key} shows how far it is.").into());
        }
        self.elements().is_empty().then(|| "Nothing is installed that a file could tell of.".into())
    }

    /// Why the form that is open cannot be written.
    pub(super) fn no_such_export(&self) -> Option<Hindrance> {
        let Some(Dialog::Export(form)) = &self.dialog else { return None };
        let sentence = match form.flaw(|name| self.element(name).is_some())? {
            Flaw::Name(name) => {
                let name = text::fit(&name, 40);
                format!("Nix takes no such name: {name:?}; letters, digits and + - . _ ? = are fine.")
            }
            Flaw::Package(name) => {
                let name = text::fit(&name, 40);
                format!("No package is installed as {name}; without any name all are written.")
            }
            Flaw::NoPlace => "Type the file that is to be written.".to_owned(),
        };
        Some(Hindrance::refusal(sentence))
    }
}
