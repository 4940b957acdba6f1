//! The texts of all packages, folded once, as the search reads them.
//!
//! All folded text lies in one string, package after package; beside it two bits a byte say where words begin and
//! which letters were capitals, so neither the packages nor a second copy of the text is touched while searching.

use memchr::memmem::Finder;

use crate::package::Package;

use super::fold::{capital, fold, letter_bit, starts_word};
use super::query::Term;

/// The searchable text of packages, by their index.
#[derive(Default)]
pub(super) struct Keys {
    text: String,
    word_starts: Bits,
    capitals: Bits,
    rows: Vec<Row>,
    masks: Vec<Masks>,
}

/// Where the fields of a package begin in the text; each ends where the next begins.
#[derive(Clone, Copy)]
struct Row {
    fields: [u32; FIELDS.len()],
    leaf: u32,
}

/// Letter masks, apart from the rows because every search reads all of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Masks {
    /// Letters of all fields but the description.
    pub names: u64,
    /// Letters at which a field or a word begins, in all fields but the description.
    pub word_starts: u64,
    pub description: u64,
}

/// What a text says of its package. Name and program are left out where the attribute's last component says the same:
/// there it ranks better.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    Attribute,
    Name,
    Program,
    Version,
    Description,
}

/// In the order of the text.
const FIELDS: [FieldKind; 5] =
    [FieldKind::Attribute, FieldKind::Name, FieldKind::Program, FieldKind::Version, FieldKind::Description];

/// The fields of one package.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    keys: &'a Keys,
    row: Row,
    end: usize,
}

/// One folded text of one package.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    keys: &'a Keys,
    pub kind: FieldKind,
    start: usize,
    end: usize,
}

/// A term where it stands in a field.
#[derive(Clone, Copy)]
pub(super) struct Occurrence<'a> {
    pub field: Field<'a>,
    /// The byte in the field.
    pub at: usize,
}

impl Keys {
    pub fn new(packages: &[Package]) -> Self {
        let mut keys = Self::default();
        for package in packages {
            keys.push(package);
        }
        keys
    }

    fn push(&mut self, package: &Package) {
        let (set, leaf) = package.attribute.split_at(leaf_start(&package.attribute));
        let unless_leaf = |text| if text == leaf { "" } else { text };
        let program = package.main_program.as_deref().unwrap_or_default();
        let mut masks = Masks::default();
        let attribute = self.append(set, &mut masks.names, &mut masks.word_starts);
        let leaf = self.append(leaf, &mut masks.names, &mut masks.word_starts);
        let name = self.append(unless_leaf(&package.name), &mut masks.names, &mut masks.word_starts);
        let program = self.append(unless_leaf(program), &mut masks.names, &mut masks.word_starts);
        let version = self.append(&package.version, &mut masks.names, &mut masks.word_starts);
        let description = self.append(&package.description, &mut masks.description, &mut 0);
        self.rows.push(Row { fields: [attribute, name, program, version, description], leaf });
        self.masks.push(masks);
    }

    /// Adds a text and its letters; returns where it begins.
    fn append(&mut self, text: &str, mask: &mut u64, word_starts: &mut u64) -> u32 {
        let start = u32::try_from(self.text.len()).expect("names and descriptions are far less than 4 GiB");
        let mut letters = text.chars().peekable();
        let mut previous = None;
        while let Some(letter) = letters.next() {
            let Some(plain) = fold(letter) else { continue };
            let starts = starts_word(previous, letter, letters.peek().copied());
            *mask |= letter_bit(plain);
            if starts || previous.is_none() {
                *word_starts |= letter_bit(plain);
            }
            previous = Some(letter);
            self.text.push(plain);
            for byte in 0..plain.len_utf8() {
                self.word_starts.push(starts && byte == 0);
                self.capitals.push(letter.is_uppercase());
            }
        }
        start
    }

    /// Whether the letters from byte `at` of the text are capitals where the term's are.
    fn has_capitals_of(&self, term: &Term, at: usize) -> bool {
        let Some(capitals) = &term.capitals else { return true };
        capitals.iter().zip(at..).all(|(&wanted, byte)| self.capitals.get(byte) == wanted)
    }

    pub fn masks(&self) -> &[Masks] {
        &self.masks
    }

    pub fn entry(&self, package: usize) -> Entry<'_> {
        let end = self.rows.get(package + 1).map_or(self.text.len(), |next| next.fields[0] as usize);
        Entry { keys: self, row: self.rows[package], end }
    }
}

impl<'a> Entry<'a> {
    pub fn field(&self, kind: FieldKind) -> Field<'a> {
        let next = self.row.fields.get(kind as usize + 1).map_or(self.end, |&next| next as usize);
        Field { keys: self.keys, kind, start: self.row.fields[kind as usize] as usize, end: next }
    }

    pub fn attribute(&self) -> Field<'a> {
        self.field(FieldKind::Attribute)
    }

    /// The attribute's last component.
    pub fn leaf_field(&self) -> Field<'a> {
        Field { start: self.row.leaf as usize, ..self.attribute() }
    }

    /// Where the attribute's last component begins; 0 at the top level.
    pub fn leaf(&self) -> usize {
        (self.row.leaf - self.row.fields[0]) as usize
    }

    /// All places of the term in the fields `first` to `last`, in their order. One pass over the text of all of them:
    /// most are shorter than it takes to begin a search.
    pub fn occurrences(
        &self,
        (first, last): (FieldKind, FieldKind),
        term: &'a Term,
        finder: &'a Finder<'_>,
    ) -> impl Iterator<Item = Occurrence<'a>> {
        let (entry, end) = (*self, self.field(last).end);
        let mut field = entry.field(first);
        let mut from = field.start;
        std::iter::from_fn(move || {
            loop {
                let at = from + finder.find(&entry.keys.text.as_bytes()[from..end])?;
                from = at + 1;
                while at >= field.end {
                    field = entry.field(FIELDS[field.kind as usize + 1]);
                }
                if at + term.folded.len() <= field.end && entry.keys.has_capitals_of(term, at) {
                    return Some(Occurrence { field, at: at - field.start });
                }
            }
        })
    }
}

impl<'a> Field<'a> {
    pub fn text(self) -> &'a str {
        &self.keys.text[self.start..self.end]
    }

    /// Bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether a word begins at byte `at`.
    pub fn starts_word(self, at: usize) -> bool {
        self.keys.word_starts.get(self.start + at)
    }

    /// Whether a word may end before byte `at`: at the end, before the next word or a separator.
    pub fn ends_word(self, at: usize) -> bool {
        at == self.len()
            || self.starts_word(at)
            || self.text()[at..].chars().next().is_some_and(|next| !next.is_alphanumeric())
    }

    /// The text from byte `from` with its capitals.
    pub fn spelled(self, from: usize) -> String {
        let letters = self.text()[from..].char_indices();
        letters
            .map(|(at, letter)| if self.keys.capitals.get(self.start + from + at) { capital(letter) } else { letter })
            .collect()
    }
}

/// For each byte of `text` folded, the byte of its letter in `text`.
pub(super) fn origins(text: &str) -> Vec<usize> {
    let mut origins = Vec::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        origins.resize(origins.len() + fold(letter).map_or(0, char::len_utf8), at);
    }
    origins
}

/// Where the last component of an attribute begins; a dot between quotes separates nothing.
fn leaf_start(attribute: &str) -> usize {
    let mut quoted = false;
    let mut start = 0;
    for (at, byte) in attribute.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'.' if !quoted => start = at + 1,
            _ => {}
        }
    }
    start
}

/// A growing row of bits.
#[derive(Default)]
struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        self.words[self.len / 64] |= u64::from(bit) << (self.len % 64);
        self.len += 1;
    }

    fn get(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_component_begins_after_the_last_dot_outside_quotes() {
        assert_eq!(leaf_start("zlib"), 0);
        assert_eq!(leaf_start("python312Packages.requests"), 18);
        assert_eq!(leaf_start("nodePackages.\"a.b\""), 13);
        assert_eq!(leaf_start("linuxKernel.packages.linux_6_6.perf"), 31);
        assert_eq!(leaf_start("odd."), 4);
    }

    #[test]
    fn a_folded_byte_leads_back_to_its_letter() {
        // The quote and the mark vanish; `ß` keeps its two bytes.
        assert_eq!(origins("a\"e\u{301}ßc"), [0, 2, 5, 5, 7]);
    }

    #[test]
    fn bits_are_kept_across_words() {
        let mut bits = Bits::default();
        (0..200).for_each(|at| bits.push(at % 7 == 0));
        assert!((0..200).all(|at| bits.get(at) == (at % 7 == 0)));
    }
}
