//! From which generation each was made. Nix records none of it: after going back from 4 to 2, an installation makes 5 out of
//! 2, and nothing on disk says so. What this program makes it records in a small file of its own.
//!
//! A record is believed only of the very link that it was made of: its number, the environment and the time of the link
//! must be the same. A file that is damaged or cannot be written costs nothing but the knowledge.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Generation, Profile};
use crate::safe;

/// The format that is written and read.
const VERSION: u32 = 1;

/// No file of records is larger: that of 10000 generations has some 3 MB.
const MAX_BYTES: u64 = 16 << 20;

/// From which generation one was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// It is the first: before it there was nothing.
    Nothing,
    Known(u64),
    /// This one, which is deleted by now.
    Deleted(u64),
    /// Nobody recorded it; the newest one below it is as good a guess as there is.
    Probably(u64),
    /// Nobody recorded it, and nothing is below it any more.
    Unknown,
}

impl Parent {
    /// The generation that is meant, if it is there.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Known(number) | Self::Probably(number) => Some(number),
            Self::Nothing | Self::Deleted(_) | Self::Unknown => None,
        }
    }
}

/// The records of one profile.
#[derive(Clone, Debug)]
pub struct Descent {
    /// `None` where there is no place for records.
    file: Option<PathBuf>,
    /// The profile's link, absolute.
    profile: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    profile: String,
    generations: Vec<Record>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    #[serde(flatten)]
    of: Identity,
    /// `None`: it was the first.
    parent: Option<Identity>,
}

/// What tells the link of a generation from any other that ever had its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    number: u64,
    environment: String,
    /// The time of the link, in nanoseconds since 1970.
    linked: u64,
}

impl Identity {
    fn of(generation: &Generation) -> Self {
        let linked = generation.created.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Self {
            number: generation.number,
            environment: safe::json(generation.path.as_os_str().as_bytes()),
            linked: u64::try_from(linked).unwrap_or(u64::MAX),
        }
    }
}

impl Descent {
    /// The records of `profile` in `state`, the directory in which this program keeps its state.
    pub fn new(state: Option<&Path>, profile: &Profile) -> Self {
        let (name, profile) = record_of(profile);
        Self { file: state.map(|state| state.join("descent").join(name)), profile }
    }

    /// Whether this program made the generation, as far as it is recorded.
    pub fn is_recorded(&self, generation: &Generation) -> bool {
        let of = Identity::of(generation);
        self.read().iter().any(|record| record.of == of)
    }

    /// The parent of each of `generations`, which are all there are, sorted by number.
    pub fn parents(&self, generations: &[Generation]) -> Vec<Parent> {
        let records = self.read();
        let records: HashMap<u64, &Record> = records.iter().map(|record| (record.of.number, record)).collect();
        let there: Vec<Identity> = generations.iter().map(Identity::of).collect();
        let is_there = |parent: &Identity| {
            let at = there.binary_search_by_key(&parent.number, |generation| generation.number);
            at.is_ok_and(|at| there[at] == *parent)
        };
        let parent = |(at, generation): (usize, &Identity)| {
            let record = records.get(&generation.number).filter(|record| record.of == *generation);
            match record.map(|record| record.parent.as_ref()) {
                Some(None) => Parent::Nothing,
                // What says that it was made from a newer one is no record of ours.
                Some(Some(parent)) if parent.number < generation.number => {
                    if is_there(parent) {
                        Parent::Known(parent.number)
                    } else {
                        Parent::Deleted(parent.number)
                    }
                }
                _ => match at.checked_sub(1) {
                    Some(below) => Parent::Probably(there[below].number),
                    None if generation.number == 1 => Parent::Nothing,
                    None => Parent::Unknown,
                },
            }
        };
        there.iter().enumerate().map(parent).collect()
    }

    /// Records that `child` was made from `parent`; `None`: from nothing. `generations` are all that there are: what was
    /// recorded of others is forgotten. Who calls it has the profile's lock. That it cannot be written is no error.
    pub fn record(&self, child: &Generation, parent: Option<&Generation>, generations: &[Generation]) {
        let Some(file) = &self.file else { return };
        let of = Identity::of(child);
        let there: Vec<Identity> = generations.iter().map(Identity::of).collect();
        let mut records = self.read();
        records.retain(|record| record.of.number != of.number && there.contains(&record.of));
        records.push(Record { of, parent: parent.map(Identity::of) });
        let document = Document { version: VERSION, profile: self.profile.clone(), generations: records };
        let Ok(text) = serde_json::to_vec(&document) else { return };
        // Beside it and then in its place, so that it is whole or the old one.
        let new = file.with_extension("new");
        let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&new, text));
        if written.and_then(|()| fs::rename(&new, file)).is_err() {
            let _ = fs::remove_file(&new);
        }
    }

    /// What is recorded; nothing if it cannot be read or is of another profile.
    fn read(&self) -> Vec<Record> {
        let document = self.file.as_deref().and_then(read_document);
        let is_ours = |document: &Document| document.version == VERSION && document.profile == self.profile;
        document.filter(is_ours).map(|document| document.generations).unwrap_or_default()
    }
}

/// The name of a file of records of a profile, and by what text the profile is meant in it: its link, absolute.
pub(super) fn record_of(profile: &Profile) -> (String, String) {
    let directory = fs::canonicalize(profile.directory()).or_else(|_| std::path::absolute(profile.directory()));
    let link = directory.unwrap_or_else(|_| profile.directory().to_owned()).join(profile.name());
    let bytes = link.as_os_str().as_bytes();
    let hash = Sha256::digest(bytes);
    let name = hash.iter().take(16).fold(String::new(), |name, byte| name + &format!("{byte:02x}"));
    (name + ".json", safe::json(bytes))
}

fn read_document(file: &Path) -> Option<Document> {
    // Opening a pipe would wait for somebody to write into it.
    if !fs::metadata(file).ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    File::open(file).ok()?.take(MAX_BYTES + 1).read_to_end(&mut text).ok()?;
    if text.len() as u64 > MAX_BYTES {
        return None;
    }
    serde_json::from_slice(&text).ok()
}

/// The generations from which the one with this number descends, its parent first. `parents` are those of `generations`,
/// in their order.
pub fn ancestors(number: u64, generations: &[Generation], parents: &[Parent]) -> Vec<u64> {
    let parent_of = |number: u64| {
        let at = generations.binary_search_by_key(&number, |generation| generation.number).ok()?;
        // A parent is always older; what says otherwise would lead round and round.
        parents.get(at)?.number().filter(|&parent| parent < number)
    };
    std::iter::successors(parent_of(number), |&number| parent_of(number)).collect()
}

#[cfg(test)]
#[path = "descent_tests.rs"]
mod tests;
