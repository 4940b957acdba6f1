//! The commands for scripts: arguments in, lines or one JSON document out. No logic of their own: each is a call of
//! [`crate::loom`] (or, for `build`, of [`crate::engine`]) and the printing of what comes back.

mod apply;
mod args;
mod build;
mod collisions;
mod compare;
mod completions;
mod convert;
mod delete_generations;
mod diff;
mod doctor;
mod exit;
mod explain;
mod export;
mod files;
mod generations;
mod import;
mod interrupt;
mod json;
mod list;
mod manual;
mod output;
mod pin;
mod plain;
mod preview;
mod progress;
mod removals;
mod rollback;
mod screen;
mod search;
mod show;
mod sources;
mod spec;
mod status;
mod structured_attrs;
mod suggestions;
mod text;
mod undo;
mod upgrade;
mod which;

use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use self::args::{Cli, Command, Global};
use self::exit::{Exit, UsageError};
use self::output::Output;
use crate::config::Config;
use crate::loom::Loom;
use crate::safe;

/// Runs the program: its arguments in, its exit code out.
pub fn main() -> ExitCode {
    let arguments = removals::spell_out(std::env::args_os());
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // The message repeats arguments, which may steer a terminal. Made safe, they are wrong in the same way.
            let safe = Cli::try_parse_from(arguments.iter().map(|argument| safe::bytes(argument.as_bytes())));
            let error = safe.err().unwrap_or(error);
            // A closed pipe is no reason to fail: help was asked for and given.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    // The screen has its own way to end.
    if cli.command.is_some() || cli.global.plain {
        interrupt::end_children_with_us();
    }
    let mut output = Output::new();
    let done = run(cli, &mut output);
    crate::source::end_evaluations();
    let done = done.and_then(|exit| match output.flush() {
        // The terminal of a screen that a signal ended may be gone.
        Err(_) if matches!(exit, Exit::Signal(_)) => Ok(exit),
        flushed => Ok(flushed.map(|()| exit)?),
    });
    done.unwrap_or_else(|error| {
        let _ = output.flush();
        complain(&told(&error));
        Exit::of(&error)
    })
    .into()
}

fn run(cli: Cli, output: &mut Output) -> Result<Exit> {
    let Cli { global, command } = cli;
    if global.plain && global.json {
        return Err(UsageError("plain lines or JSON, not both".to_owned()).into());
    }
    // Of the views that are lines only, this one has a document beside it.
    let is_document = global.json && !global.plain && matches!(command, Some(Command::Files { .. }));
    if let Some(view) = plain::asked(command.as_ref(), global.plain).filter(|_| !is_document) {
        return plain::run(view, &global, output);
    }
    let Some(command) = command else { return screen::run(&global) };
    let json = global.json;
    match command {
        Command::Build(arguments) => build::run(&arguments, &global, output),
        Command::Completions { shell } => completions::run(shell, output),
        Command::Doctor => doctor::run(&global.options(), json, output),
        Command::Man => manual::run(output),
        // Views were shown above.
        Command::Available { .. } | Command::Collisions { .. } | Command::Actions | Command::Keys => Ok(Exit::Done),
        Command::List => list::run(&open(&global)?, json, output),
        Command::Search { terms, limit } => search::run(&open(&global)?, &terms, limit, json, output),
        Command::Show { attribute } => show::run(&open(&global)?, &attribute, json, output),
        Command::Preview { changes, fetch } => preview::run(&open(&global)?, &changes, fetch, json, output),
        Command::Apply { changes } => apply::run(&open(&global)?, &changes, json, global.plain, output),
        Command::Compare { changes, path } => compare::run(&open(&global)?, &changes, path.as_deref(), json, output),
        Command::Explain { changes } => explain::run(&open(&global)?, &changes, json, output),
        Command::Export(arguments) => export::run(&open(&global)?, arguments, json, output),
        Command::Import(arguments) => import::run(&open(&global)?, &arguments, json, output),
        Command::Generations => generations::run(&open(&global)?, json, output),
        Command::Convert { to } => convert::run(&open(&global)?, to, json, output),
        Command::DeleteGenerations { which, dry_run } => {
            delete_generations::run(&open(&global)?, &which, dry_run, json, output)
        }
        Command::Diff { from, to } => diff::run(&open(&global)?, from, to, json, output),
        Command::Rollback { to } => rollback::run(&open(&global)?, to, json, output),
        Command::Sources { command } => sources::run(Config::load(&global.config()?)?, command, json, output),
        Command::Status(arguments) => status::run(&open(&global)?, &arguments, json, output),
        Command::Upgrade(arguments) => upgrade::run(&open(&global)?, &arguments, json, output),
        Command::Undo => undo::run(&open(&global)?, json, output),
        Command::Files { package, generation, with, built } => {
            let built = built.as_deref();
            files::run(&open(&global)?, package.as_deref(), generation, &with, built, json, output)
        }
        Command::Which { file, like } => which::run(&open(&global)?, &file, like, json, output),
    }
}

fn open(global: &Global) -> Result<Loom> {
    Ok(Loom::open(&global.options())?)
}

/// An error with its causes, each told once: many messages name their cause themselves.
fn told(error: &anyhow::Error) -> String {
    error.chain().skip(1).map(ToString::to_string).fold(error.to_string(), |message, cause| {
        if message.contains(&cause) { message } else { format!("{message}: {cause}") }
    })
}

/// A line on standard error; if even that is closed, there is nobody to tell.
fn complain(message: &str) {
    let mut lines = message.lines();
    let _ = writeln!(std::io::stderr(), "nix-loom: {}", safe::text(lines.next().unwrap_or_default()));
    for line in lines {
        let _ = writeln!(std::io::stderr(), "  {}", safe::text(line));
    }
}
