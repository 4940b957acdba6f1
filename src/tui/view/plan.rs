//! The plan in full: every change, what blocks and what would settle it, what is fetched, every command and every file.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::outline::{BLOCKED_SHOWN, Outline, Row, Section};
use super::super::report::Report;
use super::super::words::{self, Mark};
use super::super::{layout, text};
use super::paint::{self, Cells};
use super::plan_panel::{fetch, mark_style};
use super::progress;
use crate::loom::{Changed, MeaningKind, Origin, Preview};

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let (area, progress_area) = layout::plan(app);
    let theme = app.theme();
    let apply = app.key_for(Context::Plan, Command::Apply);
    let verdict = match app.outlook.current() {
        None if app.outlook.error.is_some() => "cannot be worked out".to_owned(),
        None => "working it out…".to_owned(),
        Some(report) if report.builds() && report.preview.fetch.unknown.is_empty() => {
            format!("builds; {apply} applies it")
        }
        Some(report) if report.builds() => format!("builds as far as is known; {apply} applies it"),
        Some(_) => "refused as it is".to_owned(),
    };
    let is_focused = app.dialog.is_none();
    paint::pane(app, frame, area, paint::title(theme, "Plan", &format!("· {verdict}"), true), is_focused);
    if let Some(report) = app.outlook.current() {
        // Whose rules decide is told wherever they do.
        paint::foot(frame, area, &format!("rules {}", report.preview.plan.rules.name()), theme.dim);
    }
    let inner = layout::inside(area);
    let outline = Outline::of(app);
    if let Some(error) = &app.outlook.error {
        paint::sentences(app, frame, area, "Plan", error);
    } else if outline.is_empty() {
        paint::empty(app, frame, inner, "Nothing is staged.");
    } else {
        paint::rows(app, frame, inner, &app.lists.plan, is_focused, |row, columns| match outline.row(row) {
            Some(Row::Heading(section)) => heading(app, &outline, section),
            Some(Row::Item(section, at)) => item(app, section, at, columns),
            Some(Row::Blank) | None => Line::default(),
        });
    }
    if let Some((area, work)) = progress_area.zip(layout::in_plan(app)) {
        let key = app.bound_key(Context::Plan, Command::Back).filter(|_| work.can_be_stopped());
        let rest = key.map_or_else(String::new, |key| format!("· {key} stops"));
        paint::pane(app, frame, area, paint::title(theme, &text::capital(work.task.name()), &rest, false), false);
        let inner = layout::inside(area);
        let inner = ratatui::layout::Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        paint::lines(frame, inner, progress::lines(app, work, inner.width.into()));
    }
}

fn heading(app: &App, outline: &Outline, section: Section) -> Line<'static> {
    let theme = app.theme();
    let report = app.outlook.current();
    let number = text::count_of(outline.items(section));
    let (name, rest, style) = match (section, report) {
        (Section::Obstacles, _) => ("✗ Cannot be built".into(), String::new(), theme.blocked),
        (Section::Blocked, Some(report)) => {
            let number = report.blocking().len();
            (format!("✗ {} in the way", text::plural(number, "collision")), String::new(), theme.blocked)
        }
        (Section::Settle, _) => {
            let key = app.key_for(Context::Plan, Command::StageSuggestion);
            ("What would settle it".into(), format!("{key} stages the selected one, or the first"), theme.title)
        }
        (Section::Changes, _) => ("Changes".into(), number, theme.title),
        (Section::Fetch, Some(report)) => ("Fetch".into(), fetch(report), theme.title),
        (Section::Commands, Some(report)) => ("Commands".into(), words::tally(&report.preview.commands), theme.title),
        (Section::Meanings, _) => ("On PATH".into(), "what a shell runs".into(), theme.title),
        (Section::Files, Some(report)) => ("Files".into(), words::tally(&report.preview.files), theme.title),
        (Section::Collisions, Some(report)) => (
            "Collisions".into(),
            format!(
                "{} by the rules {} · {} inspects them",
                text::count_of(report.collisions().len()),
                report.preview.plan.rules.name(),
                app.key_for(Context::Plan, Command::ShowCollisions)
            ),
            theme.title,
        ),
        (Section::Warnings, _) => ("Warnings".into(), number, theme.title),
        _ => (String::new(), String::new(), theme.title),
    };
    Line::from(vec![Span::styled(name, style), Span::raw("  "), Span::styled(rest, theme.dim)])
}

fn item(app: &App, section: Section, at: usize, columns: usize) -> Line<'static> {
    if section == Section::Changes {
        return change(app, at, columns);
    }
    // The other sections are there only with a report.
    app.outlook.current().map_or_else(Line::default, |report| reported(app, report, section, at, columns))
}

fn change(app: &App, at: usize, columns: usize) -> Line<'static> {
    let Some(change) = app.staged.changes().get(at) else { return Line::default() };
    let (mark, name, rest) = words::change(change);
    let style = mark_style(app, mark);
    Cells::new(columns)
        .cell("", 2, style)
        .cell(mark.sign(), 2, style)
        .cell(name, 30, style)
        .gap(1)
        .text(&rest, app.theme().text)
        .line()
}

fn reported(app: &App, report: &Report, section: Section, at: usize, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let cells = Cells::new(columns).gap(2);
    let preview = &report.preview;
    match section {
        Section::Blocked if at == BLOCKED_SHOWN => {
            let more = report.blocking().len() - BLOCKED_SHOWN;
            let key = app.key_for(Context::Plan, Command::ShowCollisions);
            cells.text(&format!("… and {} more; {key} lists them", text::count_of(more)), theme.dim).line()
        }
        Section::Blocked => {
            let number = report.blocking()[at] as usize;
            let collision = &report.collisions()[number];
            let uncovered = match preview.origins.get(number) {
                Some(Origin::Uncovered { by }) => format!("uncovered, for {by} goes: "),
                _ => String::new(),
            };
            let path = columns.saturating_sub(4) * 45 / 100;
            cells
                .cell(words::kind_sign(collision.kind), 2, theme.blocked)
                .cell(collision.kind.name(), 15, theme.blocked)
                .path(&String::from_utf8_lossy(&collision.path), path, theme.text)
                .gap(1)
                .text(&uncovered, theme.warning)
                .text(&words::contenders(&collision.contenders), theme.dim)
                .line()
        }
        Section::Settle => {
            let suggestion = &preview.suggestions[at];
            let outcome = if suggestion.builds {
                "then it builds".to_owned()
            } else {
                format!("settles {}", text::count_of(suggestion.settles()))
            };
            cells
                .cell(&words::suggestion(suggestion), 42.min(columns * 45 / 100), theme.text)
                .gap(1)
                .cell(&outcome, 15, theme.added)
                .text(&format!("{}; {}", suggestion.why, words::alters(&suggestion.alters)), theme.dim)
                .line()
        }
        Section::Fetch if at == 0 && preview.fetch.paths > 0 => {
            let sentence = format!("{} on disk once fetched", text::size(preview.fetch.unpacked_bytes));
            cells.text(&sentence, theme.text).line()
        }
        Section::Fetch => {
            let path = &preview.fetch.unknown[at - usize::from(preview.fetch.paths > 0)];
            cells
                .text("? ", theme.warning)
                .path(&path.to_string_lossy(), columns.saturating_sub(24), theme.text)
                .text("  not known yet", theme.dim)
                .line()
        }
        Section::Commands => difference(app, &preview.commands, at, cells),
        Section::Meanings => meaning(app, preview, at, cells),
        Section::Files => difference(app, &preview.files, at, cells),
        Section::Collisions => match report.kinds().nth(at) {
            Some((kind, number)) => cells
                .cell(words::kind_sign(kind), 2, theme.text)
                .cell(kind.name(), 15, theme.text)
                .right(&text::count_of(number), 9, theme.text)
                .line(),
            None => Line::default(),
        },
        Section::Obstacles => cells.text(&report.obstacles[at], theme.blocked).line(),
        Section::Warnings => cells.text(&preview.plan.warnings[at], theme.warning).line(),
        Section::Changes => Line::default(),
    }
}

/// That the profile is not on PATH, or what becomes of one command.
fn meaning(app: &App, preview: &Preview, at: usize, cells: Cells) -> Line<'static> {
    let theme = app.theme();
    let missing = preview.missing_from_path.as_deref();
    if let Some(bin) = missing.filter(|_| at == 0) {
        let path = crate::safe::path(bin);
        return cells
            .text(&format!("! a shell finds none of these commands: put {path} on PATH"), theme.warning)
            .line();
    }
    let Some(meaning) = preview.meanings.get(at - usize::from(missing.is_some())) else { return Line::default() };
    let (sign, style) = match meaning.kind {
        MeaningKind::TakesPlace => ("~", theme.changed),
        MeaningKind::Hidden => ("!", theme.warning),
        MeaningKind::FallsBack => ("↓", theme.text),
    };
    let columns = cells.left() * 30 / 100;
    cells
        .cell(sign, 2, style)
        .cell(&crate::safe::bytes(&meaning.command), columns.clamp(8, 30), style)
        .gap(1)
        .text(&meaning.why(), theme.text)
        .line()
}

/// A row of what comes, then what is changed, then what goes.
pub fn difference(app: &App, changed: &Changed<Box<[u8]>>, at: usize, cells: Cells) -> Line<'static> {
    let added = changed.added.len();
    let (mark, path) = if let Some(path) = changed.added.get(at) {
        (Mark::Added, path)
    } else if let Some(path) = changed.changed.get(at - added) {
        (Mark::Changed, path)
    } else if let Some(path) = changed.removed.get(at - added - changed.changed.len()) {
        (Mark::Removed, path)
    } else {
        return Line::default();
    };
    let style = mark_style(app, mark);
    let left = cells.left().saturating_sub(2);
    cells.cell(mark.sign(), 2, style).path(&crate::safe::bytes(path), left, style).line()
}
