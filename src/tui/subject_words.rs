//! What is told of a package and its outputs in words, by the details and by the plain lines.

use std::sync::Arc;

use super::app::App;
use super::losses::Loss;
use super::staged::installs;
use super::subject::{OutputRow, Subject};
use super::words::{self, Mark};
use super::{text, weighing};
use crate::profile::Change;

/// Whether nothing offers what is installed, and that is known by now.
pub fn is_known_not_offered(app: &App, subject: &Subject<'_>) -> bool {
    let has_attribute = subject.element.is_none_or(|element| !element.attribute.is_empty());
    subject.package.is_none() && (app.outputs.is_some() || !has_attribute)
}

/// Why no source tells of what is installed.
pub fn not_offered(subject: &Subject<'_>) -> &'static str {
    match subject.element.map_or("", |element| &element.source) {
        "" if subject.element.is_some() => "Where it was installed from is not recorded.",
        file if file.starts_with('/') => "It is of a file, which is read when it is opened or asked for what is newer.",
        _ => "None of the sources here offers this package.",
    }
}

/// What is staged for the subject.
pub fn staged(app: &App, subject: &Subject<'_>) -> Option<(Mark, String)> {
    let changes = app.staged.changes().iter();
    let about: Vec<_> = match (subject.element, &subject.package) {
        (Some(element), _) => {
            let is_about = |change: &&Change| {
                change.element() == Some(&element.name) || installs(change, &element.attribute, &element.source)
            };
            changes.filter(is_about).collect()
        }
        (None, Some(package)) => {
            changes.filter(|change| installs(change, &package.attribute, &package.source)).collect()
        }
        (None, None) => Vec::new(),
    };
    let (first, _, _) = words::change(about.first()?);
    let mark = if first == Mark::Added && subject.element.is_some() { Mark::Changed } else { first };
    let said = about.iter().map(|change| match words::change(change) {
        (Mark::Removed, ..) => "to be removed".to_owned(),
        (Mark::Added, _, rest) if subject.element.is_some() => format!("to be replaced by what is offered {rest}"),
        (Mark::Added, _, rest) => format!("to be installed {rest}"),
        (Mark::Changed, _, rest) => rest,
    });
    Some((mark, said.map(|part| part.trim_end().to_owned()).collect::<Vec<_>>().join(", ")))
}

/// `3 files: 2 by vim, 1 by nano`; more than `most` names are counted.
pub fn shadowed(loss: &Loss, most: usize) -> String {
    let by = |(name, number): &(Arc<str>, usize)| {
        if loss.to.len() == 1 { format!("by {name}") } else { format!("{} by {name}", text::count_of(*number)) }
    };
    let by: Vec<String> = loss.to.iter().take(most).map(by).collect();
    let more = match loss.to.len().saturating_sub(most) {
        0 => String::new(),
        more => format!(" and {} more", text::plural(more, "package")),
    };
    let files = text::plural(loss.files, "file");
    if loss.to.len() == 1 {
        format!("{files} {}{more}", by.concat())
    } else {
        format!("{files}: {}{more}", by.join(", "))
    }
}

/// What a tick on an output would do, or what the output brings, in sentences; empty while it is not known.
pub fn effect(app: &App, subject: &Subject<'_>, row: &OutputRow<'_>) -> String {
    let is_off = subject.element.is_some_and(|element| !app.staged.active(&element.name).unwrap_or(element.active));
    if is_off {
        return "The package is switched off, so nothing of it is linked.".into();
    }
    weighing::sentences(row, &app.planned_name(subject)).unwrap_or_default()
}
