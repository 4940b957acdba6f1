//! `delete-generations`: what nobody wants to go back to.

use std::io::Write as _;

use anyhow::Result;

use super::exit::{Exit, UsageError};
use super::json::DeletedDocument;
use super::output::Output;
use crate::loom::Loom;
use crate::profile::Deletion;

pub(super) fn run(loom: &Loom, which: &[String], json: bool, output: &mut Output) -> Result<Exit> {
    let deletions: Result<Vec<Deletion>, _> = which.iter().map(|text| text.parse()).collect();
    let deletions = deletions.map_err(|error: crate::profile::ProfileError| UsageError(error.to_string()))?;
    let deleted = loom.delete_generations(&deletions)?;
    if json {
        output.json(&DeletedDocument { deleted })?;
    } else if deleted.is_empty() {
        writeln!(output, "nothing to delete: no generation is meant but the current one")?;
    } else {
        let numbers: Vec<_> = deleted.iter().map(ToString::to_string).collect();
        writeln!(output, "deleted: generation {}", numbers.join(", "))?;
    }
    Ok(Exit::Done)
}
