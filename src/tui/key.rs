//! A key as the key table and the loop see it: one spelling for each, whatever the terminal sends.

use std::fmt;
use std::str::FromStr;

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

    pub const fn alt(letter: char) -> Self {
        Self { code: KeyCode::Char(letter), modifiers: KeyModifiers::ALT }
    }

    pub const fn with_ctrl(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::CONTROL }
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

/// Keys that have a name, and whether terminals tell Ctrl and Shift with them.
const NAMED: &[(&str, KeyCode, bool)] = &[
    ("space", KeyCode::Char(' '), false),
    ("enter", KeyCode::Enter, false),
    ("esc", KeyCode::Esc, false),
    ("tab", KeyCode::Tab, false),
    ("backspace", KeyCode::Backspace, false),
    ("up", KeyCode::Up, true),
    ("down", KeyCode::Down, true),
    ("left", KeyCode::Left, true),
    ("right", KeyCode::Right, true),
    ("home", KeyCode::Home, true),
    ("end", KeyCode::End, true),
    ("pgup", KeyCode::PageUp, true),
    ("pgdn", KeyCode::PageDown, true),
    ("del", KeyCode::Delete, true),
    ("insert", KeyCode::Insert, true),
    // As they are shown.
    ("↑", KeyCode::Up, true),
    ("↓", KeyCode::Down, true),
    ("←", KeyCode::Left, true),
    ("→", KeyCode::Right, true),
];

/// A key as the config file spells it, and as it is shown: `a`, `G`, `space`, `shift-tab`, `ctrl-x`, `alt-up`, `f1`. Only
/// letters that stand alone, or after `alt-`, are heeded by case. The error says what is wrong and what to write.
impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((modifier, after)) = split_modifier(rest) {
            if modifiers.contains(modifier) {
                return Err(format!("{text:?} is no key: it has a modifier twice"));
            }
            modifiers |= modifier;
            rest = after;
        }
        let name = rest.to_lowercase();
        let named = NAMED.iter().find(|(known, ..)| *known == name).map(|&(_, code, is_rich)| (code, is_rich));
        let mut letters = rest.chars();
        match (named.or_else(|| function_key(&name)), letters.next(), letters.next()) {
            (Some((code, is_rich)), ..) => with_modifiers(text, code, is_rich, modifiers),
            (None, Some(letter), None) if is_printed(letter) => letter_key(text, letter, modifiers),
            _ => Err(format!(
                "{text:?} is no key; keys are written as a, G, space, enter, shift-tab, pgdn, f1, ctrl-x, alt-x"
            )),
        }
    }
}

/// The modifier with which a key begins, and the key after it. A lone `-` is a key.
fn split_modifier(text: &str) -> Option<(KeyModifiers, &str)> {
    let (name, rest) = text.split_once('-').filter(|(_, rest)| !rest.is_empty())?;
    let modifier = match &*name.to_lowercase() {
        "ctrl" => KeyModifiers::CONTROL,
        "alt" => KeyModifiers::ALT,
        "shift" => KeyModifiers::SHIFT,
        _ => return None,
    };
    Some((modifier, rest))
}

fn function_key(name: &str) -> Option<(KeyCode, bool)> {
    let number = name.strip_prefix('f')?.parse().ok().filter(|number| (1..=12).contains(number))?;
    Some((KeyCode::F(number), true))
}

/// Whether a letter has a place of its own on the screen.
fn is_printed(letter: char) -> bool {
    unicode_width::UnicodeWidthChar::width(letter).is_some_and(|columns| columns > 0) && letter != ' '
}

fn with_modifiers(text: &str, code: KeyCode, is_rich: bool, modifiers: KeyModifiers) -> Result<Key, String> {
    if code == KeyCode::Esc && !modifiers.is_empty() {
        return Err(format!("{text:?} is no key: terminals do not tell it from esc"));
    }
    let is_shift_tab = code == KeyCode::Tab && modifiers.contains(KeyModifiers::SHIFT);
    if is_shift_tab && !modifiers.contains(KeyModifiers::CONTROL) {
        return Ok(Key { code: KeyCode::BackTab, modifiers: modifiers - KeyModifiers::SHIFT });
    }
    let is_ctrl_space = code == KeyCode::Char(' ') && !modifiers.contains(KeyModifiers::SHIFT);
    if is_rich || is_ctrl_space || !modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::SHIFT) {
        return Ok(Key { code, modifiers });
    }
    let plain = Key::code(code).to_string().to_lowercase();
    Err(format!("{text:?} is no key: terminals do not tell it from {plain}; alt-{plain} they do"))
}

fn letter_key(text: &str, letter: char, modifiers: KeyModifiers) -> Result<Key, String> {
    if modifiers.contains(KeyModifiers::SHIFT) {
        return Err(format!(
            "{text:?} is no key: write the letter that is typed, {:?}",
            letter.to_uppercase().to_string()
        ));
    }
    if modifiers.contains(KeyModifiers::ALT) && matches!(letter, '[' | 'O') {
        return Err(format!("{text:?} is no key: for terminals it is the beginning of another"));
    }
    if !modifiers.contains(KeyModifiers::CONTROL) {
        return Ok(Key { code: KeyCode::Char(letter), modifiers });
    }
    let same = match letter.to_ascii_lowercase() {
        'i' => Some("tab"),
        'm' => Some("enter"),
        '[' => Some("esc"),
        letter if letter.is_ascii_alphabetic() => None,
        _ => {
            return Err(format!(
                "{text:?} is no key: terminals tell Ctrl with a to z only, and with keys that have a name"
            ));
        }
    };
    match same {
        Some(name) => Err(format!("{text:?} is no key of its own: for terminals it is {name}; write {name:?}")),
        None => Ok(Key { code: KeyCode::Char(letter.to_ascii_lowercase()), modifiers }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_can_be_written_as_it_is_shown() {
        for key in super::super::keymap::BINDINGS.iter().flat_map(|binding| binding.keys.iter()) {
            assert_eq!(key.to_string().parse(), Ok(*key));
        }
    }

    #[test]
    fn keys_are_spelled_in_lower_case_or_as_on_a_keyboard() {
        let alt = |code| Key { code, modifiers: KeyModifiers::ALT };
        for (text, key) in [
            ("a", Key::letter('a')),
            ("G", Key::letter('G')),
            ("é", Key::letter('é')),
            ("-", Key::letter('-')),
            ("ctrl-X", Key::ctrl('x')),
            ("Ctrl-Space", Key::ctrl(' ')),
            ("alt-X", alt(KeyCode::Char('X'))),
            ("alt--", alt(KeyCode::Char('-'))),
            ("alt-shift-tab", alt(KeyCode::BackTab)),
            ("SPACE", Key::letter(' ')),
            ("shift-tab", Key::code(KeyCode::BackTab)),
            ("f1", Key::code(KeyCode::F(1))),
            ("F12", Key::code(KeyCode::F(12))),
            ("f", Key::letter('f')),
            ("pgdn", Key::code(KeyCode::PageDown)),
            ("shift-up", Key { code: KeyCode::Up, modifiers: KeyModifiers::SHIFT }),
        ] {
            assert_eq!(text.parse(), Ok(key), "{text}");
        }
    }

    #[test]
    fn what_no_terminal_sends_is_no_key_and_the_error_says_what_to_write() {
        for (text, way_out) in [
            ("", "keys are written as a, G, space"),
            (" ", "keys are written as a, G, space"),
            ("escape", "keys are written as"),
            ("f13", "keys are written as"),
            ("ctrl-", "keys are written as"),
            ("strg-x", "keys are written as"),
            ("e\u{301}", "keys are written as"),
            ("\u{7}", "keys are written as"),
            ("ctrl-ctrl-x", "twice"),
            ("shift-a", "write the letter that is typed, \"A\""),
            ("ctrl-i", "write \"tab\""),
            ("ctrl-M", "write \"enter\""),
            ("ctrl-[", "write \"esc\""),
            ("ctrl-1", "a to z only"),
            ("alt-esc", "do not tell it from esc"),
            ("alt-[", "the beginning of another"),
            ("ctrl-enter", "do not tell it from enter; alt-enter they do"),
            ("ctrl-shift-tab", "do not tell it from tab"),
        ] {
            let error = text.parse::<Key>().unwrap_err();
            assert!(error.contains(way_out), "{text:?}: {error}");
        }
    }

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
