//! The words for changes, collisions and settlements: one wording, whichever view says it.

use std::sync::Arc;
use std::time::SystemTime;

use crate::engine::{Collision, CollisionKind, Contender, Difference, Settlement, Suggestion};
use crate::loom::{Changed, DiffChange, FileContents, FileFacts, GenerationDiff, Match, Size};
use crate::package::Obstacle;
use crate::profile::{Change, StoreName};
use crate::progress::Step;

use super::work::Work;
use super::{pace, text};

/// The signs before and in rows, and what they mean.
pub const SIGNS: &[(&str, &str)] = &[
    ("+", "comes with what is staged"),
    ("−", "goes with what is staged"),
    ("~", "becomes another with what is staged"),
    ("•", "is installed"),
    ("○", "is switched off: it stays installed, and nothing of it is linked"),
    ("↑", "its source has a newer version"),
    ("▾", "another package's files win over some of its own"),
    ("=", "another place has the very same; the system, or a folder of PATH"),
    ("≠", "another place has it in another version"),
    ("*", "an output that is installed without a choice"),
    ("!", "may fail: broken, unfree, insecure, or for another system"),
    ("✗", "blocks, fails, or cannot be installed"),
];

/// What a staged change or a difference does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Added,
    Removed,
    Changed,
}

impl Mark {
    pub fn sign(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Removed => "−",
            Self::Changed => "~",
        }
    }
}

/// A staged change: its mark, the package it is about, and the rest.
pub fn change(change: &Change) -> (Mark, &str, String) {
    match change {
        Change::Install { attribute, source, outputs, priority } => {
            let (name, origin) = match source.as_deref().filter(|source| source.starts_with('/')) {
                Some(file) => of_file(attribute, file),
                None => (attribute.as_str(), None),
            };
            let outputs = outputs.as_ref().map(|outputs| format!("outputs {}", outputs.join(" ")));
            let priority = priority.map(|priority| format!("priority {priority}"));
            let rest: Vec<_> = origin.into_iter().chain(outputs).chain(priority).collect();
            (Mark::Added, name, rest.join(", "))
        }
        Change::Remove { name } => (Mark::Removed, name, String::new()),
        Change::Outputs { name, outputs } => (Mark::Changed, name, format!("outputs {}", outputs.join(" "))),
        Change::Priority { name, priority } => (Mark::Changed, name, format!("priority {priority}")),
        Change::Active { name, active } => (Mark::Changed, name, if *active { "on" } else { "off" }.into()),
        Change::Source { name, attribute, source, outputs } => {
            let of = attribute.as_ref().map(|attribute| format!("{attribute} "));
            let outputs = outputs.as_ref().map(|outputs| format!(", outputs {}", outputs.join(" ")));
            (Mark::Changed, name, format!("{}from {source}{}", of.unwrap_or_default(), outputs.unwrap_or_default()))
        }
    }
}

/// What of an environment file is installed: the file's own name for all of it, or the package's name and that of the file.
fn of_file<'a>(attribute: &'a str, file: &'a str) -> (&'a str, Option<String>) {
    let name = file.trim_end_matches('/').rsplit('/').next().unwrap_or(file);
    match attribute {
        "default" => (name, Some("as one package".to_owned())),
        attribute => (attribute.strip_prefix("paths.").unwrap_or(attribute), Some(format!("from {name}"))),
    }
}

/// What a suggestion would stage, all of it.
pub fn suggestion(suggestion: &Suggestion) -> String {
    let settlements: Vec<_> = suggestion.settlements.iter().map(settlement).collect();
    settlements.join(" and ")
}

/// One of the changes that a suggestion would stage.
pub fn settlement(settlement: &Settlement) -> String {
    match settlement {
        Settlement::Priority { package, priority } => format!("give {package} priority {priority}"),
        Settlement::DropOutput { package, output } => format!("leave out {package}'s output {output}"),
        Settlement::TakeOutput { package, instead_of, output } => {
            format!("take {package}'s output {output} instead of {instead_of}")
        }
        Settlement::Deactivate { package } => format!("switch {package} off"),
        Settlement::Remove { package } => format!("remove {package}"),
    }
}

/// A sign for each kind of collision, beside its word.
pub fn kind_sign(kind: CollisionKind) -> &'static str {
    match kind {
        CollisionKind::Shadowed => "▾",
        CollisionKind::SameFile => "=",
        CollisionKind::SameContent => "≡",
        CollisionKind::ModeDiffers => "≈",
        CollisionKind::Tie => "≠",
        CollisionKind::Dangling => "?",
        CollisionKind::FileDirectory => "/",
    }
}

/// The packages of a pair: `a ↔ b`; of one whose own outputs collide, `a ↔ itself`.
pub fn pair(packages: &[Arc<str>]) -> String {
    match packages {
        [] => String::new(),
        [only] => format!("{only} ↔ itself"),
        [one, other] => format!("{one} ↔ {other}"),
        [one, other, third] => format!("{one} ↔ {other} ↔ {third}"),
        [one, other, rest @ ..] => format!("{one} ↔ {other} and {} more", rest.len()),
    }
}

/// How many collisions there are, and how many of them block.
pub fn tally_blocking(all: usize, blocking: usize) -> String {
    let collisions = text::plural(all, "collision");
    match blocking {
        0 => format!("{collisions}, and nothing blocks"),
        1 if all == 1 => format!("{collisions}, which blocks"),
        _ if blocking == all => format!("{collisions}, and all of them block"),
        1 => format!("{collisions}, of which 1 blocks"),
        _ => format!("{collisions}, of which {} block", text::count_of(blocking)),
    }
}

/// That a collision harms nobody, and where it blocks all the same; `None` if it does harm.
pub fn harmless(collision: &Collision) -> Option<&'static str> {
    match (collision.kind, collision.blocks) {
        (CollisionKind::SameFile, true) => {
            Some("Harmless: it is the same file. Yet the rules `nix` refuse any tie; `nixpkgs` keeps the first.")
        }
        (CollisionKind::SameFile, false) => {
            Some("Harmless: it is the same file. At one priority `nix` would refuse it; `nixpkgs` keeps the first.")
        }
        (CollisionKind::SameContent, true) => {
            Some("Harmless: they are the same bytes. Yet the rules `nix` refuse any tie; `nixpkgs` keeps the first.")
        }
        (CollisionKind::SameContent, false) => Some(
            "Harmless: they are the same bytes. At one priority `nix` would refuse them; `nixpkgs` keeps the first.",
        ),
        _ => None,
    }
}

/// What a suggestion alters besides what it settles.
pub fn alters(difference: &Difference) -> String {
    let parts = [
        (Mark::Added, difference.added.len()),
        (Mark::Removed, difference.removed.len()),
        (Mark::Changed, difference.changed.len()),
    ];
    let all: usize = parts.iter().map(|(_, number)| number).sum();
    if all == 0 {
        return "alters nothing else".into();
    }
    let parts = parts.into_iter().filter(|(_, number)| *number > 0);
    let parts: Vec<_> = parts.map(|(mark, number)| format!("{}{}", mark.sign(), text::count_of(number))).collect();
    format!("alters {} ({})", text::plural(all, "other file"), parts.join(" "))
}

/// How the contents of two contenders' files differ, in a sentence or two.
pub fn contents(contents: &FileContents, sides: &[FileFacts; 2], one: &str, other: &str) -> String {
    let both = || match [sides[0].size, sides[1].size] {
        [Some(one), Some(other)] if one == other => format!("both of {}", text::size(one)),
        [Some(one), Some(other)] => format!("{} against {}", text::size(one), text::size(other)),
        _ => "of sizes that are not known".to_owned(),
    };
    match contents {
        FileContents::SameFile => format!("{one} and {other}: the same file."),
        FileContents::SameBytes => format!("{one} and {other}: the same bytes, {}.", both()),
        FileContents::Text { lines, .. } => {
            let number = |wanted| lines.iter().filter(|line| line.change == wanted).count();
            format!(
                "From {one} to {other}: {} − {} + lines",
                text::count_of(number(DiffChange::Removed)),
                text::count_of(number(DiffChange::Added))
            )
        }
        FileContents::Bytes { first, types } => {
            let types =
                if types[0] == types[1] { types[0].to_owned() } else { format!("{} against {}", types[0], types[1]) };
            let first = match first {
                Some(first) => {
                    format!("the first byte that differs is number {}", text::count(first.saturating_add(1)))
                }
                None => "one is the beginning of the other".to_owned(),
            };
            format!("{one} and {other} differ: {types}, {}; {first}.", both())
        }
        FileContents::Incomparable(why) => format!("{one} and {other}: nothing to compare: {why}."),
        FileContents::Unknown(why) => format!("{one} and {other}: {why}."),
    }
}

/// Who wants a path: `a ↔ b`, or `a ↔ b and 3 more`.
pub fn contenders(contenders: &[Contender]) -> String {
    match contenders {
        [] => String::new(),
        [only] => only.package.to_string(),
        [one, other] => format!("{} ↔ {}", one.package, other.package),
        [one, other, rest @ ..] => format!("{} ↔ {} and {} more", one.package, other.package, rest.len()),
    }
}

/// Who wins against whom: `a over b`, or who stand against each other if nobody wins.
pub fn contest(collision: &Collision) -> String {
    let Some(winner) = collision.winner.and_then(|winner| collision.contenders.get(winner)) else {
        return contenders(&collision.contenders);
    };
    let mut losers = collision.contenders.iter().enumerate().filter(|(at, _)| Some(*at) != collision.winner);
    let first = losers.next().map_or("", |(_, loser)| &loser.package);
    match losers.count() {
        0 => format!("{} over {first}", winner.package),
        more => format!("{} over {first} and {more} more", winner.package),
    }
}

/// What a row has room for of what another place has: a sign, and with `columns` enough a word.
pub fn elsewhere(found: Option<Match<'_>>, columns: usize) -> String {
    let (sign, word) = match found {
        None => return String::new(),
        Some(Match::Same { .. }) => ("=", "there"),
        Some(Match::OtherVersion { version, .. }) => ("≠", version),
    };
    if columns > 2 { format!("{sign} {word}") } else { sign.to_owned() }
}

/// Columns for [`elsewhere`] in a row of this width.
pub fn elsewhere_columns(columns: usize) -> usize {
    match columns {
        0..20 => 0,
        20..44 => 2,
        _ => 10,
    }
}

/// How far the loading of a source is: `listing nixpkgs… 45,000`; what it does takes `columns` at most.
pub fn progress(step: &Step, columns: usize) -> String {
    let what = text::fit(&step.what, columns);
    let number = so_far(step);
    let what = what.trim_end_matches('…');
    if number.is_empty() { format!("{what}…") } else { format!("{what}… {number}") }
}

/// The same in many words and in few.
pub fn progress_in_words(step: &Step) -> Vec<String> {
    let few = Some(so_far(step)).filter(|number| !number.is_empty()).map_or_else(String::new, |number| number + "…");
    [progress(step, usize::MAX), few, "…".to_owned()].into_iter().filter(|words| !words.is_empty()).collect()
}

/// All that is known of a work: `fetching nodejs… 25% · about 40 s left`. Not safe for a terminal.
pub fn work(work: &Work) -> String {
    match &work.step {
        Some(step) if !work.is_stopping => {
            let left = work.left.map_or_else(String::new, |left| format!(" · {}", pace::in_words(left)));
            progress(step, usize::MAX) + &left
        }
        _ => work.what().to_owned(),
    }
}

/// Few words for a work: `applying 25%`, `listing nixpkgs… 45,000`.
pub fn work_in_short(work: &Work) -> String {
    match &work.step {
        _ if work.is_stopping => "stopping".to_owned(),
        Some(step) if !work.task.is_told_at_once() => progress(step, 24),
        Some(step) if step.total > 0 => format!("{} {}", work.task.name(), so_far(step)),
        _ => work.task.name().to_owned(),
    }
}

/// How far a step is: `25%`, `45,000`; empty if that is not known.
pub fn so_far(step: &Step) -> String {
    match (step.done, step.total) {
        (0, 0) => String::new(),
        (done, 0) => text::count(done),
        (done, total) => format!("{}%", u128::from(done.min(total)) * 100 / u128::from(total)),
    }
}

/// The sign and the word for what a row tells of its obstacles: the gravest of them. `✗` cannot be installed, `!` may fail.
pub fn obstacle(obstacles: &[Obstacle]) -> Option<(&'static str, &'static str)> {
    let graded = obstacles.iter().map(|obstacle| match obstacle {
        Obstacle::Failed(_) => (0, "✗", "fails"),
        // Of a listing alone all rows are such: a word in each would say nothing.
        Obstacle::NeedsNix => (1, "✗", ""),
        Obstacle::Broken => (2, "!", "broken"),
        Obstacle::OtherSystem => (3, "!", "system"),
        Obstacle::Insecure => (4, "!", "insecure"),
        Obstacle::Unfree => (5, "!", "unfree"),
    });
    graded.min().map(|(_, sign, word)| (sign, word))
}

/// All obstacles in words, after their sign; empty if there is none.
pub fn obstacles(obstacles: &[Obstacle]) -> String {
    let Some((sign, _)) = obstacle(obstacles) else { return String::new() };
    let words: Vec<_> = obstacles.iter().map(in_words).collect();
    format!("{sign} {}", words.join(", "))
}

/// An obstacle; of a reason of several lines each is a part. Not safe for a terminal yet.
pub fn in_words(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Failed(reason) => format!("does not evaluate: {}", text::in_a_line(reason)),
        obstacle => obstacle.to_string(),
    }
}

/// What differs between two generations, in numbers: `packages +1, commands +3 −1, files +40`.
pub fn difference(diff: &GenerationDiff) -> String {
    let parts =
        [("packages", packages_tally(diff)), ("commands", counts(&diff.commands)), ("files", counts(&diff.files))];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(_, number)| !number.is_empty())
        .map(|(what, number)| format!("{what} {number}"))
        .collect();
    if parts.is_empty() { "nothing".into() } else { parts.join(", ") }
}

/// How many packages come, go and change: `+2 −1`.
pub fn packages_tally(diff: &GenerationDiff) -> String {
    signed(&[
        (Mark::Added, diff.packages_added.len()),
        (Mark::Removed, diff.packages_removed.len()),
        (Mark::Changed, diff.packages_changed.len()),
    ])
}

/// How much is in the store, and of what: `84.1 MB with all that is needed`.
pub fn size_of(size: Size) -> String {
    let least = if size.is_least { "at least " } else { "" };
    let of = if size.is_closure { "with all that is needed" } else { "of outputs" };
    format!("{least}{} {of}", text::size(size.bytes))
}

/// How long ago something was made: `2 days ago`; empty if that is still to come. At most 14 columns.
pub fn age(made: SystemTime, now: SystemTime) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    const YEAR: u64 = 365 * DAY;
    let Ok(age) = now.duration_since(made) else { return String::new() };
    let (number, unit) = match age.as_secs() {
        0..MINUTE => return "just now".to_owned(),
        seconds @ MINUTE..HOUR => (seconds / MINUTE, "minute"),
        seconds @ HOUR..DAY => (seconds / HOUR, "hour"),
        // As long as a unit says too little: 13 days, but not 1 week.
        seconds if seconds < 14 * DAY => (seconds / DAY, "day"),
        seconds if seconds < 60 * DAY => (seconds / (7 * DAY), "week"),
        seconds if seconds < 2 * YEAR => (seconds / (30 * DAY), "month"),
        seconds => (seconds / YEAR, "year"),
    };
    format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
}

/// `+312 −298 ~4`; `as before` if nothing is different.
pub fn tally<T>(changed: &Changed<T>) -> String {
    let counts = counts(changed);
    if counts.is_empty() { "as before".into() } else { counts }
}

fn counts<T>(changed: &Changed<T>) -> String {
    signed(&[
        (Mark::Added, changed.added.len()),
        (Mark::Removed, changed.removed.len()),
        (Mark::Changed, changed.changed.len()),
    ])
}

/// `+312 −298`, without what there is none of.
fn signed(numbers: &[(Mark, usize)]) -> String {
    let numbers = numbers.iter().filter(|(_, number)| *number > 0);
    numbers.map(|(mark, number)| format!("{}{}", mark.sign(), text::count_of(*number))).collect::<Vec<_>>().join(" ")
}

/// A package in an environment: `zlib 1.3.1`, `zlib 1.3.1 (dev)`.
pub fn inside(name: &StoreName) -> String {
    let StoreName { name, version, output } = name;
    let version = if version.is_empty() { String::new() } else { format!(" {version}") };
    let output = if output == "out" { String::new() } else { format!(" ({output})") };
    format!("{name}{version}{output}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ages_are_in_the_largest_unit_that_says_enough() {
        let made = SystemTime::UNIX_EPOCH;
        for (seconds, words) in [
            (59, "just now"),
            (60, "1 minute ago"),
            (59 * 60 + 59, "59 minutes ago"),
            (3600, "1 hour ago"),
            (86_400, "1 day ago"),
            (13 * 86_400, "13 days ago"),
            (14 * 86_400, "2 weeks ago"),
            (60 * 86_400, "2 months ago"),
            (729 * 86_400, "24 months ago"),
            (730 * 86_400, "2 years ago"),
            (365 * 86_400 * 1000, "1000 years ago"),
        ] {
            assert_eq!(age(made, made + Duration::from_secs(seconds)), words);
            assert!(words.len() <= 14);
        }
        assert_eq!(age(made + Duration::from_secs(1), made), "");
    }
}
