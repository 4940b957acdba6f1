//! Works through directories on all cores.
//!
//! The newest piece of work is taken first. So the pile stays small, and a chain of links that leads in circles reaches
//! its end, which is an error, before it has spread.

use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::directory::{Merger, Outcome};
use super::job::Job;
use crate::engine::PlanError;

/// What is left to do, and what came of it.
struct Work {
    waiting: Vec<Job>,
    /// How many threads are at work; when none is and nothing waits, all is done.
    busy: usize,
    outcomes: Vec<Outcome>,
    failed: Option<PlanError>,
}

/// Works out the first directory and all that it brings forth.
pub(super) fn run(first: &Job, merger: &Merger) -> Result<Vec<Outcome>, PlanError> {
    // A thread costs more than a few small directories.
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = if first.contributions.len() < 8 { 1 } else { cores };
    match run_on(threads, first, merger) {
        // Which of several errors comes first must not depend on chance.
        Err(_) if threads > 1 => run_on(1, first, merger),
        done => done,
    }
}

fn run_on(threads: usize, first: &Job, merger: &Merger) -> Result<Vec<Outcome>, PlanError> {
    let mut outcome = merger.merge(first)?;
    let waiting = outcome.below.drain(..).rev().collect();
    let work = Mutex::new(Work { waiting, busy: 0, outcomes: vec![outcome], failed: None });
    let changed = Condvar::new();
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| toil(&work, &changed, merger));
        }
        toil(&work, &changed, merger);
    });
    let work = work.into_inner().unwrap_or_else(PoisonError::into_inner);
    work.failed.map_or(Ok(work.outcomes), Err)
}

fn toil(work: &Mutex<Work>, changed: &Condvar, merger: &Merger) {
    let lock = || -> MutexGuard<Work> { work.lock().unwrap_or_else(PoisonError::into_inner) };
    let mut guard = lock();
    loop {
        let Some(job) = guard.waiting.pop() else {
            if guard.busy == 0 {
                changed.notify_all();
                return;
            }
            guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        guard.busy += 1;
        drop(guard);
        let done = merger.merge(&job);
        guard = lock();
        guard.busy -= 1;
        match done {
            Ok(mut outcome) => {
                let below = outcome.below.drain(..).rev();
                let has_below = below.len() > 0;
                guard.waiting.extend(below);
                guard.outcomes.push(outcome);
                if has_below {
                    changed.notify_all();
                }
            }
            Err(error) => {
                guard.failed.get_or_insert(error);
                guard.waiting.clear();
            }
        }
    }
}
