//! The state of the files screen: whose files are shown, what of them is unfolded, and what is left by a filter.
//!
//! The tree itself is made once, by a worker, and only read here: a key press works out which nodes have rows.

mod rows;

use std::path::PathBuf;
use std::sync::Arc;

use crate::loom::{FileTree, FilesOf, NodeId, Woven};

use super::input::Input;
use super::list::List;

pub use rows::Rows;

/// Whose files are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Showing {
    /// Those of a package; its name, and what is asked for.
    Package(String, FilesOf),
    /// Those of the profile as it is.
    #[default]
    Profile,
    /// Those of the profile as it would be with what is staged.
    Plan,
    Generation(u64),
    /// Those of what was built to be looked at: the link, and where it leads.
    Built(PathBuf, PathBuf),
    /// Those of the environment that a file is by itself; its name.
    Environment(String, Woven),
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub showing: Showing,
    /// What was asked for last.
    pub asked: Option<FilesOf>,
    /// Whether the answer to that is on its way.
    pub is_working: bool,
    tree: Option<Arc<FileTree>>,
    /// Why there is none.
    pub error: Option<String>,
    /// Words that paths must hold.
    pub filter: Input,
    pub is_typing: bool,
    pub rows: Rows,
    /// How far what is told of the selected row is scrolled.
    pub detail: List,
    /// What is told of.
    pub told: Option<NodeId>,
}

impl Files {
    pub fn of(showing: Showing) -> Self {
        Self { showing, ..Self::default() }
    }

    pub fn tree(&self) -> Option<&Arc<FileTree>> {
        self.tree.as_ref()
    }

    /// The node of a row.
    pub fn node(&self, row: usize) -> Option<NodeId> {
        self.rows.list().get(row).copied()
    }

    /// Takes a tree in place of the one before; what was unfolded stays so. Gives the row of what stood in `selected`.
    pub fn take(&mut self, tree: &Arc<FileTree>, selected: usize) -> Option<usize> {
        self.error = None;
        self.told = None;
        let before = self.tree.replace(Arc::clone(tree));
        let Some(before) = before.filter(|before| before.is_of_outputs() == tree.is_of_outputs()) else {
            self.rows = Rows::default();
            self.rows.begin(tree);
            self.filter_again();
            return None;
        };
        let path = self.node(selected).map(|at| before.path(at));
        self.rows.carry_over(&before, tree);
        self.filter_again();
        self.row_of(&path?)
    }

    pub fn fail(&mut self, error: String) {
        self.error = Some(error);
        self.tree = None;
        self.rows = Rows::default();
    }

    /// Works the rows out anew after the filter became another one.
    pub fn filter_again(&mut self) {
        if let Some(tree) = &self.tree {
            let words: Vec<&str> = self.filter.text().split_whitespace().collect();
            self.rows.filter(tree, &words);
        }
    }

    /// The row of a path, or of what is nearest above it.
    pub fn row_of(&self, path: &[u8]) -> Option<usize> {
        let tree = self.tree.as_ref()?;
        let mut path = path;
        loop {
            if let Some(row) = tree.find(path).and_then(|at| self.rows.row_of(at)) {
                return Some(row);
            }
            path = &path[..memchr::memrchr(b'/', path)?];
        }
    }

    /// Unfolds or folds the node of a row; `false` if nothing becomes different.
    pub fn set_unfolded(&mut self, row: usize, is_unfolded: bool) -> bool {
        let Some((tree, at)) = self.tree.clone().zip(self.node(row)) else { return false };
        self.rows.set_unfolded(&tree, at, is_unfolded)
    }

    /// Unfolds all that is below a row; folds it if all of it is unfolded. `false` if there is nothing below.
    pub fn toggle_all(&mut self, row: usize) -> bool {
        let Some((tree, at)) = self.tree.clone().zip(self.node(row)) else { return false };
        self.rows.toggle_all(&tree, at)
    }

    /// The row of what a row is in.
    pub fn parent(&self, row: usize) -> Option<usize> {
        let tree = self.tree.as_ref()?;
        self.rows.row_of(tree.parent(self.node(row)?)?)
    }

    pub fn is_unfolded(&self, at: NodeId) -> bool {
        self.tree.as_ref().is_some_and(|tree| self.rows.is_unfolded(tree, at))
    }
}
