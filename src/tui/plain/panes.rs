//! What the screen shows first: what is looked after, what is installed, how much is on offer, and what is staged.

use super::super::app::App;
use super::super::text;
use super::lines::Lines;
use super::{installed, plan};
use crate::safe;

pub fn write(app: &App, lines: &mut Lines) {
    lines.say("nix-loom");
    if let Some(about) = &app.about {
        lines.fact("profile", &safe::path(&about.profile));
        let kind = app.current.snapshot.kind.filter(|_| about.is_nix).map(|kind| kind.to_string());
        lines.fact("kind", &kind.unwrap_or_default());
        lines.fact("store", &about.store);
    }
    let generation = app.current.snapshot.generation.map(|number| number.to_string());
    lines.fact("generation", generation.as_deref().unwrap_or("none yet"));
    lines.fact("available", &text::plural(app.offer.len(), "package"));
    for (name, problem) in app.failed_sources() {
        lines.fact("not loaded", &format!("source {name}, {problem}"));
    }
    let staged = text::plural(app.staged.changes().len(), "change");
    lines.fact("staged", &if app.staged.is_empty() { "nothing".to_owned() } else { staged });
    plan::changes(app, lines);
    match (app.outlook.current(), &app.outlook.error) {
        (Some(report), _) => plan::summary(app, report, lines),
        (None, Some(error)) => lines.fact("plan", error),
        (None, None) => {}
    }
    installed::write(app, lines);
}
