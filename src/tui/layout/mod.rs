//! Where everything is, from the size and the state alone. Views draw by it, the mouse is understood by it, and lists
//! learn from it how many rows are in sight, so the three never disagree.

mod lists;
mod screens;

use ratatui::layout::Rect;

use super::app::{App, Pane};
use super::widths::{Place, Widths};

pub use lists::{ListId, lists, scroll_bar};
pub use screens::*;

/// Below this the screen is one sentence.
pub const SMALLEST: (u16, u16) = (40, 8);
const THREE_PANES_FROM: u16 = 120;
const TWO_PANES_FROM: u16 = 60;
/// Rows inside a pane from which on its columns have headings.
const HEADINGS_FROM: u16 = 8;

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

fn detail_below(body: Rect, height: u16) -> Detailed {
    if body.height < 12 {
        return Detailed { list: body, detail: None };
    }
    let (list, detail) = split_bottom(body, height.min(body.height / 2));
    Detailed { list, detail: Some(detail) }
}

/// A list of this height, and all the rest for what is told of it.
fn detail_rest(body: Rect, height: u16) -> Detailed {
    if body.height < 12 {
        return Detailed { list: body, detail: None };
    }
    let (list, detail) = split_bottom(body, body.height - height.min(body.height));
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
