//! A preview made ready for the screen: collisions sorted into kinds once, by the thread that made the preview, so that
//! drawing 200,000 of them costs what is in sight.

use crate::engine::{Collision, CollisionKind};
use crate::loom::Preview;

/// A preview and the indices that the screen needs.
#[derive(Clone, Debug)]
pub struct Report {
    pub preview: Preview,
    /// Symlinks and directories of the environment; counted once.
    pub links: usize,
    pub directories: usize,
    /// All, those that block, then each kind that there is; a group's rows are indices into the plan's collisions.
    pub groups: Vec<Group>,
}

/// Which collisions a group has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    All,
    Blocking,
    Of(CollisionKind),
}

/// Some of the collisions.
#[derive(Clone, Debug)]
pub struct Group {
    pub kind: GroupKind,
    pub rows: Vec<u32>,
}

impl GroupKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Blocking => "blocking",
            Self::Of(kind) => kind.name(),
        }
    }
}

/// From the gravest to the most harmless.
const KINDS: [CollisionKind; 7] = [
    CollisionKind::FileDirectory,
    CollisionKind::Tie,
    CollisionKind::ModeDiffers,
    CollisionKind::Dangling,
    CollisionKind::SameContent,
    CollisionKind::SameFile,
    CollisionKind::Shadowed,
];

impl Report {
    pub fn new(preview: Preview) -> Self {
        let collisions = &preview.plan.collisions;
        let rows = |wanted: &dyn Fn(&Collision) -> bool| -> Vec<u32> {
            (0..).zip(collisions).filter(|(_, collision)| wanted(collision)).map(|(at, _)| at).collect()
        };
        let blocking = rows(&|collision| collision.blocks);
        // Those that block come first: they are what the user has to look at.
        let all = blocking.iter().copied().chain(rows(&|collision| !collision.blocks)).collect();
        let mut groups =
            vec![Group { kind: GroupKind::All, rows: all }, Group { kind: GroupKind::Blocking, rows: blocking }];
        groups.extend(
            KINDS.map(|kind| Group { kind: GroupKind::Of(kind), rows: rows(&|collision| collision.kind == kind) }),
        );
        groups.retain(|group| group.kind == GroupKind::All || !group.rows.is_empty());
        let (links, directories) = (preview.plan.links(), preview.plan.directories());
        Self { preview, links, directories, groups }
    }

    pub fn collisions(&self) -> &[Collision] {
        &self.preview.plan.collisions
    }

    /// The collisions that block, in the order of their paths.
    pub fn blocking(&self) -> &[u32] {
        self.group(GroupKind::Blocking).map_or(&[], |group| &group.rows)
    }

    pub fn builds(&self) -> bool {
        self.blocking().is_empty()
    }

    /// Each kind of collision that there is, with how many.
    pub fn kinds(&self) -> impl Iterator<Item = (CollisionKind, usize)> {
        self.groups.iter().filter_map(|group| match group.kind {
            GroupKind::Of(kind) => Some((kind, group.rows.len())),
            GroupKind::All | GroupKind::Blocking => None,
        })
    }

    fn group(&self, kind: GroupKind) -> Option<&Group> {
        self.groups.iter().find(|group| group.kind == kind)
    }
}
