//! Searching off the caller's thread.
//!
//! There is at most one search under way and one request waiting. A newer request takes the place of a waiting one and
//! makes a running search stop, so that a burst of keystrokes costs little more than its last. The thread sleeps while
//! nothing is asked.

use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::{Catalogue, Query, SearchResult};

/// What to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The caller's own number; it comes back with the answer.
    pub number: u64,
    pub query: Query,
    /// How many hits are wanted at most.
    pub limit: usize,
}

/// What was found for the request of that number.
pub struct Answer {
    pub number: u64,
    pub result: SearchResult,
    /// What was searched; the hits are positions in it.
    pub catalogue: Arc<Catalogue>,
}

/// A thread that searches a catalogue. Dropping it ends the thread and waits for that.
pub struct Worker {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

/// What the caller and the thread share.
struct Desk {
    inbox: Mutex<Inbox>,
    changed: Condvar,
    /// Counts requests and the end; a search goes on only while this stands still.
    turn: AtomicU64,
}

struct Inbox {
    catalogue: Arc<Catalogue>,
    waiting: Option<Request>,
    closed: bool,
}

impl Worker {
    /// Starts the thread. `deliver` is called on it with each answer, in the order of the requests, and must not wait
    /// for whoever drops the worker. Fails if the system gives no thread.
    pub fn new(catalogue: Arc<Catalogue>, deliver: impl FnMut(Answer) + Send + 'static) -> io::Result<Self> {
        let inbox = Mutex::new(Inbox { catalogue, waiting: None, closed: false });
        let desk = Arc::new(Desk { inbox, changed: Condvar::new(), turn: AtomicU64::new(0) });
        let shared = Arc::clone(&desk);
        let thread = thread::Builder::new().name("search".into()).spawn(move || shared.serve(deliver))?;
        Ok(Self { desk, thread: Some(thread) })
    }

    /// Returns at once. A request not yet answered may now never be.
    pub fn request(&self, request: Request) {
        self.desk.put(|inbox| inbox.waiting = Some(request));
    }

    /// From here on searches another catalogue. A search that runs is given up: ask again.
    pub fn replace(&self, catalogue: Arc<Catalogue>) {
        self.desk.put(|inbox| inbox.catalogue = catalogue);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.desk.put(|inbox| inbox.closed = true);
        let ended = self.thread.take().map_or(Ok(()), JoinHandle::join);
        if let Err(panic) = ended
            && !thread::panicking()
        {
            resume_unwind(panic);
        }
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        // Nothing that can panic is done under the lock.
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, change: impl FnOnce(&mut Inbox)) {
        let mut inbox = self.lock();
        change(&mut inbox);
        self.turn.fetch_add(1, Ordering::Relaxed);
        drop(inbox);
        self.changed.notify_one();
    }

    /// Waits for a request; gives it with what to search and its turn, or `None` at the end.
    fn next(&self) -> Option<(Request, Arc<Catalogue>, u64)> {
        let mut inbox = self.lock();
        loop {
            if inbox.closed {
                return None;
            }
            if let Some(request) = inbox.waiting.take() {
                return Some((request, Arc::clone(&inbox.catalogue), self.turn.load(Ordering::Relaxed)));
            }
            inbox = self.changed.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn serve(&self, mut deliver: impl FnMut(Answer)) {
        while let Some((request, catalogue, turn)) = self.next() {
            let wanted = || self.turn.load(Ordering::Relaxed) == turn;
            let result = catalogue.search_while(&request.query, request.limit, wanted);
            if let Some(result) = result.filter(|_| wanted()) {
                deliver(Answer { number: request.number, result, catalogue });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;
    use crate::package::Package;

    fn catalogue(packages: usize) -> Arc<Catalogue> {
        let package = |number| Package::unevaluated(format!("package{number}"), Arc::from("test"));
        Arc::new(Catalogue::of_packages((0..packages).map(package).collect()))
    }

    fn request(number: u64, query: &str) -> Request {
        Request { number, query: Query::parse(query), limit: 10 }
    }

    /// A worker that waits for a word after each answer.
    fn held_worker() -> (Worker, Receiver<Answer>, Sender<()>) {
        let (answered, answers) = channel();
        let (release, released) = channel();
        let deliver = move |answer| {
            answered.send(answer).unwrap();
            // An error means that the test has ended.
            let _ = released.recv();
        };
        (Worker::new(catalogue(200), deliver).unwrap(), answers, release)
    }

    #[test]
    fn an_answer_is_what_a_search_finds() {
        let (worker, answers, _release) = held_worker();
        worker.request(request(7, "package19"));
        let result = catalogue(200).search(&Query::parse("package19"), 10);
        let answer = answers.recv().unwrap();
        assert_eq!((answer.number, &answer.result, answer.catalogue.len()), (7, &result, 200));
        assert_eq!(answer.catalogue.get(result.hits[0].package).unwrap().attribute, "package19");
    }

    #[test]
    fn of_the_requests_that_wait_only_the_newest_is_answered() {
        let (worker, answers, release) = held_worker();
        worker.request(request(1, "p"));
        assert_eq!(answers.recv().unwrap().number, 1);
        // The worker is held in its delivery: these all wait.
        for number in 2..=5 {
            worker.request(request(number, "pa"));
        }
        release.send(()).unwrap();
        assert_eq!(answers.recv().unwrap().number, 5);
        release.send(()).unwrap();
        worker.request(request(6, "pac"));
        assert_eq!(answers.recv().unwrap().number, 6);
    }

    #[test]
    fn answers_come_in_the_order_of_the_requests_and_the_last_always_comes() {
        let (answered, answers) = channel();
        let worker =
            Worker::new(catalogue(20_000), move |answer: Answer| answered.send(answer.number).unwrap()).unwrap();
        for number in 1..=200 {
            worker.request(request(number, "package 1"));
        }
        let mut numbers = Vec::new();
        while numbers.last() != Some(&200) {
            numbers.push(answers.recv().unwrap());
        }
        assert!(numbers.is_sorted_by(|one, other| one < other));
    }

    #[test]
    fn a_replaced_catalogue_is_the_one_that_is_searched() {
        let (worker, answers, release) = held_worker();
        worker.request(request(1, "package"));
        assert_eq!(answers.recv().unwrap().result.total, 200);
        worker.replace(catalogue(30));
        worker.request(request(2, "package"));
        release.send(()).unwrap();
        let answer = answers.recv().unwrap();
        assert_eq!((answer.number, answer.result.total, answer.catalogue.len()), (2, 30, 30));
    }

    #[test]
    fn dropping_the_worker_ends_its_thread() {
        let (answered, answers) = channel();
        let worker = Worker::new(catalogue(20_000), move |answer| answered.send(answer).unwrap()).unwrap();
        worker.request(request(1, "package"));
        drop(worker);
        // The thread owned the sender: after its end nothing more can come.
        assert!(answers.iter().count() <= 1);
    }
}
