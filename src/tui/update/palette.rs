//! The command palette: what is typed in it, and what choosing a command does.

use super::super::action::Command;
use super::super::app::{App, Pane};
use super::super::context::Context;
use super::super::dialog::Dialog;
use super::super::input::Input;
use super::super::palette::{Row, needs_no_selection, way_to};

impl App {
    pub(super) fn open_palette(&mut self) {
        self.dialog = Some(Dialog::Palette(Input::default()));
        self.fit_lists();
        self.lists.palette.to_top();
    }

    /// A key of the palette that does not type.
    pub(super) fn edit_palette(&mut self, command: Command) {
        match (command, &mut self.dialog) {
            (Command::Accept, _) => self.choose_command(),
            (Command::Back, _) => self.dialog = None,
            (_, Some(Dialog::Palette(input))) => {
                if input.edit(command) {
                    self.lists.palette.to_top();
                } else {
                    self.navigate(command);
                }
            }
            _ => {}
        }
    }

    /// Does the selected command, as if its key were pressed on the screen below. One that stands in no way there stays in
    /// sight, and what stands in its way is said.
    fn choose_command(&mut self) {
        let Some(row) = self.palette_row() else { return };
        if let Some(hindrance) = self.palette_hindrance(&row) {
            self.tell(hindrance);
            return;
        }
        self.dialog = None;
        if row.is_here {
            self.run(self.context(), row.command);
        } else {
            self.go_and_do(&row);
        }
    }

    /// Goes to where a command means something. What it does to a selection is left to its key: nobody has looked at what
    /// is selected there.
    fn go_and_do(&mut self, row: &Row) {
        match (way_to(row.place), row.place) {
            (Some(way), _) => self.run(Context::Panes, way),
            (None, place) => {
                self.screens.clear();
                match place {
                    Context::Installed => self.focus(Pane::Installed),
                    Context::Available => self.focus(Pane::Available),
                    Context::Outputs => self.focus(Pane::Outputs),
                    _ => {}
                }
            }
        }
        // The lists are those of this screen now.
        self.follow();
        if needs_no_selection(row.command) {
            self.run(self.context(), row.command);
        } else {
            let key = self.key_for(row.place, row.command);
            self.say(format!("Here it is {key}: {}.", row.help));
        }
    }
}
