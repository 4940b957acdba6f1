//! The log of work that a command does by itself, kept in the state that the screen's log is drawn from.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::action::Action;
use super::super::app::{App, Settings};
use super::super::effect::Reply;
use super::super::moment::Clock;
use super::super::update::{begin, end, update};
use super::super::work::Task;
use super::lines::Lines;
use super::{log, show};
use crate::progress::{Progress, Step};

/// Listens to one work, and passes on what it hears.
pub struct Journal<'a> {
    app: Mutex<App>,
    clock: Clock,
    task: Task,
    listener: &'a dyn Progress,
}

impl<'a> Journal<'a> {
    /// The work begins now.
    pub fn begin(task: Task, settings: Settings, listener: &'a dyn Progress) -> Self {
        let mut app = App::new(settings, show::SIZE);
        let clock = Clock::start();
        begin(&mut app, task, clock.now());
        Self { app: Mutex::new(app), clock, task, listener }
    }

    /// The work has ended, well or with this error; gives the log as plain lines.
    pub fn end(self, error: Option<String>) -> String {
        let mut app = self.app.into_inner().unwrap_or_else(PoisonError::into_inner);
        end(&mut app, self.task, error, self.clock.now());
        let mut lines = Lines::default();
        log::entries(&app, &mut lines);
        lines.text()
    }

    fn app(&self) -> MutexGuard<'_, App> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, reply: Reply) {
        update(&mut self.app(), Action::Reply(reply), self.clock.now());
    }
}

impl Progress for Journal<'_> {
    fn step(&self, step: Step) {
        self.take(Reply::Progressed(self.task, step.clone()));
        self.listener.step(step);
    }

    fn line(&self, line: &str) {
        self.take(Reply::Said { task: self.task, lines: vec![line.to_owned()], dropped: 0 });
        self.listener.line(line);
    }

    fn is_cancelled(&self) -> bool {
        self.listener.is_cancelled()
    }
}
