//! What is on offer, or what answers a query.

use super::super::app::App;
use super::super::{text, words};
use super::lines::Lines;
use crate::package::Package;

/// The first `limit` rows, or all.
pub fn write(app: &App, limit: Option<usize>, lines: &mut Lines) {
    let rows = app.available_len();
    let shown = limit.unwrap_or(rows).min(rows);
    let all = app.found.as_ref().map_or(rows, |found| found.total);
    let number = match (shown, all) {
        (_, 0) => "nothing".to_owned(),
        (shown, all) if shown < all => {
            format!("the first {} of {}", text::count_of(shown), text::plural(all, "package"))
        }
        (_, all) => text::plural(all, "package"),
    };
    lines.heading(&format!("Available: {number}"));
    lines.fact("query", app.query.text());
    for row in 0..shown {
        if let Some(package) = app.available(row) {
            one(app, &package, lines);
        }
    }
}

fn one(app: &App, package: &Package, lines: &mut Lines) {
    lines.subject("package", &package.attribute);
    lines.fact("version", &package.version);
    lines.fact("source", &package.source);
    if let Some(element) = app.element_of(package) {
        let state = if app.staged.removes(&element.name) { "installed, staged to go" } else { "installed" };
        lines.fact("state", state);
    }
    if app.staged.install(&package.attribute, &package.source).is_some() {
        lines.fact("staged", "it comes");
    }
    lines.fact("problems", &package.obstacles.iter().map(words::in_words).collect::<Vec<_>>().join(", "));
    lines.fact(
        "elsewhere",
        &app.elsewhere.of_package(package).map_or_else(String::new, |it| it.words(&package.version)),
    );
    lines.fact("description", &package.description);
}
