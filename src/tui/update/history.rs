//! The generations screen: marks, undo, what is told of the selected one, and the choice of what is deleted.

use super::super::action::Command;
use super::super::app::{App, Screen};
use super::super::deletion::Choice;
use super::super::dialog::{Dialog, Question};
use super::super::effect::Effect;
use super::super::timeline::{Comparison, Detail, Subject};
use crate::loom::{DeletionPreview, GenerationDiff, GenerationSummary, LoomError};

impl App {
    /// Does a command of the generations screen; `false` if it is none.
    pub(super) fn change_history(&mut self, command: Command) -> bool {
        if self.screen() != Some(Screen::Generations) {
            return false;
        }
        match command {
            Command::MarkGeneration => self.mark_generation(),
            Command::UndoGeneration => self.ask_for_undo(),
            Command::NextPane => self.timeline.is_in_detail = true,
            Command::PreviousPane => self.timeline.is_in_detail = false,
            Command::NextSection => self.next_difference(true),
            Command::PreviousSection => self.next_difference(false),
            Command::ScrollDetailDown => self.scroll_detail(1),
            Command::ScrollDetailUp => self.scroll_detail(-1),
            _ => return false,
        }
        true
    }

    fn mark_generation(&mut self) {
        if let Some(number) = self.selected_generation().map(|generation| generation.number) {
            self.timeline.toggle_mark(number);
        }
    }

    fn scroll_detail(&mut self, halves: isize) {
        let half = isize::try_from(self.timeline.detail.page() / 2).unwrap_or(isize::MAX).max(1);
        self.timeline.detail.scroll(half.saturating_mul(halves));
    }

    /// Brings the heading of the next section, or of the one before, to the top; after the last comes the first.
    fn next_difference(&mut self, is_forward: bool) {
        let starts = Detail::of(self).map(|detail| detail.starts()).unwrap_or_default();
        let was_in_detail = std::mem::replace(&mut self.timeline.is_in_detail, true);
        // Where there was no room for it, it learns now how many of its rows are in sight.
        self.fit_lists();
        let visible = self.timeline.detail.visible();
        let next = if is_forward {
            // What is in sight below the top cannot be brought there at the end of the list.
            let is_at_end = visible.end >= self.timeline.detail.len();
            let after = starts.iter().find(|&&start| start > visible.start && !is_at_end);
            if was_in_detail { after.or(starts.first()) } else { starts.first() }
        } else {
            starts.iter().rev().find(|&&start| start < visible.start).or(starts.last())
        };
        match next {
            Some(&next) => {
                let by = isize::try_from(next).unwrap_or(0) - isize::try_from(visible.start).unwrap_or(0);
                self.timeline.detail.scroll(by);
            }
            None => self.say("There is no section to go to."),
        }
    }

    /// Asks for what is told of the generations, and begins anew at the top where something else is told.
    pub(super) fn follow_history(&mut self) {
        let subject = if self.screen() == Some(Screen::Generations) { Subject::of(self) } else { None };
        if subject.is_some() && !self.timeline.is_asked {
            self.timeline.is_asked = true;
            self.requests.summarise += 1;
            self.outbox.push(Effect::Summarise { request: self.requests.summarise });
        }
        if subject.is_some() && self.timeline.told != subject {
            self.timeline.told = subject;
            self.timeline.detail.to_top();
        }
        self.compare();
    }

    /// Asks for the differences that are to be told and not yet known.
    fn compare(&mut self) {
        let wanted = self.compared();
        if wanted.is_empty() {
            return;
        }
        let is_wanted = |it: &Comparison| wanted.contains(&(it.from, it.to));
        self.timeline.comparisons.retain(is_wanted);
        let are_asked = wanted.iter().all(|&(from, to)| self.timeline.comparison(from, to).is_some());
        if are_asked {
            return;
        }
        // Whatever is not done is asked for again: the newest request takes the place of those that wait.
        self.timeline.comparisons.retain(|it| it.diff.is_some());
        let pairs: Vec<_> =
            wanted.into_iter().filter(|&(from, to)| self.timeline.comparison(from, to).is_none()).collect();
        let asked = pairs.iter().map(|&(from, to)| Comparison { from, to, diff: None });
        self.timeline.comparisons.extend(asked);
        self.requests.compare += 1;
        self.outbox.push(Effect::Compare { request: self.requests.compare, pairs });
        // That it is being compared is told in a row more.
        self.fit_lists();
    }

    pub(super) fn compared_with(
        &mut self,
        request: u64,
        pair: (Option<u64>, u64),
        diff: Result<Box<GenerationDiff>, LoomError>,
    ) {
        let mut comparisons = self.timeline.comparisons.iter_mut();
        if request == self.requests.compare
            && let Some(comparison) = comparisons.find(|it| (it.from, it.to) == pair)
        {
            comparison.diff = Some(diff.map_err(|error| error.to_string()));
        }
    }

    pub(super) fn summarised(&mut self, request: u64, summary: GenerationSummary) {
        if request == self.requests.summarise {
            self.timeline.summaries.insert(summary.number, summary);
        }
    }

    /// Asks before going back to the generation from which the current one was made.
    fn ask_for_undo(&mut self) {
        if let Some(number) = self.current.snapshot.generation {
            let to = self.parent_of(number).number();
            self.dialog = Some(Dialog::Question(Question::UndoGeneration { number, to }));
        }
    }

    /// Asks which generations are to be deleted; the selected one is proposed unless it is the current one.
    pub(super) fn ask_for_deletion(&mut self) {
        let selected = self.selected_generation().filter(|generation| !generation.current);
        self.dialog = Some(Dialog::Deletion(Choice::new(selected.map(|generation| generation.number))));
        self.weigh_deletion();
    }

    /// What is typed became something else.
    pub(super) fn weigh_deletion(&mut self) {
        let Some(Dialog::Deletion(choice)) = &mut self.dialog else { return };
        choice.preview = None;
        choice.offset = 0;
        self.requests.weigh += 1;
        match choice.deletions() {
            Ok(deletions) if deletions.is_empty() => {}
            Ok(deletions) => {
                self.outbox.push(Effect::WeighDeletion { request: self.requests.weigh, deletions });
            }
            Err(error) => choice.preview = Some(Err(error.to_string())),
        }
    }

    pub(super) fn deletion_weighed(&mut self, request: u64, preview: Result<Box<DeletionPreview>, LoomError>) {
        if request == self.requests.weigh
            && let Some(Dialog::Deletion(choice)) = &mut self.dialog
        {
            choice.preview = Some(preview.map_err(|error| error.to_string()));
        }
    }

    /// A key of the dialog that does not type.
    pub(super) fn choose_deletion(&mut self, command: Command) {
        let Some(Dialog::Deletion(choice)) = &mut self.dialog else { return };
        let before = choice.input.text().to_owned();
        match command {
            Command::Accept => return self.delete_chosen(),
            Command::NextRule => choice.next_rule(),
            Command::Down => choice.scroll(1),
            Command::Up => choice.scroll(-1),
            command => {
                choice.input.edit(command);
            }
        }
        if choice.input.text() != before {
            self.weigh_deletion();
        }
    }

    /// Deletes exactly those generations that are listed.
    fn delete_chosen(&mut self) {
        let Some(Dialog::Deletion(choice)) = &self.dialog else { return };
        let numbers = choice.numbers();
        self.dialog = None;
        self.outbox.push(Effect::DeleteGenerations { numbers });
    }
}
