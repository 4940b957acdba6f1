//! `delete-generations`: what nobody wants to go back to.

use std::io::{self, Write};

use anyhow::Result;

use super::exit::{Exit, UsageError};
use super::json::{DeletedDocument, DeletionDocument};
use super::output::Output;
use super::text::{Table, count, local_time, size};
use crate::loom::{DeletionPreview, Loom};
use crate::profile::Deletion;
use crate::safe;

pub(super) fn run(loom: &Loom, which: &[String], dry_run: bool, json: bool, output: &mut Output) -> Result<Exit> {
    let deletions: Result<Vec<Deletion>, _> = which.iter().map(|text| text.parse()).collect();
    let deletions = deletions.map_err(|error: crate::profile::ProfileError| UsageError(error.to_string()))?;
    if dry_run {
        let preview = loom.weigh_deletion(&deletions)?;
        if json {
            output.json(&DeletionDocument::from(&preview))?;
        } else {
            print(&preview, output)?;
        }
        return Ok(Exit::Done);
    }
    let deleted = loom.delete_generations(&deletions)?;
    if json {
        output.json(&DeletedDocument { deleted })?;
    } else if deleted.is_empty() {
        writeln!(output, "{NOTHING}")?;
    } else {
        writeln!(output, "deleted: generation {}", numbers(deleted))?;
    }
    Ok(Exit::Done)
}

const NOTHING: &str = "nothing to delete: no generation is meant but the current one";

fn print(preview: &DeletionPreview, to: &mut dyn Write) -> io::Result<()> {
    if preview.generations.is_empty() {
        return writeln!(to, "{NOTHING}");
    }
    let mut table = Table::new(&[1]);
    for generation in &preview.generations {
        let cells = [local_time(generation.created), safe::path(&generation.path)];
        table.row(["would delete".to_owned(), generation.number.to_string()].into_iter().chain(cells));
    }
    table.write(to, 0, None)?;
    if !preview.ancestors.is_empty() {
        writeln!(to, "the current one descends from {}", numbers(preview.ancestors.iter().copied()))?;
    }
    let freed = match preview.only_theirs {
        None => "what only they have is not known: a generation cannot be read".to_owned(),
        Some((0, _)) => "nothing is freed: others have all that they have".to_owned(),
        Some((paths, bytes)) => {
            let paths = count(paths, "path", "paths");
            let least = if bytes.is_least { "at least " } else { "" };
            let bytes = size(bytes.bytes);
            if preview.is_collected {
                format!("at most {least}{bytes} in {paths} would be freed by the next `nix-store --gc`")
            } else {
                format!("{least}{bytes} in {paths} only they have; the program's own store frees nothing yet")
            }
        }
    };
    writeln!(to, "{freed}")
}

fn numbers(numbers: impl IntoIterator<Item = u64>) -> String {
    numbers.into_iter().map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}
