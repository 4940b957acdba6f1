//! The panel below the panes: what the staged changes would do, in as many lines as there are.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::report::Report;
use super::super::words::{self, Mark};
use super::super::{layout, text};
use super::paint::{self, Cells};
use super::progress;
use crate::engine::Collision;
use crate::safe;

const LABEL: usize = 12;
/// Rows for why a source could not be read.
const PROBLEM_ROWS: usize = 3;

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    // Where there is room for one line only, it has no border.
    let inner = if area.height > 2 {
        paint::pane(app, frame, area, title(app), false);
        let inner = layout::inside(area);
        Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
    } else {
        Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
    };
    let lines = lines(app, inner.width.into(), inner.height.into());
    paint::lines(frame, inner, lines);
}

fn title(app: &App) -> Line<'static> {
    let theme = app.theme();
    let next = app.current.generations.iter().map(|generation| generation.number).max().unwrap_or(0) + 1;
    let (name, mut rest) =
        if app.staged.is_empty() { ("Profile", String::new()) } else { ("Plan", format!("→ generation {next}")) };
    if app.outlook.is_working {
        rest.push_str(" · working it out…");
    }
    paint::title(theme, name, rest.trim_start(), false)
}

/// The lines of the panel, the most important kept if there are more than `rows`, in a fixed order.
fn lines(app: &App, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let theme = app.theme();
    if let Some(work) = app.works.on_profile() {
        return progress::lines(app, work, columns);
    }
    if let Some(error) = &app.outlook.error {
        return text::wrap(error, columns).into_iter().map(|line| Line::styled(line, theme.blocked)).collect();
    }
    let mut ranked: Vec<(u8, Line<'static>)> = Vec::new();
    if app.staged.is_empty() {
        let (stage, plan) = (app.staging_key(), app.key_for(Context::Panes, Command::ShowPlan));
        let sentence = format!("Nothing staged. {stage} stages what is selected; {plan} then shows the plan.");
        ranked.push((0, Line::styled(text::fit(&sentence, columns), theme.dim)));
        for (name, problem) in app.failed_sources() {
            let lines = text::wrap_to(&format!("✗ not loaded: source {name}: {problem}"), columns, PROBLEM_ROWS);
            ranked.extend(lines.into_iter().map(|line| (1, Line::styled(line, theme.blocked))));
        }
    } else {
        let most = if rows >= 6 { 2 } else { 1 };
        for (at, line) in changes(app, columns, most).into_iter().enumerate() {
            ranked.push((if at == 0 { 0 } else { 6 }, labelled(app, if at == 0 { "changes" } else { "" }, line)));
        }
    }
    if let Some(report) = app.outlook.report.as_deref() {
        let value = columns.saturating_sub(LABEL);
        ranked.push((4, labelled(app, "links", links(app, report, value))));
        if let Some(line) = commands(app, report, value) {
            ranked.push((5, labelled(app, "commands", line)));
        }
        ranked.push((3, labelled(app, "collisions", kinds(app, report, value))));
        let blocking = report.blocking();
        if let Some(obstacle) = report.obstacles.first() {
            let content = vec![Span::styled(text::fit(obstacle, value), theme.blocked)];
            ranked.push((1, labelled_as(app, "✗ refused", theme.blocked, content)));
        }
        if !blocking.is_empty() {
            for (at, &row) in blocking.iter().take(rows).enumerate() {
                let content =
                    blocked(app, &report.collisions()[row as usize], (at == 0).then_some(blocking.len()), value);
                let label = if at == 0 { "✗ blocked" } else { "" };
                // The first says how many there are; others where there is room.
                ranked.push((if at == 0 { 1 } else { 8 }, labelled_as(app, label, theme.blocked, content)));
            }
            ranked.push((2, labelled(app, "settle", settle(app, report, value))));
        } else if report.builds() && !app.staged.is_empty() && !app.outlook.is_working {
            let plan = app.key_for(Context::Panes, Command::ShowPlan);
            let (label, style, then) = if report.preview.fetch.unknown.is_empty() {
                ("✓ builds", theme.added, app.then_applies(&plan))
            } else {
                // What is not known yet may collide; apply finds that out, and changes nothing then.
                let then = "shows the plan; if what is not known yet collides, nothing is changed";
                ("? builds", theme.warning, then.to_owned())
            };
            let line = vec![Span::styled(plan, theme.key), Span::raw(format!(" {then}"))];
            ranked.push((7, labelled_as(app, label, style, line)));
        }
    }
    if app.outlook.is_working {
        // All but the changes tells of what was staged before.
        for (_, line) in ranked.iter_mut().filter(|(rank, _)| !matches!(rank, 0 | 6)) {
            *line = Line::styled(line.to_string(), theme.dim);
        }
    }
    while ranked.len() > rows.max(1) {
        let least = ranked.iter().enumerate().max_by_key(|(at, (rank, _))| (*rank, *at)).map_or(0, |(at, _)| at);
        ranked.remove(least);
    }
    ranked.into_iter().map(|(_, line)| line).collect()
}

fn labelled(app: &App, label: &str, rest: Vec<Span<'static>>) -> Line<'static> {
    labelled_as(app, label, app.theme().dim, rest)
}

fn labelled_as(_: &App, label: &str, style: Style, rest: Vec<Span<'static>>) -> Line<'static> {
    let mut spans = vec![Span::styled(text::pad(label, LABEL), style)];
    spans.extend(rest);
    Line::from(spans)
}

/// The staged changes one beside the other, in at most `most` lines; the last says how many more there are.
fn changes(app: &App, columns: usize, most: usize) -> Vec<Vec<Span<'static>>> {
    const MORE: usize = 12;
    let columns = columns.saturating_sub(LABEL);
    let changes = app.staged.changes();
    let mut lines = vec![Vec::new()];
    let mut used = 0;
    for (at, change) in changes.iter().enumerate() {
        let (mark, name, rest) = words::change(change);
        let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
        let content = text::fit(&format!("{} {name}{rest}", mark.sign()), columns.saturating_sub(MORE));
        let width = text::width(&content) + 3;
        let is_last_line = lines.len() == most;
        let room = if is_last_line && at + 1 < changes.len() { columns.saturating_sub(MORE) } else { columns };
        if used > 0 && used + width > room + 3 {
            if is_last_line {
                let more = format!("… {} more", changes.len() - at);
                lines.last_mut().expect("starts with one line").push(Span::styled(more, app.theme().dim));
                return lines;
            }
            lines.push(Vec::new());
            used = 0;
        }
        used += width;
        let line = lines.last_mut().expect("starts with one line");
        line.push(Span::styled(content, mark_style(app, mark)));
        line.push(Span::raw("   "));
    }
    lines
}

pub fn mark_style(app: &App, mark: Mark) -> Style {
    match mark {
        Mark::Added => app.theme().added,
        Mark::Removed => app.theme().removed,
        Mark::Changed => app.theme().changed,
    }
}

fn links(app: &App, report: &Report, columns: usize) -> Vec<Span<'static>> {
    let preview = &report.preview;
    let links = report.links;
    let mut parts = Vec::new();
    if app.staged.is_empty() || links == preview.links_before {
        parts.push(format!("{} in {}", text::count_of(links), directories(report.directories)));
    } else {
        parts.push(format!("{} → {}", text::count_of(preview.links_before), text::count_of(links)));
    }
    if !app.staged.is_empty() {
        parts.push(format!("files {}", words::tally(&preview.files)));
        parts.push(fetch(report));
    }
    vec![Span::raw(text::fit(&parts.join(" · "), columns))]
}

/// A collision that blocks; the first with the number of all.
fn blocked(app: &App, collision: &Collision, number: Option<usize>, columns: usize) -> Vec<Span<'static>> {
    let theme = app.theme();
    let number = number.map_or_else(String::new, |number| format!("{}  ", text::plural(number, "collision")));
    let cells = Cells::new(columns)
        .text(&number, theme.blocked)
        .text(&safe::bytes(&collision.path), theme.blocked)
        .text("  ", theme.text);
    cells.text(&words::contenders(&collision.contenders), theme.dim).line().spans
}

fn directories(number: usize) -> String {
    if number == 1 { "1 directory".into() } else { format!("{} directories", text::count_of(number)) }
}

/// What has to be put into the store, in a few words.
pub fn fetch(report: &Report) -> String {
    let fetch = &report.preview.fetch;
    let mut content = match (fetch.paths, fetch.download_bytes) {
        (0, _) if fetch.builds > 0 => String::new(),
        (0, _) => "nothing to fetch".to_owned(),
        (paths, 0) => format!("{} to fetch", text::plural(paths, "path")),
        (paths, bytes) => format!("{} to fetch, {}", text::plural(paths, "path"), text::size(bytes)),
    };
    if fetch.shared > 0 {
        let _ = write!(content, ", {} here already", text::plural(fetch.shared, "output"));
    }
    if fetch.builds > 0 {
        let comma = if content.is_empty() { "" } else { ", " };
        let _ = write!(content, "{comma}{} to build", text::plural(fetch.builds, "package"));
    }
    if !fetch.unavailable.is_empty() {
        let _ = write!(content, ", {} that nothing known has", text::plural(fetch.unavailable.len(), "path"));
    }
    if !fetch.unknown.is_empty() {
        let _ = write!(content, ", files of {} not known yet", text::count_of(fetch.unknown.len()));
    }
    content
}

/// The names of the commands that come, go and change, as many as fit; the numbers of all three always do.
fn commands(app: &App, report: &Report, columns: usize) -> Option<Vec<Span<'static>>> {
    /// Columns for a number, its sign and the gap.
    const NUMBER: usize = 9;
    if app.staged.is_empty() {
        return None;
    }
    let commands = &report.preview.commands;
    let kinds =
        [(Mark::Added, &commands.added), (Mark::Removed, &commands.removed), (Mark::Changed, &commands.changed)];
    let kinds: Vec<_> = kinds.into_iter().filter(|(_, names)| !names.is_empty()).collect();
    let mut spans = Vec::new();
    let mut room = columns;
    for (at, (mark, names)) in kinds.iter().enumerate() {
        // Each gets two thirds of what is left, so that those after it have room for some names too.
        let others = kinds.len() - at - 1;
        let share = if others == 0 { room } else { (room * 2 / 3).min(room.saturating_sub(others * NUMBER)) };
        // More names than fit are not even made into text.
        let shown: Vec<_> = names.iter().take(share / 2).map(|name| safe::bytes(name)).collect();
        let number = format!("{}{}", mark.sign(), text::count_of(names.len()));
        let content =
            if share < 2 * NUMBER { number } else { text::fit(&format!("{number} {}", shown.join(" ")), share - 3) };
        room = room.saturating_sub(text::width(&content) + 3);
        spans.push(Span::styled(content, mark_style(app, *mark)));
        spans.push(Span::raw("   "));
    }
    if spans.is_empty() {
        spans.push(Span::raw("as before"));
    }
    Some(spans)
}

/// How many collisions of each kind.
fn kinds(app: &App, report: &Report, columns: usize) -> Vec<Span<'static>> {
    let kinds: Vec<_> = report
        .kinds()
        .map(|(kind, number)| format!("{} {} {}", words::kind_sign(kind), text::count_of(number), kind.name()))
        .collect();
    if kinds.is_empty() {
        return vec![Span::raw("none")];
    }
    let Some(key) = app.bound_key(Context::Panes, Command::ShowCollisions) else {
        return vec![Span::raw(text::fit(&kinds.join("  "), columns))];
    };
    let room = columns.saturating_sub(text::width(&key) + 13);
    let mut spans = vec![Span::raw(text::fit(&kinds.join("  "), room))];
    spans.extend([Span::raw("  "), Span::styled(key, app.theme().key), Span::styled(" lists them", app.theme().dim)]);
    spans
}

/// The change that would settle what blocks.
pub fn settle(app: &App, report: &Report, columns: usize) -> Vec<Span<'static>> {
    let theme = app.theme();
    let Some(suggestion) = report.preview.suggestions.first() else {
        let key = app.key_for(Context::Panes, Command::ShowCollisions);
        let sentence = format!("no way to settle it was found; {key} lists the collisions");
        return vec![Span::raw(text::fit(&sentence, columns))];
    };
    let all = if suggestion.builds { "; then it builds" } else { "" };
    let content = format!(
        " {} (settles {} of {}{all})",
        words::suggestion(suggestion),
        text::count_of(suggestion.settles()),
        text::count_of(report.blocking().len())
    );
    let key = app.key_for(Context::Panes, Command::StageSuggestion);
    let room = columns.saturating_sub(text::width(&key));
    vec![Span::styled(key, theme.key), Span::raw(text::fit(&content, room))]
}
