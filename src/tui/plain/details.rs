//! All that is known of one package, and its outputs.

use super::super::app::{App, Evaluation};
use super::super::subject::{OutputRow, Subject};
use super::super::{output_words, subject_words, text, words};
use super::lines::Lines;
use super::{installed, say};
use crate::package::Package;
use crate::safe;
use crate::store::Presence;
use crate::version::is_newer;

/// The package that the outputs pane is about.
pub fn write(app: &App, lines: &mut Lines) {
    let Some(subject) = app.subject() else {
        lines.heading("Details: no package is selected");
        return;
    };
    lines.heading(&format!("Details of {}", safe::text(subject.name())));
    evaluation(app, lines);
    about(app, &subject, lines);
    if let Some(package) = &subject.package {
        other_sources(app, package, lines);
        lines.fact("license", &package.licenses.join(", "));
        lines.fact("homepage", &package.homepage);
        lines.fact("in more words", &package.long_description);
    }
    outputs(app, &subject, lines);
}

fn evaluation(app: &App, lines: &mut Lines) {
    match &app.evaluation {
        Evaluation::Quiet => {}
        Evaluation::Failed(error) => lines.fact("evaluation", &format!("failed: {error}")),
    }
}

fn about(app: &App, subject: &Subject<'_>, lines: &mut Lines) {
    let package = subject.package.as_ref();
    let obstacles = package.map_or(&[][..], |package| &package.obstacles);
    lines.fact("problems", &obstacles.iter().map(words::in_words).collect::<Vec<_>>().join(", "));
    lines.fact("description", package.map_or("", |package| &package.description));
    if subject_words::is_known_not_offered(app, subject) {
        lines.say(subject_words::not_offered(subject));
    }
    let mut attribute = package.map_or("", |package| &package.attribute);
    if let Some(element) = subject.element {
        let name = if element.attribute.is_empty() || element.attribute == element.name { "" } else { &element.name };
        let off = if element.active { "" } else { ", off: nothing of it is linked" };
        let name = if name.is_empty() { String::new() } else { format!(" as {name}") };
        lines.fact("state", &format!("installed{name}{off}"));
        lines.fact("version", &element.version);
        lines.fact("priority", &app.staged.priority(&element.name).unwrap_or(element.priority).to_string());
        let offered = package.map_or("", |package| &package.version);
        let is_other = !offered.is_empty() && offered != element.version;
        let newer = if is_newer(offered, &element.version) { ", which is newer" } else { "" };
        lines.fact("offered", &if is_other { format!("{offered}{newer}") } else { String::new() });
        let outputs: Vec<_> = element.outputs.iter().map(|output| &*output.name).collect();
        lines.fact("installed outputs", &outputs.join(" "));
        attribute = &element.attribute;
    } else if let Some(package) = package {
        lines.fact("version", &package.version);
        let staged = app.staged.install(&package.attribute, &package.source);
        let known = Some(package.priority).filter(|_| !package.outputs.is_empty());
        let priority = staged.and_then(|(_, priority)| priority).or(known);
        lines.fact("priority", &priority.map_or_else(String::new, |priority| priority.to_string()));
    }
    lines.fact("staged", &subject_words::staged(app, subject).map_or_else(String::new, |(_, words)| words));
    installed::losses(app, &app.planned_name(subject), lines);
    let elsewhere = match (subject.element, package) {
        (Some(element), _) => app.elsewhere.of_element(element).map(|it| it.words(&element.version)),
        (None, Some(package)) => app.elsewhere.of_package(package).map(|it| it.words(&package.version)),
        (None, None) => None,
    };
    lines.fact("elsewhere", &elsewhere.unwrap_or_default());
    lines.fact("attribute", attribute);
    lines.fact("program", package.and_then(|package| package.main_program.as_deref()).unwrap_or_default());
    let source = package.map(|package| &*package.source).or(subject.element.map(|element| &*element.source));
    lines.fact("source", source.unwrap_or_default());
}

/// The versions in the other sources.
fn other_sources(app: &App, package: &Package, lines: &mut Lines) {
    for other in app.offer.all_of(&package.attribute).iter().filter(|other| other.source != package.source) {
        let version = if other.version.is_empty() { "not known yet" } else { &other.version };
        lines.fact("also in", &format!("{} {version}", other.source));
    }
}

fn outputs(app: &App, subject: &Subject<'_>, lines: &mut Lines) {
    let rows = app.output_rows();
    lines.heading(&format!("Outputs of {}: {}", safe::text(subject.name()), text::count_of(rows.len())));
    for row in &rows {
        output(app, subject, row, lines);
    }
}

fn output(app: &App, subject: &Subject<'_>, row: &OutputRow<'_>, lines: &mut Lines) {
    lines.subject("output", &row.name);
    let is_installed = subject.element.is_some_and(|element| element.output(&row.name).is_some());
    let states = [
        (row.is_default, "default"),
        (is_installed && row.is_ticked, "installed"),
        (is_installed && !row.is_ticked, "installed, staged to go"),
        (!is_installed && row.is_ticked, "staged to come"),
    ];
    let states: Vec<_> = states.into_iter().filter(|(is_so, _)| *is_so).map(|(_, state)| state).collect();
    lines.fact("state", &states.join(", "));
    lines.fact("usually holds", output_words::meaning(&row.name).unwrap_or_default());
    if let Some(info) = row.info {
        lines.fact("where", &presence(info.presence));
        lines.fact("size", &info.size.map(text::size).unwrap_or_default());
        lines.fact("files", &info.files.map(text::count).unwrap_or_default());
        lines.fact("path", &info.path.as_deref().map(safe::path).unwrap_or_default());
    }
    let effect = subject_words::effect(app, subject, row);
    lines.fact(if row.is_ticked { "ticked" } else { "not ticked" }, &say::without_signs(&effect));
}

fn presence(presence: Presence) -> String {
    match presence {
        Presence::Here => "here".to_owned(),
        Presence::Fetch { download_bytes: 0, .. } => "to fetch".to_owned(),
        Presence::Fetch { download_bytes, .. } => format!("to fetch, {}", text::size(download_bytes)),
        Presence::Build => "to build".to_owned(),
        Presence::Missing => "nothing known has it".to_owned(),
    }
}
