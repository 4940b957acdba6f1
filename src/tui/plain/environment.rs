//! What an environment file holds, what it is by itself, and what would become of the profile with it.

use super::super::app::App;
use super::super::text;
use super::super::view::told_of_environment as told;
use super::lines::Lines;
use super::{collisions, plan, say};
use crate::loom::{Imported, ImportedPackage};
use crate::safe;

pub fn write(app: &App, lines: &mut Lines) {
    let Some(imported) = app.environment.imported() else {
        lines.say("No file was read.");
        return;
    };
    lines.heading(&format!("Environment file {}", safe::path(&imported.file)));
    lines.say(&told::kind(imported));
    by_itself(app, imported, lines);
    since(imported, lines);
    for note in &imported.notes {
        lines.fact("note", note);
    }
    lines.heading(&text::plural(imported.packages.len(), "package"));
    for package in &imported.packages {
        one(imported, package, lines);
    }
    if app.staged_import().is_some() {
        plan::write(app, lines);
    }
}

fn by_itself(app: &App, imported: &Imported, lines: &mut Lines) {
    let own = told::own(app, "");
    if own.is_empty() {
        return;
    }
    lines.heading("By itself");
    lines.fact("rules", told::rules(imported));
    for (sentence, _) in own {
        lines.say(&say::without_signs(&sentence).replace("✗ ", ""));
    }
    if let Some(report) = app.environment.own_report() {
        for at in (0..).take(report.collisions().len()) {
            collisions::one(report, at, lines);
        }
    }
}

fn since(imported: &Imported, lines: &mut Lines) {
    let Some(change) = &imported.since else { return };
    let (sentence, rows) = told::since(change);
    lines.heading("Since it was installed");
    lines.say(sentence.trim_end_matches(':'));
    for (mark, row) in rows {
        lines.fact(mark.word(), &row.replace(" → ", " to "));
    }
}

fn one(imported: &Imported, package: &ImportedPackage, lines: &mut Lines) {
    lines.subject("package", &package.name);
    lines.fact("version", &package.version);
    let outputs: Vec<&str> = package.outputs.iter().map(|output| output.name.as_str()).collect();
    lines.fact("outputs", &say::list(&outputs));
    lines.fact("priority", &package.priority.to_string());
    lines.fact("attribute", &package.attribute);
    lines.fact("from", &told::from(imported, package));
}
