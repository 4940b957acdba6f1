//! How the profile stands: what is installed, whether it collides, and whether it still agrees with the files that it was
//! made from or written to.
//!
//! A file whose text is what it was says what it said, as far as that is known without Nix: it may import others, and a
//! channel may have moved. So there are two answers, and each says which of them it is.

mod ask;
mod difference;
mod memory;
mod rewriting;
mod words;

use std::collections::HashSet;
use std::path::PathBuf;

use super::import::EnvironmentChange;
use super::{Loom, LoomError};
use crate::engine::Plan;
use crate::profile::{Change, Element, ManifestKind, Relation, RememberedFile, Said};
use crate::progress::Progress;
use crate::store::StoreError;

use self::ask::Answer;
use self::difference::{Adopt, Sides};
pub use self::difference::{Difference, DifferenceKind};
use self::memory::Trouble;
pub use self::rewriting::Rewriting;

/// How the profile stands.
#[derive(Clone, Debug)]
pub struct Status {
    pub kind: Option<ManifestKind>,
    /// `None` before the first installation.
    pub generation: Option<u64>,
    /// Whether this program made that generation, as far as it is recorded.
    pub is_made_here: bool,
    pub packages: usize,
    /// How many of them are switched off.
    pub inactive: usize,
    /// What its packages collide over; `None` if that cannot be worked out.
    pub collisions: Option<CollisionCount>,
    /// The files that it was made from or written to, the one that was remembered last first.
    pub files: Vec<FileStatus>,
}

/// Collisions of an environment, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CollisionCount {
    pub blocking: usize,
    /// Settled: somebody wins.
    pub settled: usize,
}

/// A remembered file, and whether the profile agrees with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStatus {
    /// Absolute.
    pub file: PathBuf,
    pub relation: Relation,
    /// The generation that was made from it or written to it.
    pub generation: Option<u64>,
    pub state: FileState,
    /// Whether it was read anew; else it is taken at its word of the last time.
    pub is_asked: bool,
    /// Whether its text is another one since then.
    pub is_edited: bool,
    /// Whether it says something else now although its text is the same: what it imports has moved.
    pub is_moved: bool,
    /// What the profile and the file do not agree on.
    pub differences: Vec<Difference>,
    /// Of an environment that is one element: what became of its packages, if it was asked.
    pub since: Option<EnvironmentChange>,
    /// What makes the profile as the file says; empty if nothing does, or if it was not asked.
    pub adopt: Vec<Change>,
    /// What writing it anew from the profile would make of it, if it was written from it and does not agree now.
    pub rewriting: Option<Box<Rewriting>>,
}

/// Whether a profile and a file agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    Agrees,
    Differs,
    /// Its text is another one, and what it says now was not asked.
    Edited,
    /// Why it cannot be read; in the words of Nix, if it was Nix that could not.
    Unreadable(String),
    /// It is not there any more.
    Gone,
}

impl FileState {
    /// Its name for scripts; never changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Edited => "edited",
            Self::Unreadable(_) => "unreadable",
            Self::Gone => "gone",
        }
    }
}

impl Status {
    /// Whether the profile agrees with all files, as far as that was asked for.
    pub fn agrees(&self) -> bool {
        self.files.iter().all(|file| file.state == FileState::Agrees)
    }
}

impl Loom {
    /// How the profile stands, with files taken at their word. Evaluates nothing.
    pub fn quick_status(&self) -> Result<Status, LoomError> {
        self.status_of(&|_| None)
    }

    /// How the profile stands, with what each file says now. Nix evaluates them, so this may take seconds; what they say
    /// is remembered, and is from now on what their packages are, as for [`Loom::import`].
    pub fn status(&self, progress: &dyn Progress) -> Result<Status, LoomError> {
        let mut status = self.status_of(&|file| self.ask(file, progress))?;
        if !status.agrees() {
            let (files, elements) = (self.env_files.all(), self.contents()?.elements);
            for status in status.files.iter_mut().filter(|status| status.state != FileState::Agrees) {
                let file = files.iter().find(|file| file.path == status.file);
                status.rewriting = file.and_then(|file| self.rewriting(file, &elements, progress)).map(Box::new);
            }
        }
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        Ok(status)
    }

    fn status_of(&self, ask: &Ask) -> Result<Status, LoomError> {
        let snapshot = self.snapshot()?;
        let elements = &snapshot.elements;
        let plan = self.installed_plan(elements).ok();
        let current = self.profile.generations()?.into_iter().find(|generation| generation.current);
        let blocking = |plan: &Plan| plan.blocking().count();
        let files = self.env_files.all();
        let contend = if files.is_empty() { HashSet::new() } else { plan.as_deref().map(contend).unwrap_or_default() };
        Ok(Status {
            kind: snapshot.kind,
            generation: snapshot.generation,
            is_made_here: current.is_some_and(|current| self.descent.is_recorded(&current)),
            packages: elements.len(),
            inactive: elements.iter().filter(|element| !element.active).count(),
            collisions: plan.as_deref().map(|plan| CollisionCount {
                blocking: blocking(plan),
                settled: plan.collisions.len() - blocking(plan),
            }),
            files: files.iter().map(|file| self.file_status(file, elements, &contend, ask)).collect(),
        })
    }

    fn file_status(
        &self,
        file: &RememberedFile,
        elements: &[Element],
        contend: &HashSet<(String, String)>,
        ask: &Ask,
    ) -> FileStatus {
        let mut status = FileStatus {
            file: file.path.clone(),
            relation: file.relation,
            generation: file.generation,
            state: FileState::Agrees,
            is_asked: false,
            is_edited: false,
            is_moved: false,
            differences: Vec::new(),
            since: None,
            adopt: Vec::new(),
            rewriting: None,
        };
        let text = match memory::text_hash(&file.path) {
            Ok(text) => text,
            Err(trouble) => {
                status.state = match trouble {
                    Trouble::Gone => FileState::Gone,
                    Trouble::Unreadable(why) => FileState::Unreadable(why),
                };
                return status;
            }
        };
        status.is_edited = text != file.said.text;
        let answer = ask(file);
        status.is_asked = answer.is_some();
        let mut adopt = Adopt::default();
        let said = match answer {
            Some(Ok(answer)) => {
                (adopt, status.since) = (answer.adopt, answer.since.filter(|since| !since.is_same));
                let said = Said { text, elements: answer.elements };
                // To be asked again costs nothing but time.
                let _ = self.env_files.note(&file.path, &said);
                said
            }
            Some(Err(why)) => {
                status.state = FileState::Unreadable(why);
                return status;
            }
            // The last word on this very text.
            None => {
                let Some(said) = file.latest.iter().chain([&file.said]).find(|said| said.text == text) else {
                    status.state = FileState::Edited;
                    return status;
                };
                said.clone()
            }
        };
        status.is_moved = !status.is_edited && !memory::is_same(&said.elements, &file.said.elements);
        let said = memory::as_related(file.relation, said.elements, elements);
        let sides = Sides::new(&said, elements);
        let is_beside = |element: &Element| file.relation == Relation::Whole || file.beside.contains(&element.name);
        status.differences = sides.differences(&is_beside);
        if file.relation == Relation::Exported {
            status.differences.extend(sides.order(contend));
        }
        if !status.differences.is_empty() {
            status.state = FileState::Differs;
        }
        if status.is_asked {
            status.adopt = sides.adopt(&is_beside, &adopt).unwrap_or_default();
        }
        status
    }
}

/// What a file says now; `None`: it is taken at its word.
type Ask<'a> = dyn Fn(&RememberedFile) -> Option<Result<Answer, String>> + 'a;

/// The packages that want the same path, two by two.
fn contend(plan: &Plan) -> HashSet<(String, String)> {
    let mut pairs = HashSet::new();
    for collision in &plan.collisions {
        let names: Vec<_> = collision.contenders.iter().map(|contender| contender.package.to_string()).collect();
        for one in &names {
            pairs.extend(names.iter().filter(|other| *other != one).map(|other| (one.clone(), other.clone())));
        }
    }
    pairs
}
