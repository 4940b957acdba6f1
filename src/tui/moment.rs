//! When something happened. The state never looks at a clock: whoever brings an action brings its moment along.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// One moment, by two clocks: one that never jumps, and the one on the wall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Since a moment that stays the same while the program runs.
    pub steady: Duration,
    pub wall: Timestamp,
}

impl Moment {
    /// How long after an earlier moment this is; zero if that one is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        self.steady.saturating_sub(earlier.steady)
    }
}

/// Tells moments.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// Starts to count.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn now(&self) -> Moment {
        Moment { steady: self.0.elapsed(), wall: Timestamp::now() }
    }
}
