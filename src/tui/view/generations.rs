//! The history: all generations, and what going to the selected one would change.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::{App, Comparison};
use super::super::words::{self, Mark};
use super::super::{layout, text};
use super::paint::{self, Cells};
use super::plan_panel::mark_style;
use crate::loom::GenerationDiff;
use crate::profile::{Element, Generation};

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let theme = app.theme();
    let parts = layout::generations(app.area());
    let is_focused = app.dialog.is_none();
    let number = text::count_of(app.current.generations.len());
    paint::pane(app, frame, parts.list, paint::title(theme, "Generations", &number, true), is_focused);
    paint::rows(app, frame, layout::inside(parts.list), &app.lists.generations, is_focused, |row, columns| {
        app.generation(row).map_or_else(Line::default, |generation| line(app, generation, columns))
    });
    if let Some(area) = parts.detail {
        let selected = app.lists.generations.selected().and_then(|row| app.generation(row));
        let name = match selected {
            Some(generation) if generation.current => format!("What generation {} changed", generation.number),
            Some(generation) => format!("Going to generation {}", generation.number),
            None => String::new(),
        };
        paint::pane(app, frame, area, paint::title(theme, &name, "", false), false);
        let inner = layout::inside(area);
        let inner = Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner };
        let is_first = selected.is_some_and(|generation| generation.current) && app.generation_before().is_none();
        let lines = match &app.comparison {
            _ if is_first => vec![Line::styled("There is no generation before it.", theme.dim)],
            Some(comparison) => comparison_lines(app, comparison, inner.width.into(), inner.height.into()),
            None => Vec::new(),
        };
        paint::lines(frame, inner, lines);
    }
}

fn line(app: &App, generation: &Generation, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let style = if generation.current { theme.title } else { theme.text };
    Cells::new(columns)
        .cell(if generation.current { "●" } else { " " }, 2, theme.marker)
        .right(&generation.number.to_string(), 5, style)
        .gap(2)
        .cell(&date(app, generation), 18, style)
        .text(if generation.current { "current" } else { "" }, theme.dim)
        .line()
}

fn date(app: &App, generation: &Generation) -> String {
    Timestamp::try_from(generation.created).map_or_else(
        |_| "no date".into(),
        |created| created.to_zoned(app.settings.time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// What differs between two generations: each package, then numbers.
pub fn comparison_lines(app: &App, comparison: &Comparison, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let theme = app.theme();
    match &comparison.diff {
        None => vec![Line::styled("comparing…", theme.dim)],
        Some(Err(error)) => {
            text::wrap(error, columns).into_iter().map(|line| Line::styled(line, theme.blocked)).collect()
        }
        Some(Ok(diff)) => {
            let mut lines = packages(app, diff, columns);
            let room = rows.saturating_sub(3);
            if lines.len() > room {
                let more = lines.len() - room.saturating_sub(1);
                lines.truncate(room.saturating_sub(1));
                lines.push(Line::styled(format!("… {more} more"), theme.dim));
            }
            if lines.is_empty() {
                lines.push(Line::styled("The same packages.", theme.dim));
            }
            lines.push(Line::default());
            for (label, value) in [("files", words::tally(&diff.files)), ("commands", words::tally(&diff.commands))] {
                lines.push(Line::from(vec![Span::styled(text::pad(label, 10), theme.dim), Span::raw(value)]));
            }
            lines
        }
    }
}

fn packages(app: &App, diff: &GenerationDiff, columns: usize) -> Vec<Line<'static>> {
    let line = |mark: Mark, name: &str, rest: &str| {
        let style = mark_style(app, mark);
        let width = (columns.saturating_sub(2) / 2).min(32);
        Cells::new(columns).cell(mark.sign(), 2, style).cell(name, width, style).text(rest, app.theme().dim).line()
    };
    let added = diff.packages_added.iter().map(|element| line(Mark::Added, &element.name, &element.version));
    let removed = diff.packages_removed.iter().map(|element| line(Mark::Removed, &element.name, &element.version));
    let changed = diff
        .packages_changed
        .iter()
        .map(|(before, after)| line(Mark::Changed, &after.name, &what_changed(before, after)));
    added.chain(changed).chain(removed).collect()
}

fn what_changed(before: &Element, after: &Element) -> String {
    let outputs =
        |element: &Element| element.outputs.iter().map(|output| output.name.clone()).collect::<Vec<_>>().join(" ");
    let mut parts = Vec::new();
    if before.version != after.version {
        parts.push(format!("{} → {}", before.version, after.version));
    }
    if outputs(before) != outputs(after) {
        parts.push(format!("{} → {}", outputs(before), outputs(after)));
    }
    if before.priority != after.priority {
        parts.push(format!("priority {} → {}", before.priority, after.priority));
    }
    if before.active != after.active {
        parts.push(if after.active { "on" } else { "off" }.into());
    }
    if parts.is_empty() { "other files".into() } else { parts.join(", ") }
}
