//! One row of the tree of files.

use ratatui::text::Line;

use super::super::super::app::App;
use super::super::super::files::Showing;
use super::super::super::{text, words};
use super::super::paint::Cells;
use crate::loom::{FileTree, NodeId, NodeKind, Owner};
use crate::safe;

/// From here on a row says who provides the file.
const WIDE: usize = 44;
/// Columns of a size.
const SIZE: usize = 9;

pub fn line(app: &App, tree: &FileTree, at: NodeId, columns: usize) -> Line<'static> {
    let theme = app.theme();
    let Some(node) = tree.node(at) else { return Line::default() };
    let fold = match (tree.below(at).is_empty(), app.files.is_unfolded(at)) {
        (true, _) => "",
        (false, true) => "▿",
        (false, false) => "▹",
    };
    let contest = tree.contest(at);
    let (mark, mark_style) = match (node.kind, contest) {
        (_, Some(contest)) if contest.blocks => ("✗", theme.blocked),
        (_, Some(contest)) => (words::kind_sign(contest.kind), theme.warning),
        (NodeKind::Unknown, _) => ("?", theme.warning),
        (NodeKind::Unreadable, _) => ("!", theme.warning),
        _ => ("", theme.text),
    };
    let style = match node.kind {
        NodeKind::Directory => theme.title,
        NodeKind::Contested => theme.blocked,
        _ => theme.text,
    };
    let owner_columns = match (columns < WIDE, tree.is_of_outputs()) {
        (true, _) => 0,
        (false, false) => (columns * 30 / 100).min(28),
        // How the profile stands to an output takes more words, and names of outputs are short.
        (false, true) => (columns * 45 / 100).min(40),
    };
    // A deep row keeps two thirds for itself.
    let indent = (2 * usize::from(node.depth)).min(columns / 3);
    let cells = Cells::new(columns).cell(mark, 2, mark_style).gap(indent).cell(fold, 2, theme.dim);
    if node.kind == NodeKind::Unknown && !tree.is_of_outputs() {
        let who = tree.owner(at).map_or_else(|| safe::bytes(tree.name(at)), provider);
        let left = cells.left();
        return cells.cell(&format!("{who}: unknown until fetched"), left, style).line();
    }
    let left = cells.left().saturating_sub(SIZE + 1 + owner_columns + usize::from(owner_columns > 0));
    let mut name = name(tree, at, node.kind, node.mode);
    if node.kind == NodeKind::Unknown && owner_columns == 0 {
        name.push_str(": unknown until fetched");
    }
    let cells = cells.cell(&name, left, style).right(&size(tree, at), SIZE, theme.dim).gap(1);
    if owner_columns == 0 {
        return cells.line();
    }
    cells.gap(1).cell(&right(app, tree, at), owner_columns, theme.dim).line()
}

/// The name with a sign for its kind, as `ls -F` has them, and of a link where it leads.
fn name(tree: &FileTree, at: NodeId, kind: NodeKind, mode: u16) -> String {
    let name = safe::bytes(tree.name(at));
    match kind {
        NodeKind::Directory => format!("{name}/"),
        NodeKind::File if mode & 0o111 != 0 => format!("{name}*"),
        NodeKind::Symlink => match tree.link(at) {
            Some(link) => format!("{name} → {}", safe::bytes(&link.target)),
            None => format!("{name} →"),
        },
        NodeKind::Contested => format!("{name}: nobody gets it"),
        NodeKind::Unreadable => format!("{name}: cannot be read"),
        NodeKind::Unknown | NodeKind::Other | NodeKind::File => name,
    }
}

/// Of a file its own, of a directory that of all files below it.
fn size(tree: &FileTree, at: NodeId) -> String {
    let Some(node) = tree.node(at) else { return String::new() };
    match node.kind {
        NodeKind::Directory => text::size(tree.totals(at).bytes),
        _ => node.size.map_or_else(String::new, text::size),
    }
}

/// Who provides it; of an output, how the profile stands to it.
fn right(app: &App, tree: &FileTree, at: NodeId) -> String {
    if tree.is_of_outputs() {
        let is_output = tree.parent(at).is_none();
        return if is_output { output(app, tree, at) } else { String::new() };
    }
    match (tree.owner(at), tree.sharers(at).count()) {
        (Some(owner), _) => provider(owner),
        (None, 0) if tree.contest(at).is_some() => tree.contest(at).map(words::contest).unwrap_or_default(),
        (None, 0) => String::new(),
        (None, 1) => tree.sharers(at).next().map(provider).unwrap_or_default(),
        (None, more) => text::plural(more, "output"),
    }
}

/// A package, and its output if that is not the usual one.
pub fn provider(owner: &Owner) -> String {
    if *owner.output == *"out" { owner.package.to_string() } else { format!("{} {}", owner.package, owner.output) }
}

/// What the profile has and will have of an output, and how many files that is.
fn output(app: &App, tree: &FileTree, at: NodeId) -> String {
    let marks = marks(app, tree, at);
    if tree.node(at).is_some_and(|node| node.kind == NodeKind::Unknown) {
        return std::iter::once("unknown until fetched").chain(marks).collect::<Vec<_>>().join(" · ");
    }
    let files = text::plural(tree.totals(at).files, "file");
    marks.into_iter().map(str::to_owned).chain([files]).collect::<Vec<_>>().join(" · ")
}

/// `installed`, `chosen`, `goes`, `default`, as far as they are true of an output.
pub fn marks(app: &App, tree: &FileTree, at: NodeId) -> Vec<&'static str> {
    let (Showing::Package(_, crate::loom::FilesOf::Package { element, package }), Some(owner)) =
        (&app.files.showing, tree.owner(at))
    else {
        return Vec::new();
    };
    // The profile may have become another one since.
    let element = element.as_deref().and_then(|element| app.element(&element.name));
    let package = package.as_deref();
    let is_installed = element.is_some_and(|element| element.output(&owner.output).is_some());
    let subject = super::super::super::subject::Subject { package: package.cloned(), element };
    let is_chosen = app.chosen_outputs(&subject).iter().any(|output| **output == *owner.output);
    let is_default = package.is_some_and(|package| package.default_outputs.iter().any(|it| **it == *owner.output));
    let state = match (is_installed, is_chosen) {
        (true, true) => Some("installed"),
        (true, false) => Some("installed, goes"),
        (false, true) => Some("staged"),
        (false, false) => None,
    };
    state.into_iter().chain(is_default.then_some("default")).collect()
}
