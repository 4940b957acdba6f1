//! What became of effects. A reply to anything but the newest request of its kind is dropped.

use std::collections::HashMap;

use crate::catalogue::Query;
use crate::loom::{Applied, LoomError, Preview};

use super::super::action::Command;
use super::super::app::{App, Pane, Phase, Screen};
use super::super::context::Context;
use super::super::dialog::Dialog;
use super::super::effect::{Current, Effect, Opened, Reply};
use super::super::report::Report;
use super::super::words;
use super::super::work::{Task, ended_by};

impl App {
    pub(super) fn take(&mut self, reply: Reply) {
        let ended = ended_by(&reply).filter(|(task, _)| *task != Task::Load);
        let ended = ended.and_then(|(task, error)| self.ended(task, error));
        let was_stopped = ended.is_some_and(|work| work.is_stopping);
        match reply {
            Reply::Opened(Ok(opened)) => self.opened(*opened),
            Reply::Opened(Err(error)) => self.phase = Phase::Failed(error.to_string()),
            Reply::Reloaded(Ok(current)) => self.reloaded(current),
            Reply::Reloaded(Err(error)) => self.complain(format!("The profile could not be read: {error}")),
            Reply::LookedElsewhere(found) => {
                let (elsewhere, about) = *found;
                self.elsewhere = elsewhere;
                self.about = Some(about);
            }
            Reply::Progressed(task, step) => self.progressed(task, step),
            Reply::Said { task, lines, dropped } => self.heard(task, lines, dropped),
            Reply::Sorted { rows, catalogue } => self.sorted(rows, &catalogue),
            Reply::Sources(sources) => self.take_sources(sources),
            Reply::PinFound(name, found) => self.pin_found(&name, found, was_stopped),
            Reply::Upgrades { request, names, found } => self.take_upgrades(request, &names, found, was_stopped),
            Reply::UpgradeWeighed { change, weight } => self.upgrade_weighed(&change, weight),
            Reply::SourceChanged(changed) => self.source_changed(*changed),
            Reply::Loaded { offer, errors, has_more } => self.loaded(offer, &errors, has_more),
            // Hits in packages that are not on offer any more, or not yet, mean nothing.
            Reply::Found { request, result, catalogue }
                if request == self.requests.search && self.offer.is_of(&catalogue) =>
            {
                let selected = self.is_refresh.then(|| self.selected_row()).flatten();
                self.found = Some(result);
                self.found_by = request;
                self.found_query = self.asked.clone();
                self.select_row(selected);
                self.select_sought();
                self.follow();
                self.press_held();
            }
            Reply::Looked { request, looked } => self.looked(request, looked),
            Reply::Weighed { request, at, weight } => self.weighed(request, at, weight),
            Reply::NotWeighed { request, error } => self.not_weighed(request, &error),
            Reply::Explained { request, lines } => self.explained(request, lines),
            Reply::Previewed { request, report } if request == self.requests.preview => self.previewed(report),
            Reply::Compared { request, from, to, diff } => self.compared_with(request, (from, to), diff),
            Reply::Summarised { request, summary } => self.summarised(request, summary),
            Reply::NotSummarised { request, error } if request == self.requests.summarise => {
                self.complain(format!("The history could not be read: {error}"));
            }
            Reply::Files { request, tree } if request == self.requests.tree => self.take_files(tree),
            Reply::Which { request, found } if request == self.requests.which => self.take_found(found),
            Reply::DeletionWeighed { request, preview } => self.deletion_weighed(request, preview),
            Reply::FilesCompared { request, comparisons } if request == self.requests.files => {
                self.inspector.contents.comparisons = Some(comparisons);
            }
            Reply::Found { .. }
            | Reply::Previewed { .. }
            | Reply::NotSummarised { .. }
            | Reply::FilesCompared { .. }
            | Reply::Files { .. }
            | Reply::Which { .. } => {}
            Reply::FetchedForPreview(result) => self.fetched(result, was_stopped),
            Reply::Applied(result) => self.applied(result, was_stopped),
            Reply::Built { what, result } => self.built(what, result, was_stopped),
            Reply::RolledBack(result) => self.rolled_back(result),
            Reply::Deleted(result) => self.deleted(result),
            Reply::Converted(result) => self.converted(result, was_stopped),
            Reply::Emptied(result) => self.emptied(result, was_stopped),
            Reply::Imported { request, read } => self.imported(request, read, was_stopped),
            Reply::Folder { folder, found } => {
                if let Some(Dialog::File(prompt)) = &mut self.dialog {
                    prompt.take(&folder, found);
                }
            }
            Reply::Status { request, status, .. } => self.take_status(request, status),
            Reply::Forgotten(file, result) => self.forgotten(&file, result),
            Reply::Exported(wanted, result) => self.exported(&wanted, result, was_stopped),
        }
    }

    fn opened(&mut self, opened: Opened) {
        self.phase = Phase::Open;
        // At the first time it is as it was read before the first picture.
        if let Some(look) = opened.look.filter(|_| self.requests.reopen > 0) {
            self.take_look(look);
        }
        self.about = Some(opened.about);
        self.offer = opened.offer;
        self.outbox.push(Effect::LookAtSources);
        if opened.has_unloaded_sources {
            self.outbox.push(Effect::LoadSources);
        }
        if opened.current.snapshot.elements.is_empty() {
            // There is nothing to do in an empty list.
            self.focus(Pane::Available);
        }
        self.reloaded(opened.current);
        self.outbox.push(Effect::LookElsewhere);
        if !self.query.is_empty() {
            self.searched();
        }
    }

    fn reloaded(&mut self, current: Current) {
        let mut by_attribute: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, element) in current.snapshot.elements.iter().enumerate() {
            by_attribute.entry(element.attribute.clone()).or_default().push(at);
        }
        self.installed_by_attribute = by_attribute;
        let selected = self.selected_element().map(|element| element.name.clone());
        self.timeline.read_again(&self.current.generations, &current.generations, self.now);
        let is_other = self.current.snapshot.elements != current.snapshot.elements;
        self.current = current;
        if is_other {
            self.forget_upgrades();
        }
        self.compare_versions();
        self.sort_installed(selected.as_deref());
        if Query::parse(self.query.text()).asks_for_installed() {
            self.search_again();
        }
        // What is in the store may have become more.
        self.looked_at = None;
        self.files.asked = None;
        self.ask_which_again();
        self.weighing.forget();
        self.ask_for_preview();
        self.check_files();
    }

    /// Asks what the staged changes would do; without any, how the profile is now.
    pub(super) fn ask_for_preview(&mut self) {
        self.requests.preview += 1;
        self.outlook.is_working = true;
        let transaction = self.staged.transaction().clone();
        self.outbox.push(Effect::Preview { request: self.requests.preview, transaction });
    }

    fn previewed(&mut self, report: Result<Box<Report>, LoomError>) {
        self.outlook.is_working = false;
        (self.outlook.report, self.outlook.error) = match report {
            Ok(report) => (Some(report), None),
            Err(error) => (None, Some(error.to_string())),
        };
        self.inspect_plan();
    }

    fn applied(&mut self, result: Result<Box<Applied>, LoomError>, was_stopped: bool) {
        match result {
            Ok(applied) => {
                self.staged.forget();
                self.screens.retain(|&screen| screen == Screen::Help);
                self.outbox.push(Effect::Reload);
                let has_before = self.current.snapshot.generation.is_some();
                let back = has_before.then(|| self.key_for(Context::Panes, Command::RollBack));
                self.announce(applied_sentence(&applied, back));
            }
            Err(LoomError::Collisions { preview, .. } | LoomError::Impossible { preview }) => {
                self.refused_for_real(*preview);
            }
            Err(error) => {
                self.outbox.push(Effect::Reload);
                self.fail("Not applied", &error.to_string(), was_stopped);
            }
        }
    }

    /// The real files told more than the listings: what they told is what is shown from now on.
    pub(super) fn refused_for_real(&mut self, preview: Preview) {
        self.requests.preview += 1;
        self.previewed(Ok(Box::new(Report::new(preview))));
        self.open(Screen::Plan);
        let refused = self.outlook.report.as_deref().map(|report| self.refused(report));
        self.show_error(refused.unwrap_or_default());
    }

    fn rolled_back(&mut self, result: Result<u64, LoomError>) {
        self.outbox.push(Effect::Reload);
        match result {
            Ok(generation) => self.announce(format!("Generation {generation} is the current one now.")),
            Err(error) => self.fail("Not rolled back", &error.to_string(), false),
        }
    }

    fn converted(&mut self, result: Result<Box<Applied>, LoomError>, was_stopped: bool) {
        self.outbox.push(Effect::Reload);
        match result {
            Ok(applied) => {
                self.announce(format!(
                    "Generation {} is the same packages in the other kind of profile. {} rolls back.{}",
                    applied.generation,
                    self.key_for(Context::Panes, Command::RollBack),
                    notes(&applied)
                ));
            }
            Err(error) => self.fail("Not converted", &error.to_string(), was_stopped),
        }
    }

    fn emptied(&mut self, result: Result<Box<Applied>, LoomError>, was_stopped: bool) {
        self.outbox.push(Effect::Reload);
        match result {
            Ok(applied) => self.say(format!(
                "Generation {} is the current one now, without packages. {} in the history brings them back.{}",
                applied.generation,
                self.key_for(Context::Generations, Command::UndoGeneration),
                notes(&applied)
            )),
            Err(error) => self.fail("Not undone", &error.to_string(), was_stopped),
        }
    }

    fn deleted(&mut self, result: Result<Vec<u64>, LoomError>) {
        self.outbox.push(Effect::Reload);
        match result {
            Ok(numbers) => {
                let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                self.announce(format!("Deleted: generation {}.", numbers.join(", ")));
            }
            Err(error) => self.fail("Not deleted", &error.to_string(), false),
        }
    }
}

/// What else there is to say of a generation, each as a sentence after others.
fn notes(applied: &Applied) -> String {
    applied.warnings.iter().fold(String::new(), |text, warning| format!("{text} Note: {warning}."))
}

/// What became of an apply, and the key for the way back if there is one.
fn applied_sentence(applied: &Applied, back: Option<String>) -> String {
    let generation = applied.generation;
    if applied.unchanged {
        return format!("Nothing became different: generation {generation} stays.");
    }
    let preview = &applied.preview;
    let meanwhile =
        if applied.rebased { " Another program had changed the profile; this was made on top of that." } else { "" };
    let warnings = notes(applied);
    format!(
        "Generation {generation} is the current one now: commands {}, files {}.{meanwhile}{warnings}{}",
        words::tally(&preview.commands),
        words::tally(&preview.files),
        back.map_or_else(String::new, |key| format!(" {key} rolls back.")),
    )
}
