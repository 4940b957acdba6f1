//! `search`: packages on offer.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::Result;

use super::complain;
use super::exit::Exit;
use super::json::HitDocument;
use super::output::{self, Output};
use super::progress::Line;
use super::text::Table;
use crate::catalogue::Query;
use crate::loom::Loom;
use crate::package::Package;
use crate::profile::Element;
use crate::safe;

pub(super) fn run(loom: &Loom, terms: &[String], limit: usize, json: bool, output: &mut Output) -> Result<Exit> {
    let query = terms.join(" ");
    let installed = loom.snapshot()?.elements;
    load_sources(loom);
    let catalogue = loom.catalogue();
    let result = catalogue.search(&Query::parse(&query).with_installed(installed_names(&installed)), limit);
    let found: Vec<Package> = result.hits.iter().filter_map(|hit| catalogue.get(hit.package)).collect();
    if json {
        let elsewhere = loom.elsewhere();
        let is_installed = |package| of_package(&installed, package).is_some();
        let hits = found.iter().map(|package| HitDocument::new(package, is_installed(package), &elsewhere));
        output.json(&hits.collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if result.total == 0 {
        complain(&if catalogue.is_empty() {
            "no source offers anything; `nix-loom sources` says what could be one".to_owned()
        } else {
            format!("nothing on offer matches {}; fewer or shorter terms find more", safe::text(&query))
        });
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[]);
    if output::is_terminal() {
        table.headings(&["ATTRIBUTE", "VERSION", "SOURCE", "", "DESCRIPTION"]);
    }
    for package in &found {
        table.row([
            safe::text(&package.attribute),
            safe::text(&package.version),
            safe::text(&package.source),
            if of_package(&installed, package).is_some() { "installed" } else { "" }.to_owned(),
            safe::text(&package.description),
        ]);
    }
    table.write(output, 0, output::width())?;
    if result.total > result.hits.len() && output::is_terminal() {
        writeln!(output, "the best {} of {} that match; --limit shows more", result.hits.len(), result.total)?;
    }
    Ok(Exit::Done)
}

/// Reads what the sources offer, to the end; those that fail are told, and are searched as far as they are known.
pub(super) fn load_sources(loom: &Loom) {
    for problem in &loom.source_problems() {
        complain(problem);
    }
    let mut failed = Vec::new();
    {
        let progress = Line::new();
        while loom.has_unloaded_sources() {
            failed.extend(loom.load_sources(&progress));
        }
    }
    for error in failed {
        complain(&error.to_string());
    }
}

/// Attribute and source of what is installed.
fn installed_names(elements: &[Element]) -> Arc<[(String, String)]> {
    elements.iter().map(|element| (element.attribute.clone(), element.source.clone())).collect()
}

/// The element that was installed from `package`.
pub(super) fn of_package<'a>(elements: &'a [Element], package: &Package) -> Option<&'a Element> {
    elements.iter().find(|element| element.attribute == package.attribute && element.source == *package.source)
}
