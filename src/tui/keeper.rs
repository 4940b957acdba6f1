//! Keeps what is remembered, on a thread of its own: no key waits for a disk.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::remembered::Remembered;

/// At the end nobody waits longer for a disk than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// The thread that saves. Without a place to save to it does nothing.
pub struct Keeper {
    sender: Sender<Remembered>,
    /// Ends once the thread has.
    done: Receiver<()>,
}

impl Keeper {
    pub fn start(path: Option<PathBuf>) -> Self {
        let (sender, waiting) = channel::<Remembered>();
        let (guard, done) = channel();
        // A machine that gives no thread has other troubles: then nothing is remembered.
        let _ = thread::Builder::new().name("remember".into()).spawn(move || {
            let _guard: Sender<()> = guard;
            for remembered in waiting {
                if let Some(path) = &path {
                    // A disk that is full or read-only is no reason to trouble anybody.
                    let _ = remembered.save(path);
                }
            }
        });
        Self { sender, done }
    }

    /// Has something kept; returns at once.
    pub fn keep(&self, remembered: Remembered) {
        let _ = self.sender.send(remembered);
    }

    /// Waits until all is kept, but not for long.
    pub fn finish(self) {
        drop(self.sender);
        let _ = self.done.recv_timeout(PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_to_be_kept_is_there_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("screen.json");
        let keeper = Keeper::start(Some(path.clone()));
        for query in ["a", "b"] {
            keeper.keep(Remembered { queries: vec![query.into()], ..Remembered::default() });
        }
        keeper.finish();
        assert_eq!(Remembered::load(&path).queries, ["b", "a"]);
    }

    #[test]
    fn without_a_place_nothing_is_kept_and_nobody_waits() {
        let keeper = Keeper::start(None);
        keeper.keep(Remembered::default());
        keeper.finish();
    }
}
