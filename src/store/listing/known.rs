//! What is known of outputs that are not here.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;

use super::{Database, Provider, Unlisted};
use crate::engine::Listing;
use crate::progress::{Progress, Step};
use crate::store;

/// So long nobody is asked again for what nobody had.
const PATIENCE: Duration = Duration::from_mins(1);

/// So many links are followed from one output to the next.
const MAX_ROUNDS: usize = 8;

/// Of more outputs to which links lead nothing is asked at once.
const MAX_LINKED: usize = 10_000;

/// So many listings are written at a time: who stops the program loses less.
const BATCH: usize = 64;

/// So often one who waits for another's questions looks whether he still has to.
const GLANCE: Duration = Duration::from_millis(50);

/// Listings in memory, in the database, and those who are asked for what is in neither.
pub struct Known {
    database: Option<Database>,
    providers: Vec<Box<dyn Provider>>,
    /// The directory in which the outputs lie.
    store: PathBuf,
    patience: Duration,
    listings: RwLock<HashMap<Box<[u8]>, Entry, RandomState>>,
    /// What nobody had, since when, and why.
    unlisted: Mutex<HashMap<PathBuf, (Instant, String)>>,
    /// Whether somebody asks the providers; another may have the same questions, and then finds the answers.
    asking: Mutex<bool>,
    asked: Condvar,
}

#[derive(Clone)]
struct Entry {
    listing: Arc<Listing>,
    /// The outputs into which its links lead.
    linked: Arc<[PathBuf]>,
}

impl Known {
    /// What is known of the outputs in `store`. Without a database nothing is kept when the program ends.
    pub fn new(database: Option<Database>, providers: Vec<Box<dyn Provider>>, store: &Path) -> Self {
        Self {
            database,
            providers,
            store: store.to_owned(),
            patience: PATIENCE,
            listings: RwLock::default(),
            unlisted: Mutex::default(),
            asking: Mutex::new(false),
            asked: Condvar::new(),
        }
    }

    /// The listing of the output at `root`, from memory or the database; no network is waited for.
    pub fn get(&self, root: &[u8]) -> Option<Arc<Listing>> {
        self.entry(root).or_else(|| self.read(&[root]).pop()).map(|entry| entry.listing)
    }

    /// Takes what somebody worked out for the listing of the output at `path`. It is not written to the database: more may be
    /// known later of what it was worked out from.
    pub fn foresee(&self, path: &Path, listing: Arc<Listing>) {
        self.insert(bytes(path), listing);
    }

    /// Learns the listings of `paths`, and of the outputs to which links in them lead that are not here, and so on.
    ///
    /// The providers are asked in their order, each for what those before it did not have. Gives what nobody has. That is
    /// not asked for again for a minute.
    pub fn learn(&self, paths: &[PathBuf], progress: &dyn Progress) -> Vec<Unlisted> {
        let mut unlisted = Vec::new();
        let mut seen = HashSet::new();
        let mut wanted: Vec<PathBuf> = paths.iter().filter(|path| seen.insert((*path).clone())).cloned().collect();
        let mut linked_left = MAX_LINKED;
        for _ in 0..=MAX_ROUNDS {
            if wanted.is_empty() {
                break;
            }
            unlisted.extend(self.learn_these(&wanted, progress));
            let linked =
                wanted.iter().filter_map(|path| self.entry(bytes(path))).flat_map(|entry| entry.linked.to_vec());
            let linked = linked.filter(|path| seen.insert(path.clone()) && path.symlink_metadata().is_err());
            wanted = linked.take(linked_left).collect();
            linked_left -= wanted.len();
        }
        unlisted
    }

    /// The same for these alone.
    fn learn_these(&self, paths: &[PathBuf], progress: &dyn Progress) -> Vec<Unlisted> {
        self.read(&self.missing(paths));
        let (mut wanted, mut unlisted) = self.open_questions(paths);
        if wanted.is_empty() {
            return unlisted;
        }
        let turn = self.turn(progress);
        if turn.is_some() {
            // Another may have learnt them while we waited.
            (wanted, unlisted) = self.open_questions(paths);
        }
        let errors = if turn.is_some() { self.ask(&wanted, progress) } else { HashMap::new() };
        let is_cancelled = progress.is_cancelled();
        let mut known = self.unlisted();
        for path in wanted.into_iter().filter(|path| self.entry(bytes(path)).is_none()) {
            let why = match errors.get(&path) {
                Some(errors) => errors.join("; "),
                None if is_cancelled => "nobody was asked to the end for a listing of it".to_owned(),
                None if self.providers.is_empty() => "there is no binary cache to ask for a listing of it".to_owned(),
                None => "no binary cache has a listing of it".to_owned(),
            };
            if !is_cancelled {
                known.insert(path.clone(), (Instant::now(), why.clone()));
            }
            unlisted.push(Unlisted { path, why });
        }
        unlisted
    }

    /// Which of these are in neither memory nor the database: those to ask for, and those for which others were asked
    /// just now.
    fn open_questions(&self, paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Unlisted>) {
        let mut known = self.unlisted();
        known.retain(|_, (since, _)| since.elapsed() < self.patience);
        let (mut wanted, mut unlisted) = (Vec::new(), Vec::new());
        for path in self.missing(paths) {
            let path = PathBuf::from(OsStr::from_bytes(path));
            match known.get(&path) {
                Some((_, why)) => unlisted.push(Unlisted { why: why.clone(), path }),
                None => wanted.push(path),
            }
        }
        (wanted, unlisted)
    }

    /// Asks one provider after the other; gives what went wrong, by path.
    fn ask(&self, paths: &[PathBuf], progress: &dyn Progress) -> HashMap<PathBuf, Vec<String>> {
        let errors: Mutex<HashMap<PathBuf, Vec<String>>> = Mutex::default();
        for provider in &self.providers {
            let open: Vec<_> =
                self.missing(paths).into_iter().map(|path| PathBuf::from(OsStr::from_bytes(path))).collect();
            if open.is_empty() || progress.is_cancelled() {
                break;
            }
            let asked: HashSet<&Path> = open.iter().map(PathBuf::as_path).collect();
            let total = open.len() as u64;
            progress.step(Step { what: format!("asking {} for listings", provider.name()), done: 0, total });
            let unwritten: Mutex<Vec<(Box<[u8]>, Entry)>> = Mutex::default();
            let found = |path: &Path, answer: Result<Listing, String>| match answer {
                // What nobody asked for may be anything.
                _ if !asked.contains(path) => {}
                Ok(listing) => {
                    let entry = self.remember(bytes(path), listing);
                    let batch = {
                        let mut unwritten = lock(&unwritten);
                        unwritten.push((bytes(path).into(), entry));
                        if unwritten.len() < BATCH { Vec::new() } else { std::mem::take(&mut *unwritten) }
                    };
                    self.write(&batch);
                }
                Err(error) => {
                    lock(&errors).entry(path.to_owned()).or_default().push(format!("{}: {error}", provider.name()));
                }
            };
            provider.listings(&open, &found, progress);
            self.write(&lock(&unwritten));
        }
        errors.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody else asks the providers; `None` if that takes longer than anybody waits.
    fn turn(&self, progress: &dyn Progress) -> Option<Turn<'_>> {
        let mut is_taken = lock(&self.asking);
        while *is_taken {
            if progress.is_cancelled() {
                return None;
            }
            is_taken = self.asked.wait_timeout(is_taken, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        *is_taken = true;
        Some(Turn(self))
    }

    /// Those of `paths` that are not in memory.
    fn missing<'a>(&self, paths: &'a [PathBuf]) -> Vec<&'a [u8]> {
        let listings = self.listings.read().unwrap_or_else(PoisonError::into_inner);
        paths.iter().map(|path| bytes(path)).filter(|path| !listings.contains_key(*path)).collect()
    }

    fn entry(&self, root: &[u8]) -> Option<Entry> {
        self.listings.read().unwrap_or_else(PoisonError::into_inner).get(root).cloned()
    }

    /// Brings what the database has of these into memory.
    fn read(&self, roots: &[&[u8]]) -> Vec<Entry> {
        let mut entries = Vec::new();
        if let Some(database) = self.database.as_ref().filter(|_| !roots.is_empty()) {
            database.read(roots, &mut |root, listing| entries.push(self.remember(root, listing)));
        }
        entries
    }

    fn write(&self, entries: &[(Box<[u8]>, Entry)]) {
        if let Some(database) = self.database.as_ref().filter(|_| !entries.is_empty()) {
            database.write(entries.iter().map(|(root, entry)| (&**root, &*entry.listing)));
        }
    }

    fn remember(&self, root: &[u8], listing: Listing) -> Entry {
        self.insert(root, Arc::new(listing))
    }

    fn insert(&self, root: &[u8], listing: Arc<Listing>) -> Entry {
        let targets = listing.links_out(root);
        let outputs =
            targets.iter().filter_map(|target| store::root(&self.store, Path::new(OsStr::from_bytes(target))));
        let linked: BTreeSet<&Path> = outputs.collect();
        let linked = linked.into_iter().map(Path::to_owned).collect();
        let entry = Entry { listing, linked };
        self.listings.write().unwrap_or_else(PoisonError::into_inner).insert(root.into(), entry.clone());
        entry
    }

    fn unlisted(&self) -> MutexGuard<'_, HashMap<PathBuf, (Instant, String)>> {
        lock(&self.unlisted)
    }
}

/// While it lives, nobody else asks the providers.
struct Turn<'a>(&'a Known);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *lock(&self.0.asking) = false;
        self.0.asked.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
