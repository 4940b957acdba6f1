//! Long works: what begins, tells how far it is, ends, and is asked to stop.

use super::super::app::{App, Screen};
use super::super::dialog::{Dialog, Question};
use super::super::effect::Effect;
use super::super::log::Kind;
use super::super::moment::Moment;
use super::super::work::{Task, Work};
use super::super::{pace, text};
use crate::progress::Step;

/// Has work begin that something else than an effect does.
pub fn begin(app: &mut App, task: Task, now: Moment) {
    app.now = now;
    app.begin(task, task.name());
}

/// Has it end, well or with this error.
pub fn end(app: &mut App, task: Task, error: Option<String>, now: Moment) {
    app.now = now;
    app.ended(task, error);
}

impl App {
    /// Takes in what the update asks for.
    pub(super) fn begin_works(&mut self) {
        let asked: Vec<Task> = self.outbox.iter().filter_map(Task::of).collect();
        for task in asked.into_iter().filter(|task| task.is_told_at_once()) {
            self.begin(task, task.name());
        }
    }

    fn begin(&mut self, task: Task, what: &str) {
        if let Some(number) = self.works.begin(task, self.now) {
            self.note(Kind::Began, Some(number), what.to_owned());
        }
    }

    pub(super) fn progressed(&mut self, task: Task, step: Step) {
        if !task.is_told_at_once() && self.is_newest(task) {
            self.begin(task, &step.what);
        }
        self.works.go_on(task, self.settings.look.motion.calmed(step), self.now);
    }

    /// Takes in what other programs wrote.
    pub(super) fn heard(&mut self, task: Task, lines: Vec<String>, dropped: u64) {
        let number = self.works.get(task).map(|work| work.number);
        self.log.leave_out(dropped);
        for line in lines {
            self.note(Kind::Said, number, line);
        }
    }

    /// Whether nothing newer was asked for in its place.
    fn is_newest(&self, task: Task) -> bool {
        match task {
            Task::Look(request) => request == self.requests.look,
            Task::Preview(request) => request == self.requests.preview,
            Task::Explain(request) => request == self.requests.explain,
            Task::Compare(request) => request == self.requests.compare,
            Task::CompareFiles(request) => request == self.requests.files,
            _ => true,
        }
    }

    /// Takes out what has ended, well or with this error.
    pub(super) fn ended(&mut self, task: Task, error: Option<String>) -> Option<Work> {
        if self.dialog == Some(Dialog::Question(Question::Stop(task))) {
            self.dialog = None;
        }
        let work = self.works.end(task)?;
        let what = match &work.step {
            Some(step) if !task.is_told_at_once() => step.what.trim_end_matches('…'),
            _ => task.name(),
        };
        let taken = pace::taken(self.now.since(work.began));
        let (kind, text) = match error {
            None => (Kind::Done, format!("{what}: done after {taken}")),
            Some(_) if work.is_stopping || !self.is_newest(task) => {
                (Kind::Stopped, format!("{what}: stopped after {taken}"))
            }
            Some(error) => (Kind::Failed, format!("{what}: failed after {taken}: {error}")),
        };
        self.note(kind, Some(work.number), text);
        Some(work)
    }

    /// Asks a work to stop, or asks first whether to if something would be lost; `false` if it cannot be stopped.
    pub(super) fn ask_to_stop(&mut self, task: Task) -> bool {
        let can_be = self.works.get(task).is_some_and(Work::can_be_stopped);
        if can_be && task.is_asked_before_stop() {
            self.dialog = Some(Dialog::Question(Question::Stop(task)));
        } else if can_be {
            self.stop(task);
        }
        can_be
    }

    pub(super) fn stop(&mut self, task: Task) {
        if self.works.stop(task) {
            self.outbox.push(Effect::Cancel(task));
        }
    }

    /// Says what became of work that brought nothing; that it was stopped is no error.
    pub(super) fn fail(&mut self, what: &str, error: &str, was_stopped: bool) {
        let sentence = format!("{what}: {}", text::in_a_line(error));
        if was_stopped { self.say(sentence) } else { self.show_error(sentence) }
    }

    /// Says what came of work, in the log as well.
    pub(super) fn announce(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.note(Kind::Note, None, text.clone());
        self.say(text);
    }

    pub(super) fn show_log(&mut self) {
        self.errors.put_all_away();
        self.open(Screen::Log);
        self.fit_lists();
        self.log.list.to_bottom();
    }

    /// Selects the next work, after the last the first.
    pub(super) fn next_work(&mut self) {
        let next = self.lists.works.selected().map_or(0, |at| at + 1);
        self.lists.works.select(if next < self.works.all().len() { next } else { 0 });
    }
}
