//! `status`: how the profile stands, and whether it agrees with its files.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Result;

use super::args::Status as Arguments;
use super::exit::Exit;
use super::json::StatusDocument;
use super::output::Output;
use super::progress::Line;
use crate::loom::{About, EnvironmentChange, Export, ExportFile, FileState, FileStatus, Loom, SourceRow, Status};
use crate::profile::ManifestKind;
use crate::safe;

/// Columns of what stands before each line.
const LABEL: usize = 12;

pub(super) fn run(loom: &Loom, arguments: &Arguments, json: bool, output: &mut Output) -> Result<Exit> {
    if let Some(file) = &arguments.forget {
        loom.forget_file(file)?;
        if !json {
            writeln!(output, "{} is forgotten; the file stays as it is", safe::path(file))?;
            return Ok(Exit::Done);
        }
    }
    let status = if arguments.quick { loom.quick_status()? } else { loom.status(&Line::new())? };
    let (about, sources) = (loom.about(), loom.sources().configured);
    if json {
        output.json(&StatusDocument::new(&about, &status, &sources))?;
    } else {
        tell(&about, &status, &sources, arguments.quick, output)?;
    }
    Ok(if arguments.check && !status.agrees() { Exit::Failed } else { Exit::Done })
}

fn tell(about: &About, status: &Status, sources: &[SourceRow], is_quick: bool, output: &mut Output) -> io::Result<()> {
    let mut line = |label: &str, text: &str| writeln!(output, "{label:<LABEL$}{text}");
    line("profile", &safe::path(&about.profile))?;
    line("store", &safe::text(&about.store))?;
    line("generation", &generation(about, status))?;
    line("packages", &packages(status))?;
    line("collisions", &collisions(status))?;
    for (at, source) in sources.iter().filter(|source| source.is_on).enumerate() {
        line(if at == 0 { "sources" } else { "" }, &self::source(source))?;
    }
    if status.files.is_empty() {
        line("file", "none yet: one becomes the profile's by `nix-loom import` or `nix-loom export --out`")?;
    }
    status.files.iter().try_for_each(|file| tell_file(file, is_quick, output))
}

fn generation(about: &About, status: &Status) -> String {
    let kind = match status.kind {
        _ if !about.is_nix => "",
        Some(ManifestKind::NixEnv) => ", of nix-env",
        Some(ManifestKind::NixProfile) => ", of `nix profile`",
        Some(ManifestKind::Bare) => ", a package in place of a profile",
        None => "",
    };
    match status.generation {
        Some(number) if status.is_made_here => format!("{number}{kind}"),
        Some(number) => format!("{number}{kind}; another program made it"),
        None => "none yet: the first `nix-loom apply` makes one".to_owned(),
    }
}

fn packages(status: &Status) -> String {
    match status.inactive {
        0 => status.packages.to_string(),
        inactive => format!("{}, {inactive} of them switched off", status.packages),
    }
}

fn collisions(status: &Status) -> String {
    match status.collisions {
        None => "not known: not all of its files can be read".to_owned(),
        Some(it) if it.blocking > 0 => {
            format!("{} in the way of the next change; `nix-loom collisions` shows them", it.blocking)
        }
        Some(it) if it.settled > 0 => format!("{}, all settled", it.settled),
        Some(_) => "none".to_owned(),
    }
}

fn source(source: &SourceRow) -> String {
    let pin = source.pin.as_ref().map_or_else(String::new, |pin| {
        let revision = pin.revision().map_or_else(|| pin.to_string(), str::to_owned);
        format!(", held at {}", safe::text(&revision))
    });
    format!("{}  {}{pin}", safe::text(&source.name), safe::text(&source.location))
}

fn tell_file(file: &FileStatus, is_quick: bool, output: &mut Output) -> io::Result<()> {
    let indent = " ".repeat(LABEL);
    writeln!(output, "{:<LABEL$}{}", "file", safe::path(&file.file))?;
    writeln!(output, "{indent}{}", file.verdict())?;
    writeln!(output, "{indent}{}", file.belongs())?;
    if let Some(cause) = file.cause() {
        writeln!(output, "{indent}{cause}")?;
    }
    for difference in &file.differences {
        writeln!(output, "{indent}  {difference}")?;
    }
    for line in file.since.iter().flat_map(EnvironmentChange::lines) {
        writeln!(output, "{indent}    {line}")?;
    }
    for way in ways_out(file, is_quick) {
        writeln!(output, "{indent}{way}")?;
    }
    Ok(())
}

/// What one can do about it.
fn ways_out(file: &FileStatus, is_quick: bool) -> Vec<String> {
    let forget = || format!("`nix-loom status --forget {}` forgets it", shell(&file.file));
    let adopt = || {
        let changes: Vec<_> = file.adopt.iter().map(|change| safe::shell(&change.to_string())).collect();
        (!changes.is_empty()).then(|| format!("to make the profile so: nix-loom apply {}", changes.join(" ")))
    };
    let rewrite = || file.rewriting.as_ref().map(|it| format!("to write it from the profile: {}", command(&it.wanted)));
    match file.state {
        FileState::Agrees => Vec::new(),
        FileState::Differs => adopt().into_iter().chain(rewrite()).collect(),
        FileState::Edited if is_quick => vec!["`nix-loom status` without --quick asks it".to_owned()],
        FileState::Edited => rewrite().into_iter().collect(),
        FileState::Unreadable(_) | FileState::Gone => rewrite().into_iter().chain([forget()]).collect(),
    }
}

/// What writes it.
fn command(wanted: &ExportFile) -> String {
    let Export { name, elements, is_unpinned } = &wanted.export;
    let elements = elements.iter().fold(String::new(), |text, name| format!("{text} {}", safe::shell(name)));
    let unpinned = if *is_unpinned { " --unpinned" } else { "" };
    let (name, format) = (safe::shell(name), wanted.format.name());
    format!("nix-loom export{elements} --name {name} --format {format}{unpinned} --force --out {}", shell(&wanted.out))
}

fn shell(path: &Path) -> String {
    path.to_str().map_or_else(|| safe::path(path), safe::shell)
}
