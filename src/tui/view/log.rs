//! The works that run, and below them the log of all of it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::app::App;
use super::super::log::{self, Entry, Kind};
use super::super::work::Work;
use super::super::{layout, text, words};
use super::paint::{self, Cells};
use super::progress;

/// From this width on a work has a bar.
const WITH_BAR: usize = 70;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let parts = layout::log(app);
    if let Some(area) = parts.works {
        works(app, frame, area);
    }
    entries(app, frame, parts.log);
}

fn works(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let is_focused = app.dialog.is_none();
    let number = text::count_of(app.works.all().len());
    paint::pane(app, frame, area, paint::title(app.theme(), "Work", &number, true), is_focused);
    paint::rows(app, frame, layout::inside(area), &app.lists.works, is_focused, |at, columns| {
        app.works.all().get(at).map_or_else(Line::default, |work| line(app, work, columns))
    });
}

fn line(app: &App, work: &Work, columns: usize) -> Line<'static> {
    let theme = app.theme();
    if columns < WITH_BAR {
        return Cells::new(columns).text(&words::work(work), theme.text).line();
    }
    let room = columns * 45 / 100;
    let cells = Cells::new(columns).right(&work.number.to_string(), 3, theme.dim).gap(1);
    let Some(bar) = progress::bar(app, work, columns - room - 5) else {
        return cells.text(&words::work(work), theme.text).line();
    };
    let mut line = cells.cell(work.what(), room, theme.text).gap(1).line();
    line.spans.extend(bar);
    line
}

fn entries(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let rest = if app.works.all().is_empty() { "· nothing runs" } else { "" };
    paint::pane(app, frame, area, paint::title(theme, "Log", rest, true), app.dialog.is_none());
    paint::foot(frame, area, &app.log.dropped_words(), theme.dim);
    let inner = layout::inside(area);
    if app.log.is_empty() {
        let sentence =
            "Nothing has happened yet. What takes long, what other programs say meanwhile, and every error comes here.";
        paint::empty(app, frame, inner, sentence);
        return;
    }
    let columns = layout::log_columns(inner);
    let is_wide = log::is_wide(columns);
    let rows = app.log.rows_from(app.log.list.visible().start);
    for ((entry, at, text), y) in rows.zip(inner.top()..inner.bottom()) {
        let mut spans = margin(app, entry, at, is_wide);
        spans.push(Span::styled(text, style(app, entry.kind)));
        frame.buffer_mut().set_line(inner.x + 1, y, &Line::from(spans), inner.width.saturating_sub(1));
    }
    // The list draws no row of its own here; its scroll bar it does.
    paint::scroll_bar(app, frame, inner, &app.log.list);
}

/// The time, the number of the work and the sign: of an entry of several rows before the first, but the sign of what another
/// program wrote before each.
fn margin(app: &App, entry: &Entry, at: usize, is_wide: bool) -> Vec<Span<'static>> {
    let theme = app.theme();
    let time = log::clock(entry.at, &app.settings.time_zone, is_wide);
    let number = entry.work.filter(|_| is_wide).map_or_else(String::new, |number| number.to_string());
    let head = if is_wide { format!("{time}{:>4}", text::fit(&number, 3)) } else { time };
    let head = if at == 0 { head } else { " ".repeat(head.len()) };
    let sign = if at == 0 || entry.kind == Kind::Said { entry.kind.sign() } else { " " };
    vec![Span::styled(head, theme.dim), Span::styled(format!(" {sign} "), style(app, entry.kind))]
}

fn style(app: &App, kind: Kind) -> Style {
    let theme = app.theme();
    match kind {
        Kind::Began | Kind::Note => theme.text,
        Kind::Done => theme.added,
        Kind::Failed => theme.blocked,
        Kind::Stopped => theme.warning,
        Kind::Said => theme.dim,
    }
}
