//! A line of text that is being typed: the search box, the number of a priority, a new source.

use unicode_segmentation::UnicodeSegmentation as _;

use super::action::Command;
use super::text;

/// Text with a cursor; the cursor is a byte position on a grapheme's border.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    cursor: usize,
    /// Whether all of it is selected: what is typed or deleted next is all of it.
    is_selected: bool,
}

impl Input {
    /// With the cursor at the end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text, is_selected: false }
    }

    /// Selects all of it, with the cursor at the end: what is typed next takes its place, and a key that moves keeps it.
    pub fn select_all(&mut self) {
        self.to_end();
        self.is_selected = !self.text.is_empty();
    }

    pub fn is_selected(&self) -> bool {
        self.is_selected
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Columns left of the cursor.
    pub fn cursor_column(&self) -> usize {
        text::width(&self.text[..self.cursor])
    }

    /// Inserts at the cursor; control characters, as a pasted line break, become blanks.
    pub fn insert(&mut self, inserted: &str) {
        self.take_selected();
        let clean: String = inserted.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    /// Does a command that edits; `false` if it is none.
    pub fn edit(&mut self, command: Command) -> bool {
        let was_selected = std::mem::take(&mut self.is_selected);
        match command {
            Command::DeleteLeft | Command::DeleteRight if was_selected => self.clear(),
            Command::CursorLeft => self.left(),
            Command::CursorRight => self.right(),
            Command::CursorStart => self.to_start(),
            Command::CursorEnd => self.to_end(),
            Command::DeleteLeft => self.delete_left(),
            Command::DeleteRight => self.delete_right(),
            Command::DeleteWord => self.delete_word(),
            Command::DeleteLine => self.delete_to_start(),
            _ => {
                self.is_selected = was_selected;
                return false;
            }
        }
        true
    }

    /// Makes room for what takes the place of the selected text.
    fn take_selected(&mut self) {
        if self.is_selected {
            self.clear();
        }
    }

    pub fn delete_left(&mut self) {
        let end = self.cursor;
        self.left();
        self.text.drain(self.cursor..end);
    }

    pub fn delete_right(&mut self) {
        let start = self.cursor;
        self.right();
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }

    /// Deletes the blanks left of the cursor and the word left of them.
    pub fn delete_word(&mut self) {
        let left = self.text[..self.cursor].trim_end();
        let start =
            left.rfind(char::is_whitespace).map_or(0, |at| at + left[at..].chars().next().map_or(1, char::len_utf8));
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }

    /// Deletes everything left of the cursor.
    pub fn delete_to_start(&mut self) {
        self.text.drain(..self.cursor);
        self.cursor = 0;
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn left(&mut self) {
        self.cursor = self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
    }

    pub fn right(&mut self) {
        self.cursor += self.text[self.cursor..].graphemes(true).next().map_or(0, str::len);
    }

    pub fn to_start(&mut self) {
        self.cursor = 0;
    }

    pub fn to_end(&mut self) {
        self.cursor = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_never_splits_a_grapheme() {
        let mut input = Input::new("a👩\u{200d}💻e\u{301}");
        input.delete_left();
        assert_eq!(input.text(), "a👩\u{200d}💻");
        input.left();
        assert_eq!(input.cursor_column(), 1);
        input.delete_right();
        assert_eq!(input.text(), "a");
    }

    #[test]
    fn a_word_goes_with_the_blanks_after_it() {
        let mut input = Input::new("node js  ");
        input.delete_word();
        assert_eq!(input.text(), "node ");
        input.delete_word();
        assert_eq!(input.text(), "");
        input.delete_word();
        assert_eq!(input, Input::default());
    }

    #[test]
    fn what_is_typed_takes_the_place_of_what_is_selected_and_a_move_keeps_it() {
        let mut input = Input::new("zlib");
        input.select_all();
        input.insert("j");
        input.insert("q");
        assert_eq!((input.text(), input.is_selected()), ("jq", false));
        input.select_all();
        assert!(!input.edit(Command::Down) && input.is_selected(), "the rows below move, not the text");
        input.edit(Command::CursorLeft);
        input.insert("-");
        assert_eq!(input.text(), "j-q");
        input.select_all();
        input.edit(Command::DeleteLeft);
        assert_eq!(input, Input::default());
        input.select_all();
        assert!(!input.is_selected(), "there is nothing to select");
    }

    #[test]
    fn pasted_line_breaks_become_blanks() {
        let mut input = Input::new("");
        input.insert("a\nb");
        assert_eq!(input.text(), "a b");
    }
}
