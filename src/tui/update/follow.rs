//! What follows from every action: lists fit their room, and what is shown of a selection is asked for.

use crate::package::Package;
use crate::profile::Element;

use super::super::app::{App, Evaluation, Phase, Screen};
use super::super::drift;
use super::super::effect::Effect;
use super::super::layout::{self, ListId};
use super::super::outline::Outline;
use super::super::sources;
use super::super::timeline;
use super::super::view::{detail_len, details_len, file_detail_len, import_detail_len};

impl App {
    pub(super) fn follow(&mut self) {
        self.begin_works();
        self.fit_lists();
        if self.phase == Phase::Open {
            self.ask_for_folder();
            self.look();
            self.weigh();
            self.weigh_upgrade();
            self.ask_for_order();
            self.follow_history();
            self.inspect_files();
            self.ask_for_files();
            self.ask_which();
            self.tell_file();
        }
    }

    pub(super) fn fit_lists(&mut self) {
        let lengths = [
            (ListId::Installed, self.elements().len()),
            (ListId::Available, self.available_len()),
            (ListId::Plan, Outline::of(self).len()),
            (ListId::Explanation, self.explanation.rows(layout::explanation_columns(self.area())).len()),
            (ListId::Collisions, self.inspector.tree().rows().len()),
            (ListId::Generations, self.current.generations.len()),
            (ListId::GenerationDetail, timeline::detail_len(self)),
            (ListId::Sources, sources::rows(self).len()),
            (ListId::Upgrades, self.upgrades.rows.as_ref().map_or(0, Vec::len)),
            (ListId::Files, self.files.rows.list().len()),
            (ListId::Which, self.which.providers().len()),
            (ListId::Environment, self.environment.imported().map_or(0, |imported| imported.packages.len())),
            (ListId::Drift, drift::rows(self, layout::explanation_columns(self.area())).len()),
            (ListId::Works, self.works.all().len()),
            (ListId::Palette, self.palette_rows().len()),
        ];
        self.fit_all(&lengths);
        self.fit_log();
        // Nothing is worked out for a screen that is not open.
        let details = if self.screens.contains(&Screen::Details) { details_len(self) } else { 0 };
        let help = if self.screens.contains(&Screen::Help) { self.help_lines().len() } else { 0 };
        self.fit_all(&[(ListId::Details, details), (ListId::Help, help)]);
        // The number of outputs depends on the selections of the lists above.
        let outputs = self.output_rows().len();
        self.fit_all(&[(ListId::Outputs, outputs)]);
        let imported = if self.screens.contains(&Screen::Environment) { import_detail_len(self) } else { 0 };
        let details = [
            (ListId::Inspected, detail_len(self)),
            (ListId::FileDetail, file_detail_len(self)),
            (ListId::EnvironmentDetail, imported),
        ];
        self.fit_all(&details);
    }

    /// What is out of sight is laid out once it is looked at.
    fn fit_log(&mut self) {
        if self.screen() == Some(Screen::Log) && !layout::is_too_small(self.area()) {
            let area = layout::inside(layout::log(self).log);
            self.log.fit(layout::log_columns(area), area.height.into());
        }
    }

    fn fit_all(&mut self, lengths: &[(ListId, usize)]) {
        let in_sight = layout::lists(self);
        for &(id, len) in lengths {
            // A list out of sight keeps its height, and so what it showed.
            let page =
                in_sight.iter().find(|(of, _)| *of == id).map_or(self.list(id).page(), |(_, area)| area.height.into());
            self.list_mut(id).fit(len, page);
        }
    }

    /// Asks for the outputs of the subject if it is another one than before.
    fn look(&mut self) {
        let package = self.subject().and_then(|subject| subject.package.or_else(|| unlisted(subject.element)));
        let key = package.as_ref().map(|package| (package.attribute.clone(), package.source.to_string()));
        if key == self.looked_at {
            return;
        }
        self.looked_at = key;
        self.outputs = None;
        self.evaluation = Evaluation::Quiet;
        self.lists.outputs.to_top();
        self.requests.look += 1;
        if let Some(package) = package {
            self.outbox.push(Effect::Look { request: self.requests.look, package: Box::new(package) });
        }
    }
}

/// What is installed although no row offers it: its source may know it all the same.
fn unlisted(element: Option<&Element>) -> Option<Package> {
    let element = element.filter(|element| !element.attribute.is_empty() && !element.source.is_empty())?;
    Some(Package::unevaluated(element.attribute.clone(), element.source.as_str().into()))
}
