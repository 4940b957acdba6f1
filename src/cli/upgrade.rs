//! `upgrade`: what the sources of installed packages offer now, and taking it as one generation.

use std::io::Write as _;

use anyhow::Result;

use super::args::Upgrade as Arguments;
use super::exit::Exit;
use super::json::{PreviewDocument, UpgradeDocument, UpgradesDocument};
use super::output::Output;
use super::progress::Line;
use super::text::{Table, count, names, size};
use super::{collisions, complain, preview};
use crate::loom::{Applied, Loom, LoomError, Preview, Project, Upgrade, UpgradeVerdict, UpgradeWeight};
use crate::profile::{ProfileError, Transaction};
use crate::safe;

pub(super) fn run(loom: &Loom, arguments: &Arguments, json: bool, output: &mut Output) -> Result<Exit> {
    let Arguments { names, from, apply, older, other_project } = arguments;
    let before = loom.snapshot()?;
    let asked: Vec<String> =
        if names.is_empty() { Vec::new() } else { names.iter().chain(older).chain(other_project).cloned().collect() };
    let upgrades = loom.upgrades(&asked, from.as_deref(), &Line::new())?;
    for name in older.iter().chain(other_project) {
        if upgrades.iter().all(|upgrade| upgrade.name != *name) {
            return Err(ProfileError::NotInstalled { name: name.clone() }.into());
        }
    }
    let is_taken = |upgrade: &Upgrade| match upgrade.verdict {
        UpgradeVerdict::Older => older.contains(&upgrade.name),
        UpgradeVerdict::OtherProject { .. } => other_project.contains(&upgrade.name),
        ref verdict => verdict.is_upgrade(),
    };
    let mut transaction = Transaction::default();
    let mut rows = Vec::new();
    for upgrade in &upgrades {
        let is_taken = is_taken(upgrade);
        if let Some(change) = upgrade.change.clone().filter(|_| is_taken) {
            transaction.stage(change, &before.elements);
        }
        rows.push(Row { upgrade, is_taken, weight: None });
    }
    let done = if transaction.is_empty() { None } else { Some(outcome(loom, &transaction, *apply)?) };
    let (preview, applied) = match &done {
        Some(Outcome::Previewed(preview)) => (Some(&**preview), None),
        Some(Outcome::Applied(applied)) => (Some(&applied.preview), Some(&**applied)),
        None => (None, None),
    };
    // Once it is applied, nothing can be held against what was installed before.
    for row in rows.iter_mut().filter(|_| applied.is_none()) {
        if let Some(change) = &row.upgrade.change {
            row.weight = Some(loom.weigh_upgrade(change, &Line::new()).map_err(|error| error.to_string()));
        }
    }
    if json {
        let upgrades = rows.iter().map(|row| {
            let weight = row.weight.as_ref().and_then(|weight| weight.as_ref().ok());
            UpgradeDocument::new(row.upgrade, row.is_taken, weight)
        });
        output.json(&UpgradesDocument {
            upgrades: upgrades.collect(),
            generation: applied.map(|applied| applied.generation),
            unchanged: transaction.is_empty() || applied.is_some_and(|applied| applied.unchanged),
            preview: preview.map(|preview| PreviewDocument::new(preview, &before.elements)),
        })?;
    } else {
        print(&rows, output)?;
        print_pins(loom, &rows, output)?;
        if let Some(preview) = preview {
            preview::print(preview, &before.elements, output)?;
        }
        writeln!(output, "{}", summary(&rows, preview, applied, *apply))?;
        if let Some(applied) = applied {
            applied.warnings.iter().for_each(|warning| complain(warning));
        }
    }
    Ok(exit(&rows, names, preview))
}

/// An upgrade, whether it is taken, and what it alone would do.
struct Row<'a> {
    upgrade: &'a Upgrade,
    is_taken: bool,
    weight: Option<Result<UpgradeWeight, String>>,
}

enum Outcome {
    /// Or refused, as its plan tells.
    Previewed(Box<Preview>),
    Applied(Box<Applied>),
}

fn outcome(loom: &Loom, transaction: &Transaction, apply: bool) -> Result<Outcome, LoomError> {
    if !apply {
        return Ok(Outcome::Previewed(Box::new(loom.preview(transaction, &Line::new())?)));
    }
    match loom.apply(transaction, &Line::new()) {
        Err(LoomError::Collisions { preview, .. } | LoomError::Impossible { preview }) => {
            Ok(Outcome::Previewed(preview))
        }
        applied => Ok(Outcome::Applied(Box::new(applied?))),
    }
}

/// Collisions go before what could not be asked; what is only left alone counts if it was asked for by name.
fn exit(rows: &[Row<'_>], names: &[String], preview: Option<&Preview>) -> Exit {
    let is_left = |row: &Row<'_>| {
        let is_broken = matches!(row.upgrade.verdict, UpgradeVerdict::Failed(_) | UpgradeVerdict::Obstacle(_));
        !row.is_taken && (is_broken || !names.is_empty() && row.upgrade.verdict.is_refusal())
    };
    match preview {
        Some(preview) if !preview.builds() => preview.verdict().into(),
        _ if rows.iter().any(is_left) => Exit::Failed,
        _ => Exit::Done,
    }
}

fn summary(rows: &[Row<'_>], preview: Option<&Preview>, applied: Option<&Applied>, apply: bool) -> String {
    let taken = rows.iter().filter(|row| row.is_taken).count();
    let packages = count(taken, "package", "packages");
    match (preview, applied) {
        (_, Some(applied)) => {
            let collisions = collisions::summary(&applied.preview.plan);
            format!("upgraded {packages}: generation {} is current now; {collisions}", applied.generation)
        }
        (None, _) => "nothing to upgrade".to_owned(),
        (Some(preview), None) if !preview.builds() => {
            let refused = if apply { "refused, and nothing was changed" } else { "would be refused" };
            format!("{refused}: {}", collisions::summary(&preview.plan))
        }
        (Some(preview), None) => {
            let known = if preview.fetch.unknown.is_empty() { "" } else { " as far as is known" };
            format!(
                "would upgrade {packages}{known}; {}; nothing is changed yet: --apply does it",
                collisions::summary(&preview.plan)
            )
        }
    }
}

/// Prints a line for each package of which there is something to say, and how many stay as they are.
fn print(rows: &[Row<'_>], output: &mut Output) -> Result<()> {
    let mut table = Table::new(&[]);
    let told = || rows.iter().filter(|row| row.upgrade.verdict != UpgradeVerdict::Unchanged);
    for Row { upgrade, is_taken, weight } in told() {
        let sign = if *is_taken { "~" } else { "!" };
        table.row([
            format!("{sign} {}", safe::text(&upgrade.name)),
            versions(upgrade),
            of(upgrade),
            upgrade.verdict.words().to_owned(),
            weight.as_ref().map(weight_words).unwrap_or_default(),
        ]);
    }
    table.write(output, 0, None)?;
    for Row { upgrade, is_taken, .. } in told() {
        for line in notes(upgrade, *is_taken) {
            writeln!(output, "{}: {line}", safe::text(&upgrade.name))?;
        }
    }
    let unchanged = rows.len() - told().count();
    if unchanged > 0 {
        writeln!(output, "= {} as the sources offer them", count(unchanged, "package", "packages"))?;
    }
    Ok(())
}

/// Prints which of the sources are held at a revision, where nothing can be newer.
fn print_pins(loom: &Loom, rows: &[Row<'_>], output: &mut Output) -> Result<()> {
    for source in loom.sources().configured.into_iter().filter(|source| source.is_on) {
        let is_asked = rows.iter().any(|row| row.upgrade.source == source.name);
        if let Some(pin) = source.pin.filter(|_| is_asked) {
            let (name, at) = (safe::text(&source.name), safe::text(&pin.in_short()));
            writeln!(
                output,
                "{name} is pinned at {at}; `nix-loom sources pin {}` moves it",
                safe::shell(&source.name)
            )?;
        }
    }
    Ok(())
}

/// `18.19.1 -> 20.11.1`.
fn versions(upgrade: &Upgrade) -> String {
    let [from, to] = [&upgrade.from, &upgrade.to].map(|version| match version.as_str() {
        "" => "?".to_owned(),
        version => safe::text(version),
    });
    if upgrade.to.is_empty() && upgrade.change.is_none() || upgrade.from == upgrade.to {
        from
    } else {
        format!("{from} -> {to}")
    }
}

/// Of what it is taken.
fn of(upgrade: &Upgrade) -> String {
    match (upgrade.attribute.as_str(), upgrade.source.as_str()) {
        (_, "") => String::new(),
        (attribute, source) if attribute == upgrade.name => safe::text(source),
        (attribute, source) => format!("{}@{}", safe::text(attribute), safe::text(source)),
    }
}

fn weight_words(weight: &Result<UpgradeWeight, String>) -> String {
    let UpgradeWeight { consequence, fetch } = match weight {
        Ok(weight) => weight,
        Err(error) => return safe::text(error),
    };
    let mut said = Vec::new();
    if fetch.paths > 0 {
        said.push(match fetch.download_bytes {
            0 => format!("{} to come", size(fetch.unpacked_bytes)),
            bytes => format!("{} to fetch, {} then", size(bytes), size(fetch.unpacked_bytes)),
        });
    }
    if fetch.builds > 0 {
        said.push(format!("{} to build", fetch.builds));
    }
    said.push(format!("files +{} -{} ~{}", consequence.added, consequence.removed, consequence.changed));
    if consequence.collisions > 0 {
        let blocks = match consequence.blocking {
            0 => String::new(),
            number => format!(" ({number} blocking)"),
        };
        said.push(format!("{}{blocks}", count(consequence.collisions, "new collision", "new collisions")));
    }
    if consequence.unknown > 0 {
        said.push("more unknown until fetched".to_owned());
    }
    said.join(", ")
}

/// What else is to be said, and the way on.
fn notes(upgrade: &Upgrade, is_taken: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if !upgrade.lost_outputs.is_empty() {
        notes.push(format!(
            "it no longer has {}; it has {} instead",
            names(upgrade.lost_outputs.iter().map(String::as_str)),
            names(upgrade.outputs.iter().map(String::as_str))
        ));
    }
    let name = safe::shell(&upgrade.name);
    match &upgrade.verdict {
        UpgradeVerdict::OtherProject { installed, offered } => {
            notes.push(format!("installed is {}", project(installed)));
            notes.push(format!("offered is {}", project(offered)));
            if !is_taken {
                notes.push(format!("left as it is; --other-project {name} takes it all the same"));
            }
        }
        UpgradeVerdict::Older if !is_taken => {
            notes.push(format!("left as it is; --older {name} takes the older version"));
        }
        UpgradeVerdict::Gone => notes.push(format!(
            "{} has no {} any more; `nix-loom search` finds what it is called now, and {name}:attribute=ATTR:source=SOURCE takes it",
            safe::text(&upgrade.source),
            safe::text(&upgrade.attribute)
        )),
        UpgradeVerdict::NoSource => {
            notes.push(format!("where it comes from is not recorded; --from SOURCE, or {name}:source=SOURCE, says it"));
        }
        UpgradeVerdict::UnknownSource => notes.push(format!(
            "there is no source {} now; `nix-loom sources add` makes one, and --from SOURCE asks another",
            safe::text(&upgrade.source)
        )),
        UpgradeVerdict::Obstacle(why) | UpgradeVerdict::Failed(why) => notes.push(safe::text(why)),
        _ => {}
    }
    notes
}

/// `zlib 1.2, https://zlib.net: a compression library`.
fn project(project: &Project) -> String {
    let mut text = format!("{} {}", safe::text(&project.name), safe::text(&project.version)).trim_end().to_owned();
    if !project.homepage.is_empty() {
        text = format!("{text}, {}", safe::text(&project.homepage));
    }
    if project.description.is_empty() { text } else { format!("{text}: {}", safe::text(&project.description)) }
}
