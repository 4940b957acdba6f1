//! The outputs of the selected package, and what is known of it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::app::{App, Pane};
use super::super::subject::{OutputRow, Subject};
use super::super::{layout, text, weighing};
use super::details;
use super::installed::pane_title;
use super::paint::{self, Cells};
use crate::store::Presence;

/// `[x]` and a blank.
const TICK: usize = 4;
const DEFAULT: usize = 2;
const PRESENCE: usize = 6;
const SIZE: usize = 8;
const FILES: usize = 7;
/// The least that tells what a tick would do, with the blank before it.
const EFFECT: usize = 9;
const NAME: (usize, usize) = (4, 16);

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let is_focused = app.focus == Pane::Outputs && app.dialog.is_none();
    paint::pane(app, frame, area, pane_title(app, Pane::Outputs, area.width), is_focused);
    let outputs = app.output_rows();
    let parts = layout::outputs(area, outputs.len());
    let Some(subject) = app.subject() else {
        paint::empty(app, frame, parts.rest, "Select a package to see its outputs.");
        return;
    };
    let columns = usize::from(parts.rows.width).saturating_sub(paint::MARKER);
    let widths = Columns::new(&outputs, columns);
    if !outputs.is_empty() {
        paint::headings(frame, parts.headings, &headings(app, columns, widths));
    }
    paint::rows(app, frame, parts.rows, &app.lists.outputs, is_focused, |row, columns| {
        outputs.get(row).map_or_else(Line::default, |row| line(app, &subject, row, columns, widths))
    });
    let rest = parts.rest;
    let rest = Rect { x: rest.x + rest.width.min(2), width: rest.width.saturating_sub(3), ..rest };
    paint::lines(frame, rest, details::lines(app, &subject, rest.width.into(), rest.height.into()));
}

/// The width of each column; 0 for one that has no room. Size goes before what a tick would do, and that before the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Columns {
    name: usize,
    size: usize,
    files: usize,
    effect: usize,
}

impl Columns {
    fn new(rows: &[OutputRow<'_>], columns: usize) -> Self {
        let name = rows.iter().map(|row| text::width(&row.name) + 1).max().unwrap_or(0).max("output ".len());
        let fixed = TICK + DEFAULT + PRESENCE;
        let name = name.clamp(NAME.0, NAME.1).min(columns.saturating_sub(fixed));
        let mut left = columns.saturating_sub(fixed + name);
        let mut take = |width: usize| if width <= left { (left -= width, width).1 } else { 0 };
        let (size, effect, files) = (take(SIZE), take(EFFECT), take(FILES));
        Self { name, size, files, effect: if effect > 0 { effect + left } else { 0 } }
    }
}

fn headings(app: &App, columns: usize, widths: Columns) -> Line<'static> {
    let theme = app.theme();
    Cells::new(columns)
        .gap(TICK)
        .cell("output", widths.name + DEFAULT, theme.dim)
        .cell("where", PRESENCE, theme.dim)
        .right("size", widths.size, theme.dim)
        .right("files", widths.files, theme.dim)
        .cell(" effect", widths.effect, theme.dim)
        .line()
}

fn line(app: &App, subject: &Subject<'_>, row: &OutputRow<'_>, columns: usize, widths: Columns) -> Line<'static> {
    let theme = app.theme();
    let is_installed = subject.element.is_some_and(|element| element.output(&row.name).is_some());
    let style = match (row.is_ticked, is_installed) {
        (true, false) => theme.added,
        (false, true) => theme.removed,
        _ => theme.text,
    };
    let size = row.info.and_then(|info| info.size).map_or_else(String::new, text::size);
    let files = row.info.and_then(|info| info.files).map_or_else(String::new, text::count);
    let effect = weighing::row_words(row);
    let room = widths.effect.saturating_sub(1);
    let effect = effect.iter().find(|words| text::width(words) <= room).or(effect.last()).cloned().unwrap_or_default();
    Cells::new(columns)
        .cell(if row.is_ticked { "[x]" } else { "[ ]" }, TICK, style)
        .cell(&row.name, widths.name, style)
        .cell(if row.is_default { "*" } else { "" }, DEFAULT, theme.dim)
        .cell(presence(row), PRESENCE, theme.text)
        .right(&size, widths.size, theme.dim)
        .right(&files, widths.files, theme.dim)
        .gap(widths.effect.min(1))
        .cell(&effect, room, if row.is_in_trouble() { theme.warning } else { theme.text })
        .line()
}

/// Where an output is, in a word.
pub fn presence(row: &OutputRow<'_>) -> &'static str {
    match row.info.map(|info| info.presence) {
        Some(Presence::Here) => "here",
        Some(Presence::Fetch { .. }) => "fetch",
        Some(Presence::Build) => "build",
        Some(Presence::Missing) => "none",
        None => "",
    }
}
