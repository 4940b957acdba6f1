//! `apply`: changes made real, as one generation.

use std::io::Write as _;

use anyhow::Result;

use super::exit::Exit;
use super::json::{AppliedDocument, PreviewDocument};
use super::output::Output;
use super::plain::{logged, print_plan};
use super::preview::requests;
use super::progress::Line;
use super::{collisions, complain};
use crate::loom::{Loom, LoomError};

pub(super) fn run(loom: &Loom, changes: &[String], json: bool, is_plain: bool, output: &mut Output) -> Result<Exit> {
    let before = loom.snapshot()?;
    let transaction = loom.transaction(&requests(changes)?)?;
    if transaction.is_empty() {
        complain("nothing to do: all of this is so already");
        if json {
            let preview = PreviewDocument::new(&loom.preview(&transaction, &Line::new())?, &before.elements);
            output.json(&AppliedDocument { generation: before.generation, unchanged: true, preview })?;
        }
        return Ok(Exit::Done);
    }
    let (applied, log) = logged(is_plain && !json, |progress| loom.apply(&transaction, progress));
    let exit = match applied {
        Ok(applied) if json => {
            output.json(&AppliedDocument {
                generation: Some(applied.generation),
                unchanged: applied.unchanged,
                preview: PreviewDocument::new(&applied.preview, &before.elements),
            })?;
            Ok(Exit::Done)
        }
        Ok(applied) => {
            if applied.rebased || applied.before != before.generation {
                complain("another program changed the profile meanwhile; the changes were made on top of that");
            }
            applied.warnings.iter().for_each(|warning| complain(warning));
            print_plan(is_plain, &applied.preview, &transaction, &before.elements, output)?;
            let summary = collisions::summary(&applied.preview.plan);
            if applied.unchanged {
                writeln!(output, "nothing changes: generation {} is this already", applied.generation)?;
            } else {
                writeln!(output, "generation {} is current now; {summary}", applied.generation)?;
            }
            Ok(Exit::Done)
        }
        Err(LoomError::Collisions { preview: refused, .. } | LoomError::Impossible { preview: refused }) => {
            if json {
                output.json(&PreviewDocument::new(&refused, &before.elements))?;
            } else {
                print_plan(is_plain, &refused, &transaction, &before.elements, output)?;
                writeln!(output, "refused, and nothing was changed: {}", collisions::summary(&refused.plan))?;
            }
            Ok(refused.verdict().into())
        }
        Err(error) => Err(error.into()),
    };
    output.write_all(log.as_bytes())?;
    exit
}
