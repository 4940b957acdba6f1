//! What evaluations bring: sources that are loaded, and packages that are looked at.

use crate::package::EvaluationError;
use crate::profile::Element;
use crate::version::is_newer;

use super::super::action::Command;
use super::super::app::{App, Evaluation};
use super::super::context::Context;
use super::super::effect::{Effect, Looked};
use super::super::offer::Offer;
use super::super::order::ByName;
use super::super::work::Task;

impl App {
    /// More is on offer; what is selected stays so, on its line.
    pub(super) fn loaded(&mut self, offer: Offer, errors: &[EvaluationError], has_more: bool) {
        let is_stopping = self.works.get(Task::Load).is_some_and(|work| work.is_stopping);
        self.is_load_stopped = has_more && is_stopping;
        if has_more && !is_stopping {
            self.outbox.push(Effect::LoadSources);
        } else {
            self.ended(Task::Load, self.is_load_stopped.then(String::new));
        }
        if self.is_load_stopped {
            let key = self.key_for(Context::Panes, Command::Reload);
            self.say(format!("Stopped reading the sources; what was known of them stays. {key} reads on."));
        }
        for error in errors {
            self.complain(format!("Not loaded: {error}"));
        }
        self.replace_offer(offer);
        self.outbox.push(Effect::LookAtSources);
    }

    /// What is on offer became something else.
    pub(super) fn replace_offer(&mut self, offer: Offer) {
        let selected = self.selected_row();
        let before = std::mem::replace(&mut self.offer, offer);
        if let Some(found) = &mut self.found {
            // What was found stays in sight until it is found anew.
            found.hits.retain_mut(|hit| {
                let package = before.get(hit.package);
                let now = package.and_then(|package| self.offer.position(&package.attribute, &package.source));
                hit.package = now.unwrap_or_default();
                now.is_some()
            });
        }
        self.offer.learn_from(before);
        self.by_name = ByName::default();
        self.weighing.forget();
        self.compare_versions();
        self.select_row(selected);
        self.search_again();
    }

    /// Holds every element against what its source offers now.
    pub(super) fn compare_versions(&mut self) {
        let newer = |element: &Element| {
            let offered = self.offer.of_element(element)?.version;
            is_newer(&offered, &element.version).then_some(offered)
        };
        self.newer = self.elements().iter().map(newer).collect();
        let selected = self.selected_element().map(|element| element.name.clone());
        self.sort_installed(selected.as_deref());
    }

    /// Attribute and source of the selected row on offer.
    pub(super) fn selected_row(&self) -> Option<(String, String)> {
        let package = self.available(self.lists.available.selected()?)?;
        Some((package.attribute, package.source.to_string()))
    }

    /// Selects the row of an attribute of a source, on the line on which the selection is, if there is such a row.
    pub(super) fn select_row(&mut self, row: Option<(String, String)>) {
        let at = row.and_then(|(attribute, source)| self.offer.position(&attribute, &source));
        let row = match &self.found {
            None => at.and_then(|at| self.row_on_offer(at)),
            Some(found) => found.hits.iter().position(|hit| Some(hit.package) == at),
        };
        self.fit_lists();
        if let Some(row) = row {
            self.lists.available.move_to(row);
        }
    }

    pub(super) fn looked(&mut self, request: u64, looked: Result<Box<Looked>, EvaluationError>) {
        let is_newest = request == self.requests.look;
        match looked {
            Ok(looked) => {
                let Looked { package, outputs } = *looked;
                // An older one is of use as well: it need not be evaluated again.
                self.offer.learn(package);
                self.compare_versions();
                if is_newest {
                    self.evaluation = Evaluation::Quiet;
                    self.outputs = Some(outputs);
                }
            }
            Err(error) if is_newest => self.evaluation = Evaluation::Failed(error.to_string()),
            Err(_) => {}
        }
    }
}
