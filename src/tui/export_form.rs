//! What is asked before the profile is written as an environment file: a form of a few fields.

use std::path::{Path, PathBuf};

use super::action::Command;
use super::input::Input;
use crate::env_file::{Format, is_name};
use crate::loom::{Export, ExportFile};

/// One field of the form, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What the environment is called.
    Name,
    /// Which packages; all if it is empty.
    Packages,
    Format,
    Pinned,
    /// The file.
    Place,
}

impl Field {
    pub const ALL: &[Self] = &[Self::Name, Self::Packages, Self::Format, Self::Pinned, Self::Place];

    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Packages => "packages",
            Self::Format => "format",
            Self::Pinned => "sources",
            Self::Place => "file",
        }
    }

    /// Whether something is typed into it; the others are chosen.
    pub fn is_typed(self) -> bool {
        matches!(self, Self::Name | Self::Packages | Self::Place)
    }
}

/// The form as it is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportForm {
    /// The one that is being filled in.
    pub field: Field,
    pub name: Input,
    /// Names of elements with blanks between.
    pub packages: Input,
    pub format: Format,
    pub is_unpinned: bool,
    place: Input,
    /// Whether the user said where; else the place follows from name and format.
    is_place_typed: bool,
}

/// What is wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nix takes no such name.
    Name(String),
    /// Nothing of that name is installed.
    Package(String),
    NoPlace,
}

impl Default for ExportForm {
    fn default() -> Self {
        let mut name = Input::new("my_env");
        name.select_all();
        let (packages, place) = (Input::default(), Input::default());
        let (format, is_unpinned) = (Format::default(), false);
        Self { field: Field::Name, name, packages, format, is_unpinned, place, is_place_typed: false }
    }
}

impl ExportForm {
    /// What stands in a field.
    pub fn value(&self, field: Field) -> String {
        match field {
            Field::Name => self.name.text().to_owned(),
            Field::Packages => self.packages.text().to_owned(),
            Field::Format => self.format.name().to_owned(),
            Field::Pinned if self.is_unpinned => "as they are when it is built".to_owned(),
            Field::Pinned => "pinned to what is installed".to_owned(),
            Field::Place if self.is_place_typed => self.place.text().to_owned(),
            Field::Place => self.format.file_name(self.name.text()),
        }
    }

    /// What is typed into the present field.
    pub fn input(&self) -> Option<&Input> {
        match self.field {
            Field::Name => Some(&self.name),
            Field::Packages => Some(&self.packages),
            Field::Place => Some(&self.place),
            Field::Format | Field::Pinned => None,
        }
    }

    fn input_mut(&mut self) -> Option<&mut Input> {
        match self.field {
            Field::Name => Some(&mut self.name),
            Field::Packages => Some(&mut self.packages),
            Field::Place => {
                self.is_place_typed = true;
                Some(&mut self.place)
            }
            Field::Format | Field::Pinned => None,
        }
    }

    /// Goes to the next field, or to the one before; after the last comes the first.
    pub fn go(&mut self, by: isize) {
        let all = Field::ALL;
        let at = all.iter().position(|field| *field == self.field).unwrap_or(0);
        self.field = all[(at + all.len()).saturating_add_signed(by) % all.len()];
        if self.field == Field::Place && !self.is_place_typed {
            self.place = Input::new(self.value(Field::Place));
        }
    }

    /// Takes what is typed or pasted; where something is chosen, a blank chooses.
    pub fn insert(&mut self, text: &str) {
        match self.input_mut() {
            Some(input) => input.insert(text),
            None if text == " " => self.choose(true),
            None => {}
        }
    }

    /// Does a command that edits, or that chooses.
    pub fn edit(&mut self, command: Command) {
        if self.field.is_typed() {
            // A key that only moves the cursor has said nothing yet.
            let is_move = matches!(
                command,
                Command::CursorLeft | Command::CursorRight | Command::CursorStart | Command::CursorEnd
            );
            let was_typed = self.is_place_typed;
            if let Some(input) = self.input_mut() {
                input.edit(command);
            }
            self.is_place_typed &= was_typed || !is_move;
            return;
        }
        match command {
            Command::CursorLeft => self.choose(false),
            Command::CursorRight => self.choose(true),
            _ => {}
        }
    }

    fn choose(&mut self, is_next: bool) {
        match self.field {
            Field::Format => {
                let all = Format::ALL;
                let at = all.iter().position(|format| *format == self.format).unwrap_or(0);
                let step = if is_next { 1 } else { all.len() - 1 };
                self.format = all[(at + step) % all.len()];
            }
            Field::Pinned => self.is_unpinned = !self.is_unpinned,
            Field::Name | Field::Packages | Field::Place => {}
        }
    }

    /// The names that were typed.
    fn elements(&self) -> Vec<String> {
        self.packages.text().split_whitespace().map(str::to_owned).collect()
    }

    /// What stands in the way of writing it; `is_installed` knows the names.
    pub fn flaw(&self, is_installed: impl Fn(&str) -> bool) -> Option<Flaw> {
        let name = self.name.text();
        if !is_name(name) {
            return Some(Flaw::Name(name.to_owned()));
        }
        if let Some(unknown) = self.elements().into_iter().find(|name| !is_installed(name)) {
            return Some(Flaw::Package(unknown));
        }
        self.value(Field::Place).trim().is_empty().then_some(Flaw::NoPlace)
    }

    /// What it asks for; `home` stands for `~`.
    pub fn wanted(&self, home: Option<&Path>, is_over: bool) -> ExportFile {
        let elements = self.elements();
        let export = Export { name: self.name.text().to_owned(), elements, is_unpinned: self.is_unpinned };
        let out = at_home(self.value(Field::Place).trim(), home);
        ExportFile { export, format: self.format, out, is_over }
    }
}

/// The path that was typed, where `~` is the home directory.
pub fn at_home(typed: &str, home: Option<&Path>) -> PathBuf {
    match (typed.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => typed.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(form: &mut ExportForm, text: &str) {
        text.chars().for_each(|letter| form.insert(letter.encode_utf8(&mut [0; 4])));
    }

    #[test]
    fn the_place_follows_name_and_format_until_it_is_typed() {
        let mut form = ExportForm::default();
        typed(&mut form, "x_env");
        assert_eq!(form.value(Field::Place), "x_env.nix");
        form.go(2);
        form.insert(" ");
        assert_ne!(form.format, Format::Nix);
        assert_eq!(form.value(Field::Place), form.format.file_name("x_env"));
        form.edit(Command::CursorLeft);
        assert_eq!(form.value(Field::Format), "nix");
        form.go(2);
        assert_eq!(form.field, Field::Place);
        form.edit(Command::CursorStart);
        assert!(!form.is_place_typed);
        typed(&mut form, "~/");
        form.go(1);
        typed(&mut form, "y");
        assert_eq!((form.name.text(), &*form.value(Field::Place)), ("x_envy", "~/x_env.nix"));
    }

    #[test]
    fn a_form_is_refused_for_what_could_not_be_written() {
        let is_installed = |name: &str| name == "jq";
        let mut form = ExportForm::default();
        assert_eq!(form.flaw(is_installed), None);
        form.go(1);
        typed(&mut form, " jq  git ");
        assert_eq!(form.flaw(is_installed), Some(Flaw::Package("git".into())));
        form.edit(Command::DeleteLine);
        form.go(-1);
        typed(&mut form, "a b");
        assert_eq!(form.flaw(is_installed), Some(Flaw::Name("a b".into())));
        let mut form = ExportForm::default();
        form.go(-1);
        form.edit(Command::DeleteLine);
        assert_eq!(form.flaw(is_installed), Some(Flaw::NoPlace));
    }

    #[test]
    fn a_tilde_is_the_home_directory_only_where_it_stands_alone() {
        let home = Some(Path::new("/home/user"));
        for (typed, meant) in [
            ("~/a.nix", "/home/user/a.nix"),
            ("~", "/home/user"),
            ("~user/a.nix", "~user/a.nix"),
            ("a~.nix", "a~.nix"),
            ("/b.nix", "/b.nix"),
        ] {
            assert_eq!(at_home(typed, home), Path::new(meant), "{typed}");
        }
        assert_eq!(at_home("~/a", None), Path::new("~/a"));
    }
}
