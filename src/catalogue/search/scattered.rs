//! Letters of a term scattered over a name: `nvm` in neovim.
//!
//! The best way to spread a term over a name is `fuzzy-matcher`'s to find and score. It knows neither terms nor letters
//! beyond ASCII, so it only ever sees one folded term and one folded name.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::cost;
use crate::catalogue::fold::spell_all;
use crate::catalogue::index::{Index, Name};
use crate::catalogue::query::Term;

/// Shorter terms are not scattered: they would be everywhere.
const MIN_LETTERS: usize = 3;
/// Longer terms and names (bytes) are not scattered: no name is that long, and the work is their product.
const MAX_TERM: usize = 32;
const MAX_NAME: usize = 128;
/// What a letter must score on average. `fuzzy-matcher` gives a bare letter 16, so the gaps must be more than made up for
/// by adjacent letters and word starts: `nvm` finds neovim, but three letters far apart find nothing.
const MIN_SCORE_A_LETTER: i64 = 18;

pub(super) struct Scattered {
    matcher: SkimMatcherV2,
}

impl Scattered {
    pub fn new() -> Self {
        // Smart case is the query's business: a term comes here in the case in which it is to match.
        Self { matcher: SkimMatcherV2::default().respect_case() }
    }

    /// Lowers the costs of rows in whose names the term's letters are scattered.
    pub fn find(&self, index: &Index, term: &Term, costs: &mut [u8]) {
        if !(MIN_LETTERS..=MAX_TERM).contains(&term.letters) {
            return;
        }
        let names = index.names();
        let may = |(letters, first): (&u64, &u64)| term.mask & !letters == 0 && first & term.first_letter != 0;
        let rows = names.letters().iter().zip(names.first_letters()).enumerate().filter(|(_, masks)| may(*masks));
        for (row, _) in rows {
            if costs[row] <= cost::SCATTERED {
                continue;
            }
            let scores = names.all_of(row).into_iter().filter_map(|name| self.best(index, name, term));
            if let Some((score, _)) = scores.max() {
                costs[row] = costs[row].min(cost_of(score, term));
            }
        }
    }

    /// The best score in a name, and the byte from which on the letters are; they begin where a word begins.
    fn best(&self, index: &Index, name: Name<'_>, term: &Term) -> Option<(i64, usize)> {
        if !(MIN_LETTERS..=MAX_TERM).contains(&term.letters) {
            return None;
        }
        let starts = starts(name, term);
        starts
            .filter_map(|from| Some((self.score(index, name, from, term)?, from)))
            .max_by_key(|&(score, from)| (score, std::cmp::Reverse(from)))
    }

    fn score(&self, index: &Index, name: Name<'_>, from: usize, term: &Term) -> Option<i64> {
        let score = if term.heeds_case {
            self.matcher.fuzzy_match(&spelled_from(index, name, from), &term.spelled)
        } else {
            self.matcher.fuzzy_match(&name.text()[from..], &term.folded)
        };
        score.filter(|&score| score >= least(term))
    }

    /// The bytes of the folded name at which the letters are.
    pub fn letters(&self, index: &Index, name: Name<'_>, term: &Term) -> Vec<usize> {
        let Some((_, from)) = self.best(index, name, term) else { return Vec::new() };
        let text = if term.heeds_case { spelled_from(index, name, from) } else { name.text()[from..].to_owned() };
        let letters = self.matcher.fuzzy_indices(&text, &term.spelled).map(|(_, letters)| letters).unwrap_or_default();
        // fuzzy-matcher counts letters; the folded text has as many as the spelled one.
        let bytes: Vec<usize> = name.text()[from..].char_indices().map(|(byte, _)| from + byte).collect();
        letters.into_iter().filter_map(|letter| bytes.get(letter).copied()).collect()
    }
}

fn least(term: &Term) -> i64 {
    MIN_SCORE_A_LETTER * i64::try_from(term.letters).unwrap_or(i64::MAX)
}

/// The better the score, the less.
fn cost_of(score: i64, term: &Term) -> u8 {
    let range = i64::from(cost::SCATTERED_MOST - cost::SCATTERED);
    let surplus = (score - least(term)) / i64::try_from(term.letters).unwrap_or(i64::MAX);
    cost::SCATTERED_MOST - u8::try_from(surplus.clamp(0, range)).unwrap_or(0)
}

fn spelled_from(index: &Index, name: Name<'_>, from: usize) -> String {
    let before = name.text()[..from].chars().count();
    spell_all(index.original(name)).chars().skip(before).collect()
}

/// Where in the name the letters could begin: at words, with all the other letters after them.
fn starts<'a>(name: Name<'a>, term: &'a Term) -> impl Iterator<Item = usize> + 'a {
    let text = if name.len() <= MAX_NAME { name.text().as_bytes() } else { &[] };
    let wanted = term.folded.as_bytes();
    (0..text.len())
        .filter(move |&at| text[at] == wanted[0] && name.starts_word(at))
        .take_while(move |&at| is_subsequence(wanted, &text[at..]))
}

fn is_subsequence(wanted: &[u8], text: &[u8]) -> bool {
    let mut text = text.iter();
    wanted.iter().all(|byte| text.any(|other| other == byte))
}
