//! The signs that the screen draws, and what stands for them where only ASCII can be shown. One pass over what is drawn puts
//! it in their place, so views draw signs and know nothing of it.

use ratatui::buffer::Buffer;

use super::text;

/// Which signs are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marks {
    #[default]
    Unicode,
    Ascii,
}

/// Every sign that a view may draw, and what it becomes. What can stand in one column of a view differs here too.
#[rustfmt::skip]
pub const SIGNS: &[(char, char)] = &[
    // Borders, scroll bars, trees, and how far work is.
    ('│', '|'), ('┃', '#'), ('─', '-'), ('━', '='),
    ('╭', '+'), ('╮', '+'), ('╰', '+'), ('╯', '+'), ('┌', '+'), ('┐', '+'), ('┘', '+'),
    ('├', '+'), ('└', '`'), ('┤', '+'), ('┬', '+'), ('┴', '+'), ('┼', '+'),
    // Rows: the selected one, what can be unfolded and what is, what goes.
    ('›', '>'), ('‹', '<'), ('▹', '+'), ('▿', '-'), ('▸', '+'), ('−', '-'),
    // Packages and generations.
    ('•', '*'), ('○', 'o'), ('●', '@'), ('↑', '^'), ('✓', 'V'), ('✗', 'x'),
    // Kinds of collisions, and what another place has; `=`, `?` and `/` are kinds too.
    ('▾', 'v'), ('≡', '#'), ('≈', '~'), ('≠', '%'),
    // In sentences.
    ('…', '.'), ('·', '-'), ('—', '-'), ('–', '-'), ('→', '>'), ('←', '<'), ('↔', '&'), ('↓', 'v'), ('⋮', ':'), ('×', 'x'),
    ('’', '\''), ('‘', '\''), ('“', '"'), ('”', '"'), ('«', '"'), ('»', '"'),
];

/// What stands for a sign; `None` if it is none of the screen's own.
pub fn ascii(sign: char) -> Option<char> {
    SIGNS.iter().find(|(known, _)| *known == sign).map(|(_, ascii)| *ascii)
}

impl Marks {
    /// Puts ASCII in the place of whatever is not, if that is asked for: of what is no sign of the screen's own, a `?` in
    /// each of its columns.
    pub fn apply(self, buffer: &mut Buffer) {
        let columns = usize::from(buffer.area.width);
        if self == Self::Unicode || columns == 0 {
            return;
        }
        for row in buffer.content.chunks_mut(columns) {
            let mut at = 0;
            while let Some(cell) = row.get(at) {
                let symbol = cell.symbol();
                let width = text::width(symbol).max(1);
                if !symbol.is_ascii() {
                    let mut letters = symbol.chars();
                    let letter = letters.next().and_then(ascii).filter(|_| letters.next().is_none());
                    let style = cell.style();
                    for cell in row.iter_mut().skip(at).take(width) {
                        cell.set_char(letter.unwrap_or('?')).set_style(style);
                    }
                }
                at += width;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    use super::super::words;
    use super::*;
    use crate::engine::CollisionKind;
    use crate::package::Obstacle;

    fn shown(line: &str) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 16, 1));
        buffer.set_string(0, 0, line, Style::new().fg(Color::Green));
        Marks::Ascii.apply(&mut buffer);
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn signs_become_ascii_and_other_letters_question_marks_as_wide_as_they_were() {
        assert_eq!(shown("› a − b…"), "> a - b.");
        assert_eq!(shown("日本 x"), "???? x");
        assert_eq!(shown("cafe\u{301}s"), "caf?s");
        assert_eq!(shown("a👩\u{200d}💻b"), "a??b");
        assert_eq!(shown("×\u{301}"), "?", "a sign with something on it is another");
    }

    #[test]
    fn a_wide_letter_keeps_its_colour_in_both_columns() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
        buffer.set_string(0, 0, "日", Style::new().fg(Color::Green));
        Marks::Ascii.apply(&mut buffer);
        assert!(buffer.content.iter().all(|cell| (cell.symbol(), cell.fg) == ("?", Color::Green)));
    }

    #[test]
    fn with_unicode_nothing_is_touched() {
        let mut buffer = Buffer::with_lines(["› 日本…"]);
        let before = buffer.clone();
        Marks::Unicode.apply(&mut buffer);
        assert_eq!(buffer, before);
    }

    #[test]
    fn every_sign_is_one_column_in_the_table_once_and_has_printed_ascii() {
        let mut seen = HashMap::new();
        for &(sign, ascii) in SIGNS {
            assert_eq!(text::width(&sign.to_string()), 1, "{sign}");
            assert!(!sign.is_ascii() && ascii.is_ascii_graphic(), "{sign} {ascii}");
            assert_eq!(seen.insert(sign, ascii), None, "{sign}");
        }
    }

    #[test]
    fn what_stands_in_one_column_of_a_view_stays_different() {
        let kinds: String = CollisionKind::ALL.iter().map(|kind| words::kind_sign(*kind)).collect();
        let grades =
            [Obstacle::NeedsNix, Obstacle::Broken].map(|obstacle| words::obstacle(&[obstacle]).unwrap().0).concat();
        for column in [
            &*kinds,
            &*grades,
            // Changes, and what is installed, inactive or newer.
            "+−~•○ ",
            "↑ ",
            // Meanings of commands; generations; verdicts.
            "~!↓",
            "● ",
            "✓✗",
            "›✗",
            // Elsewhere; fold marks; differences.
            "=≠",
            "▹▿",
            "+−⋮ ",
            // The border at the right with a scroll bar in it; trees; how far work is; tabs.
            "│┃",
            "│├└ ",
            "━─",
        ] {
            let mut seen = HashMap::new();
            for sign in column.chars() {
                let shown = if sign.is_ascii() { sign } else { ascii(sign).unwrap_or_else(|| panic!("{sign}")) };
                if let Some(other) = seen.insert(shown, sign) {
                    panic!("{other} and {sign} both become {shown}");
                }
            }
        }
    }
}
