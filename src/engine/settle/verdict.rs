//! What becomes of a goal by a set of changes.

/// What a set of changes comes to.
pub(super) enum Verdict {
    /// It settles all of the goal, and nothing blocks that did not before.
    Settles {
        /// All that it settles, the goal and more; sorted.
        settled: Vec<u32>,
        /// How many other paths that collide come to another winner.
        altered: usize,
    },
    /// A path blocks that must not; one of these packages would have to be changed (too).
    Fails { owners: Vec<usize> },
    /// There is no environment then, for another reason than a collision.
    NoPlan,
}
