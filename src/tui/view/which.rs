//! Who provides a command or a file: the line that is asked, what is said of the answers, and the answers.

use ratatui::Frame;
use ratatui::style::Style;
use ratatui::text::Line;

use super::super::app::App;
use super::super::{layout, text};
use super::paint::{self, Cells};
use crate::loom::{Found, Likeness, NIX_INDEX, Provider};
use crate::safe;

/// From here on a row says in which output, and of which source.
const WIDE: usize = 60;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let theme = app.theme();
    let area = layout::frame(app.area()).body;
    let (line, answers) = layout::which(app.area());
    let is_focused = app.dialog.is_none();
    let number = match &app.which.found {
        Some(Ok(found)) if !found.providers.is_empty() => {
            format!("{}{}", text::count_of(found.providers.len()), if found.is_cut { " and more" } else { "" })
        }
        _ => String::new(),
    };
    paint::pane(app, frame, area, paint::title(theme, "Who has", &number, true), is_focused);
    let room = usize::from(line.width).saturating_sub(4);
    let input = &app.which.input;
    let mut cells = Cells::new(room + 2).text("› ", theme.marker);
    cells = if input.is_empty() {
        cells.text("a command, a file's name, a path; * and ? stand for letters", theme.dim)
    } else {
        let style = if input.is_selected() { theme.selected } else { theme.text };
        cells.text(&text::fit_end(input.text(), room), style)
    };
    frame.buffer_mut().set_line(line.x + 1, line.y, &cells.line(), line.width.saturating_sub(1));
    if is_focused {
        let column = u16::try_from(input.cursor_column().min(room)).unwrap_or(0);
        frame.set_cursor_position((line.x + 3 + column, line.y));
    }
    let (sentence, style) = sentence(app);
    let sentence = Line::styled(text::fit(&sentence, room + 2), style);
    frame.buffer_mut().set_line(line.x + 1, line.y + 1, &sentence, line.width.saturating_sub(1));
    paint::rows(app, frame, answers, &app.lists.which, is_focused, |row, columns| {
        app.which.providers().get(row).map_or_else(Line::default, |provider| row_of(app, provider, columns))
    });
    if let Some(Ok(found)) = &app.which.found {
        paint::foot(frame, area, &not_looked_at(found), theme.dim);
    }
}

/// What is to be said of the answers as a whole.
pub fn sentence(app: &App) -> (String, Style) {
    let theme = app.theme();
    let is_empty = app.which.input.text().trim().is_empty();
    match &app.which.found {
        _ if is_empty => (String::new(), theme.dim),
        None => ("looking…".to_owned(), theme.dim),
        Some(Err(error)) => (text::in_a_line(error), theme.blocked),
        Some(Ok(found)) => {
            let (said, style) = match (found.likeness, found.providers.is_empty()) {
                (_, true) if found.is_reading_index => ("", theme.dim),
                (_, true) => ("nothing that was looked at has it, nor anything like it", theme.warning),
                (Likeness::Exact, _) => ("", theme.dim),
                (Likeness::Named, _) => ("no command of that name; files of that name:", theme.text),
                (Likeness::Part, _) if app.which.input.text().contains(['*', '?']) => ("", theme.dim),
                (Likeness::Part, _) => ("no exact match; these contain it:", theme.text),
            };
            let index = if found.is_reading_index { "reading nix-index's database…" } else { "" };
            let problem = found.problem.as_ref().map(ToString::to_string).unwrap_or_default();
            let parts: Vec<&str> = [said, index, &problem].into_iter().filter(|part| !part.is_empty()).collect();
            (parts.join(" · "), if problem.is_empty() { style } else { theme.warning })
        }
    }
}

/// What the answers cannot tell of.
pub fn not_looked_at(found: &Found) -> String {
    let beside = match (found.has_index, found.problem.is_some()) {
        (true, false) => "; of those nix-index's database was asked",
        _ => "",
    };
    match found.unlisted {
        0 => String::new(),
        1 => format!("1 package whose files nobody here has listed was not looked at{beside}"),
        more => {
            format!("{} packages whose files nobody here has listed were not looked at{beside}", text::count_of(more))
        }
    }
}

fn row_of(app: &App, provider: &Provider, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let is_staged = app.is_staged_provider(provider);
    let (mark, state, style) = match provider {
        Provider { installed: true, shadowed: true, .. } => ("▾", "installed, shadowed", theme.warning),
        Provider { installed: true, .. } => ("✓", "installed", theme.added),
        _ if is_staged => ("+", "staged", theme.added),
        Provider { on_offer: true, .. } => ("", "on offer", theme.text),
        Provider { .. } => ("", "in nix-index", theme.dim),
    };
    let is_wide = columns >= WIDE;
    let state_columns = if is_wide { 20 } else { 10 };
    let name_columns = (columns * 30 / 100).clamp(8, 32);
    let output_columns = if is_wide { 8 } else { 0 };
    let source = Some(&*provider.source).filter(|source| *source != NIX_INDEX || provider.on_offer).unwrap_or_default();
    let source_columns = if columns >= 90 { 14 } else { 0 };
    let cells = Cells::new(columns)
        .cell(mark, 2, style)
        .cell(&provider.package, name_columns, theme.text)
        .gap(1)
        .cell(&provider.output, output_columns, theme.dim)
        .cell(source, source_columns, theme.dim);
    let left = cells.left().saturating_sub(state_columns + 1);
    cells.path(&safe::bytes(&provider.path), left, theme.text).gap(1).cell(state, state_columns, style).line()
}
