//! `diff`: what differs between two generations.

use std::io::Write as _;

use anyhow::Result;

use super::exit::Exit;
use super::json::DiffDocument;
use super::output::Output;
use super::preview::{described, numbers, print_changed, print_commands};
use crate::loom::Loom;
use crate::safe;

pub(super) fn run(loom: &Loom, from: u64, to: u64, json: bool, output: &mut Output) -> Result<Exit> {
    let diff = loom.diff(Some(from), to)?;
    if json {
        output.json(&DiffDocument::new(from, to, &diff))?;
        return Ok(Exit::Done);
    }
    for element in &diff.packages_removed {
        writeln!(output, "- {}", described(element))?;
    }
    for element in &diff.packages_added {
        writeln!(output, "+ {}", described(element))?;
    }
    for (before, after) in &diff.packages_changed {
        print_changed(before, after, output)?;
    }
    print_commands(&diff.commands, output)?;
    for (mark, paths) in [('-', &diff.files.removed), ('+', &diff.files.added), ('~', &diff.files.changed)] {
        for path in paths {
            writeln!(output, "  {mark} {}", safe::bytes(path))?;
        }
    }
    writeln!(output, "from generation {from} to {to}: {}", numbers("files", &diff.files))?;
    Ok(Exit::Done)
}
