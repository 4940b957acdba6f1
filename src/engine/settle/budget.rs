//! Work is counted, not timed: the same question always gets the same answer.

/// Work that is left, in looks at one contender of a collision or half a link of a plan: some twenty nanoseconds each.
pub(super) struct Budget(u64);

impl Budget {
    pub fn new(work: u64) -> Self {
        Self(work)
    }

    pub fn spend(&mut self, work: u64) {
        self.0 = self.0.saturating_sub(work);
    }

    pub fn is_spent(&self) -> bool {
        self.0 == 0
    }
}
