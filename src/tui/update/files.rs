//! The files screen: what its keys change, and when its tree is asked for anew.

use std::sync::Arc;

use super::super::action::Command;
use super::super::app::{App, Screen};
use super::super::effect::Effect;
use super::super::files::{Files, Showing};
use crate::loom::{FileTree, FilesError, FilesOf};

impl App {
    /// Does a command that shows files or moves about in them; `false` if it is none.
    pub(super) fn browse(&mut self, command: Command) -> bool {
        match command {
            Command::ShowFiles if self.screen() == Some(Screen::Generations) => {
                if let Some(number) = self.selected_generation().map(|generation| generation.number) {
                    self.show_files(Showing::Generation(number));
                }
            }
            Command::ShowFiles if self.screen() == Some(Screen::Plan) => self.show_files_of_plan(),
            Command::ShowFiles => self.show_files_of_package(),
            Command::ShowProfileFiles => self.show_files(Showing::Profile),
            Command::ShowWhich => self.show_which(),
            _ if self.screen() != Some(Screen::Files) => return false,
            Command::SwitchFiles => self.switch_files(),
            Command::Filter => self.files.is_typing = true,
            Command::Unfold => {
                self.unfold_files(true);
            }
            Command::Fold => {
                if !self.unfold_files(false) {
                    let parent = self.lists.files.selected().and_then(|row| self.files.parent(row));
                    self.fit_lists();
                    self.lists.files.select(parent.unwrap_or(0));
                }
            }
            Command::ToggleFold => {
                let _ = self.unfold_files(true) || self.unfold_files(false);
            }
            Command::UnfoldAll => {
                if let Some(row) = self.lists.files.selected() {
                    self.files.toggle_all(row);
                }
            }
            Command::ScrollDetailDown => self.files.detail.scroll(self.half_of_file_detail()),
            Command::ScrollDetailUp => self.files.detail.scroll(-self.half_of_file_detail()),
            _ => return false,
        }
        true
    }

    fn half_of_file_detail(&self) -> isize {
        isize::try_from(self.files.detail.page() / 2).unwrap_or(isize::MAX).max(1)
    }

    fn unfold_files(&mut self, is_unfolded: bool) -> bool {
        let row = self.lists.files.selected();
        row.is_some_and(|row| self.files.set_unfolded(row, is_unfolded))
    }

    fn show_files_of_package(&mut self) {
        let Some(subject) = self.subject() else { return };
        let name = subject.name().to_owned();
        let of = FilesOf::Package {
            element: subject.element.cloned().map(Box::new),
            package: subject.package.clone().map(Box::new),
        };
        self.show_files(Showing::Package(name, of));
    }

    /// Opens the screen; of the same files as before, with what was unfolded.
    pub(super) fn show_files(&mut self, showing: Showing) {
        if self.files.showing != showing || self.files.tree().is_none() {
            self.files = Files::of(showing);
            self.lists.files.to_top();
        }
        self.open(Screen::Files);
    }

    fn switch_files(&mut self) {
        let showing = match self.files.showing {
            Showing::Profile => Showing::Plan,
            Showing::Plan
            | Showing::Generation(_)
            | Showing::Built(..)
            | Showing::Environment(..)
            | Showing::Package(..) => Showing::Profile,
        };
        self.files.showing = showing;
    }

    /// Asks for the files that are to be shown, if it was not they that were asked for last.
    pub(super) fn ask_for_files(&mut self) {
        if !self.screens.contains(&Screen::Files) {
            return;
        }
        if self.files.showing == Showing::Plan && self.staged.is_empty() {
            self.files.showing = Showing::Profile;
        }
        let of = match &self.files.showing {
            Showing::Package(_, of) => of.clone(),
            Showing::Profile => FilesOf::Profile,
            Showing::Plan => FilesOf::Plan(self.staged.transaction().clone()),
            Showing::Generation(number) => FilesOf::Generation(*number),
            Showing::Built(_, path) => FilesOf::Built(path.clone()),
            Showing::Environment(_, woven) => FilesOf::Woven(woven.clone()),
        };
        if self.files.asked.as_ref() != Some(&of) {
            self.files.asked = Some(of.clone());
            self.files.is_working = true;
            self.requests.tree += 1;
            self.outbox.push(Effect::Files { request: self.requests.tree, of });
        }
    }

    /// The tree that was asked for; what is selected stays so where it can.
    pub(super) fn take_files(&mut self, tree: Result<Arc<FileTree>, FilesError>) {
        self.files.is_working = false;
        match tree {
            Ok(tree) => {
                let selected = self.lists.files.selected().unwrap_or(0);
                let row = self.files.take(&tree, selected);
                self.fit_lists();
                match row {
                    Some(row) => self.lists.files.move_to(row),
                    None => self.lists.files.to_top(),
                }
            }
            Err(error) => self.files.fail(error.to_string()),
        }
    }

    /// What is told is that of the selected row; another one starts at its top.
    pub(super) fn tell_file(&mut self) {
        let selected = self.lists.files.selected().and_then(|row| self.files.node(row));
        if self.files.told != selected {
            self.files.told = selected;
            self.files.detail.to_top();
        }
    }

    /// A key of the filter that does not type.
    pub(super) fn edit_file_filter(&mut self, command: Command) {
        match command {
            Command::Accept => self.files.is_typing = false,
            Command::Back => self.clear_file_filter(),
            _ if self.files.filter.edit(command) => self.filter_files(),
            _ => {
                self.navigate(command);
            }
        }
    }

    pub(super) fn clear_file_filter(&mut self) {
        self.files.is_typing = false;
        self.files.filter.clear();
        let selected = self.lists.files.selected().and_then(|row| self.files.node(row));
        // What was found is unfolded, so that it is still in sight.
        if let (Some(at), Some(tree)) = (selected, self.files.tree().cloned()) {
            let mut above = tree.parent(at);
            self.files.filter_again();
            while let Some(directory) = above {
                self.files.rows.set_unfolded(&tree, directory, true);
                above = tree.parent(directory);
            }
            self.fit_lists();
            if let Some(row) = self.files.rows.row_of(at) {
                self.lists.files.move_to(row);
            }
        } else {
            self.files.filter_again();
        }
    }

    /// The filter became another one: what is selected stays so if it is found, else the first that is found is.
    pub(super) fn filter_files(&mut self) {
        let selected = self.lists.files.selected().and_then(|row| self.files.node(row));
        self.files.filter_again();
        let rows = &self.files.rows;
        let is_found = |at: &_| rows.hits().is_none() || rows.is_hit(*at);
        let row = selected.filter(is_found).and_then(|at| rows.row_of(at)).or_else(|| rows.first_hit());
        self.fit_lists();
        if let Some(row) = row {
            self.lists.files.move_to(row);
        }
    }
}
