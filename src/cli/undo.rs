//! `undo`: back to the generation from which the current one was made.

use std::io::Write as _;

use anyhow::Result;

use super::exit::Exit;
use super::json::UndoneDocument;
use super::output::Output;
use super::progress::Line;
use crate::loom::Loom;
use crate::profile::Parent;

pub(super) fn run(loom: &Loom, json: bool, output: &mut Output) -> Result<Exit> {
    let undone = loom.undo(&Line::new())?;
    if json {
        output.json(&UndoneDocument::from(&undone))?;
        return Ok(Exit::Done);
    }
    let why = match undone.parent {
        Parent::Nothing => "without packages, as it was before".to_owned(),
        Parent::Probably(_) => {
            "the newest below; from which it was made is not recorded, probably from that".to_owned()
        }
        _ => format!("from which {} was made", undone.from),
    };
    writeln!(output, "generation {} is current now: {why}", undone.generation)?;
    Ok(Exit::Done)
}
