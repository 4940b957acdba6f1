//! Which letters of an attribute a query matched.

use super::scattered::Scattered;
use super::slips;
use crate::catalogue::fold::{fold, spell_all};
use crate::catalogue::index::{Index, Name, NameKind, leaf_start};
use crate::catalogue::query::{Manner, Query, Term};

/// Byte positions of the matched letters in the attribute, ascending, each where a character begins.
pub(in crate::catalogue) fn matched(index: &Index, row: usize, query: &Query) -> Vec<usize> {
    let scattered = Scattered::new();
    let attribute = index.attribute(row);
    let mut matched: Vec<usize> = query
        .terms()
        .iter()
        .filter(|term| term.manner != Manner::Nowhere)
        .flat_map(|term| of_term(index, row, attribute, term, &scattered))
        .collect();
    matched.sort_unstable();
    matched.dedup();
    matched
}

fn of_term(index: &Index, row: usize, attribute: &str, term: &Term, scattered: &Scattered) -> Vec<usize> {
    let name = index.names().of(row, NameKind::Leaf);
    let start = leaf_start(attribute);
    let origins = origins(&attribute[start..]);
    let in_leaf = |bytes: &mut dyn Iterator<Item = usize>| {
        bytes.filter_map(|byte| origins.get(byte).map(|origin| start + origin)).collect::<Vec<_>>()
    };
    if let Some(at) = best_place(index, name, term) {
        return in_leaf(&mut (at..at + term.folded.len()));
    }
    // In the set, or across the dot behind it.
    let folded: String = attribute.chars().filter_map(fold).collect();
    if let Some(at) = folded.find(&term.folded)
        && (!term.heeds_case || spell_all(attribute).contains(&term.spelled))
    {
        let origins = self::origins(attribute);
        return (at..at + term.folded.len()).filter_map(|byte| origins.get(byte).copied()).collect();
    }
    if index.is_said_of(row, &term.folded) {
        return Vec::new();
    }
    let letters = if term.manner == Manner::Anywhere { scattered.letters(index, name, term) } else { Vec::new() };
    if !letters.is_empty() {
        return in_leaf(&mut letters.into_iter());
    }
    // With a slip it is the word that was meant.
    let text = name.text();
    let word = name.words().chain([text]).find(|word| slips::slip(&term.folded, word).is_some());
    let place = word.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word.len()));
    place.map_or_else(Vec::new, |(at, length)| in_leaf(&mut (at..at + length)))
}

/// The byte of the folded name at which the term stands best.
fn best_place(index: &Index, name: Name<'_>, term: &Term) -> Option<usize> {
    let text = name.text();
    let spelled = term.heeds_case.then(|| spell_all(index.original(name)));
    let places = text.match_indices(&term.folded).map(|(at, _)| at).filter(|&at| {
        spelled.as_ref().is_none_or(|spelled| {
            let before = text[..at].chars().count();
            spelled.chars().skip(before).take(term.letters).eq(term.spelled.chars())
        })
    });
    places.min_by_key(|&at| (at > 0, !name.starts_word(at), !name.ends_word(at + term.folded.len())))
}

/// For each byte of a folded text the byte at which its letter begins in the original.
fn origins(text: &str) -> Vec<usize> {
    let mut origins = Vec::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if let Some(plain) = fold(letter) {
            origins.resize(origins.len() + plain.len_utf8(), at);
        }
    }
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_byte_leads_back_to_its_letter() {
        // The quote and the mark vanish; `ß` keeps its two bytes.
        assert_eq!(origins("a\"e\u{301}ßc"), [0, 2, 5, 5, 7]);
    }
}
