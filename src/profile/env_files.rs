//! The environment files that a profile was made from or written to, and what they said then: a small file of our own for
//! each profile.
//!
//! It is a convenience: what is damaged, too large or of another profile is as good as nothing, and that it cannot be
//! written costs nothing but the knowledge. Programs at once take turns.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::descent::record_of;
use super::{Element, ElementOutput, Profile};
use crate::remembered::SaveError;
use crate::remembered::file::{LIMIT, change, read};

/// The format that is written and read.
const VERSION: u32 = 1;

/// Of one profile; the ones that were remembered last.
const MOST_FILES: usize = 8;

/// How a file belongs to a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// It is installed as one element.
    Whole,
    /// Its packages are elements.
    Apart,
    /// It was written from the profile.
    Exported,
}

/// A file that belongs to a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedFile {
    /// Absolute.
    pub path: PathBuf,
    pub relation: Relation,
    /// The generation that was made from it or written to it.
    pub generation: Option<u64>,
    /// What it said then.
    pub said: Said,
    /// What it said when it was asked last, if that is something else.
    pub latest: Option<Said>,
    /// The elements that were there beside its own: it never spoke of them.
    pub beside: Vec<String>,
    /// How it was written, if it was.
    pub written: Option<Written>,
}

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// A hash of its text.
    pub text: String,
    /// As they would be installed, in the file's order.
    pub elements: Vec<Element>,
}

/// How a file was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The name of the format.
    pub format: String,
    /// What the environment is called.
    pub name: String,
    /// The elements that it is of; all if empty.
    pub elements: Vec<String>,
    pub is_unpinned: bool,
}

/// The files of one profile.
#[derive(Clone, Debug)]
pub struct EnvFiles {
    /// Where they are remembered; `None` where there is no place for it.
    place: Option<PathBuf>,
    /// The profile's link, absolute.
    profile: String,
}

impl EnvFiles {
    /// The files of `profile` in `state`, the directory in which this program keeps its state.
    pub fn new(state: Option<&Path>, profile: &Profile) -> Self {
        let (name, profile) = record_of(profile);
        Self { place: state.map(|state| state.join("environment-files").join(name)), profile }
    }

    /// All of them, the one that was remembered last first.
    pub fn all(&self) -> Vec<RememberedFile> {
        let bytes = self.place.as_deref().and_then(read);
        bytes.map_or_else(Vec::new, |bytes| self.parse(&bytes))
    }

    /// Remembers a file, in place of what was known of it. One with a path that is no text cannot be remembered.
    pub fn remember(&self, file: RememberedFile) -> Result<(), SaveError> {
        self.edit(|files| {
            files.retain(|other| other.path != file.path);
            files.insert(0, file);
        })
    }

    /// Notes what a file was found to say, if it is still remembered.
    pub fn note(&self, path: &Path, said: &Said) -> Result<(), SaveError> {
        let is_news = |file: &RememberedFile| file.path == path && file.latest.as_ref().unwrap_or(&file.said) != said;
        if !self.all().iter().any(is_news) {
            return Ok(());
        }
        self.edit(|files| {
            for file in files.iter_mut().filter(|file| file.path == path) {
                file.latest = Some(said.clone()).filter(|said| *said != file.said);
            }
        })
    }

    /// Forgets a file; says whether it was remembered.
    pub fn forget(&self, path: &Path) -> Result<bool, SaveError> {
        let mut is_there = false;
        self.edit(|files| {
            let before = files.len();
            files.retain(|file| file.path != path);
            is_there = files.len() < before;
        })?;
        Ok(is_there)
    }

    fn edit(&self, edit: impl FnOnce(&mut Vec<RememberedFile>)) -> Result<(), SaveError> {
        let Some(place) = &self.place else { return Ok(()) };
        change(place, |before| {
            let mut files = before.map_or_else(Vec::new, |bytes| self.parse(bytes));
            edit(&mut files);
            files.truncate(MOST_FILES);
            self.document(files)
        })
    }

    fn parse(&self, bytes: &[u8]) -> Vec<RememberedFile> {
        let document = serde_json::from_slice::<Document>(bytes).ok();
        let document = document.filter(|it| it.version == VERSION && it.profile == self.profile);
        let files = document.into_iter().flat_map(|document| document.files).take(MOST_FILES);
        // A relative path would mean another file in every folder.
        files.map(RememberedFile::from).filter(|file| file.path.is_absolute()).collect()
    }

    /// What is written: as many of the files, from the first on, as there is room for.
    fn document(&self, files: Vec<RememberedFile>) -> Option<Vec<u8>> {
        let mut files: Vec<FileRecord> = files.into_iter().filter_map(FileRecord::of).collect();
        loop {
            let document = Document { version: VERSION, profile: self.profile.clone(), files };
            let bytes = serde_json::to_vec(&document).ok()?;
            if bytes.len() as u64 <= LIMIT || document.files.is_empty() {
                return Some(bytes);
            }
            files = document.files;
            files.pop();
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    profile: String,
    files: Vec<FileRecord>,
}

#[derive(Serialize, Deserialize)]
struct FileRecord {
    path: String,
    relation: Relation,
    generation: Option<u64>,
    said: SaidRecord,
    latest: Option<SaidRecord>,
    beside: Vec<String>,
    written: Option<Written>,
}

#[derive(Serialize, Deserialize)]
struct SaidRecord {
    text: String,
    elements: Vec<ElementRecord>,
}

#[derive(Serialize, Deserialize)]
struct ElementRecord {
    name: String,
    attribute: String,
    source: String,
    version: String,
    /// Names and paths.
    outputs: Vec<(String, String)>,
    priority: i64,
    active: bool,
}

impl FileRecord {
    /// `None` for a path that is no text.
    fn of(file: RememberedFile) -> Option<Self> {
        let RememberedFile { path, relation, generation, said, latest, beside, written } = file;
        let path = path.to_str()?.to_owned();
        let latest = latest.map(SaidRecord::of);
        Some(Self { path, relation, generation, said: SaidRecord::of(said), latest, beside, written })
    }
}

impl From<FileRecord> for RememberedFile {
    fn from(record: FileRecord) -> Self {
        let FileRecord { path, relation, generation, said, latest, beside, written } = record;
        let latest = latest.map(Said::from);
        Self { path: path.into(), relation, generation, said: said.into(), latest, beside, written }
    }
}

impl SaidRecord {
    fn of(said: Said) -> Self {
        let output = |it: ElementOutput| (it.name, it.path.to_string_lossy().into_owned());
        let element = |it: Element| ElementRecord {
            name: it.name,
            attribute: it.attribute,
            source: it.source,
            version: it.version,
            outputs: it.outputs.into_iter().map(output).collect(),
            priority: it.priority,
            active: it.active,
        };
        Self { text: said.text, elements: said.elements.into_iter().map(element).collect() }
    }
}

impl From<SaidRecord> for Said {
    fn from(record: SaidRecord) -> Self {
        let output = |(name, path): (String, String)| ElementOutput { name, path: path.into() };
        let element = |it: ElementRecord| Element {
            name: it.name,
            attribute: it.attribute,
            source: it.source,
            version: it.version,
            outputs: it.outputs.into_iter().map(output).collect(),
            priority: it.priority,
            active: it.active,
            extra: serde_json::Map::new(),
        };
        Self { text: record.text, elements: record.elements.into_iter().map(element).collect() }
    }
}

#[cfg(test)]
#[path = "env_files_tests.rs"]
mod tests;
