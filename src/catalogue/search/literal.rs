//! A term letter by letter: in names, sets and whole attributes, in the words of descriptions, in versions and outputs.

use memchr::memmem::Finder;

use super::cost;
use crate::catalogue::fold::{fold_all, spell_all};
use crate::catalogue::index::{Index, Name, NameKind, Words};
use crate::catalogue::query::{Manner, Term};

/// Shorter terms are not looked for inside the words of descriptions: they would be everywhere.
const MIN_LETTERS_INSIDE_WORDS: usize = 3;

/// What a place in a word of a text costs.
struct WordCosts {
    whole: u8,
    start: u8,
    inside: u8,
}

const DESCRIPTION: WordCosts =
    WordCosts { whole: cost::DESCRIPTION_WORD, start: cost::DESCRIPTION_WORD_START, inside: cost::DESCRIPTION_INSIDE };
const LONG: WordCosts = WordCosts { whole: cost::LONG_WORD, start: cost::LONG_WORD_START, inside: cost::NONE };

/// Lowers the cost of each row to that of the best place at which the term stands in what the package is called.
pub(super) fn in_names(index: &Index, term: &Term, costs: &mut [u8]) {
    if term.is_letter() {
        one_letter(index, term, costs);
    } else {
        let finder = Finder::new(&term.folded);
        for (name, at) in index.names().places(&finder) {
            lower(&mut costs[name.row], of_name(index, name, at, term));
        }
    }
    in_sets(index, term, costs);
    in_attributes(index, term, costs);
}

/// The same for what is said of it in a line.
pub(super) fn in_descriptions(index: &Index, term: &Term, costs: &mut [u8]) {
    in_words(index, index.description_words(), term, &DESCRIPTION, costs);
}

/// The same for what is said of it at length.
pub(super) fn in_long_descriptions(index: &Index, term: &Term, costs: &mut [u8]) {
    in_words(index, index.long_words(), term, &LONG, costs);
}

/// The same for versions and outputs, which only say which of some packages is meant. `is_alone`: whether the term is the
/// only one.
pub(super) fn in_details(index: &Index, term: &Term, is_alone: bool, costs: &mut [u8]) {
    let (version, output) = if is_alone {
        (cost::VERSION, cost::OUTPUT)
    } else {
        (cost::VERSION_BESIDE_OTHERS, cost::OUTPUT_BESIDE_OTHERS)
    };
    if term.folded.starts_with(|letter: char| letter.is_ascii_digit()) {
        for (row, cost) in costs.iter_mut().enumerate() {
            if *cost > version && index.version(row).starts_with(&term.folded) {
                *cost = version;
            }
        }
    }
    // Every package has an `out`: the word says nothing.
    if term.folded == "out" {
        return;
    }
    let has_output = index.with_output(&term.folded);
    if has_output.contains(&true) {
        for (cost, &outputs) in costs.iter_mut().zip(index.outputs().rows()) {
            if has_output[outputs as usize] {
                lower(cost, output);
            }
        }
    }
}

pub(super) fn lower(cost: &mut u8, to: u8) {
    *cost = to.min(*cost);
}

/// A single letter is found where a word begins, and nowhere else: it is in almost every name.
fn one_letter(index: &Index, term: &Term, costs: &mut [u8]) {
    let names = index.names();
    for (row, first_letters) in names.first_letters().iter().enumerate() {
        if first_letters & term.first_letter == 0 {
            continue;
        }
        let all = names.all_of(row);
        let begins = |name: &Name<'_>| name.text().starts_with(&term.folded);
        let at_start = all.iter().filter(|name| begins(name)).map(|name| of_name(index, *name, 0, term)).min();
        // Somewhere a word begins so; where, matters little.
        let inside = if term.manner == Manner::AtStart { cost::NONE } else { cost::NAME_WORD_START };
        let is_spelled = |name: &Name<'_>| spell_all(index.original(*name)).contains(&term.spelled);
        if !term.heeds_case || all.iter().any(is_spelled) {
            lower(&mut costs[row], at_start.unwrap_or(inside).min(inside));
        }
    }
}

/// What the term costs at that byte of that name.
fn of_name(index: &Index, name: Name<'_>, at: usize, term: &Term) -> u8 {
    let end = at + term.folded.len();
    let is_prefix = at == 0;
    if term.manner == Manner::AtStart && !is_prefix || term.heeds_case && !is_spelled_in_name(index, name, at, term) {
        return cost::NONE;
    }
    let is_exact = is_prefix && end == name.len();
    let is_word_start = is_prefix || name.starts_word(at);
    let is_word_end = name.ends_word(end);
    let short = match term.letters {
        _ if is_word_start && is_word_end => 0,
        2 => cost::TWO_LETTERS,
        3 if is_word_start => cost::THREE_LETTERS,
        _ => 0,
    };
    short
        + match name.kind {
            NameKind::Leaf if is_exact && index.is_top_level(name.row) => cost::EXACT_ATTRIBUTE,
            NameKind::Leaf if is_exact && fold_all(index.program(name.row)) == name.text() => {
                cost::EXACT_PROGRAM_IN_SET
            }
            NameKind::Leaf if is_exact => cost::EXACT_IN_SET,
            NameKind::Program if is_exact => cost::EXACT_PROGRAM,
            NameKind::Program if is_prefix => cost::PROGRAM_PREFIX,
            NameKind::Program if is_word_start => cost::PROGRAM_WORD,
            NameKind::Program => cost::PROGRAM_INSIDE,
            NameKind::Name if !is_like_leaf(index, name) => match (is_exact, is_prefix) {
                (true, _) => cost::EXACT_OTHER_NAME,
                (false, true) => cost::OTHER_NAME_PREFIX,
                (false, false) => cost::PROGRAM_INSIDE,
            },
            NameKind::Name if is_exact => cost::EXACT_NAME,
            NameKind::Leaf | NameKind::Name => match (is_word_start, is_word_end) {
                (true, true) if is_prefix => cost::PREFIX_WORD,
                (true, false) if is_prefix => cost::PREFIX,
                (true, true) if end == name.len() => cost::NAME_WORD_AT_END,
                (true, true) => cost::NAME_WORD,
                (true, false) => cost::NAME_WORD_START,
                (false, true) if term.letters > 2 => cost::NAME_WORD_END,
                (false, _) => cost::NAME_INSIDE,
            },
        }
}

/// Whether the last component of the attribute only says more than the package's name: `nodejs_20` of nodejs.
fn is_like_leaf(index: &Index, name: Name<'_>) -> bool {
    index.names().of(name.row, NameKind::Leaf).text().starts_with(name.text())
}

/// In the set of which the package is a part.
fn in_sets(index: &Index, term: &Term, costs: &mut [u8]) {
    let names = index.set_names();
    let of_set = |set| {
        let name = names.of(set, NameKind::Leaf);
        let text = name.text();
        let place = |(at, _): (usize, &str)| {
            let end = at + term.folded.len();
            match (name.starts_word(at), name.ends_word(end)) {
                _ if term.manner == Manner::AtStart && at > 0 => cost::NONE,
                (true, true) => cost::SET_WORD,
                (true, false) => cost::SET_WORD_START,
                _ if term.is_letter() => cost::NONE,
                _ => cost::SET_INSIDE,
            }
        };
        text.match_indices(&term.folded).map(place).min().unwrap_or(cost::NONE)
    };
    let of_sets: Vec<u8> = (0..names.len()).map(of_set).collect();
    if of_sets.iter().all(|&cost| cost == cost::NONE) {
        return;
    }
    for (row, (cost, &set)) in costs.iter_mut().zip(index.sets().rows()).enumerate() {
        let found = of_sets[set as usize];
        if found < *cost && (!term.heeds_case || spell_all(index.attribute(row)).contains(&term.spelled)) {
            *cost = found;
        }
    }
}

/// In the attribute as a whole, for a term with a dot: `python3Packages.req`.
fn in_attributes(index: &Index, term: &Term, costs: &mut [u8]) {
    for (dot, _) in term.folded.match_indices('.') {
        let (set, leaf) = (&term.folded[..dot], &term.folded[dot + 1..]);
        let sets = index.set_names();
        let is_end = |at: usize, text: &str| at == 0 || text.as_bytes()[at - 1] == b'.';
        let fits = |row| {
            let text = sets.of(row, NameKind::Leaf).text();
            // An empty set is the top level, which nothing stands before.
            !text.is_empty()
                && text
                    .strip_suffix(set)
                    .is_some_and(|before| term.manner != Manner::AtStart || is_end(before.len(), text))
        };
        let fitting: Vec<bool> = (0..sets.len()).map(fits).collect();
        if !fitting.contains(&true) {
            continue;
        }
        for (row, &of) in index.sets().rows().iter().enumerate() {
            if !fitting[of as usize] {
                continue;
            }
            let name = index.names().of(row, NameKind::Leaf).text();
            if !name.starts_with(leaf) || term.heeds_case && !spell_all(index.attribute(row)).contains(&term.spelled) {
                continue;
            }
            let is_whole = set.len() == sets.of(of as usize, NameKind::Leaf).len();
            lower(
                &mut costs[row],
                match (is_whole, name.len() == leaf.len()) {
                    (true, true) => cost::EXACT_ATTRIBUTE,
                    (false, true) => cost::EXACT_NAME,
                    (_, false) => cost::PREFIX,
                },
            );
        }
    }
}

/// In the words of a text.
fn in_words(index: &Index, words: &Words, term: &Term, of: &WordCosts, costs: &mut [u8]) {
    let mut mark = |word: usize, found: u8| {
        for &row in words.rows(word) {
            let cost = &mut costs[row as usize];
            if found < *cost && (!term.heeds_case || index.spells_in_description(row as usize, &term.spelled)) {
                *cost = found;
            }
        }
    };
    let starting = words.with_prefix(&term.folded);
    if term.letters >= MIN_LETTERS_INSIDE_WORDS && of.inside != cost::NONE {
        words.containing(&Finder::new(&term.folded)).for_each(|word| mark(word, of.inside));
    }
    if !term.is_letter() {
        starting.for_each(|word| mark(word, of.start));
    }
    if let Some(word) = words.find(&term.folded) {
        mark(word, of.whole);
    }
}

/// Whether the letters from byte `at` of the folded name are in the case of the term.
fn is_spelled_in_name(index: &Index, name: Name<'_>, at: usize, term: &Term) -> bool {
    let letters = name.text()[..at].chars().count();
    let original = spell_all(index.original(name));
    original.chars().skip(letters).take(term.letters).eq(term.spelled.chars())
}
