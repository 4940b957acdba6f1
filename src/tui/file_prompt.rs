//! The path of a file that is being typed: what it can be completed to, from what the folder has and from what was opened
//! before.

use std::path::{Path, PathBuf};

use super::export_form::at_home;
use super::input::Input;
use crate::env_file::Nearby;

/// Something that the line can become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The whole line then.
    pub text: String,
    pub kind: RowKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// It was opened before.
    Recent,
    File,
    Folder,
}

/// What a folder has, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Folder {
    path: PathBuf,
    /// `None` until it is read.
    found: Option<Result<Vec<Nearby>, String>>,
}

/// The line, and what it can become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilePrompt {
    pub input: Input,
    /// What was typed: the rows are those for it, also while the line shows one of them.
    typed: String,
    /// The newest first.
    recent: Vec<String>,
    folder: Option<Folder>,
    /// The row that the line shows.
    chosen: Option<usize>,
}

/// What Enter does with the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    Nothing,
    /// It is a folder, whose files are shown now.
    Folder,
    File(String),
}

impl FilePrompt {
    /// With files that were opened before, the newest first; the newest of them is proposed.
    pub fn new(recent: Vec<String>) -> Self {
        let mut input = Input::new(recent.first().cloned().unwrap_or_default());
        input.select_all();
        let chosen = (!recent.is_empty()).then_some(0);
        Self { input, recent, chosen, ..Self::default() }
    }

    /// The folder in which the line's file would be.
    pub fn folder(&self, home: Option<&Path>) -> PathBuf {
        let (folder, _) = split(&self.typed);
        if folder.is_empty() { PathBuf::from(".") } else { at_home(folder, home) }
    }

    /// Whether a folder has to be read for it.
    pub fn lacks(&self, folder: &Path) -> bool {
        self.folder.as_ref().is_none_or(|known| known.path != folder)
    }

    /// Notes that a folder is being read.
    pub fn ask(&mut self, folder: PathBuf) {
        self.folder = Some(Folder { path: folder, found: None });
    }

    /// Takes in what a folder has.
    pub fn take(&mut self, path: &Path, found: Result<Vec<Nearby>, String>) {
        if let Some(folder) = self.folder.as_mut().filter(|folder| folder.path == path) {
            folder.found = Some(found);
        }
    }

    /// Why the folder cannot be read.
    pub fn problem(&self) -> Option<&str> {
        self.folder.as_ref()?.found.as_ref()?.as_ref().err().map(String::as_str)
    }

    pub fn is_reading(&self) -> bool {
        self.folder.as_ref().is_none_or(|folder| folder.found.is_none())
    }

    /// The row that the line shows.
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// What was opened before, where it fits what was typed, and then what the folder has.
    pub fn rows(&self) -> Vec<Row> {
        let (folder, name) = split(&self.typed);
        let fits = |recent: &&String| recent.starts_with(&self.typed) && **recent != self.typed;
        let recent = self.recent.iter().filter(fits).map(|text| Row { text: text.clone(), kind: RowKind::Recent });
        let known = self.folder.iter().filter_map(|folder| folder.found.as_ref()?.as_ref().ok()).flatten();
        // What is hidden is shown to whoever asks for it.
        let is_shown = |it: &&Nearby| it.name.starts_with(name) && (name.starts_with('.') || !it.name.starts_with('.'));
        let found = known.filter(is_shown).map(|it| {
            let text = format!("{folder}{}", it.name);
            if it.is_folder {
                Row { text: text + "/", kind: RowKind::Folder }
            } else {
                Row { text, kind: RowKind::File }
            }
        });
        let mut rows: Vec<Row> = recent.collect();
        rows.extend(found.filter(|row| row.text != self.typed));
        let mut seen = std::collections::HashSet::new();
        rows.retain(|row| seen.insert(row.text.clone()));
        rows
    }

    /// The line is what was typed, from here on.
    pub fn edited(&mut self) {
        self.input.text().clone_into(&mut self.typed);
        self.chosen = None;
    }

    /// Shows the next row in the line, or the one before; beyond the last what was typed.
    pub fn step(&mut self, by: isize) {
        let rows = self.rows();
        // One more place is that of what was typed.
        let places = rows.len() + 1;
        let at = self.chosen.map_or(0, |at| at + 1);
        let next = (at + places).saturating_add_signed(by) % places;
        self.chosen = next.checked_sub(1);
        let text = self.chosen.and_then(|at| rows.get(at)).map_or(&self.typed, |row| &row.text);
        self.input = Input::new(text.clone());
    }

    /// Completes the line as far as there is one way; where there are several, shows one after the other.
    pub fn complete(&mut self) {
        if let Some(at) = self.chosen {
            // A folder that is shown is gone into; else the next one is meant.
            match self.rows().get(at) {
                Some(row) if row.kind == RowKind::Folder => self.edited(),
                _ => self.step(1),
            }
            return;
        }
        let rows = self.rows();
        let found: Vec<&str> =
            rows.iter().filter(|row| row.kind != RowKind::Recent).map(|row| row.text.as_str()).collect();
        let Some(common) = common_start(&found).filter(|common| common.len() > self.typed.len()) else {
            return self.step(1);
        };
        self.input = Input::new(common);
        self.edited();
    }

    /// What Enter means.
    pub fn enter(&mut self) -> Entered {
        let text = self.input.text().trim().to_owned();
        if text.is_empty() {
            return Entered::Nothing;
        }
        let is_folder = self
            .rows()
            .iter()
            .any(|row| row.kind == RowKind::Folder && row.text.trim_end_matches('/') == text.trim_end_matches('/'));
        if text.ends_with('/') || is_folder || text == "~" {
            self.input = Input::new(format!("{}/", text.trim_end_matches('/')));
            self.edited();
            return Entered::Folder;
        }
        Entered::File(text)
    }
}

/// The folder of a path as it was typed, with the stroke at its end, and what comes after it.
fn split(typed: &str) -> (&str, &str) {
    typed.split_at(typed.rfind('/').map_or(0, |at| at + 1))
}

/// What all of them begin with; `None` if there is none of them.
fn common_start(texts: &[&str]) -> Option<String> {
    let (first, others) = texts.split_first()?;
    let mut common = (*first).to_owned();
    for other in others {
        let same = common.chars().zip(other.chars()).take_while(|(one, other)| one == other);
        let len = same.map(|(letter, _)| letter.len_utf8()).sum();
        common.truncate(len);
    }
    Some(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(recent: &[&str], typed: &str, found: &[(&str, bool)]) -> FilePrompt {
        let mut prompt = FilePrompt::new(recent.iter().map(ToString::to_string).collect());
        prompt.input = Input::new(typed);
        prompt.edited();
        let folder = prompt.folder(Some(Path::new("/home/user")));
        assert!(prompt.lacks(&folder));
        prompt.ask(folder.clone());
        assert!(prompt.is_reading() && !prompt.lacks(&folder));
        let found = found.iter().map(|&(name, is_folder)| Nearby { name: name.into(), is_folder });
        prompt.take(&folder, Ok(found.collect()));
        prompt
    }

    fn rows(prompt: &FilePrompt) -> Vec<String> {
        prompt.rows().into_iter().map(|row| row.text).collect()
    }

    const FOUND: &[(&str, bool)] =
        &[("a_env.nix", false), ("a_other.nix", false), (".hidden.nix", false), ("project", true)];

    #[test]
    fn rows_are_what_was_opened_before_and_what_the_folder_has() {
        let empty = prompt(&["~/x.nix", "/y.nix"], "", FOUND);
        assert_eq!(rows(&empty), ["~/x.nix", "/y.nix", "a_env.nix", "a_other.nix", "project/"]);
        let typed = prompt(&["~/a_env.nix"], "~/a_", FOUND);
        assert_eq!(typed.folder(Some(Path::new("/home/user"))), Path::new("/home/user/"));
        assert_eq!(rows(&typed), ["~/a_env.nix", "~/a_other.nix"], "each once");
        assert_eq!(rows(&prompt(&[], "~/.", FOUND)), ["~/.hidden.nix"]);
        assert_eq!(rows(&prompt(&[], "b", FOUND)), Vec::<String>::new());
    }

    #[test]
    fn tab_completes_as_far_as_there_is_one_way_and_then_shows_one_after_the_other() {
        let mut prompt = prompt(&[], "x/a", FOUND);
        prompt.complete();
        assert_eq!(prompt.input.text(), "x/a_");
        for shown in ["x/a_env.nix", "x/a_other.nix", "x/a_", "x/a_env.nix"] {
            prompt.complete();
            assert_eq!(prompt.input.text(), shown);
        }
        assert_eq!(rows(&prompt), ["x/a_env.nix", "x/a_other.nix"], "the rows stay meanwhile");
        assert_eq!(prompt.enter(), Entered::File("x/a_env.nix".into()));
    }

    #[test]
    fn a_folder_is_gone_into() {
        let mut tab = prompt(&[], "pro", FOUND);
        tab.complete();
        assert_eq!((tab.input.text(), &*tab.folder(None)), ("project/", Path::new("project/")));
        let mut entered = prompt(&[], "project", FOUND);
        assert_eq!(entered.enter(), Entered::Folder);
        assert_eq!(entered.input.text(), "project/");
        let mut home = prompt(&[], "~", &[]);
        assert_eq!((home.enter(), home.input.text()), (Entered::Folder, "~/"));
        assert_eq!(prompt(&[], "  ", FOUND).enter(), Entered::Nothing);
    }

    #[test]
    fn an_answer_for_another_folder_is_dropped() {
        let mut prompt = prompt(&[], "x/", FOUND);
        prompt.take(Path::new("y/"), Err("gone".into()));
        assert_eq!(prompt.problem(), None);
        prompt.take(Path::new("x/"), Err("gone".into()));
        assert_eq!((prompt.problem(), rows(&prompt).len()), (Some("gone"), 0));
    }

    #[test]
    fn names_are_only_cut_between_letters() {
        assert_eq!(common_start(&["日本.nix", "日曜.nix"]).as_deref(), Some("日"));
        assert_eq!(common_start(&[]), None);
    }
}
