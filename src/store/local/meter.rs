//! Counts the files of one output while they are written.

use crate::progress::{Progress, Step};
use crate::store::StoreError;

/// Tells a [`Progress`] how far one output is, at most once per percent, and when to stop.
pub struct Meter<'a> {
    progress: &'a dyn Progress,
    what: String,
    done: u64,
    total: u64,
}

impl<'a> Meter<'a> {
    /// `total`: number of files.
    pub fn start(progress: &'a dyn Progress, what: String, total: u64) -> Self {
        let meter = Self { progress, what, done: 0, total };
        meter.report();
        meter
    }

    /// To be called before each file.
    pub fn next_file(&mut self) -> Result<(), StoreError> {
        if self.progress.is_cancelled() {
            return Err(StoreError::Cancelled);
        }
        let before = self.percent();
        self.done += 1;
        if self.percent() != before {
            self.report();
        }
        Ok(())
    }

    fn percent(&self) -> u64 {
        self.done.saturating_mul(100) / self.total.max(1)
    }

    fn report(&self) {
        self.progress.step(Step { what: self.what.clone(), done: self.done, total: self.total });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Recorded;

    #[test]
    fn many_files_are_told_once_a_percent_and_to_the_end() {
        let recorded = Recorded::default();
        let mut meter = Meter::start(&recorded, "x".to_owned(), 100_000);
        for _ in 0..100_000 {
            meter.next_file().unwrap();
        }
        let steps = recorded.0.into_inner().unwrap();
        assert_eq!(steps.len(), 101);
        assert_eq!((steps[0].done, steps[100].done), (0, 100_000));
    }
}
