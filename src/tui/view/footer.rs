//! The last line: the keys of what has the focus, or the message that the last key led to.

use std::collections::HashSet;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::super::action::Command;
use super::super::app::{App, Message};
use super::super::context::Context;
use super::super::keymap::Binding;
use super::super::{errors, text};
use super::hits::{Hit, Words};
use crate::catalogue::QUERY_HELP;

const MESSAGE_ROWS: usize = 4;
/// Columns after a hint.
const GAP: usize = 2;

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    if let Some(message) = &app.message {
        message_view(app, frame, area, message);
    } else if let Some(error) = app.errors.newest().filter(|_| app.area() == app.whole_area()) {
        // So low a screen has no row for it but this one.
        let message = Message { text: text::in_a_line(error), is_error: true };
        message_view(app, frame, area, &message);
    } else {
        let line = hints(app, area.width.into());
        frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
    }
}

/// The newest error, below the keys.
pub fn error(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let rows = errors::rows(app);
    let last = rows.len().saturating_sub(1);
    for ((at, row), y) in rows.into_iter().enumerate().zip(area.top()..area.bottom()) {
        let style = if at == last && at > 0 { theme.dim } else { theme.blocked };
        let sign = if at == 0 { " ✗ " } else { "   " };
        let line = Line::from(vec![Span::styled(sign, style), Span::styled(row, style)]);
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
    }
}

/// A long message takes some rows more.
fn message_view(app: &App, frame: &mut Frame<'_>, area: Rect, message: &Message) {
    let theme = app.theme();
    let (sign, style) = if message.is_error { (" ✗ ", theme.blocked) } else { (" › ", theme.title) };
    let mut lines = text::wrap(&message.text, usize::from(area.width).saturating_sub(4));
    lines.truncate(MESSAGE_ROWS);
    let rows = u16::try_from(lines.len()).unwrap_or(1);
    let place = Rect { y: (area.y + 1).saturating_sub(rows), height: rows, ..area };
    frame.render_widget(Clear, place);
    for (at, (line, y)) in lines.into_iter().zip(place.top()..place.bottom()).enumerate() {
        let sign = if at == 0 { sign } else { "   " };
        let line = Line::from(vec![Span::styled(sign, style), Span::styled(line, style)]);
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
    }
}

/// The keys of the context, as many as fit; help and quit always do.
fn hints(app: &App, columns: usize) -> Line<'static> {
    let shown = shown(app, columns);
    let mut spans = vec![Span::raw(" ")];
    for binding in &shown {
        hint(app, binding, &mut spans);
    }
    if app.context() == Context::Search {
        let mut room = columns.saturating_sub(1 + shown.iter().map(|binding| width(app, binding)).sum::<usize>());
        for (word, _) in QUERY_HELP {
            let word = format!("{word}  ");
            if text::width(&word) > room {
                break;
            }
            room -= text::width(&word);
            spans.push(Span::styled(word, app.theme().dim));
        }
    }
    Line::from(spans)
}

/// The hints that can be clicked, where they are drawn.
pub fn hits(app: &App, area: Rect) -> Vec<Hit> {
    let is_hidden = !app.errors.is_empty() && app.area() == app.whole_area();
    if app.message.is_some() || is_hidden {
        return Vec::new();
    }
    let mut words = Words::at(Position::new(area.x + 1, area.y), area.right());
    for binding in shown(app, area.width.into()) {
        words.key(binding.keys[0], width(app, binding) - GAP);
        words.skip(GAP);
    }
    words.hits
}

/// The rows whose hints have room.
fn shown(app: &App, columns: usize) -> Vec<&Binding> {
    let bindings = app.bindings().of(app.context());
    let mut shown: Vec<&Binding> = bindings.filter(|row| !row.hint.is_empty() && !row.keys.is_empty()).collect();
    if app.context() == Context::Outputs {
        // It leads to where one is.
        shown.retain(|binding| binding.command != Command::FocusOutputs);
    }
    // What a more particular context says of a command holds.
    let mut said = HashSet::new();
    shown.retain(|binding| said.insert(binding.command));
    let (always, others): (Vec<&Binding>, Vec<&Binding>) =
        shown.into_iter().partition(|binding| binding.context == Context::Lists);
    let mut room = columns.saturating_sub(1 + always.iter().map(|binding| width(app, binding)).sum::<usize>());
    let fitting = others.into_iter().take_while(|binding| {
        let fits = width(app, binding) <= room;
        room = room.saturating_sub(width(app, binding));
        fits
    });
    fitting.chain(always).collect()
}

/// What would do nothing now stays in sight, dimmed, and says why when it is asked for.
fn hint(app: &App, binding: &Binding, spans: &mut Vec<Span<'static>>) {
    let theme = app.theme();
    let (key, word) =
        if app.hindrance(binding.command).is_none() { (theme.key, theme.text) } else { (theme.dim, theme.dim) };
    spans.push(Span::styled(key_name(app, binding), key));
    spans.push(Span::styled(format!(" {}", binding.hint), word));
    spans.push(Span::raw(" ".repeat(GAP)));
}

fn key_name(app: &App, binding: &Binding) -> String {
    binding.keys.first().map_or_else(String::new, |key| app.settings.look.key_name(*key))
}

fn width(app: &App, binding: &Binding) -> usize {
    text::width(&key_name(app, binding)) + 1 + text::width(binding.hint) + GAP
}
