//! What stands in the way of changing the sources.

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::sources::{self, Row};
use super::super::text;
use super::super::work::Task;
use super::Hindrance;

impl App {
    /// Why a command of the sources screen would do nothing; `None` for any other command.
    pub(super) fn no_change_of_sources(&self, command: Command) -> Option<Hindrance> {
        match command {
            Command::AddFound => self.no_adding(),
            Command::RereadSource => self.no_source(),
            Command::ToggleSource => self.no_switched_source(),
            Command::RemoveSource => self.no_own_source(),
            Command::PinSource => self.no_pinning(),
            Command::UnpinSource => self.no_unpinning(),
            Command::MoveSourceUp => self.no_move(-1),
            Command::MoveSourceDown => self.no_move(1),
            _ => None,
        }
    }

    /// Why the selected row is no source.
    fn no_source(&self) -> Option<Hindrance> {
        let key = |command| self.key_for(Context::Sources, command);
        match sources::selected(self) {
            Some(Row::Source(_)) => None,
            Some(Row::Found { .. }) => Some(format!("It is no source yet: {} adds it.", key(Command::AddFound)).into()),
            Some(Row::Heading) | None => {
                Some(format!("No source is selected; {} adds one.", key(Command::AddSource)).into())
            }
        }
    }

    /// Why the selected row is no source of the config file.
    fn no_own_source(&self) -> Option<Hindrance> {
        match sources::selected(self) {
            Some(Row::Source(source)) if source.is_from_command_line => {
                let name = text::fit(&source.name, 40);
                Some(format!("{name} is not in the config file: it was given at the start, for this run.").into())
            }
            _ => self.no_source(),
        }
    }

    /// What was found is added by the same key.
    fn no_switched_source(&self) -> Option<Hindrance> {
        if matches!(sources::selected(self), Some(Row::Found { .. })) { None } else { self.no_own_source() }
    }

    /// Why the selected source cannot be held at a revision.
    fn no_pinning(&self) -> Option<Hindrance> {
        self.no_own_source().or_else(|| {
            let Some(Row::Source(source)) = sources::selected(self) else { return None };
            let name = text::fit(&source.name, 40);
            if let Some(reason) = &source.cannot_pin {
                return Some(format!("{name} cannot be pinned: {reason}.").into());
            }
            self.works.get(Task::FindPin).map(|_| {
                let key = self.key_for(Context::Sources, Command::ShowLog);
                format!("The revision of a source is being looked for already; {key} shows how far that is.").into()
            })
        })
    }

    fn no_unpinning(&self) -> Option<Hindrance> {
        self.no_own_source().or_else(|| match sources::selected(self) {
            Some(Row::Source(source)) if source.pin.is_none() => {
                let (name, location) = (text::fit(&source.name, 40), text::in_a_line(&source.location));
                Some(format!("{name} is not pinned: it follows {location}.").into())
            }
            _ => None,
        })
    }

    fn no_adding(&self) -> Option<Hindrance> {
        let key = |command| self.key_for(Context::Sources, command);
        match sources::selected(self) {
            Some(Row::Found { .. }) => None,
            Some(Row::Source(source)) => {
                let (name, key) = (text::fit(&source.name, 40), key(Command::ToggleSource));
                Some(format!("{name} is a source already; {key} switches it on or off.").into())
            }
            Some(Row::Heading) | None => {
                let key = key(Command::AddSource);
                Some(format!("Nothing is selected that could be added; {key} asks for a source.").into())
            }
        }
    }

    fn no_move(&self, by: isize) -> Option<Hindrance> {
        self.no_own_source().or_else(|| {
            let end = if by < 0 { "first" } else { "last" };
            self.moved_source(by).is_none().then(|| format!("It is the {end} one already.").into())
        })
    }
}
