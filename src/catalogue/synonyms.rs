//! Words that mean the same to who searches.

use std::collections::HashMap;
use std::sync::LazyLock;

const GROUPS: &str = include_str!("../../assets/synonyms.txt");

static SYNONYMS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| read(GROUPS));

/// The other words for a folded word.
pub(super) fn of(word: &str) -> &'static [&'static str] {
    SYNONYMS.get(word).map_or(&[], Vec::as_slice)
}

fn read(groups: &'static str) -> HashMap<&'static str, Vec<&'static str>> {
    let mut synonyms: HashMap<_, Vec<_>> = HashMap::new();
    for line in groups.lines().filter(|line| !line.starts_with('#')) {
        if let Some((word, others)) = line.split_once(':') {
            synonyms.entry(word).or_default().extend(others.split_whitespace());
            continue;
        }
        for word in line.split_whitespace() {
            let others = line.split_whitespace().filter(|other| *other != word);
            synonyms.entry(word).or_default().extend(others);
        }
    }
    synonyms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_leads_everywhere_and_an_abbreviation_one_way() {
        let synonyms = read("# no group\nimg: image\nimage photo\n");
        assert_eq!(synonyms["img"], ["image"]);
        assert_eq!(synonyms["image"], ["photo"]);
        assert_eq!((synonyms["photo"][0], synonyms.len()), ("image", 3));
    }

    #[test]
    fn every_word_is_one_that_is_compared_as_it_stands() {
        for (word, others) in &*SYNONYMS {
            for word in others.iter().chain([word]) {
                assert_eq!(super::super::fold::fold_all(word), *word);
            }
        }
    }
}
