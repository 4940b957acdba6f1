//! A tree as a list, file by file: for lines, for JSON, for a screen reader.

use crate::safe;

use super::tree::{FileTree, NodeId, NodeKind, Owner};

/// One file of a tree; a directory only if nothing is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainFile<'a> {
    /// As [`FileTree::path`] tells it.
    pub path: Vec<u8>,
    /// `file`, `executable`, `link`, `directory`, `device`, `unknown`, `unreadable`, `contested`.
    pub kind: &'static str,
    pub size: Option<u64>,
    /// Permission bits (`0o7777`).
    pub mode: Option<u32>,
    /// Of a symlink in a package, as written.
    pub target: Option<&'a [u8]>,
    /// The file in the package.
    pub source: Option<Vec<u8>>,
    pub owner: Option<&'a Owner>,
    /// The packages that want the path too and do not get it.
    pub shadowed: Vec<&'a str>,
}

impl PlainFile<'_> {
    /// What there is to say of it in a line of text: path, kind, bytes, who provides it, and the rest. Safe for a terminal.
    pub fn cells(&self) -> [String; 5] {
        let owner = self.owner.map_or_else(String::new, |owner| match &*owner.output {
            "out" => safe::text(&owner.package),
            output => safe::text(&format!("{} {output}", owner.package)),
        });
        let target = self.target.map(|target| format!("→ {}", safe::bytes(target)));
        let shadowed = (!self.shadowed.is_empty()).then(|| format!("before {}", safe::text(&self.shadowed.join(", "))));
        let size = self.size.map_or_else(String::new, |size| size.to_string());
        let rest = target.into_iter().chain(shadowed).collect::<Vec<_>>().join("; ");
        [safe::bytes(&self.path), self.kind.to_owned(), size, owner, rest]
    }
}

impl FileTree {
    /// Every file, in the order of the tree.
    pub fn plain(&self) -> impl Iterator<Item = PlainFile<'_>> {
        (0..super::tree::number(self.len()))
            .filter(|&at| self.below(at).is_empty())
            .filter_map(|at| self.plain_file(at))
    }

    fn plain_file(&self, at: NodeId) -> Option<PlainFile<'_>> {
        let node = self.node(at)?;
        Some(PlainFile {
            path: self.path(at),
            kind: match node.kind {
                NodeKind::File if node.mode & 0o111 != 0 => "executable",
                NodeKind::File => "file",
                NodeKind::Symlink => "link",
                NodeKind::Directory => "directory",
                NodeKind::Other => "device",
                NodeKind::Unknown => "unknown",
                NodeKind::Unreadable => "unreadable",
                NodeKind::Contested => "contested",
            },
            size: node.size,
            mode: Some(u32::from(node.mode)).filter(|&mode| mode != 0 && node.kind == NodeKind::File),
            target: self.link(at).map(|link| &*link.target),
            source: self.source(at),
            owner: self.owner(at),
            shadowed: self.shadowed(at).map(|contender| &*contender.package).collect(),
        })
    }

    /// Who wants the path of a node too and does not get it.
    pub fn shadowed(&self, at: NodeId) -> impl Iterator<Item = &crate::engine::Contender> {
        let contest = self.contest(at);
        let winner = contest.and_then(|contest| contest.winner);
        let contenders = contest.into_iter().flat_map(|contest| &contest.contenders).enumerate();
        contenders.filter(move |(place, _)| Some(*place) != winner).map(|(_, contender)| contender)
    }
}
