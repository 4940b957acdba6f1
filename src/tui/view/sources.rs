//! The sources: where they lie and what became of them; beneath them what on this machine could be one, and what that costs.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::sources::{self, Row};
use super::super::{layout, text, words};
use super::paint::{self, Cells};
use crate::loom::SourceRow;

/// Columns of the label before a fact.
const LABEL: usize = 10;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let theme = app.theme();
    let parts = layout::sources(app.area());
    let is_focused = app.dialog.is_none();
    let number = app.sources.as_ref().map_or(0, |view| view.configured.len());
    let title = paint::title(theme, "Sources", &text::count_of(number), true);
    paint::pane(app, frame, parts.list, title, is_focused);
    if let Some(step) = app.loading() {
        paint::foot(frame, parts.list, &words::progress(step, usize::MAX), theme.progress);
    }
    let inner = layout::inside(parts.list);
    let rows = sources::rows(app);
    if rows.is_empty() {
        let sentence = if app.sources.is_some() {
            let key = app.key_for(Context::Sources, Command::AddSource);
            format!(
                "No source yet, and nothing was found on this machine. {key} adds one: a Nix file, <nixpkgs>, a flake, or a \
                 packages.json."
            )
        } else {
            "Looking for sources…".to_owned()
        };
        paint::empty(app, frame, inner, &sentence);
    }
    paint::rows(app, frame, inner, &app.lists.sources, is_focused, |at, columns| {
        let before = at.checked_sub(1).and_then(|before| rows.get(before));
        rows.get(at).map_or_else(Line::default, |row| line(app, row, before, columns))
    });
    if let Some(area) = parts.detail {
        detail(app, frame, area);
    }
}

fn line(app: &App, row: &Row<'_>, before: Option<&Row<'_>>, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let name_columns = (columns * 24 / 100).clamp(8, 20);
    let state_columns = if columns >= 44 { (columns * 42 / 100).min(40) } else { columns.saturating_sub(name_columns) };
    let location_columns = columns.saturating_sub(4 + name_columns + 1 + state_columns + 1);
    match row {
        Row::Source(source) => {
            let style = if source.is_on { theme.text } else { theme.dim };
            let pin = source.pin.as_ref().map(|pin| format!(", pin {}", pin.short())).unwrap_or_default();
            let state = sources::state(app, source) + &pin;
            let is_wrong = source.is_on && source.problem.is_some();
            Cells::new(columns)
                .cell(if source.is_on { "[x]" } else { "[ ]" }, 4, style)
                .cell(&source.name, name_columns, style)
                .gap(1)
                .path(&source.location, location_columns, theme.dim)
                .gap(usize::from(location_columns > 0))
                .cell(&state, state_columns, if is_wrong { theme.blocked } else { style })
                .line()
        }
        Row::Heading => Line::styled("Found on this machine", theme.title),
        Row::Found { found, .. } => {
            let is_same = matches!(before, Some(Row::Found { found: before, .. }) if before.name == found.name);
            let (text, cost) = row.way().map_or((&*found.location, ""), |way| (&*way.text, &*way.cost));
            Cells::new(columns)
                .gap(4)
                .cell(if is_same { "" } else { &found.name }, name_columns, theme.text)
                .gap(1)
                .cell(text, location_columns, theme.dim)
                .gap(usize::from(location_columns > 0))
                .cell(if cost.is_empty() { &found.why } else { cost }, state_columns, theme.text)
                .line()
        }
    }
}

/// Where a source is held, and what that means; empty if it is not.
fn pinned(app: &App, source: &SourceRow) -> String {
    let Some(pin) = &source.pin else { return String::new() };
    let mut words = format!(
        "{}, whatever its location has; {} moves the pin, {} takes it away",
        pin.in_short(),
        app.key_for(Context::Sources, Command::PinSource),
        app.key_for(Context::Sources, Command::UnpinSource)
    );
    if source.listing.is_some() {
        words.push_str("; its listing may be newer");
    }
    words
}

/// All of the selected row, without a cut.
fn detail(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let selected = sources::selected(app);
    let name = match &selected {
        Some(Row::Source(source)) => &*source.name,
        Some(Row::Found { found, .. }) => &*found.name,
        Some(Row::Heading) | None => "",
    };
    let name = text::fit(name, usize::from(area.width).saturating_sub(6));
    paint::pane(app, frame, area, paint::title(theme, &name, "", false), false);
    let inner = layout::inside(area);
    let inner = Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner };
    let mut facts: Vec<(&str, String)> = Vec::new();
    match selected {
        Some(Row::Source(source)) => {
            facts.push(("state", sources::state(app, source)));
            if let (Some(_), Some(packages)) = (&source.problem, source.packages) {
                facts.push(("before", text::plural(packages, "package")));
            }
            facts.push(("location", source.location.clone()));
            facts.push(("pinned to", pinned(app, source)));
            facts.push(("listed by", source.listing.clone().unwrap_or_default()));
            let given = if source.is_from_command_line { "at the start, for this run" } else { "in the config file" };
            facts.push(("given", given.to_owned()));
        }
        Some(row @ Row::Found { found, .. }) => {
            if let Some(way) = row.way() {
                facts.push(("listed by", way.text.clone()));
                facts.push(("costs", way.cost.clone()));
            }
            facts.push(("location", found.location.clone()));
            facts.push(("found", found.why.clone()));
            let key = app.key_for(Context::Sources, Command::AddFound);
            facts.push(("", format!("{key} makes it a source. Nothing is fetched or evaluated before.")));
        }
        Some(Row::Heading) | None => {}
    }
    let columns = usize::from(inner.width);
    let lines = facts.into_iter().filter(|(_, value)| !value.is_empty()).flat_map(|(label, value)| {
        let wrapped = text::wrap_to(&value, columns.saturating_sub(LABEL), inner.height.into());
        let label = |at| text::pad(if at == 0 { label } else { "" }, LABEL);
        let line = |(at, value): (usize, String)| {
            Line::from(vec![Span::styled(label(at), theme.dim), Span::styled(value, theme.text)])
        };
        wrapped.into_iter().enumerate().map(line).collect::<Vec<_>>()
    });
    paint::lines(frame, inner, lines);
}
