//! `rollback`: an earlier generation made current again.

use std::io::Write as _;

use anyhow::Result;

use super::exit::Exit;
use super::json::RollbackDocument;
use super::output::Output;
use crate::loom::Loom;

pub(super) fn run(loom: &Loom, to: Option<u64>, json: bool, output: &mut Output) -> Result<Exit> {
    let generation = loom.rollback(to)?;
    if json {
        output.json(&RollbackDocument { generation })?;
    } else {
        writeln!(output, "generation {generation} is current now")?;
    }
    Ok(Exit::Done)
}
