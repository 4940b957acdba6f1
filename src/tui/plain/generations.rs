//! The history.

use super::super::app::App;
use super::super::text;
use super::super::timeline::Comparison;
use super::super::words::{self, Mark};
use super::lines::Lines;
use super::say;
use crate::loom::GenerationDiff;
use crate::profile::{Element, Generation, Parent};
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
    let age = app.age(generation);
    let made = app.date(generation);
    lines.fact("made", &if age.is_empty() { made } else { format!("{made}, {age}") });
    let parent = match app.parent_of(generation.number) {
        Parent::Nothing => "nothing: it is the first".to_owned(),
        Parent::Known(parent) => parent.to_string(),
        Parent::Probably(parent) => format!("probably {parent}; it is not recorded"),
        Parent::Deleted(parent) => format!("{parent}, which is deleted"),
        Parent::Unknown => String::new(),
    };
    lines.fact("made from", &parent);
    if let Some(summary) = app.timeline.summaries.get(&generation.number) {
        match &summary.facts {
            Ok(facts) => {
                lines.fact("packages", &text::count_of(facts.packages));
                lines.fact("size", &facts.size.map(words::size_of).unwrap_or_default());
            }
            Err(problem) => lines.fact("cannot be read", problem),
        }
        lines.fact("same as", &summary.same_as.map(|same| same.to_string()).unwrap_or_default());
    }
    lines.fact("path", &safe::path(&generation.path));
}

/// What the screen shows beside the selected generation: what it changed, and in numbers what going there would.
pub fn differences(app: &App, number: u64, lines: &mut Lines) {
    if let Some(comparison) = app.timeline.comparison(app.parent_of(number).number(), number) {
        told("it changed", comparison, true, lines);
    }
    let current = app.current.snapshot.generation.filter(|&current| current != number);
    if let Some(comparison) = current.and_then(|current| app.timeline.comparison(Some(current), number)) {
        let what = format!("going from {} to it", comparison.from.unwrap_or_default());
        told(&what, comparison, false, lines);
    }
}

fn told(what: &str, comparison: &Comparison, with_names: bool, lines: &mut Lines) {
    match &comparison.diff {
        None => {}
        Some(Err(error)) => lines.fact(what, error),
        Some(Ok(diff)) => {
            let packages = format!("{what}, packages");
            if with_names {
                difference(&packages, diff, lines);
            } else {
                lines.fact(&packages, &counts(diff));
            }
            lines.fact(&format!("{what}, files"), &say::tally(&diff.files));
            lines.fact(&format!("{what}, commands"), &say::tally(&diff.commands));
        }
    }
}

fn counts(diff: &GenerationDiff) -> String {
    say::numbers(diff.packages_added.len(), diff.packages_removed.len(), diff.packages_changed.len())
}

/// The packages that differ, below how many there are.
pub fn difference(label: &str, diff: &GenerationDiff, lines: &mut Lines) {
    lines.fact(label, &counts(diff));
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
