//! The form that is filled in before the profile is written as an environment file.

use ratatui::text::{Line, Span};

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::export_form::{ExportForm, Field};
use super::super::text;

/// Columns of the labels, and before them those of the marker.
const LABEL: usize = 10;
const MARKER: usize = 2;

/// What stands left of what is typed.
pub const BEFORE: usize = MARKER + LABEL;

/// All lines of the form but that of its keys, and which of them is filled in.
pub fn lines(app: &App, form: &ExportForm, columns: usize) -> (Vec<Line<'static>>, usize) {
    let theme = app.theme();
    let room = columns.saturating_sub(BEFORE);
    let mut lines = Vec::new();
    let mut filled_in = 0;
    for &field in Field::ALL {
        let is_here = field == form.field;
        if is_here {
            filled_in = lines.len();
        }
        let value = form.value(field);
        let style = match (is_here, form.input()) {
            (true, Some(input)) if input.is_selected() => theme.selected,
            _ => theme.text,
        };
        let value = match (field, value.is_empty()) {
            (Field::Packages, true) => {
                Span::styled(text::fit(&format!("all {}", app.elements().len()), room), theme.dim)
            }
            (_, _) if field.is_typed() => Span::styled(text::fit_end(&value, room), style),
            _ => Span::styled(text::fit(&format!("‹ {value} ›"), room), style),
        };
        let label = if is_here { theme.title_focused } else { theme.dim };
        lines.push(Line::from(vec![
            Span::styled(if is_here { "› " } else { "  " }, theme.marker),
            Span::styled(text::pad(field.label(), LABEL), label),
            value,
        ]));
    }
    let key = |command| app.key_for(Context::Export, command);
    let told = match form.field {
        Field::Name => "What the environment is called in the store.".to_owned(),
        Field::Packages => "Names of installed packages with blanks between; without any, all.".to_owned(),
        Field::Format | Field::Pinned => {
            format!("{} and {} choose.", key(Command::CursorLeft), key(Command::CursorRight))
        }
        Field::Place => "Nothing is written over before you are asked.".to_owned(),
    };
    lines.push(Line::default());
    lines.extend(text::wrap(&told, columns).into_iter().map(|line| Line::styled(line, theme.dim)));
    (lines, filled_in)
}
