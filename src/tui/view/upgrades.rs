//! What the sources offer in place of what is installed: what can be taken, what is left alone and why, and all of the
//! selected row.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::upgrades::{self, Row};
use super::super::work::Task;
use super::super::{layout, text, words};
use super::paint::{self, Cells};
use crate::loom::{Project, UpgradeVerdict, UpgradeWeight};

/// Columns of the label before a fact.
const LABEL: usize = 10;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let theme = app.theme();
    let parts = layout::upgrades(app.area());
    let is_focused = app.dialog.is_none();
    paint::pane(app, frame, parts.list, paint::title(theme, "Upgrades", &numbers(app), true), is_focused);
    if let Some(step) = app.works.get(Task::Upgrades).and_then(|work| work.step.as_ref()) {
        paint::foot(frame, parts.list, &words::progress(step, usize::MAX), theme.progress);
    } else if app.upgrades.rows.is_some() && app.upgrades.unchanged > 0 {
        let same = format!("{} as offered", text::plural(app.upgrades.unchanged, "package"));
        paint::foot(frame, parts.list, &same, theme.dim);
    }
    let inner = layout::inside(parts.list);
    let rows = app.upgrades.rows.as_deref().unwrap_or_default();
    if rows.is_empty() {
        paint::empty(app, frame, inner, &nothing(app));
    }
    paint::rows(app, frame, inner, &app.lists.upgrades, is_focused, |at, columns| {
        rows.get(at).map_or_else(Line::default, |row| line(app, row, columns))
    });
    if let Some(area) = parts.detail {
        detail(app, frame, area);
    }
}

/// How many there are, and how many of them are marked.
fn numbers(app: &App) -> String {
    let Some(rows) = &app.upgrades.rows else { return String::new() };
    let taken = text::count_of(rows.iter().filter(|row| row.upgrade.verdict.is_upgrade()).count());
    match app.upgrades.marked() {
        0 => taken,
        marked => format!("{taken} · {} marked", text::count_of(marked)),
    }
}

fn nothing(app: &App) -> String {
    let key = |command| app.key_for(Context::Upgrades, command);
    match (&app.upgrades.error, app.upgrades.is_asking) {
        (_, true) => format!("Asking the sources… {} stops it.", key(Command::Back)),
        (Some(error), false) => format!("{error} {} asks again.", key(Command::AskSources)),
        (None, false) => format!("All is as its source offers it. {} asks again.", key(Command::AskSources)),
    }
}

fn line(app: &App, row: &Row, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let upgrade = &row.upgrade;
    let is_taken = upgrade.verdict.is_upgrade();
    let sign = match (app.upgrades.is_marked(row), is_taken) {
        (true, _) => "[x]",
        (false, true) => "[ ]",
        (false, false) => " ✗ ",
    };
    let style = if is_taken || app.upgrades.is_marked(row) { theme.text } else { theme.dim };
    let name = (columns * 26 / 100).clamp(8, 24);
    let state = if columns >= 40 { 15 } else { 0 };
    let source = if columns >= 64 { (columns * 18 / 100).min(20) } else { 0 };
    let versions = columns.saturating_sub(4 + name + 1 + source + usize::from(source > 0) + state);
    let said = if row.is_asking { "asking…" } else { short(&upgrade.verdict) };
    let is_wrong = !is_taken && upgrade.verdict != UpgradeVerdict::Unchanged && !row.is_asking;
    Cells::new(columns)
        .cell(sign, 4, style)
        .cell(&upgrade.name, name, style)
        .gap(1)
        .cell(&self::versions(row), versions.saturating_sub(1), style)
        .gap(1)
        .path(row.from.as_ref().unwrap_or(&upgrade.source), source, theme.dim)
        .gap(usize::from(source > 0))
        .cell(said, state, state_style(app, is_taken, is_wrong))
        .line()
}

fn state_style(app: &App, is_taken: bool, is_wrong: bool) -> Style {
    let theme = app.theme();
    if is_wrong {
        theme.blocked
    } else if is_taken {
        theme.added
    } else {
        theme.dim
    }
}

/// As a column has room for it.
fn short(verdict: &UpgradeVerdict) -> &'static str {
    match verdict {
        UpgradeVerdict::NoSource => "no source",
        UpgradeVerdict::UnknownSource => "source gone",
        UpgradeVerdict::Obstacle(_) => "not installable",
        other => other.words(),
    }
}

/// `18.19.1 → 20.11.1`.
fn versions(row: &Row) -> String {
    let [from, to] = [&row.upgrade.from, &row.upgrade.to].map(|version| if version.is_empty() { "?" } else { version });
    if row.upgrade.to.is_empty() || from == to { from.to_owned() } else { format!("{from} → {to}") }
}

/// All of the selected row.
fn detail(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let row = app.selected_upgrade();
    let name = row.map(|row| row.upgrade.name.as_str()).unwrap_or_default();
    let name = text::fit(name, usize::from(area.width).saturating_sub(6));
    let title = if row.is_some() { paint::title(theme, &name, "", false) } else { Line::default() };
    paint::pane(app, frame, area, title, false);
    let inner = layout::padded(area);
    let Some(row) = row else { return };
    let columns = usize::from(inner.width);
    let facts = facts(app, row);
    let lines = facts.into_iter().filter(|(_, value, _)| !value.is_empty()).flat_map(|(label, value, style)| {
        let wrapped = text::wrap_to(&value, columns.saturating_sub(LABEL), inner.height.into());
        let label = |at| text::pad(if at == 0 { label } else { "" }, LABEL);
        let line = |(at, value): (usize, String)| {
            Line::from(vec![Span::styled(label(at), theme.dim), Span::styled(value, style)])
        };
        wrapped.into_iter().enumerate().map(line).collect::<Vec<_>>()
    });
    paint::lines(frame, inner, lines);
}

type Fact = (&'static str, String, Style);

/// What is told of a row, what matters most first: a low screen has no room for the rest.
fn facts(app: &App, row: &Row) -> Vec<Fact> {
    let theme = app.theme();
    let upgrade = &row.upgrade;
    let key = |command| app.key_for(Context::Upgrades, command);
    let mut facts: Vec<Fact> = Vec::new();
    if row.is_asking {
        let source = row.from.as_deref().unwrap_or(&upgrade.source);
        facts.push(("", format!("Asking {source}…"), theme.text));
        return facts;
    }
    facts.push(("version", format!("{}, {}", versions(row), upgrade.verdict.words()), theme.text));
    if let Some(reason) = upgrades::reason(upgrade) {
        facts.push(("left", reason, theme.blocked));
    }
    if let UpgradeVerdict::OtherProject { installed, offered } = &upgrade.verdict {
        facts.push(("installed", project(installed), theme.text));
        facts.push(("offered", project(offered), theme.text));
    }
    if !upgrade.lost_outputs.is_empty() {
        let lost = format!("{} no more; {} instead", upgrade.lost_outputs.join(" "), upgrade.outputs.join(" "));
        facts.push(("outputs", lost, theme.blocked));
    }
    match app.upgrades.weight(row) {
        Some(Ok(weight)) => facts.extend(weight_facts(app, &upgrade.name, weight)),
        Some(Err(error)) => facts.push(("alone", format!("What it would do cannot be told: {error}"), theme.blocked)),
        None if app.upgrades.is_weighing(row) => {
            facts.push(("alone", "Working out what it would do…".into(), theme.dim));
        }
        None => {}
    }
    let of = if upgrade.attribute == upgrade.name || upgrade.source.is_empty() {
        upgrade.source.clone()
    } else {
        format!("{} of {}", upgrade.attribute, upgrade.source)
    };
    facts.push(("from", of, theme.text));
    let mut sources = app.sources.iter().flat_map(|view| &view.configured);
    if let Some(pin) = sources.find(|source| source.name == upgrade.source).and_then(|it| it.pin.as_ref()) {
        facts.push(("pinned", format!("at {}, where nothing can be newer", pin.in_short()), theme.text));
    }
    if upgrade.lost_outputs.is_empty() {
        facts.push(("outputs", upgrade.outputs.join(" "), theme.text));
    }
    if !upgrade.verdict.is_upgrade() && upgrade.change.is_some() && upgrade.verdict.is_refusal() {
        facts.push(("", format!("{} marks it all the same.", key(Command::MarkAnyway)), theme.dim));
    }
    if app.next_upgrade_source().is_some() {
        facts.push(("", format!("{} asks another source.", key(Command::NextUpgradeSource)), theme.dim));
    }
    facts
}

fn weight_facts(app: &App, name: &str, weight: &UpgradeWeight) -> Vec<Fact> {
    let theme = app.theme();
    let UpgradeWeight { consequence, fetch } = weight;
    let mut facts: Vec<Fact> = Vec::new();
    if consequence.collisions > 0 {
        let others: Vec<&str> =
            consequence.against.iter().map(|(other, _)| &**other).filter(|it| *it != name).collect();
        let whom = if others.is_empty() { "itself".to_owned() } else { text::list(&others, 3) };
        let (blocks, style) = if consequence.blocking > 0 {
            ("; that blocks the plan", theme.blocked)
        } else {
            ("; that does not block", theme.text)
        };
        let at = text::plural(consequence.collisions, "path");
        facts.push(("collides", format!("at {at} with {whom}{blocks}"), style));
    }
    let mut size = Vec::new();
    if fetch.paths > 0 {
        size.push(match fetch.download_bytes {
            0 => format!("{} to come", text::size(fetch.unpacked_bytes)),
            bytes => format!("{} to fetch, {} then", text::size(bytes), text::size(fetch.unpacked_bytes)),
        });
    }
    if fetch.builds > 0 {
        size.push(format!("{} to build", text::plural(fetch.builds, "package")));
    }
    if fetch.paths + fetch.builds == 0 {
        size.push("all is in the store already".to_owned());
    }
    facts.push(("size", size.join(", "), theme.text));
    let mut files = format!(
        "+{} −{} ~{}",
        text::count_of(consequence.added),
        text::count_of(consequence.removed),
        text::count_of(consequence.changed)
    );
    if consequence.unknown > 0 {
        files += ", more unknown until fetched";
    }
    facts.push(("files", files, theme.text));
    facts
}

/// `zlib 1.2, https://zlib.net: a compression library`.
fn project(project: &Project) -> String {
    let mut said = format!("{} {}", project.name, project.version).trim_end().to_owned();
    if !project.homepage.is_empty() {
        said = format!("{said}, {}", project.homepage);
    }
    if project.description.is_empty() { said } else { format!("{said}: {}", project.description) }
}
