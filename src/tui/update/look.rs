//! How the screen looks, where a key changes it.

use super::super::action::Command;
use super::super::app::App;
use super::super::look::Look;

impl App {
    /// Whether the command was one of these.
    pub(super) fn change_look(&mut self, command: Command) -> bool {
        if command == Command::NextTheme {
            self.show_next_theme();
            return true;
        }
        false
    }

    fn show_next_theme(&mut self) {
        let Some(next) = self.settings.look.next_theme() else {
            let why = "Where NO_COLOR is set there is no other theme; one that `--theme` names is shown all the same.";
            return self.say(why);
        };
        self.settings.look.theme = next.theme();
        let name = next.name();
        self.say(format!("Theme {name}. It stays with theme = \"{name}\" under [screen] in the config file."));
    }

    /// Looks as it is said from here on, and says what is to be said of that.
    pub(super) fn take_look(&mut self, look: Look) {
        self.settings.look = look;
        self.tell_of_look();
    }

    pub(super) fn tell_of_look(&mut self) {
        if let Some(notice) = self.settings.look.notice.clone() {
            self.say(notice);
        }
    }
}
