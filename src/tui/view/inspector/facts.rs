//! The contenders beside each other, and the changes that would settle what is selected.

use std::sync::Arc;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::super::action::Command;
use super::super::super::app::App;
use super::super::super::context::Context;
use super::super::super::inspector::Row;
use super::super::super::report::Report;
use super::super::super::{text, words};
use super::super::paint::Cells;
use super::told::Told;
use crate::engine::{Collision, Contender, Reason};
use crate::loom::{FileFacts, FileKind};
use crate::safe;

/// Two contenders stand beside each other from here on.
const BESIDE: usize = 62;
/// Contenders that are shown; the others are counted.
const SHOWN: usize = 12;
/// What is said of one change takes no more rows than these.
const SENTENCE_ROWS: usize = 4;

/// What is told of one of them.
type Block = Vec<(String, Style)>;

/// Every contender with what is known of its file.
pub fn contenders(app: &App, report: &Report, collision: &Collision, told: &mut Told<'_>, columns: usize) {
    let width = block_width(columns);
    let shown = collision.contenders.iter().take(SHOWN).enumerate();
    let blocks: Vec<Block> = shown.map(|(at, contender)| block(app, report, collision, at, contender, width)).collect();
    arrange(&blocks, told, columns);
    let more = collision.contenders.len().saturating_sub(SHOWN);
    if more > 0 {
        told.say(&format!("and {} more", text::count_of(more)), columns, app.theme().dim);
    }
}

/// That a package is there twice, if that is what the row is about.
pub fn double(app: &App, report: &Report, row: Row, told: &mut Told<'_>, columns: usize) {
    let first = app.inspector.tree().first_of(row);
    if let Some(double) = first.and_then(|first| report.preview.double(first)) {
        told.lines.push(Line::default());
        told.say(&format!("{}.", double.sentence()), columns, app.theme().warning);
    }
}

/// The packages of a pair, as the plan would have them installed.
pub fn packages(app: &App, report: &Report, packages: &[Arc<str>], told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    let width = block_width(columns);
    let blocks: Vec<Block> = packages
        .iter()
        .take(SHOWN)
        .map(|name| {
            let element = report.preview.elements.iter().find(|element| *element.name == **name);
            let known = element.map_or_else(
                || "not installed by itself".to_owned(),
                |element| {
                    let outputs: Vec<_> = element.outputs.iter().map(|output| output.name.as_str()).collect();
                    format!("{} · {} · priority {}", element.version, outputs.join(" "), element.priority)
                },
            );
            vec![(text::fit(name, width), theme.title), (text::fit(known.trim_start_matches(" · "), width), theme.text)]
        })
        .collect();
    arrange(&blocks, told, columns);
}

fn block_width(columns: usize) -> usize {
    if columns < BESIDE { columns } else { (columns - 2) / 2 }
}

/// Puts blocks beside each other, two by two, or below each other where it is narrow.
fn arrange(blocks: &[Block], told: &mut Told<'_>, columns: usize) {
    let width = block_width(columns);
    for row in blocks.chunks(if columns < BESIDE { 1 } else { 2 }) {
        for at in 0..row.iter().map(Vec::len).max().unwrap_or(0) {
            let spans = row.iter().enumerate().flat_map(|(place, block)| {
                let (content, style) = block.get(at).cloned().unwrap_or_default();
                let gap = Span::raw(if place == 0 { "" } else { "  " });
                [gap, Span::styled(text::pad(&content, width), style)]
            });
            told.lines.push(Line::from(spans.collect::<Vec<_>>()));
        }
    }
}

fn block(app: &App, report: &Report, collision: &Collision, at: usize, contender: &Contender, width: usize) -> Block {
    let theme = app.theme();
    let (verdict, style) = match (collision.winner, collision.cause) {
        (Some(winner), _) if winner == at => ("✓ wins with", theme.added),
        (Some(_), _) => ("loses with", theme.dim),
        (None, Reason::SamePriority | Reason::TieAmongLosers) => ("✗ ties at", theme.blocked),
        (None, _) => ("✗ clashes, with", theme.blocked),
    };
    let who = format!("{} ({})", contender.package, contender.output);
    let verdict = format!("{verdict} priority {}", contender.priority);
    let facts = known(app, contender);
    let kind = match facts.and_then(|facts| facts.kind) {
        Some(FileKind::File) => "file",
        Some(FileKind::Directory) => "directory",
        Some(FileKind::Symlink) => "link",
        Some(_) => "neither file nor directory nor link",
        None if contender.is_directory => "directory",
        None if app.inspector.contents.comparisons.is_some() => "not known until it is fetched",
        None => "",
    };
    let size = facts.and_then(|facts| facts.size).map(text::size);
    let mode = facts.and_then(|facts| facts.mode).map(|mode| format!("mode {mode:04o}"));
    let kind = Some(kind.to_owned()).filter(|kind| !kind.is_empty());
    let parts: Vec<_> = [kind, size, mode].into_iter().flatten().collect();
    let mut block = vec![(text::fit(&who, width), theme.title), (text::fit(&verdict, width), style)];
    block.extend(text::wrap_to(&parts.join(" · "), width, 2).into_iter().map(|line| (line, theme.text)));
    block.push((text::fit_end(&safe::bytes(in_store(app, &contender.source)), width), theme.dim));
    if let Some(inside) = report.preview.inside(contender) {
        let from = format!("has it from {}", words::inside(&inside));
        block.push((text::fit(&from, width), theme.text));
    }
    if let Some(target) = facts.and_then(|facts| facts.target.as_deref()) {
        block.push((format!("→ {}", text::fit_end(&safe::bytes(target), width.saturating_sub(2))), theme.dim));
    } else if let Some(real) = facts.and_then(|facts| facts.real.as_deref()) {
        let real = safe::bytes(in_store(app, real));
        block.push((format!("is {}", text::fit_end(&real, width.saturating_sub(3))), theme.dim));
    }
    block
}

/// What is known of a contender's file.
fn known<'a>(app: &'a App, contender: &Contender) -> Option<&'a FileFacts> {
    let comparisons = app.inspector.contents.comparisons.iter().flatten();
    comparisons.flat_map(|comparison| &comparison.sides).find(|facts| *facts.path == *contender.source)
}

/// A path without the store's own, which says nothing.
fn in_store<'a>(app: &App, path: &'a [u8]) -> &'a [u8] {
    let store = app.about.as_ref().map(|about| about.store_directory.as_os_str().as_encoded_bytes());
    store.and_then(|store| path.strip_prefix(store)?.strip_prefix(b"/")).unwrap_or(path)
}

/// What would settle the row, numbered by the keys that stage it, each with what else it alters.
pub fn suggestions(app: &App, report: &Report, row: Row, told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    let blocking = app.inspector.blocking(report, row);
    if blocking == 0 {
        return;
    }
    let found = app.inspector.suggestions(report, row);
    if found.is_empty() {
        told.heading(app, "What would settle it", "");
        told.say("No few changes were found that would.", columns, theme.text);
        return;
    }
    let first = app.bound_key(Context::Collisions, Command::StageSuggestion);
    let first = first.map_or_else(String::new, |key| format!("{key} stages the first"));
    told.heading(app, "What would settle it", &first);
    let numbers = app.bindings().of(Context::Collisions).find(|row| row.command == Command::StageNumbered);
    for (number, (at, settles)) in found.into_iter().enumerate() {
        let suggestion = &report.preview.suggestions[at];
        let key = numbers.and_then(|row| row.keys.get(number)).map(|key| app.settings.look.key_name(*key));
        let key = key.unwrap_or_default();
        let key_columns = text::width(&key).max(1) + 1;
        let outcome = if suggestion.builds {
            "then it builds".to_owned()
        } else {
            match (settles, pair_blocking(report, row)) {
                (1, 1) => "settles it".to_owned(),
                (settles, all) if settles == all => format!("settles all {}", text::count_of(all)),
                (settles, all) => format!("settles {} of {}", text::count_of(settles), text::count_of(all)),
            }
        };
        let room = columns.saturating_sub(key_columns + text::width(&outcome) + 2);
        let sentence = text::wrap_to(&words::suggestion(suggestion), room, SENTENCE_ROWS);
        for (line, content) in sentence.into_iter().enumerate() {
            let (key, outcome) = if line == 0 { (&*key, &*outcome) } else { ("", "") };
            let cells = Cells::new(columns).cell(key, key_columns, theme.key).cell(&content, room, theme.text);
            let left = cells.left();
            told.lines.push(cells.right(outcome, left, theme.added).line());
        }
        let rest = format!("{}; {}", suggestion.why, words::alters(&suggestion.alters));
        let lines = text::wrap_to(&rest, columns.saturating_sub(2), SENTENCE_ROWS);
        told.lines.extend(lines.into_iter().map(|line| Line::styled(format!("  {line}"), theme.dim)));
    }
}

/// How many block of what a suggestion's number is counted in: the pair, or the one collision.
fn pair_blocking(report: &Report, row: Row) -> usize {
    match row {
        Row::Pair { pair, .. } | Row::Directory { pair, .. } => report.pairs.get(pair).map_or(0, |pair| pair.blocking),
        Row::Settled | Row::Unknown(_) | Row::Collision { .. } => 1,
    }
}
