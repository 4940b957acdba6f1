//! The history: all generations, the newest first, and what the selected one changed, or what differs between two.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::App;
use super::super::timeline::{Comparison, Detail, Row, Section};
use super::super::words::{self, Mark};
use super::super::{layout, text};
use super::paint::{self, Cells};
use super::plan;
use super::plan_panel::mark_style;
use crate::loom::{Changed, GenerationDiff, GenerationFacts, GenerationSummary};
use crate::profile::{Element, Generation, Parent};

/// Columns of the list's cells, each with the gap after it.
const NUMBER: usize = 5;
const FROM: usize = 9;
const DATE: usize = 18;
const AGE: usize = 16;
const PACKAGES: usize = 6;
const SIZE: usize = 11;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let parts = layout::generations(app);
    if let Some(area) = parts.list {
        list(app, frame, area);
    }
    if let Some(area) = parts.detail {
        detail(app, frame, area);
    }
}

fn list(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let is_focused = app.dialog.is_none() && !app.timeline.is_in_detail;
    let number = text::count_of(app.current.generations.len());
    paint::pane(app, frame, area, paint::title(theme, "Generations", &number, is_focused), is_focused);
    let (names, rows) = layout::generation_rows(area);
    if names.height > 0 {
        let columns = usize::from(names.width).saturating_sub(paint::MARKER);
        let line = headings(columns).style(theme.dim);
        frame.buffer_mut().set_line(names.x + 2, names.y, &line, names.width.saturating_sub(2));
    }
    paint::rows(app, frame, rows, &app.lists.generations, is_focused, |row, columns| {
        app.generation(row).map_or_else(Line::default, |generation| line(app, generation, columns))
    });
}

/// The columns of a row, which tell what cells there is room for beside what changed.
#[derive(Clone, Copy)]
struct Room(usize);

impl Room {
    fn has_size(self) -> bool {
        self.0 >= 56
    }

    fn has_packages(self) -> bool {
        self.0 >= 62
    }

    fn has_from(self) -> bool {
        self.0 >= 66
    }

    fn has_date(self) -> bool {
        self.0 >= 90
    }
}

fn headings(columns: usize) -> Line<'static> {
    let room = Room(columns);
    let style = ratatui::style::Style::new();
    let mut cells = Cells::new(columns).gap(4).right("no.", NUMBER - 2, style).gap(2);
    if room.has_from() {
        cells = cells.cell("from", FROM, style);
    }
    if room.has_date() {
        cells = cells.cell("made", DATE, style);
    }
    cells = cells.cell(if room.has_date() { "" } else { "made" }, AGE, style);
    if room.has_packages() {
        cells = cells.right("pkgs", PACKAGES - 2, style).gap(2);
    }
    if room.has_size() {
        cells = cells.right("size", SIZE - 2, style).gap(2);
    }
    cells.text("what changed", style).line()
}

/// A generation in a row.
pub(super) fn line(app: &App, generation: &Generation, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let room = Room(columns);
    let style = if generation.current { theme.title } else { theme.text };
    let summary = app.timeline.summaries.get(&generation.number);
    let facts = summary.and_then(|summary| summary.facts.as_ref().ok());
    let is_marked = app.timeline.is_marked(generation.number);
    let parent = app.parent_of(generation.number);
    let mut cells = Cells::new(columns)
        .cell(if is_marked { "*" } else { "" }, 2, theme.marker)
        .cell(if generation.current { "●" } else { "" }, 2, theme.marker)
        .right(&generation.number.to_string(), NUMBER - 2, style)
        .gap(2);
    if room.has_from() {
        cells = cells.cell(&from(parent), FROM, theme.dim);
    }
    if room.has_date() {
        cells = cells.cell(&app.date(generation), DATE, style);
    }
    cells = cells.cell(&app.age(generation), AGE, style);
    if room.has_packages() {
        let packages = facts.map(|facts| text::count_of(facts.packages)).unwrap_or_default();
        cells = cells.right(&packages, PACKAGES - 2, theme.text).gap(2);
    }
    if room.has_size() {
        let size = facts.and_then(|facts| facts.size).map(|size| {
            let least = if size.is_least { "> " } else { "" };
            format!("{least}{}", text::size(size.bytes))
        });
        cells = cells.right(&size.unwrap_or_default(), SIZE - 2, theme.text).gap(2);
    }
    if generation.current {
        cells = cells.text("current  ", theme.title);
    }
    if is_marked {
        cells = cells.text("marked  ", theme.marker);
    }
    // What is not made from the one below says so where it has no column of its own.
    if !room.has_from() && parent.number() != app.generation_below(generation.number) {
        cells = cells.text(&format!("{}  ", from(parent)), theme.dim);
    }
    what_changed(app, cells, summary, facts).line()
}

/// `2`; `4?` if that is not recorded, which the details say in words.
fn from(parent: Parent) -> String {
    match parent {
        Parent::Nothing => "nothing".into(),
        Parent::Known(number) => format!("from {number}"),
        Parent::Probably(number) => format!("from {number}?"),
        Parent::Deleted(_) => "deleted".into(),
        Parent::Unknown => String::new(),
    }
}

fn what_changed(
    app: &App,
    cells: Cells,
    summary: Option<&GenerationSummary>,
    facts: Option<&GenerationFacts>,
) -> Cells {
    let theme = app.theme();
    let Some(facts) = facts else {
        return match summary {
            Some(_) => cells.text("✗ cannot be read", theme.blocked),
            None => cells.text("…", theme.dim),
        };
    };
    let Some(changed) = &facts.changed else { return cells };
    let is_same = *changed == Changed::default();
    if let Some(same) = summary.and_then(|summary| summary.same_as).filter(|_| is_same) {
        return cells.text(&format!("the same as {same}"), theme.dim);
    }
    if is_same {
        return cells.text("the same packages", theme.dim);
    }
    let kinds = [(Mark::Added, &changed.added), (Mark::Removed, &changed.removed), (Mark::Changed, &changed.changed)];
    kinds.into_iter().filter(|(_, names)| !names.is_empty()).fold(cells, |cells, (mark, names)| {
        // More names than fit are not even made into text.
        let shown: Vec<&str> = names.iter().take(cells.left() / 2).map(String::as_str).collect();
        cells.text(&format!("{} {}  ", mark.sign(), shown.join(" ")), mark_style(app, mark))
    })
}

fn detail(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let is_focused = app.dialog.is_none() && app.timeline.is_in_detail;
    let Some(detail) = Detail::of(app) else {
        paint::pane(app, frame, area, Line::default(), is_focused);
        return;
    };
    paint::pane(app, frame, area, paint::title(theme, &detail.title, "", is_focused), is_focused);
    let inner = layout::padded(area);
    let columns = usize::from(inner.width);
    let rows = app.timeline.detail.visible().filter_map(|row| detail.row(row));
    paint::lines(frame, inner, rows.map(|row| detail_line(app, &detail, row, columns)));
    paint::scroll_bar(app, frame, layout::inside(area), &app.timeline.detail);
}

fn detail_line(app: &App, detail: &Detail<'_>, row: Row, columns: usize) -> Line<'static> {
    let theme = app.theme();
    match (row, detail.diff) {
        (Row::Fact(at), _) => Line::styled(detail.facts.get(at).cloned().unwrap_or_default(), theme.text),
        (Row::Heading(section), Some(diff)) => {
            let (name, tally) = match section {
                Section::Packages => ("Packages", words::packages_tally(diff)),
                Section::Commands => ("Commands", words::tally(&diff.commands)),
                Section::Files => ("Files", words::tally(&diff.files)),
            };
            let cells = Cells::new(columns).text(name, theme.title).gap(2);
            cells.text(&tally, theme.dim).line()
        }
        (Row::Item(Section::Packages, at), Some(diff)) => package(app, diff, at, columns),
        (Row::Item(Section::Commands, at), Some(diff)) => {
            plan::difference(app, &diff.commands, at, Cells::new(columns))
        }
        (Row::Item(Section::Files, at), Some(diff)) => plan::difference(app, &diff.files, at, Cells::new(columns)),
        (Row::Blank | Row::Heading(_) | Row::Item(..), _) => Line::default(),
    }
}

/// What comes, then what is changed, then what goes.
fn package(app: &App, diff: &GenerationDiff, at: usize, columns: usize) -> Line<'static> {
    let (added, changed) = (diff.packages_added.len(), diff.packages_changed.len());
    let (mark, name, rest) = if let Some(element) = diff.packages_added.get(at) {
        (Mark::Added, &element.name, element.version.clone())
    } else if let Some((before, after)) = diff.packages_changed.get(at - added) {
        (Mark::Changed, &after.name, what_is_other(before, after))
    } else if let Some(element) = diff.packages_removed.get(at - added - changed) {
        (Mark::Removed, &element.name, element.version.clone())
    } else {
        return Line::default();
    };
    let style = mark_style(app, mark);
    let width = (columns.saturating_sub(2) / 2).min(32);
    Cells::new(columns).cell(mark.sign(), 2, style).cell(name, width, style).gap(1).text(&rest, app.theme().dim).line()
}

/// What differs between two generations for a question: each package as far as there is room, then numbers.
pub fn comparison_lines(app: &App, comparison: &Comparison, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let theme = app.theme();
    match &comparison.diff {
        None => vec![Line::styled("comparing…", theme.dim)],
        Some(Err(error)) => {
            text::wrap(error, columns).into_iter().map(|line| Line::styled(line, theme.blocked)).collect()
        }
        Some(Ok(diff)) => {
            let all = diff.packages_added.len() + diff.packages_changed.len() + diff.packages_removed.len();
            let room = rows.saturating_sub(3);
            let shown = if all > room { room.saturating_sub(1) } else { all };
            let mut lines: Vec<_> = (0..shown).map(|at| package(app, diff, at, columns)).collect();
            if shown < all {
                lines.push(Line::styled(format!("… {} more", all - shown), theme.dim));
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

fn what_is_other(before: &Element, after: &Element) -> String {
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
