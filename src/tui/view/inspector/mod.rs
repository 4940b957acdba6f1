//! The inspector: every collision of the plan, and beside it what is known of the selected one.

mod detail;
mod difference;
mod facts;
mod rows;
mod told;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::inspector::Grouping;
use super::super::report::Report;
use super::super::work::Task;
use super::super::{layout, text, words};
use super::hits::{Hit, Target, Words};
use super::paint::{self, Cells};
use crate::engine::CollisionKind;

pub use detail::len as detail_len;
pub use told::Told;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let theme = app.theme();
    let parts = layout::collisions(app.area());
    let is_focused = app.dialog.is_none();
    let report = app.inspected_report();
    paint::pane(app, frame, parts.list, paint::title(theme, "Collisions", &title(app, report), true), is_focused);
    let inner = layout::collision_rows(app, parts.list);
    if let Some(work) = app.works.get(Task::Fetch) {
        let stops = app.bound_key(Context::Collisions, Command::Back).map(|key| format!("{key} stops · "));
        let foot = format!("{}{}", stops.unwrap_or_default(), words::work(work));
        paint::foot(frame, parts.list, &foot, theme.progress);
    } else if app.inspector.filter.is_blocking_only {
        let all = app.bound_key(Context::Collisions, Command::ToggleBlockingOnly);
        let all = all.map_or_else(String::new, |key| format!(" · {key} shows all"));
        paint::foot(frame, parts.list, &format!("only what blocks{all}"), theme.warning);
    } else if let Some(report) = report {
        // Whose rules decide is told wherever they do.
        paint::foot(frame, parts.list, &format!("rules {}", report.preview.plan.rules.name()), theme.dim);
    }
    match report {
        None => paint::empty(app, frame, inner.rows, app.outlook.error.as_deref().unwrap_or("Working it out…")),
        Some(report) => {
            kinds(app, frame, inner.kinds, report);
            let is_typing = app.inspector.is_typing && app.dialog.is_none();
            paint::filter(app, frame, inner.filter, &app.inspector.filter.text, is_typing);
            if app.inspector.tree().is_empty() {
                let sentence = if report.collisions().is_empty() {
                    "No two packages want the same path.".to_owned()
                } else {
                    nothing_left(app)
                };
                paint::empty(app, frame, inner.rows, &sentence);
            }
            paint::rows(app, frame, inner.rows, &app.lists.collisions, is_focused, |row, columns| {
                let row = app.inspector.row(row);
                row.map_or_else(Line::default, |row| rows::line(app, report, row, columns))
            });
        }
    }
    if let Some(area) = parts.detail {
        detail::view(app, frame, area);
    }
}

fn nothing_left(app: &App) -> String {
    let key = |command| app.key_for(Context::Collisions, command);
    format!(
        "No collision is left by the filter: {} and {} clear its text, {} shows the next kind, {} all.",
        key(Command::Filter),
        app.key_for(Context::Filter, Command::Back),
        key(Command::NextKind),
        key(Command::ToggleBlockingOnly)
    )
}

/// Of what, how many, how they are grouped.
fn title(app: &App, report: Option<&Report>) -> String {
    let of = match (app.inspector.is_of_file, app.environment.imported()) {
        (true, Some(imported)) => format!("of {}", text::fit(&imported.name, 24)),
        _ if app.staged.is_empty() => "of the profile".to_owned(),
        _ => "of the plan".to_owned(),
    };
    let all = report.map_or(0, |report| report.collisions().len());
    let shown = app.inspector.tree().len();
    let number = if shown == all || report.is_none() {
        text::count_of(all)
    } else {
        format!("{} of {}", text::count_of(shown), text::count_of(all))
    };
    let grouping = match app.inspector.grouping {
        Grouping::Pair => "by pair",
        Grouping::Path => "by path",
    };
    let working = if app.outlook.is_working && !app.inspector.is_of_file { " · working it out…" } else { "" };
    format!("{of} · {number} {grouping}{working}")
}

/// The kinds that there are, the shown one marked; scrolled so that it is in sight.
fn kinds(app: &App, frame: &mut Frame<'_>, area: Rect, report: &Report) {
    let theme = app.theme();
    let mut cells = Cells::new(usize::from(area.width).saturating_sub(2));
    for (kind, tab) in tabs(app, area, report) {
        let is_shown = kind == app.inspector.filter.kind;
        cells = cells.text(&tab, if is_shown { theme.title_focused } else { theme.dim });
    }
    frame.buffer_mut().set_line(area.x + 1, area.y, &cells.line(), area.width.saturating_sub(1));
}

/// The kinds that can be clicked, where they are drawn.
pub fn hits(app: &App) -> Vec<Hit> {
    let Some(report) = app.inspected_report() else { return Vec::new() };
    let area = layout::collision_rows(app, layout::collisions(app.area()).list).kinds;
    let mut placed = Words::at(Position::new(area.x + 1, area.y), area.right().saturating_sub(1));
    for (kind, tab) in tabs(app, area, report) {
        placed.word(Target::Kind(kind), text::width(&tab));
    }
    placed.hits
}

/// From the first that is in sight on: the kind, and what is drawn of it.
fn tabs(app: &App, area: Rect, report: &Report) -> Vec<(Option<CollisionKind>, String)> {
    if report.collisions().is_empty() {
        return Vec::new();
    }
    let all = (None, format!("all {}", text::count_of(report.collisions().len())));
    let others = report.kinds().map(|(kind, number)| {
        (Some(kind), format!("{} {} {}", words::kind_sign(kind), kind.name(), text::count_of(number)))
    });
    let shown = app.inspector.filter.kind;
    let mut tabs: Vec<_> = std::iter::once(all)
        .chain(others)
        .map(|(kind, content)| (kind, if kind == shown { format!("[{content}]") } else { format!(" {content} ") }))
        .collect();
    let room = usize::from(area.width).saturating_sub(2);
    let shown_at = tabs.iter().position(|(kind, _)| *kind == shown).unwrap_or(0);
    let mut first = 0;
    while first < shown_at && tabs[first..=shown_at].iter().map(|(_, tab)| text::width(tab)).sum::<usize>() > room {
        first += 1;
    }
    tabs.drain(..first);
    tabs
}
