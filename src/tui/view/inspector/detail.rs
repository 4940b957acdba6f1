//! What is told of the selected row: verdict, contenders, what would settle it, and how the files differ.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::super::action::Command;
use super::super::super::app::App;
use super::super::super::context::Context;
use super::super::super::inspector::{Row, Stretch};
use super::super::super::pairs::Pair;
use super::super::super::report::Report;
use super::super::super::work::Task;
use super::super::super::{layout, text, words};
use super::super::{paint, progress};
use super::told::Told;
use super::{difference, facts};
use crate::engine::Collision;
use crate::loom::Origin;
use crate::safe;

/// How many lines there are to scroll through.
pub fn len(app: &App) -> usize {
    let Some(area) = layout::collisions(app.area()).detail.filter(|_| !layout::is_too_small(app.area())) else {
        return 0;
    };
    told(app, layout::padded(area).width.into()).len()
}

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let inner = layout::padded(area);
    let columns = usize::from(inner.width);
    let told = told(app, columns);
    let verdict = if told.verdict.is_empty() { String::new() } else { format!("· {}", told.verdict) };
    let room = usize::from(area.width).saturating_sub(6 + text::width(&verdict));
    paint::pane(app, frame, area, paint::title(theme, &text::fit(&told.title, room), &verdict, false), false);
    let list = app.inspector.detail;
    let lines = list.visible().map(|line| line_of(&told, app, line, columns));
    paint::lines(frame, inner, lines);
    paint::scroll_bar(app, frame, layout::inside(area), &list);
    let scroll = app.bound_key(Context::Collisions, Command::ScrollDetailDown);
    if let Some(key) = scroll.filter(|_| list.visible().end < told.len()) {
        paint::foot(frame, area, &format!("{key} scrolls"), theme.dim);
    }
}

fn line_of(told: &Told<'_>, app: &App, line: usize, columns: usize) -> Line<'static> {
    let below = line.saturating_sub(told.lines.len());
    match (told.lines.get(line), told.difference.get(below)) {
        (Some(line), _) => line.clone(),
        (None, Some(changed)) => difference::line(app, changed, columns),
        (None, None) if told.is_cut => Line::styled("… there is more", app.theme().dim),
        (None, None) => Line::default(),
    }
}

fn told(app: &App, columns: usize) -> Told<'_> {
    let mut told = Told::default();
    let Some((report, row)) = app.inspected_report().zip(app.inspected()) else { return told };
    let theme = app.theme();
    match row {
        Row::Settled => {
            "Settled".clone_into(&mut told.title);
            let unknown = report.preview.plan.unknown.len();
            told.say("No collision blocks the staged changes.", columns, theme.added);
            if unknown > 0 {
                let sentence =
                    format!("The files of {} are not known yet, and may collide.", text::plural(unknown, "output"));
                told.say(&sentence, columns, theme.warning);
            }
            let key = app.key_for(Context::Collisions, Command::ToggleFold);
            told.say(&format!("{key} {}.", app.then_applies(&key)), columns, theme.text);
            told.heading(app, "Changes", "");
            for change in app.staged.changes() {
                let (mark, name, rest) = words::change(change);
                let style = super::super::plan_panel::mark_style(app, mark);
                let sentence = text::fit(&format!("{} {name} {rest}", mark.sign()), columns);
                told.lines.push(Line::styled(sentence, style));
            }
        }
        Row::Unknown(at) => unknown(app, report, at, &mut told, columns),
        Row::Pair { pair, below } => {
            if let Some(pair) = report.pairs.get(pair) {
                told.title = words::pair(&pair.packages);
                self::pair(app, report, pair, below, &mut told, columns);
                facts::double(app, report, row, &mut told, columns);
                facts::suggestions(app, report, row, &mut told, columns);
            }
        }
        Row::Directory { to, below, .. } => {
            let first = app.inspector.tree().first_of(row).and_then(|at| report.collisions().get(at as usize));
            let path = first.and_then(|first| first.path.get(..to as usize)).unwrap_or_default();
            "directory".clone_into(&mut told.title);
            told.say(&safe::bytes(path), columns, theme.title);
            count(app, below, &mut told, columns);
            facts::suggestions(app, report, row, &mut told, columns);
        }
        Row::Collision { at, .. } => {
            if let Some(collision) = report.collisions().get(at as usize) {
                let origin = report.preview.origins.get(at as usize);
                self::collision(app, report, collision, origin, &mut told, columns);
                facts::double(app, report, row, &mut told, columns);
                facts::suggestions(app, report, row, &mut told, columns);
                difference::told(app, collision, &mut told, columns);
            }
        }
    }
    told
}

fn unknown(app: &App, report: &Report, at: u32, told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    let path = report.preview.plan.unknown.get(at as usize).map_or_else(String::new, |path| safe::bytes(path));
    "Unknown until fetched".clone_into(&mut told.title);
    told.say(&path, columns, theme.title);
    let sentence = "No list of its files is here or can be had, so what it would bring is not part of this plan: it may \
                    collide.";
    told.say(sentence, columns, theme.text);
    let unlisted = report.preview.fetch.unlisted.iter().find(|unlisted| safe::path(&unlisted.path) == path);
    if let Some(unlisted) = unlisted {
        told.say(&text::in_a_line(&unlisted.why), columns, theme.dim);
    }
    told.lines.push(Line::default());
    let key = app.key_for(Context::Collisions, Command::FetchUnknown);
    let sentence = format!("{key} fetches what is unknown, for the preview alone: nothing is installed by that.");
    told.say(&sentence, columns, theme.text);
    if let Some(work) = app.works.get(Task::Fetch) {
        told.lines.push(Line::default());
        told.lines.extend(progress::lines(app, work, columns));
    }
}

fn count(app: &App, below: Stretch, told: &mut Told<'_>, columns: usize) {
    let (all, blocking) = app.inspector.tree().counts(below);
    told.say(&words::tally_blocking(all, blocking), columns, app.theme().text);
}

fn pair(app: &App, report: &Report, pair: &Pair, below: Stretch, told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    told.verdict = if pair.blocking > 0 { "✗ blocks".into() } else { "does not block".into() };
    count(app, below, told, columns);
    let kinds = pair
        .kinds()
        .map(|(kind, number)| format!("{} {} {}", words::kind_sign(kind), kind.name(), text::count_of(number)));
    let is_filtered = app.inspector.tree().counts(below).0 < pair.kinds().map(|(_, number)| number).sum();
    let of = if is_filtered { "of the whole pair: " } else { "" };
    told.say(&format!("{of}{}", kinds.collect::<Vec<_>>().join(", ")), columns, theme.dim);
    told.lines.push(Line::default());
    facts::packages(app, report, &pair.packages, told, columns);
}

fn collision(
    app: &App,
    report: &Report,
    collision: &Collision,
    origin: Option<&Origin>,
    told: &mut Told<'_>,
    columns: usize,
) {
    let theme = app.theme();
    told.title = format!("{} {}", words::kind_sign(collision.kind), collision.kind.name());
    told.verdict = if collision.blocks { "✗ blocks".into() } else { "does not block".into() };
    told.say(&safe::bytes(&collision.path), columns, theme.title);
    told.say(&collision.reason(), columns, theme.text);
    if let Some(Origin::Uncovered { by }) = origin {
        told.say(&format!("Uncovered: the file of {by}, which goes, was there before."), columns, theme.warning);
    }
    if let Some(sentence) = words::harmless(collision) {
        told.say(sentence, columns, theme.added);
    }
    told.lines.push(Line::default());
    facts::contenders(app, report, collision, told, columns);
}
