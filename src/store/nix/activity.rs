//! What a daemon is doing, from the activities that it reports (Nix, `src/libutil/logging.hh`), as a [`Step`].

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use super::path;
use crate::progress::{Progress, Step};
use crate::safe;

/// Types of activities.
const COPY_PATH: u64 = 100;
const BUILDS: u64 = 104;
const BUILD: u64 = 105;
const SUBSTITUTE: u64 = 108;

/// Types of results.
const BUILD_LOG_LINE: u64 = 101;
const PROGRESS: u64 = 105;
const SET_EXPECTED: u64 = 106;
const POST_BUILD_LOG_LINE: u64 = 107;

/// Of what matters no more than this, Nix says nothing if it is not asked to (`lvlInfo`).
const INFO: u64 = 3;

/// How many activities are followed at once; a real daemon has a few for each build and download.
const MOST_RUNNING: usize = 1000;

/// Most that is counted, so that whoever computes with it cannot overflow.
const MOST_COUNTED: u64 = 1 << 50;

/// How many names of the same kind are told; the others are counted.
const MOST_NAMES: usize = 2;

const KEPT_LINES: usize = 20;

/// What comes with an activity or a result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Field {
    Number(u64),
    Text(Vec<u8>),
}

/// What is going on during one operation.
pub(super) struct Activities<'a> {
    store: &'a Path,
    progress: &'a dyn Progress,
    running: BTreeMap<u64, Activity>,
    /// Bytes that finished activities have put into the store.
    copied: u64,
    shown: Option<Step>,
    told: VecDeque<String>,
    log: VecDeque<String>,
}

struct Activity {
    kind: Kind,
    done: u64,
    expected: u64,
    /// Bytes that this and all that it does will put into the store.
    expected_copies: u64,
}

enum Kind {
    Build(String),
    /// Of one path; a download and the copying in it are two activities.
    Fetch(String),
    Copy(String),
    /// All builds of the operation.
    Builds,
    Other,
}

impl<'a> Activities<'a> {
    pub fn new(store: &'a Path, progress: &'a dyn Progress) -> Self {
        Self {
            store,
            progress,
            running: BTreeMap::new(),
            copied: 0,
            shown: None,
            told: VecDeque::new(),
            log: VecDeque::new(),
        }
    }

    /// Passes on what a user of Nix would see of an activity at its start.
    pub fn announce(&self, level: u64, text: &[u8]) {
        if level <= INFO && !text.is_empty() {
            self.say("", text);
        }
    }

    fn say(&self, before: &str, message: &[u8]) {
        safe::message(message).lines().for_each(|line| self.progress.line(&format!("{before}{line}")));
    }

    pub fn start(&mut self, id: u64, kind: u64, fields: &[Field]) {
        if self.running.len() >= MOST_RUNNING {
            return;
        }
        let name = |suffix: &str| match fields.first() {
            Some(Field::Text(text)) => {
                path::name(self.store, text).map(|name| name.strip_suffix(suffix).unwrap_or(name).to_owned())
            }
            _ => None,
        };
        let kind = match kind {
            BUILD => name(".drv").map(Kind::Build),
            SUBSTITUTE => name("").map(Kind::Fetch),
            COPY_PATH => name("").map(Kind::Copy),
            BUILDS => Some(Kind::Builds),
            _ => None,
        };
        let kind = kind.unwrap_or(Kind::Other);
        self.running.insert(id, Activity { kind, done: 0, expected: 0, expected_copies: 0 });
        self.show();
    }

    pub fn stop(&mut self, id: u64) {
        if let Some(Activity { kind: Kind::Copy(_), done, .. }) = self.running.remove(&id) {
            self.copied = self.copied.saturating_add(done).min(MOST_COUNTED);
        }
        self.show();
    }

    pub fn result(&mut self, id: u64, kind: u64, fields: &[Field]) {
        match (kind, fields) {
            (BUILD_LOG_LINE | POST_BUILD_LOG_LINE, [Field::Text(line), ..]) => {
                let builder = match self.running.get(&id) {
                    Some(Activity { kind: Kind::Build(name), .. }) => format!("{name}> "),
                    _ => String::new(),
                };
                self.say(&builder, line);
                keep(&mut self.log, line);
            }
            (PROGRESS, [Field::Number(done), Field::Number(expected), ..]) => {
                if let Some(activity) = self.running.get_mut(&id) {
                    activity.done = (*done).min(MOST_COUNTED);
                    activity.expected = (*expected).min(MOST_COUNTED);
                }
                self.show();
            }
            (SET_EXPECTED, [Field::Number(COPY_PATH), Field::Number(bytes), ..]) => {
                if let Some(activity) = self.running.get_mut(&id) {
                    activity.expected_copies = (*bytes).min(MOST_COUNTED);
                }
                self.show();
            }
            _ => {}
        }
    }

    /// Passes a message on, and keeps it for the case that the operation fails.
    pub fn tell(&mut self, message: &[u8]) {
        self.say("", message);
        keep(&mut self.told, message);
    }

    /// The last messages and the last lines of builders, for an error.
    pub fn last_words(&mut self) -> (Vec<String>, Vec<String>) {
        (std::mem::take(&mut self.told).into(), std::mem::take(&mut self.log).into())
    }

    fn show(&mut self) {
        if let Some(step) = self.step()
            && self.shown.as_ref() != Some(&step)
        {
            self.progress.step(step.clone());
            self.shown = Some(step);
        }
    }

    /// What runs now, if it has a name; the numbers are bytes while something is fetched, else builds.
    fn step(&self) -> Option<Step> {
        let mut fetched: Vec<&str> = Vec::new();
        let mut built: Vec<&str> = Vec::new();
        for activity in self.running.values() {
            let (names, name) = match &activity.kind {
                Kind::Fetch(name) | Kind::Copy(name) => (&mut fetched, name),
                Kind::Build(name) => (&mut built, name),
                Kind::Builds | Kind::Other => continue,
            };
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let parts = [("fetching", &fetched), ("building", &built)];
        let parts: Vec<_> = parts.into_iter().filter(|(_, names)| !names.is_empty()).collect();
        if parts.is_empty() {
            return None;
        }
        let what = parts.iter().map(|(verb, names)| format!("{verb} {}", enumeration(names))).collect::<Vec<_>>();
        let (done, total) = if fetched.is_empty() { self.builds() } else { self.copies() };
        Some(Step { what: what.join(", "), done: done.min(total), total })
    }

    fn copies(&self) -> (u64, u64) {
        let of_copies = |number: fn(&Activity) -> u64| {
            let copies = self.running.values().filter(|activity| matches!(activity.kind, Kind::Copy(_)));
            copies.map(number).fold(self.copied, u64::saturating_add).min(MOST_COUNTED)
        };
        let announced = self.running.values().map(|activity| activity.expected_copies).max().unwrap_or(0);
        (of_copies(|copy| copy.done), of_copies(|copy| copy.expected).max(announced))
    }

    fn builds(&self) -> (u64, u64) {
        let builds = self.running.values().find(|activity| matches!(activity.kind, Kind::Builds));
        builds.map_or((0, 0), |builds| (builds.done, builds.expected))
    }
}

/// `a`, `a and b`, `a, b and 3 more`.
fn enumeration(names: &[&str]) -> String {
    match names {
        [names @ .., last] if names.len() < MOST_NAMES => match names {
            [] => (*last).to_owned(),
            _ => format!("{} and {last}", names.join(", ")),
        },
        _ => format!("{} and {} more", names[..MOST_NAMES].join(", "), names.len() - MOST_NAMES),
    }
}

fn keep(lines: &mut VecDeque<String>, line: &[u8]) {
    if lines.len() == KEPT_LINES {
        lines.pop_front();
    }
    lines.push_back(safe::message(line));
}

#[cfg(test)]
#[path = "activity_tests.rs"]
mod tests;
