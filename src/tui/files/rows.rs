//! Which nodes of a tree have rows: those whose directories are unfolded, as far as the filter leaves them.

use std::collections::HashSet;

use crate::loom::{FileTree, NodeId};

/// The rows, and what they are worked out from.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Directories that were unfolded.
    unfolded: HashSet<NodeId>,
    /// Directories that were folded although the filter finds something in them.
    folded: HashSet<NodeId>,
    /// What the filter finds, in order; `None` without one.
    hits: Option<Vec<NodeId>>,
    list: Vec<NodeId>,
}

impl Rows {
    /// The nodes of the rows, in order.
    pub fn list(&self) -> &[NodeId] {
        &self.list
    }

    pub fn row_of(&self, at: NodeId) -> Option<usize> {
        self.list.binary_search(&at).ok()
    }

    /// What the filter finds; `None` without one.
    pub fn hits(&self) -> Option<&[NodeId]> {
        self.hits.as_deref()
    }

    pub fn is_hit(&self, at: NodeId) -> bool {
        self.hits.as_ref().is_some_and(|hits| hits.binary_search(&at).is_ok())
    }

    /// The first row that the filter is about.
    pub fn first_hit(&self) -> Option<usize> {
        self.list.iter().position(|&at| self.is_hit(at))
    }

    /// What is unfolded at first: the only topmost directory.
    pub fn begin(&mut self, tree: &FileTree) {
        let mut top = tree.children(None);
        if let (Some(only), None) = (top.next(), top.next()) {
            self.unfold(tree, only);
        }
    }

    /// What was unfolded in another tree is unfolded in this one.
    pub fn carry_over(&mut self, before: &FileTree, tree: &FileTree) {
        self.unfolded = self.unfolded.iter().filter_map(|&at| tree.find(&before.path(at))).collect();
        self.folded.clear();
    }

    /// Takes another filter; no word is none.
    pub fn filter(&mut self, tree: &FileTree, words: &[&str]) {
        self.folded.clear();
        self.hits = (!words.is_empty()).then(|| tree.matching(words));
        self.lay_out(tree);
    }

    /// Whether what is in a directory has rows. What the filter finds in it has them without being asked for; of what it
    /// finds itself, all that is in it is found too, and stays folded until it is asked for.
    pub fn is_unfolded(&self, tree: &FileTree, at: NodeId) -> bool {
        if tree.below(at).is_empty() {
            return false;
        }
        match &self.hits {
            Some(_) if !self.is_hit(at) => !self.folded.contains(&at),
            _ => self.unfolded.contains(&at),
        }
    }

    pub fn set_unfolded(&mut self, tree: &FileTree, at: NodeId, is_unfolded: bool) -> bool {
        if tree.below(at).is_empty() || self.is_unfolded(tree, at) == is_unfolded {
            return false;
        }
        if is_unfolded {
            self.unfold(tree, at);
        } else {
            self.unfolded.remove(&at);
            self.folded.insert(at);
        }
        self.lay_out(tree);
        true
    }

    pub fn toggle_all(&mut self, tree: &FileTree, at: NodeId) -> bool {
        let below = tree.below(at);
        if below.is_empty() {
            return false;
        }
        let directories: Vec<NodeId> =
            std::iter::once(at).chain(below).filter(|&at| !tree.below(at).is_empty()).collect();
        if directories.iter().all(|&at| self.is_unfolded(tree, at)) {
            for at in directories {
                self.unfolded.remove(&at);
            }
            self.folded.insert(at);
        } else {
            for at in directories {
                self.folded.remove(&at);
                self.unfolded.insert(at);
            }
        }
        self.lay_out(tree);
        true
    }

    /// Unfolds a directory, and what is in it as long as that is one directory alone.
    fn unfold(&mut self, tree: &FileTree, at: NodeId) {
        let mut at = at;
        loop {
            self.folded.remove(&at);
            self.unfolded.insert(at);
            let mut children = tree.children(Some(at));
            match (children.next(), children.next()) {
                (Some(only), None) if !tree.below(only).is_empty() => at = only,
                _ => return,
            }
        }
    }

    fn lay_out(&mut self, tree: &FileTree) {
        let mut list = std::mem::take(&mut self.list);
        list.clear();
        let mut at = 0;
        // What the filter finds is sorted as the nodes are: a second finger follows.
        let mut finger = 0;
        while (at as usize) < tree.len() {
            let below = tree.below(at);
            if let Some(hits) = &self.hits {
                finger += hits[finger..].iter().take_while(|&&hit| hit < at).count();
                if hits.get(finger).is_none_or(|&hit| hit >= below.end) {
                    at = below.end;
                    continue;
                }
            }
            list.push(at);
            at = if self.is_unfolded(tree, at) { at + 1 } else { below.end };
        }
        self.list = list;
    }
}
