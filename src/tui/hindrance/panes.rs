//! What stands in the way of another order and of other widths.

use super::super::action::Command;
use super::super::app::{App, Pane};
use super::super::context::Context;
use super::super::layout;
use super::Hindrance;

impl App {
    pub(super) fn no_order(&self) -> Option<Hindrance> {
        match self.focus {
            Pane::Available if !self.query.is_empty() => {
                let key = self.key_for(Context::Panes, Command::Back);
                Some(format!("A search ranks what it finds, the best first; {key} clears it.").into())
            }
            Pane::Installed | Pane::Available => None,
            Pane::Outputs => Some("Outputs stand in the order of their package.".into()),
        }
    }

    pub(super) fn no_width(&self, is_wider: bool) -> Option<Hindrance> {
        if layout::resized(self, is_wider).is_some() {
            return None;
        }
        let sentence = match (layout::place(self, self.focus), is_wider) {
            (None, _) => "From 60 columns on panes stand side by side; there is one alone here.",
            (Some(_), true) => "The pane cannot be wider: the others would be too narrow.",
            (Some(_), false) => "The pane cannot be narrower.",
        };
        Some(sentence.into())
    }
}
