//! What packages are called, folded once, as the search reads it.
//!
//! All names lie in one string, row after row: the last component of the attribute, the package's own name, its main
//! program. Beside it a bit a byte says where words begin. One pass finds all places of some letters; most names are
//! shorter than it takes to begin a search.

use super::interned::offset;
use crate::catalogue::fold::{fold, letter_bit, starts_word};

/// What a name is of. Name and program are left out where the attribute's last component says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalogue) enum NameKind {
    /// The attribute's last component.
    Leaf,
    Name,
    Program,
}

const KINDS: [NameKind; 3] = [NameKind::Leaf, NameKind::Name, NameKind::Program];

/// The names of all rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::catalogue) struct Names {
    pub(super) text: String,
    /// Where each name ends in the text, three a row.
    pub(super) ends: Vec<u32>,
    /// A bit for each byte of the text, set where a word begins.
    pub(super) word_starts: Vec<u64>,
    /// For each row the letters of its names.
    pub(super) letters: Vec<u64>,
    /// For each row the letters with which its names' words begin.
    pub(super) first_letters: Vec<u64>,
}

/// One name of one row.
#[derive(Clone, Copy)]
pub(in crate::catalogue) struct Name<'a> {
    names: &'a Names,
    pub row: usize,
    pub kind: NameKind,
    start: usize,
    end: usize,
}

impl Names {
    /// Takes the next row's names.
    pub(super) fn push(&mut self, leaf: &str, name: &str, program: &str) {
        let (mut letters, mut first_letters) = (0, 0);
        let name = if name == leaf { "" } else { name };
        let program = if program == leaf || program == name { "" } else { program };
        for text in [leaf, name, program] {
            self.append(text, &mut letters, &mut first_letters);
            self.ends.push(offset(self.text.len()));
        }
        self.letters.push(letters);
        self.first_letters.push(first_letters);
    }

    fn append(&mut self, text: &str, letters: &mut u64, first_letters: &mut u64) {
        let mut rest = text.chars().peekable();
        let mut previous = None;
        while let Some(letter) = rest.next() {
            let Some(plain) = fold(letter) else { continue };
            let bit = letter_bit(plain);
            let starts = previous.is_none() || starts_word(previous, letter, rest.peek().copied());
            *letters |= bit;
            if starts {
                *first_letters |= bit;
                let at = self.text.len();
                self.word_starts.resize(at / 64 + 1, 0);
                self.word_starts[at / 64] |= 1 << (at % 64);
            }
            previous = Some(letter);
            self.text.push(plain);
        }
    }

    pub(super) fn finish(&mut self) {
        self.word_starts.resize(self.text.len() / 64 + 1, 0);
    }

    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// For each row the letters of its names, as a mask.
    pub fn letters(&self) -> &[u64] {
        &self.letters
    }

    /// For each row the letters with which its names' words begin, as a mask.
    pub fn first_letters(&self) -> &[u64] {
        &self.first_letters
    }

    pub fn of(&self, row: usize, kind: NameKind) -> Name<'_> {
        self.at(row * KINDS.len() + kind as usize)
    }

    pub fn all_of(&self, row: usize) -> [Name<'_>; 3] {
        KINDS.map(|kind| self.of(row, kind))
    }

    fn at(&self, position: usize) -> Name<'_> {
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        Name {
            names: self,
            row: position / KINDS.len(),
            kind: KINDS[position % KINDS.len()],
            start: start as usize,
            end: self.ends[position] as usize,
        }
    }

    /// All places of the letters, each in one name, in the order of the rows.
    pub fn places<'a>(&'a self, finder: &'a memchr::memmem::Finder<'_>) -> impl Iterator<Item = (Name<'a>, usize)> {
        let length = finder.needle().len();
        let (mut from, mut position) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                let at = from + finder.find(&self.text.as_bytes()[from..])?;
                from = at + 1;
                while self.ends[position] as usize <= at {
                    position += 1;
                }
                if at + length <= self.ends[position] as usize {
                    let name = self.at(position);
                    return Some((name, at - name.start));
                }
            }
        })
    }
}

impl<'a> Name<'a> {
    pub fn text(self) -> &'a str {
        &self.names.text[self.start..self.end]
    }

    /// Bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether a word begins at byte `at`.
    pub fn starts_word(self, at: usize) -> bool {
        let at = self.start + at;
        self.names.word_starts[at / 64] >> (at % 64) & 1 == 1
    }

    /// Whether a word may end before byte `at`: at the end, before the next word or a separator.
    pub fn ends_word(self, at: usize) -> bool {
        at == self.len()
            || self.starts_word(at)
            || self.text()[at..].chars().next().is_some_and(|next| !next.is_alphanumeric())
    }

    /// The words of it, as long as there are letters or digits in them.
    pub fn words(self) -> impl Iterator<Item = &'a str> {
        let text = self.text();
        let starts = move |&at: &usize| text.is_char_boundary(at) && self.starts_word(at);
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = (at..text.len()).find(starts)?;
            let is_further = |&(place, letter): &(usize, char)| {
                place == 0 || letter.is_alphanumeric() && !self.starts_word(start + place)
            };
            let word: usize =
                text[start..].char_indices().take_while(is_further).map(|(_, letter)| letter.len_utf8()).sum();
            at = start + word;
            Some(&text[start..at])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use memchr::memmem::Finder;

    fn names() -> Names {
        let mut names = Names::default();
        names.push("python312", "python3", "python3.12");
        names.push("ripgrep", "ripgrep", "rg");
        names.push("textEditor-3", "", "");
        names.finish();
        names
    }

    #[test]
    fn letters_are_found_with_the_name_in_which_they_stand() {
        let names = names();
        let found = |letters: &str| {
            let finder = Finder::new(letters);
            names.places(&finder).map(|(name, at)| (name.row, name.kind, at)).collect::<Vec<_>>()
        };
        assert_eq!(found("rg"), [(1, NameKind::Program, 0)]);
        assert_eq!(
            found("3"),
            [(0, NameKind::Leaf, 6), (0, NameKind::Name, 6), (0, NameKind::Program, 6), (2, NameKind::Leaf, 11)]
        );
        // Not across the end of a name.
        assert_eq!(found("12py"), []);
    }

    #[test]
    fn a_name_knows_its_words() {
        let names = names();
        let words = |row| names.of(row, NameKind::Leaf).words().collect::<Vec<_>>();
        assert_eq!(words(0), ["python", "312"]);
        assert_eq!(words(2), ["text", "editor", "3"]);
        let name = names.of(2, NameKind::Leaf);
        assert!(name.ends_word(4) && name.ends_word(10) && !name.ends_word(3));
    }
}
