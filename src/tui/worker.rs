//! The threads on which effects run. Each kind of work has a thread of its own, so a long apply holds up no preview; where
//! only the newest answer counts, a waiting job is replaced by a newer one. Searches go to the catalogue's own worker,
//! which also stops a search that runs when a newer query comes.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use crate::catalogue;
use crate::loom::LoomError;

use super::backend::Backend;
use super::effect::{Effect, Opened, Reply, opened};
use super::look::Look;
use super::offer::Offer;
use super::perform::{SEARCH_LIMIT, perform};
use super::work::Task;

/// Opens the program beneath, and says how the screen is to look; called again if the user tries again.
pub type Open = dyn Fn() -> Result<(Arc<dyn Backend>, Look), LoomError> + Send + Sync;

/// Which thread does an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    Look,
    Elsewhere,
    Preview,
    /// Works out what ticking outputs would do.
    WeighOutputs,
    Compare,
    /// Sums generations up.
    Summarise,
    /// Weighs a deletion of generations.
    Weigh,
    /// Compares the files of a collision.
    Files,
    /// Puts trees of files together.
    Tree,
    /// Asks who provides a file.
    Which,
    /// Reads what sources offer.
    Load,
    /// Sorts what is on offer.
    Sort,
    /// Looks at the sources and changes them, which waits for no reading.
    Sources,
    /// Looks for the revision of a source.
    FindPin,
    /// Asks the sources for upgrades.
    Upgrades,
    /// Works out what an upgrade would do.
    WeighUpgrade,
    /// Fetches for a preview.
    Fetch,
    /// Builds what is to be looked at.
    Build,
    /// Reads environment files.
    Import,
    /// Reads folders.
    Folder,
    /// Writes environment files.
    Export,
    /// Looks at environment files.
    Status,
    /// Whatever changes or reads the profile, one after the other.
    Profile,
}

const LANES: &[(Lane, &str)] = &[
    (Lane::Look, "outputs"),
    (Lane::Elsewhere, "elsewhere"),
    (Lane::Preview, "preview"),
    (Lane::WeighOutputs, "weigh outputs"),
    (Lane::Compare, "compare"),
    (Lane::Summarise, "history"),
    (Lane::Weigh, "weigh"),
    (Lane::Files, "files"),
    (Lane::Tree, "tree"),
    (Lane::Which, "which"),
    (Lane::Load, "load"),
    (Lane::Sort, "sort"),
    (Lane::Sources, "sources"),
    (Lane::FindPin, "pin"),
    (Lane::Upgrades, "upgrades"),
    (Lane::WeighUpgrade, "weigh upgrade"),
    (Lane::Fetch, "fetch"),
    (Lane::Build, "build"),
    (Lane::Import, "import"),
    (Lane::Folder, "folder"),
    (Lane::Export, "export"),
    (Lane::Status, "status"),
    (Lane::Profile, "profile"),
];

impl Lane {
    fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Look { .. } => Self::Look,
            Effect::LookElsewhere => Self::Elsewhere,
            Effect::Preview { .. } => Self::Preview,
            Effect::Weigh { .. } => Self::WeighOutputs,
            // Nobody looks at two generations and at a plan at once.
            Effect::Compare { .. } | Effect::Explain { .. } => Self::Compare,
            Effect::Summarise { .. } => Self::Summarise,
            Effect::WeighDeletion { .. } => Self::Weigh,
            Effect::CompareFiles { .. } => Self::Files,
            Effect::Files { .. } => Self::Tree,
            Effect::Which { .. } => Self::Which,
            Effect::LoadSources => Self::Load,
            Effect::SortByName => Self::Sort,
            Effect::LookAtSources | Effect::ChangeSource(_) => Self::Sources,
            Effect::FindPin(_) => Self::FindPin,
            Effect::AskForUpgrades { .. } => Self::Upgrades,
            Effect::WeighUpgrade { .. } => Self::WeighUpgrade,
            Effect::FetchForPreview { .. } => Self::Fetch,
            Effect::Build { .. } => Self::Build,
            Effect::Import { .. } => Self::Import,
            Effect::ReadFolder { .. } => Self::Folder,
            Effect::Export(_) => Self::Export,
            Effect::Status { .. } => Self::Status,
            _ => Self::Profile,
        }
    }

    /// Which thread does a task.
    fn of_task(task: Task) -> Self {
        match task {
            Task::Apply | Task::RollBack | Task::Delete | Task::Convert => Self::Profile,
            Task::Upgrades => Self::Upgrades,
            Task::Fetch => Self::Fetch,
            Task::Build => Self::Build,
            Task::FindPin => Self::FindPin,
            Task::Load => Self::Load,
            Task::Look(_) => Self::Look,
            Task::Preview(_) => Self::Preview,
            Task::Explain(_) | Task::Compare(_) => Self::Compare,
            Task::CompareFiles(_) => Self::Files,
            Task::Files(_) => Self::Tree,
            Task::Which(_) => Self::Which,
            Task::Import(_) => Self::Import,
            Task::Export => Self::Export,
            Task::Status(_) => Self::Status,
        }
    }

    /// Whether a waiting effect is worth nothing once a newer one comes.
    fn keeps_newest_only(self) -> bool {
        !matches!(self, Self::Profile | Self::Sources | Self::FindPin | Self::Fetch | Self::Build | Self::Export)
    }

    /// Whether one that runs is worth nothing either: what was looked at before is out of sight, and what was staged
    /// before is not it now.
    fn gives_up_for_newer(self) -> bool {
        matches!(
            self,
            Self::Look
                | Self::Files
                | Self::Preview
                | Self::WeighOutputs
                | Self::WeighUpgrade
                | Self::Compare
                | Self::Summarise
                | Self::Tree
                | Self::Which
                | Self::Import
                | Self::Folder
                | Self::Status
        )
    }
}

/// The threads, waiting for effects. They end with the program: nothing that they do has to be ended in order.
pub struct Workers {
    queues: Vec<(Lane, Arc<Queue>)>,
    beneath: Arc<OnceLock<Beneath>>,
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
        let mut queues = Vec::new();
        for &(lane, name) in LANES {
            let queue = Arc::new(Queue::default());
            queues.push((lane, Arc::clone(&queue)));
            let (open, send) = (Arc::clone(open), send.clone());
            let beneath = Arc::clone(&beneath);
            thread::Builder::new().name(name.into()).spawn(move || {
                loop {
                    let (number, effect) = queue.take();
                    match (effect, beneath.get()) {
                        (Effect::Open, _) => send(Reply::Opened(open_beneath(&*open, &beneath, &send))),
                        (effect, Some(Beneath { backend, search })) => {
                            let is_cancelled =
                                || queue.is_cancelled(number) || lane.gives_up_for_newer() && !queue.is_empty();
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
        Ok(Self { queues, beneath })
    }

    /// Has an effect done; returns at once.
    pub fn run(&self, effect: Effect) {
        match effect {
            Effect::Cancel(task) => self.queue(Lane::of_task(task)).cancel(),
            Effect::Search { request: number, query } => {
                if let Some(beneath) = self.beneath.get() {
                    beneath.search.request(catalogue::Request { number, query, limit: SEARCH_LIMIT });
                }
            }
            effect => {
                let lane = Lane::of(&effect);
                self.queue(lane).put(effect, lane.keeps_newest_only());
            }
        }
    }

    fn queue(&self, lane: Lane) -> &Queue {
        let found = self.queues.iter().find(|(of, _)| *of == lane);
        &found.expect("each lane has a queue").1
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

/// Effects that wait for their thread, numbered in their order.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// Nobody wants those any more whose number is not above this.
    cancelled: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    effects: VecDeque<(u64, Effect)>,
    put: u64,
}

impl Queue {
    fn put(&self, effect: Effect, replaces_waiting: bool) {
        let mut waiting = self.lock();
        if replaces_waiting {
            waiting.effects.clear();
        }
        waiting.put += 1;
        let number = waiting.put;
        waiting.effects.push_back((number, effect));
        self.arrived.notify_one();
    }

    fn is_empty(&self) -> bool {
        self.lock().effects.is_empty()
    }

    /// Whatever was put in until now is to stop.
    fn cancel(&self) {
        let last = self.lock().put;
        self.cancelled.store(last, Ordering::Relaxed);
    }

    fn is_cancelled(&self, number: u64) -> bool {
        number <= self.cancelled.load(Ordering::Relaxed)
    }

    fn take(&self) -> (u64, Effect) {
        let mut waiting = self.lock();
        loop {
            if let Some(effect) = waiting.effects.pop_front() {
                return effect;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Package;

    fn compare(request: u64) -> Effect {
        Effect::Compare { request, pairs: vec![(Some(1), 2)] }
    }

    #[test]
    fn of_many_comparisons_that_wait_only_the_newest_is_done() {
        let queue = Queue::default();
        for request in 1..=3 {
            queue.put(compare(request), Lane::Compare.keeps_newest_only());
        }
        assert_eq!(queue.take(), (3, compare(3)));
        assert!(queue.is_empty());
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
            queue.put(Effect::RollBack { to: Some(to) }, Lane::Profile.keeps_newest_only());
        }
        for to in 1..=3 {
            assert_eq!(queue.take(), (to, Effect::RollBack { to: Some(to) }));
        }
    }

    #[test]
    fn to_stop_work_stops_none_that_is_asked_for_later() {
        let queue = Queue::default();
        queue.put(Effect::LoadSources, true);
        let (first, _) = queue.take();
        assert!(!queue.is_cancelled(first));
        queue.cancel();
        queue.put(Effect::LoadSources, true);
        let (second, _) = queue.take();
        assert!(queue.is_cancelled(first) && !queue.is_cancelled(second));
    }

    #[test]
    fn each_task_is_stopped_on_the_thread_that_does_it() {
        let transaction = crate::profile::Transaction::default;
        let effects = [
            Effect::Apply { transaction: transaction() },
            Effect::RollBack { to: None },
            Effect::DeleteGenerations { numbers: vec![1] },
            Effect::Convert { to: crate::profile::ManifestKind::NixEnv },
            Effect::FetchForPreview { transaction: transaction() },
            Effect::LoadSources,
            Effect::FindPin("a".into()),
            Effect::AskForUpgrades { request: 1, names: Vec::new(), from: None },
            Effect::Look { request: 1, package: Box::new(Package::unevaluated("a".into(), "b".into())) },
            Effect::Preview { request: 1, transaction: transaction() },
            Effect::Explain { request: 1, transaction: transaction() },
            compare(1),
            Effect::CompareFiles { request: 1, files: Vec::new() },
            Effect::Import { request: 1, file: "/a.nix".into() },
            Effect::Status { request: 1, is_full: true },
            Effect::Export(Box::new(crate::tui::export_form::ExportForm::default().wanted(None, false))),
        ];
        for effect in effects {
            assert_eq!(Task::of(&effect).map(Lane::of_task), Some(Lane::of(&effect)), "{effect:?}");
        }
    }
}
