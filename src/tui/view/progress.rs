//! How far running work is.

use ratatui::text::{Line, Span};

use super::super::app::{App, Job};
use super::super::text;

/// What is being done, and how far it is.
pub fn sentence(app: &App) -> String {
    lines(app, usize::MAX).first().map_or_else(String::new, ToString::to_string)
}

/// One line with what is being done, one with how far it is.
pub fn lines(app: &App, columns: usize) -> Vec<Line<'static>> {
    let theme = app.theme();
    let (what, done, total) = match &app.job {
        None => return Vec::new(),
        Some(Job::Short(what)) => (*what, 0, 0),
        Some(Job::Apply { is_stopping: true, .. } | Job::Fetch { is_stopping: true, .. }) => {
            ("stopping at the next safe place", 0, 0)
        }
        Some(Job::Apply { step: None, .. } | Job::Fetch { step: None, .. }) => ("starting", 0, 0),
        Some(Job::Apply { step: Some(step), .. } | Job::Fetch { step: Some(step), .. }) => {
            (step.what.as_str(), step.done.min(step.total), step.total)
        }
    };
    let mut lines = vec![Line::styled(text::fit(what, columns), theme.text)];
    if let Some(percent) = (done * 100).checked_div(total) {
        let percent = format!(" {percent:>3}%");
        let room = columns.saturating_sub(percent.len()).min(60);
        let full = usize::try_from(u128::from(done) * room as u128 / u128::from(total)).unwrap_or(room);
        lines.push(Line::from(vec![
            Span::styled("━".repeat(full), theme.progress),
            Span::styled("─".repeat(room - full), theme.dim),
            Span::styled(percent, theme.title),
        ]));
    }
    lines
}
