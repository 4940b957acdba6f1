//! What the user typed, as terms.
//!
//! Terms are separated by white space and all of them are required. A term with a capital is matched with regard to
//! case, any other without (smart case). Accents never count.

use std::collections::HashSet;

use super::fold::{capital, fold, letter_bit};

/// Letters after this many are ignored: nobody types more, and a pasted file must not stop the search.
const MAX_LETTERS: usize = 1024;

/// A parsed query. The default is the empty one, which matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

/// One word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// The letters to compare.
    pub folded: String,
    /// As typed but for the accents: `folded` with its capitals.
    pub spelled: String,
    /// For each byte of `folded` whether its letter was a capital; `None` if case does not matter.
    pub capitals: Option<Vec<bool>>,
    /// The letters of `folded` as a mask.
    pub mask: u64,
    /// The mask of the first letter alone.
    pub first_letter: u64,
    /// Number of letters.
    pub letters: usize,
}

impl Query {
    /// Never fails: control characters are dropped, and what is left without a letter is no term.
    pub fn parse(text: &str) -> Self {
        let letters: String = text.chars().take(MAX_LETTERS).filter(|c| c.is_whitespace() || !c.is_control()).collect();
        let mut seen = HashSet::new();
        let mut terms: Vec<Term> = letters.split_whitespace().filter_map(Term::parse).collect();
        terms.retain(|term| seen.insert(term.spelled.clone()));
        // The longest is the rarest: most packages are then rejected at their first term.
        terms.sort_by_key(|term| std::cmp::Reverse(term.letters));
        Self { terms }
    }

    /// Whether it asks for nothing, and so matches everything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The terms, longest first.
    pub(super) fn terms(&self) -> &[Term] {
        &self.terms
    }
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (mut folded, mut spelled, mut capitals) = (String::new(), String::new(), Vec::new());
        for letter in word.chars() {
            let Some(plain) = fold(letter) else { continue };
            folded.push(plain);
            spelled.push(if letter.is_uppercase() { capital(plain) } else { plain });
            capitals.resize(folded.len(), letter.is_uppercase());
        }
        let first_letter = letter_bit(folded.chars().next()?);
        let letters = folded.chars().count();
        let mask = folded.chars().fold(0, |mask, letter| mask | letter_bit(letter));
        let capitals = capitals.contains(&true).then_some(capitals);
        Some(Self { folded, spelled, capitals, mask, first_letter, letters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Vec<String> {
        Query::parse(text).terms.into_iter().map(|term| term.spelled).collect()
    }

    #[test]
    fn terms_are_split_at_any_white_space_and_kept_once() {
        assert_eq!(spelled("  node\t20\u{3000}node\n"), ["node", "20"]);
        assert!(Query::parse(" \t\r\n\u{a0}").is_empty());
    }

    #[test]
    fn only_a_capital_makes_a_term_heed_case() {
        let query = Query::parse("apacheHttpd café");
        assert_eq!(query.terms[0].capitals.as_ref().map(|c| c.iter().filter(|&&c| c).count()), Some(1));
        assert_eq!((query.terms[1].folded.as_str(), &query.terms[1].capitals), ("cafe", &None));
    }

    #[test]
    fn control_characters_and_bare_accents_are_no_terms() {
        assert_eq!(spelled("\u{1b}[31m\0 \u{301} \u{7f} \""), ["[31m"]);
    }

    #[test]
    fn a_pasted_file_is_cut() {
        let query = Query::parse(&"x".repeat(10_000_000));
        assert_eq!(query.terms[0].letters, MAX_LETTERS);
    }
}
