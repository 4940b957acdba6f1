//! In which order the panes list packages, and how wide they are.

use std::sync::Arc;

use crate::catalogue::Catalogue;

use super::super::app::{App, Pane};
use super::super::effect::Effect;
use super::super::layout;
use super::super::order::AvailableOrder;

impl App {
    /// Sorts the list with the focus in its next order; what is selected stays so.
    pub(super) fn next_order(&mut self) {
        match self.focus {
            Pane::Installed => {
                let selected = self.selected_element().map(|element| element.name.clone());
                self.orders.installed = self.orders.installed.next();
                self.sort_installed(selected.as_deref());
                self.say(format!("Installed: {}.", self.orders.installed.words()));
            }
            Pane::Available => {
                let selected = self.selected_row();
                self.orders.available = self.orders.available.next();
                self.select_row(selected);
                self.say(format!("Available: {}.", self.orders.available.words()));
            }
            Pane::Outputs => {}
        }
    }

    /// Lists the elements in their order, and selects the row of the one of that name.
    pub(super) fn sort_installed(&mut self, selected: Option<&str>) {
        self.installed_rows = self.orders.installed.rows(self.elements(), &self.newer);
        self.fit_lists();
        let is_selected = |&at: &usize| selected == Some(self.elements()[at].name.as_str());
        if let Some(row) = self.installed_rows.iter().position(is_selected) {
            self.lists.installed.move_to(row);
        }
    }

    /// Asks for the order by name once it is needed.
    pub(super) fn ask_for_order(&mut self) {
        if self.orders.available == AvailableOrder::Name && !self.by_name.is_asked && !self.offer.is_empty() {
            self.by_name.is_asked = true;
            self.outbox.push(Effect::SortByName);
        }
    }

    /// What is on offer by name; of another catalogue than the one in sight it means nothing.
    pub(super) fn sorted(&mut self, rows: Arc<[u32]>, catalogue: &Arc<Catalogue>) {
        if self.offer.is_of(catalogue) {
            let selected = self.selected_row();
            self.by_name.rows = Some(rows);
            self.select_row(selected);
        } else {
            self.by_name.is_asked = false;
        }
    }

    /// Makes the pane with the focus wider or narrower, by a step that can be seen.
    pub(super) fn resize_pane(&mut self, is_wider: bool) {
        if let Some(widths) = layout::resized(self, is_wider) {
            self.widths = widths;
        }
    }
}
