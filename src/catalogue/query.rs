//! What the user typed: terms, and filters.
//!
//! | typed | asks for |
//! |---|---|
//! | `node 20` | both words, in a name or the description |
//! | `'node` | exactly these letters: neither scattered nor with a slip |
//! | `^node` | a name that begins so |
//! | `!node` | what does not have it |
//! | `source:`, `output:`, `license:`, `program:` and a text | what is from there, has that output, and so on |
//! | `installed:`, `broken:`, `unfree:`, `insecure:` | what is so; with `no`, or `!` before it, what is not |
//!
//! Terms are separated by white space and all of them are required. A term with a capital is matched with regard to
//! case, any other without (smart case). Accents never count.

use std::collections::HashSet;
use std::sync::Arc;

use super::fold::{fold, fold_all, letter_bit, spell};
use super::synonyms;

/// Letters after this many are ignored: nobody types more, and a pasted file must not stop the search.
const MAX_LETTERS: usize = 1024;
/// Nor does anybody type more terms.
const MAX_TERMS: usize = 16;

/// What a word of a query may be beside plain letters, and what it asks for; for help texts.
pub const HELP: &[(&str, &str)] = &[
    ("'exact", "exactly these letters: neither scattered nor with a slip"),
    ("^start", "a name that begins so"),
    ("!not", "what does not have it"),
    ("source:NAME", "what is from that source"),
    ("output:NAME", "what has that output, such as dev"),
    ("license:NAME", "what has that licence, such as mit"),
    ("program:NAME", "whose main program is called so"),
    ("installed:", "what is installed; installed:no is what is not"),
    ("broken:", "what is marked as broken; broken:no is what is not"),
    ("unfree:", "what is not free; unfree:no is what is"),
    ("insecure:", "what has known holes; insecure:no is what has not"),
];

/// A parsed query. The default is the empty one, which matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
    filters: Vec<Filter>,
    /// Attribute and source of what is installed, for `installed:`.
    pub(super) installed: Arc<[(String, String)]>,
}

/// How a term is to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Manner {
    Anywhere,
    /// Letter by letter.
    Exactly,
    /// At the beginning of a name.
    AtStart,
    Nowhere,
}

/// One word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub manner: Manner,
    /// The letters to compare.
    pub folded: String,
    /// As typed but for the accents: `folded` with its capitals.
    pub spelled: String,
    /// Whether case matters.
    pub heeds_case: bool,
    /// The letters of `folded` as a mask.
    pub mask: u64,
    /// The mask of the first letter alone.
    pub first_letter: u64,
    /// Number of letters.
    pub letters: usize,
    /// Words that mean the same.
    pub synonyms: Vec<Term>,
}

/// What a filter looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Source(String),
    Output(String),
    License(String),
    Program(String),
    Installed,
    Broken,
    Unfree,
    Insecure,
}

/// A condition on what is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub field: Field,
    pub is_wanted: bool,
}

impl Query {
    /// Never fails: control characters are dropped, and what is left without a letter is no term. A filter without its
    /// text asks for nothing yet.
    pub fn parse(text: &str) -> Self {
        let letters: String = text.chars().take(MAX_LETTERS).filter(|c| c.is_whitespace() || !c.is_control()).collect();
        let mut query = Self::default();
        let mut seen = HashSet::new();
        for word in letters.split_whitespace() {
            if let Some(filter) = read_filter(word) {
                query.filters.extend(filter);
            } else if let Some(term) = Term::parse(word)
                && query.terms.len() < MAX_TERMS
                && seen.insert((term.manner, term.spelled.clone()))
            {
                query.terms.push(term.with_synonyms());
            }
        }
        query
    }

    /// The same, with what is installed: pairs of attribute and source.
    #[must_use]
    pub fn with_installed(self, installed: Arc<[(String, String)]>) -> Self {
        Self { installed, ..self }
    }

    /// Whether it asks for nothing, and so matches everything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.filters.is_empty()
    }

    /// The words of a text that are filters, as they were typed; those that ask for nothing yet are left out.
    pub fn filters_in(text: &str) -> impl Iterator<Item = &str> {
        text.split_whitespace().filter(|word| read_filter(word).flatten().is_some())
    }

    /// Whether what answers it depends on what is installed.
    pub fn asks_for_installed(&self) -> bool {
        self.filters.iter().any(|filter| filter.field == Field::Installed)
    }

    pub(super) fn terms(&self) -> &[Term] {
        &self.terms
    }

    pub(super) fn filters(&self) -> &[Filter] {
        &self.filters
    }
}

/// The filter that a word is; without its text it is none.
#[expect(clippy::option_option, reason = "no filter, one that is not complete yet, a filter")]
fn read_filter(word: &str) -> Option<Option<Filter>> {
    let (is_not, rest) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
    let (name, text) = rest.split_once(':')?;
    let text = fold_all(text);
    let field = match name.to_ascii_lowercase().as_str() {
        "source" => Field::Source(text),
        "output" => Field::Output(text),
        "license" | "licence" => Field::License(text),
        "program" => Field::Program(text),
        flag => {
            let field = match flag {
                "installed" => Field::Installed,
                "broken" => Field::Broken,
                "unfree" => Field::Unfree,
                "insecure" => Field::Insecure,
                _ => return None,
            };
            let is_no = ["no", "false"].contains(&text.as_str());
            return Some(Some(Filter { field, is_wanted: is_not == is_no }));
        }
    };
    let is_complete = match &field {
        Field::Source(text) | Field::Output(text) | Field::License(text) | Field::Program(text) => !text.is_empty(),
        _ => true,
    };
    Some(is_complete.then_some(Filter { field, is_wanted: !is_not }))
}

impl Term {
    /// Whether it is a single letter or digit of ASCII, such as is in almost every name.
    pub fn is_letter(&self) -> bool {
        self.letters == 1 && self.folded.starts_with(|letter: char| letter.is_ascii_alphanumeric())
    }

    fn parse(word: &str) -> Option<Self> {
        let mut letters = word.chars();
        let manner = match letters.next()? {
            '\'' => Manner::Exactly,
            '^' => Manner::AtStart,
            '!' => Manner::Nowhere,
            _ => Manner::Anywhere,
        };
        let word = if manner == Manner::Anywhere { word } else { letters.as_str() };
        let (mut folded, mut spelled, mut heeds_case) = (String::new(), String::new(), false);
        for letter in word.chars() {
            let Some(plain) = fold(letter) else { continue };
            folded.push(plain);
            spelled.push(spell(letter, plain));
            heeds_case |= letter.is_uppercase();
        }
        let first_letter = letter_bit(folded.chars().next()?);
        let letters = folded.chars().count();
        let mask = folded.chars().fold(0, |mask, letter| mask | letter_bit(letter));
        let plain = Self { manner, folded, spelled, heeds_case, mask, first_letter, letters, synonyms: Vec::new() };
        Some(plain)
    }

    fn with_synonyms(self) -> Self {
        if self.manner != Manner::Anywhere {
            return self;
        }
        let synonyms = synonyms::of(&self.folded).iter().filter_map(|word| Self::parse(word)).collect();
        Self { synonyms, ..self }
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
        assert!(query.terms[0].heeds_case && !query.terms[1].heeds_case);
        assert_eq!((&*query.terms[0].folded, &*query.terms[1].folded), ("apachehttpd", "cafe"));
    }

    #[test]
    fn control_characters_bare_accents_and_bare_signs_are_no_terms() {
        assert_eq!(spelled("\u{1b}[31m\0 \u{301} \u{7f} \" ! ' ^"), ["[31m"]);
    }

    #[test]
    fn the_sign_before_a_term_tells_its_manner() {
        let manners: Vec<_> = Query::parse("a 'b ^c !d").terms.iter().map(|term| term.manner).collect();
        assert_eq!(manners, [Manner::Anywhere, Manner::Exactly, Manner::AtStart, Manner::Nowhere]);
    }

    #[test]
    fn a_filter_is_no_term_and_asks_for_nothing_until_it_is_typed() {
        let filters = |text| Query::parse(text).filters;
        let filter = |field, is_wanted| Filter { field, is_wanted };
        assert_eq!(
            filters("output:dev !license:MIT"),
            [filter(Field::Output("dev".into()), true), filter(Field::License("mit".into()), false)]
        );
        assert_eq!(
            filters("installed: broken:no !unfree: !insecure:no"),
            [
                filter(Field::Installed, true),
                filter(Field::Broken, false),
                filter(Field::Unfree, false),
                filter(Field::Insecure, true),
            ]
        );
        assert!(Query::parse("source:").is_empty());
        assert_eq!(spelled("foo:bar"), ["foo:bar"]);
    }

    #[test]
    fn the_help_tells_what_is_read() {
        for (word, _) in HELP {
            let query = Query::parse(word);
            let is_filter = word.contains(':');
            assert_eq!((query.filters.len(), query.terms.len()), (is_filter.into(), (!is_filter).into()), "{word}");
            assert!(is_filter || query.terms[0].manner != Manner::Anywhere, "{word}");
            assert_eq!(Query::filters_in(word).count(), query.filters.len());
        }
        let fields = ["source:", "output:", "license:", "program:", "installed:", "broken:", "unfree:", "insecure:"];
        assert!(fields.iter().all(|field| HELP.iter().any(|(word, _)| word.starts_with(field))));
        assert!(Query::parse("!installed:").asks_for_installed() && !Query::parse("broken:").asks_for_installed());
    }

    #[test]
    fn a_pasted_file_is_cut() {
        let query = Query::parse(&"x".repeat(10_000_000));
        assert_eq!(query.terms[0].letters, MAX_LETTERS);
        assert_eq!(Query::parse(&("a b c d e f g h i j ".repeat(9) + "k l m n o p q r s t u")).terms.len(), MAX_TERMS);
    }
}
