//! Where the parts of each screen and dialog are.

use ratatui::layout::Rect;

use super::super::app::App;
use super::super::work::{Task, Work};
use super::{
    Detailed, THREE_PANES_FROM, available, below, detail_below, detail_rest, frame, inside, split_bottom, split_right,
};

/// The plan and, while it is being applied, how far that is.
pub fn plan(app: &App) -> (Rect, Option<Rect>) {
    let body = frame(app.area()).body;
    if in_plan(app).is_some() && body.height > 8 {
        let (plan, progress) = split_bottom(body, 4);
        return (plan, Some(progress));
    }
    (body, None)
}

/// The work to tell of beside the plan.
pub fn in_plan(app: &App) -> Option<&Work> {
    app.works.on_profile().or_else(|| app.works.get(Task::Build))
}

/// The collisions, and what is told of the selected one.
pub fn collisions(area: Rect) -> Detailed {
    let body = frame(area).body;
    if body.width >= THREE_PANES_FROM {
        let (list, detail) = split_right(body, body.width * 56 / 100);
        return Detailed { list, detail: Some(detail) };
    }
    detail_below(body, body.height * 3 / 5)
}

/// The parts of the pane of the collisions.
pub struct CollisionRows {
    /// The kinds that there are.
    pub kinds: Rect,
    /// What they are filtered by; without height if they are not.
    pub filter: Rect,
    pub rows: Rect,
}

pub fn collision_rows(app: &App, list: Rect) -> CollisionRows {
    let (kinds, rest) = available(list);
    let has_filter = app.inspector.is_typing || !app.inspector.filter.text.is_empty();
    let height = u16::from(has_filter).min(rest.height);
    CollisionRows { kinds, filter: Rect { height, ..rest }, rows: below(rest, height) }
}

/// The tree of files, and what is told of the selected one.
pub fn files(area: Rect) -> Detailed {
    let body = frame(area).body;
    if body.width >= THREE_PANES_FROM {
        let (list, detail) = split_right(body, body.width * 42 / 100);
        return Detailed { list, detail: Some(detail) };
    }
    detail_below(body, body.height * 2 / 5)
}

/// What files are filtered by, without height if they are not, and their rows.
pub fn file_rows(app: &App, list: Rect) -> (Rect, Rect) {
    let inner = inside(list);
    let has_filter = app.files.is_typing || !app.files.filter.is_empty();
    let height = u16::from(has_filter).min(inner.height);
    (Rect { height, ..inner }, below(inner, height))
}

/// The packages of an environment file, and what is told of it; `None` for what there is no room for, or nothing to tell.
pub struct EnvironmentParts {
    pub list: Option<Rect>,
    pub detail: Option<Rect>,
}

pub fn environment(app: &App) -> EnvironmentParts {
    let body = frame(app.area()).body;
    if app.environment.has_failed() {
        return EnvironmentParts { list: None, detail: Some(body) };
    }
    let Some(imported) = app.environment.imported() else {
        return EnvironmentParts { list: Some(body), detail: None };
    };
    let parts = if body.width >= THREE_PANES_FROM {
        let (list, detail) = split_right(body, body.width * 48 / 100);
        Detailed { list, detail: Some(detail) }
    } else {
        // Few packages leave the room to what is told of them.
        let rows = u16::try_from(imported.packages.len()).unwrap_or(u16::MAX).saturating_add(2);
        detail_rest(body, rows.clamp(5, (body.height / 2).max(5)))
    };
    EnvironmentParts { list: Some(parts.list), detail: parts.detail }
}

/// The line for a command or a file, what is said of the answers, and the answers.
pub fn which(area: Rect) -> (Rect, Rect) {
    let (line, rest) = available(frame(area).body);
    (line, below(rest, 1))
}

/// What is inside a border, with a blank column at each side.
pub fn padded(area: Rect) -> Rect {
    let inner = inside(area);
    Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner }
}

pub fn sources(area: Rect) -> Detailed {
    let body = frame(area).body;
    if body.width >= THREE_PANES_FROM {
        let (list, detail) = split_right(body, body.width * 37 / 100);
        return Detailed { list, detail: Some(detail) };
    }
    detail_below(body, 8)
}

/// What the sources offer, and what is told of the selected row.
pub fn upgrades(area: Rect) -> Detailed {
    let body = frame(area).body;
    if body.width >= THREE_PANES_FROM {
        let (list, detail) = split_right(body, body.width * 38 / 100);
        return Detailed { list, detail: Some(detail) };
    }
    detail_below(body, 9)
}

/// The generations and what is told of the selected one; `None` for what there is no room for.
pub struct Generations {
    pub list: Option<Rect>,
    pub detail: Option<Rect>,
}

pub fn generations(app: &App) -> Generations {
    let body = frame(app.area()).body;
    if body.width >= THREE_PANES_FROM {
        let (list, detail) = split_right(body, body.width * 38 / 100);
        Generations { list: Some(list), detail: Some(detail) }
    } else if body.height >= 18 {
        let (list, detail) = split_bottom(body, body.height * 55 / 100);
        Generations { list: Some(list), detail: Some(detail) }
    } else if app.timeline.is_in_detail {
        Generations { list: None, detail: Some(body) }
    } else {
        Generations { list: Some(body), detail: None }
    }
}

/// Above the rows of the generations their columns have names.
pub fn generation_rows(list: Rect) -> (Rect, Rect) {
    let inner = inside(list);
    let names = u16::from(inner.height > 3);
    (Rect { height: names, ..inner }, below(inner, names))
}

/// Columns for what is told of a generation, be it in sight or not.
pub fn generation_columns(app: &App) -> usize {
    let body = frame(app.area()).body;
    usize::from(padded(generations(app).detail.unwrap_or(body)).width)
}

/// Columns for the commands of Nix: their pane is the whole body, with a blank at either side.
pub fn explanation_columns(area: Rect) -> usize {
    usize::from(inside(frame(area).body).width).saturating_sub(2)
}

/// The works that run, if any does, and the log.
pub struct Logged {
    pub works: Option<Rect>,
    pub log: Rect,
}

pub fn log(app: &App) -> Logged {
    let body = frame(app.area()).body;
    let rows = u16::try_from(app.works.all().len()).unwrap_or(u16::MAX);
    if rows == 0 || body.height < 7 {
        return Logged { works: None, log: body };
    }
    let height = rows.saturating_add(2).min((body.height / 2).max(3));
    let (works, log) = split_bottom(body, body.height - height);
    Logged { works: Some(works), log }
}

/// Columns for a row of the log, the time before it counted: a blank stands at either side.
pub fn log_columns(inner: Rect) -> usize {
    usize::from(inner.width).saturating_sub(2)
}

/// A box in the middle of the screen.
pub fn dialog(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// The parts of the command palette.
pub struct Palette {
    /// With its border.
    pub area: Rect,
    pub search: Rect,
    pub rows: Rect,
}

/// Most of the screen, and not more than is easily read.
pub fn palette(area: Rect) -> Palette {
    let body = frame(area).body;
    let width = if body.width < 80 { body.width } else { (body.width - 8).min(112) };
    let height = if body.height < 20 { body.height } else { (body.height - 4).min(30) };
    let area = dialog(body, width, height);
    let (search, rows) = available(area);
    Palette { area, search, rows }
}

/// The line of the filter, without height if there is none, and the lines of the help.
pub fn help_rows(app: &App) -> (Rect, Rect) {
    let inner = inside(frame(app.area()).body);
    let height = u16::from(app.help.has_filter()).min(inner.height);
    (Rect { height, ..inner }, below(inner, height))
}
