//! Texts that many rows share, each kept once.

use std::collections::HashMap;

/// Different texts, sorted, and which of them each row has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::catalogue) struct Interned {
    pub(super) text: String,
    /// Where each text ends.
    pub(super) ends: Vec<u32>,
    /// For each row the position of its text.
    pub(super) of_row: Vec<u32>,
}

impl Interned {
    /// Of the texts of all rows, in the rows' order.
    pub fn new<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut sorted: Vec<&str> = texts.clone().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let (mut text, mut ends) = (String::new(), Vec::with_capacity(sorted.len()));
        for one in &sorted {
            text.push_str(one);
            ends.push(offset(text.len()));
        }
        let positions: HashMap<&str, u32> = sorted.into_iter().zip(0..).collect();
        let of_row = texts.map(|text| positions[text]).collect();
        Self { text, ends, of_row }
    }

    pub fn get(&self, position: u32) -> &str {
        let position = position as usize;
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[position] as usize]
    }

    pub fn of(&self, row: usize) -> &str {
        self.get(self.of_row[row])
    }

    /// For each row the position of its text.
    pub fn rows(&self) -> &[u32] {
        &self.of_row
    }

    /// For each text what `judge` says of it; by [`Interned::rows`] it is known of each row.
    pub fn judged<T>(&self, judge: impl Fn(&str) -> T) -> Vec<T> {
        (0..offset(self.ends.len())).map(|position| judge(self.get(position))).collect()
    }
}

/// A place in a column: columns are far less than 4 GiB.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("the texts of a source are less than 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_gives_back_its_text() {
        let rows = ["mit", "", "gpl", "mit", ""];
        let interned = Interned::new(rows.iter().copied());
        assert_eq!(interned.ends.len(), 3);
        assert!(rows.iter().enumerate().all(|(row, text)| interned.of(row) == *text));
        assert_eq!(interned.judged(str::len), [0, 3, 3]);
    }
}
