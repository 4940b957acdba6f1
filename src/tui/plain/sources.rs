//! The sources, and what on this machine could be one.

use super::super::app::App;
use super::super::text;
use super::lines::Lines;
use crate::loom::{FoundRow, SourceRow};
use crate::source::Pin;

pub fn write(app: &App, lines: &mut Lines) {
    let Some(view) = &app.sources else {
        lines.heading("Sources");
        lines.say("They are not looked at yet.");
        return;
    };
    let number = if view.configured.is_empty() { "none".to_owned() } else { text::count_of(view.configured.len()) };
    lines.heading(&format!("Sources: {number}"));
    for source in &view.configured {
        configured(source, lines);
    }
    if !view.found.is_empty() {
        lines.heading(&format!("Found on this machine: {}", text::count_of(view.found.len())));
        for row in &view.found {
            found(row, lines);
        }
    }
}

fn configured(source: &SourceRow, lines: &mut Lines) {
    lines.subject("source", &source.name);
    lines.fact("state", if source.is_on { "on" } else { "off" });
    lines.fact("problem", source.problem.as_deref().filter(|_| source.is_on).unwrap_or_default());
    let packages = source.packages.map(|packages| text::plural(packages, "package"));
    lines.fact("offers", &packages.unwrap_or_else(|| "not read yet".to_owned()));
    lines.fact("location", &source.location);
    lines.fact("pinned to", &source.pin.as_ref().map(Pin::in_short).unwrap_or_default());
    lines.fact("listed by", source.listing.as_deref().unwrap_or_default());
    lines.fact("given", if source.is_from_command_line { "at the start, for this run" } else { "in the config file" });
}

fn found(found: &FoundRow, lines: &mut Lines) {
    lines.subject("found", &found.name);
    lines.fact("location", &found.location);
    lines.fact("where", &found.why);
    for way in &found.ways {
        lines.fact("listed by", &format!("{}, which costs: {}", way.text, way.cost));
    }
}
