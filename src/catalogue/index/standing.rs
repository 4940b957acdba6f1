//! What ranks a package whatever is searched for, in a byte a row.

use super::names::NameKind;
use super::{Index, fame, obstacle};

/// How well known a package is, whether it is in a set, described, broken, does not evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalogue) struct Standing(pub(super) u8);

const FAME: u8 = 0b111;
const NESTED: u8 = 1 << 3;
const UNDESCRIBED: u8 = 1 << 4;
const BROKEN: u8 = 1 << 5;
const FAILED: u8 = 1 << 6;

impl Standing {
    /// All that there can be.
    pub const COUNT: usize = 1 << 7;

    /// All that there can be, by [`Standing::number`].
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|bits| Self(u8::try_from(bits).unwrap_or(0)))
    }

    pub fn number(self) -> usize {
        self.0.into()
    }

    /// From 0 to 7.
    pub fn fame(self) -> u8 {
        self.0 & FAME
    }

    /// Whether its attribute is not of the top level.
    pub fn is_nested(self) -> bool {
        self.0 & NESTED != 0
    }

    pub fn is_undescribed(self) -> bool {
        self.0 & UNDESCRIBED != 0
    }

    /// Whether it is broken or for another system.
    pub fn is_broken(self) -> bool {
        self.0 & BROKEN != 0
    }

    /// Whether it does not even evaluate.
    pub fn is_failed(self) -> bool {
        self.0 & FAILED != 0
    }
}

/// The standing of each row, once all else of the index is there.
pub(super) fn of_all(index: &Index) -> Vec<u8> {
    let is_top_level = |row: usize| index.is_top_level(row);
    let fame = fame::of_all(&index.names, &index.name_words, &index.description_words, is_top_level);
    let standing = |(row, fame): (usize, u8)| {
        let bits = index.obstacles[row];
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        fame.min(fame::MOST)
            | flag(!is_top_level(row), NESTED)
            | flag(index.descriptions(row)[0].is_empty(), UNDESCRIBED)
            | flag(bits & (obstacle::BROKEN | obstacle::OTHER_SYSTEM) != 0, BROKEN)
            | flag(bits & obstacle::FAILED != 0, FAILED)
    };
    fame.into_iter().enumerate().map(standing).collect()
}

/// For each row, from the high bits: whether it is in a set (1), length of the last component (15), how small its set is
/// (16).
pub(super) fn order(index: &Index) -> Vec<u32> {
    let mut sizes = vec![0_u32; index.set_names.len()];
    index.sets.rows().iter().for_each(|&set| sizes[set as usize] += 1);
    let order = |row: usize| {
        let length = u32::try_from(index.names.of(row, NameKind::Leaf).len()).unwrap_or(u32::MAX).min(0x7fff);
        if index.is_top_level(row) {
            return length << 16;
        }
        let size = sizes[index.sets.rows()[row] as usize];
        1 << 31 | length << 16 | (0xffff - size.min(0xffff))
    };
    (0..index.len()).map(order).collect()
}
