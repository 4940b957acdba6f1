//! How far running work is.

use ratatui::text::{Line, Span};

use super::super::app::App;
use super::super::look::Motion;
use super::super::work::Work;
use super::super::{pace, text};

/// Columns of a bar, where there is room.
const BAR: usize = 60;

/// One line with what is being done, one with how far it is and how long it takes still.
pub fn lines(app: &App, work: &Work, columns: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled(text::fit(work.what(), columns), app.theme().text)];
    lines.extend(bar(app, work, columns.min(BAR + 5 + 22)).map(Line::from));
    lines
}

/// A bar with how far the work is, and how long it takes still; with reduced motion, only how far. `None` if nobody knows
/// how much there is to do.
pub fn bar(app: &App, work: &Work, columns: usize) -> Option<Vec<Span<'static>>> {
    let theme = app.theme();
    let step = work.step.as_ref().filter(|step| step.total > 0 && !work.is_stopping)?;
    let done = step.done.min(step.total);
    let percent = u128::from(done) * 100 / u128::from(step.total);
    if app.settings.look.motion == Motion::Reduced {
        return Some(vec![Span::styled(format!("{percent}%"), theme.title)]);
    }
    let left = work.left.map(|left| format!("  {}", pace::in_words(left))).filter(|left| columns >= left.len() + 20);
    let numbers = format!(" {percent:>3}%{}", left.unwrap_or_default());
    let room = columns.saturating_sub(numbers.len()).min(BAR);
    let full = usize::try_from(u128::from(done) * room as u128 / u128::from(step.total)).unwrap_or(room);
    Some(vec![
        Span::styled("━".repeat(full), theme.progress),
        Span::styled("─".repeat(room - full), theme.dim),
        Span::styled(numbers, theme.title),
    ])
}
