//! A directory of the environment that is yet to be worked out, and where it lies.

use std::sync::Arc;

use super::arrival::Contribution;
use crate::engine::DirectoryId;

/// A directory of the environment to be worked out.
#[derive(Debug)]
pub(super) struct Job {
    pub id: DirectoryId,
    /// In the environment, without a leading slash; empty for its root.
    pub path: Vec<u8>,
    pub contributions: Vec<Contribution>,
    /// The directory that it is in.
    pub parent: Option<Arc<Lineage>>,
}

impl Job {
    pub fn root(contributions: Vec<Contribution>) -> Self {
        Self { id: DirectoryId::ROOT, path: Vec::new(), contributions, parent: None }
    }

    /// What it passes on to the directories in it.
    pub fn lineage(&self) -> Lineage {
        let reals = self.contributions.iter().map(|contribution| contribution.real.clone()).collect();
        Lineage { reals, parent: self.parent.clone() }
    }
}

/// What is merged into a directory and into those that it is in, to tell when links lead in circles.
#[derive(Debug)]
pub(super) struct Lineage {
    reals: Vec<Arc<[u8]>>,
    parent: Option<Arc<Lineage>>,
}

impl Lineage {
    /// Whether the very same directories are merged into one that this one is in.
    pub fn repeats(&self) -> bool {
        std::iter::successors(self.parent.as_deref(), |it| it.parent.as_deref()).any(|above| above.reals == self.reals)
    }
}

impl Drop for Lineage {
    /// In a loop: a deep tree would exhaust the stack.
    fn drop(&mut self) {
        let mut above = self.parent.take();
        while let Some(mut lineage) = above.and_then(Arc::into_inner) {
            above = lineage.parent.take();
        }
    }
}
