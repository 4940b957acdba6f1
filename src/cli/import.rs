//! `import`: an environment file looked at, and installed.

use std::io::Write;

use anyhow::Result;

use super::args::Import as Arguments;
use super::collisions;
use super::complain;
use super::exit::Exit;
use super::json::{ImportedDocument, PreviewDocument};
use super::output::{self, Output};
use super::preview::{self, requests};
use super::progress::Line;
use super::search::load_sources;
use super::text::{Table, count, names};
use crate::engine::{NixpkgsRules, Rules};
use crate::loom::{EnvironmentChange, EnvironmentPackage, ImportKind, Imported, Loom, LoomError, OwnPlan};
use crate::package::DEFAULT_PRIORITY;
use crate::profile::{Element, Transaction};
use crate::safe;

pub(super) fn run(loom: &Loom, arguments: &Arguments, json: bool, output: &mut Output) -> Result<Exit> {
    let Arguments { file, changes, apart, apply, fetch } = arguments;
    let requests = requests(changes)?;
    let mut imported = loom.import(file, &Line::new())?;
    if *apart && imported.packages.iter().any(|package| package.source.starts_with('/')) {
        // The text of the file did not say it of all its packages. The lists of the sources tell which of them they have;
        // reading those may take much longer than the file.
        load_sources(loom);
        imported = loom.import(file, &Line::new())?;
    }
    let installed = loom.snapshot()?.elements;
    let mut transaction = loom.transaction(&requests)?;
    let is_whole = !apart && imported.whole.is_some();
    let staged = imported.whole.iter().filter(|_| is_whole).chain(imported.apart.iter().filter(|_| !is_whole));
    staged.for_each(|change| transaction.stage(change.clone(), &installed));
    if *fetch {
        loom.fetch_for_preview(&transaction, &Line::new())?;
    }
    let mut document = ImportedDocument::new(&imported, &transaction);
    if !json {
        print(&imported, is_whole, output)?;
    }
    if *apply {
        return make(loom, &transaction, &installed, json.then_some(document), output);
    }
    let preview = loom.preview(&transaction, &Line::new())?;
    if json {
        document.preview = Some(PreviewDocument::new(&preview, &installed));
        output.json(&document)?;
    } else {
        writeln!(output, "\nto install it: {}", said(&transaction))?;
        preview::print(&preview, &installed, output)?;
        preview::print_verdict(&preview, output)?;
    }
    Ok(preview.verdict().into())
}

/// Makes it real; with a document that is printed, else lines.
fn make(
    loom: &Loom,
    transaction: &Transaction,
    installed: &[Element],
    document: Option<ImportedDocument>,
    output: &mut Output,
) -> Result<Exit> {
    let (preview, made) = match loom.apply(transaction, &Line::new()) {
        Ok(applied) => {
            applied.warnings.iter().for_each(|warning| complain(warning));
            (applied.preview, Some((applied.generation, applied.unchanged)))
        }
        Err(LoomError::Collisions { preview, .. } | LoomError::Impossible { preview }) => (*preview, None),
        Err(error) => return Err(error.into()),
    };
    if let Some(mut document) = document {
        document.preview = Some(PreviewDocument::new(&preview, installed));
        (document.generation, document.unchanged) = made.unzip();
        output.json(&document)?;
    } else {
        writeln!(output)?;
        preview::print(&preview, installed, output)?;
        let summary = collisions::summary(&preview.plan);
        match made {
            Some((generation, true)) => writeln!(output, "nothing changes: generation {generation} is this already")?,
            Some((generation, false)) => writeln!(output, "generation {generation} is current now; {summary}")?,
            None => writeln!(output, "refused, and nothing was changed: {summary}")?,
        }
    }
    Ok(if made.is_some() { Exit::Done } else { preview.verdict().into() })
}

/// The changes, as they are written.
fn said(transaction: &Transaction) -> String {
    let changes = transaction.changes.iter().map(ToString::to_string);
    safe::text(&changes.collect::<Vec<_>>().join(" "))
}

/// What the file holds, and what is other in it than in what is installed of it.
fn print(imported: &Imported, is_whole: bool, to: &mut dyn Write) -> Result<()> {
    let kind = match imported.kind {
        ImportKind::BuildEnv => "an environment",
        ImportKind::Derivation => "a package",
        ImportKind::Set => "a set",
        ImportKind::List => "a list",
        ImportKind::Document => "a document",
    };
    let packages = match imported.kind {
        ImportKind::Derivation => String::new(),
        _ => format!(" of {}", count(imported.packages.len(), "package", "packages")),
    };
    writeln!(to, "{}: {kind}{packages}, {}", safe::text(&imported.name), safe::path(&imported.file))?;
    let mut table = Table::new(&[]);
    for package in &imported.packages {
        let priority = (package.priority != DEFAULT_PRIORITY).then(|| format!("priority {}", package.priority));
        let is_of_file = package.source.starts_with('/');
        table.row([
            safe::text(&package.name),
            safe::text(&package.version),
            names(package.outputs.iter().map(|output| &*output.name)),
            priority.unwrap_or_default(),
            if is_of_file { String::new() } else { safe::text(&format!("{}@{}", package.attribute, package.source)) },
        ]);
    }
    table.write(to, 2, output::width())?;
    if let Some(Rules::Nixpkgs(rules)) = &imported.rules {
        print_arguments(rules, to)?;
    }
    if imported.post_build.is_some() {
        writeln!(to, "note: postBuild runs commands that may change it after it is built")?;
    }
    for note in &imported.notes {
        writeln!(to, "note: {note}")?;
    }
    // One that is to be installed and built is told of with the preview of that.
    let is_told_later = |own: &&OwnPlan| is_whole && own.path.symlink_metadata().is_err();
    if let Some(own) = imported.own.as_ref().filter(|own| !is_told_later(own)) {
        preview::print_own(own, to)?;
    }
    if let Some(since) = &imported.since {
        print_since(since, to)?;
    }
    Ok(())
}

/// The arguments of the environment that are not as usual.
fn print_arguments(rules: &NixpkgsRules, to: &mut dyn Write) -> Result<()> {
    let usual = NixpkgsRules::default();
    let list = |paths: &[Vec<u8>]| paths.iter().map(|path| safe::bytes(path)).collect::<Vec<_>>().join(" ");
    let told = [
        ("pathsToLink", list(&rules.paths_to_link), list(&usual.paths_to_link)),
        ("ignoreCollisions", rules.ignore_collisions.to_string(), usual.ignore_collisions.to_string()),
        (
            "checkCollisionContents",
            rules.check_collision_contents.to_string(),
            usual.check_collision_contents.to_string(),
        ),
        (
            "ignoreSingleFileOutputs",
            rules.ignore_single_file_outputs.to_string(),
            usual.ignore_single_file_outputs.to_string(),
        ),
        ("extraPrefix", safe::bytes(&rules.extra_prefix), String::new()),
    ];
    for (name, value, _) in told.iter().filter(|(_, value, usual)| value != usual) {
        writeln!(to, "{name}: {value}")?;
    }
    Ok(())
}

fn print_since(since: &EnvironmentChange, to: &mut dyn Write) -> Result<()> {
    let element = safe::text(&since.element);
    if since.is_same {
        writeln!(to, "{element} is installed, and is the very same build")?;
        return Ok(());
    }
    writeln!(to, "since {element} was installed:")?;
    if since.added.is_empty() && since.removed.is_empty() && since.changed.is_empty() {
        writeln!(to, "  its packages are the same; it is another build")?;
    }
    for package in &since.added {
        writeln!(to, "  + {}", described(package))?;
    }
    for package in &since.removed {
        writeln!(to, "  - {}", described(package))?;
    }
    for (before, after) in &since.changed {
        let what = if before.version == after.version {
            "another build".to_owned()
        } else {
            format!("{} -> {}", safe::text(&before.version), safe::text(&after.version))
        };
        writeln!(to, "  ~ {} {what}", with_output(after, safe::text(&after.name)))?;
    }
    Ok(())
}

/// `zlib 1.3.1 (dev)`.
fn described(package: &EnvironmentPackage) -> String {
    let version = if package.version.is_empty() { String::new() } else { format!(" {}", safe::text(&package.version)) };
    with_output(package, safe::text(&package.name) + &version)
}

fn with_output(package: &EnvironmentPackage, text: String) -> String {
    if package.output == "out" { text } else { format!("{text} ({})", safe::text(&package.output)) }
}
