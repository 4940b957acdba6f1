//! The command palette: every command by name, those that mean something on the screen below it first.

use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::action::Command;
use super::app::App;
use super::bindings::name_of;
use super::context::Context;
use super::dialog::Dialog;
use super::hindrance::Hindrance;
use super::key::Key;

/// Words with fewer letters are not looked for with gaps between them: they would be found everywhere.
const LEAST_SCATTERED: usize = 3;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub command: Command,
    /// As in the config file: `show-plan`.
    pub name: String,
    /// What it does, in one line.
    pub help: &'static str,
    pub keys: Vec<Key>,
    /// Where it means that.
    pub place: Context,
    /// Whether that is the screen below the palette.
    pub is_here: bool,
}

impl App {
    /// The commands that have all words of the palette's search line, the best first; without words in the order of the
    /// `?` screen, those of the screen below first.
    pub fn palette_rows(&self) -> Vec<Row> {
        let Some(Dialog::Palette(input)) = &self.dialog else { return Vec::new() };
        let words: Vec<&str> = input.text().split_whitespace().collect();
        let mut rows: Vec<(u32, Row)> =
            self.all_commands().into_iter().filter_map(|row| Some((score(&row, &words)?, row))).collect();
        // Equals stay in their order.
        rows.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    pub fn palette_row(&self) -> Option<Row> {
        self.palette_rows().into_iter().nth(self.lists.palette.selected()?)
    }

    /// Why a row of the palette would do nothing.
    pub fn palette_hindrance(&self, row: &Row) -> Option<Hindrance> {
        if row.is_here {
            return self.hindrance_in(row.place, row.command);
        }
        let way = way_to(row.place).and_then(|command| self.hindrance_in(Context::Panes, command));
        way.or_else(|| needs_no_selection(row.command).then(|| self.hindrance_in(row.place, row.command)).flatten())
    }

    /// Every command, once; those of the screen below first.
    pub fn all_commands(&self) -> Vec<Row> {
        let below = self.context_below();
        let mut rows: Vec<Row> = Vec::new();
        let here = self.bindings().of(below).map(|binding| (binding, true));
        let elsewhere = Context::ALL.iter().filter(|&&context| is_place(context)).flat_map(|&context| {
            self.bindings()
                .rows()
                .iter()
                .filter(move |binding| binding.context == context)
                .map(|binding| (binding, false))
        });
        for (binding, is_here) in here.chain(elsewhere) {
            // The number that it needs is the key's; and the palette is open already.
            if edits_text(binding.command) || matches!(binding.command, Command::StageNumbered | Command::Palette) {
                continue;
            }
            match rows.iter_mut().find(|row| row.command == binding.command) {
                // The more particular place says what it does; all its keys do it.
                Some(row) if is_here => {
                    let new = binding.keys.iter().filter(|key| !row.keys.contains(key)).copied().collect::<Vec<_>>();
                    row.keys.extend(new);
                }
                Some(_) => {}
                None => rows.push(Row {
                    command: binding.command,
                    name: name_of(&binding.command),
                    help: binding.help,
                    keys: binding.keys.to_vec(),
                    place: if is_here { below } else { binding.context },
                    is_here,
                }),
            }
        }
        rows
    }
}

fn edits_text(command: Command) -> bool {
    matches!(
        command,
        Command::Accept
            | Command::CursorLeft
            | Command::CursorRight
            | Command::CursorStart
            | Command::CursorEnd
            | Command::DeleteLeft
            | Command::DeleteRight
            | Command::DeleteWord
            | Command::DeleteLine
            | Command::CompletePath
            | Command::NextField
            | Command::PreviousField
    )
}

/// Whether commands of a context are listed where they mean nothing. Those that edit a line of text or answer a question are
/// not.
fn is_place(context: Context) -> bool {
    !matches!(
        context,
        Context::Search
            | Context::Filter
            | Context::FileFilter
            | Context::Palette
            | Context::Question
            | Context::Number
            | Context::NewSource
            | Context::Link
            | Context::Deletion
            | Context::FilePrompt
            | Context::Export
            | Context::Help
            | Context::Failed
    )
}

/// The command of the panes that leads to a place; `None` for the panes themselves.
pub(super) fn way_to(place: Context) -> Option<Command> {
    match place {
        Context::Plan => Some(Command::ShowPlan),
        Context::Explanation => Some(Command::Explain),
        Context::Collisions => Some(Command::ShowCollisions),
        Context::Generations => Some(Command::ShowGenerations),
        Context::Sources => Some(Command::ShowSources),
        Context::Files => Some(Command::ShowProfileFiles),
        Context::Which => Some(Command::ShowWhich),
        Context::Environment => Some(Command::OpenEnvironment),
        Context::Drift => Some(Command::ShowDrift),
        Context::Log => Some(Command::ShowLog),
        _ => None,
    }
}

/// Whether a command does the same whatever is selected, so that it can be done from anywhere.
pub(super) fn needs_no_selection(command: Command) -> bool {
    matches!(
        command,
        Command::Search
            | Command::FocusInstalled
            | Command::FocusAvailable
            | Command::FocusOutputs
            | Command::ShowPlan
            | Command::ShowCollisions
            | Command::ShowGenerations
            | Command::ShowSources
            | Command::ShowProfileFiles
            | Command::ShowWhich
            | Command::ShowDrift
            | Command::ShowLog
            | Command::Explain
            | Command::RollBack
            | Command::UndoGeneration
            | Command::Convert
            | Command::OpenEnvironment
            | Command::WriteEnvironment
            | Command::Reload
            | Command::NextTheme
            | Command::Undo
            | Command::Redo
            | Command::ClearStaged
            | Command::AddSource
    )
}

/// How well a row has all words; `None` if it has not.
fn score(row: &Row, words: &[&str]) -> Option<u32> {
    let place = row.place.title().to_lowercase();
    let help = row.help.to_lowercase();
    words.iter().try_fold(0, |sum, typed| {
        let word = typed.to_lowercase();
        let begins = |text: &str| {
            text.split(|letter: char| !letter.is_alphanumeric()).any(|part| !part.is_empty() && part.starts_with(&word))
        };
        let score = if row.name == word {
            100
        } else if row.keys.iter().any(|key| key.to_string() == **typed) {
            80
        } else if begins(&row.name) {
            50
        } else if begins(&help) {
            40
        } else if row.name.contains(&word) {
            25
        } else if help.contains(&word) {
            20
        } else if begins(&place) {
            10
        } else if word.chars().count() >= LEAST_SCATTERED
            && SkimMatcherV2::default().fuzzy_match(&row.name, &word).is_some()
        {
            1
        } else {
            return None;
        };
        Some(sum + score)
    })
}

/// Where the words stand in a text, as byte positions.
pub fn positions(text: &str, typed: &str) -> Vec<usize> {
    let lower = text.to_ascii_lowercase();
    typed
        .split_whitespace()
        .filter_map(|word| {
            let word = word.to_ascii_lowercase();
            let start = lower.find(&word)?;
            Some(start..start + word.len())
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, help: &'static str) -> Row {
        let (command, place) = (Command::ShowPlan, Context::Panes);
        Row { command, name: name.into(), help, keys: vec![Key::letter('R')], place, is_here: true }
    }

    #[test]
    fn all_words_must_be_found_and_a_whole_name_is_best() {
        let row = row("roll-back", "roll back to the generation before");
        assert_eq!(score(&row, &["roll", "source"]), None);
        let [name, key, start, help, middle, scattered] =
            ["roll-back", "R", "back", "generation", "oll", "rbck"].map(|word| score(&row, &[word]));
        assert!(name > key && key > start && start > help && help > middle && middle > scattered);
        assert!(scattered.is_some());
        assert_eq!(score(&row, &[]), Some(0));
    }

    #[test]
    fn what_was_typed_is_found_in_the_words() {
        assert_eq!(positions("Roll back", "BA ro x"), [5, 6, 0, 1]);
    }
}
