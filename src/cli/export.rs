//! `export`: the profile as an environment file.

use std::io::Write as _;

use anyhow::{Result, anyhow};

use super::args::{Export as Arguments, Format};
use super::complain;
use super::exit::{Exit, UsageError};
use super::output::Output;
use super::progress::Line;
use crate::env_file::{self, WriteError, is_name};
use crate::loom::{Export, ExportFile, Loom, LoomError};
use crate::safe;

pub(super) fn run(loom: &Loom, arguments: Arguments, json: bool, output: &mut Output) -> Result<Exit> {
    let Arguments { elements, name, format, unpinned, out, force } = arguments;
    if !is_name(&name) {
        let message =
            format!("{} cannot be the name of a store path: letters, digits and +-._?= can", safe::text(&name));
        return Err(UsageError(message).into());
    }
    let export = Export { name, elements, is_unpinned: unpinned };
    let format = match format {
        Format::Nix if !json => env_file::Format::Nix,
        _ => env_file::Format::Json,
    };
    let packages = match out {
        Some(out) => {
            let wanted = ExportFile { export, format, out, is_over: force };
            loom.export(&wanted, &Line::new()).map_err(told)?.packages
        }
        None => {
            let file = loom.env_file(&export, &Line::new())?;
            output.write_all(env_file::text(&file, format).as_bytes())?;
            file.packages.len()
        }
    };
    if packages == 0 {
        complain("nothing is installed; the environment is empty");
    }
    Ok(Exit::Done)
}

/// With the way out, if there is one.
fn told(error: LoomError) -> anyhow::Error {
    match error {
        LoomError::EnvFile(WriteError::Exists(_)) => anyhow!("{error}; --force writes over it"),
        other => other.into(),
    }
}
