//! Typing slips: a letter missing, one too many, a wrong one, or two swapped.

use super::cost;
use super::literal::lower;
use crate::catalogue::index::{Index, Words};
use crate::catalogue::query::Term;

/// In shorter terms a slip makes any word of any other.
const MIN_LETTERS: usize = 3;
/// From here on a word may only begin as the term does.
const MIN_LETTERS_OF_PREFIX: usize = 4;

/// Lowers the costs of rows with a word that is the term but for one slip.
pub(super) fn find(index: &Index, term: &Term, costs: &mut [u8]) {
    in_words(index.name_words(), term, [cost::NAME_SLIP, cost::NAME_SLIP_PREFIX], costs);
    in_words(index.description_words(), term, [cost::DESCRIPTION_SLIP, cost::NONE], costs);
}

fn in_words(words: &Words, term: &Term, [whole, start]: [u8; 2], costs: &mut [u8]) {
    for at in 0..words.len() {
        let cost = match slip(&term.folded, words.word(at)) {
            Some(Slip::Whole) => whole,
            Some(Slip::Start) if term.letters >= MIN_LETTERS_OF_PREFIX => start,
            _ => continue,
        };
        words.rows(at).iter().for_each(|&row| lower(&mut costs[row as usize], cost));
    }
}

/// What is left of a word after a term with one slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    /// Nothing: it is the word.
    Whole,
    /// The word goes on.
    Start,
}

/// Whether `word`, or its beginning, is `typed` but for one slip. In terms of three letters only two swapped ones are one.
pub(super) fn slip(typed: &str, word: &str) -> Option<Slip> {
    let (typed, word) = (typed.as_bytes(), word.as_bytes());
    if typed.len() < MIN_LETTERS {
        return None;
    }
    let same = typed.iter().zip(word).take_while(|(one, other)| one == other).count();
    let (typed, rest, word) = (&typed[same..], typed.len(), &word[same..]);
    if typed.is_empty() || word.is_empty() {
        // One letter too many at the end; what is letter by letter the same has no slip.
        return (typed.len() == 1 && rest > MIN_LETTERS).then_some(Slip::Whole);
    }
    let goes_on = |typed: &[u8], word: &[u8]| {
        word.strip_prefix(typed).map(|left| if left.is_empty() { Slip::Whole } else { Slip::Start })
    };
    let is_swapped = typed.len() > 1 && word.len() > 1 && typed[0] == word[1] && typed[1] == word[0];
    let swapped = if is_swapped { goes_on(&typed[2..], &word[2..]) } else { None };
    if rest == MIN_LETTERS {
        return swapped;
    }
    let found = [swapped, goes_on(typed, &word[1..]), goes_on(&typed[1..], word), goes_on(&typed[1..], &word[1..])];
    found.into_iter().flatten().min_by_key(|&slip| slip as u8)
}

#[cfg(test)]
mod tests {
    use super::Slip::{Start, Whole};
    use super::slip;

    #[test]
    fn one_slip_is_forgiven() {
        for (typed, word, expected) in [
            ("ngnix", "nginx", Some(Whole)),
            ("terrafrom", "terraform", Some(Whole)),
            ("terrafr", "terraform", Some(Start)),
            ("firfox", "firefox", Some(Whole)),
            ("ffirefox", "firefox", Some(Whole)),
            ("firefoxx", "firefox", Some(Whole)),
            ("firevox", "firefox", Some(Whole)),
            ("virefox", "firefox", Some(Whole)),
            ("firefo", "firefox", None),
            ("firefox", "firefox", None),
            ("frieofx", "firefox", None),
            ("gti", "git", Some(Whole)),
            ("gut", "git", None),
            ("rg", "ripgrep", None),
        ] {
            assert_eq!(slip(typed, word), expected, "{typed} {word}");
        }
    }
}
