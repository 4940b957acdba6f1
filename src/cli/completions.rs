//! `completions`: what a shell needs to complete this program's arguments.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::args::Cli;
use super::exit::Exit;
use super::output::Output;

pub(super) fn run(shell: Shell, output: &mut Output) -> Exit {
    generate(shell, &mut Cli::command(), "nix-loom", output);
    Exit::Done
}
