//! The history.

use jiff::Timestamp;

use super::super::app::{App, Comparison};
use super::super::text;
use super::super::words::Mark;
use super::lines::Lines;
use super::say;
use crate::loom::GenerationDiff;
use crate::profile::{Element, Generation};
use crate::safe;

/// All generations, newest first.
pub fn write(app: &App, lines: &mut Lines) {
    heading(app, lines);
    for generation in app.current.generations.iter().rev() {
        one(app, generation, lines);
    }
}

pub fn heading(app: &App, lines: &mut Lines) {
    let number = app.current.generations.len();
    let number = if number == 0 { "none yet".to_owned() } else { text::count_of(number) };
    lines.heading(&format!("Generations: {number}"));
}

pub fn one(app: &App, generation: &Generation, lines: &mut Lines) {
    lines.subject("generation", &generation.number.to_string());
    lines.fact("state", if generation.current { "current" } else { "" });
    lines.fact("made", &date(app, generation));
    lines.fact("path", &safe::path(&generation.path));
}

fn date(app: &App, generation: &Generation) -> String {
    Timestamp::try_from(generation.created).map_or_else(
        |_| "no date".into(),
        |created| created.to_zoned(app.settings.time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// What the screen shows beside the selected generation.
pub fn comparison(app: &App, comparison: &Comparison, lines: &mut Lines) {
    let is_own = app.current.snapshot.generation == Some(comparison.to);
    let what = if is_own { "it changed".to_owned() } else { format!("going from {} to it", comparison.from) };
    match &comparison.diff {
        None => {}
        Some(Err(error)) => lines.fact(&what, error),
        Some(Ok(diff)) => {
            difference(&format!("{what}, packages"), diff, lines);
            lines.fact(&format!("{what}, files"), &say::tally(&diff.files));
            lines.fact(&format!("{what}, commands"), &say::tally(&diff.commands));
        }
    }
}

/// The packages that differ, below how many there are.
pub fn difference(label: &str, diff: &GenerationDiff, lines: &mut Lines) {
    let packages = say::numbers(diff.packages_added.len(), diff.packages_removed.len(), diff.packages_changed.len());
    lines.fact(label, &packages);
    let named = |name: &str, version: &str| format!("{name} {version}").trim_end().to_owned();
    for element in &diff.packages_added {
        lines.fact(Mark::Added.word(), &named(&element.name, &element.version));
    }
    for (before, after) in &diff.packages_changed {
        lines.fact(Mark::Changed.word(), &format!("{}: {}", after.name, what_changed(before, after)));
    }
    for element in &diff.packages_removed {
        lines.fact(Mark::Removed.word(), &named(&element.name, &element.version));
    }
}

/// What is other than before of a package.
fn what_changed(before: &Element, after: &Element) -> String {
    let outputs = |element: &Element| element.outputs.iter().map(|it| it.name.clone()).collect::<Vec<_>>().join(" ");
    let state = |element: &Element| if element.active { "on" } else { "off" }.to_owned();
    let facts = [
        ("version", before.version.clone(), after.version.clone()),
        ("outputs", outputs(before), outputs(after)),
        ("priority", before.priority.to_string(), after.priority.to_string()),
        ("state", state(before), state(after)),
    ];
    let changed = facts.iter().filter(|(_, before, after)| before != after);
    let changed: Vec<_> = changed.map(|(what, before, after)| format!("{what} from {before} to {after}")).collect();
    if changed.is_empty() { "other files".to_owned() } else { changed.join(", ") }
}
