//! Making an index of packages.

use super::interned::{Interned, offset};
use super::names::{Name, NameKind, Names};
use super::words::{Words, WordsBuilder};
use super::{Index, TEXTS, fame, obstacle, tokens};
use crate::package::{Obstacle, Package};

impl Index {
    /// The index of a source's packages. Of packages with the same attribute the first is kept; the packages are sorted
    /// by attribute, as the index is.
    pub fn new(packages: &mut Vec<Package>) -> Self {
        packages.sort_by(|one, other| one.attribute.cmp(&other.attribute));
        packages.dedup_by(|later, first| later.attribute == first.attribute);
        Self::of_sorted(packages)
    }

    fn of_sorted(packages: &[Package]) -> Self {
        let mut index = Self::default();
        for package in packages {
            index.push_texts(package);
            index.priorities.push(package.priority);
            index.obstacles.push(package.obstacles.iter().fold(0, |bits, obstacle| bits | bit_of(obstacle)));
            let (_, leaf) = package.attribute.split_at(leaf_start(&package.attribute));
            index.names.push(leaf, &package.name, package.main_program.as_deref().unwrap_or_default());
        }
        index.names.finish();
        let outputs: Vec<String> = packages.iter().map(spelled_outputs).collect();
        index.outputs = Interned::new(outputs.iter().map(String::as_str));
        let licenses: Vec<String> = packages.iter().map(spelled_licenses).collect();
        index.licenses = Interned::new(licenses.iter().map(String::as_str));
        index.sets = Interned::new(packages.iter().map(|package| set_of(&package.attribute)));
        index.sets.judged(str::to_owned).iter().for_each(|set| index.set_names.push(set, "", ""));
        index.set_names.finish();
        index.name_words = words_of_names(&index.names, &index.sets, &index.set_names);
        index.description_words = words_of(packages, |package| &package.description);
        index.long_words = words_of(packages, |package| &package.long_description);
        let is_top_level = |row: usize| index.sets.of(row).is_empty();
        index.fame = fame::of_all(&index.names, &index.name_words, &index.description_words, is_top_level);
        index
    }

    /// In the order of [`super::Text`].
    fn push_texts(&mut self, package: &Package) {
        let failure = package.obstacles.iter().find_map(|obstacle| match obstacle {
            Obstacle::Failed(reason) => Some(reason.as_str()),
            _ => None,
        });
        let texts: [&str; TEXTS] = [
            &package.attribute,
            &package.name,
            &package.version,
            &package.description,
            &package.long_description,
            &package.homepage,
            package.main_program.as_deref().unwrap_or_default(),
            failure.unwrap_or_default(),
        ];
        for text in texts {
            self.texts.push_str(text);
            self.text_ends.push(offset(self.texts.len()));
        }
    }
}

fn bit_of(obstacle: &Obstacle) -> u8 {
    match obstacle {
        Obstacle::Broken => obstacle::BROKEN,
        Obstacle::Unfree => obstacle::UNFREE,
        Obstacle::Insecure => obstacle::INSECURE,
        Obstacle::OtherSystem => obstacle::OTHER_SYSTEM,
        Obstacle::NeedsNix => obstacle::NEEDS_NIX,
        Obstacle::Failed(_) => obstacle::FAILED,
    }
}

fn spelled_outputs(package: &Package) -> String {
    let names: Vec<&str> = package.outputs.iter().map(|output| output.name.as_str()).collect();
    serde_json::to_string(&(names, &package.default_outputs)).expect("lists of texts are JSON")
}

/// The names of the outputs, and those that are installed without a choice.
pub(in crate::catalogue) fn read_outputs(spelled: &str) -> (Vec<String>, Vec<String>) {
    serde_json::from_str(spelled).unwrap_or_default()
}

fn spelled_licenses(package: &Package) -> String {
    serde_json::to_string(&package.licenses).expect("a list of texts is JSON")
}

pub(in crate::catalogue) fn read_licenses(spelled: &str) -> Vec<String> {
    serde_json::from_str(spelled).unwrap_or_default()
}

fn set_of(attribute: &str) -> &str {
    attribute[..leaf_start(attribute)].trim_end_matches('.')
}

/// Where the last component of an attribute begins; a dot between quotes separates nothing.
pub(in crate::catalogue) fn leaf_start(attribute: &str) -> usize {
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

fn words_of_names(names: &Names, sets: &Interned, set_names: &Names) -> Words {
    let mut builder = WordsBuilder::default();
    let is_word = |word: &&str| !word.bytes().all(|byte| byte.is_ascii_digit());
    for row in 0..names.len() {
        let leaf = names.of(row, NameKind::Leaf).text();
        // A name of quite another kind, such as `python3.13-llm` of llm, is not what it is called.
        let is_own = |name: &Name<'_>| name.kind != NameKind::Name || leaf.starts_with(name.text());
        for name in names.all_of(row).into_iter().filter(is_own) {
            builder.push(name.text(), row);
            name.words().filter(is_word).for_each(|word| builder.push(word, row));
        }
        let set = set_names.of(sets.of_row[row] as usize, NameKind::Leaf);
        set.words().filter(is_word).for_each(|word| builder.push(word, row));
    }
    builder.finish()
}

fn words_of(packages: &[Package], text: impl Fn(&Package) -> &String) -> Words {
    let mut builder = WordsBuilder::default();
    for (row, package) in packages.iter().enumerate() {
        tokens::words(text(package), |word| builder.push(word, row));
    }
    builder.finish()
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
}
