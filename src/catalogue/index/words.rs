//! Words, and the rows in which they stand: an inverted index.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem::Finder;

use super::interned::offset;

/// Longer words are not kept: nobody types them, and a hostile text is one.
const MAX_BYTES: usize = 48;

/// A vocabulary, sorted, with the rows of each word, ascending.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::catalogue) struct Words {
    pub(super) text: String,
    /// Where each word ends in the text.
    pub(super) ends: Vec<u32>,
    /// Where the rows of each word end.
    pub(super) row_ends: Vec<u32>,
    pub(super) rows: Vec<u32>,
}

impl Words {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn word(&self, at: usize) -> &str {
        &self.text[range(&self.ends, at)]
    }

    /// The rows in which the word stands.
    pub fn rows(&self, at: usize) -> &[u32] {
        &self.rows[range(&self.row_ends, at)]
    }

    pub fn find(&self, word: &str) -> Option<usize> {
        let at = self.first_not_before(word);
        (at < self.len() && self.word(at) == word).then_some(at)
    }

    /// The words that begin so.
    pub fn with_prefix(&self, prefix: &str) -> Range<usize> {
        let start = self.first_not_before(prefix);
        let (mut low, mut high) = (start, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.word(middle).starts_with(prefix) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        start..low
    }

    /// The words that hold the letters anywhere.
    pub fn containing<'a>(&'a self, finder: &'a Finder<'_>) -> impl Iterator<Item = usize> + 'a {
        let length = finder.needle().len();
        let (mut from, mut word) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                let at = from + finder.find(&self.text.as_bytes()[from..])?;
                while self.ends[word] as usize <= at {
                    word += 1;
                }
                let end = self.ends[word] as usize;
                if at + length <= end {
                    from = end;
                    return Some(word);
                }
                from = at + 1;
            }
        })
    }

    fn first_not_before(&self, word: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.word(middle) < word {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

fn range(ends: &[u32], at: usize) -> Range<usize> {
    at.checked_sub(1).map_or(0, |before| ends[before]) as usize..ends[at] as usize
}

/// Collects the words of rows.
#[derive(Default)]
pub(super) struct WordsBuilder {
    ids: HashMap<Box<str>, u32, foldhash::fast::RandomState>,
    /// Word and row.
    places: Vec<(u32, u32)>,
}

impl WordsBuilder {
    /// Takes rows in their order; a word may come more than once.
    pub fn push(&mut self, word: &str, row: usize) {
        if word.is_empty() || word.len() > MAX_BYTES {
            return;
        }
        let next = offset(self.ids.len());
        let id = match self.ids.get(word) {
            Some(&id) => id,
            None => *self.ids.entry(word.into()).or_insert(next),
        };
        self.places.push((id, offset(row)));
    }

    pub fn finish(mut self) -> Words {
        let mut sorted: Vec<(Box<str>, u32)> = self.ids.drain().collect();
        sorted.sort_unstable();
        let mut position = vec![0; sorted.len()];
        let (mut text, mut ends) = (String::new(), Vec::with_capacity(sorted.len()));
        for ((word, id), at) in sorted.iter().zip(0..) {
            position[*id as usize] = at;
            text.push_str(word);
            ends.push(offset(text.len()));
        }
        for (id, _) in &mut self.places {
            *id = position[*id as usize];
        }
        self.places.sort_unstable();
        self.places.dedup();
        let mut row_ends = vec![0; sorted.len()];
        for &(at, _) in &self.places {
            row_ends[at as usize] += 1;
        }
        let mut end = 0;
        for count in &mut row_ends {
            end += *count;
            *count = end;
        }
        Words { text, ends, row_ends, rows: self.places.into_iter().map(|(_, row)| row).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        let mut builder = WordsBuilder::default();
        for (row, text) in ["video player", "music player", "players of video", ""].iter().enumerate() {
            text.split(' ').for_each(|word| builder.push(word, row));
        }
        builder.push(&"x".repeat(1000), 3);
        builder.finish()
    }

    #[test]
    fn a_word_leads_to_its_rows() {
        let words = words();
        assert_eq!(words.rows(words.find("player").unwrap()), [0, 1]);
        assert_eq!(words.rows(words.find("video").unwrap()), [0, 2]);
        assert_eq!((words.find("play"), words.len()), (None, 5));
    }

    #[test]
    fn words_are_found_by_their_beginning_and_by_what_is_in_them() {
        let words = words();
        let spelled = |range: Range<usize>| range.map(|at| words.word(at)).collect::<Vec<_>>();
        assert_eq!(spelled(words.with_prefix("play")), ["player", "players"]);
        assert_eq!(spelled(words.with_prefix("w")), [""; 0]);
        let found = |letters| words.containing(&Finder::new(letters)).map(|at| words.word(at)).collect::<Vec<_>>();
        assert_eq!(found("aye"), ["player", "players"]);
        // Two words that stand beside each other in the text are still two.
        assert_eq!(found("icof"), [""; 0]);
    }
}
