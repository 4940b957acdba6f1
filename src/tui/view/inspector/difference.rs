//! How the files of a collision differ: lines, or sizes and the first byte that differs.

use ratatui::text::Line;

use super::super::super::app::App;
use super::super::super::words;
use super::super::paint::Cells;
use super::told::Told;
use crate::engine::Collision;
use crate::loom::{DiffChange, DiffLine, FileComparison, FileContents};
use crate::safe;

/// Columns of a line number.
const NUMBER: usize = 5;
/// What a tab is shown as.
const TAB: &str = "    ";

/// What is known of the contents.
pub fn told<'a>(app: &'a App, collision: &Collision, told: &mut Told<'a>, columns: usize) {
    let theme = app.theme();
    let contents = &app.inspector.contents;
    if contents.files.len() < 2 {
        return;
    }
    let Some(comparisons) = &contents.comparisons else {
        told.heading(app, "Contents", "comparing…");
        return;
    };
    told.heading(app, "Contents", "");
    let name = |comparison: &FileComparison, side: usize| {
        let path = &comparison.sides[side].path;
        let contender = collision.contenders.iter().find(|contender| *contender.source == **path);
        contender.map_or_else(String::new, |contender| contender.package.to_string())
    };
    for comparison in comparisons {
        let (one, other) = (name(comparison, 0), name(comparison, 1));
        let sentence = words::contents(&comparison.contents, &comparison.sides, &one, &other);
        told.say(&sentence, columns, theme.text);
    }
    // One difference is shown in full: there is room for one.
    if let Some(FileComparison { contents: FileContents::Text { lines, is_cut }, .. }) = comparisons.first() {
        told.difference = lines;
        told.is_cut = *is_cut;
    }
}

/// A line of a difference.
pub fn line(app: &App, line: &DiffLine, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let (sign, number, style) = match line.change {
        DiffChange::Same => (" ", line.right, theme.dim),
        DiffChange::Removed => ("−", line.left, theme.removed),
        DiffChange::Added => ("+", line.right, theme.added),
        DiffChange::Gap => return Line::styled(format!("{}⋮", " ".repeat(NUMBER + 1)), theme.dim),
    };
    let number = number.map_or_else(String::new, |number| number.to_string());
    // No more bytes than could fit are looked at.
    let most = columns.saturating_mul(8).min(line.text.len());
    let parts = line.text[..most].split(|&byte| byte == b'\t').map(safe::bytes);
    let content = parts.collect::<Vec<_>>().join(TAB);
    let mut cells =
        Cells::new(columns).right(&number, NUMBER, theme.dim).gap(1).text(sign, style).gap(1).text(&content, style);
    if line.is_unended && line.change != DiffChange::Same {
        cells = cells.text("  (no line end)", theme.dim);
    }
    cells.line()
}
