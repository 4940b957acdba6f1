//! The question for a file: the line, and below it what it can become.

use ratatui::text::{Line, Span};

use super::super::app::App;
use super::super::file_prompt::{FilePrompt, RowKind};
use super::super::text;

/// More rows than this are not shown at once.
const MOST_ROWS: usize = 12;

/// The line that is typed comes after so many lines.
pub const INPUT_LINE: usize = 1;

/// All lines of the dialog but that of its keys, in `columns`; `room` is how many there is room for.
pub fn lines(app: &App, prompt: &FilePrompt, columns: usize, room: usize) -> Vec<Line<'static>> {
    let theme = app.theme();
    let typed = text::fit_end(prompt.input.text(), columns.saturating_sub(2));
    let style = if prompt.input.is_selected() { theme.selected } else { theme.text };
    let told = "A Nix file, a flake's folder, or what nix-loom exported";
    let mut lines = vec![
        Line::styled(text::fit(told, columns), theme.dim),
        Line::from(vec![Span::styled("› ", theme.marker), Span::styled(typed, style)]),
        Line::default(),
    ];
    let rows = prompt.rows();
    let most = room.saturating_sub(lines.len()).clamp(1, MOST_ROWS);
    if let Some(problem) = prompt.problem() {
        let sentence = format!("The folder cannot be read: {}", text::in_a_line(problem));
        lines.extend(text::wrap_to(&sentence, columns, most).into_iter().map(|line| Line::styled(line, theme.blocked)));
    }
    if rows.is_empty() {
        if prompt.problem().is_none() {
            let sentence = if prompt.is_reading() { "looking…" } else { "No .nix or .json file there begins so." };
            lines.push(Line::styled(text::fit(sentence, columns), theme.dim));
        }
        return lines;
    }
    let shown = if rows.len() > most { most.saturating_sub(1).max(1) } else { rows.len() };
    let first = prompt.chosen().map_or(0, |at| (at + 1).saturating_sub(shown)).min(rows.len() - shown);
    for (at, row) in rows.iter().enumerate().skip(first).take(shown) {
        let is_chosen = prompt.chosen() == Some(at);
        let kind = match row.kind {
            RowKind::Recent => "opened before",
            RowKind::File => "",
            RowKind::Folder => "folder",
        };
        let kind_columns = if kind.is_empty() { 0 } else { text::width(kind) + 1 };
        let name_columns = columns.saturating_sub(2 + kind_columns);
        let name = text::pad(&text::fit_end(&row.text, name_columns), name_columns);
        let style = if is_chosen { theme.selected } else { theme.text };
        lines.push(Line::from(vec![
            Span::styled(if is_chosen { "› " } else { "  " }, theme.marker),
            Span::styled(name, style),
            Span::styled(if kind.is_empty() { String::new() } else { format!(" {kind}") }, theme.dim),
        ]));
    }
    if shown < rows.len() {
        let sentence = format!("{} to {} of {}", first + 1, first + shown, text::count_of(rows.len()));
        lines.push(Line::styled(text::fit(&sentence, columns), theme.dim));
    }
    lines
}
