//! `show`: one package on offer, with its outputs.

use std::io::Write as _;

use anyhow::Result;

use super::exit::{Exit, UsageError};
use super::json::{PackageDocument, presence};
use super::output::Output;
use super::progress::Line;
use super::search::of_package;
use super::text::{Table, count, names, size};
use crate::loom::{Loom, OutputInfo};
use crate::profile::{ChangeRequest, ProfileError};
use crate::progress::Silent;
use crate::safe;
use crate::store::Presence;

pub(super) fn run(loom: &Loom, text: &str, json: bool, output: &mut Output) -> Result<Exit> {
    let request = request(text)?;
    let source = request.source.as_deref();
    let attribute = request.attribute(&|attribute, source| loom.offers(attribute, source));
    let package = {
        let progress = Line::new();
        loom.package(&attribute, source, &progress)?
    };
    let Some(package) = package else {
        return Err(ProfileError::UnknownAttribute { attribute, from: request.source }.into());
    };
    let (package, outputs) = loom.look(&package, &Silent)?;
    let installed = loom.snapshot()?.elements;
    let installed = of_package(&installed, &package);
    let elsewhere = loom.elsewhere();
    if json {
        output.json(&PackageDocument::new(&package, &outputs, installed, &elsewhere))?;
        return Ok(Exit::Done);
    }
    writeln!(output, "{}  {}", safe::text(&package.attribute), safe::text(&package.version))?;
    let mut facts = Table::new(&[]);
    for (what, fact) in [
        ("description", safe::text(&package.description)),
        ("homepage", safe::text(&package.homepage)),
        ("licenses", names(package.licenses.iter().map(String::as_str))),
        ("program", package.main_program.as_deref().map(safe::text).unwrap_or_default()),
        ("source", safe::text(&package.source)),
        ("priority", package.priority.to_string()),
        ("problems", package.obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        ("installed", installed.map(|element| format!("as {}", safe::text(&element.name))).unwrap_or_default()),
        ("elsewhere", elsewhere.of_package(&package).map(|it| it.words(&package.version)).unwrap_or_default()),
    ] {
        if !fact.is_empty() {
            facts.row([what.to_owned(), fact]);
        }
    }
    facts.write(output, 2, None)?;
    writeln!(output, "outputs")?;
    let mut table = Table::new(&[2, 3]);
    for info in &outputs {
        let is_installed = installed.is_some_and(|element| element.output(&info.name).is_some());
        table.row(row(info, is_installed));
    }
    table.write(output, 2, None)?;
    Ok(Exit::Done)
}

/// What is to be shown.
pub(super) fn request(text: &str) -> Result<ChangeRequest> {
    let request: ChangeRequest = text.parse()?;
    let only_names =
        ChangeRequest { source: None, target: String::new(), ..request.clone() } == ChangeRequest::default();
    if !only_names {
        return Err(UsageError(format!("{text}: show takes ATTR or ATTR@SOURCE")).into());
    }
    Ok(request)
}

fn row(info: &OutputInfo, is_installed: bool) -> [String; 6] {
    let to_fetch = match info.presence {
        Presence::Fetch { download_bytes, .. } if download_bytes > 0 => format!("fetch {}", size(download_bytes)),
        other => presence(other).to_owned(),
    };
    let marks = [(info.is_default, "default"), (is_installed, "installed")];
    let marks: Vec<_> = marks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| mark).collect();
    [
        safe::text(&info.name),
        to_fetch,
        info.size.map(size).unwrap_or_default(),
        info.files
            .map(|files| count(usize::try_from(files).unwrap_or(usize::MAX), "file", "files"))
            .unwrap_or_default(),
        marks.join(", "),
        info.path.as_deref().map(safe::path).unwrap_or_default(),
    ]
}
