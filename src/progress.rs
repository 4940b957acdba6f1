//! How long work tells how far it is, and learns that nobody wants it any more.

use std::sync::Mutex;

/// A moment of long work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is being done, e.g. `putting nodejs-20.11.1 into the store`.
    pub what: String,
    /// Of `total`, in whatever unit the work counts.
    pub done: u64,
    /// 0 if not known.
    pub total: u64,
}

/// Who listens to long work; called from the thread that works.
pub trait Progress: Sync {
    fn step(&self, step: Step);

    /// A line that another program wrote meanwhile, Nix or a builder: without its end, safe for a terminal.
    fn line(&self, _line: &str) {}

    /// Whether to stop at the next safe place.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody listens.
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: Step) {}
}

/// Remembers every step and every line, for tests.
#[derive(Default)]
pub struct Recorded(pub Mutex<Vec<Step>>, pub Mutex<Vec<String>>);

impl Progress for Recorded {
    fn step(&self, step: Step) {
        if let Ok(mut steps) = self.0.lock() {
            steps.push(step);
        }
    }

    fn line(&self, line: &str) {
        if let Ok(mut lines) = self.1.lock() {
            lines.push(line.to_owned());
        }
    }
}
