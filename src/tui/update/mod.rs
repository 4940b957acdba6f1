//! How state follows from state: an action in, effects out. Nothing in here reads, writes or waits.

mod ask;
mod build;
mod copy;
mod drift;
mod environment;
mod explain;
mod export;
mod file_prompt;
mod files;
mod filter;
mod follow;
mod history;
mod inspect;
mod load;
mod look;
pub(super) mod mouse;
mod navigate;
mod order;
mod palette;
mod remember;
mod reply;
mod settle;
mod sources;
mod stage;
mod upgrades;
mod visit;
mod which;
mod work;

use super::action::{Action, Command};
use super::app::{App, Message, Phase, Screen};
use super::context::Context;
use super::dialog::Dialog;
use super::effect::Effect;
use super::hindrance::Hindrance;
use super::key::Key;
use super::log::{Entry, Kind};
use super::moment::Moment;
use crate::loom::SourceChange;

pub use remember::{recall, to_remember};
pub use visit::{Place, prepare, visit};
pub use work::{begin, end};

/// The effects with which a new screen starts.
pub fn start(app: &mut App) -> Vec<Effect> {
    app.outbox.push(Effect::Open);
    app.tell_of_look();
    std::mem::take(&mut app.outbox)
}

/// Takes in what happened at that moment, and gives the effects that it asks for, in their order.
pub fn update(app: &mut App, action: Action, now: Moment) -> Vec<Effect> {
    app.now = now;
    match action {
        Action::Key(key) if app.is_too_early(key) => app.held.push(key),
        Action::Key(key) => app.press(key),
        Action::Paste(text) => app.paste(&text),
        Action::Mouse(event) => app.mouse(event),
        Action::Resize(columns, rows) => app.size = (columns, rows),
        Action::Reply(reply) => app.take(reply),
    }
    app.follow();
    std::mem::take(&mut app.outbox)
}

impl App {
    fn press(&mut self, key: Key) {
        self.message = None;
        let context = self.context();
        if let Some(binding) = self.bindings().of_key(context, key) {
            let number = binding.keys.iter().position(|other| *other == key).map_or(0, |at| at + 1);
            match binding.command {
                Command::StageNumbered if self.hindrance(Command::StageNumbered).is_none() => {
                    self.stage_numbered(number);
                }
                command => self.run(context, command),
            }
        } else if let Some(letter) = key.typed() {
            self.type_letter(context, letter);
        }
    }

    /// Whether a key would do something to rows of an older query than the one that was typed before it.
    fn is_too_early(&self, key: Key) -> bool {
        let context = self.context();
        self.found_by != self.requests.search
            && matches!(context, Context::Installed | Context::Available | Context::Outputs)
            && self.bindings().command(context, key) != Some(Command::QuitNow)
    }

    /// Does what was held back, as far as it is not too early again.
    fn press_held(&mut self) {
        let mut held = std::mem::take(&mut self.held).into_iter();
        while let Some(key) = held.next() {
            if self.is_too_early(key) {
                self.held = std::iter::once(key).chain(held).collect();
                return;
            }
            self.press(key);
            // Each key finds the lists as the one before it left them.
            self.follow();
        }
    }

    /// Does a command, or says what stands in its way.
    fn run(&mut self, context: Context, command: Command) {
        if let Some(hindrance) = self.hindrance_in(context, command) {
            self.tell(hindrance);
            return;
        }
        match (context, command) {
            (_, Command::QuitNow) => self.outbox.push(Effect::Quit),
            (_, Command::Suspend) => self.outbox.push(Effect::Suspend),
            (_, Command::Redraw) => self.outbox.push(Effect::Redraw),
            (_, Command::Back) if self.dialog.is_none() && self.errors.put_away() => {}
            (
                Context::Question
                | Context::Number
                | Context::NewSource
                | Context::Link
                | Context::Deletion
                | Context::Export,
                _,
            ) => self.answer(command),
            (Context::Palette, _) => self.edit_palette(command),
            (Context::FilePrompt, Command::Back) => self.dialog = None,
            (Context::FilePrompt, _) => self.edit_file_prompt(command),
            (Context::Search, _) => self.edit_query(command),
            (Context::Filter, _) => self.edit_filter(command),
            (Context::FileFilter, _) => self.edit_file_filter(command),
            (Context::Which, _) => self.edit_which(command),
            (_, Command::Back) => self.back(),
            (_, Command::Quit) => self.quit(),
            (_, Command::Reload) => self.reload(),
            _ => {
                let _ = self.change_history(command)
                    || self.change_environment(command)
                    || self.browse(command)
                    || self.navigate(command)
                    || self.inspect(command)
                    || self.change_sources(command)
                    || self.change_upgrades(command)
                    || self.write_environment(command)
                    || self.change_files(command)
                    || self.change_look(command)
                    || self.change(command);
            }
        }
    }

    fn type_letter(&mut self, context: Context, letter: char) {
        match (context, &mut self.dialog) {
            (Context::Search, _) => {
                self.query.insert(letter.encode_utf8(&mut [0; 4]));
                self.searched();
            }
            (Context::Filter, _) => self.type_filter(letter.encode_utf8(&mut [0; 4])),
            (Context::Palette, Some(Dialog::Palette(input))) => {
                input.insert(letter.encode_utf8(&mut [0; 4]));
                self.lists.palette.to_top();
            }
            (Context::FilePrompt, _) => self.type_path(letter.encode_utf8(&mut [0; 4])),
            (Context::FileFilter, _) => {
                self.files.filter.insert(letter.encode_utf8(&mut [0; 4]));
                self.filter_files();
            }
            (Context::Which, _) => self.which.input.insert(letter.encode_utf8(&mut [0; 4])),
            (Context::Deletion, Some(Dialog::Deletion(choice))) => {
                choice.input.insert(letter.encode_utf8(&mut [0; 4]));
                self.weigh_deletion();
            }
            (Context::NewSource, Some(Dialog::Source(input))) | (Context::Link, Some(Dialog::Link { input, .. })) => {
                input.insert(letter.encode_utf8(&mut [0; 4]));
            }
            (Context::Export, Some(Dialog::Export(form))) => form.insert(letter.encode_utf8(&mut [0; 4])),
            (Context::Number, Some(Dialog::Priority { input, .. })) if letter.is_ascii_digit() || letter == '-' => {
                input.insert(letter.encode_utf8(&mut [0; 4]));
            }
            _ => {}
        }
    }

    fn paste(&mut self, text: &str) {
        if let Some(Dialog::Source(input) | Dialog::Link { input, .. } | Dialog::Palette(input)) = &mut self.dialog {
            input.insert(text.trim());
        } else if self.context() == Context::FilePrompt {
            self.type_path(text.trim());
        } else if let Some(Dialog::Export(form)) = &mut self.dialog {
            form.insert(text.trim());
        } else if let Some(Dialog::Deletion(choice)) = &mut self.dialog {
            choice.input.insert(text.trim());
            self.weigh_deletion();
        } else if self.context() == Context::Search {
            self.query.insert(text.trim());
            self.searched();
        } else if self.context() == Context::Filter {
            self.type_filter(text.trim());
        } else if self.context() == Context::FileFilter {
            self.files.filter.insert(text.trim());
            self.filter_files();
        } else if self.context() == Context::Which {
            self.which.input.insert(text.trim());
        }
    }

    fn reload(&mut self) {
        if matches!(self.phase, Phase::Failed(_)) {
            self.phase = Phase::Opening;
            self.requests.reopen += 1;
            self.outbox.push(Effect::Open);
        } else {
            self.outbox.push(Effect::Reload);
            let failed: Vec<_> = self.failed_sources().map(|(name, _)| name.to_owned()).collect();
            for name in failed {
                self.change_source(SourceChange::Reread(name));
            }
            if std::mem::take(&mut self.is_load_stopped) {
                self.outbox.push(Effect::LoadSources);
            }
            self.say("Reading the profile again.");
        }
    }

    /// Says what stands in the way of what was asked for.
    fn tell(&mut self, hindrance: Hindrance) {
        self.message = Some(Message { text: hindrance.sentence, is_error: hindrance.is_refusal });
    }

    fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), is_error: false });
    }

    /// Tells an error, which stays in sight until it was read.
    fn complain(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.note(Kind::Failed, None, text.clone());
        self.show_error(text);
    }

    fn show_error(&mut self, text: String) {
        self.message = None;
        // Whoever looks at the log reads it there.
        if self.screen() != Some(Screen::Log) {
            self.errors.push(text);
        }
    }

    fn note(&mut self, kind: Kind, work: Option<u64>, text: String) {
        self.log.push(Entry { at: self.now.wall, work, kind, text });
    }
}
