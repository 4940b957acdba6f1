//! The files of a profile or of a package, with who provides each.

use super::super::app::App;
use super::super::files::Showing;
use super::super::text;
use super::lines::Lines;
use super::say;
use crate::loom::{FileTree, Owner, PlainFile, Totals};
use crate::safe;

pub fn write(app: &App, lines: &mut Lines) {
    let of = match &app.files.showing {
        Showing::Package(name, _) => safe::text(name),
        Showing::Profile => "the profile".to_owned(),
        Showing::Plan => "the profile with what is staged".to_owned(),
        Showing::Generation(number) => format!("generation {number}"),
        Showing::Built(link, _) => safe::path(link),
        Showing::Environment(name, woven) => {
            format!("{} by itself, rules {}", safe::text(name), woven.plan.rules.name())
        }
    };
    let Some(tree) = app.files.tree() else {
        lines.heading(&format!("Files of {of}"));
        lines.say(app.files.error.as_deref().unwrap_or("They are not looked at yet."));
        return;
    };
    lines.heading(&format!("Files of {of}: {}", total(tree)));
    for file in tree.plain() {
        one(&file, lines);
    }
}

fn total(tree: &FileTree) -> String {
    let Totals { files, bytes, contested } = tree.all();
    let files = text::plural(files, "file");
    let size = if bytes > 0 { format!(", {}", text::size(bytes)) } else { String::new() };
    match contested {
        0 => format!("{files}{size}"),
        1 => format!("{files}{size}, and 1 path that more than one package wants"),
        more => format!("{files}{size}, and {} paths that more than one package wants", text::count_of(more)),
    }
}

fn one(file: &PlainFile<'_>, lines: &mut Lines) {
    lines.subject("path", &safe::bytes(&file.path));
    let kind = match file.kind {
        "unknown" => "unknown until fetched",
        "unreadable" => "it cannot be looked at",
        "contested" => "contested: nobody gets the path, which blocks",
        kind => kind,
    };
    lines.fact("kind", kind);
    lines.fact("size", &file.size.map(text::size).unwrap_or_default());
    lines.fact("mode", &file.mode.map(|mode| format!("{mode:04o}")).unwrap_or_default());
    lines.fact("from", &file.owner.map(owner).unwrap_or_default());
    lines.fact("leads to", &file.target.map(safe::bytes).unwrap_or_default());
    lines.fact("file in the store", &file.source.as_deref().map(safe::bytes).unwrap_or_default());
    lines.fact("shadowed", &say::list(&file.shadowed));
}

/// `nodejs_20 (out) 20.11.1, propagated by npm`.
fn owner(owner: &Owner) -> String {
    let name = format!("{} ({}) {}", owner.package, owner.output, owner.version);
    let propagated = owner.propagated_by.as_ref().map_or_else(String::new, |by| format!(", propagated by {by}"));
    format!("{}{propagated}", name.trim_end())
}
