//! The works that run, and the log: what began, how it ended, and what other programs wrote meanwhile.

use super::super::app::App;
use super::super::log::{Entry, Kind, clock};
use super::super::work::Work;
use super::super::{pace, text, words};
use super::lines::Lines;
use super::say;

pub fn write(app: &App, lines: &mut Lines) {
    let works = app.works.all();
    lines.heading(&format!(
        "Work: {}",
        if works.is_empty() { "nothing runs".into() } else { text::count_of(works.len()) }
    ));
    for work in works {
        one(work, lines);
    }
    entries(app, lines);
}

/// The log alone.
pub fn entries(app: &App, lines: &mut Lines) {
    lines.heading(if app.log.is_empty() { "Log: nothing has happened yet" } else { "Log" });
    lines.fact("left out", &app.log.dropped_words());
    // Who listens hears when something is another moment or another work, not before each line.
    let mut before = None;
    for entry in app.log.entries() {
        let place = (clock(entry.at, &app.settings.time_zone, true), entry.work);
        if before.as_ref() != Some(&place) {
            let number = entry.work.map_or_else(String::new, |number| format!(", work {number}"));
            lines.subject("at", &format!("{}{number}", place.0));
            before = Some(place);
        }
        told(entry, lines);
    }
}

fn one(work: &Work, lines: &mut Lines) {
    lines.subject("work", &work.number.to_string());
    lines.fact("doing", &plain(work.what()));
    let step = work.step.as_ref().filter(|_| !work.is_stopping);
    lines.fact("so far", &step.map_or_else(String::new, words::so_far));
    lines.fact("time left", &work.left.map_or_else(String::new, pace::in_words));
}

/// What it tells, a line for each of its own.
fn told(entry: &Entry, lines: &mut Lines) {
    let label = match entry.kind {
        Kind::Began => "begun",
        Kind::Done => "done",
        Kind::Failed => "failed",
        Kind::Stopped => "stopped",
        Kind::Said => "output",
        Kind::Note => "note",
    };
    for line in entry.text.lines() {
        lines.fact(label, &plain(line));
    }
}

/// Without signs, and without the blanks that align a table.
fn plain(line: &str) -> String {
    say::without_signs(line.trim_end_matches('…')).split_whitespace().collect::<Vec<_>>().join(" ")
}
