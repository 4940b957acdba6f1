//! Why a command would do nothing now, and the way out of that, in one sentence.
//!
//! One wording in one place: it dims the hint, it stands beside the command in the palette, and pressing the key says it. A
//! command that is hindered changes nothing and asks for nothing.

mod drift;
mod environment;
mod export;
mod files;
mod history;
mod inspect;
mod panes;
mod sources;
mod stage;
mod upgrades;

use super::action::Command;
use super::app::{App, Pane, Screen};
use super::context::Context;
use super::work::Work;

/// Why a command cannot be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hindrance {
    /// With the way out, if there is one.
    pub sentence: String,
    /// Whether something is refused, rather than that there is nothing to do.
    pub is_refusal: bool,
}

impl Hindrance {
    pub fn refusal(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), is_refusal: true }
    }
}

impl From<&str> for Hindrance {
    fn from(sentence: &str) -> Self {
        sentence.to_owned().into()
    }
}

impl From<String> for Hindrance {
    fn from(sentence: String) -> Self {
        Self { sentence, is_refusal: false }
    }
}

impl App {
    /// Why a command would do nothing now; `None` if it can be done. What the command means is told by the
    /// [context](App::context) whose keys hold.
    pub fn hindrance(&self, command: Command) -> Option<Hindrance> {
        self.hindrance_in(self.context(), command)
    }

    /// Why a command would do nothing now in that context.
    pub fn hindrance_in(&self, context: Context, command: Command) -> Option<Hindrance> {
        if self.is_busy() && waits_for_job(command) {
            let key = self.key_for(context, Command::Back);
            return Some(format!("Wait until the running work is done, or press {key} to stop it.").into());
        }
        match command {
            Command::Back if !self.has_way_back(context) => {
                Some(format!("Press {} to quit.", self.key_for(context, Command::Quit)).into())
            }
            Command::ShowPlan => self.nothing_staged(),
            Command::Explain if self.staged.is_empty() => Some("Nothing is staged that Nix could be asked for.".into()),
            Command::Copy => self.no_copy(context),
            Command::InstallWhole => self.no_whole_import(),
            Command::TakeApart => self.no_import_apart(),
            Command::RereadEnvironment => self.no_rereading(),
            Command::ShowCollisions if context == Context::Environment => self.no_own_collision(),
            Command::ShowFiles if context == Context::Environment => self.no_own_files(),
            Command::ScrollDetailDown | Command::ScrollDetailUp if context == Context::Environment => {
                self.environment.detail.thumb(1).is_none().then(|| "All of it is in sight.".into())
            }
            Command::ShowCollisions => self.no_collision(),
            Command::ShowGenerations if self.current.generations.is_empty() => Some(history::NONE_YET.into()),
            Command::RollBack => self.no_generation(self.generation_before()),
            Command::GoToGeneration => self.no_generation(self.selected_generation().map(|it| it.number)),
            Command::DeleteGeneration => self.no_deletion(),
            Command::UndoGeneration => self.no_undo(),
            Command::MarkGeneration => self.no_mark(),
            Command::Accept if context == Context::Deletion => self.no_chosen_deletion(),
            Command::WriteEnvironment => self.no_export(),
            Command::Accept if context == Context::Export => self.no_such_export(),
            Command::NextPane if context == Context::Generations && self.timeline.is_in_detail => {
                let key = self.key_for(context, Command::PreviousPane);
                Some(format!("The details are the last pane; {key} goes back.").into())
            }
            Command::PreviousPane if context == Context::Generations && !self.timeline.is_in_detail => {
                let key = self.key_for(context, Command::NextPane);
                Some(format!("The generations are the first pane; {key} goes to the details.").into())
            }
            Command::ScrollDetailDown | Command::ScrollDetailUp if context == Context::Generations => {
                self.timeline.detail.thumb(1).is_none().then(|| "All of it is in sight.".into())
            }
            Command::Convert => self.no_conversion(),
            Command::ShowDetails if self.subject().is_none() => Some(stage::NO_PACKAGE.into()),
            Command::NextOrder => self.no_order(),
            Command::NarrowerPane => self.no_width(false),
            Command::WiderPane => self.no_width(true),
            Command::ToggleRemoval => self.no_removal(),
            Command::ToggleInstall if context == Context::Which => self.no_provider_installation(),
            Command::ToggleInstall => self.no_installation(),
            Command::ToggleOutput => self.no_output(),
            Command::ToggleActive => self.no_switch(),
            Command::Priority => self.no_priority(),
            Command::Accept if context == Context::Number => self.no_such_priority(),
            Command::Unstage => self.no_unstaging(),
            Command::Undo if !self.staged.can_undo() => Some(
                format!(
                    "Nothing to undo: no change is staged. {} rolls a generation back.",
                    self.key_for(Context::Panes, Command::RollBack)
                )
                .into(),
            ),
            Command::Redo if !self.staged.can_redo() => Some("Nothing to redo.".into()),
            Command::ClearStaged if self.staged.is_empty() => Some("Nothing is staged.".into()),
            Command::StageSuggestion | Command::StageNumbered => self.no_suggestion(),
            Command::Apply => self.no_apply(),
            Command::BuildResult => self.no_build(context),
            Command::Accept if context == Context::Link => self.no_link(),
            Command::Unfold | Command::Fold | Command::ToggleFold if context == Context::Collisions => {
                self.no_folding(command)
            }
            Command::Unfold | Command::Fold | Command::ToggleFold | Command::UnfoldAll if context == Context::Files => {
                self.no_file_folding(command)
            }
            Command::ScrollDetailDown | Command::ScrollDetailUp if context == Context::Files => {
                self.files.detail.thumb(1).is_none().then(|| "All of it is in sight.".into())
            }
            Command::ShowFiles => self.no_files(context),
            Command::SwitchFiles => self.no_other_files(),
            Command::GoToPackage => self.no_provider(),
            Command::ScrollDetailDown | Command::ScrollDetailUp if self.inspector.detail.thumb(1).is_none() => {
                Some("All of it is in sight.".into())
            }
            Command::FetchUnknown => self.no_fetch(),
            Command::StageFile => self.no_file_changes(),
            Command::RewriteFile => self.no_rewriting(),
            Command::NextFile => self.no_next_file(),
            Command::AskFile | Command::ForgetFile => self.no_file(),
            Command::StopWork => self.no_stop(),
            Command::NextWork if self.works.all().len() < 2 => Some("No other work runs.".into()),
            Command::OlderQuery if self.history.queries().is_empty() => Some("No query was kept yet.".into()),
            Command::OlderQuery if self.history.older(self.query.text()).is_none() => {
                Some("No older query was kept.".into())
            }
            Command::NewerQuery if self.history.newer(self.query.text()).is_none() => {
                Some("This is what was typed.".into())
            }
            _ => self.no_upgrade(command).or_else(|| self.no_change_of_sources(command)),
        }
    }

    fn nothing_staged(&self) -> Option<Hindrance> {
        let key = self.key_for(Context::Available, Command::ToggleInstall);
        self.staged.is_empty().then(|| format!("Nothing is staged: press {key} on a package first.").into())
    }

    fn has_way_back(&self, context: Context) -> bool {
        let is_in_dialog = context == self.context() && self.dialog.is_some();
        is_in_dialog
            || self.screen().is_some()
            || !self.errors.is_empty()
            || self.is_searching
            || self.works.on_profile().is_some_and(Work::can_be_stopped)
            || self.focus == Pane::Outputs
            || self.focus == Pane::Available && !self.query.is_empty()
    }

    fn no_stop(&self) -> Option<Hindrance> {
        let Some(work) = self.selected_work() else { return Some("Nothing runs that could be stopped.".into()) };
        let name = work.task.name();
        match work {
            _ if work.is_stopping => Some("It is stopping already, at the next safe place.".into()),
            _ if !work.can_be_stopped() => Some(format!("It is done sooner than it could be stopped: {name}.").into()),
            _ => None,
        }
    }

    fn no_copy(&self, context: Context) -> Option<Hindrance> {
        if self.copyable(context).is_some() {
            return None;
        }
        let sentence = match context {
            Context::Outputs => "The store path of this output is not known yet.",
            Context::Collisions => "Nothing is copied of this row; unfold it and select a path.",
            Context::Explanation => "There is nothing to copy yet.",
            Context::Plan => "Nothing is staged whose commands could be copied.",
            _ => "Nothing is selected that could be copied.",
        };
        Some(sentence.into())
    }

    fn no_collision(&self) -> Option<Hindrance> {
        let report = self.outlook.current()?;
        let is_clean = report.collisions().is_empty() && report.preview.plan.unknown.is_empty();
        // The screen that is open already may stay so.
        (is_clean && !self.screens.contains(&Screen::Collisions))
            .then(|| "No two packages want the same path: there is no collision.".into())
    }
}

/// Whether a command changes what work under way relies on: what is being applied must stay what was looked at.
fn waits_for_job(command: Command) -> bool {
    matches!(
        command,
        Command::ToggleRemoval
            | Command::ToggleInstall
            | Command::ToggleOutput
            | Command::ToggleActive
            | Command::Priority
            | Command::Unstage
            | Command::StageUpgrades
            | Command::InstallWhole
            | Command::TakeApart
            | Command::StageFile
            | Command::StageSuggestion
            | Command::StageNumbered
            | Command::Undo
            | Command::Redo
            | Command::ClearStaged
            | Command::Apply
            | Command::BuildResult
            | Command::RollBack
            | Command::GoToGeneration
            | Command::DeleteGeneration
            | Command::UndoGeneration
            | Command::Convert
    )
}
