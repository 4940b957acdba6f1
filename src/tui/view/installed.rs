//! The installed packages, as they will be once the staged changes are applied.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::super::action::Command;
use super::super::app::{App, Pane, Phase};
use super::super::context::Context;
use super::super::order::{AvailableOrder, InstalledOrder};
use super::super::{layout, text, words};
use super::hits::{Hit, Target, Words};
use super::installed_rows::{self, Columns};
use super::paint;

const BETWEEN_TABS: &str = " │ ";

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let is_focused = app.focus == Pane::Installed && app.dialog.is_none();
    let title = pane_title(app, Pane::Installed, area.width);
    paint::pane(app, frame, area, title, is_focused);
    let inner = layout::inside(area);
    match app.phase {
        Phase::Open if app.elements().is_empty() => {
            let key = app.key_for(Context::Installed, Command::Search);
            paint::empty(app, frame, inner, &format!("Nothing is installed yet. Press {key} and type a name."));
        }
        Phase::Open => {
            let (headings, rows) = layout::installed(area);
            let columns = usize::from(rows.width).saturating_sub(paint::MARKER);
            let widths = Columns::new(app, columns, headings.height > 0);
            paint::headings(frame, headings, &installed_rows::headings(app, columns, widths));
            paint::rows(app, frame, rows, &app.lists.installed, is_focused, |row, columns| {
                installed_rows::line(app, row, columns, widths)
            });
            let found = app.selected_element().and_then(|it| Some(app.elsewhere.of_element(it)?.words(&it.version)));
            paint::foot(frame, area, &found.unwrap_or_default(), app.theme().dim);
        }
        _ => paint::empty(app, frame, inner, "Opening the profile…"),
    }
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
            let order = Some(app.orders.installed).filter(|order| *order != InstalledOrder::default());
            let notes = after_order(order.map(InstalledOrder::words), newer_words(app));
            ("Installed".into(), with_note(all, notes, "Installed", columns))
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
            let order = app.available_order().filter(|order| *order != AvailableOrder::default());
            let progress = app.loading().map_or_else(Vec::new, words::progress_in_words);
            let notes = after_order(order.map(AvailableOrder::words), progress);
            ("Available".into(), with_note(rest, notes, "Available", columns))
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

/// The notes with the order of the list before them; where that has no room, the order alone. The usual order is not told.
fn after_order(order: Option<&str>, notes: Vec<String>) -> Vec<String> {
    match order {
        None => notes,
        Some(order) => notes.iter().map(|note| format!("{order} · {note}")).chain([order.to_owned()]).collect(),
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
