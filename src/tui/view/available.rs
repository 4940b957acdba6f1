//! What is on offer, narrowed by the search box above it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::action::Command;
use super::super::app::{App, Pane, Phase};
use super::super::context::Context;
use super::super::words::{self, Mark};
use super::super::{layout, text};
use super::installed::pane_title;
use super::paint::{self, Cells};
use crate::catalogue::Query;
use crate::package::Package;

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let is_focused = app.focus == Pane::Available && app.dialog.is_none();
    paint::pane(app, frame, area, pane_title(app, Pane::Available, area.width), is_focused);
    let (search, rows) = layout::available(area);
    search_box(app, frame, search);
    let is_empty = app.available_len() == 0;
    if app.phase != Phase::Open || is_empty && app.loading().is_some() {
        paint::empty(app, frame, rows, "Reading what is available…");
    } else if is_empty {
        let sentence = if app.query.is_empty() { nothing_offered(app) } else { nothing_found(app) };
        paint::empty(app, frame, rows, &sentence);
    } else {
        paint::rows(app, frame, rows, &app.lists.available, is_focused, |row, columns| line(app, row, columns));
        let selected = app.lists.available.selected().and_then(|row| app.available(row));
        if let Some(package) = selected {
            let elsewhere = app.elsewhere.of_package(&package).map(|found| found.words(&package.version));
            let obstacles = words::obstacles(&package.obstacles);
            let said = [obstacles, elsewhere.unwrap_or_default(), package.description.clone()];
            let said: Vec<_> = said.into_iter().filter(|part| !part.is_empty()).collect();
            paint::foot(frame, area, &said.join(" · "), app.theme().dim);
        }
    }
}

/// What to do where no source offers anything. Nothing is fetched or evaluated before the user has chosen.
fn nothing_offered(app: &App) -> String {
    let Some(view) = &app.sources else { return "Looking for sources…".to_owned() };
    let key = app.key_for(Context::Panes, Command::ShowSources);
    let found: Vec<_> = view.found.iter().map(|found| found.name.as_str()).collect();
    if view.configured.is_empty() && !found.is_empty() {
        return format!("No source yet. {key} shows what was found: {}.", text::list(&found, 3));
    }
    format!(
        "No source offers a package. {key} shows the sources and adds one: a Nix file, <nixpkgs>, or a flake such as nixpkgs. \
         For one run only, start nix-loom with --source NAME=LOCATION."
    )
}

/// What to do where nothing answers a query.
fn nothing_found(app: &App) -> String {
    let key = app.key_for(if app.is_searching { Context::Search } else { Context::Available }, Command::Back);
    let filters: Vec<_> = Query::filters_in(app.query.text()).collect();
    if filters.is_empty() {
        return format!(
            "No package matches. All words must be found, with a slip in each at most; fewer or shorter words find more. \
             {key} clears the search."
        );
    }
    format!(
        "No package matches. Only what passes {} is looked at; without it, or with fewer words, there may be more. {key} \
         clears the search.",
        filters.join(" ")
    )
}

fn search_box(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let room = usize::from(area.width).saturating_sub(5);
    let is_typing = app.is_searching && app.dialog.is_none() && app.screen().is_none();
    let content = if app.query.is_empty() && !is_typing {
        Span::styled("search", theme.dim)
    } else {
        // A long query shows its end, where the cursor usually is.
        let style = if is_typing && app.query.is_selected() { theme.selected } else { theme.text };
        Span::styled(text::fit_end(app.query.text(), room), style)
    };
    let sign = Span::styled(" / ", if is_typing { theme.key } else { theme.dim });
    frame.buffer_mut().set_line(area.x, area.y, &Line::from(vec![sign, content]), area.width);
    if is_typing && area.height > 0 && area.width > 5 {
        let column = app.query.cursor_column().min(room);
        frame.set_cursor_position((area.x + 3 + u16::try_from(column).unwrap_or(0), area.y));
    }
}

fn line(app: &App, row: usize, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let Some(package) = app.available(row) else { return Line::default() };
    let element = app.element_of(&package);
    let is_staged = app.staged.install(&package.attribute, &package.source).is_some();
    let (mark, style) = match element {
        Some(element) if app.staged.removes(&element.name) => (Mark::Removed.sign(), theme.removed),
        Some(_) if is_staged => (Mark::Changed.sign(), theme.changed),
        _ if is_staged => (Mark::Added.sign(), theme.added),
        Some(_) => ("•", theme.text),
        None if package.obstacles.is_empty() => (" ", theme.text),
        None => (" ", theme.dim),
    };
    let has_sources = app.about.as_ref().is_some_and(|about| about.sources.len() > 1);
    let source_columns = if has_sources && columns >= 36 { 10 } else { 0 };
    let version_columns = if columns >= 20 { (columns * 24 / 100).clamp(6, 16) } else { 0 };
    let elsewhere_columns = if app.elsewhere.is_empty() { 0 } else { words::elsewhere_columns(columns) };
    let elsewhere = words::elsewhere(app.elsewhere.of_package(&package), elsewhere_columns);
    let gaps = 1 + usize::from(source_columns > 0) + usize::from(elsewhere_columns > 0);
    let name_columns = columns.saturating_sub(2 + version_columns + source_columns + elsewhere_columns + gaps);
    let obstacle = obstacle_mark(&package, name_columns);
    let obstacle_columns = text::width(&obstacle);
    Cells::new(columns)
        .cell(mark, 2, style)
        .matched(
            &package.attribute,
            &app.matched(row),
            name_columns - obstacle_columns,
            style,
            style.patch(theme.matched),
        )
        .cell(&obstacle, obstacle_columns, theme.dim)
        .gap(1)
        .cell(&package.version, version_columns, theme.dim)
        .gap(usize::from(source_columns > 0))
        .cell(&package.source, source_columns, theme.dim)
        .gap(usize::from(elsewhere_columns > 0))
        .cell(&elsewhere, elsewhere_columns, theme.dim)
        .line()
}

/// What stands in the way, at the end of the `columns` for the name: in a word where the name leaves room for it, else a
/// sign, which takes the name's end.
fn obstacle_mark(package: &Package, columns: usize) -> String {
    let Some((sign, word)) = words::obstacle(&package.obstacles) else { return String::new() };
    let word = format!(" {sign} {word}").trim_end().to_owned();
    let is_roomy = text::width(&text::fit(&package.attribute, columns)) + text::width(&word) <= columns;
    let mark = if is_roomy { word } else { format!(" {sign}") };
    if text::width(&mark) < columns { mark } else { String::new() }
}
