//! How far long work is, on standard error; quiet where that is no terminal.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::progress::{Progress, Step};
use crate::safe;

/// Not more often than a person can read.
const PAUSE: Duration = Duration::from_millis(50);

/// One line that is written over until the work is done.
pub(super) struct Line {
    is_terminal: bool,
    /// When the line was written last, and what it said was being done.
    last: Mutex<Option<(Instant, String)>>,
}

impl Line {
    pub fn new() -> Self {
        Self { is_terminal: stderr().is_terminal(), last: Mutex::new(None) }
    }
}

impl Progress for Line {
    fn step(&self, step: Step) {
        if !self.is_terminal {
            return;
        }
        let Ok(mut last) = self.last.lock() else { return };
        let is_news = last.as_ref().is_none_or(|(then, what)| *what != step.what || then.elapsed() >= PAUSE);
        if is_news {
            let percent = (step.done.min(step.total) * 100).checked_div(step.total);
            let percent = percent.map(|percent| format!("{percent:3} %  ")).unwrap_or_default();
            // No line may wrap: only its last row could be written over. Autowrap is off while it is written.
            let _ = write!(stderr(), "\r\x1b[K\x1b[?7l{percent}{}\x1b[?7h", safe::text(&step.what));
            *last = Some((Instant::now(), step.what));
        }
    }
}

impl Drop for Line {
    /// Leaves no trace for the lines that follow.
    fn drop(&mut self) {
        if self.last.get_mut().is_ok_and(|last| last.is_some()) {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
