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
        self.chosen_theme = Some(next);
        let name = next.name();
        self.say(if self.settings.look.is_theme_set {
            format!("Theme {name}. It stays with theme = \"{name}\" under [screen] in the config file.")
        } else {
            format!("Theme {name}.")
        });
    }

    pub(super) fn recall_theme(&mut self, name: Option<&str>) {
        self.chosen_theme = name.and_then(|name| name.parse().ok());
        self.keep_chosen_theme();
    }

    /// Shows the theme that was chosen with a key, in this run or before, unless another one is asked for.
    fn keep_chosen_theme(&mut self) {
        let look = &mut self.settings.look;
        if let Some(chosen) = self.chosen_theme.filter(|chosen| !look.is_theme_set && look.themes.contains(chosen)) {
            look.theme = chosen.theme();
        }
    }

    /// Looks as it is said from here on, and says what is to be said of that.
    pub(super) fn take_look(&mut self, look: Look) {
        self.settings.look = look;
        self.keep_chosen_theme();
        self.tell_of_look();
    }

    pub(super) fn tell_of_look(&mut self) {
        if let Some(notice) = self.settings.look.notice.clone() {
            self.say(notice);
        }
    }
}
