//! What stands in the way of going to another generation, of deleting one, and of the other kind of profile.

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::dialog::Dialog;
use super::Hindrance;
use crate::profile::Parent;

pub(super) const NONE_YET: &str = "There is no generation yet: the first installation makes one.";

impl App {
    /// Why that generation cannot be gone to.
    pub(super) fn no_generation(&self, to: Option<u64>) -> Option<Hindrance> {
        match (to, self.current.snapshot.generation) {
            (Some(to), Some(current)) if to == current => Some(format!("Generation {to} is the current one.").into()),
            (Some(_), _) => None,
            (None, Some(current)) => Some(format!("There is no generation before {current}.").into()),
            (None, None) => Some(NONE_YET.into()),
        }
    }

    pub(super) fn no_deletion(&self) -> Option<Hindrance> {
        match self.current.generations.len() {
            0 => Some(NONE_YET.into()),
            1 => Some("There is no generation to delete: the current one is never deleted.".into()),
            _ => None,
        }
    }

    /// Why what the dialog lists cannot be deleted.
    pub(super) fn no_chosen_deletion(&self) -> Option<Hindrance> {
        let Some(Dialog::Deletion(choice)) = &self.dialog else { return None };
        match &choice.preview {
            _ if choice.input.text().trim().is_empty() => {
                let key = self.key_for(Context::Deletion, Command::NextRule);
                Some(format!("Type which generations; {key} proposes rules.").into())
            }
            None => Some("Wait until it is known what would go.".into()),
            Some(Err(error)) => Some(Hindrance::refusal(format!("{}.", error.trim_end_matches('.')))),
            Some(Ok(_)) if choice.numbers().is_empty() => Some("Nothing would go: no generation is meant.".into()),
            Some(Ok(_)) => None,
        }
    }

    /// Why the current generation cannot be undone.
    pub(super) fn no_undo(&self) -> Option<Hindrance> {
        let Some(number) = self.current.snapshot.generation else { return Some(NONE_YET.into()) };
        let key = self.key_for(Context::Generations, Command::GoToGeneration);
        match self.parent_of(number) {
            Parent::Nothing if self.elements().is_empty() => {
                Some("There is nothing to undo: nothing is installed, and there was nothing before.".into())
            }
            Parent::Nothing | Parent::Known(_) | Parent::Probably(_) => None,
            Parent::Deleted(parent) => Some(
                format!(
                    "Generation {parent}, from which {number} was made, is deleted. {key} goes to the selected one instead."
                )
                .into(),
            ),
            Parent::Unknown => Some(
                format!("From which generation {number} was made is not known. {key} goes to the selected one instead.")
                    .into(),
            ),
        }
    }

    /// Why no mark can be put on the selected generation.
    pub(super) fn no_mark(&self) -> Option<Hindrance> {
        let Some(generation) = self.selected_generation() else { return Some(NONE_YET.into()) };
        let (from, to) = self.timeline.pair().filter(|_| !self.timeline.is_marked(generation.number))?;
        let mark = self.key_for(Context::Generations, Command::MarkGeneration);
        let back = self.key_for(Context::Generations, Command::Back);
        Some(
            format!(
                "Two are marked already, {from} and {to}. {mark} on one of them takes its mark off, and {back} takes off both."
            )
            .into(),
        )
    }

    pub(super) fn no_conversion(&self) -> Option<Hindrance> {
        if !self.about.as_ref().is_some_and(|about| about.is_nix) {
            return Some("Only a profile of Nix has two kinds, and this is the program's own.".into());
        }
        let has_profile = self.current.snapshot.kind.is_some();
        (!has_profile).then(|| "There is no profile yet: the first installation makes one.".into())
    }
}
