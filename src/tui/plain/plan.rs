//! The plan: every change, what blocks and what would settle it, what is fetched, every command and every file.

use super::super::app::App;
use super::super::report::Report;
use super::super::text;
use super::super::words::{self, Mark};
use super::lines::Lines;
use super::{collisions, say};
use crate::engine::{Difference, Suggestion};
use crate::loom::{Changed, Preview};
use crate::safe;

pub fn write(app: &App, lines: &mut Lines) {
    let Some(report) = app.outlook.current() else {
        let (verdict, why) = match &app.outlook.error {
            Some(error) => ("cannot be worked out", &**error),
            None => ("not worked out yet", ""),
        };
        lines.heading(&format!("Plan: {verdict}"));
        lines.fact("why", why);
        changes(app, lines);
        return;
    };
    let is_known = report.preview.fetch.unknown.is_empty();
    let verdict = match (app.staged.is_empty(), report.builds(), is_known) {
        (true, ..) => "nothing is staged",
        (_, true, true) => "builds",
        (_, true, false) => "builds as far as is known",
        (_, false, _) => "refused as it is",
    };
    lines.heading(&format!("Plan: {verdict}"));
    changes(app, lines);
    summary(app, report, lines);
    obstacles(report, lines);
    suggestions(report, lines);
    blocked(report, lines);
    let preview = &report.preview;
    fetch(preview, lines);
    meanings(preview, lines);
    differences("Commands", &preview.commands, lines);
    differences("Files", &preview.files, lines);
    if !preview.plan.warnings.is_empty() {
        lines.heading(&text::plural(preview.plan.warnings.len(), "warning"));
        for warning in &preview.plan.warnings {
            lines.fact("warning", warning);
        }
    }
}

/// The staged changes in their order.
pub fn changes(app: &App, lines: &mut Lines) {
    for change in app.staged.changes() {
        let (mark, name, rest) = words::change(change);
        let rest = if rest.is_empty() { String::new() } else { format!(", {rest}") };
        lines.fact("change", &format!("{name} {}{rest}", mark.word()));
    }
}

/// The numbers of the environment.
pub fn summary(app: &App, report: &Report, lines: &mut Lines) {
    let preview = &report.preview;
    let before = |number: usize, now: usize| {
        let is_same = app.staged.is_empty() || number == now;
        if is_same { text::count_of(now) } else { format!("{}, now {}", text::count_of(now), text::count_of(number)) }
    };
    lines.fact("rules", preview.plan.rules.name());
    lines.fact("links", &before(preview.links_before, report.links));
    lines.fact("directories", &before(preview.directories_before, report.directories));
    if !app.staged.is_empty() {
        lines.fact("files", &say::tally(&preview.files));
        lines.fact("commands", &say::tally(&preview.commands));
    }
    let kinds: Vec<_> =
        report.kinds().map(|(kind, number)| format!("{} {}", text::count_of(number), kind.name())).collect();
    lines.fact("collisions", &say::collisions(report.collisions().len(), report.blocking().len()));
    lines.fact("kinds of collisions", &kinds.join(", "));
}

fn obstacles(report: &Report, lines: &mut Lines) {
    if !report.obstacles.is_empty() {
        lines.heading("Cannot be built");
    }
    for obstacle in &report.obstacles {
        lines.fact("in the way", obstacle);
    }
}

fn blocked(report: &Report, lines: &mut Lines) {
    let blocking = report.blocking();
    if blocking.is_empty() {
        return;
    }
    lines.heading(&format!("In the way: {}", text::plural(blocking.len(), "collision")));
    for &at in blocking {
        collisions::short(report, at, lines);
    }
}

/// What would settle what blocks, the best first.
pub fn suggestions(report: &Report, lines: &mut Lines) {
    if report.blocking().is_empty() {
        return;
    }
    lines.heading("What would settle it");
    if report.preview.suggestions.is_empty() {
        lines.say("No few changes were found that would.");
    }
    for (number, suggestion) in (1..).zip(&report.preview.suggestions) {
        self::suggestion(report, number, suggestion, lines);
    }
}

fn suggestion(report: &Report, number: usize, suggestion: &Suggestion, lines: &mut Lines) {
    lines.subject(&format!("way {number}"), &words::suggestion(suggestion));
    let blocking = report.blocking().len();
    let settles = format!("{} of {}", text::count_of(suggestion.settles()), text::count_of(blocking));
    lines.fact("settles", &if suggestion.builds { format!("{settles}, and then it builds") } else { settles });
    lines.fact("why", &suggestion.why);
    lines.fact("alters besides", &alters(&suggestion.alters));
}

fn alters(difference: &Difference) -> String {
    let numbers = [difference.added.len(), difference.removed.len(), difference.changed.len()];
    if numbers == [0; 3] {
        return "nothing".to_owned();
    }
    let files = text::plural(numbers.iter().sum(), "file");
    format!("{files}: {}", say::numbers(numbers[0], numbers[1], numbers[2]))
}

fn fetch(preview: &Preview, lines: &mut Lines) {
    let fetch = &preview.fetch;
    let is_empty = fetch.paths + fetch.shared + fetch.builds + fetch.unavailable.len() + fetch.unknown.len() == 0;
    if is_empty {
        return;
    }
    lines.heading("Fetch");
    if fetch.paths > 0 {
        let bytes =
            if fetch.download_bytes > 0 { format!(", {}", text::size(fetch.download_bytes)) } else { String::new() };
        lines.fact("to fetch", &format!("{}{bytes}", text::plural(fetch.paths, "path")));
        lines.fact("on disk once fetched", &text::size(fetch.unpacked_bytes));
    }
    if fetch.shared > 0 {
        let shared = text::plural(fetch.shared, "output");
        lines.fact("here already", &format!("{shared}, {}", text::size(fetch.shared_bytes)));
    }
    if fetch.builds > 0 {
        lines.fact("to build", &text::plural(fetch.builds, "package"));
    }
    for path in &fetch.unavailable {
        lines.fact("nothing known has", &safe::path(path));
    }
    for path in &fetch.unknown {
        let why = fetch.unlisted.iter().find(|unlisted| unlisted.path == *path);
        let why = why.map_or_else(String::new, |unlisted| format!(", {}", unlisted.why));
        lines.fact("unknown until fetched", &format!("{}{why}", safe::path(path)));
    }
}

fn meanings(preview: &Preview, lines: &mut Lines) {
    if preview.missing_from_path.is_none() && preview.meanings.is_empty() {
        return;
    }
    lines.heading("On PATH: what a shell runs");
    if let Some(bin) = &preview.missing_from_path {
        lines.say(&format!("A shell finds none of these commands: put {} on PATH.", safe::path(bin)));
    }
    for meaning in &preview.meanings {
        lines.fact("command", &format!("{} {}", safe::bytes(&meaning.command), meaning.why()));
    }
}

/// What comes, then what changes, then what goes.
pub fn differences(heading: &str, changed: &Changed<Box<[u8]>>, lines: &mut Lines) {
    let parts = [(Mark::Added, &changed.added), (Mark::Changed, &changed.changed), (Mark::Removed, &changed.removed)];
    if parts.iter().all(|(_, paths)| paths.is_empty()) {
        return;
    }
    lines.heading(&format!("{heading}: {}", say::tally(changed)));
    for (mark, paths) in parts {
        for path in paths {
            lines.fact(mark.word(), &safe::bytes(path));
        }
    }
}
