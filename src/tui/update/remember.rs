//! What is remembered from one run to the next: taken in at the start, asked to be kept, and given away at the end.

use super::super::action::Command;
use super::super::app::{App, Pane};
use super::super::effect::Effect;
use super::super::history::History;
use super::super::input::Input;
use super::super::order::Orders;
use super::super::widths::Widths;
use crate::remembered::Remembered;

/// Has a new screen start where the last one was left. What no longer means anything is as usual.
pub fn recall(app: &mut App, remembered: Remembered) {
    app.recall_theme(remembered.theme.as_deref());
    let Remembered { pane, queries, files, orders, widths, .. } = remembered;
    app.orders = Orders::named(&orders);
    app.widths = Widths::of(&widths);
    if let Some(pane) = pane.and_then(|name| Pane::named(&name)) {
        app.focus(pane);
    }
    app.history = History::new(queries);
    app.opened_files = History::new(files);
}

/// What is to be remembered as it is now; of the queries those that are new since this was asked last.
pub fn to_remember(app: &mut App) -> Remembered {
    let theme = app.chosen_theme.map(|theme| theme.name().to_owned());
    Remembered {
        theme,
        pane: Some(app.focus.name().to_owned()),
        queries: app.history.take_new(),
        files: app.opened_files.take_new(),
        orders: app.orders.names(),
        widths: app.widths.numbers(),
    }
}

impl App {
    /// The query led somewhere: it is kept.
    pub(super) fn keep_query(&mut self) {
        if self.history.keep(self.query.text()) {
            self.remember();
        }
    }

    /// Has it kept as it is now.
    pub(super) fn remember(&mut self) {
        let remembered = to_remember(self);
        self.outbox.push(Effect::Remember(Box::new(remembered)));
    }

    /// Puts the next older or newer query into the search box.
    pub(super) fn walk_history(&mut self, command: Command) {
        let text = self.query.text();
        let step = if command == Command::OlderQuery { self.history.older(text) } else { self.history.newer(text) };
        if let Some(step) = step {
            self.query = Input::new(self.history.go(step));
        }
    }
}
