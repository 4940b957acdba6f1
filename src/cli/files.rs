//! `files`: what there is at each path of the profile or of a package's outputs, and who provides it.

use std::path::Path;

use anyhow::Result;

use super::exit::{Exit, UsageError};
use super::json::FileDocument;
use super::output::Output;
use super::preview::requests;
use super::progress::Line;
use super::text::Table;
use crate::loom::{FileTree, FilesOf, Loom, PlainFile};
use crate::profile::ProfileError;
use crate::progress::Silent;
use crate::safe;

pub(super) fn run(
    loom: &Loom,
    package: Option<&str>,
    generation: Option<u64>,
    with: &[String],
    built: Option<&Path>,
    json: bool,
    output: &mut Output,
) -> Result<Exit> {
    let (name, outputs) = match package.map(|text| text.split_once('^').unwrap_or((text, "*"))) {
        Some((name, outputs)) => (Some(name), outputs.split(',').filter(|output| *output != "*").collect()),
        None => (None, Vec::new()),
    };
    let of = match (name, generation) {
        (Some(name), _) => of_package(loom, name)?,
        (None, None) if let Some(built) = built => FilesOf::Built(loom.built_at(built)?),
        (None, Some(number)) => FilesOf::Generation(number),
        (None, None) if with.is_empty() => FilesOf::Profile,
        (None, None) => FilesOf::Plan(loom.transaction(&requests(with)?)?),
    };
    let tree = {
        let progress = Line::new();
        loom.files(&of, &progress)?
    };
    let missing = outputs.iter().find(|output| tree.find(output.as_bytes()).is_none());
    if let (Some(missing), Some(name)) = (missing, name) {
        let sentence = format!("{} has no output {} here", safe::text(name), safe::text(missing));
        return Err(UsageError(sentence).into());
    }
    let files = files(&tree, &outputs);
    if json {
        output.json(&files.map(FileDocument::from).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[2]);
    for file in files {
        table.row(file.cells());
    }
    table.write(output, 0, None)?;
    Ok(Exit::Done)
}

/// The files in these outputs; in all, if none is named.
fn files<'a>(tree: &'a FileTree, outputs: &'a [&str]) -> impl Iterator<Item = PlainFile<'a>> {
    tree.plain().filter(move |file| {
        let top = file.path.split(|&byte| byte == b'/').next().unwrap_or_default();
        outputs.is_empty() || outputs.iter().any(|output| output.as_bytes() == top)
    })
}

/// An installed package of that name, or the attribute.
fn of_package(loom: &Loom, name: &str) -> Result<FilesOf> {
    let element = loom.snapshot()?.elements.into_iter().find(|element| element.name == name);
    let package = match &element {
        Some(element) if element.attribute.is_empty() => None,
        // What is installed can be told without its source.
        Some(element) => loom.package(&element.attribute, Some(&element.source), &Silent).unwrap_or_default(),
        None => loom.package(name, None, &Silent)?,
    };
    if element.is_none() && package.is_none() {
        return Err(ProfileError::UnknownAttribute { attribute: name.to_owned(), from: None }.into());
    }
    Ok(FilesOf::Package { element: element.map(Box::new), package: package.map(Box::new) })
}
