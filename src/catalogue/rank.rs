//! How well a package answers a query.
//!
//! Every term is looked for in every field, and its best place has a cost: exact before prefix before word start before
//! inside a word before scattered letters; attribute and name before main program. A description counts where a word
//! of it is meant, never by scattered letters. The costs of the terms are added up, so that a package which answers
//! each term well comes before one that answers a single term perfectly.
//!
//! Scattered letters are `fuzzy-matcher`'s: it finds the best way to spread a term over a name and scores it. It knows
//! neither terms nor letters beyond ASCII, so it only ever sees one folded term and one folded name.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use memchr::memmem::Finder;

use super::keys::{Entry, Field, FieldKind, Keys, Masks, Occurrence};
use super::query::{Query, Term};

/// What it costs to find a term at a place; the best place is the cheapest.
mod cost {
    pub const EXACT_ATTRIBUTE: u64 = 0;
    pub const EXACT_NAME: u64 = 1;
    pub const EXACT_PROGRAM: u64 = 2;
    pub const NAME_PREFIX_WORD: u64 = 4;
    pub const NAME_PREFIX: u64 = 5;
    pub const PROGRAM_PREFIX: u64 = 6;
    pub const NAME_WORD: u64 = 7;
    pub const NAME_WORD_START: u64 = 8;
    pub const PROGRAM_WORD: u64 = 9;
    pub const NAME_INSIDE: u64 = 10;
    pub const PROGRAM_INSIDE: u64 = 11;
    pub const DESCRIPTION_WORD: u64 = 16;
    pub const DESCRIPTION_WORD_START: u64 = 18;
    pub const SCATTERED: u64 = 24;
    pub const DESCRIPTION_INSIDE: u64 = 30;

    /// Beside other terms an output's name (`zlib dev`) or the beginning of a version (`openssl 3`) says which package
    /// is meant; alone it says little.
    pub const OUTPUT: u64 = 36;
    pub const OUTPUT_BESIDE_OTHERS: u64 = 7;
    pub const VERSION: u64 = 16;
    pub const VERSION_BESIDE_OTHERS: u64 = 8;

    /// Once for a package in a nested set: it is one of thousands, and who wants it often names the set as well. With
    /// this the exact name in a set stands where the mere beginning of a name at the top level does; but a name in a
    /// set still comes before a description.
    pub const NESTED: u64 = 4;
}

/// Shorter terms are not looked for inside the words of descriptions, nor scattered: they would be everywhere.
const MIN_LETTERS_OF_LOOSE_MATCH: usize = 3;
/// Longer terms and fields (bytes) are not scattered: no name is that long, and the work is their product.
const MAX_SCATTERED_TERM: usize = 32;
const MAX_SCATTERED_FIELD: usize = 128;
/// What a letter of a scattered match must score on average. `fuzzy-matcher` gives a bare letter 16, so the gaps must be
/// more than made up for by adjacent letters and word starts: `nvm` finds `neovim`, but three letters far
/// apart find nothing.
const MIN_SCORE_A_LETTER: i64 = 18;

/// The order of results: less is better. From the high bits: cost (16), spread of scattered letters (15), whether the
/// attribute is in a nested set (1), length of the attribute (32).
pub(super) type Rank = u64;

/// Ranks packages for one query.
pub(super) struct Ranker<'a> {
    keys: &'a Keys,
    needles: Vec<Needle<'a>>,
    matcher: SkimMatcherV2,
}

/// A term with what is worked out once a search.
struct Needle<'a> {
    term: &'a Term,
    finder: Finder<'a>,
    /// The packages that have an output of that name, ascending.
    with_output: &'a [u32],
    version_cost: u64,
    output_cost: u64,
}

/// A term's best place in a package.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    cost: u64,
    /// `fuzzy-matcher`'s score of scattered letters, else 0; more is better.
    score: i64,
}

impl<'a> Ranker<'a> {
    /// `with_output` gives the packages (ascending) that have an output of that name.
    pub fn new(keys: &'a Keys, query: &'a Query, with_output: impl Fn(&str) -> &'a [u32]) -> Self {
        let alone = query.terms().len() == 1;
        let needle = |term: &'a Term| Needle {
            term,
            finder: Finder::new(&term.folded),
            with_output: with_output(&term.spelled),
            version_cost: if alone { cost::VERSION } else { cost::VERSION_BESIDE_OTHERS },
            output_cost: if alone { cost::OUTPUT } else { cost::OUTPUT_BESIDE_OTHERS },
        };
        // Smart case is the query's business: a term comes here in the case in which it is to match.
        Self {
            keys,
            needles: query.terms().iter().map(needle).collect(),
            matcher: SkimMatcherV2::default().respect_case(),
        }
    }

    /// `None` if a term is nowhere in the package.
    pub fn rank(&self, package: usize) -> Option<Rank> {
        let masks = self.keys.masks()[package];
        if !self.needles.iter().all(|needle| needle.may_be_in(masks) || needle.is_output_of(package)) {
            return None;
        }
        let entry = self.keys.entry(package);
        let nested = entry.leaf() > 0;
        let (mut cost, mut score) = (if nested { cost::NESTED } else { 0 }, 0);
        for needle in &self.needles {
            let output = || needle.is_output_of(package).then_some(Found { cost: needle.output_cost, score: 0 });
            let found = match self.find(entry, masks, needle) {
                Some(found) if found.cost <= needle.output_cost => found,
                found => output().or(found)?,
            };
            cost += found.cost;
            score += found.score;
        }
        let spread = 0x7fff - u64::try_from(score).unwrap_or(0).min(0x7fff);
        let length = entry.attribute().len().min(u32::MAX as usize) as u64;
        Some(cost.min(0xffff) << 48 | spread << 33 | u64::from(nested) << 32 | length)
    }

    /// The term's best place in the fields.
    fn find(&self, entry: Entry<'_>, masks: Masks, needle: &Needle<'_>) -> Option<Found> {
        let together = needle.cheapest_occurrence(entry, masks).map(|cost| Found { cost, score: 0 });
        if together.is_some_and(|found| found.cost < cost::SCATTERED) {
            return together;
        }
        let fields = [entry.leaf_field(), entry.field(FieldKind::Name), entry.field(FieldKind::Program)];
        let scores = fields.into_iter().filter_map(|field| self.scattered(field, masks, needle.term));
        scores.max().map(|score| Found { cost: cost::SCATTERED, score }).or(together)
    }

    /// The score of the term's letters scattered over a field; they must begin where a word begins.
    fn scattered(&self, field: Field<'_>, masks: Masks, term: &Term) -> Option<i64> {
        scattered_starts(field, masks, term).filter_map(|from| self.scattered_from(field, from, term)).max()
    }

    fn scattered_from(&self, field: Field<'_>, from: usize, term: &Term) -> Option<i64> {
        let score = if term.capitals.is_some() {
            self.matcher.fuzzy_match(&field.spelled(from), &term.spelled)
        } else {
            self.matcher.fuzzy_match(&field.text()[from..], &term.folded)
        };
        score.filter(|&score| score >= MIN_SCORE_A_LETTER * i64::try_from(term.letters).unwrap_or(i64::MAX))
    }

    /// The bytes of the folded attribute at which the letters of the terms stand, ascending.
    pub fn matched(&self, package: usize) -> Vec<usize> {
        let (entry, masks) = (self.keys.entry(package), self.keys.masks()[package]);
        let attribute = entry.attribute();
        let mut matched = Vec::new();
        for needle in &self.needles {
            let term = needle.term;
            if let Some(at) = needle.best_in_attribute(entry) {
                matched.extend(attribute.text()[at..at + term.folded.len()].char_indices().map(|(byte, _)| at + byte));
            } else if self.find(entry, masks, needle).is_some_and(|found| found.cost == cost::SCATTERED) {
                let letters = self.scattered_letters(entry.leaf_field(), masks, term);
                matched.extend(letters.into_iter().map(|byte| entry.leaf() + byte));
            }
        }
        matched.sort_unstable();
        matched.dedup();
        matched
    }

    fn scattered_letters(&self, field: Field<'_>, masks: Masks, term: &Term) -> Vec<usize> {
        let starts = scattered_starts(field, masks, term);
        let scored = starts.filter_map(|from| Some((self.scattered_from(field, from, term)?, from)));
        let Some((_, from)) = scored.max_by_key(|&(score, from)| (score, std::cmp::Reverse(from))) else {
            return Vec::new();
        };
        let spelled = field.spelled(from);
        let text = if term.capitals.is_some() { &spelled } else { &field.text()[from..] };
        let letters = self.matcher.fuzzy_indices(text, &term.spelled).map(|(_, letters)| letters).unwrap_or_default();
        // fuzzy-matcher counts letters; the folded text has as many as the spelled one.
        let bytes: Vec<usize> = field.text()[from..].char_indices().map(|(byte, _)| from + byte).collect();
        letters.into_iter().filter_map(|letter| bytes.get(letter).copied()).collect()
    }
}

impl Needle<'_> {
    fn may_be_in(&self, masks: Masks) -> bool {
        holds(masks.names, self.term) || holds(masks.description, self.term)
    }

    fn is_output_of(&self, package: usize) -> bool {
        self.with_output.binary_search_by(|&having| (having as usize).cmp(&package)).is_ok()
    }

    /// The cost of the best place at which the term stands letter by letter.
    fn cheapest_occurrence(&self, entry: Entry<'_>, masks: Masks) -> Option<u64> {
        let fields = match (holds(masks.names, self.term), holds(masks.description, self.term)) {
            (true, true) => (FieldKind::Attribute, FieldKind::Description),
            (true, false) => (FieldKind::Attribute, FieldKind::Version),
            (false, true) => (FieldKind::Description, FieldKind::Description),
            (false, false) => return None,
        };
        // Where no word begins like the term, its first place is as good as any other.
        let starts = masks.word_starts & self.term.first_letter != 0;
        let mut best = None;
        for occurrence in entry.occurrences(fields, self.term, &self.finder) {
            let least = if starts { least_cost(occurrence.field.kind) } else { cost::NAME_INSIDE };
            if best.is_some_and(|best| best <= least) {
                break;
            }
            let cost = self.cost(occurrence, entry.leaf());
            best = best.into_iter().chain(cost).min();
        }
        best
    }

    /// The byte of the attribute at which the term stands best.
    fn best_in_attribute(&self, entry: Entry<'_>) -> Option<usize> {
        let fields = (FieldKind::Attribute, FieldKind::Attribute);
        let occurrences = entry.occurrences(fields, self.term, &self.finder);
        occurrences.min_by_key(|&occurrence| self.cost(occurrence, entry.leaf())).map(|best| best.at)
    }

    /// What the term costs there; `None` where it does not count. `leaf` is where the part of the attribute begins that
    /// names the package: what lies only in the set before it is no beginning of the name.
    fn cost(&self, Occurrence { field, at }: Occurrence<'_>, leaf: usize) -> Option<u64> {
        let end = at + self.term.folded.len();
        let leaf = if field.kind == FieldKind::Attribute { leaf } else { 0 };
        let prefix = at == leaf || (at == 0 && end > leaf);
        let exact = prefix && end == field.len();
        let word_start = prefix || field.starts_word(at);
        let word = word_start && field.ends_word(end);
        let cost = match field.kind {
            FieldKind::Attribute if exact && at == 0 => cost::EXACT_ATTRIBUTE,
            FieldKind::Attribute | FieldKind::Name if exact => cost::EXACT_NAME,
            FieldKind::Attribute | FieldKind::Name if prefix && word => cost::NAME_PREFIX_WORD,
            FieldKind::Attribute | FieldKind::Name if prefix => cost::NAME_PREFIX,
            FieldKind::Attribute | FieldKind::Name if word => cost::NAME_WORD,
            FieldKind::Attribute | FieldKind::Name if word_start => cost::NAME_WORD_START,
            FieldKind::Attribute | FieldKind::Name => cost::NAME_INSIDE,
            FieldKind::Program if exact => cost::EXACT_PROGRAM,
            FieldKind::Program if prefix => cost::PROGRAM_PREFIX,
            FieldKind::Program if word_start => cost::PROGRAM_WORD,
            FieldKind::Program => cost::PROGRAM_INSIDE,
            FieldKind::Version if prefix => self.version_cost,
            FieldKind::Description if word => cost::DESCRIPTION_WORD,
            FieldKind::Description if word_start => cost::DESCRIPTION_WORD_START,
            FieldKind::Description if self.term.letters >= MIN_LETTERS_OF_LOOSE_MATCH => cost::DESCRIPTION_INSIDE,
            FieldKind::Version | FieldKind::Description => return None,
        };
        Some(cost)
    }
}

/// The least that a place in a field of this kind costs.
fn least_cost(kind: FieldKind) -> u64 {
    match kind {
        FieldKind::Attribute => cost::EXACT_ATTRIBUTE,
        FieldKind::Name => cost::EXACT_NAME,
        FieldKind::Program => cost::EXACT_PROGRAM,
        FieldKind::Version => cost::VERSION_BESIDE_OTHERS,
        FieldKind::Description => cost::DESCRIPTION_WORD,
    }
}

/// Whether a text with these letters may hold the term.
fn holds(letters: u64, term: &Term) -> bool {
    term.mask & !letters == 0
}

/// Where in the field the term's letters could begin if scattered: at words, with all the other letters after them.
fn scattered_starts<'a>(field: Field<'a>, masks: Masks, term: &'a Term) -> impl Iterator<Item = usize> + 'a {
    let fits = holds(masks.names, term)
        && (MIN_LETTERS_OF_LOOSE_MATCH..=MAX_SCATTERED_TERM).contains(&term.letters)
        && field.len() <= MAX_SCATTERED_FIELD
        && masks.word_starts & term.first_letter != 0;
    let first = term.folded.as_bytes()[0];
    let text = if fits { field.text().as_bytes() } else { &[] };
    (0..text.len())
        .filter(move |&at| text[at] == first && field.starts_word(at))
        .take_while(move |&at| is_subsequence(term.folded.as_bytes(), &text[at..]))
}

fn is_subsequence(wanted: &[u8], text: &[u8]) -> bool {
    let mut text = text.iter();
    wanted.iter().all(|byte| text.any(|other| other == byte))
}
