//! Every collision: its contenders, who wins and why, and what is known of the files.

use super::super::app::App;
use super::super::report::Report;
use super::super::{text, words};
use super::lines::Lines;
use super::{plan, say};
use crate::engine::{Collision, Contender, Reason};
use crate::loom::{DiffChange, DiffLine, FileComparison, FileContents, FileFacts, FileKind, Origin};
use crate::safe;

/// All of them, by pair of packages.
pub fn write(app: &App, lines: &mut Lines) {
    let of = if app.staged.is_empty() { "of the profile" } else { "of the plan" };
    let Some(report) = app.outlook.current() else {
        lines.heading(&format!("Collisions {of}"));
        lines.say(app.outlook.error.as_deref().unwrap_or("They are not worked out yet."));
        return;
    };
    let tally = say::collisions(report.collisions().len(), report.blocking().len());
    lines.heading(&format!("Collisions {of}: {tally}"));
    plan::changes(app, lines);
    unknown(report, lines);
    for pair in report.pairs.list() {
        let tally = words::tally_blocking(pair.rows.len(), pair.blocking);
        lines.heading(&format!("{}: {tally}", safe::text(&say::pair(&pair.packages))));
        for &at in &pair.rows {
            one(report, at, lines);
        }
    }
    plan::suggestions(report, lines);
}

/// One with all that is known, and what its files hold, as far as the inspector has compared them.
pub fn compared(app: &App, at: u32, lines: &mut Lines) {
    let Some(report) = app.outlook.current() else { return };
    one(report, at, lines);
    let Some(collision) = report.collisions().get(at as usize) else { return };
    let comparisons = app.inspector.contents.comparisons.as_deref().unwrap_or_default();
    let facts = |contender: &Contender| {
        let mut sides = comparisons.iter().flat_map(|comparison| &comparison.sides);
        sides.find(|facts| *facts.path == *contender.source)
    };
    for contender in &collision.contenders {
        if let Some(facts) = facts(contender) {
            lines.fact(&format!("file of {}", safe::text(&contender.package)), &file(facts));
        }
    }
    for comparison in comparisons {
        contents(collision, comparison, lines);
    }
}

/// Outputs of which no listing is known.
fn unknown(report: &Report, lines: &mut Lines) {
    for path in &report.preview.plan.unknown {
        lines.fact("unknown until fetched", &safe::bytes(path));
    }
}

/// One in few lines.
pub fn short(report: &Report, at: u32, lines: &mut Lines) {
    let Some(collision) = report.collisions().get(at as usize) else { return };
    lines.subject("path", &safe::bytes(&collision.path));
    lines.fact("kind", collision.kind.name());
    let contenders: Vec<_> = collision.contenders.iter().map(named).collect();
    lines.fact("wanted by", &say::list(&contenders));
    uncovered(report, at, lines);
    double(report, at, lines);
}

/// That it is about a package that is there twice.
fn double(report: &Report, at: u32, lines: &mut Lines) {
    if let Some(double) = report.preview.double(at) {
        lines.fact("why", &double.sentence());
    }
}

fn uncovered(report: &Report, at: u32, lines: &mut Lines) {
    if let Some(Origin::Uncovered { by }) = report.preview.origins.get(at as usize) {
        lines.fact("uncovered", &format!("the file of {by}, which goes, was there before"));
    }
}

/// One with all that is known of it.
pub fn one(report: &Report, at: u32, lines: &mut Lines) {
    let Some(collision) = report.collisions().get(at as usize) else { return };
    lines.subject("path", &safe::bytes(&collision.path));
    lines.fact("kind", collision.kind.name());
    lines.fact("verdict", if collision.blocks { "blocks" } else { "does not block" });
    for (at, contender) in collision.contenders.iter().enumerate() {
        let verdict = match (collision.winner, collision.cause) {
            (Some(winner), _) if winner == at => "wins with",
            (Some(_), _) => "loses with",
            (None, Reason::SamePriority | Reason::TieAmongLosers) => "ties at",
            (None, _) => "clashes, with",
        };
        let kind = if contender.is_directory { ", a directory" } else { "" };
        lines.fact("wanted by", &format!("{} {verdict} priority {}{kind}", named(contender), contender.priority));
    }
    lines.fact("why", &collision.reason());
    lines.fact("note", words::harmless(collision).unwrap_or_default());
    uncovered(report, at, lines);
    double(report, at, lines);
}

/// `nodejs_20 (out)`.
fn named(contender: &Contender) -> String {
    format!("{} ({})", contender.package, contender.output)
}

/// What a file is: kind, size, mode, place, and where it leads.
fn file(facts: &FileFacts) -> String {
    let kind = match facts.kind {
        Some(FileKind::File) => "file",
        Some(FileKind::Directory) => "directory",
        Some(FileKind::Symlink) => "link",
        Some(FileKind::Other) => "neither file nor directory nor link",
        None => "not known until it is fetched",
    };
    let size = facts.size.map(text::size);
    let mode = facts.mode.map(|mode| format!("mode {mode:04o}"));
    let leads = facts.target.as_deref().map(|target| format!("leads to {}", safe::bytes(target)));
    let real = facts.real.as_deref().filter(|_| leads.is_none()).map(|real| format!("is {}", safe::bytes(real)));
    let place = Some(safe::bytes(&facts.path));
    [Some(kind.to_owned()), size, mode, place, leads, real].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn contents(collision: &Collision, comparison: &FileComparison, lines: &mut Lines) {
    let name = |side: &FileFacts| {
        let contender = collision.contenders.iter().find(|contender| *contender.source == *side.path);
        contender.map_or_else(String::new, |contender| contender.package.to_string())
    };
    let [one, other] = [name(&comparison.sides[0]), name(&comparison.sides[1])];
    let FileContents::Text { lines: difference, is_cut } = &comparison.contents else {
        lines.fact("contents", &words::contents(&comparison.contents, &comparison.sides, &one, &other));
        return;
    };
    let number = |wanted| text::count_of(difference.iter().filter(|line| line.change == wanted).count());
    let (removed, added) = (number(DiffChange::Removed), number(DiffChange::Added));
    lines.fact("contents", &format!("lines differ: {removed} only in {one}, {added} only in {other}"));
    for line in difference {
        self::line(line, &one, &other, lines);
    }
    if *is_cut {
        lines.say("There are more lines that differ.");
    }
}

/// A line of a difference: whose it is, its number, and what it says.
fn line(line: &DiffLine, one: &str, other: &str, lines: &mut Lines) {
    let (whose, number) = match line.change {
        DiffChange::Same => ("both", line.right),
        DiffChange::Removed => (one, line.left),
        DiffChange::Added => (other, line.right),
        DiffChange::Gap => return lines.say("Lines that are the same are left out."),
    };
    let number = number.map_or_else(String::new, |number| format!(" line {number}"));
    let end = if line.is_unended { " (no line end)" } else { "" };
    let content = safe::bytes(&line.text);
    let content = if content.trim().is_empty() { "(blank)" } else { &content };
    lines.fact(&format!("{}{number}", safe::text(whose)), &format!("{content}{end}"));
}
