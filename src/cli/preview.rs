//! `preview`: what changes would do.

use std::io::{self, Write};

use anyhow::Result;

use super::exit::Exit;
use super::json::PreviewDocument;
use super::output::Output;
use super::progress::Line;
use super::text::{count, names, size};
use super::{collisions, complain, suggestions};
use crate::loom::{Changed, Loom, OwnPlan, Preview};
use crate::profile::{ChangeParseError, ChangeRequest, Element};
use crate::safe;

/// Most names that one line shows; `--json` gives all.
const MAX_NAMES: usize = 20;

/// Most commands whose meaning is told one by one.
const MAX_MEANINGS: usize = 8;

pub(super) fn run(loom: &Loom, changes: &[String], fetch: bool, json: bool, output: &mut Output) -> Result<Exit> {
    let installed = loom.snapshot()?.elements;
    let transaction = loom.transaction(&requests(changes)?)?;
    if fetch {
        loom.fetch_for_preview(&transaction, &Line::new())?;
    }
    let preview = loom.preview(&transaction, &Line::new())?;
    if json {
        output.json(&PreviewDocument::new(&preview, &installed))?;
    } else {
        print(&preview, &installed, output)?;
        print_verdict(&preview, output)?;
    }
    Ok(preview.verdict().into())
}

/// Prints the last line: whether it would build.
pub(super) fn print_verdict(preview: &Preview, to: &mut dyn Write) -> io::Result<()> {
    let would = match (preview.builds(), preview.fetch.unknown.len()) {
        (false, _) => "would be refused",
        (true, 0) => "would build",
        // What is not known cannot be said to be free of collisions.
        (true, _) => "would build as far as is known",
    };
    writeln!(to, "{would}: {}", collisions::summary(&preview.plan))
}

/// All changes as they are written, before any is looked up.
pub(super) fn requests(changes: &[String]) -> Result<Vec<ChangeRequest>, ChangeParseError> {
    changes.iter().map(|change| change.parse()).collect()
}

/// Prints all but the last line: what changes, what collides, and what would settle that.
pub(super) fn print(preview: &Preview, installed: &[Element], to: &mut dyn Write) -> Result<()> {
    for warning in &preview.plan.warnings {
        complain(&format!("warning: {warning}"));
    }
    print_elements(installed, &preview.elements, to)?;
    let plan = &preview.plan;
    writeln!(
        to,
        "links {} -> {}, directories {} -> {}, {}",
        preview.links_before,
        plan.links(),
        preview.directories_before,
        plan.directories(),
        numbers("files", &preview.files)
    )?;
    print_commands(&preview.commands, to)?;
    print_meanings(preview, to)?;
    let fetch = &preview.fetch;
    if fetch.paths > 0 {
        let paths = count(fetch.paths, "output", "outputs");
        let download = match fetch.download_bytes {
            0 => String::new(),
            bytes => format!(", {} to read", size(bytes)),
        };
        writeln!(to, "to put into the store: {paths}{download}, {} then", size(fetch.unpacked_bytes))?;
    }
    if fetch.shared > 0 {
        let paths = count(fetch.shared, "output", "outputs");
        writeln!(to, "in the store already: {paths}, {}", size(fetch.shared_bytes))?;
    }
    if fetch.builds > 0 {
        writeln!(to, "to build: {}", count(fetch.builds, "package", "packages"))?;
    }
    for path in &fetch.unavailable {
        writeln!(to, "neither here nor known to any source: {}", safe::path(path))?;
    }
    for path in &fetch.unknown {
        let why = fetch.unlisted.iter().find(|unlisted| unlisted.path == *path);
        let why = why.map(|unlisted| format!(" ({})", safe::text(&unlisted.why))).unwrap_or_default();
        writeln!(to, "unknown until fetched: {}{why}", safe::path(path))?;
    }
    collisions::print(plan, &preview.origins, to)?;
    for double in &preview.doubles {
        let many = count(double.collisions.len(), "collision", "collisions");
        writeln!(to, "{many}: {}", double.sentence())?;
    }
    print_environments(preview, to)?;
    suggestions::print(&preview.suggestions, &preview.elements, installed, to)?;
    Ok(())
}

/// Prints what is in the way beside collisions, and what collides in environments that are yet to be built.
fn print_environments(preview: &Preview, to: &mut dyn Write) -> Result<()> {
    for obstacle in preview.obstacles() {
        writeln!(to, "in the way: {obstacle}")?;
    }
    preview.environments.iter().try_for_each(|own| print_own(own, to))
}

/// Prints what an environment is by the rules of its own builder.
pub(super) fn print_own(own: &OwnPlan, to: &mut dyn Write) -> Result<()> {
    let name = safe::text(&own.name);
    let Ok(plan) = &own.plan else { return Ok(()) };
    let (rules, summary) = (plan.rules.name(), collisions::summary(plan));
    let links = count(plan.links(), "link", "links");
    let directories = count(plan.directories(), "directory", "directories");
    let made = if plan.builds() { "" } else { "cannot be built; it would have " };
    writeln!(to, "{name} by itself: {made}{links}, {directories} by the rules `{rules}`; {summary}")?;
    collisions::print(plan, &[], to)?;
    for doubt in &own.doubts {
        writeln!(to, "{name} may become another: {doubt}")?;
    }
    for unlisted in &own.unlisted {
        let (path, why) = (safe::path(&unlisted.path), safe::text(&unlisted.why));
        writeln!(to, "unknown until fetched, in {name}: {path} ({why})")?;
    }
    Ok(())
}

/// Prints what becomes of commands because of the order of PATH.
fn print_meanings(preview: &Preview, to: &mut dyn Write) -> io::Result<()> {
    if let Some(bin) = &preview.missing_from_path {
        writeln!(to, "a shell finds none of these commands: put {} on PATH", safe::path(bin))?;
    }
    for meaning in preview.meanings.iter().take(MAX_MEANINGS) {
        writeln!(to, "on PATH: {} {}", safe::bytes(&meaning.command), meaning.why())?;
    }
    let more = preview.meanings.len().saturating_sub(MAX_MEANINGS);
    if more > 0 {
        writeln!(to, "on PATH: and {} more; --json gives all", count(more, "command", "commands"))?;
    }
    Ok(())
}

/// Prints the elements that come (`+`), go (`-`) and change (`~`).
fn print_elements(before: &[Element], after: &[Element], to: &mut dyn Write) -> io::Result<()> {
    let find = |elements: &[Element], name: &str| elements.iter().find(|element| element.name == name).cloned();
    for element in before.iter().filter(|element| find(after, &element.name).is_none()) {
        writeln!(to, "- {}", described(element))?;
    }
    for element in after {
        match find(before, &element.name) {
            None => writeln!(to, "+ {}", described(element))?,
            Some(old) if old != *element => print_changed(&old, element, to)?,
            Some(_) => {}
        }
    }
    Ok(())
}

/// Prints one element that changes, with what is other than before.
pub(super) fn print_changed(before: &Element, after: &Element, to: &mut dyn Write) -> io::Result<()> {
    let outputs = |element: &Element| names(element.outputs.iter().map(|output| output.name.as_str()));
    let activity = |element: &Element| if element.active { "active" } else { "inactive" }.to_owned();
    let facts = [
        ("version ", safe::text(&before.version), safe::text(&after.version)),
        ("source ", safe::text(&before.source), safe::text(&after.source)),
        ("outputs ", outputs(before), outputs(after)),
        ("priority ", before.priority.to_string(), after.priority.to_string()),
        ("", activity(before), activity(after)),
    ];
    let mut changed: Vec<_> = facts
        .iter()
        .filter(|(_, old, new)| old != new)
        .map(|(what, old, new)| format!("{what}{old} -> {new}"))
        .collect();
    if changed.is_empty() {
        changed.push("another build".to_owned());
    }
    writeln!(to, "~ {}  {}", safe::text(&after.name), changed.join("; "))
}

/// `nodejs_20 20.11.1 (out, dev) from demo, priority 4`; what is as usual is left out.
pub(super) fn described(element: &Element) -> String {
    let mut text = safe::text(&element.name);
    if !element.version.is_empty() {
        text = format!("{text} {}", safe::text(&element.version));
    }
    text = format!("{text} ({})", names(element.outputs.iter().map(|output| output.name.as_str())));
    if !element.source.is_empty() {
        text = format!("{text} from {}", safe::text(&element.source));
    }
    if element.priority != crate::package::DEFAULT_PRIORITY {
        text = format!("{text}, priority {}", element.priority);
    }
    if element.active { text } else { text + ", inactive" }
}

/// `files +312 -298 ~2`.
pub(super) fn numbers(what: &str, changed: &Changed<Box<[u8]>>) -> String {
    format!("{what} +{} -{} ~{}", changed.added.len(), changed.removed.len(), changed.changed.len())
}

/// Prints the names of the commands that come, go and change, as far as a line holds them.
pub(super) fn print_commands(commands: &Changed<Box<[u8]>>, to: &mut dyn Write) -> io::Result<()> {
    for (what, list) in [("gained", &commands.added), ("lost", &commands.removed), ("changed", &commands.changed)] {
        if list.is_empty() {
            continue;
        }
        let shown: Vec<_> = list.iter().take(MAX_NAMES).map(|name| safe::bytes(name)).collect();
        let more = if list.len() > MAX_NAMES { format!(" and {} more", list.len() - MAX_NAMES) } else { String::new() };
        writeln!(to, "commands {what}: {}{more}", shown.join(", "))?;
    }
    Ok(())
}
