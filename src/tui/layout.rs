//! Where everything is, from the size and the state alone. Views draw by it, the mouse is understood by it, and lists
//! learn from it how many rows are in sight, so the three never disagree.

use ratatui::layout::Rect;

use super::app::{App, Dialog, Pane, Screen};
use super::list::List;
use super::widths::{Place, Widths};

/// Below this the screen is one sentence.
pub const SMALLEST: (u16, u16) = (40, 8);
const THREE_PANES_FROM: u16 = 120;
const TWO_PANES_FROM: u16 = 60;
/// Rows inside a pane from which on its columns have headings.
const HEADINGS_FROM: u16 = 8;

/// One of the lists of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListId {
    Installed,
    Available,
    Outputs,
    Plan,
    Explanation,
    Collisions,
    /// What is told of the selected collision.
    Inspected,
    Generations,
    /// What is told of the selected generation.
    GenerationDetail,
    Details,
    Sources,
    Files,
    /// What is told of the selected file.
    FileDetail,
    Which,
    Works,
    Log,
    Help,
    Palette,
}

/// The three parts that every screen has.
pub struct Frame {
    pub header: Rect,
    pub body: Rect,
    pub footer: Rect,
}

/// The panes; `None` for one that there is no room for.
pub struct Panes {
    pub installed: Option<Rect>,
    pub available: Option<Rect>,
    pub outputs: Option<Rect>,
    pub plan: Rect,
}

/// A list with what is told of its selected row beside or below it.
pub struct Detailed {
    pub list: Rect,
    pub detail: Option<Rect>,
}

pub fn is_too_small(area: Rect) -> bool {
    area.width < SMALLEST.0 || area.height < SMALLEST.1
}

pub fn frame(area: Rect) -> Frame {
    let header = Rect { height: area.height.min(1), ..area };
    let footer = Rect { y: area.bottom().saturating_sub(1), height: area.height.min(1), ..area };
    let body = Rect { y: area.y + header.height, height: area.height.saturating_sub(2), ..area };
    Frame { header, body, footer }
}

/// The names of the panes share the pane's upper border where only one has room.
pub fn has_tabs(area: Rect) -> bool {
    area.width < TWO_PANES_FROM
}

pub fn panes(app: &App) -> Panes {
    let Frame { body, .. } = frame(app.area());
    let plan_height = match app.size.1 {
        36.. => 10,
        28.. => 9,
        20.. => 8,
        14.. => 5,
        12.. => 4,
        _ => 1,
    };
    let (upper, plan) = split_bottom(body, plan_height);
    let mut panes = Panes { installed: None, available: None, outputs: None, plan };
    if upper.width >= THREE_PANES_FROM {
        let [_, available, outputs] = app.widths.three(upper.width);
        let (installed, rest) = split_right(upper, available + outputs);
        let (available, outputs) = split_right(rest, outputs);
        panes.installed = Some(installed);
        panes.available = Some(available);
        panes.outputs = Some(outputs);
    } else if upper.width >= TWO_PANES_FROM {
        let [_, right] = app.widths.two(upper.width);
        let (left, right) = split_right(upper, right);
        if app.focus == Pane::Outputs {
            *panes.of(app.subject_pane) = Some(left);
            panes.outputs = Some(right);
        } else {
            panes.installed = Some(left);
            panes.available = Some(right);
        }
    } else {
        *panes.of(app.focus) = Some(upper);
    }
    panes
}

impl Panes {
    fn of(&mut self, pane: Pane) -> &mut Option<Rect> {
        match pane {
            Pane::Installed => &mut self.installed,
            Pane::Available => &mut self.available,
            Pane::Outputs => &mut self.outputs,
        }
    }
}

/// The widths with the pane of the focus a step wider or narrower that can be seen; `None` if there is none.
pub fn resized(app: &App, is_wider: bool) -> Option<Widths> {
    // As many steps as there are between the bounds.
    const MOST: usize = 100;
    let (place, columns) = (place(app, app.focus)?, frame(app.area()).body.width);
    let width = |widths: Widths| match (place, app.focus) {
        (Place::LeftOfTwo, _) => widths.two(columns)[0],
        (Place::RightOfTwo, _) => widths.two(columns)[1],
        (Place::OfThree, Pane::Installed) => widths.three(columns)[0],
        (Place::OfThree, Pane::Available) => widths.three(columns)[1],
        (Place::OfThree, Pane::Outputs) => widths.three(columns)[2],
    };
    let next = |widths: &Widths| Some(widths.resized(app.focus, is_wider, place));
    let steps = std::iter::successors(Some(app.widths), next).take(MOST);
    let is_so = |to: &Widths| if is_wider { width(*to) > width(app.widths) } else { width(*to) < width(app.widths) };
    steps.into_iter().find(is_so)
}

/// What is inside a border.
pub fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + area.width.min(1),
        y: area.y + area.height.min(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// The search box and the rows below it.
pub fn available(pane: Rect) -> (Rect, Rect) {
    let inner = inside(pane);
    (Rect { height: inner.height.min(1), ..inner }, below(inner, 1))
}

/// The headings of the columns, without height where there is no room for them, and the rows below.
pub fn installed(pane: Rect) -> (Rect, Rect) {
    let inner = inside(pane);
    let height = u16::from(inner.height >= HEADINGS_FROM);
    (Rect { height, ..inner }, below(inner, height))
}

/// The parts of the outputs pane, from top to bottom.
pub struct OutputParts {
    /// Without height where there is no room for it.
    pub headings: Rect,
    pub rows: Rect,
    /// For what is told of the selected output and of the package.
    pub rest: Rect,
}

/// The parts of the outputs pane for this many outputs. In a high pane not all of it goes to the rows, however many.
pub fn outputs(pane: Rect, rows: usize) -> OutputParts {
    let (headings, inner) = installed(pane);
    let most = if inner.height >= HEADINGS_FROM { inner.height - inner.height / 3 } else { inner.height };
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(most);
    OutputParts { headings, rows: Rect { height: rows, ..inner }, rest: below(inner, rows) }
}

/// Which of the panes in sight one is, if it stands beside another.
pub fn place(app: &App, pane: Pane) -> Option<Place> {
    let panes = panes(app);
    let beside = [panes.installed, panes.available, panes.outputs].into_iter().flatten().count();
    match beside {
        3 => Some(Place::OfThree),
        2 if pane == Pane::Outputs || pane == Pane::Available && app.focus != Pane::Outputs => Some(Place::RightOfTwo),
        2 => Some(Place::LeftOfTwo),
        _ => None,
    }
}

/// The plan and, while it is being applied, how far that is.
pub fn plan(app: &App) -> (Rect, Option<Rect>) {
    let body = frame(app.area()).body;
    if app.is_busy() && body.height > 8 {
        let (plan, progress) = split_bottom(body, 4);
        return (plan, Some(progress));
    }
    (body, None)
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

/// Where a list's scroll bar is: in the border at the right of its rows.
pub fn scroll_bar(id: ListId, rows: Rect) -> Rect {
    // What is told of a collision or a file has a blank column before the border.
    let gap = u16::from(matches!(id, ListId::Inspected | ListId::FileDetail | ListId::GenerationDetail));
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
        Some(Screen::Files) => {
            let parts = files(area);
            let detail = parts.detail.map(|detail| (ListId::FileDetail, padded(detail)));
            std::iter::once((ListId::Files, file_rows(app, parts.list).1)).chain(detail).collect()
        }
        Some(Screen::Which) => vec![(ListId::Which, which(area).1)],
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
            ListId::Collisions => &self.lists.collisions,
            ListId::Inspected => &self.inspector.detail,
            ListId::Generations => &self.lists.generations,
            ListId::GenerationDetail => &self.timeline.detail,
            ListId::Details => &self.lists.details,
            ListId::Sources => &self.lists.sources,
            ListId::Files => &self.lists.files,
            ListId::FileDetail => &self.files.detail,
            ListId::Which => &self.lists.which,
            ListId::Works => &self.lists.works,
            ListId::Log => &self.log.list,
            ListId::Help => &self.lists.help,
            ListId::Palette => &self.lists.palette,
        }
    }

    pub(super) fn list_mut(&mut self, id: ListId) -> &mut List {
        match id {
            ListId::Installed => &mut self.lists.installed,
            ListId::Available => &mut self.lists.available,
            ListId::Outputs => &mut self.lists.outputs,
            ListId::Plan => &mut self.lists.plan,
            ListId::Explanation => &mut self.lists.explanation,
            ListId::Collisions => &mut self.lists.collisions,
            ListId::Inspected => &mut self.inspector.detail,
            ListId::Generations => &mut self.lists.generations,
            ListId::GenerationDetail => &mut self.timeline.detail,
            ListId::Details => &mut self.lists.details,
            ListId::Sources => &mut self.lists.sources,
            ListId::Files => &mut self.lists.files,
            ListId::FileDetail => &mut self.files.detail,
            ListId::Which => &mut self.lists.which,
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
            (Some(Screen::Collisions), _) => ListId::Collisions,
            (Some(Screen::Generations), _) if self.timeline.is_in_detail => ListId::GenerationDetail,
            (Some(Screen::Generations), _) => ListId::Generations,
            (Some(Screen::Details), _) => ListId::Details,
            (Some(Screen::Sources), _) => ListId::Sources,
            (Some(Screen::Files), _) => ListId::Files,
            (Some(Screen::Which), _) => ListId::Which,
            (Some(Screen::Log), _) => ListId::Log,
            (Some(Screen::Help), _) => ListId::Help,
            (None, Pane::Installed) => ListId::Installed,
            (None, Pane::Available) => ListId::Available,
            (None, Pane::Outputs) => ListId::Outputs,
        }
    }
}

fn detail_below(body: Rect, height: u16) -> Detailed {
    if body.height < 12 {
        return Detailed { list: body, detail: None };
    }
    let (list, detail) = split_bottom(body, height.min(body.height / 2));
    Detailed { list, detail: Some(detail) }
}

fn split_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let upper = Rect { height: area.height - height, ..area };
    (upper, Rect { y: upper.bottom(), height, ..area })
}

fn split_right(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let left = Rect { width: area.width - width, ..area };
    (left, Rect { x: left.right(), width, ..area })
}

fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}
