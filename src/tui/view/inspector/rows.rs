//! One row of the inspector.

use ratatui::text::Line;

use super::super::super::action::Command;
use super::super::super::app::App;
use super::super::super::context::Context;
use super::super::super::inspector::{Grouping, Row, Stretch, depth};
use super::super::super::report::Report;
use super::super::super::{text, words};
use super::super::paint::Cells;
use crate::engine::Collision;
use crate::safe;

/// From here on a row says the kind in a word too, and how many there are in more than a number.
const WIDE: usize = 44;
/// From here on a row of the list by path says who stands against whom.
const WIDEST: usize = 60;

pub fn line(app: &App, report: &Report, row: Row, columns: usize) -> Line<'static> {
    let theme = app.theme();
    match row {
        Row::Settled => {
            let key = app.key_for(Context::Collisions, Command::ToggleFold);
            let known = if report.preview.plan.unknown.is_empty() { "" } else { "that is known " };
            let sentence = format!("✓ nothing {known}blocks; {key} shows the plan");
            Line::styled(text::fit(&sentence, columns), theme.added)
        }
        Row::Unknown(at) => {
            let path = report.preview.plan.unknown.get(at as usize).map_or_else(String::new, |path| safe::bytes(path));
            let cells = Cells::new(columns).text("? ", theme.warning).text("unknown until fetched: ", theme.warning);
            let left = cells.left();
            cells.path(&path, left, theme.text).line()
        }
        Row::Pair { pair, below } => {
            let name = report.pairs.get(pair).map_or_else(String::new, |pair| words::pair(&pair.packages));
            container(app, report, row, below, &name, columns)
        }
        Row::Directory { below, from, to, .. } => {
            let first = app.inspector.tree().first_of(row).and_then(|at| report.collisions().get(at as usize));
            let part = first.and_then(|first| first.path.get(from as usize..to as usize)).unwrap_or_default();
            container(app, report, row, below, &safe::bytes(part), columns)
        }
        Row::Collision { at, from, .. } => match report.collisions().get(at as usize) {
            Some(collision) if app.inspector.grouping == Grouping::Path => flat(app, collision, columns),
            Some(collision) => member(app, collision, from, indent(row, columns), columns),
            None => Line::default(),
        },
    }
}

/// A pair or a directory, with how many there are in it and how many of them block.
fn container(app: &App, report: &Report, row: Row, below: Stretch, name: &str, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let (all, blocking) = app.inspector.tree().counts(below);
    let sign = if app.inspector.is_unfolded(report, row) { "▿" } else { "▹" };
    let number = match blocking {
        0 => text::count_of(all),
        _ if columns < WIDE => format!("✗ {}", text::count_of(blocking)),
        _ if blocking == all && all == 1 => "blocks".to_owned(),
        _ if blocking == all => format!("all {} block", text::count_of(all)),
        _ => format!("{} of {} block", text::count_of(blocking), text::count_of(all)),
    };
    let number_columns = text::width(&number).max(if columns < WIDE { 6 } else { 8 });
    let style = if matches!(row, Row::Pair { .. }) { theme.title } else { theme.text };
    let cells = Cells::new(columns)
        .gap(indent(row, columns))
        .cell(if blocking > 0 { "✗" } else { "" }, 2, theme.blocked)
        .cell(sign, 2, theme.dim);
    let left = cells.left().saturating_sub(number_columns + 2);
    cells
        .cell(name, left, style)
        .gap(1)
        .right(&number, number_columns, if blocking > 0 { theme.blocked } else { theme.dim })
        .gap(1)
        .line()
}

/// A collision below its pair.
fn member(app: &App, collision: &Collision, from: u32, indent: usize, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let style = if collision.blocks { theme.blocked } else { theme.text };
    let path = collision.path.get(from as usize..).unwrap_or_default();
    let cells = Cells::new(columns).gap(indent).cell(if collision.blocks { "✗" } else { "" }, 2, theme.blocked).cell(
        words::kind_sign(collision.kind),
        2,
        style,
    );
    let kind = if columns < WIDE { 0 } else { 15 };
    let left = cells.left().saturating_sub(kind + 1);
    cells.path(&safe::bytes(path), left, theme.text).right(collision.kind.name(), kind, style).line()
}

/// A collision in the list by path, with who stands against whom.
fn flat(app: &App, collision: &Collision, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let style = if collision.blocks { theme.blocked } else { theme.text };
    let kind = if columns < WIDE { 0 } else { 15 };
    let contenders = if columns < WIDEST { 0 } else { columns * 34 / 100 };
    let cells = Cells::new(columns)
        .cell(if collision.blocks { "✗" } else { "" }, 2, theme.blocked)
        .cell(words::kind_sign(collision.kind), 2, style)
        .cell(collision.kind.name(), kind, style);
    let left = cells.left().saturating_sub(contenders + 1);
    let cells = cells.path(&safe::bytes(&collision.path), left, theme.text);
    if contenders == 0 { cells.line() } else { cells.gap(1).text(&words::contest(collision), theme.dim).line() }
}

/// Columns to the left of a row; a deep one keeps two thirds for itself.
fn indent(row: Row, columns: usize) -> usize {
    (2 * usize::from(depth(row))).min(columns / 3)
}
