//! `sources`: the sources in the config file, and changes of it.

use std::io::Write as _;

use anyhow::Result;

use super::args::SourcesCommand;
use super::complain;
use super::exit::Exit;
use super::json::SourceDocument;
use super::output::{self, Output};
use super::pin;
use super::text::Table;
use crate::config::{Config, Configured};
use crate::loom::source_problem;
use crate::nix::Installation;
use crate::safe;
use crate::source::{Found, Pin, Spec, discover};

pub(super) fn run(
    mut config: Config,
    command: Option<SourcesCommand>,
    json: bool,
    output: &mut Output,
) -> Result<Exit> {
    let done = match command {
        None | Some(SourcesCommand::List) => None,
        Some(SourcesCommand::Pin(arguments)) => return pin::run(config, &arguments, json, output),
        Some(command) => Some(change(&mut config, command)?),
    };
    if json {
        let nix = nix();
        let document = |source| SourceDocument::new(source, source_problem(source, nix.as_ref()));
        output.json(&config.sources().iter().map(document).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    match done {
        Some(done) => writeln!(output, "{done}")?,
        None => list(&config, output)?,
    }
    Ok(Exit::Done)
}

/// Changes the file; gives what was done.
fn change(config: &mut Config, command: SourcesCommand) -> Result<String> {
    let (name, done) = match command {
        SourcesCommand::Add { spec, listing, first } => {
            let spec = Spec { listing, ..spec };
            config.add(&spec, first.then_some(0))?;
            (spec.name, "is added")
        }
        SourcesCommand::Remove { name } => {
            config.remove(&name)?;
            return Ok(format!("{} is removed; what is installed from it stays", safe::text(&name)));
        }
        SourcesCommand::Rename { name, to } => {
            config.rename(&name, &to)?;
            (to, "is its name now")
        }
        SourcesCommand::Enable { name } => {
            config.set_enabled(&name, true)?;
            (name, "is on")
        }
        SourcesCommand::Disable { name } => {
            config.set_enabled(&name, false)?;
            (name, "is off")
        }
        SourcesCommand::Unpin { name } => return pin::unpin(config, &name),
        // Both were done already.
        SourcesCommand::List | SourcesCommand::Pin(_) => return Ok(String::new()),
        SourcesCommand::Move { name, position } => {
            config.move_to(&name, position.get() - 1)?;
            (name, "is moved")
        }
    };
    let sources = config.sources();
    let place = sources.iter().position(|source| source.name == name).map_or(0, |at| at + 1);
    Ok(format!("{} {done}: source {place} of {}", safe::text(&name), sources.len()))
}

fn list(config: &Config, output: &mut Output) -> Result<()> {
    if config.sources().is_empty() {
        complain(&format!(
            "no source is configured in {}; `nix-loom sources add NAME=LOCATION` adds one, e.g. nixpkgs=github:NixOS/nixpkgs/nixos-unstable",
            safe::path(config.path())
        ));
        return suggest(output);
    }
    let nix = nix();
    let mut table = Table::new(&[0]);
    if output::is_terminal() {
        table.headings(&["", "NAME", "LOCATION", "PIN", "LISTING", "", "PROBLEM"]);
    }
    for (at, source) in config.sources().iter().enumerate() {
        table.row([
            (at + 1).to_string(),
            safe::text(&source.name),
            safe::text(&source.location),
            source.pin.as_ref().map_or_else(|| "-".to_owned(), Pin::in_short),
            source.listing.as_deref().map_or_else(|| "-".to_owned(), safe::text),
            if source.enabled { "on" } else { "off" }.to_owned(),
            problem(source, nix.as_ref()),
        ]);
    }
    table.write(output, 0, None)?;
    Ok(())
}

/// What on this machine could be a source: the command that makes it one, and what listing it costs.
fn suggest(output: &mut Output) -> Result<()> {
    let Some(nix) = nix() else { return Ok(()) };
    let found = discover(&nix, &|name| std::env::var_os(name));
    if found.is_empty() {
        return Ok(());
    }
    writeln!(output, "found on this machine, the cheapest way of each first:")?;
    for Found { spec, ways } in &found {
        for way in ways {
            let listing = way.listing.as_ref().map_or_else(String::new, |place| format!(" --listing '{place}'"));
            writeln!(output, "  nix-loom sources add {}='{}'{listing}", safe::text(&spec.name), spec.location)?;
            writeln!(output, "    {}", way.cost)?;
        }
    }
    Ok(())
}

/// Why it cannot be read here, as far as that is known without reading it.
fn problem(source: &Configured, nix: Option<&Installation>) -> String {
    source_problem(source, nix).unwrap_or_default()
}

fn nix() -> Option<Installation> {
    Installation::find(&|name| std::env::var_os(name))
}
