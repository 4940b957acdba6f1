//! All terms beside each other in a description: `video player` is what a video player is described as, and not what has
//! a player here and a video there.

use super::{Match, cost};
use crate::catalogue::Part;
use crate::catalogue::fold::fold_all;
use crate::catalogue::index::{Name, NameKind};
use crate::catalogue::query::Term;

/// Among more matches the terms are not yet typed to their end.
const MAX_MATCHES: usize = 3000;

pub(super) fn favour(parts: &[Part], terms: &[&Term], matches: &mut [Match]) {
    if terms.len() < 2 || matches.len() > MAX_MATCHES {
        return;
    }
    for found in matches {
        let index = parts[found.part as usize].index();
        let [description, long] = index.descriptions(found.row as usize);
        let leaf = index.names().of(found.row as usize, NameKind::Leaf).text();
        let set = index.sets().rows()[found.row as usize] as usize;
        if is_name(terms, leaf) {
            found.cap(if index.is_top_level(found.row as usize) { cost::WHOLE_NAME } else { cost::WHOLE_NAME_IN_SET });
        } else if is_in_set(terms, index.set_names().of(set, NameKind::Leaf), leaf) {
            found.cap(cost::SET_AND_NAME);
        } else if stands_in(terms, description) {
            found.cap(cost::PHRASE);
        } else if stands_in(terms, long) {
            found.cap(cost::LONG_PHRASE);
        }
    }
}

/// Whether the terms in their order are the name, with separators or nothing between them.
fn is_name(terms: &[&Term], name: &str) -> bool {
    let mut rest = name;
    for term in terms {
        let Some(after) = rest.trim_start_matches(['-', '_', '.']).strip_prefix(term.folded.as_str()) else {
            return false;
        };
        rest = after;
    }
    rest.is_empty()
}

/// Whether one of the terms is the last component, and with all others words of the set begin.
fn is_in_set(terms: &[&Term], set: Name<'_>, leaf: &str) -> bool {
    terms.iter().any(|term| term.folded == leaf)
        && terms
            .iter()
            .filter(|term| term.folded != leaf)
            .all(|term| set.text().match_indices(&term.folded).any(|(at, _)| set.starts_word(at)))
}

fn stands_in(terms: &[&Term], text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let text = fold_all(text);
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(terms.len()).any(|words| words.iter().zip(terms).all(|(word, term)| is_meant(word, term)))
}

/// Whether the word is the term, or one that means the same; with an ending at most.
fn is_meant(word: &str, term: &Term) -> bool {
    word.starts_with(&term.folded) || term.synonyms.iter().any(|synonym| word == synonym.folded)
}
