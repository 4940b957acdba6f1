//! The installed packages, as they will be once the staged changes are applied.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::super::app::{App, Pane, Phase};
use super::super::words::{self, Mark};
use super::super::{layout, text};
use super::hits::{Hit, Target, Words};
use super::paint::{self, Cells};
use crate::profile::Element;

const BETWEEN_TABS: &str = " │ ";

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let is_focused = app.focus == Pane::Installed && app.dialog.is_none();
    let title = pane_title(app, Pane::Installed, area.width);
    paint::pane(app, frame, area, title, is_focused);
    let inner = layout::inside(area);
    match app.phase {
        Phase::Open if app.elements().is_empty() => {
            paint::empty(app, frame, inner, "Nothing is installed yet. Press / and type a name.");
        }
        Phase::Open => {
            paint::rows(app, frame, inner, &app.lists.installed, is_focused, |row, columns| line(app, row, columns));
            let selected = app.lists.installed.selected().and_then(|row| app.elements().get(row));
            let found = selected.and_then(|it| Some(app.elsewhere.of_element(it)?.words(&it.version)));
            paint::foot(frame, area, &found.unwrap_or_default(), app.theme().dim);
        }
        _ => paint::empty(app, frame, inner, "Opening the profile…"),
    }
}

fn line(app: &App, row: usize, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let staged = &app.staged;
    let element: &Element = &app.elements()[row];
    // Where nothing is newer, no room is kept for the mark.
    let newer_columns = if app.newer.iter().any(Option::is_some) { 2 } else { 0 };
    let newer = if app.newer.get(row).is_some_and(Option::is_some) { " ↑" } else { "" };
    let name = element.name.as_str();
    let is_removed = staged.removes(name);
    let is_active = staged.active(name).unwrap_or(element.active);
    let is_newer = staged.install(&element.attribute, &element.source).is_some();
    let outputs = staged.outputs(name).map_or_else(
        || element.outputs.iter().map(|output| output.name.as_str()).collect::<Vec<_>>().join(" "),
        |outputs| outputs.join(" "),
    );
    let priority = staged.priority(name).unwrap_or(element.priority);
    let is_changed =
        is_newer || staged.outputs(name).is_some() || staged.priority(name).is_some() || staged.active(name).is_some();
    let (mark, style) = if is_removed {
        (Mark::Removed.sign(), theme.removed)
    } else if is_changed {
        (Mark::Changed.sign(), theme.changed)
    } else if is_active {
        (" ", theme.text)
    } else {
        ("○", theme.dim)
    };
    let detail = if is_changed { theme.changed } else { theme.dim };
    let priority_columns = if columns >= 30 { 4 } else { 0 };
    let outputs_columns = if columns >= 26 { columns * 24 / 100 } else { 0 };
    let version_columns = if columns >= 20 { (columns * 22 / 100).clamp(5, 16) } else { 0 };
    let elsewhere_columns = if app.elsewhere.is_empty() { 0 } else { words::elsewhere_columns(columns) };
    let elsewhere = words::elsewhere(app.elsewhere.of_element(element), elsewhere_columns);
    let gaps = 2 + usize::from(elsewhere_columns > 0);
    let others = priority_columns + outputs_columns + version_columns + newer_columns + elsewhere_columns;
    let name_columns = columns.saturating_sub(2 + others + gaps);
    Cells::new(columns)
        .cell(mark, 2, style)
        .cell(name, name_columns, style)
        .gap(1)
        .cell(&element.version, version_columns, theme.dim)
        .cell(newer, newer_columns, theme.changed)
        .gap(1)
        .cell(if is_active { &outputs } else { "off" }, outputs_columns, detail)
        .right(&priority.to_string(), priority_columns, detail)
        .gap(usize::from(elsewhere_columns > 0))
        .cell(&elsewhere, elsewhere_columns, theme.dim)
        .line()
}

/// The title of a pane; where only one has room, the names of all three, the shown one marked.
pub fn pane_title(app: &App, pane: Pane, columns: u16) -> Line<'static> {
    let theme = app.theme();
    if !layout::has_tabs(app.area()) {
        let (name, rest) = name(app, pane, columns);
        return paint::title(theme, &name, &rest, app.focus == pane);
    }
    let mut spans = vec![Span::raw(" ")];
    for (tab, name) in tabs(app) {
        if spans.len() > 1 {
            spans.push(Span::styled(BETWEEN_TABS, theme.dim));
        }
        spans.push(Span::styled(name, if tab == app.focus { theme.title_focused } else { theme.dim }));
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

/// The names that can be clicked where only one pane has room, where they are drawn.
pub fn hits(app: &App) -> Vec<Hit> {
    let panes = layout::panes(app);
    let Some(area) = [panes.installed, panes.available, panes.outputs].into_iter().flatten().next() else {
        return Vec::new();
    };
    if !layout::has_tabs(app.area()) {
        return Vec::new();
    }
    // After the corner and a blank.
    let mut words = Words::at(Position::new(area.x + 2, area.y), area.right().saturating_sub(1));
    for (tab, name) in tabs(app) {
        words.word(Target::Pane(tab), text::width(&name));
        words.skip(text::width(BETWEEN_TABS));
    }
    words.hits
}

/// The names of all panes, that of the shown one marked.
fn tabs(app: &App) -> [(Pane, String); 3] {
    [Pane::Installed, Pane::Available, Pane::Outputs].map(|tab| {
        let (name, rest) = if tab == Pane::Outputs { ("Outputs".to_owned(), String::new()) } else { name(app, tab, 0) };
        let content = if tab == app.focus { format!("›{name} {rest}") } else { format!("{name} {rest}") };
        (tab, content.trim_end().to_owned())
    })
}

fn name(app: &App, pane: Pane, columns: u16) -> (String, String) {
    match pane {
        Pane::Installed => {
            let all = text::count_of(app.elements().len());
            ("Installed".into(), with_note(all, newer_words(app), "Installed", columns))
        }
        Pane::Available => {
            let all = text::count_of(app.offer.len());
            let rest = match &app.found {
                None => all,
                Some(found) if columns < 30 => text::count_of(found.total),
                Some(found) if found.hits.len() < found.total => {
                    format!("best {} of {}", text::count_of(found.hits.len()), text::count_of(found.total))
                }
                Some(found) => format!("{} of {all}", text::count_of(found.total)),
            };
            let progress = app.loading().map_or_else(Vec::new, words::progress_in_words);
            ("Available".into(), with_note(rest, progress, "Available", columns))
        }
        Pane::Outputs => match app.subject() {
            Some(subject) => (
                format!("Outputs of {}", text::fit(subject.name(), usize::from(columns).saturating_sub(16))),
                String::new(),
            ),
            None => ("Outputs".into(), String::new()),
        },
    }
}

/// A count, and after it the first of the notes that a title of that name has room for.
fn with_note(count: String, notes: Vec<String>, name: &str, columns: u16) -> String {
    // The corners, and the blanks around name and count.
    let room = usize::from(columns).saturating_sub(text::width(name) + 5);
    let mut titles = notes.into_iter().map(|note| format!("{count} · {note}"));
    titles.find(|title| text::width(title) <= room).unwrap_or(count)
}

/// How many elements have a newer version, from many words to few; none if that is none.
fn newer_words(app: &App) -> Vec<String> {
    match app.newer.iter().flatten().count() {
        0 => Vec::new(),
        1 => vec!["1 has a newer version".into(), "1 newer".into(), "1↑".into()],
        number => {
            let number = text::count_of(number);
            vec![format!("{number} have newer versions"), format!("{number} newer"), format!("{number}↑")]
        }
    }
}
