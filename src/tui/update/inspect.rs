//! The inspector: what its keys change, what of its selection is asked for, and where that is once something became different.

use std::sync::Arc;

use super::super::action::Command;
use super::super::app::{App, Screen, inspected_report};
use super::super::effect::Effect;
use super::super::inspector::{Anchor, Contents, Grouping, Inspector, Row};
use crate::engine::Collision;
use crate::loom::LoomError;
use crate::profile::Transaction;

/// More contenders than these are named, but not compared.
const COMPARED: usize = 4;

impl App {
    pub(super) fn open_inspector(&mut self) {
        self.inspector = Inspector::opened(self.outlook.report.as_deref(), !self.staged.is_empty());
        self.show_first_blocking();
    }

    /// The same for the environment file that is open, by itself.
    pub(super) fn open_inspector_of_file(&mut self) {
        self.inspector = Inspector::opened_of_file(self.environment.own_report());
        self.show_first_blocking();
    }

    fn show_first_blocking(&mut self) {
        self.fit_lists();
        self.lists.collisions.to_top();
        self.select_blocking(0);
    }

    /// Selects the first row from `row` on, or else from the top, that blocks.
    fn select_blocking(&mut self, row: usize) {
        let report = inspected_report(&self.inspector, &self.outlook, &self.environment);
        if let Some(next) = report.and_then(|report| self.inspector.next_blocking(report, row)) {
            self.lists.collisions.select(next);
        }
    }

    /// Does a command of the inspector; `false` if it is none.
    pub(super) fn inspect(&mut self, command: Command) -> bool {
        match command {
            Command::Regroup => {
                self.inspector.grouping = match self.inspector.grouping {
                    Grouping::Pair => Grouping::Path,
                    Grouping::Path => Grouping::Pair,
                };
                self.sort_inspector();
            }
            Command::Unfold => {
                self.set_unfolded(true);
            }
            Command::Fold => {
                if !self.set_unfolded(false) {
                    self.select_parent();
                }
            }
            Command::ToggleFold => self.toggle_fold(),
            Command::ToggleBlockingOnly => {
                let filter = &mut self.inspector.filter;
                filter.is_blocking_only = !filter.is_blocking_only;
                self.sort_inspector();
            }
            Command::NextKind => self.next_kind(1),
            Command::PreviousKind => self.next_kind(-1),
            Command::ScrollDetailDown => self.inspector.detail.scroll(self.half_detail()),
            Command::ScrollDetailUp => self.inspector.detail.scroll(-self.half_detail()),
            Command::FetchUnknown => self.fetch_unknown(),
            _ => return false,
        }
        true
    }

    /// Half of what is in sight of the detail, in lines.
    fn half_detail(&self) -> isize {
        isize::try_from(self.inspector.detail.page() / 2).unwrap_or(isize::MAX).max(1)
    }

    /// The plan became another one: what is selected stays so, and after something was settled the next is gone to.
    pub(super) fn inspect_plan(&mut self) {
        let is_settling = std::mem::take(&mut self.inspector.is_settling);
        if self.inspector.is_of_file && self.screens.contains(&Screen::Collisions) {
            return;
        }
        if !self.screens.contains(&Screen::Collisions) {
            // Its rows are those of an older plan.
            self.inspector = Inspector::default();
            return;
        }
        if self.inspector.told.is_none() && self.inspector.lost.is_none() {
            self.open_inspector();
            return;
        }
        self.sort_inspector();
        let Some(report) = inspected_report(&self.inspector, &self.outlook, &self.environment).filter(|_| is_settling)
        else {
            return;
        };
        let selected = self.lists.collisions.selected().unwrap_or(0);
        let is_settled = self.inspected().is_none_or(|row| self.inspector.blocking(report, row) == 0);
        if report.builds() {
            self.lists.collisions.to_top();
        } else if is_settled {
            self.select_blocking(selected);
        }
    }

    /// Sorts the rows anew; what is selected stays so where it can, on its line.
    pub(super) fn sort_inspector(&mut self) {
        let report = inspected_report(&self.inspector, &self.outlook, &self.environment);
        self.inspector.sort(report, !self.staged.is_empty() && !self.inspector.is_of_file);
        let told = self.inspector.told.clone();
        let lost = self.inspector.lost.take();
        let mut find = |anchor: &Option<Anchor>| self.inspector.find(report?, anchor.as_ref()?);
        let (row, lost) = match find(&lost) {
            Some(row) => (Some(row), None),
            None => match find(&told) {
                Some(row) => (Some(row), lost),
                None => (None, lost.or(told)),
            },
        };
        self.fit_lists();
        if let Some(row) = row {
            self.lists.collisions.move_to(row);
        }
        self.tell_selected();
        self.inspector.lost = lost;
    }

    /// What is told is that of the selected row; another one starts at its top.
    fn tell_selected(&mut self) {
        let report = inspected_report(&self.inspector, &self.outlook, &self.environment);
        let selected = self.lists.collisions.selected();
        let anchor = report.zip(selected).and_then(|(report, row)| self.inspector.anchor(report, row));
        if anchor != self.inspector.told {
            self.inspector.detail.to_top();
            self.inspector.told = anchor;
            self.inspector.lost = None;
        }
    }

    /// Asks what the files of the selected collision hold.
    pub(super) fn inspect_files(&mut self) {
        if self.screen() != Some(Screen::Collisions) {
            return;
        }
        self.tell_selected();
        let Some(report) = inspected_report(&self.inspector, &self.outlook, &self.environment) else { return };
        let files = match self.inspected() {
            Some(Row::Collision { at, .. }) => report.collisions().get(at as usize).map(files).unwrap_or_default(),
            _ => Vec::new(),
        };
        if files == self.inspector.contents.files {
            return;
        }
        self.inspector.contents = Contents { files: files.clone(), comparisons: None };
        self.requests.files += 1;
        if files.len() > 1 {
            self.outbox.push(Effect::CompareFiles { request: self.requests.files, files });
        }
    }

    pub(super) fn fetched(&mut self, result: Result<(), LoomError>, was_stopped: bool) {
        self.inspector.contents = Contents::default();
        match result {
            Ok(()) => self.announce("Fetched. Nothing is installed by that."),
            Err(error) => self.fail("Not fetched", &error.to_string(), was_stopped),
        }
        if self.inspector.is_of_file {
            self.read_file(self.environment.file.clone());
        }
        // What came before an error is known now all the same.
        self.weighing.forget();
        self.ask_for_preview();
    }

    fn fetch_unknown(&mut self) {
        let of_file = self.environment.imported().filter(|_| self.inspector.is_of_file);
        let transaction = match of_file {
            Some(imported) => Transaction { changes: imported.apart.clone() },
            None => self.staged.transaction().clone(),
        };
        self.outbox.push(Effect::FetchForPreview { transaction });
    }

    /// `false` if nothing became different.
    fn set_unfolded(&mut self, is_unfolded: bool) -> bool {
        let row = self.inspected();
        let Some((report, row)) = inspected_report(&self.inspector, &self.outlook, &self.environment).zip(row) else {
            return false;
        };
        self.inspector.set_unfolded(report, row, is_unfolded)
    }

    fn select_parent(&mut self) {
        let selected = self.lists.collisions.selected();
        if let Some(parent) = selected.and_then(|row| self.inspector.tree().parent(row)) {
            self.lists.collisions.select(parent);
        }
    }

    fn toggle_fold(&mut self) {
        match self.inspected() {
            Some(Row::Settled) => self.open(Screen::Plan),
            Some(Row::Pair { .. } | Row::Directory { .. }) => {
                let _ = self.set_unfolded(true) || self.set_unfolded(false);
            }
            Some(Row::Unknown(_) | Row::Collision { .. }) | None => {}
        }
    }

    fn next_kind(&mut self, by: isize) {
        let Some(report) = inspected_report(&self.inspector, &self.outlook, &self.environment) else { return };
        let kinds: Vec<_> = std::iter::once(None).chain(report.kinds().map(|(kind, _)| Some(kind))).collect();
        let at = kinds.iter().position(|&kind| kind == self.inspector.filter.kind).unwrap_or(0);
        self.inspector.filter.kind = kinds[(at + kinds.len()).saturating_add_signed(by) % kinds.len()];
        self.sort_inspector();
    }
}

/// The files that a collision is about: who gets the path, or the first, before the others.
fn files(collision: &Collision) -> Vec<Arc<[u8]>> {
    let first = collision.winner.unwrap_or(0);
    let source = |at: usize| collision.contenders.get(at).map(|contender| Arc::clone(&contender.source));
    let others = (0..collision.contenders.len()).filter(|&at| at != first);
    std::iter::once(first).chain(others).filter_map(source).take(COMPARED).collect()
}
