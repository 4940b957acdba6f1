//! The few shapes of which all views are made: panes, rows of a list, cells of a row.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType};
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::app::App;
use super::super::input::Input;
use super::super::list::List;
use super::super::theme::Theme;
use super::super::{layout, text};

/// Columns before the text of every list row: the marker and a blank.
pub const MARKER: usize = 2;

/// One row, filled from left to right with cells of known width; what does not fit is cut.
pub struct Cells {
    spans: Vec<Span<'static>>,
    left: usize,
}

impl Cells {
    pub fn new(columns: usize) -> Self {
        Self { spans: Vec::new(), left: columns }
    }

    /// Columns that are still free.
    pub fn left(&self) -> usize {
        self.left
    }

    /// A cell of exactly `columns`.
    pub fn cell(mut self, content: &str, columns: usize, style: Style) -> Self {
        let columns = columns.min(self.left);
        self.push(text::pad(content, columns), style);
        self
    }

    /// A cell whose content stands at its right edge.
    pub fn right(mut self, content: &str, columns: usize, style: Style) -> Self {
        let columns = columns.min(self.left);
        self.push(text::pad_left(content, columns), style);
        self
    }

    /// A cell for a path: if it has to be cut, its beginning goes.
    pub fn path(mut self, content: &str, columns: usize, style: Style) -> Self {
        let columns = columns.min(self.left);
        let fitted = text::fit_end(content, columns);
        self.push(text::pad(&fitted, columns), style);
        self
    }

    /// As wide as the content.
    pub fn text(mut self, content: &str, style: Style) -> Self {
        let fitted = text::fit(content, self.left);
        self.push(fitted, style);
        self
    }

    pub fn gap(self, columns: usize) -> Self {
        self.cell("", columns, Style::new())
    }

    /// Like [`Cells::cell`], with the letters at these byte positions in another style. Of an attribute in a set the
    /// beginning goes if it has to be cut: the sets of a search are alike, their members are not.
    pub fn matched(mut self, content: &str, positions: &[usize], columns: usize, style: Style, matched: Style) -> Self {
        let columns = columns.min(self.left);
        let shown = if content.contains('.') { text::fit_end(content, columns) } else { text::fit(content, columns) };
        // Cut and escaped text differs from the original somewhere in the middle: there nothing is emphasised.
        let same = |(one, other): &(u8, u8)| one == other;
        let start = shown.bytes().zip(content.bytes()).take_while(same).count();
        let end = shown.len() - shown.bytes().rev().zip(content.bytes().rev()).take_while(same).count();
        let original = |at: usize| match at {
            _ if at < start => Some(at),
            _ if at >= end => Some(content.len() - (shown.len() - at)),
            _ => None,
        };
        for (at, letter) in shown.grapheme_indices(true) {
            let is_matched = original(at)
                .is_some_and(|place| positions.iter().any(|&hit| hit >= place && hit < place + letter.len()));
            self.push(letter.to_owned(), if is_matched { matched } else { style });
        }
        let padding = columns.saturating_sub(text::width(&shown));
        self.push(" ".repeat(padding), style);
        self
    }

    pub fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }

    fn push(&mut self, content: String, style: Style) {
        self.left -= text::width(&content).min(self.left);
        match self.spans.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(&content),
            _ => self.spans.push(Span::styled(content, style)),
        }
    }
}

/// A border with a title; that of the pane with the focus is stronger.
pub fn pane(app: &App, frame: &mut Frame<'_>, area: Rect, title: Line<'static>, is_focused: bool) {
    let theme = app.theme();
    let style = if is_focused { theme.border_focused } else { theme.border };
    let block = Block::bordered().border_type(BorderType::Rounded).border_style(style).title_top(title);
    frame.render_widget(block, area);
}

/// A word in the lower border, at its right end.
pub fn foot(frame: &mut Frame<'_>, area: Rect, content: &str, style: Style) {
    let room = usize::from(area.width).saturating_sub(6);
    if content.is_empty() || room == 0 || area.height < 2 {
        return;
    }
    let fitted = text::fit(content, room);
    // The border's own colour must not shine through.
    let style = Style::reset().patch(style);
    frame.buffer_mut().set_string(area.x + 2, area.bottom() - 1, format!(" {fitted} "), style);
}

/// The title of a pane: its name and a number.
pub fn title(theme: &Theme, name: &str, rest: &str, is_focused: bool) -> Line<'static> {
    let style = if is_focused { theme.title_focused } else { theme.title };
    let mut spans = vec![Span::raw(" "), Span::styled(name.to_owned(), style)];
    if !rest.is_empty() {
        spans.push(Span::styled(format!(" {rest}"), theme.text));
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

/// The rows of a list that are in sight, with the marker before the selected one and a scroll bar in the border at the right.
pub fn rows(
    app: &App,
    frame: &mut Frame<'_>,
    area: Rect,
    list: &List,
    is_focused: bool,
    mut row: impl FnMut(usize, usize) -> Line<'static>,
) {
    let theme = app.theme();
    let columns = usize::from(area.width).saturating_sub(MARKER);
    for (at, y) in list.visible().zip(area.top()..area.bottom()) {
        let place = Rect { y, height: 1, ..area };
        let line = row(at, columns);
        frame.buffer_mut().set_line(area.x + 2, y, &line, area.width.saturating_sub(2));
        if list.selected() == Some(at) {
            frame.buffer_mut().set_stringn(area.x, y, "›", area.width.into(), theme.marker);
            let style = if is_focused { theme.selected } else { theme.selected_elsewhere };
            if is_focused && theme.selected.add_modifier.contains(Modifier::REVERSED) {
                // Reversed colours and dim text would be hard to read.
                frame
                    .buffer_mut()
                    .set_style(place, Style::new().fg(ratatui::style::Color::Reset).remove_modifier(Modifier::DIM));
            }
            frame.buffer_mut().set_style(place, style);
        }
    }
    scroll_bar(app, frame, area, list);
}

/// The headings of the columns of a list, where there is room for them.
pub fn headings(frame: &mut Frame<'_>, area: Rect, headings: &Line<'static>) {
    if area.height > 0 {
        let marker = u16::try_from(MARKER).unwrap_or(0).min(area.width);
        frame.buffer_mut().set_line(area.x + marker, area.y, headings, area.width - marker);
    }
}

/// The part of the list in sight, drawn into the border at the right.
pub fn scroll_bar(app: &App, frame: &mut Frame<'_>, area: Rect, list: &List) {
    let x = area.right();
    if let Some(thumb) = list.thumb(area.height.into())
        && x < frame.area().right()
    {
        for y in thumb {
            let y = area.y + u16::try_from(y).unwrap_or(0);
            frame.buffer_mut().set_string(x, y, "┃", app.theme().dim.remove_modifier(Modifier::DIM));
        }
    }
}

/// Lines of text from the top of an area.
pub fn lines(frame: &mut Frame<'_>, area: Rect, lines: impl IntoIterator<Item = Line<'static>>) {
    for (line, y) in lines.into_iter().zip(area.top()..area.bottom()) {
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
    }
}

/// What a pane says when it has nothing to list.
pub fn empty(app: &App, frame: &mut Frame<'_>, area: Rect, sentence: &str) {
    let area = Rect { x: area.x + area.width.min(2), width: area.width.saturating_sub(3), ..area };
    let wrapped = text::wrap(sentence, area.width.into());
    lines(frame, area, wrapped.into_iter().map(|line| Line::styled(line, app.theme().dim)));
}

/// The line of a filter, with the cursor while it is being typed.
pub fn filter(app: &App, frame: &mut Frame<'_>, area: Rect, input: &Input, is_typing: bool) {
    if area.height == 0 {
        return;
    }
    let theme = app.theme();
    let room = usize::from(area.width).saturating_sub(4);
    let cells = Cells::new(room + 2).text("/ ", theme.key).text(&text::fit_end(input.text(), room), theme.text);
    frame.buffer_mut().set_line(area.x + 1, area.y, &cells.line(), area.width.saturating_sub(1));
    if is_typing {
        let column = u16::try_from(input.cursor_column().min(room)).unwrap_or(0);
        frame.set_cursor_position((area.x + 3 + column, area.y));
    }
}

/// A pane of its own with some sentences.
pub fn sentences(app: &App, frame: &mut Frame<'_>, area: Rect, name: &str, content: &str) {
    pane(app, frame, area, title(app.theme(), name, "", true), true);
    let inner = layout::inside(area);
    let inner = Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner };
    let wrapped = text::wrap(content, inner.width.into());
    lines(frame, inner, wrapped.into_iter().map(Line::raw));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a cell of these columns, and the letters in it that are emphasised.
    fn matched(content: &str, positions: &[usize], columns: usize) -> (String, String) {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let line = Cells::new(80).matched(content, positions, columns, Style::new(), bold).line();
        let emphasised = line.spans.iter().filter(|span| span.style == bold).map(|span| &*span.content).collect();
        (line.to_string(), emphasised)
    }

    #[test]
    fn of_an_attribute_in_a_set_the_end_is_kept_with_its_matched_letters() {
        assert_eq!(matched("haskellPackages.linode", &[16, 17, 18], 12), ("…ages.linode".into(), "lin".into()));
        assert_eq!(matched("haskellPackages.linode", &[0, 1, 20, 21], 8), ("….linode".into(), "de".into()));
        assert_eq!(matched("apacheHttpd", &[0, 10], 8), ("apacheH…".into(), "a".into()));
        assert_eq!(matched("a.b", &[0, 2], 5), ("a.b  ".into(), "ab".into()));
    }

    #[test]
    fn what_was_escaped_is_not_emphasised_and_what_is_around_it_is() {
        assert_eq!(matched("a\u{1b}b", &[0, 1, 2], 8), ("a\\x1bb  ".into(), "ab".into()));
    }
}
