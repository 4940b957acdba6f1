//! No command: the screen, where there is a terminal for it.

use std::io::IsTerminal as _;

use anyhow::Result;

use super::args::Global;
use super::exit::{Exit, UsageError};

const NO_TERMINAL: &str = "the screen needs a terminal, and this is none; the commands need none: \
    `nix-loom list`, `search`, `show`, `preview`, `apply` and more: see `nix-loom --help`";

pub(super) fn run(global: &Global) -> Result<Exit> {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !is_terminal {
        return Err(UsageError(NO_TERMINAL.to_owned()).into());
    }
    open(global)
}

#[cfg(feature = "tui")]
fn open(global: &Global) -> Result<Exit> {
    use super::args::PanicIn;
    use crate::tui;

    let panic_in = global.panic_in.map(|place| match place {
        PanicIn::Drawing => tui::PanicIn::Drawing,
        PanicIn::Work => tui::PanicIn::Work,
    });
    let options = tui::Options { loom: global.options(), flags: global.look.flags()?, panic_in };
    Ok(match tui::run(options)? {
        0 => Exit::Done,
        code => Exit::Signal(code),
    })
}

#[cfg(not(feature = "tui"))]
fn open(_: &Global) -> Result<Exit> {
    Err(UsageError("this build has no screen; see `nix-loom --help` for the commands".to_owned()).into())
}
