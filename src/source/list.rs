//! A whole source, listed as `nix-env -qaP --json --meta` lists it: functions are not called, and only sets that ask for it
//! (`recurseForDerivations`) are descended into. But where nix-env drops what throws, and fails as a whole at an `abort`,
//! a type error or a missing attribute, here what fails is a row that says so, and the rest is listed.
//!
//! Attributes are evaluated in batches. What throws is told apart inside of Nix, which only throws can be; anything else ends
//! Nix, and then the batch is halved until what ends it is alone. Each batch is a Nix of its own, so what one needs of
//! memory is free for the next, and a batch that needs more than there is becomes two.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::package::{Obstacle, Package};
use crate::progress::{Progress, Step};
use crate::safe;

use super::attribute;
use super::evaluator::{Evaluator, Failure};
use super::record::Record;

/// Attributes in one run of Nix.
const MAX_BATCH: usize = 4000;
/// Of the names in one question, as JSON. Linux takes 128 KiB in one argument; the rest is for the location.
const MAX_QUESTION: usize = 96 << 10;
/// Names on a path: sets may hold each other in a circle.
const MAX_DEPTH: usize = 8;
/// Seven times nixpkgs; only sets that hold each other in a circle have more.
const MAX_ATTRIBUTES: u64 = 1_000_000;
/// Attributes that end Nix; one in a full batch costs some twenty runs of it.
const MAX_CULPRITS: usize = 200;
/// For the whole listing; after it no other run is started, of which one has ten minutes.
const LIMIT: Duration = Duration::from_hours(1);

const THROWS: &str = "it throws an error";

/// Gives every package of a source to `each`, the top level before what is in sets, as far as it comes.
pub(super) fn list(
    evaluator: &Evaluator,
    source: &Arc<str>,
    each: &mut dyn FnMut(Package),
    progress: &dyn Progress,
) -> Result<(), Failure> {
    let what = format!("listing {source}");
    let roots = evaluator.roots(&what, progress)?;
    let mut listing = Listing {
        evaluator,
        source,
        each,
        progress,
        what,
        start: Instant::now(),
        waiting: VecDeque::new(),
        top: HashSet::new(),
        done: 0,
        total: roots.iter().map(|names| names.len() as u64).sum(),
        culprits: 0,
    };
    for (root, names) in roots.into_iter().enumerate() {
        listing.list_root(root, names)?;
    }
    Ok(())
}

/// A set whose attributes are listed: the position of its root, and the path below that.
struct Set {
    root: usize,
    path: Vec<String>,
}

/// An attribute that is still to be looked at.
struct Item {
    set: Arc<Set>,
    name: String,
}

impl Item {
    fn path(&self) -> Vec<String> {
        self.set.path.iter().chain([&self.name]).cloned().collect()
    }
}

/// What Nix says of one attribute.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Listed {
    Package(Box<Record>),
    /// The names in a set to descend into.
    Set(Vec<String>),
    Nothing,
    Throws,
}

struct Listing<'a> {
    evaluator: &'a Evaluator,
    source: &'a Arc<str>,
    each: &'a mut dyn FnMut(Package),
    progress: &'a dyn Progress,
    what: String,
    start: Instant,
    waiting: VecDeque<Item>,
    /// The attributes of the top level that were given already.
    top: HashSet<String>,
    done: u64,
    /// As far as it is known.
    total: u64,
    culprits: usize,
}

impl Listing<'_> {
    fn list_root(&mut self, root: usize, names: Vec<String>) -> Result<(), Failure> {
        let all = names.len();
        // What a flake has in `packages` as well is meant there.
        let names: Vec<String> = names.into_iter().filter(|name| !self.top.contains(name)).collect();
        self.done += (all - names.len()) as u64;
        self.wait(Set { root, path: Vec::new() }, names);
        while !self.waiting.is_empty() {
            let batch = self.next_batch();
            self.settle(&batch, false)?;
        }
        Ok(())
    }

    fn wait(&mut self, set: Set, names: Vec<String>) {
        let set = Arc::new(set);
        self.waiting.extend(names.into_iter().map(|name| Item { set: Arc::clone(&set), name }));
    }

    /// The next attributes, at least one.
    fn next_batch(&mut self) -> Vec<Item> {
        let mut batch: Vec<Item> = Vec::new();
        let mut length = 0;
        while let Some(item) = self.waiting.front().filter(|_| batch.len() < MAX_BATCH) {
            let is_new_set = batch.last().is_none_or(|last| !Arc::ptr_eq(&last.set, &item.set));
            length += json!(item.name).to_string().len() + 1;
            length += if is_new_set { json!(item.set.path).to_string().len() + 128 } else { 0 };
            if length > MAX_QUESTION && !batch.is_empty() {
                break;
            }
            batch.extend(self.waiting.pop_front());
        }
        batch
    }

    /// Lists a batch, whatever becomes of it; whether something in it ended Nix.
    fn settle(&mut self, batch: &[Item], is_known_to_fail: bool) -> Result<bool, Failure> {
        if !is_known_to_fail || batch.len() == 1 {
            match self.ask(batch) {
                Ok(answers) => {
                    for (item, answer) in batch.iter().zip(answers) {
                        self.take(item, answer)?;
                    }
                    return Ok(false);
                }
                Err(failure) if self.progress.is_cancelled() || self.start.elapsed() > LIMIT => return Err(failure),
                Err(failure) if batch.len() == 1 => {
                    self.blame(&batch[0], failure)?;
                    return Ok(true);
                }
                Err(_) => {}
            }
        }
        let (first, second) = batch.split_at(batch.len() / 2);
        let has_failed = self.settle(first, false)?;
        // If the first half is good, the second need not be tried as a whole.
        self.settle(second, !has_failed)?;
        Ok(true)
    }

    fn ask(&self, batch: &[Item]) -> Result<Vec<Listed>, Failure> {
        if self.start.elapsed() > LIMIT {
            return Err(Failure("it could not be listed within an hour".to_owned()));
        }
        self.progress.step(Step { what: self.what.clone(), done: self.done, total: self.total });
        let question = |prefixes: &[Vec<String>]| self.question(batch, prefixes);
        let (answers, _): (Vec<Vec<Listed>>, _) = self.evaluator.ask(question, &self.what, &Unheard(self.progress))?;
        let answers: Vec<Listed> = answers.into_iter().flatten().collect();
        if answers.len() != batch.len() {
            return Err(Failure("the source was changed while it was listed".to_owned()));
        }
        Ok(answers)
    }

    fn question(&self, batch: &[Item], prefixes: &[Vec<String>]) -> Value {
        let of_one_set = batch.chunk_by(|a, b| Arc::ptr_eq(&a.set, &b.set));
        let sets = of_one_set.map(|items| {
            let set = &items[0].set;
            let names: Vec<&str> = items.iter().map(|item| &*item.name).collect();
            // A flake's `packages` hold no sets.
            let is_deep = !self.evaluator.is_flake() || set.root > 0;
            let path = [prefixes[set.root].as_slice(), &set.path].concat();
            json!({"path": path, "names": names, "isDeep": is_deep})
        });
        json!({"list": sets.collect::<Vec<_>>()})
    }

    fn take(&mut self, item: &Item, answer: Listed) -> Result<(), Failure> {
        self.done += 1;
        match answer {
            Listed::Package(record) => {
                let spelled = attribute::spelled(&item.path());
                match record.into_row(spelled, Arc::clone(self.source), self.evaluator.is_flake()) {
                    Ok(package) => self.give(item, package),
                    Err(lack) => self.give_failed(item, lack.to_owned()),
                }
            }
            Listed::Throws => self.give_failed(item, THROWS.to_owned()),
            Listed::Set(names) if item.set.path.len() + 1 < MAX_DEPTH => {
                self.total += names.len() as u64;
                if self.total > MAX_ATTRIBUTES {
                    let at = safe::text(&attribute::spelled(&item.path()));
                    return Err(Failure(format!(
                        "it has over {MAX_ATTRIBUTES} attributes, up to {at}; sets with recurseForDerivations may hold each other"
                    )));
                }
                self.wait(Set { root: item.set.root, path: item.path() }, names);
            }
            Listed::Set(_) | Listed::Nothing => {}
        }
        Ok(())
    }

    /// An attribute at which Nix ended.
    fn blame(&mut self, item: &Item, failure: Failure) -> Result<(), Failure> {
        self.done += 1;
        self.culprits += 1;
        if self.culprits > MAX_CULPRITS {
            let at = safe::text(&attribute::spelled(&item.path()));
            return Err(Failure(format!(
                "over {MAX_CULPRITS} of its attributes end the evaluation, the last one {at}: {}",
                failure.0
            )));
        }
        self.give_failed(item, failure.0);
        Ok(())
    }

    fn give_failed(&mut self, item: &Item, reason: String) {
        let row = Package::unevaluated(attribute::spelled(&item.path()), Arc::clone(self.source));
        self.give(item, Package { obstacles: vec![Obstacle::Failed(reason)], ..row });
    }

    fn give(&mut self, item: &Item, package: Package) {
        if item.set.path.is_empty() {
            self.top.insert(item.name.clone());
        }
        (self.each)(package);
    }
}

/// Passes on all but how far it is, which the listing itself tells.
struct Unheard<'a>(&'a dyn Progress);

impl Progress for Unheard<'_> {
    fn step(&self, _: Step) {}

    fn line(&self, line: &str) {
        self.0.line(line);
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}
