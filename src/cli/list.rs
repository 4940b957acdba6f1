//! `list`: what is installed.

use std::io::Write as _;

use anyhow::Result;

use super::complain;
use super::exit::Exit;
use super::json::ElementDocument;
use super::output::{self, Output};
use super::text::{Table, count, names};
use crate::catalogue::Catalogue;
use crate::loom::Loom;
use crate::profile::Element;
use crate::safe;
use crate::version::is_newer;

pub(super) fn run(loom: &Loom, json: bool, output: &mut Output) -> Result<Exit> {
    let snapshot = loom.snapshot()?;
    let catalogue = loom.catalogue();
    if json {
        let elsewhere = loom.elsewhere();
        let document = |element| ElementDocument::new(element, &elsewhere, newer(&catalogue, element));
        let elements = snapshot.elements.iter().map(document);
        output.json(&elements.collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if snapshot.elements.is_empty() {
        complain(
            "nothing is installed yet; `nix-loom search TERMS` finds packages, `nix-loom apply ATTR` installs one",
        );
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[3]);
    if output::is_terminal() {
        table.headings(&["NAME", "VERSION", "OUTPUTS", "PRIORITY", "SOURCE", "ATTRIBUTE"]);
    }
    for element in &snapshot.elements {
        table.row([
            safe::text(&element.name),
            safe::text(&element.version),
            names(element.outputs.iter().map(|output| output.name.as_str())),
            element.priority.to_string(),
            safe::text(&element.source),
            safe::text(&element.attribute),
            if element.active { "" } else { "inactive" }.to_owned(),
            newer(&catalogue, element).map_or_else(String::new, |version| format!("↑ {}", safe::text(&version))),
        ]);
    }
    table.write(output, 0, None)?;
    if let Some(generation) = snapshot.generation.filter(|_| output::is_terminal()) {
        writeln!(output, "{}, generation {generation}", count(snapshot.elements.len(), "package", "packages"))?;
    }
    Ok(Exit::Done)
}

/// The version that its source offers, if it is newer; of sources that are not read yet nothing is known.
fn newer(catalogue: &Catalogue, element: &Element) -> Option<String> {
    if element.attribute.is_empty() {
        return None;
    }
    let offered = catalogue.get(catalogue.find(&element.attribute, &element.source)?)?.version;
    is_newer(&offered, &element.version).then_some(offered)
}
