//! What is told of a row, line by line.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::super::app::App;
use super::super::super::text;
use crate::loom::DiffLine;

/// A sentence or a path takes no more rows than these.
const MOST_ROWS: usize = 20;

/// What is told: some lines, and then those of a difference, of which only those in sight are made.
#[derive(Default)]
pub struct Told<'a> {
    /// For the border.
    pub title: String,
    pub verdict: String,
    pub lines: Vec<Line<'static>>,
    pub difference: &'a [DiffLine],
    pub is_cut: bool,
}

impl Told<'_> {
    pub fn len(&self) -> usize {
        self.lines.len() + self.difference.len() + usize::from(self.is_cut)
    }

    pub fn say(&mut self, content: &str, columns: usize, style: Style) {
        self.lines.extend(text::wrap_to(content, columns, MOST_ROWS).into_iter().map(|line| Line::styled(line, style)));
    }

    pub fn heading(&mut self, app: &App, name: &str, rest: &str) {
        let theme = app.theme();
        self.lines.push(Line::default());
        let spans = vec![Span::styled(name.to_owned(), theme.title), Span::styled(format!("  {rest}"), theme.dim)];
        self.lines.push(Line::from(spans));
    }
}
