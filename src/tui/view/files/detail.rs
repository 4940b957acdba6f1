//! What is told of the selected file: its path, what it is and where it leads, who provides it and why, who stands back.

use std::os::unix::ffi::OsStrExt as _;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::super::super::action::Command;
use super::super::super::app::App;
use super::super::super::context::Context;
use super::super::super::files::Showing;
use super::super::super::{layout, text, words};
use super::super::inspector::Told;
use super::super::paint;
use super::rows;
use crate::engine::{Contender, EntryKind, join};
use crate::loom::{FileLink, FileTree, NodeId, NodeKind, Owner};
use crate::safe;

/// Contenders and packages that are named; the others are counted.
const SHOWN: usize = 12;

/// How many lines there are to scroll through.
pub fn len(app: &App) -> usize {
    let Some(area) = layout::files(app.area()).detail.filter(|_| !layout::is_too_small(app.area())) else {
        return 0;
    };
    told(app, layout::padded(area).width.into()).len()
}

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let inner = layout::padded(area);
    let told = told(app, inner.width.into());
    let room = usize::from(area.width).saturating_sub(6);
    paint::pane(app, frame, area, paint::title(theme, &text::fit(&told.title, room), "", false), false);
    let list = app.files.detail;
    let lines = list.visible().map(|line| told.lines.get(line).cloned().unwrap_or_default());
    paint::lines(frame, inner, lines);
    paint::scroll_bar(app, frame, layout::inside(area), &list);
    let scroll = app.bound_key(Context::Files, Command::ScrollDetailDown);
    if let Some(key) = scroll.filter(|_| list.visible().end < told.len()) {
        paint::foot(frame, area, &format!("{key} scrolls"), theme.dim);
    }
}

fn told(app: &App, columns: usize) -> Told<'static> {
    let mut told = Told::default();
    let selected = app.lists.files.selected().and_then(|row| app.files.node(row));
    let Some((tree, at)) = app.files.tree().zip(selected) else { return told };
    let Some(node) = tree.node(at) else { return told };
    let theme = app.theme();
    let is_output = tree.is_of_outputs() && tree.parent(at).is_none();
    kind(tree, at).clone_into(&mut told.title);
    told.say(&safe::bytes(&place(app, tree, at)), columns, theme.title);
    if is_output {
        let marks = rows::marks(app, tree, at);
        if !marks.is_empty() {
            told.say(&marks.join(" · "), columns, theme.text);
        }
    }
    let facts = facts(tree, at);
    if !facts.is_empty() {
        told.say(&facts.join(" · "), columns, theme.text);
    }
    if node.kind == NodeKind::Unknown {
        told.say(
            "No list of its files is here or can be had: they are known once it is fetched.",
            columns,
            theme.warning,
        );
    }
    if let Some(source) = tree.source(at).filter(|_| node.kind != NodeKind::Unknown) {
        told.say(&format!("is {}", safe::bytes(in_store(app, &source))), columns, theme.dim);
    }
    if let Some(link) = tree.link(at) {
        let style = if link.is_dangling { theme.warning } else { theme.text };
        told.say(&self::link(app, link), columns, style);
    }
    provided(app, tree, at, &mut told, columns);
    shadowed(app, tree, at, &mut told, columns);
    told
}

/// Its path in the profile, or in the output.
fn place(app: &App, tree: &FileTree, at: NodeId) -> Vec<u8> {
    if tree.node(at).is_some_and(|node| node.kind == NodeKind::Unknown) {
        return tree.source(at).unwrap_or_else(|| tree.path(at));
    }
    match (&app.files.showing, &app.about) {
        (Showing::Profile | Showing::Plan, Some(about)) => {
            let profile = about.profile.as_os_str().as_bytes();
            let home = app.settings.home.as_deref().map(|home| home.as_os_str().as_bytes());
            let inside = home.and_then(|home| profile.strip_prefix(home)).filter(|rest| rest.starts_with(b"/"));
            let profile = inside.map_or_else(|| profile.to_vec(), |rest| [b"~", rest].concat());
            join(&profile, &tree.path(at))
        }
        _ if tree.is_of_outputs() && tree.parent(at).is_some() => tree.path_in_profile(at),
        _ => tree.path(at),
    }
}

fn kind(tree: &FileTree, at: NodeId) -> &'static str {
    let Some(node) = tree.node(at) else { return "" };
    match node.kind {
        NodeKind::Directory if tree.is_of_outputs() && tree.parent(at).is_none() => "Output",
        NodeKind::Directory if tree.is_linked(at) => "Directory of one package",
        NodeKind::Directory => "Directory",
        NodeKind::File if node.mode & 0o111 != 0 => "Executable",
        NodeKind::File => "File",
        NodeKind::Symlink => "Link",
        NodeKind::Other => "Neither file nor directory nor link",
        NodeKind::Unknown => "Unknown until fetched",
        NodeKind::Unreadable => "Cannot be read",
        NodeKind::Contested => "Nobody gets it",
    }
}

fn facts(tree: &FileTree, at: NodeId) -> Vec<String> {
    let Some(node) = tree.node(at) else { return Vec::new() };
    if node.kind == NodeKind::Directory {
        let totals = tree.totals(at);
        let mut facts = vec![text::plural(totals.files, "file"), text::size(totals.bytes)];
        if totals.contested > 0 {
            facts.push(format!("{} wanted by several", text::plural(totals.contested, "path")));
        }
        return facts;
    }
    let mode = Some(format!("mode {:04o}", node.mode)).filter(|_| node.kind == NodeKind::File && node.mode != 0);
    node.size.map(text::size).into_iter().chain(mode).collect()
}

/// Where a link leads, and where it ends if that is elsewhere.
fn link(app: &App, link: &FileLink) -> String {
    let target = format!("→ {}", safe::bytes(in_store(app, &link.target)));
    match &link.end {
        None if link.is_dangling => format!("{target}, which leads nowhere"),
        None => format!("{target}, and where that ends is not known until it is fetched"),
        Some((end, kind)) => {
            let what = match kind {
                EntryKind::Directory => "the directory",
                EntryKind::File => "the file",
                EntryKind::Symlink | EntryKind::Other => "what is at",
            };
            format!("{target}, which ends at {what} {}", safe::bytes(in_store(app, end)))
        }
    }
}

fn provided(app: &App, tree: &FileTree, at: NodeId, told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    if let Some(owner) = tree.owner(at) {
        told.heading(app, "Provided by", "");
        told.say(&who(owner), columns, theme.text);
        if !tree.is_of_outputs() {
            let reason = match tree.contest(at) {
                Some(contest) => contest.reason(),
                None => "It is the only one that has it.".to_owned(),
            };
            told.say(&reason, columns, theme.dim);
        }
        return;
    }
    let sharers: Vec<&Owner> = tree.sharers(at).collect();
    if !sharers.is_empty() {
        told.heading(app, "Shared by", &text::plural(sharers.len(), "output"));
        for owner in sharers.iter().take(SHOWN) {
            told.say(&who(owner), columns, theme.text);
        }
        if sharers.len() > SHOWN {
            told.say(&format!("and {} more", text::count_of(sharers.len() - SHOWN)), columns, theme.dim);
        }
    } else if let Some(contest) = tree.contest(at) {
        told.say(&contest.reason(), columns, theme.blocked);
    } else if !tree.is_of_outputs() && tree.source(at).is_none() {
        told.say("It is the profile's own: the record of what is installed.", columns, theme.dim);
    }
}

/// Package, output, version, priority.
fn who(owner: &Owner) -> String {
    let mut parts = vec![format!("{} ({})", owner.package, owner.output)];
    parts.extend((!owner.version.is_empty()).then(|| owner.version.to_string()));
    parts.extend(owner.priority.map(|priority| format!("priority {priority}")));
    parts.extend(owner.propagated_by.as_ref().map(|by| format!("{by} asks for it")));
    parts.join(" · ")
}

fn shadowed(app: &App, tree: &FileTree, at: NodeId, told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    let Some(contest) = tree.contest(at) else { return };
    let others: Vec<&Contender> = tree.shadowed(at).collect();
    let name = if contest.winner.is_some() { "Stands back" } else { "Wanted by" };
    told.heading(app, name, &format!("{} {}", words::kind_sign(contest.kind), contest.kind.name()));
    for contender in others.iter().take(SHOWN) {
        let who = format!("{} ({}) · priority {}", contender.package, contender.output, contender.priority);
        told.say(&who, columns, theme.text);
        told.say(&format!("has {}", safe::bytes(in_store(app, &contender.source))), columns, theme.dim);
    }
    if others.len() > SHOWN {
        told.say(&format!("and {} more", text::count_of(others.len() - SHOWN)), columns, theme.dim);
    }
}

/// A path without the store's own, which says nothing.
fn in_store<'a>(app: &App, path: &'a [u8]) -> &'a [u8] {
    let store = app.about.as_ref().map(|about| about.store_directory.as_os_str().as_bytes());
    store.and_then(|store| path.strip_prefix(store)?.strip_prefix(b"/")).unwrap_or(path)
}
