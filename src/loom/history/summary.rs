//! What there is to tell of each generation in a line. Their files are not looked at.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::PoisonError;

use super::super::{Changed, Loom, LoomError};
use super::Packages;
use super::size::{Scales, Size, outputs};
use crate::profile::{Element, Generation, Parent};
use crate::progress::Progress;

/// One generation in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationSummary {
    pub number: u64,
    pub parent: Parent,
    /// Another generation with the very same environment: the nearest below, else the nearest above.
    pub same_as: Option<u64>,
    /// Why it cannot be read, if it cannot.
    pub facts: Result<GenerationFacts, String>,
}

/// What a generation has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationFacts {
    pub packages: usize,
    /// The names of the packages that it has, lacks and has otherwise, compared with its parent; `None` if that is not there
    /// or cannot be read.
    pub changed: Option<Changed<String>>,
    /// `None` until it is known.
    pub size: Option<Size>,
}

/// A generation while it is being summed up.
struct Seen {
    summary: GenerationSummary,
    environment: PathBuf,
    outputs: Vec<PathBuf>,
    key: (PathBuf, Option<PathBuf>),
}

impl Loom {
    /// Tells of every generation in short, the newest first: all of them at once without their sizes, then each again with
    /// it. What was told before is told at once. Stops when `progress` says that it is cancelled.
    pub fn summarise(&self, tell: &dyn Fn(GenerationSummary), progress: &dyn Progress) -> Result<(), LoomError> {
        let generations = self.profile.generations()?;
        let parents = self.parents(&generations);
        let same = same_environments(&generations);
        // What children have asked for already. A child is newer, so nobody asks after its own turn.
        let mut read: HashMap<u64, Result<Vec<Element>, String>> = HashMap::new();
        let mut waiting = Vec::new();
        for (at, generation) in generations.iter().enumerate().rev() {
            if progress.is_cancelled() {
                return Ok(());
            }
            let parent = parents[at].number().and_then(|number| {
                let at = generations.binary_search_by_key(&number, |generation| generation.number).ok()?;
                generations.get(at)
            });
            let key = (generation.path.clone(), parent.map(|parent| parent.path.clone()));
            let known = self.known_facts(&key);
            let mut seen = Seen {
                summary: GenerationSummary {
                    number: generation.number,
                    parent: parents[at],
                    same_as: same[at],
                    facts: Err(String::new()),
                },
                environment: generation.path.clone(),
                outputs: Vec::new(),
                key,
            };
            if let Some(facts) = known {
                seen.summary.facts = Ok(facts);
                tell(seen.summary);
                continue;
            }
            let mut read_once = |generation: &Generation| match read.remove(&generation.number) {
                Some(elements) => elements,
                None => self.profile.contents_at(generation).map(|it| it.elements).map_err(|error| error.to_string()),
            };
            let elements = read_once(generation);
            let of_parent = parent.map(|parent| (parent.number, read_once(parent)));
            seen.summary.facts = elements.map(|elements| {
                seen.outputs = outputs(&elements);
                let before = match (parents[at], &of_parent) {
                    (Parent::Nothing, _) => Some(Vec::new()),
                    (_, Some((_, Ok(before)))) => Some(before.clone()),
                    _ => None,
                };
                let packages = elements.len();
                GenerationFacts {
                    packages,
                    changed: before.map(|before| names(super::packages(before, elements))),
                    size: None,
                }
            });
            read.extend(of_parent);
            tell(seen.summary.clone());
            waiting.push(seen);
        }
        self.weigh(waiting, tell, progress);
        Ok(())
    }

    /// Tells of each once more, with its size.
    fn weigh(&self, waiting: Vec<Seen>, tell: &dyn Fn(GenerationSummary), progress: &dyn Progress) {
        let mut scales = Scales::new(self);
        for Seen { mut summary, environment, outputs, key } in waiting {
            if progress.is_cancelled() {
                return;
            }
            let Ok(facts) = &mut summary.facts else { continue };
            let size = scales.paths(&environment, &outputs).size();
            facts.size = Some(size);
            // A store that did not answer may answer the next time.
            if !size.is_least {
                self.history.lock().unwrap_or_else(PoisonError::into_inner).insert(key, facts.clone());
            }
            tell(summary);
        }
    }

    fn known_facts(&self, key: &(PathBuf, Option<PathBuf>)) -> Option<GenerationFacts> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

fn names(packages: Packages) -> Changed<String> {
    let names = |elements: Vec<Element>| elements.into_iter().map(|element| element.name).collect();
    Changed {
        added: names(packages.added),
        removed: names(packages.removed),
        changed: packages.changed.into_iter().map(|(_, after)| after.name).collect(),
    }
}

/// For each generation another one with the same environment, if there is one.
fn same_environments(generations: &[Generation]) -> Vec<Option<u64>> {
    let mut same = vec![None; generations.len()];
    let mut newest: HashMap<&std::path::Path, usize> = HashMap::new();
    for (at, generation) in generations.iter().enumerate() {
        if let Some(below) = newest.insert(&generation.path, at) {
            same[at] = Some(generations[below].number);
            same[below].get_or_insert(generation.number);
        }
    }
    same
}
