//! The letters of the notation for changes: words, quotes, and what is wrong with a text that is none.
//!
//! ```text
//! CHANGE  = "-" NAME | "remove:" NAME | TARGET ("@" SOURCE | "^" OUTPUT ("," OUTPUT)* | ":" KEY "=" VALUE)*
//! ```
//! Inside double quotes the characters `@ ^ : ,` are ordinary, and `\` takes the next one literally (`\n`, `\r`, `\t`
//! as in Nix). What the parts mean is [`super::ChangeRequest`]'s business.

use std::borrow::Cow;

use crate::safe;

/// Begins a removal, where a leading dash is in the way.
pub(super) const REMOVE: &str = "remove:";

/// A text that is no change: what was written, where it goes wrong, and the right form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at character {}: {problem}; the form is {form}", safe::text(text), text[..*at].chars().count() + 1)]
pub struct ChangeParseError {
    pub text: String,
    /// Byte position in `text` where it goes wrong.
    pub at: usize,
    pub problem: String,
    /// How it should look.
    pub form: &'static str,
}

/// Reads a text word by word.
pub(super) struct Scanner<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Moves over `prefix`, if it comes next.
    pub fn skip(&mut self, prefix: &str) -> bool {
        let is_next = self.text[self.at..].starts_with(prefix);
        if is_next {
            self.at += prefix.len();
        }
        is_next
    }

    /// Moves over one character.
    pub fn next(&mut self) -> Option<char> {
        let letter = self.text[self.at..].chars().next()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// The text up to the next of `stops` that is not quoted, as it is written.
    pub fn word(&mut self, stops: &[char], what: &str, form: &'static str) -> Result<&'a str, ChangeParseError> {
        let start = self.at;
        let mut quote = None;
        let mut letters = self.text[start..].char_indices();
        let mut end = self.text.len();
        while let Some((offset, letter)) = letters.next() {
            match letter {
                '"' if quote.is_some() => quote = None,
                '"' => quote = Some(start + offset),
                '\\' if quote.is_some() => _ = letters.next(),
                _ if quote.is_none() && stops.contains(&letter) => {
                    end = start + offset;
                    break;
                }
                _ => {}
            }
        }
        if let Some(at) = quote {
            return Err(self.error_at(at, "this quote is never closed".to_owned(), form));
        }
        if start == end {
            return Err(self.error_at(start, format!("{what} is missing"), form));
        }
        self.at = end;
        Ok(&self.text[start..end])
    }

    pub fn error_at(&self, at: usize, problem: String, form: &'static str) -> ChangeParseError {
        ChangeParseError { text: self.text.to_owned(), at, problem, form }
    }
}

/// What a word says: the inside of the quotes if it is one quoted string as a whole, else the word itself.
pub(super) fn unquoted(word: &str) -> Cow<'_, str> {
    let Some(inside) = word.strip_prefix('"') else { return Cow::Borrowed(word) };
    let mut said = String::with_capacity(inside.len());
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if letters.as_str().is_empty() => return Cow::Owned(said),
            '"' => break,
            '\\' => match letters.next() {
                Some('n') => said.push('\n'),
                Some('r') => said.push('\r'),
                Some('t') => said.push('\t'),
                Some(other) => said.push(other),
                None => break,
            },
            _ => said.push(letter),
        }
    }
    Cow::Borrowed(word)
}

/// Quotes `name` so that [`unquoted`] gives it back.
pub(super) fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    text.push('"');
    for letter in name.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // Nix would take `${` for an interpolation.
            '$' => text.push_str("\\$"),
            _ => text.push(letter),
        }
    }
    text.push('"');
    text
}

/// `name` as a word of the notation: itself where it can be, else quoted.
pub(super) fn spelled(name: &str) -> Cow<'_, str> {
    if is_word(name) && unquoted(name) == name { Cow::Borrowed(name) } else { Cow::Owned(quoted(name)) }
}

/// The same for an attribute, which may hold quotes of its own (`aspellDicts."or"`, `"7off"`).
pub(super) fn spelled_attribute(attribute: &str) -> Cow<'_, str> {
    if is_word(attribute) { Cow::Borrowed(attribute) } else { Cow::Owned(quoted(attribute)) }
}

fn is_word(name: &str) -> bool {
    let mut scanner = Scanner::new(name);
    let is_whole = scanner.word(&[',', '@', '^', ':'], "", "").is_ok_and(|word| word.len() == name.len());
    is_whole && !name.starts_with('-') && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_word_that_is_one_quoted_string_is_unquoted() {
        assert_eq!(unquoted("\"a.b\""), "a.b");
        assert_eq!(unquoted("a.\"b\""), "a.\"b\"");
        assert_eq!(unquoted("\"a\".\"b\""), "\"a\".\"b\"");
        assert_eq!(unquoted(r#""a\"\\\n""#), "a\"\\\n");
        assert_eq!(unquoted("\"open"), "\"open");
    }

    proptest! {
        #[test]
        fn every_name_survives_quoting(name in any::<String>()) {
            let text = quoted(&name);
            let said = unquoted(&text);
            prop_assert_eq!(said.as_ref(), name.as_str());
            let mut scanner = Scanner::new(&text);
            prop_assert_eq!(scanner.word(&[',', '@', '^', ':'], "", "").unwrap(), text.as_str());
        }

        #[test]
        fn every_text_is_read_without_panic(text in any::<String>()) {
            let mut scanner = Scanner::new(&text);
            while scanner.word(&['@', '^'], "", "").is_ok() && scanner.next().is_some() {}
        }
    }
}
