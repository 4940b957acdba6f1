//! The words for what the screen shows by a sign.

use std::fmt::Display;
use std::sync::Arc;

use super::super::text;
use super::super::words::{self, Mark};
use crate::loom::Changed;

impl Mark {
    /// What the sign means.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "comes",
            Self::Removed => "goes",
            Self::Changed => "changes",
        }
    }
}

/// `312 come, 298 go, 1 changes`; `as before` if nothing is different.
pub fn tally<T>(changed: &Changed<T>) -> String {
    numbers(changed.added.len(), changed.removed.len(), changed.changed.len())
}

/// The same of numbers.
pub fn numbers(added: usize, removed: usize, changed: usize) -> String {
    let parts = [(added, "comes", "come"), (removed, "goes", "go"), (changed, "changes", "change")];
    let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<_> = parts
        .map(|(number, one, many)| format!("{} {}", text::count_of(number), if number == 1 { one } else { many }))
        .collect();
    if parts.is_empty() { "as before".to_owned() } else { parts.join(", ") }
}

/// How many collisions there are, and how many of them block.
pub fn collisions(all: usize, blocking: usize) -> String {
    if all == 0 { "none".to_owned() } else { words::tally_blocking(all, blocking) }
}

/// A sentence of the screen with letters for its signs.
pub fn without_signs(sentence: &str) -> String {
    sentence.replace('…', "...").replace('−', "-").replace(" · ", ", ").replace(['‘', '’'], "'")
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<T: Display>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [only] => only.to_string(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}

/// The packages of a pair: `a and b`; of one whose own outputs collide, `a and itself`.
pub fn pair(packages: &[Arc<str>]) -> String {
    match packages {
        [only] => format!("{only} and itself"),
        packages => list(packages),
    }
}
