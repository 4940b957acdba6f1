//! The views of the screen as plain lines: for a screen reader, for a pipe, for whoever wants no screen.
//!
//! They are made from the very state that the screen is drawn from, so neither can tell what the other does not know. One
//! fact is one line, `label: value`; a heading is a line after a blank one; nothing is told by a colour, a sign or a place.
//!
//! | module | what it is |
//! |---|---|
//! | [`lines`], `say` | lines that are safe for a terminal; words for what the screen has signs for |
//! | `show` | brings the state there: does what the screen would, one thing after the other |
//! | `journal` | has the log of work that a command does by itself |
//! | the others | a view each |

mod actions;
mod available;
mod collisions;
mod details;
mod environment;
mod files;
mod generations;
mod installed;
mod journal;
mod keys;
pub mod lines;
mod log;
mod panes;
mod plan;
mod say;
mod show;
mod sources;
mod which;

use super::app::{App, Settings};
use super::bindings::Bindings;
use super::report::Report;
use crate::loom::{GenerationDiff, Preview};
use crate::profile::Transaction;
use lines::Lines;

pub use journal::Journal;
pub use show::{PlainError, Shown, View, show};

/// A view, of whatever the state is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Panes,
    Installed,
    /// At most so many rows.
    Available(Option<usize>),
    /// Of the selected package.
    Details,
    Plan,
    Collisions,
    /// The plan in the words of Nix.
    Explanation,
    Generations,
    Sources,
    Files,
    /// Who provides a command or a file.
    Which,
    /// What an environment file holds.
    Environment,
    /// The works that run, and what has happened.
    Log,
    /// What the command palette lists.
    Actions,
    Keys,
}

/// The lines of a view.
pub fn text(app: &App, page: Page) -> String {
    let mut lines = Lines::default();
    match page {
        Page::Panes => panes::write(app, &mut lines),
        Page::Installed => installed::write(app, &mut lines),
        Page::Available(limit) => available::write(app, limit, &mut lines),
        Page::Details => details::write(app, &mut lines),
        Page::Plan => plan::write(app, &mut lines),
        Page::Collisions => collisions::write(app, &mut lines),
        Page::Explanation => explanation(app, &mut lines),
        Page::Generations => generations::write(app, &mut lines),
        Page::Sources => sources::write(app, &mut lines),
        Page::Files => files::write(app, &mut lines),
        Page::Which => which::write(app, &mut lines),
        Page::Environment => environment::write(app, &mut lines),
        Page::Log => log::write(app, &mut lines),
        Page::Actions => actions::write(app, &mut lines),
        Page::Keys => keys::write(&app.settings.look.bindings, &mut lines),
    }
    lines.text()
}

/// The keys, for which nothing has to be opened.
pub fn keys(bindings: &Bindings) -> String {
    let mut lines = Lines::default();
    keys::write(bindings, &mut lines);
    lines.text()
}

/// The plan of changes that are being applied, as its preview tells of it.
pub fn plan(preview: Preview, transaction: Transaction, settings: Settings) -> String {
    let mut app = App::new(settings, show::SIZE);
    app.staged.edit(|staged| *staged = transaction);
    app.outlook.report = Some(Box::new(Report::new(preview)));
    text(&app, Page::Plan)
}

/// What differs between two generations, in full.
pub fn difference(from: u64, to: u64, diff: &GenerationDiff) -> String {
    let mut lines = Lines::default();
    lines.heading(&format!("From generation {from} to {to}"));
    generations::difference("packages", diff, &mut lines);
    plan::differences("Commands", &diff.commands, &mut lines);
    plan::differences("Files", &diff.files, &mut lines);
    lines.text()
}

/// The commands as they are: they are there to be copied.
fn explanation(app: &App, lines: &mut Lines) {
    match &app.explanation.lines {
        None => lines.say("Nothing is staged that Nix could be asked for."),
        Some(Err(error)) => lines.say(error),
        Some(Ok(commands)) if commands.is_empty() => lines.say("There is nothing to do."),
        Some(Ok(commands)) => {
            for command in commands {
                lines.say(&command.to_string());
            }
        }
    }
}
