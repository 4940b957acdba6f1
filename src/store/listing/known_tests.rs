use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::engine::{Listed, ListingBuilder};
use crate::progress::{Recorded, Silent};

/// Has listings by name, says what went wrong with others, and remembers what it was asked.
#[derive(Default)]
struct Shelf {
    listings: HashMap<PathBuf, Listing>,
    errors: HashMap<PathBuf, String>,
    asked: Arc<Mutex<Vec<Vec<PathBuf>>>>,
    /// Given though nobody asks for it.
    unasked: Option<PathBuf>,
}

impl Provider for Shelf {
    fn name(&self) -> String {
        "https://shelf".to_owned()
    }

    fn listings(
        &self,
        paths: &[PathBuf],
        found: &(dyn Fn(&Path, Result<Listing, String>) + Sync),
        progress: &dyn Progress,
    ) {
        self.asked.lock().unwrap().push(paths.to_vec());
        if let Some(path) = &self.unasked {
            found(path, Ok(listing(&[])));
        }
        std::thread::scope(|scope| {
            for path in paths.iter().rev().filter(|_| !progress.is_cancelled()) {
                scope.spawn(move || match (self.listings.get(path), self.errors.get(path)) {
                    (Some(listing), _) => found(path, Ok(listing.clone())),
                    (None, Some(error)) => found(path, Err(error.clone())),
                    (None, None) => {}
                });
            }
        });
    }
}

/// A listing of a file named `x` and these links.
fn listing(links: &[&str]) -> Listing {
    let mut listing = ListingBuilder::new();
    listing.file(b"x", 7, false, None).unwrap();
    for (at, target) in links.iter().enumerate() {
        listing.symlink(format!("link{at}").as_bytes(), target.as_bytes()).unwrap();
    }
    listing.finish()
}

fn path(name: &str) -> PathBuf {
    Path::new("/no-store").join(name)
}

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(|name| path(name)).collect()
}

fn shelf(listings: &[(&str, &[&str])]) -> Shelf {
    let listings = listings.iter().map(|(name, links)| (path(name), listing(links))).collect();
    Shelf { listings, ..Shelf::default() }
}

fn known(database: Option<Database>, shelves: Vec<Shelf>) -> (Known, Vec<Arc<Mutex<Vec<Vec<PathBuf>>>>>) {
    let asked = shelves.iter().map(|shelf| shelf.asked.clone()).collect();
    let providers = shelves.into_iter().map(|shelf| Box::new(shelf) as Box<dyn Provider>).collect();
    (Known::new(database, providers, Path::new("/no-store")), asked)
}

fn has(known: &Known, name: &str) -> bool {
    known.get(bytes(&path(name))).is_some()
}

fn names(unlisted: &[Unlisted]) -> Vec<&str> {
    unlisted.iter().map(|it| it.path.file_name().unwrap().to_str().unwrap()).collect()
}

#[test]
fn each_provider_is_asked_for_what_those_before_it_did_not_have() {
    let first = shelf(&[("a", &[])]);
    let second = shelf(&[("a", &["never taken"]), ("b", &[])]);
    let third = shelf(&[]);
    let (known, asked) = known(None, vec![first, second, third]);
    let recorded = Recorded::default();
    let unlisted = known.learn(&paths(&["a", "b", "c", "a"]), &recorded);
    assert_eq!(unlisted, [Unlisted { path: path("c"), why: "no binary cache has a listing of it".to_owned() }]);
    assert!(has(&known, "a") && has(&known, "b") && !has(&known, "c"));
    let asked: Vec<_> = asked.iter().map(|asked| asked.lock().unwrap().clone()).collect();
    assert_eq!(asked, [[paths(&["a", "b", "c"])], [paths(&["b", "c"])], [paths(&["c"])]]);
    let step = &recorded.0.lock().unwrap()[0];
    assert_eq!((&*step.what, step.total), ("asking https://shelf for listings", 3));
}

#[test]
fn what_went_wrong_is_told_and_may_be_made_good_by_the_next() {
    let mut first = shelf(&[]);
    first.errors = HashMap::from([(path("a"), "it is damaged".to_owned()), (path("b"), "it is late".to_owned())]);
    let mut second = shelf(&[("a", &[])]);
    second.errors = HashMap::from([(path("b"), "it is gone".to_owned())]);
    let (known, _) = known(None, vec![first, second]);
    let unlisted = known.learn(&paths(&["a", "b"]), &Silent);
    assert_eq!(
        unlisted,
        [Unlisted { path: path("b"), why: "https://shelf: it is late; https://shelf: it is gone".to_owned() }]
    );
}

#[test]
fn without_anybody_to_ask_that_is_said() {
    let (known, _) = known(None, Vec::new());
    assert_eq!(known.learn(&paths(&["a"]), &Silent)[0].why, "there is no binary cache to ask for a listing of it");
    assert_eq!(known.learn(&[], &Silent), []);
}

#[test]
fn outputs_that_links_lead_to_are_learnt_too_but_not_what_is_here_or_elsewhere() {
    let here = tempfile::tempdir().unwrap();
    let store = here.path();
    std::fs::create_dir(store.join("here")).unwrap();
    let inside = |name: &str| store.join(name).into_os_string().into_string().unwrap();
    let mut shelf = Shelf::default();
    let b = inside("b/bin/x");
    let links = [b.as_str(), &b, "../c", "/etc/passwd", "x", &inside("here/x")].map(str::to_owned);
    let links: Vec<_> = links.iter().map(String::as_str).collect();
    shelf.listings.insert(store.join("a"), listing(&links));
    shelf.listings.insert(store.join("b"), listing(&[&inside("a"), "../d/y"]));
    shelf.listings.insert(store.join("d"), listing(&[]));
    let asked = shelf.asked.clone();
    let known = Known::new(None, vec![Box::new(shelf)], store);
    let unlisted = known.learn(&[store.join("a")], &Silent);
    assert_eq!(names(&unlisted), ["c"]);
    let in_store = |names: &[&str]| names.iter().map(|name| store.join(name)).collect::<Vec<_>>();
    assert_eq!(*asked.lock().unwrap(), [in_store(&["a"]), in_store(&["b", "c"]), in_store(&["d"])]);
    // What is known already leads on all the same.
    assert_eq!(names(&known.learn(&[store.join("a")], &Silent)), ["c"]);
    assert_eq!(asked.lock().unwrap().len(), 3);
}

#[test]
fn a_chain_of_links_that_never_ends_is_followed_for_a_while() {
    struct Endless(Arc<AtomicUsize>, usize);
    impl Provider for Endless {
        fn name(&self) -> String {
            "endless".to_owned()
        }
        fn listings(
            &self,
            paths: &[PathBuf],
            found: &(dyn Fn(&Path, Result<Listing, String>) + Sync),
            _: &dyn Progress,
        ) {
            self.0.fetch_add(paths.len(), Ordering::Relaxed);
            let is_first = self.0.load(Ordering::Relaxed) == paths.len();
            for path in paths {
                let next = format!("{}0", path.display());
                let links: Vec<_> = (0..self.1)
                    .map(|number| format!("{next}-{number}/x"))
                    .take(if is_first { self.1 } else { self.1.min(2) })
                    .collect();
                found(path, Ok(listing(&links.iter().map(String::as_str).collect::<Vec<_>>())));
            }
        }
    }
    for (links, most) in [(1, MAX_ROUNDS + 1), (2, 1 << (MAX_ROUNDS + 1)), (MAX_LINKED + 10, MAX_LINKED + 1)] {
        let count = Arc::new(AtomicUsize::new(0));
        let endless = Endless(count.clone(), links);
        let known = Known::new(None, vec![Box::new(endless)], Path::new("/no-store"));
        known.learn(&paths(&["a"]), &Silent);
        let count = count.load(Ordering::Relaxed);
        assert!(count > MAX_ROUNDS && count <= most, "{links} links: {count}");
    }
}

#[test]
fn what_nobody_had_is_not_asked_for_again_at_once_and_then_is() {
    let (mut known, asked) = known(None, vec![shelf(&[("a", &[])])]);
    let first = known.learn(&paths(&["a", "b"]), &Silent);
    let second = known.learn(&paths(&["a", "b"]), &Silent);
    assert_eq!((first.len(), &first), (1, &second));
    assert_eq!(asked[0].lock().unwrap().len(), 1);
    known.patience = Duration::ZERO;
    assert_eq!(known.learn(&paths(&["a", "b"]), &Silent), first);
    assert_eq!(asked[0].lock().unwrap().len(), 2);
}

#[test]
fn what_was_learnt_is_there_for_the_next_program_without_asking_and_what_was_not_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let database = || Some(Database::new(folder.path().join("listings.sqlite")));
    let names: Vec<_> = (0..3 * BATCH).map(|number| format!("p{number}")).collect();
    let listings: Vec<(&str, &[&str])> = names.iter().map(|name| (name.as_str(), &["../linked/x"][..])).collect();
    let (first, _) = known(database(), vec![shelf(&listings)]);
    let all = paths(&names.iter().map(String::as_str).chain(["gone"]).collect::<Vec<_>>());
    assert_eq!(self::names(&first.learn(&all, &Silent)), ["gone", "linked"]);

    let (second, asked) = known(database(), vec![shelf(&[("gone", &[])])]);
    assert!(has(&second, "p5") && !has(&second, "gone"));
    assert_eq!(self::names(&second.learn(&all, &Silent)), ["linked"]);
    assert_eq!(*asked[0].lock().unwrap(), [paths(&["gone"]), paths(&["linked"])]);
    let kept = second.get(bytes(&path("p7"))).unwrap();
    assert_eq!(kept.walk().nth(1), Some((b"link0".to_vec(), Listed::Symlink(b"../linked/x"))));
}

#[test]
fn what_nobody_asked_for_is_not_taken() {
    let (known, _) = known(None, vec![Shelf { unasked: Some(path("evil")), ..shelf(&[("a", &[])]) }]);
    assert_eq!(known.learn(&paths(&["a"]), &Silent), []);
    assert!(has(&known, "a") && !has(&known, "evil"));
}

/// Is cancelled from the start, or once somebody says so.
struct Cancelled(AtomicBool);

impl Progress for Cancelled {
    fn step(&self, _: Step) {}

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn what_was_cancelled_is_asked_for_the_next_time() {
    let (known, asked) = known(None, vec![shelf(&[("a", &[])])]);
    let unlisted = known.learn(&paths(&["a"]), &Cancelled(true.into()));
    assert_eq!(unlisted[0].why, "nobody was asked to the end for a listing of it");
    assert!(asked[0].lock().unwrap().is_empty());
    assert_eq!(known.learn(&paths(&["a"]), &Silent), []);
}

#[test]
fn two_who_want_the_same_at_once_ask_for_it_once_and_who_waits_can_be_cancelled() {
    /// Answers when it is told to.
    struct Slow(Mutex<std::sync::mpsc::Receiver<()>>, std::sync::mpsc::Sender<()>, Arc<AtomicUsize>);
    impl Provider for Slow {
        fn name(&self) -> String {
            "slow".to_owned()
        }
        fn listings(
            &self,
            paths: &[PathBuf],
            found: &(dyn Fn(&Path, Result<Listing, String>) + Sync),
            _: &dyn Progress,
        ) {
            self.2.fetch_add(1, Ordering::Relaxed);
            self.1.send(()).unwrap();
            self.0.lock().unwrap().recv().unwrap();
            for path in paths {
                found(path, Ok(listing(&[])));
            }
        }
    }
    let (go, wait) = std::sync::mpsc::channel();
    let (tell, begun) = std::sync::mpsc::channel();
    let count = Arc::new(AtomicUsize::new(0));
    let known = Known::new(None, vec![Box::new(Slow(wait.into(), tell, count.clone()))], Path::new("/no-store"));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| known.learn(&paths(&["a"]), &Silent));
        begun.recv().unwrap();
        let given_up = known.learn(&paths(&["a"]), &Cancelled(true.into()));
        assert_eq!(given_up[0].why, "nobody was asked to the end for a listing of it");
        let second = scope.spawn(|| known.learn(&paths(&["a"]), &Silent));
        go.send(()).unwrap();
        assert_eq!((first.join().unwrap(), second.join().unwrap()), (vec![], vec![]));
    });
    assert_eq!(count.load(Ordering::Relaxed), 1);
}
