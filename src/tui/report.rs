//! A preview made ready for the screen: what is counted and sorted once, by the thread that made the preview, so that
//! drawing 200,000 collisions costs what is in sight.

use crate::engine::{Collision, CollisionKind};
use crate::loom::Preview;

use super::losses::Losses;
use super::pairs::Pairs;

/// A preview and the indices that the screen needs.
#[derive(Clone, Debug)]
pub struct Report {
    pub preview: Preview,
    /// Symlinks and directories of the environment; counted once.
    pub links: usize,
    pub directories: usize,
    /// What is in the way beside collisions.
    pub obstacles: Vec<String>,
    /// Who stands against whom.
    pub pairs: Pairs,
    /// Who is shadowed by whom.
    pub losses: Losses,
    blocking: Vec<u32>,
    kinds: Vec<(CollisionKind, usize)>,
}

impl Report {
    pub fn new(preview: Preview) -> Self {
        let collisions = &preview.plan.collisions;
        let blocking = (0..).zip(collisions).filter(|(_, collision)| collision.blocks).map(|(at, _)| at).collect();
        let pairs = Pairs::new(collisions, &preview.suggestions);
        let (kinds, losses) = (pairs.kinds(), Losses::new(collisions));
        let (links, directories) = (preview.plan.links(), preview.plan.directories());
        let obstacles = preview.obstacles();
        Self { preview, links, directories, obstacles, pairs, losses, blocking, kinds }
    }

    pub fn collisions(&self) -> &[Collision] {
        &self.preview.plan.collisions
    }

    /// The collision at a path, by its index.
    pub fn find(&self, path: &[u8]) -> Option<u32> {
        let at = self.collisions().binary_search_by(|collision| (*collision.path).cmp(path)).ok()?;
        u32::try_from(at).ok()
    }

    /// The collisions that block, in the order of their paths.
    pub fn blocking(&self) -> &[u32] {
        &self.blocking
    }

    /// Whether nothing is in the way: no collision, and nothing else.
    pub fn builds(&self) -> bool {
        self.blocking.is_empty() && self.obstacles.is_empty()
    }

    /// Each kind of collision that there is, with how many.
    pub fn kinds(&self) -> impl Iterator<Item = (CollisionKind, usize)> {
        self.kinds.iter().copied()
    }
}
