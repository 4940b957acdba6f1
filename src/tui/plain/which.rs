//! Who provides a command or a file.

use super::super::app::App;
use super::super::text;
use super::super::view::{not_looked_at, which_sentence};
use super::lines::Lines;
use crate::loom::Provider;
use crate::safe;

pub fn write(app: &App, lines: &mut Lines) {
    let providers = app.which.providers();
    let is_cut = matches!(&app.which.found, Some(Ok(found)) if found.is_cut);
    let more = if is_cut { " and more" } else { "" };
    let number = if providers.is_empty() { "nobody".to_owned() } else { text::plural(providers.len(), "answer") };
    lines.heading(&format!("Who has {}: {number}{more}", safe::text(app.which.input.text())));
    lines.say(&which_sentence(app).0.replace(" · ", "; "));
    if let Some(Ok(found)) = &app.which.found {
        lines.say(&not_looked_at(found));
    }
    for provider in providers {
        one(app, provider, lines);
    }
}

fn one(app: &App, provider: &Provider, lines: &mut Lines) {
    lines.subject("package", &provider.package);
    lines.fact("output", &provider.output);
    lines.fact("source", &provider.source);
    lines.fact("path", &safe::bytes(&provider.path));
    let state = match provider {
        Provider { installed: true, shadowed: true, .. } => "installed, but shadowed: another package's file is shown",
        Provider { installed: true, .. } => "installed",
        _ if app.is_staged_provider(provider) => "staged to come",
        Provider { on_offer: true, .. } => "on offer",
        Provider { .. } => "known to nix-index alone",
    };
    lines.fact("state", state);
}
