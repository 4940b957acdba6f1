//! Which generations are to be deleted: what is typed, and what that would do.

use super::input::Input;
use crate::loom::DeletionPreview;
use crate::profile::{Deletion, ProfileError};

/// Rules that are offered after what the dialog began with.
const RULES: [&str; 3] = ["old", "30d", "+5"];

/// A choice of generations, as far as it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub input: Input,
    /// What was typed when the dialog was opened.
    start: String,
    /// What it would do; `None` until it is known.
    pub preview: Option<Result<Box<DeletionPreview>, String>>,
    /// How many of the generations that would go are scrolled out of sight.
    pub offset: usize,
}

impl Choice {
    /// Begins with a generation, or with nothing.
    pub fn new(number: Option<u64>) -> Self {
        let start = number.map(|number| number.to_string()).unwrap_or_default();
        Self { input: Input::new(start.clone()), start, preview: None, offset: 0 }
    }

    /// What is typed, word by word: numbers and rules.
    pub fn deletions(&self) -> Result<Vec<Deletion>, ProfileError> {
        self.input.text().split_whitespace().map(str::parse).collect()
    }

    /// Puts the next rule in the place of what is typed: what the dialog began with, then each that is usual.
    pub fn next_rule(&mut self) {
        let all: Vec<&str> = [self.start.as_str()].into_iter().chain(RULES).filter(|rule| !rule.is_empty()).collect();
        let at = all.iter().position(|rule| *rule == self.input.text().trim());
        let next = all[at.map_or(0, |at| (at + 1) % all.len())];
        self.input = Input::new(next);
    }

    /// The numbers of what would go, once that is known.
    pub fn numbers(&self) -> Vec<u64> {
        let known = self.preview.iter().flatten();
        known.flat_map(|preview| &preview.generations).map(|generation| generation.number).collect()
    }

    /// Scrolls what would go.
    pub fn scroll(&mut self, by: isize) {
        let last = self.numbers().len().saturating_sub(1);
        self.offset = self.offset.saturating_add_signed(by).min(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_follow_what_the_dialog_began_with() {
        let mut choice = Choice::new(Some(3));
        let mut typed = Vec::new();
        for _ in 0..5 {
            typed.push(choice.input.text().to_owned());
            choice.next_rule();
        }
        assert_eq!(typed, ["3", "old", "30d", "+5", "3"]);
        let mut choice = Choice::new(None);
        assert_eq!(choice.deletions().unwrap(), []);
        choice.next_rule();
        assert_eq!(choice.deletions().unwrap(), [Deletion::Old]);
    }

    #[test]
    fn several_numbers_and_rules_may_be_typed() {
        let mut choice = Choice::new(None);
        choice.input = Input::new(" 3 +5 ");
        assert_eq!(choice.deletions().unwrap(), [Deletion::Number(3), Deletion::KeepLast(5)]);
        choice.input = Input::new("3x");
        assert!(choice.deletions().is_err());
    }
}
