//! A key as the key table and the loop see it: one spelling for each, whatever the terminal sends.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: KeyCode,
    pub modifiers: KeyModifiers,
}

impl Key {
    /// A letter, digit or sign as typed: `G` is a letter of its own, not Shift and `g`.
    pub const fn letter(letter: char) -> Self {
        Self::code(KeyCode::Char(letter))
    }

    pub const fn ctrl(letter: char) -> Self {
        Self { code: KeyCode::Char(letter), modifiers: KeyModifiers::CONTROL }
    }

    pub const fn code(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::NONE }
    }

    /// The key of an event; `None` for a key that is let go.
    pub fn pressed(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Char(letter) if modifiers.contains(KeyModifiers::CONTROL) => {
                KeyCode::Char(letter.to_ascii_lowercase())
            }
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        if matches!(code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Some(Self { code, modifiers })
    }

    /// Its name without the signs for arrows, for a page in ASCII or a voice: `Ctrl-Up`.
    pub fn in_words(self) -> String {
        let arrows = [("↑", "Up"), ("↓", "Down"), ("←", "Left"), ("→", "Right")];
        arrows.iter().fold(self.to_string(), |name, (arrow, word)| name.replace(arrow, word))
    }

    /// The letter that this key types into a text field.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(letter) if self.modifiers.is_empty() => Some(letter),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            to.write_str("Ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            to.write_str("Alt-")?;
        }
        if self.modifiers.contains(KeyModifiers::SHIFT) {
            to.write_str("Shift-")?;
        }
        match self.code {
            KeyCode::Char(' ') => to.write_str("Space"),
            KeyCode::Char(letter) => write!(to, "{letter}"),
            KeyCode::BackTab => to.write_str("Shift-Tab"),
            KeyCode::Up => to.write_str("↑"),
            KeyCode::Down => to.write_str("↓"),
            KeyCode::Left => to.write_str("←"),
            KeyCode::Right => to.write_str("→"),
            KeyCode::PageUp => to.write_str("PgUp"),
            KeyCode::PageDown => to.write_str("PgDn"),
            KeyCode::Delete => to.write_str("Del"),
            code => write!(to, "{code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_is_part_of_a_letter_and_not_beside_it() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Key::pressed(event), Some(Key::letter('G')));
        let event = KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(Key::pressed(event), Some(Key::code(KeyCode::BackTab)));
    }

    #[test]
    fn a_key_let_go_is_no_key() {
        let event = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::from(KeyCode::Enter) };
        assert_eq!(Key::pressed(event), None);
    }

    #[test]
    fn keys_are_named_as_on_a_keyboard() {
        let names = [
            Key::ctrl('d'),
            Key::letter(' '),
            Key::code(KeyCode::BackTab),
            Key::code(KeyCode::Esc),
            Key::code(KeyCode::PageDown),
            Key::letter('?'),
        ]
        .map(|key| key.to_string());
        assert_eq!(names, ["Ctrl-d", "Space", "Shift-Tab", "Esc", "PgDn", "?"]);
    }
}
