//! Long works: what begins, tells how far it is, ends, and is asked to stop.

use super::super::app::{App, Dialog, Question};
use super::super::effect::Effect;
use super::super::text;
use super::super::work::{Task, Work};
use crate::progress::Step;

impl App {
    /// Takes in what the update asks for.
    pub(super) fn begin_works(&mut self) {
        let asked: Vec<Task> = self.outbox.iter().filter_map(Task::of).collect();
        for task in asked.into_iter().filter(|task| task.is_told_at_once()) {
            self.works.begin(task, self.now);
        }
    }

    pub(super) fn progressed(&mut self, task: Task, step: Step) {
        if !task.is_told_at_once() && self.is_newest(task) {
            self.works.begin(task, self.now);
        }
        self.works.go_on(task, step, self.now);
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

    /// Takes out what has ended.
    pub(super) fn ended(&mut self, task: Task) -> Option<Work> {
        if self.dialog == Some(Dialog::Question(Question::Stop(task))) {
            self.dialog = None;
        }
        self.works.end(task)
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
        if was_stopped { self.say(sentence) } else { self.complain(sentence) }
    }
}
