//! Whether the profile agrees with the files that it was made from or written to, made ready for the screen.

use super::app::App;
use super::text;
use crate::loom::{DiffChange, EnvironmentChange, FileState, FileStatus, Status};
use crate::safe;

/// Lines of a difference of text that a question shows.
pub const MOST_IN_QUESTION: usize = 8;

/// What is known of the files.
#[derive(Debug, Default)]
pub struct Drift {
    /// The newest answer; `None` until there is one.
    pub status: Option<Result<Box<Status>, String>>,
    /// Which of the files is shown.
    pub at: usize,
    /// Whether the files are being asked what they say now.
    pub is_asking: bool,
}

/// What a row of the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Heading,
    Text,
    Dim,
    /// What needs the eye: it does not agree.
    Notice,
    Added,
    Removed,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub kind: Kind,
    /// Safe for a terminal, and no wider than was asked for.
    pub text: String,
}

impl Drift {
    pub fn files(&self) -> &[FileStatus] {
        self.status.as_ref().and_then(|status| status.as_ref().ok()).map_or(&[], |status| &status.files)
    }

    /// The file that is shown.
    pub fn file(&self) -> Option<&FileStatus> {
        self.files().get(self.at)
    }
}

/// The sign of a state, with the word beside it.
pub fn mark(state: &FileState) -> (&'static str, &'static str) {
    match state {
        FileState::Agrees => ("=", "agrees"),
        FileState::Differs => ("≠", "differs"),
        FileState::Edited => ("≠", "edited"),
        FileState::Unreadable(_) => ("!", "unreadable"),
        FileState::Gone => ("!", "gone"),
    }
}

/// A file's name with its mark and word, and the same with less room; of the first that does not agree, else of the first.
pub fn in_short(app: &App) -> Option<[String; 2]> {
    let files = app.drift.files();
    let file = files.iter().find(|file| file.state != FileState::Agrees).or(files.first())?;
    let name = file.file.file_name().map_or_else(|| safe::path(&file.file), |name| safe::text(&name.to_string_lossy()));
    let (sign, word) = mark(&file.state);
    Some([format!("{} {sign} {word}", text::fit(&name, 24)), format!("file {sign} {word}")])
}

/// All rows for the file that is shown, of at most `columns`.
pub fn rows(app: &App, columns: usize) -> Vec<Row> {
    let Some(file) = app.drift.file() else { return Vec::new() };
    let mut to = Rows { rows: Vec::new(), columns };
    to.wrapped(Kind::Text, "", &app.at_home(&file.file));
    let kind = if file.state == FileState::Agrees { Kind::Text } else { Kind::Notice };
    let (sign, _) = mark(&file.state);
    to.wrapped(kind, &format!("{sign} "), &file.verdict());
    to.wrapped(Kind::Dim, "", &file.belongs());
    if let Some(cause) = file.cause() {
        to.wrapped(Kind::Dim, "", cause);
    }
    if app.drift.is_asking {
        to.wrapped(Kind::Dim, "", "being asked what it says now…");
    }
    if !file.differences.is_empty() {
        to.heading("What differs");
    }
    for difference in &file.differences {
        to.wrapped(Kind::Text, "  ", &difference.to_string());
    }
    for line in file.since.iter().flat_map(EnvironmentChange::lines) {
        to.wrapped(Kind::Text, "    ", &line);
    }
    if !file.adopt.is_empty() {
        to.heading("What makes the profile as the file says");
        file.adopt.iter().for_each(|change| to.wrapped(Kind::Text, "  ", &safe::text(&change.to_string())));
    }
    if let Some(rewriting) = &file.rewriting {
        to.heading("What the file becomes, written anew from the profile");
        rewriting.difference.iter().for_each(|line| to.difference(line.change, &line.text));
        if rewriting.difference.is_empty() {
            to.wrapped(Kind::Dim, "  ", "the very same");
        }
    }
    to.rows
}

/// The first lines that come and go, for a question, and how many more there are.
pub fn shortly(file: &FileStatus, columns: usize) -> (Vec<Row>, usize) {
    let mut to = Rows { rows: Vec::new(), columns };
    let lines = file.rewriting.iter().flat_map(|it| &it.difference);
    lines.filter(|line| is_change(line.change)).for_each(|line| to.difference(line.change, &line.text));
    let more = to.rows.len().saturating_sub(MOST_IN_QUESTION);
    to.rows.truncate(MOST_IN_QUESTION);
    (to.rows, more)
}

fn is_change(change: DiffChange) -> bool {
    matches!(change, DiffChange::Added | DiffChange::Removed)
}

struct Rows {
    rows: Vec<Row>,
    columns: usize,
}

impl Rows {
    fn heading(&mut self, heading: &str) {
        self.rows.push(Row { kind: Kind::Text, text: String::new() });
        self.wrapped(Kind::Heading, "", heading);
    }

    /// In as many rows as it takes, each after `before`.
    fn wrapped(&mut self, kind: Kind, before: &str, content: &str) {
        let room = self.columns.saturating_sub(text::width(before)).max(1);
        for (at, line) in text::wrap(content, room).into_iter().enumerate() {
            let blank = " ".repeat(text::width(before));
            let before = if at == 0 { before } else { &blank };
            self.rows.push(Row { kind, text: format!("{before}{line}") });
        }
    }

    /// A line of a difference, cut if it is long.
    fn difference(&mut self, change: DiffChange, line: &[u8]) {
        let (kind, sign) = match change {
            DiffChange::Added => (Kind::Added, "+ "),
            DiffChange::Removed => (Kind::Removed, "− "),
            DiffChange::Same => (Kind::Dim, "  "),
            DiffChange::Gap => (Kind::Dim, "⋮ "),
        };
        let line = text::fit(&safe::bytes(line), self.columns.saturating_sub(2));
        self.rows.push(Row { kind, text: format!("{sign}{line}") });
    }
}
