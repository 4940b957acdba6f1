//! How well known a package is, as the catalogue itself tells: by how many others name it.
//!
//! What many use has plugins, bindings, themes and rivals, and their names and descriptions say its name: a hundred
//! packages speak of tmux, none of most multiplexers. Nothing else in a listing tells the two apart.

use super::names::{NameKind, Names};
use super::words::Words;

/// The most there is: named by 127 or more others.
pub(in crate::catalogue) const MOST: u8 = 7;

/// For each row the binary logarithm of how many others name it, up to [`MOST`]. What is in a set has none: there its
/// name is mostly that of something else.
pub(super) fn of_all(
    names: &Names,
    name_words: &Words,
    description_words: &Words,
    is_top_level: impl Fn(usize) -> bool,
) -> Vec<u8> {
    let count = |words: &Words, name: &str| words.find(name).map_or(0, |word| words.rows(word).len());
    // A word that is in many descriptions and in few names is one of the language's: `small`, `design`.
    let mentions = |name: &str| {
        let in_names = count(name_words, name);
        in_names + count(description_words, name).min(4 * in_names)
    };
    let fame = |row| {
        if !is_top_level(row) {
            return 0;
        }
        let [leaf, name] = [NameKind::Leaf, NameKind::Name].map(|kind| names.of(row, kind).text());
        let is_like_leaf = !name.is_empty() && leaf.starts_with(name);
        let most = mentions(leaf).max(if is_like_leaf { mentions(name) } else { 0 });
        // It names itself as well, so one is none.
        u8::try_from(most.max(1).ilog2()).map_or(MOST, |log| log.min(MOST))
    };
    (0..names.len()).map(fame).collect()
}
