//! The history as the screen has it: what is known of each generation, which two are marked, and what is compared.

mod detail;

use std::collections::{HashMap, HashSet};

use super::app::{App, Screen};
use super::dialog::{Dialog, Question};
use super::list::List;
use super::moment::Moment;
use crate::loom::{GenerationDiff, GenerationSummary};
use crate::profile::{Generation, Parent};

pub use detail::{Detail, Row, Section, Subject, detail_len};

/// More are not marked: what differs is told of two.
const MARKS: usize = 2;

/// State of the generations screen; the list of generations itself is part of what is known of the profile.
#[derive(Debug, Default)]
pub struct Timeline {
    /// What is known of each generation, by its number.
    pub summaries: HashMap<u64, GenerationSummary>,
    /// Whether the summaries were asked for since the profile was read last.
    pub(super) is_asked: bool,
    /// The marked generations, lowest first.
    marks: Vec<u64>,
    /// Whether the keys move in what is told of the selected generation.
    pub is_in_detail: bool,
    /// What is in sight of that.
    pub detail: List,
    /// What is told there.
    pub(super) told: Option<Subject>,
    /// What differs between the generations that are looked at.
    pub(super) comparisons: Vec<Comparison>,
    /// When the profile was read last.
    pub(super) read: Moment,
}

/// The difference between two generations.
#[derive(Debug)]
pub struct Comparison {
    /// `None`: nothing installed.
    pub from: Option<u64>,
    pub to: u64,
    /// `None` while it is being worked out.
    pub diff: Option<Result<Box<GenerationDiff>, String>>,
}

impl Timeline {
    pub fn marks(&self) -> &[u64] {
        &self.marks
    }

    pub fn is_marked(&self, number: u64) -> bool {
        self.marks.contains(&number)
    }

    /// The two marked generations, the older one first.
    pub fn pair(&self) -> Option<(u64, u64)> {
        if let [from, to] = *self.marks { Some((from, to)) } else { None }
    }

    /// Marks a generation or takes its mark off; `false` if as many are marked as can be.
    pub(super) fn toggle_mark(&mut self, number: u64) -> bool {
        if self.is_marked(number) {
            self.marks.retain(|&marked| marked != number);
            return true;
        }
        if self.marks.len() == MARKS {
            return false;
        }
        self.marks.push(number);
        self.marks.sort_unstable();
        true
    }

    pub(super) fn clear_marks(&mut self) {
        self.marks.clear();
    }

    /// Keeps of a profile that was read again what still holds: of generations that are still the same.
    pub(super) fn read_again(&mut self, before: &[Generation], after: &[Generation], now: Moment) {
        let path_in = |generations: &[Generation], number: u64| {
            let at = generations.binary_search_by_key(&number, |generation| generation.number).ok()?;
            Some(generations[at].path.clone())
        };
        let is_same = |number: u64| path_in(after, number).is_some_and(|path| path_in(before, number) == Some(path));
        self.summaries.retain(|&number, _| is_same(number));
        self.marks.retain(|&number| is_same(number));
        self.comparisons.clear();
        self.is_asked = false;
        self.read = now;
    }

    pub fn comparison(&self, from: Option<u64>, to: u64) -> Option<&Comparison> {
        self.comparisons.iter().find(|comparison| (comparison.from, comparison.to) == (from, to))
    }
}

impl App {
    /// The generations as they are listed: newest first.
    pub fn generation(&self, row: usize) -> Option<&Generation> {
        self.current.generations.iter().rev().nth(row)
    }

    pub fn selected_generation(&self) -> Option<&Generation> {
        self.generation(self.lists.generations.selected()?)
    }

    /// The row on which a generation is listed.
    pub fn row_of_generation(&self, number: u64) -> Option<usize> {
        Some(self.current.generations.len() - 1 - self.position_of_generation(number)?)
    }

    pub fn generation_of(&self, number: u64) -> Option<&Generation> {
        Some(&self.current.generations[self.position_of_generation(number)?])
    }

    /// From which generation that one was made.
    pub fn parent_of(&self, number: u64) -> Parent {
        let parent = self.position_of_generation(number).and_then(|at| self.current.parents.get(at));
        parent.copied().unwrap_or(Parent::Unknown)
    }

    /// The newest generation below that one.
    pub fn generation_below(&self, number: u64) -> Option<u64> {
        let below = self.position_of_generation(number)?.checked_sub(1)?;
        Some(self.current.generations[below].number)
    }

    /// The generation that rolling back goes to: the newest one below the current.
    pub fn generation_before(&self) -> Option<u64> {
        self.generation_below(self.current.snapshot.generation?)
    }

    fn position_of_generation(&self, number: u64) -> Option<usize> {
        self.current.generations.binary_search_by_key(&number, |generation| generation.number).ok()
    }

    /// The pairs of generations between which the difference is to be told now, the most wanted first.
    pub(super) fn compared(&self) -> Vec<(Option<u64>, u64)> {
        let current = self.current.snapshot.generation;
        let mut pairs = Vec::new();
        if let Some(Dialog::Question(Question::GoToGeneration(to) | Question::UndoGeneration { to: Some(to), .. })) =
            self.dialog
        {
            pairs.push((current, to));
        }
        if self.screen() == Some(Screen::Generations) {
            match Subject::of(self) {
                None => {}
                Some(Subject::Pair(from, to)) => pairs.push((Some(from), to)),
                Some(Subject::One(number)) => {
                    let parent = self.parent_of(number);
                    let made = (parent == Parent::Nothing || parent.number().is_some()).then(|| parent.number());
                    pairs.extend(made.map(|parent| (parent, number)));
                    pairs.extend(current.filter(|&current| current != number).map(|current| (Some(current), number)));
                }
            }
        }
        let mut seen = HashSet::new();
        pairs.retain(|&pair| seen.insert(pair));
        pairs
    }
}
