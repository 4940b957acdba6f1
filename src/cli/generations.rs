//! `generations`: the numbered environments of the profile.

use anyhow::Result;

use super::complain;
use super::exit::Exit;
use super::json::GenerationDocument;
use super::output::Output;
use super::text::{Table, local_time};
use crate::loom::Loom;
use crate::safe;

pub(super) fn run(loom: &Loom, json: bool, output: &mut Output) -> Result<Exit> {
    let generations = loom.generations()?;
    if json {
        output.json(&generations.iter().map(GenerationDocument::from).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if generations.is_empty() {
        complain("there is no generation yet: the first `nix-loom apply` makes one");
    }
    let mut table = Table::new(&[0]);
    for generation in &generations {
        table.row([
            generation.number.to_string(),
            local_time(generation.created),
            if generation.current { "current" } else { "" }.to_owned(),
            safe::path(&generation.path),
        ]);
    }
    table.write(output, 0, None)?;
    Ok(Exit::Done)
}
