//! The commands of Nix that would come to the same as the plan.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::layout;
use super::paint;

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    match &app.explanation.lines {
        Some(Err(error)) => return paint::sentences(app, frame, area, "With Nix' own commands", error),
        Some(Ok(lines)) if lines.is_empty() => {
            return paint::sentences(app, frame, area, "With Nix' own commands", "There is nothing to do.");
        }
        _ => {}
    }
    paint::pane(app, frame, area, paint::title(theme, "With Nix' own commands", "", true), true);
    let inner = layout::inside(area);
    if app.explanation.lines.is_none() {
        paint::empty(app, frame, inner, "working it out…");
        return;
    }
    if let Some(key) = app.bound_key(Context::Explanation, Command::Copy) {
        paint::foot(frame, area, &format!("{key} copies all of it"), theme.dim);
    }
    let list = app.lists.explanation;
    let rows = app.explanation.rows(layout::explanation_columns(app.area()));
    for (row, y) in rows.iter().skip(list.visible().start).zip(inner.top()..inner.bottom()) {
        let style = if row.is_comment { theme.dim } else { theme.text };
        let line = Line::styled(row.text.clone(), style);
        frame.buffer_mut().set_line(inner.x + 1, y, &line, inner.width.saturating_sub(2));
    }
    // The list draws no row of its own here; its scroll bar it does.
    paint::scroll_bar(app, frame, inner, &list);
}
