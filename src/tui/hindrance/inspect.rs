//! What stands in the way of settling, of applying, and of looking closer at collisions.

use super::super::action::Command;
use super::super::app::{App, Screen};
use super::super::context::Context;
use super::super::dialog::Dialog;
use super::super::inspector::Row;
use super::super::report::Report;
use super::super::work::Task;
use super::super::{text, words};
use super::Hindrance;

impl App {
    /// The report of exactly what is staged, or why there is none.
    fn reported(&self) -> Result<&Report, Hindrance> {
        match (self.outlook.current(), &self.outlook.error) {
            (Some(report), _) => Ok(report),
            (None, Some(error)) if !self.outlook.is_working => {
                Err(Hindrance::refusal(format!("Refused: {}.", text::in_a_line(error).trim_end_matches('.'))))
            }
            (None, _) => Err("Still working out what the staged changes would do; try again in a moment.".into()),
        }
    }

    pub(super) fn no_suggestion(&self) -> Option<Hindrance> {
        let report = match self.reported() {
            Ok(report) => report,
            Err(hindrance) => return Some(hindrance),
        };
        if self.screen() != Some(Screen::Collisions) {
            return match (report.preview.suggestions.is_empty(), report.blocking().is_empty()) {
                (false, _) => None,
                (true, true) => Some("Nothing has to be settled: no collision blocks.".into()),
                (true, false) => {
                    let key = self.key_for(Context::Panes, Command::ShowCollisions);
                    Some(format!("No way to settle it was found; {key} lists the collisions.").into())
                }
            };
        }
        if self.inspector.is_of_file {
            return Some(
                "What lies in the file is settled there: by its priorities, its order, or its packages.".into(),
            );
        }
        let Some(row) = self.inspected() else { return Some("No collision is selected.".into()) };
        if !self.inspector.suggestions(report, row).is_empty() {
            None
        } else if self.inspector.blocking(report, row) == 0 {
            Some("Nothing blocks here, so nothing has to be settled.".into())
        } else {
            Some("No few changes were found that would settle it.".into())
        }
    }

    pub(super) fn no_apply(&self) -> Option<Hindrance> {
        if self.staged.is_empty() {
            return self.nothing_staged();
        }
        match self.reported() {
            Ok(report) if report.builds() => None,
            Ok(report) => Some(Hindrance::refusal(self.refused(report))),
            Err(hindrance) => Some(hindrance),
        }
    }

    pub(super) fn no_build(&self, context: Context) -> Option<Hindrance> {
        if self.works.get(Task::Build).is_some() {
            return Some("Something is being built already; wait until that is done.".into());
        }
        match context {
            Context::Plan => self.no_apply(),
            Context::Environment => self.no_whole_import(),
            _ => None,
        }
    }

    /// Why what was typed cannot be the place of a link.
    pub(super) fn no_link(&self) -> Option<Hindrance> {
        match &self.dialog {
            Some(Dialog::Link { input, .. }) if input.text().trim().is_empty() => {
                Some(Hindrance::refusal("Say where the link goes, such as result or ~/dry-run.".to_owned()))
            }
            _ => None,
        }
    }

    /// What is in the way, and which change would settle it.
    pub(in super::super) fn refused(&self, report: &Report) -> String {
        let blocking = report.blocking().len();
        if let Some(obstacle) = report.obstacles.first() {
            let more =
                if blocking > 0 { format!("; {} besides", text::plural(blocking, "collision")) } else { String::new() };
            let refused = format!("Refused: {obstacle}{more}; nothing was changed.");
            return match self.screen() {
                Some(Screen::Plan) => refused,
                _ => format!("{refused} {} shows the plan.", self.key_for(Context::Panes, Command::ShowPlan)),
            };
        }
        let block = if blocking == 1 { "blocks" } else { "block" };
        let refused = format!("Refused: {} {block}; nothing was changed.", text::plural(blocking, "collision"));
        let suggestion = self.outlook.current().and_then(|report| report.preview.suggestions.first());
        match suggestion {
            Some(suggestion) => {
                let key = self.key_for(Context::Plan, Command::StageSuggestion);
                format!("{refused} {key} stages: {}.", words::suggestion(suggestion))
            }
            None => format!("{refused} {} lists the collisions.", self.key_for(Context::Plan, Command::ShowCollisions)),
        }
    }

    pub(super) fn no_folding(&self, command: Command) -> Option<Hindrance> {
        let (Some(report), Some(row)) = (self.inspected_report(), self.inspected()) else {
            return Some("No collision is selected.".into());
        };
        let key = |command| self.key_for(Context::Collisions, command);
        match (command, row) {
            (Command::Unfold, _) if self.inspector.is_folded(report, row) => None,
            (Command::Unfold, _) => Some("There is nothing to unfold here.".into()),
            (Command::Fold, _) => {
                let parent = self.lists.collisions.selected().and_then(|at| self.inspector.tree().parent(at));
                let can_fold = self.inspector.is_unfolded(report, row) || parent.is_some();
                (!can_fold).then(|| "There is nothing to fold here.".into())
            }
            (_, Row::Unknown(_)) => {
                let key = key(Command::FetchUnknown);
                Some(format!("Its files are not known; {key} fetches them for the preview alone.").into())
            }
            (_, Row::Collision { .. }) => {
                let (settle, back) = (key(Command::StageSuggestion), key(Command::Back));
                Some(format!("There is nothing to unfold here; {settle} settles it, {back} leaves.").into())
            }
            (_, Row::Settled) => self.nothing_staged(),
            (_, Row::Pair { .. } | Row::Directory { .. }) => None,
        }
    }

    pub(super) fn no_fetch(&self) -> Option<Hindrance> {
        if self.works.get(Task::Fetch).is_some() {
            let key = self.key_for(Context::Collisions, Command::Back);
            return Some(format!("What is not known is being fetched already; {key} stops that.").into());
        }
        let report = match self.environment.own_report().filter(|_| self.inspector.is_of_file) {
            Some(own) => Ok(own),
            None => self.reported(),
        };
        match report {
            Ok(report) if report.preview.plan.unknown.is_empty() => {
                Some("Nothing has to be fetched for that: the files of every output are known.".into())
            }
            Ok(_) => None,
            Err(hindrance) => Some(hindrance),
        }
    }
}
