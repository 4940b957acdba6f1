//! What is told of a generation, or of two that are marked, row by row. Rows are worked out by counting, so what differs in
//! 100,000 files costs no more than what differs in ten.

use super::super::app::{App, Screen};
use super::super::layout;
use super::super::{text, words};
use super::Comparison;
use crate::loom::{Changed, GenerationDiff};
use crate::profile::{Generation, Parent};

/// Of what something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One generation, compared with its parent.
    One(u64),
    /// Two that are marked, the older one first.
    Pair(u64, u64),
}

impl Subject {
    /// `None` without any generation.
    pub fn of(app: &App) -> Option<Self> {
        match app.timeline.pair() {
            Some((from, to)) => Some(Self::Pair(from, to)),
            None => app.selected_generation().map(|generation| Self::One(generation.number)),
        }
    }
}

/// A part of what differs, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Packages,
    Commands,
    Files,
}

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A line of [`Detail::facts`].
    Fact(usize),
    Heading(Section),
    /// The section's item of that index.
    Item(Section, usize),
    Blank,
}

/// All that is told of the subject.
pub struct Detail<'a> {
    pub title: String,
    /// Safe, and broken into lines.
    pub facts: Vec<String>,
    pub diff: Option<&'a GenerationDiff>,
    sections: Vec<(Section, usize)>,
}

/// The number of its rows; none while the generations are not looked at.
pub fn detail_len(app: &App) -> usize {
    if app.screen() == Some(Screen::Generations) { Detail::of(app).map_or(0, |detail| detail.len()) } else { 0 }
}

impl<'a> Detail<'a> {
    pub fn of(app: &'a App) -> Option<Self> {
        let columns = layout::generation_columns(app);
        let subject = Subject::of(app)?;
        let (title, facts, comparison) = match subject {
            Subject::One(number) => {
                let generation = app.generation_of(number)?;
                let comparison = app.timeline.comparison(app.parent_of(number).number(), number);
                (format!("What generation {number} changed"), facts_of(app, generation), comparison)
            }
            Subject::Pair(from, to) => {
                let marked = [from, to].into_iter().filter_map(|number| app.generation_of(number));
                let facts = marked.map(|generation| short(app, generation));
                (format!("From {from} to {to}, marked"), facts.collect(), app.timeline.comparison(Some(from), to))
            }
        };
        let mut facts: Vec<String> = facts.iter().flat_map(|fact| text::wrap(fact, columns)).collect();
        let diff = match comparison {
            Some(Comparison { diff: Some(Ok(diff)), .. }) => Some(&**diff),
            Some(Comparison { diff: Some(Err(error)), .. }) => {
                facts.extend(text::wrap(&format!("It cannot be compared: {error}"), columns));
                None
            }
            Some(Comparison { diff: None, .. }) => {
                facts.push("comparing…".to_owned());
                None
            }
            None => None,
        };
        let sections = diff.map_or_else(Vec::new, |diff| {
            let packages = diff.packages_added.len() + diff.packages_changed.len() + diff.packages_removed.len();
            let sections = [
                (Section::Packages, packages),
                (Section::Commands, total(&diff.commands)),
                (Section::Files, total(&diff.files)),
            ];
            sections.into_iter().filter(|(_, items)| *items > 0).collect()
        });
        if diff.is_some() && sections.is_empty() {
            facts.push("The same packages and files.".to_owned());
        }
        Some(Self { title, facts, diff, sections })
    }

    pub fn len(&self) -> usize {
        self.facts.len() + self.sections.iter().map(|(_, items)| items + 2).sum::<usize>()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn row(&self, row: usize) -> Option<Row> {
        let Some(mut row) = row.checked_sub(self.facts.len()) else { return Some(Row::Fact(row)) };
        for &(section, items) in &self.sections {
            match row {
                0 => return Some(Row::Blank),
                1 => return Some(Row::Heading(section)),
                item if item <= items + 1 => return Some(Row::Item(section, item - 2)),
                _ => row -= items + 2,
            }
        }
        None
    }

    /// The headings of all sections.
    pub fn starts(&self) -> Vec<usize> {
        let mut next = self.facts.len();
        let start = |(_, items): &(Section, usize)| {
            let start = next + 1;
            next += items + 2;
            start
        };
        self.sections.iter().map(start).collect()
    }
}

fn total<T>(changed: &Changed<T>) -> usize {
    changed.added.len() + changed.changed.len() + changed.removed.len()
}

/// What is known of one generation, a fact in a sentence.
fn facts_of(app: &App, generation: &Generation) -> Vec<String> {
    let number = generation.number;
    let mut facts = vec![made(app, generation)];
    facts.push(match app.parent_of(number) {
        Parent::Nothing => "It is the first: before it there was nothing.".to_owned(),
        Parent::Known(parent) => format!("It was made from generation {parent}."),
        Parent::Deleted(parent) => format!("It was made from generation {parent}, which is deleted."),
        Parent::Probably(parent) => format!("It was probably made from {parent}, the one below; that is not recorded."),
        Parent::Unknown => "From which it was made is not known: none below it is left.".to_owned(),
    });
    if let Some(summary) = app.timeline.summaries.get(&number) {
        match &summary.facts {
            Ok(known) => facts.push(format!(
                "It has {}{}.",
                text::plural(known.packages, "package"),
                known.size.map(|size| format!(", {}", words::size_of(size))).unwrap_or_default()
            )),
            Err(problem) => facts.push(format!("It cannot be read: {problem}")),
        }
        facts.extend(summary.same_as.map(|same| format!("It is the very same environment as generation {same}.")));
    }
    if let &[marked] = app.timeline.marks() {
        facts.push(format!("Generation {marked} is marked; a mark on another one compares the two."));
    }
    let current = app.current.snapshot.generation;
    if current == Some(number) {
        facts.push("It is the current one.".to_owned());
    } else if let Some(Comparison { diff: Some(Ok(diff)), .. }) = app.timeline.comparison(current, number) {
        facts.push(format!("Going there would change: {}.", words::difference(diff)));
    }
    facts
}

/// A marked generation in a line.
fn short(app: &App, generation: &Generation) -> String {
    let summary = app.timeline.summaries.get(&generation.number);
    let known = summary.and_then(|summary| summary.facts.as_ref().ok());
    let size = known.and_then(|known| known.size).map(|size| format!(", {}", words::size_of(size)));
    let packages = known.map(|known| format!(", {}", text::plural(known.packages, "package")));
    let made = made(app, generation);
    format!(
        "{}: {}{}{}.",
        generation.number,
        made.trim_end_matches('.').trim_start_matches("Made "),
        packages.unwrap_or_default(),
        size.unwrap_or_default()
    )
}

fn made(app: &App, generation: &Generation) -> String {
    let age = app.age(generation);
    let date = app.date(generation);
    if age.is_empty() { format!("Made {date}.") } else { format!("Made {date}, {age}.") }
}
