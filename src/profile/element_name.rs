//! What an element is called: by its attribute, and unlike the others of its profile.

use std::collections::{HashMap, HashSet};

/// The name that an attribute gives its element: the last component, without quotes.
///
/// An attribute that Nix could not have (`tool-1.0`, of a folder of packages) is a name as a whole.
pub(super) fn element_name(attribute: &str) -> String {
    let mut is_quoted = false;
    let mut name = String::new();
    let mut letters = attribute.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => name.clear(),
            '\\' if is_quoted => name.extend(letters.next()),
            _ if !is_quoted && name.is_empty() && letter.is_ascii_digit() => return attribute.to_owned(),
            _ => name.push(letter),
        }
    }
    if name.is_empty() { attribute.to_owned() } else { name }
}

/// Makes names unique: the first to come keeps its name, the others get `-1`, `-2`, … appended.
#[derive(Default)]
pub(super) struct UniqueNames {
    taken: HashSet<String>,
    /// The number to try next for a name that is taken, so that a thousand of one name are not counted a million times.
    next: HashMap<String, u64>,
}

impl UniqueNames {
    /// `name` if nobody has it yet, else the first of `name-1`, `name-2`, … that is free. It is taken from now on.
    pub fn take(&mut self, name: &str) -> String {
        if self.taken.insert(name.to_owned()) {
            return name.to_owned();
        }
        let next = self.next.entry(name.to_owned()).or_insert(1);
        loop {
            let numbered = format!("{name}-{next}");
            *next += 1;
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_the_first_free_number() {
        let mut names = UniqueNames::default();
        let taken = ["a", "a-1", "a", "a", "b"].map(|name| names.take(name));
        assert_eq!(taken, ["a", "a-1", "a-2", "a-3", "b"]);
    }
}
