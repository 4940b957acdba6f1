//! `explain`: changes in the words of Nix' own programs.

use std::io::Write as _;

use anyhow::Result;
use serde_json::json;

use super::complain;
use super::exit::Exit;
use super::output::Output;
use super::preview::requests;
use super::progress::Line;
use crate::loom::{ExplainedLine, Loom};

pub(super) fn run(loom: &Loom, changes: &[String], json: bool, output: &mut Output) -> Result<Exit> {
    let transaction = loom.transaction(&requests(changes)?)?;
    if transaction.is_empty() {
        complain("nothing to do: all of this is so already");
    }
    let lines = if transaction.is_empty() { Vec::new() } else { loom.explain(&transaction, &Line::new())? };
    if json {
        let document = |line: &ExplainedLine| match line {
            ExplainedLine::Command(command) => json!({ "command": command }),
            ExplainedLine::Comment(comment) => json!({ "comment": comment }),
        };
        output.json(&lines.iter().map(document).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    for line in &lines {
        writeln!(output, "{line}")?;
    }
    Ok(Exit::Done)
}
