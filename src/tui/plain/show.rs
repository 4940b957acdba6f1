//! Brings the state to where a view shows what was asked for. What the screen would have done on threads is done here one
//! after the other, until nothing is left to do.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::super::action::Action;
use super::super::app::{App, Settings};
use super::super::backend::Backend;
use super::super::effect::{Effect, Reply, opened};
use super::super::moment::Clock;
use super::super::perform::perform;
use super::super::update::{Place, prepare, update, visit};
use super::lines::Lines;
use super::{Page, collisions, generations};
use crate::loom::LoomError;
use crate::package::EvaluationError;
use crate::profile::Transaction;
use crate::progress::Progress;

/// Columns and rows of the screen that there is not.
pub(super) const SIZE: (u16, u16) = (160, 50);

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum View {
    Panes,
    Installed,
    Available {
        query: String,
        /// At most so many rows.
        limit: Option<usize>,
    },
    Details {
        /// Of the package, or the name of what is installed.
        attribute: String,
        source: Option<String>,
    },
    Plan(Transaction),
    Collisions(Transaction),
    /// What the files hold that collide at a path, or all that block.
    Compared {
        transaction: Transaction,
        path: Option<String>,
    },
    Explanation(Transaction),
    Generations,
    Sources,
    /// Of a package as [`View::Details`] means it.
    FilesOfPackage {
        attribute: String,
        source: Option<String>,
    },
    /// Of the profile, or of one of its generations.
    Files {
        generation: Option<u64>,
    },
    /// Who provides a command or a file.
    Which(String),
    /// What an environment file holds, and what would become of the profile with it and these changes.
    Environment {
        file: PathBuf,
        changes: Transaction,
        /// Each of its packages by itself, and not all as one.
        is_apart: bool,
    },
    /// What the command palette lists, as it opens.
    Actions,
    Keys,
}

/// A view's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub text: String,
    /// Whether what it is about would be refused.
    pub is_refused: bool,
    /// What went wrong on the way, though there is something to show.
    pub complaints: Vec<String>,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum PlainError {
    #[error(transparent)]
    Loom(#[from] LoomError),
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// What is asked for cannot be worked out.
    #[error("{0}")]
    Plan(String),
    #[error("{attribute}: no such package is installed or on offer; `nix-loom search` finds names")]
    NoPackage { attribute: String },
    #[error("{path}: nothing collides there; `nix-loom preview` tells where")]
    NoCollision { path: String },
}

/// Shows a view. Waits for the sources to be read where it tells of what is on offer; `progress` is told how far that is.
pub fn show(
    view: &View,
    backend: &dyn Backend,
    settings: Settings,
    progress: &dyn Progress,
) -> Result<Shown, PlainError> {
    let mut app = App::new(settings, SIZE);
    prepare(&mut app, view.query(), view.transaction());
    let mut player = Player { app, backend, progress, view, clock: Clock::start() };
    player.take(Reply::Opened(Ok(opened(backend)?)));
    match view {
        View::Panes => Ok(player.shown(Page::Panes)),
        View::Installed => Ok(player.shown(Page::Installed)),
        View::Available { limit, .. } => Ok(player.shown(Page::Available(*limit))),
        View::Sources => Ok(player.shown(Page::Sources)),
        View::Actions => Ok(player.shown(Page::Actions)),
        View::Keys => Ok(player.shown(Page::Keys)),
        View::Plan(_) => player.planned(Page::Plan),
        View::Collisions(_) => player.planned(Page::Collisions),
        View::Compared { path, .. } => player.compared(path.as_deref()),
        View::Generations => Ok(player.generations()),
        View::Files { generation } => {
            player.visit(Place::Files { generation: *generation });
            player.files()
        }
        View::FilesOfPackage { attribute, source } => {
            player.select(attribute, source.as_deref())?;
            player.visit(Place::FilesOfPackage);
            player.files()
        }
        View::Which(question) => {
            player.visit(Place::Which(question));
            match &player.app.which.found {
                Some(Err(error)) => Err(PlainError::Plan(error.clone())),
                _ => Ok(player.shown(Page::Which)),
            }
        }
        View::Environment { file, is_apart, .. } => {
            player.visit(Place::Environment(file));
            if let Some(error) = &player.app.environment.error {
                return Err(PlainError::Plan(error.clone()));
            }
            player.visit(Place::StagedImport { is_apart: *is_apart });
            player.planned(Page::Environment)
        }
        View::Explanation(transaction) => {
            if !transaction.is_empty() {
                player.visit(Place::Explanation);
            }
            match &player.app.explanation.lines {
                Some(Err(error)) => Err(PlainError::Plan(error.clone())),
                _ => Ok(player.shown(Page::Explanation)),
            }
        }
        View::Details { attribute, source } => {
            player.select(attribute, source.as_deref())?;
            Ok(player.shown(Page::Details))
        }
    }
}

impl View {
    fn query(&self) -> &str {
        if let Self::Available { query, .. } = self { query } else { "" }
    }

    fn transaction(&self) -> Transaction {
        match self {
            Self::Plan(transaction)
            | Self::Collisions(transaction)
            | Self::Explanation(transaction)
            | Self::Compared { transaction, .. }
            | Self::Environment { changes: transaction, .. } => transaction.clone(),
            _ => Transaction::default(),
        }
    }

    /// Whether the view tells of what is on offer.
    fn tells_of_sources(&self) -> bool {
        matches!(
            self,
            Self::Panes
                | Self::Installed
                | Self::Available { .. }
                | Self::Details { .. }
                | Self::FilesOfPackage { .. }
                | Self::Which(_)
        )
    }

    /// Whether an effect is needed for what the view shows: nobody waits for more than was asked for.
    fn needs(&self, effect: &Effect) -> bool {
        match effect {
            Effect::LoadSources | Effect::LookElsewhere => self.tells_of_sources(),
            Effect::LookAtSources => self.tells_of_sources() || *self == Self::Sources,
            Effect::Look { .. } => matches!(self, Self::Details { .. }),
            Effect::Preview { .. } => {
                matches!(
                    self,
                    Self::Actions
                        | Self::Panes
                        | Self::Installed
                        | Self::Details { .. }
                        | Self::Plan(_)
                        | Self::Collisions(_)
                        | Self::Compared { .. }
                        | Self::Environment { .. }
                )
            }
            Effect::Copy(_) | Effect::Redraw | Effect::Suspend | Effect::Quit | Effect::Open => false,
            _ => true,
        }
    }
}

/// State and backend.
struct Player<'a> {
    app: App,
    backend: &'a dyn Backend,
    progress: &'a dyn Progress,
    view: &'a View,
    clock: Clock,
}

impl Player<'_> {
    fn take(&mut self, reply: Reply) {
        let effects = update(&mut self.app, Action::Reply(reply), self.clock.now());
        self.run(effects);
    }

    /// Goes to a place; `false` if there is no such.
    fn visit(&mut self, place: Place<'_>) -> bool {
        let Some(effects) = visit(&mut self.app, place) else { return false };
        self.run(effects);
        true
    }

    /// Selects what is installed or on offer under that name, also if no row shows it.
    fn select(&mut self, attribute: &str, source: Option<&str>) -> Result<(), PlainError> {
        if self.visit(Place::Package { attribute, source }) {
            return Ok(());
        }
        match self.backend.package(attribute, source, self.progress)? {
            Some(package) => {
                self.visit(Place::Unlisted(&package));
                Ok(())
            }
            None => Err(PlainError::NoPackage { attribute: attribute.to_owned() }),
        }
    }

    /// Does effects and what follows from them.
    fn run(&mut self, effects: Vec<Effect>) {
        let mut waiting = VecDeque::from(effects);
        while let Some(effect) = waiting.pop_front() {
            if !self.view.needs(&effect) {
                continue;
            }
            let replies = Mutex::new(Vec::new());
            perform(effect, self.backend, &|| self.progress.is_cancelled(), &|reply| {
                if let Reply::Progressed(_, step) = &reply {
                    self.progress.step(step.clone());
                }
                replies.lock().unwrap_or_else(PoisonError::into_inner).push(reply);
            });
            for reply in replies.into_inner().unwrap_or_else(PoisonError::into_inner) {
                waiting.extend(update(&mut self.app, Action::Reply(reply), self.clock.now()));
            }
        }
    }

    fn shown(&self, page: Page) -> Shown {
        self.with(super::text(&self.app, page))
    }

    fn with(&self, text: String) -> Shown {
        let complaints =
            self.app.failed_sources().map(|(name, problem)| format!("source {name} is not loaded: {problem}"));
        let is_refused = self.app.outlook.current().is_some_and(|report| !report.builds());
        Shown { text, is_refused, complaints: complaints.collect() }
    }

    /// A view of the plan, if there is a plan.
    fn planned(&self, page: Page) -> Result<Shown, PlainError> {
        match &self.app.outlook.error {
            Some(error) => Err(PlainError::Plan(error.clone())),
            None => Ok(self.shown(page)),
        }
    }

    fn files(&self) -> Result<Shown, PlainError> {
        match &self.app.files.error {
            Some(error) => Err(PlainError::Plan(error.clone())),
            None => Ok(self.shown(Page::Files)),
        }
    }

    fn compared(&mut self, path: Option<&str>) -> Result<Shown, PlainError> {
        if let Some(error) = &self.app.outlook.error {
            return Err(PlainError::Plan(error.clone()));
        }
        let report = self.app.outlook.current();
        let meant = match path {
            None => report.map_or_else(Vec::new, |report| report.blocking().to_vec()),
            Some(path) => {
                let at = report.and_then(|report| report.find(path.trim_matches('/').as_bytes()));
                vec![at.ok_or_else(|| PlainError::NoCollision { path: path.to_owned() })?]
            }
        };
        let mut lines = Lines::default();
        if meant.is_empty() {
            lines.say("No collision blocks; --path compares one that does not.");
        }
        for at in meant {
            self.visit(Place::Collision(at));
            collisions::compared(&self.app, at, &mut lines);
        }
        Ok(self.with(lines.text()))
    }

    /// Each generation with what the screen shows beside it when it is selected.
    fn generations(&mut self) -> Shown {
        let mut lines = Lines::default();
        generations::heading(&self.app, &mut lines);
        for row in 0..self.app.current.generations.len() {
            self.visit(Place::Generation(row));
            if let Some(generation) = self.app.generation(row) {
                generations::one(&self.app, generation, &mut lines);
                generations::differences(&self.app, generation.number, &mut lines);
            }
        }
        self.with(lines.text())
    }
}
