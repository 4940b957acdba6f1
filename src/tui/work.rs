//! Long works: which run, how far each is, and whether it was asked to stop.
//!
//! What changes the profile is in here from the moment it is asked for, and one at a time. What is done for the eye alone, as
//! the plan of each staged change is, comes in once it tells how far it is: then it takes long enough to be told of.

use std::time::Duration;

use super::effect::{Effect, Reply};
use super::moment::Moment;
use super::pace::Pace;
use crate::progress::Step;

/// What a work is for. Where there is a request, it is the number of the [`Effect`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Apply,
    RollBack,
    Delete,
    Convert,
    /// Something is built to be looked at; the profile stays as it is.
    Build,
    /// What is not known is fetched, so that it can be previewed.
    Fetch,
    /// The revision of a source is looked for.
    FindPin,
    /// The sources are read.
    Load,
    /// They are asked for upgrades.
    Upgrades,
    Look(u64),
    Preview(u64),
    Explain(u64),
    Compare(u64),
    CompareFiles(u64),
    /// A tree of files is put together.
    Files(u64),
    /// It is asked who provides a file.
    Which(u64),
    /// An environment file is read.
    Import(u64),
    /// An environment file is written.
    Export,
    /// Environment files are asked what they say.
    Status(u64),
}

impl Task {
    /// `None` for what is no long work.
    pub fn of(effect: &Effect) -> Option<Self> {
        Some(match *effect {
            Effect::Apply { .. } | Effect::Empty { .. } => Self::Apply,
            Effect::RollBack { .. } => Self::RollBack,
            Effect::DeleteGenerations { .. } => Self::Delete,
            Effect::Convert { .. } => Self::Convert,
            Effect::Build { .. } => Self::Build,
            Effect::FetchForPreview { .. } => Self::Fetch,
            Effect::FindPin(_) => Self::FindPin,
            Effect::LoadSources => Self::Load,
            Effect::AskForUpgrades { .. } => Self::Upgrades,
            Effect::Look { request, .. } => Self::Look(request),
            Effect::Preview { request, .. } => Self::Preview(request),
            Effect::Explain { request, .. } => Self::Explain(request),
            Effect::Compare { request, .. } => Self::Compare(request),
            Effect::CompareFiles { request, .. } => Self::CompareFiles(request),
            Effect::Files { request, .. } => Self::Files(request),
            Effect::Which { request, .. } => Self::Which(request),
            Effect::Import { request, .. } => Self::Import(request),
            Effect::Export(_) => Self::Export,
            Effect::Status { request, is_full: true } => Self::Status(request),
            _ => return None,
        })
    }

    /// What it does, until it says so itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apply => "applying",
            Self::RollBack => "rolling back",
            Self::Delete => "deleting",
            Self::Convert => "converting",
            Self::Build => "building",
            Self::Fetch => "fetching",
            Self::FindPin => "looking for a revision",
            Self::Load => "reading the sources",
            Self::Upgrades => "asking the sources for upgrades",
            Self::Look(_) => "evaluating",
            Self::Preview(_) => "working out the plan",
            Self::Explain(_) => "asking for Nix' commands",
            Self::Compare(_) => "comparing generations",
            Self::CompareFiles(_) => "comparing files",
            Self::Files(_) => "listing files",
            Self::Which(_) => "looking for a file",
            Self::Import(_) => "reading the file",
            Self::Export => "writing the environment file",
            Self::Status(_) => "asking the environment files",
        }
    }

    /// Such are one at a time.
    pub fn changes_profile(self) -> bool {
        matches!(self, Self::Apply | Self::RollBack | Self::Delete | Self::Convert)
    }

    /// Whether it is told of from the start, however soon it ends.
    pub fn is_told_at_once(self) -> bool {
        self.changes_profile()
            || matches!(self, Self::Build | Self::Fetch | Self::Import(_) | Self::Export | Self::FindPin)
    }

    pub fn can_be_stopped(self) -> bool {
        // These end sooner than anyone could ask for it, and must not end halfway.
        !matches!(self, Self::RollBack | Self::Delete)
    }

    /// Whether something would be lost by stopping it, so that it is asked for first.
    pub fn is_asked_before_stop(self) -> bool {
        matches!(self, Self::Apply | Self::Build | Self::Convert)
    }
}

/// The work that a reply ends, and what went wrong, in full. The reading of sources goes on while there is more to read.
pub fn ended_by(reply: &Reply) -> Option<(Task, Option<String>)> {
    fn error<T, E: ToString>(result: &Result<T, E>) -> Option<String> {
        result.as_ref().err().map(ToString::to_string)
    }
    Some(match reply {
        Reply::Applied(result) | Reply::Emptied(result) => (Task::Apply, error(result)),
        Reply::RolledBack(result) => (Task::RollBack, error(result)),
        Reply::Deleted(result) => (Task::Delete, error(result)),
        Reply::Converted(result) => (Task::Convert, error(result)),
        Reply::Built { result, .. } => (Task::Build, error(result)),
        Reply::FetchedForPreview(result) => (Task::Fetch, error(result)),
        Reply::Imported { request, read } => (Task::Import(*request), error(read)),
        Reply::Exported(_, result) => (Task::Export, error(result)),
        Reply::PinFound(_, found) => (Task::FindPin, error(found)),
        Reply::Status { request, is_full: true, status } => (Task::Status(*request), error(status)),
        Reply::Loaded { .. } => (Task::Load, None),
        Reply::Upgrades { found, .. } => (Task::Upgrades, error(found)),
        Reply::Looked { request, looked } => (Task::Look(*request), error(looked)),
        Reply::Previewed { request, report } => (Task::Preview(*request), error(report)),
        Reply::Explained { request, lines } => (Task::Explain(*request), error(lines)),
        Reply::Compared { request, diff, .. } => (Task::Compare(*request), error(diff)),
        Reply::FilesCompared { request, .. } => (Task::CompareFiles(*request), None),
        Reply::Files { request, tree } => (Task::Files(*request), error(tree)),
        // Half an answer ends nothing.
        Reply::Which { found: Ok(found), .. } if found.is_reading_index => return None,
        Reply::Which { request, found } => (Task::Which(*request), error(found)),
        _ => return None,
    })
}

/// One work that runs, or waits for its thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Counted from 1 while the program runs.
    pub number: u64,
    pub task: Task,
    pub began: Moment,
    /// The last that it told.
    pub step: Option<Step>,
    /// It was asked to stop, and will at the next safe place.
    pub is_stopping: bool,
    /// How long it takes still, as of its last step.
    pub left: Option<Duration>,
    pace: Option<Pace>,
}

impl Work {
    /// What it does now. Not safe for a terminal.
    pub fn what(&self) -> &str {
        match &self.step {
            _ if self.is_stopping => "stopping at the next safe place",
            Some(step) if !step.what.is_empty() => &step.what,
            _ => self.task.name(),
        }
    }

    pub fn can_be_stopped(&self) -> bool {
        self.task.can_be_stopped() && !self.is_stopping
    }

    fn go_on(&mut self, step: Step, now: Moment) {
        match &mut self.pace {
            Some(pace) => pace.go_on(&step, now),
            None => self.pace = Some(Pace::of(&step, now)),
        }
        self.left = self.pace.as_ref().and_then(|pace| pace.left(now));
        self.step = Some(step);
    }
}

/// The works that run, in the order in which they began.
#[derive(Debug, Default)]
pub struct Works {
    running: Vec<Work>,
    begun: u64,
}

impl Works {
    pub fn all(&self) -> &[Work] {
        &self.running
    }

    pub fn get(&self, task: Task) -> Option<&Work> {
        self.running.iter().find(|work| work.task == task)
    }

    /// The work that changes the profile.
    pub fn on_profile(&self) -> Option<&Work> {
        self.running.iter().find(|work| work.task.changes_profile())
    }

    /// The one to tell of where there is room for one.
    pub fn foremost(&self) -> Option<&Work> {
        let rank = |work: &&Work| match work.task {
            task if task.changes_profile() => 0,
            Task::Build => 1,
            Task::Fetch => 2,
            Task::FindPin => 3,
            Task::Load => 4,
            _ => 5,
        };
        self.running.iter().min_by_key(rank)
    }

    /// Begins a work; gives its number, or `None` if it runs already.
    pub(super) fn begin(&mut self, task: Task, now: Moment) -> Option<u64> {
        if self.get(task).is_some() {
            return None;
        }
        self.begun += 1;
        self.running.push(Work {
            number: self.begun,
            task,
            began: now,
            step: None,
            is_stopping: false,
            left: None,
            pace: None,
        });
        Some(self.begun)
    }

    /// Takes in how far a work is; `false` if no such work runs.
    pub(super) fn go_on(&mut self, task: Task, step: Step, now: Moment) -> bool {
        let work = self.running.iter_mut().find(|work| work.task == task);
        work.map(|work| work.go_on(step, now)).is_some()
    }

    /// Notes that a work was asked to stop; `false` if it cannot be or was already.
    pub(super) fn stop(&mut self, task: Task) -> bool {
        match self.running.iter_mut().find(|work| work.task == task && work.can_be_stopped()) {
            Some(work) => {
                work.is_stopping = true;
                true
            }
            None => false,
        }
    }

    /// Takes out a work that has ended.
    pub(super) fn end(&mut self, task: Task) -> Option<Work> {
        let at = self.running.iter().position(|work| work.task == task)?;
        Some(self.running.remove(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_profile_is_told_of_before_anything_else() {
        let mut works = Works::default();
        for task in [Task::Look(3), Task::Load, Task::Fetch, Task::Build, Task::Apply] {
            assert!(works.begin(task, Moment::default()).is_some());
            assert_eq!(works.foremost().map(|work| work.task), Some(task));
        }
        assert_eq!(works.begin(Task::Apply, Moment::default()), None, "one at a time");
        assert_eq!(works.all().iter().map(|work| work.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert!(works.end(Task::Load).is_some() && works.end(Task::Load).is_none());
    }

    #[test]
    fn a_work_is_asked_to_stop_once_and_only_if_it_can() {
        let mut works = Works::default();
        works.begin(Task::Apply, Moment::default());
        works.begin(Task::RollBack, Moment::default());
        assert!(works.stop(Task::Apply) && !works.stop(Task::Apply));
        assert!(!works.stop(Task::RollBack) && !works.stop(Task::Load));
    }
}
