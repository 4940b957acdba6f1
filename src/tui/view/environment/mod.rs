//! An environment file: its packages, and beside them what it is by itself, in the profile, and what became other in it.

mod detail;
pub mod told;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::{layout, text, words};
use super::paint::{self, Cells};
use super::progress;
use crate::loom::{Imported, ImportedPackage};

pub use detail::len as detail_len;

/// From here on a row says where its package comes from.
const WIDE: usize = 48;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let parts = layout::environment(app);
    if let Some(area) = parts.list {
        match app.environment.imported() {
            Some(imported) => packages(app, frame, area, imported),
            None => reading(app, frame, area),
        }
    }
    if let Some(area) = parts.detail {
        detail::view(app, frame, area);
    }
}

/// What is being done before anything is known.
fn reading(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    paint::pane(app, frame, area, paint::title(theme, "Environment file", "", true), app.dialog.is_none());
    let inner = layout::padded(area);
    let columns = usize::from(inner.width);
    let place = text::fit_end(&app.at_home(&app.environment.file), columns);
    let mut lines = vec![Line::styled(place, theme.title), Line::default()];
    match app.reading().and_then(|task| app.works.get(task)) {
        Some(work) => lines.extend(progress::lines(app, work, columns)),
        None => lines.push(Line::styled("Reading it…", theme.dim)),
    }
    let key = app.key_for(Context::Environment, Command::Back);
    let sentence = format!("{key} stops it. Nothing is installed by reading a file.");
    lines.push(Line::default());
    lines.extend(text::wrap(&sentence, columns).into_iter().map(|line| Line::styled(line, theme.dim)));
    paint::lines(frame, inner, lines);
}

fn packages(app: &App, frame: &mut Frame<'_>, area: Rect, imported: &Imported) {
    let theme = app.theme();
    let is_focused = app.dialog.is_none();
    let room = usize::from(area.width).saturating_sub(8);
    let number = text::plural(imported.packages.len(), "package");
    let name = text::fit(&imported.name, room.saturating_sub(text::width(&number) + 15));
    let title = paint::title(theme, "Environment", &format!("{name} · {number}"), true);
    paint::pane(app, frame, area, title, is_focused);
    if let Some(work) = app.reading().and_then(|task| app.works.get(task)) {
        paint::foot(frame, area, &words::work(work), theme.progress);
    } else {
        let (verdict, is_wrong) = told::verdict(app);
        paint::foot(frame, area, &verdict, if is_wrong { theme.blocked } else { theme.dim });
    }
    let inner = layout::inside(area);
    paint::rows(app, frame, inner, &app.lists.environment, is_focused, |row, columns| {
        imported.packages.get(row).map_or_else(Line::default, |package| line(app, imported, package, columns))
    });
}

fn line(app: &App, imported: &Imported, package: &ImportedPackage, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let is_wide = columns >= WIDE;
    let from_columns = if is_wide { (columns / 4).min(24) } else { 0 };
    let left = columns.saturating_sub(from_columns + 5);
    let (name_columns, version_columns) = (left * 42 / 100, left * 26 / 100);
    let outputs: Vec<&str> = package.outputs.iter().map(|output| output.name.as_str()).collect();
    let priority = package.priority.to_string();
    let from = if is_wide { told::from(imported, package) } else { String::new() };
    Cells::new(columns)
        .cell(&package.name, name_columns, theme.text)
        .cell(&package.version, version_columns, theme.dim)
        .cell(&outputs.join(" "), left.saturating_sub(name_columns + version_columns + 1), theme.text)
        .gap(1)
        .right(&priority, 4, theme.dim)
        .gap(1)
        .cell(&from, from_columns, theme.dim)
        .line()
}
