//! `export`: the profile as an environment file.

use std::fs;
use std::io::Write as _;

use anyhow::{Result, anyhow};

use super::args::{Export as Arguments, Format};
use super::complain;
use super::exit::{Exit, UsageError};
use super::output::Output;
use super::progress::Line;
use crate::env_file::{self, WriteError, is_name};
use crate::loom::{Export, Loom};
use crate::safe;

pub(super) fn run(loom: &Loom, arguments: Arguments, json: bool, output: &mut Output) -> Result<Exit> {
    let Arguments { elements, name, format, unpinned, out, force } = arguments;
    if !is_name(&name) {
        let message =
            format!("{} cannot be the name of a store path: letters, digits and +-._?= can", safe::text(&name));
        return Err(UsageError(message).into());
    }
    if let Some(out) = out.as_deref().filter(|_| !force)
        && fs::symlink_metadata(out).is_ok()
    {
        return Err(told(WriteError::Exists(out.to_owned())));
    }
    let file = loom.env_file(&Export { name, elements, is_unpinned: unpinned }, &Line::new())?;
    if file.packages.is_empty() {
        complain("nothing is installed; the environment is empty");
    }
    let text = match format {
        Format::Nix if !json => env_file::nix(&file),
        _ => format!("{}\n", safe::json_document(&serde_json::to_string_pretty(&env_file::json(&file))?)),
    };
    match out {
        Some(out) => env_file::write(&out, &text, force).map_err(told)?,
        None => output.write_all(text.as_bytes())?,
    }
    Ok(Exit::Done)
}

/// With the way out, if there is one.
fn told(error: WriteError) -> anyhow::Error {
    match error {
        WriteError::Exists(_) => anyhow!("{error}; --force writes over it"),
        other => other.into(),
    }
}
