//! No command: the screen, where there is a terminal for it.

use std::io::IsTerminal as _;

use anyhow::Result;

use super::exit::{Exit, UsageError};
use crate::loom::Options;

const NO_TERMINAL: &str = "the screen needs a terminal, and this is none; the commands need none: \
    `nix-loom list`, `search`, `show`, `preview`, `apply` and more: see `nix-loom --help`";

pub(super) fn run(options: &Options, no_mouse: bool) -> Result<Exit> {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !is_terminal {
        return Err(UsageError(NO_TERMINAL.to_owned()).into());
    }
    open(options, no_mouse)
}

#[cfg(feature = "tui")]
fn open(options: &Options, no_mouse: bool) -> Result<Exit> {
    Ok(match crate::tui::run(crate::tui::Options { loom: options.clone(), no_mouse })? {
        0 => Exit::Done,
        code => Exit::Signal(code),
    })
}

#[cfg(not(feature = "tui"))]
fn open(_: &Options, _: bool) -> Result<Exit> {
    Err(UsageError("this build has no screen; see `nix-loom --help` for the commands".to_owned()).into())
}
