//! Whether the profile agrees with a file, what differs, and the ways out.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::drift::{self, Kind, Row};
use super::super::layout;
use super::super::words::Mark;
use super::paint;
use super::plan_panel::mark_style;

const NAME: &str = "Profile and file";

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    if let Some(Err(error)) = &app.drift.status {
        return paint::sentences(app, frame, area, NAME, error);
    }
    let files = app.drift.files();
    let number = if files.len() > 1 { format!("{} of {}", app.drift.at + 1, files.len()) } else { String::new() };
    paint::pane(app, frame, area, paint::title(theme, NAME, &number, true), true);
    let inner = layout::inside(area);
    if app.drift.file().is_none() {
        let write = app.key_for(Context::Panes, Command::WriteEnvironment);
        let sentence = match app.drift.status {
            None => "looking for the files of the profile…".to_owned(),
            Some(_) => format!(
                "No file belongs to this profile yet. {write} in the panes writes one, and `nix-loom import` installs one; \
                 from then on this tells whether they agree."
            ),
        };
        paint::empty(app, frame, inner, &sentence);
        return;
    }
    let list = app.lists.drift;
    let rows = drift::rows(app, layout::explanation_columns(app.area()));
    for (row, y) in rows.into_iter().skip(list.visible().start).zip(inner.top()..inner.bottom()) {
        frame.buffer_mut().set_line(inner.x + 1, y, &line(app, row), inner.width.saturating_sub(2));
    }
    paint::scroll_bar(app, frame, inner, &list);
}

/// A row as it is drawn.
pub fn line(app: &App, row: Row) -> Line<'static> {
    let theme = app.theme();
    let style: Style = match row.kind {
        Kind::Heading => theme.title,
        Kind::Text => theme.text,
        Kind::Dim => theme.dim,
        Kind::Notice => theme.warning,
        Kind::Added => mark_style(app, Mark::Added),
        Kind::Removed => mark_style(app, Mark::Removed),
    };
    Line::styled(row.text, style)
}
