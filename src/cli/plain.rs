//! The views of the screen as plain lines: `--plain` with the command that shows the same, or with none for the first view.
//!
//! They are made from the screen's own state, so they cannot say something else than the screen does; a build without it
//! has its commands and their JSON.

use std::path::PathBuf;

use anyhow::Result;

use super::args::{Command, Global, Import, SourcesCommand};
use super::exit::Exit;
use super::output::Output;

/// A view, and what it is about as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Panes,
    Installed,
    Available { query: String, limit: Option<usize> },
    Details(String),
    Plan { changes: Vec<String>, fetch: bool },
    Collisions(Vec<String>),
    Compared { changes: Vec<String>, path: Option<String> },
    Explanation(Vec<String>),
    Generations,
    Sources,
    Keys,
    Actions,
    Difference(u64, u64),
    Which(String),
    Import { file: PathBuf, changes: Vec<String>, apart: bool },
    Files { package: Option<String>, generation: Option<u64> },
}

/// The view that a command asks for; `None` if it prints lines of its own.
pub(super) fn asked(command: Option<&Command>, is_plain: bool) -> Option<Asked> {
    let asked = match command {
        // These are views and nothing else.
        Some(Command::Available { query }) => return Some(Asked::Available { query: query.join(" "), limit: None }),
        Some(Command::Collisions { changes }) => return Some(Asked::Collisions(changes.clone())),
        Some(Command::Keys) => return Some(Asked::Keys),
        Some(Command::Actions) => return Some(Asked::Actions),
        // What the view has no place for is a table of its own.
        Some(Command::Files { package, generation, with, built: None })
            if with.is_empty() && package.as_ref().is_none_or(|package| !package.contains('^')) =>
        {
            return Some(Asked::Files { package: package.clone(), generation: *generation });
        }
        None => Asked::Panes,
        Some(Command::List) => Asked::Installed,
        Some(Command::Search { terms, limit }) => Asked::Available { query: terms.join(" "), limit: Some(*limit) },
        Some(Command::Show { attribute }) => Asked::Details(attribute.clone()),
        Some(Command::Preview { changes, fetch }) => Asked::Plan { changes: changes.clone(), fetch: *fetch },
        Some(Command::Compare { changes, path }) => Asked::Compared { changes: changes.clone(), path: path.clone() },
        Some(Command::Explain { changes }) => Asked::Explanation(changes.clone()),
        Some(Command::Generations) => Asked::Generations,
        Some(Command::Sources { command: None | Some(SourcesCommand::List) }) => Asked::Sources,
        Some(&Command::Diff { from, to }) => Asked::Difference(from, to),
        Some(Command::Import(Import { file, changes, apart, apply: false, fetch: false })) => {
            Asked::Import { file: file.clone(), changes: changes.clone(), apart: *apart }
        }
        Some(Command::Which { file, like: false }) => Asked::Which(file.clone()),
        Some(_) => return None,
    };
    is_plain.then_some(asked)
}

#[cfg(not(feature = "tui"))]
pub(super) fn run(_: Asked, _: &Global, _: &mut Output) -> Result<Exit> {
    let sentence =
        "this build has no screen, and so no plain views of it; the commands print lines, and JSON with --json";
    Err(super::exit::UsageError(sentence.to_owned()).into())
}

#[cfg(feature = "tui")]
pub(super) fn run(asked: Asked, global: &Global, output: &mut Output) -> Result<Exit> {
    use std::io::Write as _;

    use super::exit::UsageError;
    use super::progress::Line;
    use super::{complain, open};
    use crate::tui::plain::{self, PlainError, Shown, show};

    if global.json {
        let sentence = "this view is plain lines and no JSON; list, search, show, preview and others have both";
        return Err(UsageError(sentence.to_owned()).into());
    }
    let wanted = crate::tui::look(&global.options(), global.look.flags()?)?;
    if asked == Asked::Keys {
        output.write_all(plain::keys(&wanted.bindings).as_bytes())?;
        return Ok(Exit::Done);
    }
    let loom = open(global)?;
    let view = match asked {
        Asked::Difference(from, to) => {
            let diff = loom.diff(Some(from), to)?;
            output.write_all(plain::difference(from, to, &diff).as_bytes())?;
            return Ok(Exit::Done);
        }
        asked => view(asked, &loom)?,
    };
    let shown = {
        let progress = Line::new();
        show(&view, &loom, crate::tui::settings(wanted), &progress)
    };
    let Shown { text, is_refused, complaints } = match shown {
        Ok(shown) => shown,
        Err(error @ PlainError::NoCollision { .. }) => return Err(UsageError(error.to_string()).into()),
        Err(PlainError::Loom(error)) => return Err(error.into()),
        Err(error) => return Err(error.into()),
    };
    for complaint in complaints {
        complain(&complaint);
    }
    output.write_all(text.as_bytes())?;
    Ok(if is_refused { Exit::Refused } else { Exit::Done })
}

/// Prints the plan of changes that are applied: as plain lines, or as the command `preview` does.
pub(super) fn print_plan(
    is_plain: bool,
    preview: &crate::loom::Preview,
    transaction: &crate::profile::Transaction,
    installed: &[crate::profile::Element],
    output: &mut Output,
) -> Result<()> {
    #[cfg(feature = "tui")]
    if is_plain {
        use std::io::Write as _;
        let settings = crate::tui::settings(crate::tui::look::Look::default());
        let text = crate::tui::plain::plan(preview.clone(), transaction.clone(), settings);
        return Ok(output.write_all(text.as_bytes())?);
    }
    let _ = (is_plain, transaction);
    super::preview::print(preview, installed, output)
}

/// Applies changes; gives with the result the log of that as plain lines, if such are wanted.
pub(super) fn logged<T, E: std::fmt::Display>(
    is_plain: bool,
    apply: impl FnOnce(&dyn crate::progress::Progress) -> Result<T, E>,
) -> (Result<T, E>, String) {
    let line = super::progress::Line::new();
    #[cfg(feature = "tui")]
    if is_plain {
        use crate::tui::{look::Look, plain::Journal, work::Task};
        let journal = Journal::begin(Task::Apply, crate::tui::settings(Look::default()), &line);
        let result = apply(&journal);
        let log = journal.end(result.as_ref().err().map(ToString::to_string));
        return (result, format!("\n{log}"));
    }
    let _ = is_plain;
    (apply(&line), String::new())
}

/// What is asked for, with what was typed looked up.
#[cfg(feature = "tui")]
fn view(asked: Asked, loom: &crate::loom::Loom) -> Result<crate::tui::plain::View> {
    use super::preview::requests;
    use super::progress::Line;
    use crate::tui::plain::View;

    let transaction = |changes: &[String]| anyhow::Ok(loom.transaction(&requests(changes)?)?);
    let package = |text: &str| {
        let request = super::show::request(text)?;
        let attribute = request.attribute(&|attribute, source| loom.offers(attribute, source));
        anyhow::Ok((attribute, request.source))
    };
    Ok(match asked {
        Asked::Panes => View::Panes,
        Asked::Installed => View::Installed,
        Asked::Available { query, limit } => View::Available { query, limit },
        Asked::Details(text) => {
            let (attribute, source) = package(&text)?;
            View::Details { attribute, source }
        }
        Asked::Files { package: Some(text), .. } => {
            let (attribute, source) = package(&text)?;
            View::FilesOfPackage { attribute, source }
        }
        Asked::Files { package: None, generation } => View::Files { generation },
        Asked::Which(file) => View::Which(file),
        Asked::Import { file, changes, apart } => {
            if apart {
                // Their lists tell which of its packages they have.
                super::search::load_sources(loom);
            }
            View::Environment { file, changes: transaction(&changes)?, is_apart: apart }
        }
        Asked::Plan { changes, fetch } => {
            let transaction = transaction(&changes)?;
            if fetch {
                loom.fetch_for_preview(&transaction, &Line::new())?;
            }
            View::Plan(transaction)
        }
        Asked::Collisions(changes) => View::Collisions(transaction(&changes)?),
        Asked::Compared { changes, path } => View::Compared { transaction: transaction(&changes)?, path },
        Asked::Explanation(changes) => View::Explanation(transaction(&changes)?),
        Asked::Generations => View::Generations,
        Asked::Sources => View::Sources,
        Asked::Actions => View::Actions,
        // These need no state of the screen and were answered before.
        Asked::Keys | Asked::Difference(..) => View::Keys,
    })
}
