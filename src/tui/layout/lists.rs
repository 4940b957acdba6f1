//! The lists: which are in sight, where their rows are, and which one the keys move in.

use ratatui::layout::Rect;

use super::super::app::{App, Pane, Screen};
use super::super::dialog::Dialog;
use super::super::list::List;
use super::screens::{
    collision_rows, collisions, environment, file_rows, files, generation_rows, generations, help_rows, log, padded,
    palette, plan, sources, upgrades, which,
};
use super::{available, frame, inside, installed, is_too_small, outputs, panes};

/// One of the lists of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListId {
    Installed,
    Available,
    Outputs,
    Plan,
    Explanation,
    Drift,
    Collisions,
    /// What is told of the selected collision.
    Inspected,
    Generations,
    /// What is told of the selected generation.
    GenerationDetail,
    Details,
    Sources,
    Upgrades,
    Files,
    /// What is told of the selected file.
    FileDetail,
    Which,
    /// The packages of a file.
    Environment,
    /// What is told of the file.
    EnvironmentDetail,
    Works,
    Log,
    Help,
    Palette,
}

/// Where a list's scroll bar is: in the border at the right of its rows.
pub fn scroll_bar(id: ListId, rows: Rect) -> Rect {
    // What is told of a collision or a file has a blank column before the border.
    let gap = u16::from(matches!(
        id,
        ListId::Inspected | ListId::FileDetail | ListId::GenerationDetail | ListId::EnvironmentDetail
    ));
    Rect { x: rows.right() + gap, width: 1, ..rows }
}

/// The lists in sight and where their rows are; for the mouse and for [`List::fit`].
pub fn lists(app: &App) -> Vec<(ListId, Rect)> {
    let area = app.area();
    if is_too_small(area) {
        return Vec::new();
    }
    let mut lists = lists_of_screen(app, area);
    if matches!(app.dialog, Some(Dialog::Palette(_))) {
        lists.push((ListId::Palette, palette(area).rows));
    }
    lists
}

fn lists_of_screen(app: &App, area: Rect) -> Vec<(ListId, Rect)> {
    match app.screen() {
        Some(Screen::Plan) => vec![(ListId::Plan, inside(plan(app).0))],
        Some(Screen::Explanation) => vec![(ListId::Explanation, inside(frame(area).body))],
        Some(Screen::Drift) => vec![(ListId::Drift, inside(frame(area).body))],
        Some(Screen::Collisions) => {
            let parts = collisions(area);
            let inspected = parts.detail.map(|detail| (ListId::Inspected, padded(detail)));
            std::iter::once((ListId::Collisions, collision_rows(app, parts.list).rows)).chain(inspected).collect()
        }
        Some(Screen::Generations) => {
            let parts = generations(app);
            let list = parts.list.map(|list| (ListId::Generations, generation_rows(list).1));
            let detail = parts.detail.map(|detail| (ListId::GenerationDetail, padded(detail)));
            list.into_iter().chain(detail).collect()
        }
        Some(Screen::Details) => vec![(ListId::Details, padded(frame(area).body))],
        Some(Screen::Sources) => vec![(ListId::Sources, inside(sources(area).list))],
        Some(Screen::Upgrades) => vec![(ListId::Upgrades, inside(upgrades(area).list))],
        Some(Screen::Files) => {
            let parts = files(area);
            let detail = parts.detail.map(|detail| (ListId::FileDetail, padded(detail)));
            std::iter::once((ListId::Files, file_rows(app, parts.list).1)).chain(detail).collect()
        }
        Some(Screen::Which) => vec![(ListId::Which, which(area).1)],
        Some(Screen::Environment) => {
            let parts = environment(app);
            let list = parts.list.map(|list| (ListId::Environment, inside(list)));
            let detail = parts.detail.map(|detail| (ListId::EnvironmentDetail, padded(detail)));
            list.into_iter().chain(detail).collect()
        }
        Some(Screen::Log) => {
            let parts = log(app);
            let works = parts.works.map(|works| (ListId::Works, inside(works)));
            works.into_iter().chain([(ListId::Log, inside(parts.log))]).collect()
        }
        Some(Screen::Help) => vec![(ListId::Help, help_rows(app).1)],
        None => {
            let panes = panes(app);
            let rows_of_installed = panes.installed.map(|pane| (ListId::Installed, installed(pane).1));
            let rows_of_available = panes.available.map(|pane| (ListId::Available, available(pane).1));
            let rows_of_outputs =
                panes.outputs.map(|pane| (ListId::Outputs, outputs(pane, app.output_rows().len()).rows));
            [rows_of_installed, rows_of_available, rows_of_outputs].into_iter().flatten().collect()
        }
    }
}

impl App {
    pub fn list(&self, id: ListId) -> &List {
        match id {
            ListId::Installed => &self.lists.installed,
            ListId::Available => &self.lists.available,
            ListId::Outputs => &self.lists.outputs,
            ListId::Plan => &self.lists.plan,
            ListId::Explanation => &self.lists.explanation,
            ListId::Drift => &self.lists.drift,
            ListId::Collisions => &self.lists.collisions,
            ListId::Inspected => &self.inspector.detail,
            ListId::Generations => &self.lists.generations,
            ListId::GenerationDetail => &self.timeline.detail,
            ListId::Details => &self.lists.details,
            ListId::Sources => &self.lists.sources,
            ListId::Upgrades => &self.lists.upgrades,
            ListId::Files => &self.lists.files,
            ListId::FileDetail => &self.files.detail,
            ListId::Which => &self.lists.which,
            ListId::Environment => &self.lists.environment,
            ListId::EnvironmentDetail => &self.environment.detail,
            ListId::Works => &self.lists.works,
            ListId::Log => &self.log.list,
            ListId::Help => &self.lists.help,
            ListId::Palette => &self.lists.palette,
        }
    }

    pub(in crate::tui) fn list_mut(&mut self, id: ListId) -> &mut List {
        match id {
            ListId::Installed => &mut self.lists.installed,
            ListId::Available => &mut self.lists.available,
            ListId::Outputs => &mut self.lists.outputs,
            ListId::Plan => &mut self.lists.plan,
            ListId::Explanation => &mut self.lists.explanation,
            ListId::Drift => &mut self.lists.drift,
            ListId::Collisions => &mut self.lists.collisions,
            ListId::Inspected => &mut self.inspector.detail,
            ListId::Generations => &mut self.lists.generations,
            ListId::GenerationDetail => &mut self.timeline.detail,
            ListId::Details => &mut self.lists.details,
            ListId::Sources => &mut self.lists.sources,
            ListId::Upgrades => &mut self.lists.upgrades,
            ListId::Files => &mut self.lists.files,
            ListId::FileDetail => &mut self.files.detail,
            ListId::Which => &mut self.lists.which,
            ListId::Environment => &mut self.lists.environment,
            ListId::EnvironmentDetail => &mut self.environment.detail,
            ListId::Works => &mut self.lists.works,
            ListId::Log => &mut self.log.list,
            ListId::Help => &mut self.lists.help,
            ListId::Palette => &mut self.lists.palette,
        }
    }

    /// The list that the keys move in.
    pub fn focused_list(&self) -> ListId {
        if matches!(self.dialog, Some(Dialog::Palette(_))) {
            return ListId::Palette;
        }
        match (self.screen(), self.focus) {
            (Some(Screen::Plan), _) => ListId::Plan,
            (Some(Screen::Explanation), _) => ListId::Explanation,
            (Some(Screen::Drift), _) => ListId::Drift,
            (Some(Screen::Collisions), _) => ListId::Collisions,
            (Some(Screen::Generations), _) if self.timeline.is_in_detail => ListId::GenerationDetail,
            (Some(Screen::Generations), _) => ListId::Generations,
            (Some(Screen::Details), _) => ListId::Details,
            (Some(Screen::Sources), _) => ListId::Sources,
            (Some(Screen::Upgrades), _) => ListId::Upgrades,
            (Some(Screen::Files), _) => ListId::Files,
            (Some(Screen::Which), _) => ListId::Which,
            // Why it could not be read is all there is.
            (Some(Screen::Environment), _) if self.environment.has_failed() => ListId::EnvironmentDetail,
            (Some(Screen::Environment), _) => ListId::Environment,
            (Some(Screen::Log), _) => ListId::Log,
            (Some(Screen::Help), _) => ListId::Help,
            (None, Pane::Installed) => ListId::Installed,
            (None, Pane::Available) => ListId::Available,
            (None, Pane::Outputs) => ListId::Outputs,
        }
    }
}
