//! The sources screen: what its keys change, and what became of it.

use crate::loom::{LoomError, PinMove, SourceChange, SourceRow, SourcesView};

use super::super::action::Command;
use super::super::app::{App, Message, Screen};
use super::super::context::Context;
use super::super::dialog::{Dialog, Question};
use super::super::effect::{Effect, SourceChanged};
use super::super::input::Input;
use super::super::sources::{self, Row};
use super::super::text;

impl App {
    pub(super) fn show_sources(&mut self) {
        self.open(Screen::Sources);
        self.outbox.push(Effect::LookAtSources);
    }

    /// Does a command of the sources screen; `false` if it is none.
    pub(super) fn change_sources(&mut self, command: Command) -> bool {
        match command {
            Command::AddSource => self.dialog = Some(Dialog::Source(Input::default())),
            Command::AddFound => self.add_found(),
            Command::ToggleSource if matches!(sources::selected(self), Some(Row::Found { .. })) => self.add_found(),
            Command::RereadSource => self.with_source(|app, source| {
                app.change_source(SourceChange::Reread(source.name));
            }),
            Command::ToggleSource => self.with_source(|app, source| {
                app.change_source(SourceChange::Enable(source.name, !source.is_on));
            }),
            Command::RemoveSource => self.with_source(|app, source| {
                app.dialog = Some(Dialog::Question(Question::RemoveSource(source.name)));
            }),
            Command::PinSource => self.with_source(|app, source| app.outbox.push(Effect::FindPin(source.name))),
            Command::UnpinSource => self.with_source(|app, source| {
                app.dialog = Some(Dialog::Question(Question::Unpin(source.name)));
            }),
            Command::MoveSourceUp => self.move_source(-1),
            Command::MoveSourceDown => self.move_source(1),
            _ => return false,
        }
        true
    }

    fn with_source(&mut self, change: impl FnOnce(&mut Self, SourceRow)) {
        if let Some(Row::Source(source)) = sources::selected(self) {
            let source = source.clone();
            change(self, source);
        }
    }

    fn add_found(&mut self) {
        if let Some(Row::Found { found, way }) = sources::selected(self) {
            let text = format!("{}={}", found.name, found.location);
            self.change_source(SourceChange::Add { text, way });
        }
    }

    fn move_source(&mut self, by: isize) {
        let Some((from, to)) = self.moved_source(by) else { return };
        let first = self.first_own_source();
        let Some(view) = &mut self.sources else { return };
        // Shown at once, so that the next key press finds it where this one has put it.
        let moved = view.configured.remove(from);
        let name = moved.name.clone();
        view.configured.insert(to, moved);
        self.lists.sources.select(to);
        self.change_source(SourceChange::Move(name, to - first));
    }

    /// Asks whether to hold a source at what was found; where something else is being done by now, it is only told.
    pub(super) fn pin_found(&mut self, name: &str, found: Result<Box<PinMove>, LoomError>, was_stopped: bool) {
        let name = text::in_a_line(name);
        match found {
            Err(error) => self.fail(&format!("{name} is not pinned"), &error.to_string(), was_stopped),
            Ok(_) if was_stopped => self.say(format!("{name} is not pinned: stopped.")),
            Ok(found) if found.is_no_move() => {
                let follows = text::in_a_line(&found.follows);
                self.announce(format!("{name} is pinned to {} already, which {follows} has now.", found.to.in_short()));
            }
            Ok(found) if self.screen() == Some(Screen::Sources) && self.dialog.is_none() => {
                self.dialog = Some(Dialog::Question(Question::Pin(found)));
            }
            Ok(found) => {
                let (sources, pin) = (
                    self.key_for(Context::Panes, Command::ShowSources),
                    self.key_for(Context::Sources, Command::PinSource),
                );
                self.announce(format!(
                    "{name} has {} now; {pin} in the sources ({sources}) pins it there.",
                    found.to.in_short()
                ));
            }
        }
    }

    pub(super) fn change_source(&mut self, change: SourceChange) {
        if let (SourceChange::Enable(name, is_on), Some(view)) = (&change, &mut self.sources) {
            let rows = view.configured.iter_mut().filter(|source| source.name == *name);
            rows.for_each(|source| source.is_on = *is_on);
        }
        let pin = match &change {
            SourceChange::Pin(name, pin) => Some((name, Some(pin))),
            SourceChange::Unpin(name) => Some((name, None)),
            _ => None,
        };
        if let (Some((name, pin)), Some(view)) = (pin, &mut self.sources) {
            let rows = view.configured.iter_mut().filter(|source| source.name == *name);
            rows.for_each(|source| source.pin = pin.cloned());
        }
        self.requests.source_changes += 1;
        self.outbox.push(Effect::ChangeSource(change));
    }

    /// What is selected stays so, wherever it is now. While a change is on its way, what it will make is shown already.
    pub(super) fn take_sources(&mut self, sources: SourcesView) {
        if self.requests.source_changes > 0 {
            return;
        }
        let selected = sources::selected(self).and_then(|row| row.key());
        self.sources = Some(sources);
        self.fit_lists();
        if let Some(row) = selected.and_then(|key| sources::row_of(self, &key)) {
            self.lists.sources.move_to(row);
        }
    }

    pub(super) fn source_changed(&mut self, changed: SourceChanged) {
        let SourceChanged { change, offer, sources, about } = changed;
        self.about = Some(about);
        self.requests.source_changes = self.requests.source_changes.saturating_sub(1);
        self.take_sources(sources);
        match offer {
            Ok(offer) => {
                if let SourceChange::Reread(name)
                | SourceChange::Remove(name)
                | SourceChange::Pin(name, _)
                | SourceChange::Unpin(name)
                | SourceChange::Enable(name, _) = &change
                {
                    self.offer.forget(name);
                    self.looked_at = None;
                }
                self.replace_offer(offer);
                self.outbox.push(Effect::LoadSources);
                if !self.staged.is_empty() {
                    self.ask_for_preview();
                }
            }
            Err(error) => {
                let error = format!("Not changed: {}", text::in_a_line(&error.to_string()));
                // What was typed is not lost.
                if let SourceChange::Add { text, way: None } = change
                    && self.dialog.is_none()
                    && self.screen() == Some(Screen::Sources)
                {
                    self.dialog = Some(Dialog::Source(Input::new(text)));
                    self.message = Some(Message { text: error, is_error: true });
                } else {
                    self.complain(error);
                }
            }
        }
    }
}
