//! What stands in the way of the keys for the files of a profile.

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::Hindrance;
use crate::loom::FileState;
use crate::profile::Relation;

const NONE_YET: &str = "No file belongs to this profile.";

impl App {
    pub(super) fn no_file(&self) -> Option<Hindrance> {
        self.drift.file().is_none().then(|| NONE_YET.into())
    }

    pub(super) fn no_next_file(&self) -> Option<Hindrance> {
        match self.drift.files().len() {
            0 => Some(NONE_YET.into()),
            1 => Some("No other file belongs to this profile.".into()),
            _ => None,
        }
    }

    /// Why what the file says cannot be staged.
    pub(super) fn no_file_changes(&self) -> Option<Hindrance> {
        let Some(file) = self.drift.file() else { return Some(NONE_YET.into()) };
        if self.drift.is_asking {
            return Some("Wait until the file has been asked.".into());
        }
        let key = self.key_for(Context::Drift, Command::AskFile);
        match file.state {
            _ if !file.adopt.is_empty() => None,
            FileState::Agrees => Some("The profile is as the file says already.".into()),
            FileState::Unreadable(_) | FileState::Gone => {
                Some(Hindrance::refusal("What the file says is not known, so it cannot be staged."))
            }
            FileState::Differs if file.is_asked => {
                Some(Hindrance::refusal("Nothing that can be staged makes the profile so."))
            }
            FileState::Differs | FileState::Edited => {
                Some(format!("It is not known what to stage until the file is asked: {key}.").into())
            }
        }
    }

    /// Why the file cannot be written anew.
    pub(super) fn no_rewriting(&self) -> Option<Hindrance> {
        let Some(file) = self.drift.file() else { return Some(NONE_YET.into()) };
        if self.drift.is_asking {
            return Some("Wait until the file has been asked.".into());
        }
        match (file.relation, &file.rewriting) {
            (_, Some(_)) => self.no_export(),
            (Relation::Exported, None) if file.state == FileState::Agrees => {
                Some("The file says the same already.".into())
            }
            (Relation::Exported, None) if file.is_asked => {
                Some("Nothing of what it was written from is installed.".into())
            }
            (Relation::Exported, None) => {
                let key = self.key_for(Context::Drift, Command::AskFile);
                Some(format!("What it would become is not known until it is asked: {key}.").into())
            }
            (Relation::Whole | Relation::Apart, None) => Some(Hindrance::refusal(
                "The profile was made from this file, not the file from the profile: it is not written over.",
            )),
        }
    }
}
