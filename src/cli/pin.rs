//! `sources pin`: which revision a source is at, and the pin that holds it there.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::Result;

use super::args::Pin;
use super::complain;
use super::exit::Exit;
use super::json::PinMoveDocument;
use super::output::Output;
use super::progress::Line;
use crate::config::{Config, Configured};
use crate::loom::{LoomError, PinMove, find_move};
use crate::nix::Installation;
use crate::package::EvaluationError;
use crate::safe;
use crate::source::Location;

/// All revisions are found first, and then written. Of several sources each that can be pinned is.
pub(super) fn run(mut config: Config, arguments: &Pin, json: bool, output: &mut Output) -> Result<Exit> {
    let sources: Vec<Configured> = match &arguments.name {
        Some(name) => vec![config.source(name)?.clone()],
        None => config.sources().iter().filter(|source| source.enabled && keeps_revisions(source)).cloned().collect(),
    };
    let nix = |name: &str| {
        let nix = Installation::find(&|name| std::env::var_os(name));
        nix.map(Arc::new).ok_or_else(|| LoomError::NoNixForPin { name: name.to_owned() })
    };
    let mut found: Vec<Result<PinMove, EvaluationError>> = Vec::new();
    for source in &sources {
        found.push(find_move(source, arguments.revision.as_deref(), &nix(&source.name)?, &Line::new()));
    }
    if arguments.name.is_some()
        && let Some(Err(error)) = found.iter().find(|found| found.is_err())
    {
        return Err(error.clone().into());
    }
    let mut documents = Vec::new();
    let mut has_failed = false;
    for (source, found) in sources.iter().zip(&found) {
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                has_failed = true;
                complain(&error.to_string());
                documents.push(PinMoveDocument::failed(source, error.message.clone()));
                continue;
            }
        };
        let is_moved = !arguments.dry_run && !found.is_no_move();
        if is_moved {
            config.set_pin(&found.source, Some(&found.to))?;
        }
        if json {
            documents.push(PinMoveDocument::new(found, is_moved));
            continue;
        }
        writeln!(output, "{}", said(found, arguments.dry_run))?;
        for note in &found.notes {
            writeln!(output, "  {note}")?;
        }
    }
    if json {
        output.json(&documents)?;
    } else if sources.is_empty() {
        complain(&format!("no source in {} is on and keeps revisions", safe::path(config.path())));
    }
    Ok(if has_failed { Exit::Failed } else { Exit::Done })
}

/// Lets a source follow its location again; gives what was done.
pub(super) fn unpin(config: &mut Config, name: &str) -> Result<String> {
    let shown = safe::text(name);
    let source = config.source(name)?;
    let follows = safe::text(&source.location);
    let Some(pin) = source.pin.clone() else {
        return Ok(format!("{shown} is not pinned: it follows {follows}"));
    };
    config.set_pin(name, None)?;
    Ok(format!("{shown} follows {follows} again; it was pinned to {}", pin.in_short()))
}

/// Whether it is of a kind that may be pinned; one whose location means nothing now is said to be wrong.
fn keeps_revisions(source: &Configured) -> bool {
    !matches!(source.spec.as_ref().map(|spec| &spec.location), Ok(Location::Listing(_) | Location::Folder(_)))
}

/// From which revision to which.
fn said(found: &PinMove, is_dry: bool) -> String {
    let (name, follows, to) = (safe::text(&found.source), safe::text(&found.follows), found.to.in_short());
    match &found.from {
        Some(_) if found.is_no_move() => format!("{name} is pinned to {to} already, which {follows} has now"),
        Some(from) if is_dry => format!("{name} would move from {} to {to}", from.in_short()),
        Some(from) => format!("{name} is moved from {} to {to}", from.in_short()),
        None if is_dry => format!("{name} would be pinned to {to}; it follows {follows}"),
        None => format!("{name} is pinned to {to}; it followed {follows}"),
    }
}
