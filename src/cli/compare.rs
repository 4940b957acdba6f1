//! `compare`: the files that collide, beside each other.

use std::io::{self, Write};

use anyhow::Result;

use super::exit::{Exit, UsageError};
use super::json::ComparedDocument;
use super::output::Output;
use super::preview::requests;
use super::progress::Line;
use super::text::{Table, size};
use super::{complain, suggestions};
use crate::engine::{Collision, Contender};
use crate::loom::{DiffChange, DiffLine, FileComparison, FileContents, FileFacts, FileKind, Loom};
use crate::safe;

/// Most collisions that are compared without a path.
const MAX_COLLISIONS: usize = 50;

/// Prints the contenders of the collision at `path`, or of all that block.
pub(super) fn run(
    loom: &Loom,
    changes: &[String],
    path: Option<&str>,
    json: bool,
    output: &mut Output,
) -> Result<Exit> {
    let installed = loom.snapshot()?.elements;
    let transaction = loom.transaction(&requests(changes)?)?;
    let preview = loom.preview(&transaction, &Line::new())?;
    let wanted = path.map(|path| path.trim_matches('/').as_bytes());
    let is_meant = |collision: &&Collision| wanted.map_or(collision.blocks, |path| *collision.path == *path);
    let all: Vec<_> = preview.plan.collisions.iter().filter(is_meant).collect();
    if let (Some(path), true) = (path, all.is_empty()) {
        return Err(UsageError(format!("{path}: nothing collides there; `nix-loom preview` tells where")).into());
    }
    let shown = &all[..all.len().min(MAX_COLLISIONS)];
    if json {
        let documents: Vec<_> =
            shown.iter().map(|collision| ComparedDocument::new(collision, &comparisons(loom, collision))).collect();
        output.json(&documents)?;
    } else {
        for collision in shown {
            print(collision, &comparisons(loom, collision), output)?;
        }
        suggestions::print(&preview.suggestions, &preview.elements, &installed, output)?;
    }
    if all.is_empty() {
        complain("no collision blocks; --path compares one that does not");
    }
    if shown.len() < all.len() {
        complain(&format!("{MAX_COLLISIONS} of {} collisions are shown; --path shows any other", all.len()));
    }
    Ok(preview.verdict().into())
}

/// The first contender beside each of the others.
fn comparisons(loom: &Loom, collision: &Collision) -> Vec<FileComparison> {
    let Some((first, others)) = collision.contenders.split_first() else { return Vec::new() };
    others.iter().map(|other| loom.compare_files(&first.source, &other.source, &|| true)).collect()
}

fn print(collision: &Collision, comparisons: &[FileComparison], to: &mut dyn Write) -> io::Result<()> {
    let blocks = if collision.blocks { "blocks" } else { "does not block" };
    writeln!(to, "{}  {}, {blocks}", safe::bytes(&collision.path), collision.kind.name())?;
    let first = comparisons.first().map(|comparison| &comparison.sides[0]);
    let sides = first.into_iter().chain(comparisons.iter().map(|comparison| &comparison.sides[1]));
    let mut table = Table::new(&[3]);
    for (at, (contender, facts)) in collision.contenders.iter().zip(sides).enumerate() {
        table.row(row(contender, facts, collision.winner == Some(at)));
    }
    table.write(to, 2, None)?;
    writeln!(to, "  {}", safe::text(&collision.reason()))?;
    for (comparison, other) in comparisons.iter().zip(collision.contenders.iter().skip(1)) {
        print_contents(&collision.contenders[0], other, &comparison.contents, to)?;
    }
    writeln!(to)
}

fn row(contender: &Contender, facts: &FileFacts, wins: bool) -> [String; 7] {
    let output =
        if &*contender.output == "out" { String::new() } else { format!(".{}", safe::text(&contender.output)) };
    let leads = |target: &[u8]| format!(" -> {}", safe::bytes(target));
    [
        format!("{}{output}", safe::text(&contender.package)),
        format!("priority {}", contender.priority),
        kind_name(facts.kind).to_owned(),
        facts.size.map(size).unwrap_or_default(),
        facts.mode.map(|mode| format!("{mode:o}")).unwrap_or_default(),
        if wins { "wins" } else { "" }.to_owned(),
        format!("{}{}", safe::bytes(&facts.path), facts.target.as_deref().map(leads).unwrap_or_default()),
    ]
}

pub(super) fn kind_name(kind: Option<FileKind>) -> &'static str {
    match kind {
        None => "unknown",
        Some(FileKind::File) => "file",
        Some(FileKind::Directory) => "directory",
        Some(FileKind::Symlink) => "link",
        Some(FileKind::Other) => "special",
    }
}

fn print_contents(left: &Contender, right: &Contender, contents: &FileContents, to: &mut dyn Write) -> io::Result<()> {
    let names = [left, right].map(|contender| safe::text(&contender.package));
    let said = match contents {
        FileContents::SameFile => "one real file".to_owned(),
        FileContents::SameBytes => "the same bytes".to_owned(),
        FileContents::Bytes { first: Some(first), types } => {
            format!("{} and {}; the first byte that differs is number {}", types[0], types[1], first.saturating_add(1))
        }
        FileContents::Bytes { first: None, types } => {
            format!("{} and {}; one is the beginning of the other", types[0], types[1])
        }
        FileContents::Incomparable(why) | FileContents::Unknown(why) => safe::text(why),
        FileContents::Text { .. } => "their lines differ".to_owned(),
    };
    writeln!(to, "  {} and {}: {said}", names[0], names[1])?;
    if let FileContents::Text { lines, is_cut } = contents {
        for line in lines {
            writeln!(to, "    {}", difference(line))?;
        }
        if *is_cut {
            writeln!(to, "    and more lines")?;
        }
    }
    Ok(())
}

fn difference(line: &DiffLine) -> String {
    let mark = match line.change {
        DiffChange::Gap => return "…".to_owned(),
        DiffChange::Same => ' ',
        DiffChange::Removed => '-',
        DiffChange::Added => '+',
    };
    let end = if line.is_unended { "  (no line end)" } else { "" };
    format!("{mark} {}{end}", safe::bytes(&line.text)).trim_end().to_owned()
}
