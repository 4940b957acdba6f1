//! The threads on which effects run. Each kind of work has a thread of its own, so a long apply holds up no preview; where
//! only the newest answer counts, a waiting job is replaced by a newer one. Searches go to the catalogue's own worker,
//! which also stops a search that runs when a newer query comes.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;

use crate::catalogue;
use crate::loom::LoomError;

use super::backend::Backend;
use super::effect::{Effect, Opened, Reply, SEARCH_LIMIT, opened, perform};
use super::look::Look;
use super::offer::Offer;

/// Opens the program beneath, and says how the screen is to look; called again if the user tries again.
pub type Open = dyn Fn() -> Result<(Arc<dyn Backend>, Look), LoomError> + Send + Sync;

/// Which thread does an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    Look,
    Elsewhere,
    Preview,
    Compare,
    /// Compares the files of a collision.
    Files,
    /// Reads what sources offer.
    Load,
    /// Looks at the sources and changes them, which waits for no reading.
    Sources,
    /// Whatever changes or reads the profile, one after the other.
    Work,
}

const LANES: [(Lane, &str); 8] = [
    (Lane::Look, "outputs"),
    (Lane::Elsewhere, "elsewhere"),
    (Lane::Preview, "preview"),
    (Lane::Compare, "compare"),
    (Lane::Files, "files"),
    (Lane::Load, "load"),
    (Lane::Sources, "sources"),
    (Lane::Work, "work"),
];

impl Lane {
    fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Look { .. } => Self::Look,
            Effect::LookElsewhere => Self::Elsewhere,
            Effect::Preview { .. } => Self::Preview,
            // Nobody looks at two generations and at a plan at once.
            Effect::Compare { .. } | Effect::Explain { .. } => Self::Compare,
            Effect::CompareFiles { .. } => Self::Files,
            Effect::LoadSources => Self::Load,
            Effect::LookAtSources | Effect::ChangeSource(_) => Self::Sources,
            _ => Self::Work,
        }
    }

    /// Whether a waiting job is worth nothing once a newer one comes.
    fn keeps_newest_only(self) -> bool {
        !matches!(self, Self::Work | Self::Sources)
    }
}

/// The threads, waiting for effects. They end with the program: nothing that they do has to be ended in order.
pub struct Workers {
    queues: Vec<(Lane, Arc<Queue>)>,
    beneath: Arc<OnceLock<Beneath>>,
    is_cancelled: Arc<AtomicBool>,
}

/// What there is once the program beneath is open.
struct Beneath {
    backend: Arc<dyn Backend>,
    search: catalogue::Worker,
}

impl Workers {
    /// Starts the threads; replies are given to `send`, from whichever thread has one.
    pub fn start(open: &Arc<Open>, send: impl Fn(Reply) + Clone + Send + Sync + 'static) -> io::Result<Self> {
        let beneath: Arc<OnceLock<Beneath>> = Arc::default();
        let is_cancelled: Arc<AtomicBool> = Arc::default();
        let mut queues = Vec::new();
        for (lane, name) in LANES {
            let queue = Arc::new(Queue::default());
            queues.push((lane, Arc::clone(&queue)));
            let (open, send) = (Arc::clone(open), send.clone());
            let (beneath, is_cancelled) = (Arc::clone(&beneath), Arc::clone(&is_cancelled));
            thread::Builder::new().name(name.into()).spawn(move || {
                loop {
                    match (queue.take(), beneath.get()) {
                        (Effect::Open, _) => send(Reply::Opened(open_beneath(&*open, &beneath, &send))),
                        (effect, Some(Beneath { backend, search })) => {
                            let is_cancelled = || match lane {
                                Lane::Work => is_cancelled.load(Ordering::Relaxed),
                                // What was looked at before is out of sight, and what was staged before is not it now.
                                Lane::Look | Lane::Files | Lane::Preview => !queue.is_empty(),
                                _ => false,
                            };
                            perform(effect, &**backend, &is_cancelled, &|reply| {
                                if let Some(offer) = new_offer(&reply) {
                                    search.replace(Arc::clone(offer.catalogue()));
                                }
                                send(reply);
                            });
                        }
                        // Nothing is asked before the program beneath is open.
                        (_, None) => {}
                    }
                }
            })?;
        }
        Ok(Self { queues, beneath, is_cancelled })
    }

    /// Has an effect done; returns at once.
    pub fn run(&self, effect: Effect) {
        match effect {
            Effect::CancelApply => {
                self.is_cancelled.store(true, Ordering::Relaxed);
                return;
            }
            Effect::Search { request: number, query } => {
                if let Some(beneath) = self.beneath.get() {
                    beneath.search.request(catalogue::Request { number, query, limit: SEARCH_LIMIT });
                }
                return;
            }
            Effect::Apply { .. } | Effect::FetchForPreview { .. } => self.is_cancelled.store(false, Ordering::Relaxed),
            _ => {}
        }
        let lane = Lane::of(&effect);
        if let Some((_, queue)) = self.queues.iter().find(|(of, _)| *of == lane) {
            queue.put(effect, lane.keeps_newest_only());
        }
    }
}

/// What is searched from a reply on.
fn new_offer(reply: &Reply) -> Option<&Offer> {
    match reply {
        Reply::Loaded { offer, .. } => Some(offer),
        // That of another thread may come later and be older; but then the sources are loaded again, which gives the last.
        Reply::SourceChanged(changed) => changed.offer.as_ref().ok(),
        _ => None,
    }
}

/// Opens the program beneath and puts it where the other threads find it, before anyone is told.
fn open_beneath(
    open: &Open,
    beneath: &OnceLock<Beneath>,
    send: &(impl Fn(Reply) + Clone + Send + Sync + 'static),
) -> Result<Box<Opened>, LoomError> {
    let (backend, look) = open()?;
    let mut opened = opened(&*backend)?;
    opened.look = Some(look);
    let send = send.clone();
    let deliver = move |catalogue::Answer { number, result, catalogue }| {
        send(Reply::Found { request: number, result, catalogue });
    };
    let search = catalogue::Worker::new(backend.catalogue(), deliver).expect("the other threads were given too");
    let _ = beneath.set(Beneath { backend, search });
    Ok(opened)
}

/// Effects that wait for their thread.
#[derive(Default)]
struct Queue {
    waiting: Mutex<VecDeque<Effect>>,
    arrived: Condvar,
}

impl Queue {
    fn put(&self, effect: Effect, replaces_waiting: bool) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if replaces_waiting {
            waiting.clear();
        }
        waiting.push_back(effect);
        self.arrived.notify_one();
    }

    fn is_empty(&self) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn take(&self) -> Effect {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(effect) = waiting.pop_front() {
                return effect;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(request: u64) -> Effect {
        Effect::Compare { request, from: 1, to: 2 }
    }

    #[test]
    fn of_many_comparisons_that_wait_only_the_newest_is_done() {
        let queue = Queue::default();
        for request in 1..=3 {
            queue.put(compare(request), Lane::Compare.keeps_newest_only());
        }
        assert_eq!(queue.take(), compare(3));
        assert!(queue.waiting.lock().unwrap().is_empty());
    }

    #[test]
    fn no_change_of_the_sources_is_dropped_or_waits_for_their_reading() {
        let change = Effect::ChangeSource(crate::loom::SourceChange::Reread("a".into()));
        assert!(!Lane::of(&change).keeps_newest_only());
        assert_eq!(Lane::of(&change), Lane::of(&Effect::LookAtSources));
        assert_ne!(Lane::of(&change), Lane::of(&Effect::LoadSources));
    }

    #[test]
    fn work_on_the_profile_is_never_dropped() {
        let queue = Queue::default();
        for to in 1..=3 {
            queue.put(Effect::RollBack { to: Some(to) }, Lane::Work.keeps_newest_only());
        }
        for to in 1..=3 {
            assert_eq!(queue.take(), Effect::RollBack { to: Some(to) });
        }
    }
}
