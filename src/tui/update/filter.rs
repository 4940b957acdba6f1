//! The line that narrows a screen: that of the collisions, of the files, and of the help.

use super::super::action::Command;
use super::super::app::{App, Screen};
use super::super::input::Input;

impl App {
    pub(super) fn open_filter(&mut self) {
        *self.filter().1 = true;
    }

    /// A key of the filter that does not type.
    pub(super) fn edit_filter(&mut self, command: Command) {
        match command {
            Command::Accept => *self.filter().1 = false,
            Command::Back => self.clear_filter(),
            _ if self.filter().0.edit(command) => self.filtered(),
            _ => {
                self.navigate(command);
            }
        }
    }

    pub(super) fn type_filter(&mut self, typed: &str) {
        self.filter().0.insert(typed);
        self.filtered();
    }

    pub(super) fn clear_filter(&mut self) {
        let (text, is_typing) = self.filter();
        text.clear();
        *is_typing = false;
        self.filtered();
    }

    /// The text of the filter of the screen that is open, and whether it is being typed.
    fn filter(&mut self) -> (&mut Input, &mut bool) {
        match self.screen() {
            Some(Screen::Help) => (&mut self.help.filter, &mut self.help.is_typing),
            Some(Screen::Files) => (&mut self.files.filter, &mut self.files.is_typing),
            _ => (&mut self.inspector.filter.text, &mut self.inspector.is_typing),
        }
    }

    /// Something else is in sight.
    fn filtered(&mut self) {
        match self.screen() {
            Some(Screen::Help) => self.lists.help.to_top(),
            Some(Screen::Files) => self.filter_files(),
            _ => self.sort_inspector(),
        }
    }
}
