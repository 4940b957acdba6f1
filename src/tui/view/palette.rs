//! The command palette: a search line, and below it the commands with their keys and what stands in their way.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::super::app::App;
use super::super::input::Input;
use super::super::palette::{self, Row};
use super::super::{layout, text};
use super::paint::{self, Cells};

/// From here on a row has the name for the config file too.
const WIDE: usize = 84;
const NAME_COLUMNS: usize = 22;
const KEY_COLUMNS: usize = 14;

pub fn view(app: &App, frame: &mut Frame<'_>, input: &Input) {
    let theme = app.theme();
    let parts = layout::palette(app.area());
    frame.render_widget(Clear, parts.area);
    let rows = app.palette_rows();
    let title = paint::title(theme, "Commands", &text::count_of(rows.len()), true);
    paint::pane(app, frame, parts.area, title, true);
    search_line(app, frame, parts.search, input);
    if rows.is_empty() {
        paint::empty(app, frame, parts.rows, "No command has all these words. Fewer or shorter ones find more.");
        return;
    }
    let list = &app.lists.palette;
    paint::rows(app, frame, parts.rows, list, true, |at, columns| match rows.get(at) {
        Some(row) => line(app, row, input.text(), columns),
        None => Line::default(),
    });
    if let Some(row) = list.selected().and_then(|at| rows.get(at)) {
        match app.palette_hindrance(row) {
            Some(hindrance) => paint::foot(frame, parts.area, &hindrance.sentence, theme.warning),
            None => paint::foot(frame, parts.area, &format!("{} · {}", row.name, row.place.title()), theme.dim),
        }
    }
}

fn search_line(app: &App, frame: &mut Frame<'_>, area: Rect, input: &Input) {
    let theme = app.theme();
    let room = usize::from(area.width).saturating_sub(4);
    let cells = Cells::new(room + 3).text(" : ", theme.key).text(&text::fit_end(input.text(), room), theme.text);
    frame.buffer_mut().set_line(area.x, area.y, &cells.line(), area.width);
    let column = u16::try_from(input.cursor_column().min(room)).unwrap_or(0);
    if area.height > 0 && area.width > 4 {
        frame.set_cursor_position((area.x + 3 + column, area.y));
    }
}

/// What it does, and why not now; where, if not here; its name; its keys.
fn line(app: &App, row: &Row, typed: &str, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let hindrance = app.palette_hindrance(row);
    let (style, key) = if hindrance.is_some() { (theme.dim, theme.dim) } else { (theme.text, theme.key) };
    let keys = row.keys.iter().map(|&key| app.settings.look.key_name(key)).collect::<Vec<_>>().join(" ");
    let name_columns = if columns >= WIDE { NAME_COLUMNS } else { 0 };
    let key_columns = KEY_COLUMNS.min(columns / 3);
    let help_columns = columns.saturating_sub(name_columns + key_columns + 2);
    let place = if row.is_here { String::new() } else { format!(" · in {}", row.place.title()) };
    let reason = hindrance.map_or_else(String::new, |hindrance| format!(" · {}", hindrance.sentence));
    let width = text::width(row.help).min(help_columns);
    let rest = help_columns - width;
    Cells::new(columns)
        .matched(row.help, &palette::positions(row.help, typed), width, style, style.patch(theme.matched))
        .cell(&format!("{place}{reason}"), rest, theme.dim)
        .gap(1)
        .cell(&row.name, name_columns, theme.dim)
        .right(&keys, key_columns, key)
        .gap(1)
        .line()
}
