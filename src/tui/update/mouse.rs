//! The mouse: a click selects and focuses, the wheel scrolls what is under the pointer.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::super::app::{App, Pane};
use super::super::layout::{self, ListId};

const WHEEL_ROWS: isize = 3;

impl App {
    pub(super) fn mouse(&mut self, event: MouseEvent) {
        let at = Position::new(event.column, event.row);
        if self.dialog.is_some() {
            return;
        }
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            MouseEventKind::ScrollDown => self.wheel(at, WHEEL_ROWS),
            MouseEventKind::ScrollUp => self.wheel(at, -WHEEL_ROWS),
            _ => {}
        }
    }

    fn click(&mut self, at: Position) {
        self.message = None;
        if self.screen().is_none() {
            self.click_pane(at);
        }
        if let Some((id, area)) = self.list_under(at)
            && let Some(row) = self.list(id).row_at((at.y - area.y).into())
        {
            self.list_mut(id).select(row);
            self.timeline.is_in_detail = id == ListId::GenerationDetail;
        }
    }

    /// Focuses the pane under the pointer; in the search box, starts typing.
    fn click_pane(&mut self, at: Position) {
        let panes = layout::panes(self);
        let under = |pane: Option<Rect>| pane.filter(|area| area.contains(at));
        self.is_searching = under(panes.available).is_some_and(|area| layout::available(area).0.contains(at));
        for (pane, area) in
            [(Pane::Installed, panes.installed), (Pane::Available, panes.available), (Pane::Outputs, panes.outputs)]
        {
            if under(area).is_some() {
                self.focus(pane);
            }
        }
    }

    fn wheel(&mut self, at: Position, rows: isize) {
        if let Some((id, _)) = self.list_under(at) {
            self.list_mut(id).scroll(rows);
        }
    }

    fn list_under(&self, at: Position) -> Option<(ListId, Rect)> {
        layout::lists(self).into_iter().find(|(_, area)| area.contains(at))
    }
}
