//! The mouse: a click selects and focuses, or does what a word says; a double click does what Space or Enter does there; the
//! wheel and the scroll bars scroll.

use std::time::Duration;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::super::action::Command;
use super::super::app::{App, Pane};
use super::super::dialog::Dialog;
use super::super::layout::{self, ListId};
use super::super::moment::Moment;
use super::super::outline::{Outline, Row, Section};
use super::super::view::{Target, hits};

const WHEEL_ROWS: isize = 3;
/// Two clicks on a row within this time are one double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

/// What the mouse did before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mouse {
    /// The row that was clicked last, and when.
    clicked: Option<(ListId, usize, Moment)>,
    /// The list whose scroll bar is held.
    dragged: Option<ListId>,
}

impl App {
    pub(super) fn mouse(&mut self, event: MouseEvent) {
        let at = Position::new(event.column, event.row);
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            MouseEventKind::Drag(MouseButton::Left) => self.drag(at),
            MouseEventKind::Up(MouseButton::Left) => self.mouse.dragged = None,
            MouseEventKind::ScrollDown => self.wheel(at, WHEEL_ROWS),
            MouseEventKind::ScrollUp => self.wheel(at, -WHEEL_ROWS),
            _ => {}
        }
    }

    fn click(&mut self, at: Position) {
        let clicked = self.mouse.clicked.take();
        self.mouse.dragged = None;
        if let Some(hit) = hits(self).into_iter().find(|hit| hit.area.contains(at)) {
            self.message = None;
            return self.click_word(hit.target);
        }
        self.message = None;
        match &self.dialog {
            None => {}
            Some(Dialog::Palette(_)) if layout::palette(self.area()).area.contains(at) => {}
            Some(Dialog::Palette(_)) => {
                self.dialog = None;
                return;
            }
            // What is asked is answered first.
            Some(_) => return,
        }
        if let Some((id, _)) = self.bar_under(at) {
            self.mouse.dragged = Some(id);
            self.drag(at);
            return;
        }
        if self.dialog.is_none() {
            self.help.is_typing = false;
            self.inspector.is_typing = false;
            self.files.is_typing = false;
            if self.screen().is_none() {
                self.click_pane(at);
            }
        }
        let Some((id, row)) = self.row_under(at) else { return };
        self.list_mut(id).select(row);
        self.timeline.is_in_detail = id == ListId::GenerationDetail;
        match clicked {
            Some((of, before, when)) if (of, before) == (id, row) && self.now.since(when) <= DOUBLE_CLICK => {
                self.double_click(id);
            }
            _ => self.mouse.clicked = Some((id, row, self.now)),
        }
    }

    fn click_word(&mut self, target: Target) {
        match target {
            Target::Key(key) if self.is_too_early(key) => self.held.push(key),
            Target::Key(key) => self.press(key),
            Target::Pane(pane) => {
                self.is_searching = false;
                self.focus(pane);
            }
            Target::Kind(kind) => {
                self.inspector.filter.kind = kind;
                self.sort_inspector();
            }
        }
    }

    /// Does what is most natural to the selected row.
    fn double_click(&mut self, id: ListId) {
        // What is selected is of an older query still.
        let is_stale = self.found_by != self.requests.search && matches!(id, ListId::Available | ListId::Outputs);
        if let Some(command) = self.natural_command(id).filter(|_| !is_stale) {
            self.run(self.context(), command);
        }
    }

    fn natural_command(&self, id: ListId) -> Option<Command> {
        Some(match id {
            ListId::Installed => Command::ToggleRemoval,
            ListId::Available => Command::ToggleInstall,
            ListId::Outputs => Command::ToggleOutput,
            ListId::Collisions | ListId::Files => Command::ToggleFold,
            ListId::Generations => Command::GoToGeneration,
            ListId::Sources => Command::ToggleSource,
            ListId::Upgrades => Command::MarkUpgrade,
            ListId::Which => Command::GoToPackage,
            ListId::Environment => Command::InstallWhole,
            ListId::Palette => Command::Accept,
            ListId::Plan => match Outline::of(self).row(self.lists.plan.selected()?)? {
                Row::Item(Section::Settle, _) => Command::StageSuggestion,
                Row::Item(Section::Changes, _) => Command::Unstage,
                Row::Item(Section::Blocked | Section::Collisions, _) => Command::ShowCollisions,
                _ => return None,
            },
            ListId::Explanation
            | ListId::Drift
            | ListId::Inspected
            | ListId::FileDetail
            | ListId::EnvironmentDetail
            | ListId::GenerationDetail
            | ListId::Details
            | ListId::Works
            | ListId::Log
            | ListId::Help => return None,
        })
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

    /// The held scroll bar follows the pointer.
    fn drag(&mut self, at: Position) {
        let Some(id) = self.mouse.dragged else { return };
        let Some((_, area)) = self.lists_in_reach().into_iter().find(|(of, _)| *of == id) else { return };
        let line = at.y.saturating_sub(area.y).min(area.height.saturating_sub(1));
        self.list_mut(id).jump(line.into(), area.height.into());
    }

    fn row_under(&self, at: Position) -> Option<(ListId, usize)> {
        let (id, area) = self.list_under(at)?;
        Some((id, self.list(id).row_at((at.y - area.y).into())?))
    }

    fn list_under(&self, at: Position) -> Option<(ListId, Rect)> {
        self.lists_in_reach().into_iter().find(|(_, area)| area.contains(at))
    }

    /// The list whose scroll bar is under the pointer.
    fn bar_under(&self, at: Position) -> Option<(ListId, Rect)> {
        self.lists_in_reach().into_iter().find(|&(id, area)| {
            layout::scroll_bar(id, area).contains(at) && self.list(id).thumb(area.height.into()).is_some()
        })
    }

    /// The lists that no dialog hides.
    fn lists_in_reach(&self) -> Vec<(ListId, Rect)> {
        let mut lists = layout::lists(self);
        match self.dialog {
            None => {}
            Some(Dialog::Palette(_)) => lists.retain(|(id, _)| *id == ListId::Palette),
            Some(_) => lists.clear(),
        }
        lists
    }
}
