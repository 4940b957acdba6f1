//! The outputs of the selected package, and what is known of it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::{App, Evaluation, OutputRow, Pane, Subject};
use super::super::{layout, text};
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
    paint::lines(frame, rest, facts(app, &subject, rest.width.into()));
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

/// What is known of the package, below its outputs.
fn facts(app: &App, subject: &Subject<'_>, columns: usize) -> Vec<Line<'static>> {
    let theme = app.theme();
    let mut lines = vec![Line::default()];
    match &app.evaluation {
        Evaluation::Quiet => {}
        Evaluation::Working => lines.extend([Line::styled("evaluating…", theme.dim), Line::default()]),
        Evaluation::Failed(error) => {
            lines.extend(text::wrap(error, columns).into_iter().map(|line| Line::styled(line, theme.blocked)));
            lines.push(Line::default());
        }
    }
    if let Some(package) = &subject.package {
        if !package.description.is_empty() {
            lines.extend(
                text::wrap(&package.description, columns).into_iter().map(|line| Line::styled(line, theme.text)),
            );
            lines.push(Line::default());
        }
    } else if app.outputs.is_some() || subject.element.is_some_and(|element| element.attribute.is_empty()) {
        let sentence = if subject.element.is_some_and(|element| element.source.is_empty()) {
            "Where it was installed from is not recorded."
        } else {
            "None of the sources here offers this package."
        };
        lines.extend(text::wrap(sentence, columns).into_iter().map(Line::raw));
        lines.push(Line::default());
    }
    let mut fact = |label: &str, value: &str| {
        if !value.is_empty() {
            let value = text::fit(value, columns.saturating_sub(10));
            lines
                .push(Line::from(vec![Span::styled(text::pad(label, 10), theme.dim), Span::styled(value, theme.text)]));
        }
    };
    if let Some(element) = subject.element {
        let state = if element.active { "installed" } else { "installed, switched off" };
        fact("state", state);
        fact("version", &element.version);
        let priority = app.staged.priority(&element.name).unwrap_or(element.priority);
        fact("priority", &priority.to_string());
    }
    let elsewhere = match (subject.element, &subject.package) {
        (Some(element), _) => app.elsewhere.of_element(element).map(|found| found.words(&element.version)),
        (None, Some(package)) => app.elsewhere.of_package(package).map(|found| found.words(&package.version)),
        (None, None) => None,
    };
    fact("elsewhere", &elsewhere.unwrap_or_default());
    if let Some(package) = &subject.package {
        match subject.element {
            None => {
                fact("version", &package.version);
                let staged = app.staged.install(&package.attribute, &package.source).and_then(|(_, priority)| priority);
                // Without outputs nothing is known but the name.
                let known = Some(package.priority).filter(|_| !package.outputs.is_empty());
                fact("priority", &staged.or(known).map_or_else(String::new, |priority| priority.to_string()));
            }
            Some(element) if element.version != package.version => fact("offered", &package.version),
            Some(_) => {}
        }
        fact("program", package.main_program.as_deref().unwrap_or_default());
        fact("source", &package.source);
        fact("license", &package.licenses.join(", "));
        fact("homepage", &package.homepage);
    }
    if app.output_rows().iter().any(|row| row.is_default) {
        lines.push(Line::default());
        lines.push(Line::styled("* default output", theme.dim));
    }
    lines
}
