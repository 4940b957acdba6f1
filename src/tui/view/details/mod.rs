//! What is known of the selected package: below its outputs as much as there is room for, the most important first; on a
//! screen of its own all of it.

mod facts;
mod outputs;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::app::{App, Pane};
use super::super::subject::Subject;
use super::super::{layout, text};
use super::paint;
use facts::{Extent, Facts};

/// The lines below the outputs, for a room of `columns` and `rows`; the long description takes what the rest leaves.
pub fn lines(app: &App, subject: &Subject<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let mut facts = Facts::new(app, columns, Extent::Rows(rows));
    facts.blank();
    facts.evaluation();
    facts.about(subject);
    // What has the focus is explained before the rest.
    if app.focus == Pane::Outputs {
        outputs::selected(&mut facts, subject);
    }
    facts.marks(subject);
    facts.package(subject);
    if app.output_rows().iter().any(|row| row.is_default) {
        facts.note("* default output");
    }
    facts.long_description(subject);
    facts.lines
}

/// The details in full.
pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let name = app.subject().map_or_else(String::new, |subject| {
        format!("Details of {}", text::fit(subject.name(), usize::from(area.width).saturating_sub(16)))
    });
    paint::pane(app, frame, area, paint::title(app.theme(), &name, "", true), app.dialog.is_none());
    let inner = layout::padded(area);
    let list = app.lists.details;
    paint::lines(frame, inner, all(app).into_iter().skip(list.visible().start));
    // The list draws no row of its own here; its scroll bar it does.
    paint::scroll_bar(app, frame, layout::inside(area), &list);
}

/// How many lines there are in full.
pub fn len(app: &App) -> usize {
    all(app).len()
}

fn all(app: &App) -> Vec<Line<'static>> {
    let Some(subject) = app.subject() else { return Vec::new() };
    let columns = layout::padded(layout::frame(app.area()).body).width;
    let mut facts = Facts::new(app, columns.into(), Extent::All);
    facts.evaluation();
    facts.about(&subject);
    facts.marks(&subject);
    facts.package(&subject);
    outputs::all(&mut facts, &subject);
    facts.long_description(&subject);
    while facts.lines.last().is_some_and(|line| line.width() == 0) {
        facts.lines.pop();
    }
    facts.lines
}
