//! Many files of a cache at once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use crate::engine::Listing;
use crate::progress::{Progress, Step};

use super::{Source, Trouble};

/// How long it takes at most until somebody who waits learns that nobody wants it any more.
const LOOK: Duration = Duration::from_millis(50);

/// What is said of one path: its number, and its listing if there is one.
type Answer = (usize, Result<Option<Listing>, String>);

/// One call for listings. Its threads share it, and may outlive it by the time that a request takes: a call that is no
/// longer wanted does not wait for a server.
pub(super) struct Work {
    source: Arc<Source>,
    paths: Vec<PathBuf>,
    next: AtomicUsize,
    is_wanted: AtomicBool,
    /// Whether the cache is one of our store; asked once, and everybody waits for it.
    check: OnceLock<Result<(), String>>,
    /// Why the cache is asked no more.
    given_up: OnceLock<String>,
}

impl Work {
    pub fn new(source: Arc<Source>, paths: &[PathBuf]) -> Arc<Self> {
        Arc::new(Self {
            source,
            paths: paths.to_vec(),
            next: AtomicUsize::new(0),
            is_wanted: AtomicBool::new(true),
            check: OnceLock::new(),
            given_up: OnceLock::new(),
        })
    }

    pub fn run(self: Arc<Self>, found: &(dyn Fn(&Path, Result<Listing, String>) + Sync), progress: &dyn Progress) {
        let (answers, answered) = mpsc::channel();
        let mut is_started = false;
        for _ in 0..self.source.limits.parallel.clamp(1, self.paths.len().max(1)) {
            let (work, answers) = (Arc::clone(&self), answers.clone());
            // Those that can be started do the rest.
            is_started |= thread::Builder::new().spawn(move || work.answer_all(&answers)).is_ok();
        }
        if !is_started {
            self.paths.iter().for_each(|path| found(path, Err("cannot start a thread".into())));
        }
        drop(answers);
        let mut done = 0;
        while !progress.is_cancelled() {
            let (at, answer) = match answered.recv_timeout(LOOK) {
                Ok(answer) => answer,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            done += 1;
            let what = format!("asking {} what is in packages", self.source.url);
            progress.step(Step { what, done, total: self.paths.len() as u64 });
            if let Some(listing) = answer.transpose() {
                found(&self.paths[at], listing);
            }
        }
        self.is_wanted.store(false, Ordering::Relaxed);
    }

    fn answer_all(&self, answers: &Sender<Answer>) {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = self.paths.get(at) else { return };
            let answer = self.answer(path);
            if !self.is_wanted() || answers.send((at, answer)).is_err() {
                return;
            }
        }
    }

    fn answer(&self, path: &Path) -> Result<Option<Listing>, String> {
        let is_wanted = || self.is_wanted();
        self.check.get_or_init(|| self.source.check(&is_wanted).map_err(Trouble::into_problem)).clone()?;
        if let Some(problem) = self.given_up.get() {
            return Err(problem.clone());
        }
        self.source.listing(path, &is_wanted).map_err(|trouble| {
            let is_for_all = matches!(trouble, Trouble::NoAnswer(_));
            let problem = trouble.into_problem();
            if is_for_all {
                let _ = self.given_up.set(problem.clone());
            }
            problem
        })
    }

    fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::Relaxed)
    }
}
