//! What ticking or unticking each output of the subject would do, as far as it is worked out. It is kept for what was
//! looked at until the staged changes or the profile become others.

use std::collections::HashMap;

use super::app::{App, Screen};
use super::effect::Effect;
use super::layout;
use super::subject::{OutputRow, Subject};
use super::text;
use crate::loom::{Consequence, LoomError};
use crate::profile::Transaction;

/// What one key press on an output would do, or why that cannot be told.
pub type Weight = Result<Consequence, String>;

/// Name of the element, attribute and source.
type Key = (String, String, String);

/// Subjects kept; looking at more forgets the others.
const KEPT: usize = 200;

/// The weights of outputs; all are told of the same staged changes.
#[derive(Clone, Debug, Default)]
pub struct Weighing {
    staged: Transaction,
    known: HashMap<Key, Vec<Known>>,
    /// What was asked for last, and of which outputs.
    asked: Option<(Key, Vec<Tick>)>,
    /// What was known of the subject before the staged changes became others: shown until it is known anew.
    before: Option<(Key, Vec<Known>)>,
}

/// An output, and whether it was ticked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tick {
    output: String,
    is_ticked: bool,
}

type Known = (Tick, Weight);

impl Weighing {
    /// The profile or what is known of outputs became something else.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn of(&self, subject: &Subject<'_>, output: &str) -> Option<&Weight> {
        let known = self.known.get(&key(subject))?;
        known.iter().find(|(tick, _)| tick.output == output).map(|(_, weight)| weight)
    }

    fn before(&self, subject: &Subject<'_>, output: &str, is_ticked: bool) -> Option<&Weight> {
        let (_, known) = self.before.as_ref().filter(|(of, _)| *of == key(subject))?;
        let is_same = |tick: &Tick| tick.output == output && tick.is_ticked == is_ticked;
        known.iter().find(|(tick, _)| is_same(tick)).map(|(_, weight)| weight)
    }

    /// Is told of other staged changes from here on.
    fn restart(&mut self, staged: Transaction, subject: Option<&Subject<'_>>) {
        let before = subject.map(key).and_then(|key| Some((key.clone(), self.known.remove(&key)?)));
        *self = Self { staged, before, ..Self::default() };
    }

    fn is_asked(&self, subject: &Subject<'_>) -> bool {
        self.asked.as_ref().is_some_and(|(asked, _)| *asked == key(subject))
    }
}

fn key(subject: &Subject<'_>) -> Key {
    let element = subject.element.map_or("", |element| &element.name);
    let (attribute, source) = match (&subject.package, subject.element) {
        (Some(package), _) => (package.attribute.as_str(), &*package.source),
        (None, Some(element)) => (element.attribute.as_str(), element.source.as_str()),
        (None, None) => ("", ""),
    };
    (element.to_owned(), attribute.to_owned(), source.to_owned())
}

impl App {
    /// What a key press on an output of the subject would do; `None` while it is not known.
    pub fn weight(&self, subject: &Subject<'_>, output: &str, is_ticked: bool) -> Option<&Weight> {
        let known = self.weighing.of(subject, output).filter(|_| self.weighing.staged == *self.staged.transaction());
        known.or_else(|| self.weighing.before(subject, output, is_ticked))
    }

    /// Whether that is being worked out.
    pub fn is_weighing(&self, subject: &Subject<'_>) -> bool {
        self.weighing.staged == *self.staged.transaction() && self.weighing.is_asked(subject)
    }

    /// Asks for what is not known yet of the outputs in sight.
    pub(super) fn weigh(&mut self) {
        if self.outputs.is_none() || !self.shows_outputs() {
            return;
        }
        let mut weighing = std::mem::take(&mut self.weighing);
        let subject = self.subject();
        if weighing.staged != *self.staged.transaction() || weighing.known.len() > KEPT {
            weighing.restart(self.staged.transaction().clone(), subject.as_ref());
        }
        let asked = subject.filter(|subject| !weighing.is_asked(subject)).and_then(|subject| {
            let chosen = self.chosen_outputs(&subject);
            let unknown = self.output_names(&subject).into_iter().filter(|name| weighing.of(&subject, name).is_none());
            let toggled = unknown.filter_map(|name| {
                let tick = Tick { output: name.clone(), is_ticked: chosen.contains(name) };
                Some((tick, self.with_output_toggled(&subject, name)?))
            });
            let (ticks, then): (Vec<_>, Vec<_>) = toggled.unzip();
            (!ticks.is_empty()).then(|| ((key(&subject), ticks), then))
        });
        self.weighing = weighing;
        let Some((asked, then)) = asked else { return };
        self.weighing.asked = Some(asked);
        self.requests.outputs += 1;
        let staged = self.staged.transaction().clone();
        self.outbox.push(Effect::Weigh { request: self.requests.outputs, staged, then });
    }

    fn shows_outputs(&self) -> bool {
        match self.screen() {
            None => layout::panes(self).outputs.is_some(),
            Some(screen) => screen == Screen::Details,
        }
    }

    /// Takes the weight of one of the outputs that were asked for in.
    pub(super) fn weighed(&mut self, request: u64, at: usize, weight: Result<Consequence, LoomError>) {
        let Some((key, ticks)) = self.weighing.asked.as_ref().filter(|_| request == self.requests.outputs) else {
            return;
        };
        if let Some(tick) = ticks.get(at) {
            let weight = weight.map_err(|error| error.to_string());
            self.weighing.known.entry(key.clone()).or_default().push((tick.clone(), weight));
        }
    }

    /// None of the outputs that were asked for can be weighed.
    pub(super) fn not_weighed(&mut self, request: u64, error: &LoomError) {
        let Some((key, ticks)) = self.weighing.asked.as_ref().filter(|_| request == self.requests.outputs) else {
            return;
        };
        let weights = ticks.iter().map(|tick| (tick.clone(), Err(error.to_string())));
        self.weighing.known.entry(key.clone()).or_default().extend(weights);
    }
}

/// What a row says of its weight, from many words to few.
pub fn row_words(row: &OutputRow<'_>) -> Vec<String> {
    let consequence = match row.weight {
        None if row.is_weighing => return vec!["…".into()],
        None => return Vec::new(),
        Some(Err(_)) => return vec!["cannot be told".into(), "?".into()],
        Some(Ok(consequence)) => consequence,
    };
    let files = if row.is_ticked { consequence.removed + consequence.changed } else { consequence.added };
    let number = text::count_of(files);
    let (long, middle, short) = match (row.is_ticked, files) {
        (true, 0) => ("brings nothing".to_owned(), "brings 0".to_owned(), "nothing".to_owned()),
        (true, _) => (format!("brings {}", text::plural(files, "file")), format!("brings {number}"), number),
        (false, 0) => ("adds nothing".to_owned(), "adds 0".to_owned(), "nothing".to_owned()),
        (false, _) => (format!("+{}", text::plural(files, "file")), format!("+{number}"), format!("+{number}")),
    };
    if consequence.unknown > 0 {
        if files == 0 {
            return vec!["unknown until fetched".into(), "unknown".into()];
        }
        return vec![format!("{long}, more unknown until fetched"), format!("{long} and more"), format!("{short} …")];
    }
    let (all, blocking) =
        if row.is_ticked { (row.shadowed, row.blocking) } else { (consequence.collisions, consequence.blocking) };
    if all + blocking == 0 {
        return vec![long, middle, short];
    }
    let number = text::count_of(if blocking > 0 { blocking } else { all });
    let few = match (row.is_ticked, blocking) {
        (true, 0) => format!("{number} shadowed"),
        (false, 0) => format!("{number} collide{}", if all == 1 { "s" } else { "" }),
        (_, 1) => format!("{number} blocks"),
        (..) => format!("{number} block"),
    };
    let many = match blocking {
        _ if row.is_ticked => few.clone(),
        0 => format!("collides: {number}"),
        _ if blocking == all => format!("collides: {number} (blocks)"),
        _ => format!("collides: {} ({few})", text::count_of(all)),
    };
    let sign = format!("{}{number}", if blocking > 0 { "✗" } else { "▾" });
    vec![
        format!("{long} · {many}"),
        format!("{short} · {many}"),
        format!("{short} · {few}"),
        format!("{short} {sign}"),
        sign,
    ]
}

/// The same in sentences; `package` is the name of what has the output.
pub fn sentences(row: &OutputRow<'_>, package: &str) -> Option<String> {
    let consequence = match row.weight {
        None if row.is_weighing => return Some("Working out what a tick would do…".into()),
        None => return None,
        Some(Err(error)) => return Some(format!("What a tick would do cannot be told: {error}")),
        Some(Ok(consequence)) => consequence,
    };
    let Consequence { added, removed, changed, collisions, blocking, unknown, .. } = *consequence;
    if unknown > 0 && added + removed + changed == 0 {
        return Some("What it holds is unknown until fetched, and so is what it collides with.".into());
    }
    let files = if row.is_ticked { removed + changed } else { added };
    let mut said = vec![match (row.is_ticked, files) {
        (true, 0) => "It brings no file.".to_owned(),
        (true, files) => format!("It brings {}.", text::plural(files, "file")),
        (false, 0) => "A tick adds no file.".to_owned(),
        (false, files) => format!("A tick adds {}.", text::plural(files, "file")),
    }];
    if row.is_ticked && row.shadowed > 0 {
        let are = if row.shadowed == 1 { "is" } else { "are" };
        said.push(format!("{} of its files {are} shadowed.", text::count_of(row.shadowed)));
    }
    if row.is_ticked && row.blocking > 0 {
        said.push(format!("It blocks the plan at {}.", text::plural(row.blocking, "path")));
    }
    if !row.is_ticked && collisions > 0 {
        let others: Vec<&str> =
            consequence.against.iter().map(|(name, _)| &**name).filter(|name| *name != package).collect();
        let whom = if others.is_empty() { "what the package has".into() } else { text::list(&others, 3) };
        let blocks = if blocking == 0 { "; that does not block" } else { "; that blocks the plan" };
        said.push(format!("It collides at {} with {whom}{blocks}.", text::plural(collisions, "path")));
    }
    if !row.is_ticked && changed > 0 && blocking == 0 {
        said.push(format!("{} would lead elsewhere than now.", text::plural(changed, "path")));
    }
    if unknown > 0 {
        said.push("More is unknown until fetched.".to_owned());
    }
    Some(said.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(is_ticked: bool, weight: &Weight, shadowed: usize) -> OutputRow<'_> {
        OutputRow {
            name: "dev".into(),
            is_default: false,
            is_ticked,
            info: None,
            weight: Some(weight),
            is_weighing: false,
            shadowed,
            blocking: 0,
        }
    }

    #[test]
    fn what_is_unknown_is_said_to_be_so_however_narrow_and_never_told_as_nothing() {
        let weight = Ok(Consequence { unknown: 1, ..Consequence::default() });
        for is_ticked in [false, true] {
            let words = row_words(&row(is_ticked, &weight, 0));
            assert!(words.iter().all(|word| word.starts_with("unknown")), "{words:?}");
            assert!(sentences(&row(is_ticked, &weight, 0), "zlib").unwrap().contains("unknown until fetched"));
        }
        let partly = Ok(Consequence { unknown: 1, added: 3, ..Consequence::default() });
        assert_eq!(row_words(&row(false, &partly, 0))[0], "+3 files, more unknown until fetched");
        assert!(sentences(&row(false, &partly, 0), "zlib").unwrap().ends_with("More is unknown until fetched."));
    }

    #[test]
    fn a_tick_says_what_comes_and_whom_it_meets() {
        let against = vec![("zlib".into(), 3), ("openssl".into(), 3)];
        let weight = Ok(Consequence { added: 1214, collisions: 3, blocking: 3, against, ..Consequence::default() });
        let words = row_words(&row(false, &weight, 0));
        assert_eq!(
            words,
            [
                "+1,214 files · collides: 3 (blocks)",
                "+1,214 · collides: 3 (blocks)",
                "+1,214 · 3 block",
                "+1,214 ✗3",
                "✗3"
            ]
        );
        let said = sentences(&row(false, &weight, 0), "zlib").unwrap();
        assert_eq!(said, "A tick adds 1,214 files. It collides at 3 paths with openssl; that blocks the plan.");
        let ticked = Ok(Consequence { removed: 1, changed: 1, ..Consequence::default() });
        assert_eq!(row_words(&row(true, &ticked, 3))[0], "brings 2 files · 3 shadowed");
        assert_eq!(
            sentences(&row(true, &ticked, 1), "zlib").unwrap(),
            "It brings 2 files. 1 of its files is shadowed."
        );
        assert_eq!(row_words(&row(false, &Ok(Consequence::default()), 0)), ["adds nothing", "adds 0", "nothing"]);
        assert_eq!(row_words(&row(false, &Err("gone".into()), 0))[0], "cannot be told");
    }
}
