//! Every collision of the plan: who wants the path, who gets it, and why.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::app::App;
use super::super::report::{GroupKind, Report};
use super::super::{layout, text, words};
use super::paint::{self, Cells};
use crate::engine::Collision;
use crate::safe;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let theme = app.theme();
    let parts = layout::collisions(app.area());
    let is_focused = app.dialog.is_none();
    let report = app.outlook.report.as_deref();
    let number = report.map_or(0, |report| report.collisions().len());
    let of = if app.staged.is_empty() { "of the profile" } else { "of the plan" };
    let working = if app.outlook.is_working { " · working it out…" } else { "" };
    let title = paint::title(theme, "Collisions", &format!("{of} · {}{working}", text::count_of(number)), true);
    paint::pane(app, frame, parts.list, title, is_focused);
    let (tabs, rows) = layout::collision_rows(parts.list);
    let Some((report, group)) = report.zip(app.shown_group()).filter(|(report, _)| !report.collisions().is_empty())
    else {
        paint::empty(app, frame, rows, "No two packages want the same path.");
        if let Some(area) = parts.detail {
            paint::pane(app, frame, area, Line::default(), false);
        }
        return;
    };
    kinds(app, frame, tabs, report, group.kind);
    let list = &app.lists.collisions;
    paint::rows(app, frame, rows, list, is_focused, |row, columns| {
        line(app, &report.collisions()[group.rows[row] as usize], columns)
    });
    let selected = list.selected().and_then(|row| group.rows.get(row)).map(|&at| &report.collisions()[at as usize]);
    if let (Some(area), Some(collision)) = (parts.detail, selected) {
        detail(app, frame, area, collision);
    }
}

/// The kinds that there are, the shown one marked; scrolled so that it is in sight.
fn kinds(app: &App, frame: &mut Frame<'_>, area: Rect, report: &Report, shown: GroupKind) {
    let theme = app.theme();
    let tabs: Vec<(String, bool)> = report
        .groups
        .iter()
        .map(|group| {
            let is_shown = group.kind == shown;
            let sign = match group.kind {
                GroupKind::All => "",
                GroupKind::Blocking => "✗ ",
                GroupKind::Of(kind) => words::kind_sign(kind),
            };
            let gap = if matches!(group.kind, GroupKind::Of(_)) { " " } else { "" };
            let content = format!("{sign}{gap}{} {}", group.kind.name(), text::count_of(group.rows.len()));
            (if is_shown { format!("[{content}]") } else { format!(" {content} ") }, is_shown)
        })
        .collect();
    let room = usize::from(area.width).saturating_sub(2);
    let shown_at = tabs.iter().position(|(_, is_shown)| *is_shown).unwrap_or(0);
    let mut first = 0;
    while first < shown_at && tabs[first..=shown_at].iter().map(|(tab, _)| text::width(tab)).sum::<usize>() > room {
        first += 1;
    }
    let mut cells = Cells::new(room);
    for (tab, is_shown) in &tabs[first..] {
        cells = cells.text(tab, if *is_shown { theme.title_focused } else { theme.dim });
    }
    frame.buffer_mut().set_line(area.x + 1, area.y, &cells.line(), area.width.saturating_sub(1));
}

fn line(app: &App, collision: &Collision, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let style = if collision.blocks { theme.blocked } else { theme.text };
    let contenders = if columns >= 60 {
        columns * 34 / 100
    } else if columns >= 44 {
        columns / 3
    } else {
        0
    };
    let path = columns.saturating_sub(19 + contenders + 1);
    let mut cells = Cells::new(columns)
        .cell(if collision.blocks { "✗" } else { " " }, 2, theme.blocked)
        .cell(words::kind_sign(collision.kind), 2, style)
        .cell(collision.kind.name(), 15, style)
        .path(&safe::bytes(&collision.path), path, theme.text);
    if contenders > 0 {
        cells = cells.gap(1).text(&words::contest(collision), theme.dim);
    }
    cells.line()
}

fn detail(app: &App, frame: &mut Frame<'_>, area: Rect, collision: &Collision) {
    let theme = app.theme();
    let name = format!("{} {}", words::kind_sign(collision.kind), collision.kind.name());
    let verdict = if collision.blocks { "✗ blocks" } else { "does not block" };
    paint::pane(app, frame, area, paint::title(theme, &name, &format!("· {verdict}"), false), false);
    let inner = layout::inside(area);
    let inner = Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner };
    let columns = usize::from(inner.width);
    let mut lines: Vec<Line<'static>> = Vec::new();
    lines.extend(
        text::wrap(&safe::bytes(&collision.path), columns).into_iter().map(|line| Line::styled(line, theme.title)),
    );
    lines.extend(text::wrap(&collision.reason(), columns).into_iter().map(|line| Line::styled(line, theme.text)));
    lines.push(Line::default());
    for (at, contender) in collision.contenders.iter().enumerate() {
        let (verdict, style) = match collision.winner {
            Some(winner) if winner == at => ("✓ wins", theme.added),
            Some(_) => ("  loses", theme.dim),
            None => ("✗ ties", theme.blocked),
        };
        let verdict = if collision.winner.is_none() && collision.kind != crate::engine::CollisionKind::Tie {
            "✗ stays"
        } else {
            verdict
        };
        let who = format!("{} ({})", contender.package, contender.output);
        let priority = format!("priority {}", contender.priority);
        lines.push(
            Cells::new(columns)
                .cell(verdict, 9, style)
                .cell(&who, columns.saturating_sub(9 + 14), theme.text)
                .right(&priority, 14, theme.text)
                .line(),
        );
        let kind = if contender.is_directory { "directory " } else { "" };
        let source =
            text::fit_end(&safe::bytes(in_store(app, &contender.source)), columns.saturating_sub(9 + kind.len()));
        lines.push(Line::styled(format!("{}{kind}{source}", " ".repeat(9)), theme.dim));
    }
    paint::lines(frame, inner, lines);
}

/// A path without the store's own, which says nothing.
fn in_store<'a>(app: &App, path: &'a [u8]) -> &'a [u8] {
    let store = app.about.as_ref().map(|about| about.store_directory.as_os_str().as_encoded_bytes());
    store.and_then(|store| path.strip_prefix(store)?.strip_prefix(b"/")).unwrap_or(path)
}
