//! `completions`: what a shell needs to complete this program's arguments.

use std::io::Write as _;

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::args::Cli;
use super::exit::Exit;
use super::output::Output;

pub(super) fn run(shell: Shell, output: &mut Output) -> Result<Exit> {
    // First into memory: `generate` panics where it cannot write.
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "nix-loom", &mut script);
    output.write_all(&script)?;
    Ok(Exit::Done)
}
