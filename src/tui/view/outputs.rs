//! The outputs of the selected package, and what is known of it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::app::{App, Pane};
use super::super::subject::OutputRow;
use super::super::{layout, text};
use super::details;
use super::installed::pane_title;
use super::paint::{self, Cells};
use crate::store::Presence;

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let is_focused = app.focus == Pane::Outputs && app.dialog.is_none();
    paint::pane(app, frame, area, pane_title(app, Pane::Outputs, area.width), is_focused);
    let outputs = app.output_rows();
    let (rows, rest) = layout::outputs(area, outputs.len());
    let Some(subject) = app.subject() else {
        paint::empty(app, frame, rest, "Select a package to see its outputs.");
        return;
    };
    paint::rows(app, frame, rows, &app.lists.outputs, is_focused, |row, columns| line(app, &outputs[row], columns));
    let rest = Rect { x: rest.x + rest.width.min(2), width: rest.width.saturating_sub(3), ..rest };
    paint::lines(frame, rest, details::lines(app, &subject, rest.width.into(), rest.height.into()));
}

fn line(app: &App, row: &OutputRow<'_>, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let is_installed = app
        .subject()
        .and_then(|subject| subject.element)
        .is_some_and(|element| element.outputs.iter().any(|output| output.name == row.name));
    let style = match (row.is_ticked, is_installed) {
        (true, false) => theme.added,
        (false, true) => theme.removed,
        _ => theme.text,
    };
    let presence = match row.info.map(|info| info.presence) {
        Some(Presence::Here) => "here",
        Some(Presence::Fetch { .. }) => "fetch",
        Some(Presence::Build) => "build",
        Some(Presence::Missing) => "none",
        None => "",
    };
    let size = row.info.and_then(|info| info.size).map_or_else(String::new, text::size);
    let files = row
        .info
        .and_then(|info| info.files)
        .map_or_else(String::new, |files| format!("{} file{}", text::count(files), if files == 1 { " " } else { "s" }));
    let files_columns = if columns >= 38 { 13 } else { 0 };
    let size_columns = if columns >= 25 { 9 } else { 0 };
    let name_columns = columns.saturating_sub(4 + 2 + 6 + size_columns + files_columns).min(16);
    Cells::new(columns)
        .cell(if row.is_ticked { "[x]" } else { "[ ]" }, 4, style)
        .cell(&row.name, name_columns, style)
        .cell(if row.is_default { "*" } else { "" }, 2, theme.dim)
        .cell(presence, 6, theme.text)
        .right(&size, size_columns, theme.dim)
        .right(&files, files_columns, theme.dim)
        .line()
}
