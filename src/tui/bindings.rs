//! The keys as they are for this user: the table, with what the config file sets in its place.

use std::collections::HashMap;
use std::fmt::Debug;

use super::action::Command;
use super::context::Context;
use super::key::Key;
use super::keymap::{BINDINGS, Binding};
use super::words::SIGNS;
use crate::catalogue::QUERY_HELP;
use crate::config::{Config, ConfigError, Section, Setting, Spot, Value};

/// Which key does what. Whoever dispatches, hints at or explains keys asks here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings {
    /// In the order of the table.
    rows: Vec<Binding>,
}

/// A line of the `?` screen.
#[derive(Clone, Copy, Debug)]
pub enum HelpLine<'a> {
    Heading(Context),
    Keys(&'a Binding),
    Title(&'static str),
    /// What may be typed, and what it does.
    Word(&'static str, &'static str),
    Blank,
}

impl Default for Bindings {
    fn default() -> Self {
        Self { rows: BINDINGS.to_vec() }
    }
}

impl Bindings {
    pub fn rows(&self) -> &[Binding] {
        &self.rows
    }

    /// The rows that hold in a context, the most particular first.
    pub fn of(&self, context: Context) -> impl Iterator<Item = &Binding> {
        context.chain().iter().flat_map(|&link| self.rows.iter().filter(move |binding| binding.context == link))
    }

    /// The row that a key means in a context.
    pub fn of_key(&self, context: Context, key: Key) -> Option<&Binding> {
        self.of(context).find(|binding| binding.keys.contains(&key))
    }

    /// What a key asks for in a context.
    pub fn command(&self, context: Context, key: Key) -> Option<Command> {
        self.of_key(context, key).map(|binding| binding.command)
    }

    /// The first key that asks for a command in a context, for sentences; `None` if none does.
    pub fn key(&self, context: Context, command: Command) -> Option<Key> {
        self.of(context).filter(|binding| binding.command == command).find_map(|binding| binding.keys.first().copied())
    }

    /// All of it, one group of keys for each context; after the keys of the search box what may be typed there.
    pub fn help(&self) -> Vec<HelpLine<'_>> {
        let mut lines = Vec::with_capacity(self.rows.len() + QUERY_HELP.len() + 3 * Context::ALL.len());
        for &context in Context::ALL {
            if !lines.is_empty() {
                lines.push(HelpLine::Blank);
            }
            lines.push(HelpLine::Heading(context));
            lines.extend(self.rows.iter().filter(|binding| binding.context == context).map(HelpLine::Keys));
            if context == Context::Search {
                lines.extend([HelpLine::Blank, HelpLine::Title("What the search box takes, beside words")]);
                lines.extend(QUERY_HELP.iter().map(|(word, help)| HelpLine::Word(word, help)));
            }
        }
        lines.extend([HelpLine::Blank, HelpLine::Title("What the signs mean")]);
        lines.extend(SIGNS.iter().map(|(sign, meaning)| HelpLine::Word(sign, meaning)));
        lines
    }

    /// The table, changed as `[keys.…]` of the config file says. A command that it sets has just those keys; whatever then
    /// means two things, stands in the way of typing or leaves no way out is an error.
    pub fn configured(config: &Config) -> Result<Self, ConfigError> {
        let mut changed = Changed { bindings: Self::default(), spots: HashMap::new() };
        let done = config.keys().iter().try_for_each(|section| changed.set_all(section));
        done.and_then(|()| changed.check()).map_err(|wrong| config.wrong(wrong.spot, wrong.problem))?;
        Ok(changed.bindings)
    }
}

/// What a command or a context is called in the config file: `ShowPlan` is `show-plan`.
pub fn name_of(variant: &impl Debug) -> String {
    let mut name = String::new();
    for letter in format!("{variant:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// The table while the user's keys are put into it.
struct Changed {
    bindings: Bindings,
    /// Where the file sets a key of a row.
    spots: HashMap<(usize, Key), Spot>,
}

struct Wrong {
    spot: Spot,
    problem: String,
}

impl Changed {
    fn set_all(&mut self, section: &Section) -> Result<(), Wrong> {
        let context = Context::ALL.iter().copied().find(|context| name_of(context) == section.name);
        let context = context.ok_or_else(|| {
            let names: Vec<_> = Context::ALL.iter().map(name_of).collect();
            let problem = format!("keys have no place called {:?}; there are {}", section.name, names.join(", "));
            Wrong { spot: section.spot, problem }
        })?;
        section.settings.iter().try_for_each(|setting| self.set(context, setting))
    }

    fn set(&mut self, context: Context, setting: &Setting) -> Result<(), Wrong> {
        let is_meant = |row: &Binding| row.context == context && name_of(&row.command) == setting.name;
        let at = self.bindings.rows.iter().position(is_meant).ok_or_else(|| self.unknown(context, setting))?;
        let written = match &setting.value {
            Value::Text(key) => vec![(key.clone(), setting.value_spot)],
            Value::Texts(keys) => keys.clone(),
            other => {
                let problem =
                    format!("keys are written as \"enter\" or [\"enter\", \"ctrl-e\"], and this is {}", other.kind());
                return Err(Wrong { spot: setting.value_spot, problem });
            }
        };
        let mut keys = Vec::new();
        for (text, spot) in written {
            let key: Key = text.parse().map_err(|problem| Wrong { spot, problem })?;
            if self.spots.insert((at, key), spot).is_none() {
                keys.push(key);
            }
        }
        let wrong = |problem: &str| Err(Wrong { spot: setting.value_spot, problem: problem.to_owned() });
        match self.bindings.rows[at].command {
            Command::QuitNow if !keys.contains(&Key::ctrl('c')) => {
                wrong("ctrl-c always quits; name it beside the others, as in [\"ctrl-c\", \"ctrl-q\"]")
            }
            Command::Back if context == Context::Everywhere && keys.is_empty() => {
                wrong("this leads back out of every question and screen; give it some key")
            }
            _ => {
                self.bindings.rows[at].keys = keys.into();
                Ok(())
            }
        }
    }

    /// A name that is none of the context's; the error says which are, or where it is one.
    fn unknown(&self, context: Context, setting: &Setting) -> Wrong {
        let place = place(context);
        let rows = self.bindings.rows.iter();
        let elsewhere: Vec<_> = rows.clone().filter(|row| name_of(&row.command) == setting.name).collect();
        let names: Vec<_> = if elsewhere.is_empty() {
            rows.filter(|row| row.context == context).map(|row| name_of(&row.command)).collect()
        } else {
            elsewhere.into_iter().map(|row| self::place(row.context)).collect()
        };
        let what = if names.first().is_some_and(|name| name.starts_with('[')) { "it is in" } else { "there are" };
        let problem = format!("{place} has no command {:?}; {what} {}", setting.name, names.join(", "));
        Wrong { spot: setting.spot, problem }
    }

    /// Whether every key means one thing wherever it holds, and letters are text where text is typed.
    fn check(&self) -> Result<(), Wrong> {
        for &context in Context::ALL {
            let mut meanings: HashMap<Key, usize> = HashMap::new();
            for (at, row) in self.rows_of(context) {
                for &key in row.keys.iter() {
                    if let (Some(letter), Some(&spot)) = (key.typed(), self.spots.get(&(at, key)))
                        && context.types(letter)
                    {
                        let problem = format!(
                            "{key} cannot be {} in {}: it is text in {}; take a key with ctrl- or alt-",
                            name_of(&row.command),
                            place(row.context),
                            place(context),
                        );
                        return Err(Wrong { spot, problem });
                    }
                    let other = *meanings.entry(key).or_insert(at);
                    if self.bindings.rows[other].command != row.command {
                        return Err(self.clash(key, other, at));
                    }
                }
            }
        }
        Ok(())
    }

    /// The rows that hold in a context, with their numbers.
    fn rows_of(&self, context: Context) -> impl Iterator<Item = (usize, &Binding)> {
        let rows = move |link| self.bindings.rows.iter().enumerate().filter(move |(_, row)| row.context == link);
        context.chain().iter().flat_map(move |&link| rows(link))
    }

    /// One key with two meanings: told where the file sets it last.
    fn clash(&self, key: Key, one: usize, other: usize) -> Wrong {
        let spot = |at| self.spots.get(&(at, key)).copied();
        // The table itself has no clashes, so the file sets one of the two.
        let (set, met) = if spot(one) > spot(other) { (one, other) } else { (other, one) };
        let [set_row, met_row] = [set, met].map(|at| &self.bindings.rows[at]);
        let [said, held] = [set_row, met_row].map(|row| format!("{} in {}", name_of(&row.command), place(row.context)));
        let way_out = match spot(met) {
            Some(spot) => format!("which line {} sets; choose another key for one of them", spot.line),
            None => format!("which is so from the start; choose another key, or set {} too", name_of(&met_row.command)),
        };
        Wrong {
            spot: spot(set).unwrap_or_default(),
            problem: format!("{key} cannot be {said}: it is {held}, {way_out}"),
        }
    }
}

fn place(context: Context) -> String {
    format!("[keys.{}]", name_of(&context))
}

#[cfg(test)]
#[path = "bindings_tests.rs"]
mod tests;
