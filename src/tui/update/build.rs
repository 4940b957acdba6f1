//! Dry runs: something is built and linked, and what is in it can be looked at; the profile stays as it is.

use std::path::PathBuf;

use super::super::action::Command;
use super::super::app::{App, Screen};
use super::super::context::Context;
use super::super::dialog::Dialog;
use super::super::effect::Effect;
use super::super::files::Showing;
use super::super::input::Input;
use super::super::text;
use crate::loom::{Built, LoomError, ToBuild};

/// What a link is called unless something else is typed, as with `nix-build`.
const USUAL_LINK: &str = "result";

impl App {
    /// Asks where the link to what is built goes: where the last one went.
    pub(super) fn ask_for_link(&mut self, what: ToBuild) {
        let mut input = Input::new(self.last_link.as_deref().unwrap_or(USUAL_LINK));
        input.select_all();
        self.dialog = Some(Dialog::Link { what, input });
    }

    /// Builds it, with a link at the place that was typed, seen from the folder where the program was started.
    pub(super) fn build(&mut self, what: ToBuild, typed: &str) {
        self.last_link = Some(typed.to_owned());
        let home = self.settings.home.as_deref();
        let link =
            typed.strip_prefix("~/").zip(home).map_or_else(|| PathBuf::from(typed), |(rest, home)| home.join(rest));
        self.outbox.push(Effect::Build { what, link });
    }

    pub(super) fn built(&mut self, what: ToBuild, result: Result<Box<Built>, LoomError>, was_stopped: bool) {
        match result {
            Ok(built) => {
                let link = self.at_home(built.link.as_deref().unwrap_or(&built.path));
                // Elsewhere that key shows other files.
                let context = match (&what, self.screen()) {
                    (ToBuild::Changes(_), Some(Screen::Plan)) => Some(Context::Plan),
                    (ToBuild::File(_), Some(Screen::Environment)) => Some(Context::Environment),
                    _ => None,
                };
                let files = context.and_then(|context| self.bound_key(context, Command::ShowFiles));
                let files = files.map_or_else(String::new, |key| format!(" {key} shows its files."));
                let notes = built.warnings.iter().fold(String::new(), |all, warning| format!("{all} Note: {warning}."));
                let link = text::fit_end(&link, 60);
                self.announce(format!("Built: {link} leads to it; the profile is as it was.{files}{notes}"));
                self.built = Some((what, *built));
            }
            Err(LoomError::Collisions { preview, .. } | LoomError::Impossible { preview })
                if what == ToBuild::Changes(self.staged.transaction().clone()) =>
            {
                return self.refused_for_real(*preview);
            }
            Err(error) => self.fail("Not built", &error.to_string(), was_stopped),
        }
        // More is in the store now, also after an error.
        self.looked_at = None;
        self.weighing.forget();
        if self.outlook.report.is_some() {
            self.ask_for_preview();
        }
    }

    /// What shows the files of something: of what was built of it, if it was.
    pub(super) fn showing_built(&self, what: &ToBuild) -> Option<Showing> {
        let (of, built) = self.built.as_ref()?;
        (of == what)
            .then(|| Showing::Built(built.link.clone().unwrap_or_else(|| built.path.clone()), built.path.clone()))
    }

    /// Shows the files of the plan, or of what was built of it.
    pub(super) fn show_files_of_plan(&mut self) {
        let what = ToBuild::Changes(self.staged.transaction().clone());
        self.show_files(self.showing_built(&what).unwrap_or(Showing::Plan));
    }
}
