//! `generations`: the numbered environments of the profile.

use std::cell::RefCell;
use std::collections::HashMap;

use anyhow::Result;

use super::exit::Exit;
use super::json::GenerationDocument;
use super::output::{Output, is_terminal};
use super::text::{Table, count, local_time, size};
use super::{complain, output};
use crate::loom::{Changed, GenerationFacts, GenerationSummary, Loom};
use crate::profile::{Generation, Parent};
use crate::progress::Silent;
use crate::safe;

/// Most names of packages that one row shows; `diff` gives all.
const MAX_NAMES: usize = 4;

pub(super) fn run(loom: &Loom, json: bool, output: &mut Output) -> Result<Exit> {
    let generations = loom.generations()?;
    let summaries = RefCell::new(HashMap::new());
    // What is told last of a generation is all of it.
    loom.summarise(&|summary| drop(summaries.borrow_mut().insert(summary.number, summary)), &Silent)?;
    let summaries = summaries.into_inner();
    if json {
        let document = |it: &Generation| GenerationDocument::new(it, summaries.get(&it.number));
        output.json(&generations.iter().map(document).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if generations.is_empty() {
        complain("there is no generation yet: the first `nix-loom apply` makes one");
    }
    let mut table = Table::new(&[0, 5]);
    if is_terminal() && !generations.is_empty() {
        table.headings(&["NUMBER", "CREATED", "", "FROM", "PACKAGES", "SIZE", "CHANGED", "ENVIRONMENT"]);
    }
    for generation in &generations {
        table.row(row(generation, summaries.get(&generation.number)));
    }
    table.write(output, 0, output::width())?;
    Ok(Exit::Done)
}

fn row(generation: &Generation, summary: Option<&GenerationSummary>) -> [String; 8] {
    let facts = summary.map(|summary| summary.facts.as_ref());
    let [packages, size, changed] = match facts {
        Some(Ok(facts)) => described(facts),
        Some(Err(_)) => ["cannot be read".to_owned(), String::new(), String::new()],
        None => [const { String::new() }; 3],
    };
    [
        generation.number.to_string(),
        local_time(generation.created),
        if generation.current { "current" } else { "" }.to_owned(),
        summary.map(|summary| from(summary.parent)).unwrap_or_default(),
        packages,
        size,
        changed,
        safe::path(&generation.path),
    ]
}

/// From which generation it was made: `from 2`.
fn from(parent: Parent) -> String {
    match parent {
        Parent::Nothing => "the first".to_owned(),
        Parent::Known(number) => format!("from {number}"),
        Parent::Deleted(number) => format!("from {number}, deleted"),
        Parent::Probably(number) => format!("probably from {number}"),
        Parent::Unknown => String::new(),
    }
}

fn described(facts: &GenerationFacts) -> [String; 3] {
    let bytes = facts.size.map(|bytes| format!("{}{}", if bytes.is_least { "over " } else { "" }, size(bytes.bytes)));
    [
        count(facts.packages, "package", "packages"),
        bytes.unwrap_or_default(),
        facts.changed.as_ref().map(names).unwrap_or_default(),
    ]
}

/// `+nodejs_24 -nodejs_18`, the first few of all.
fn names(changed: &Changed<String>) -> String {
    let marked = |mark: char, names: &[String]| -> Vec<String> {
        names.iter().map(|name| format!("{mark}{}", safe::text(name))).collect()
    };
    let all = [marked('+', &changed.added), marked('-', &changed.removed), marked('~', &changed.changed)].concat();
    let shown = all.iter().take(MAX_NAMES).cloned().collect::<Vec<_>>().join(" ");
    match all.len() {
        0 => "as before".to_owned(),
        more if more > MAX_NAMES => format!("{shown} and {} more", more - MAX_NAMES),
        _ => shown,
    }
}
