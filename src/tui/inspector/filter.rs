//! Which collisions are shown.

use crate::engine::{Collision, CollisionKind};

use super::super::input::Input;

/// What is left out; nothing, at first.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this kind.
    pub kind: Option<CollisionKind>,
    pub is_blocking_only: bool,
    /// Part of a path or of a package's name. Its case counts only if it has a capital letter.
    pub text: Input,
}

impl Filter {
    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        self.kind.is_none() && !self.is_blocking_only && self.text.is_empty()
    }

    /// Whether the name of a package is what is looked for.
    pub fn names(&self, package: &str) -> bool {
        !self.text.is_empty() && self.finds(package.as_bytes())
    }

    /// Whether a collision is shown; `is_named`: whether one of its packages is what is looked for.
    pub fn shows(&self, collision: &Collision, is_named: bool) -> bool {
        self.kind.is_none_or(|kind| kind == collision.kind)
            && (collision.blocks || !self.is_blocking_only)
            && (is_named || self.text.is_empty() || self.finds(&collision.path))
    }

    fn finds(&self, content: &[u8]) -> bool {
        let wanted = self.text.text();
        if wanted.contains(char::is_uppercase) {
            return memchr::memmem::find(content, wanted.as_bytes()).is_some();
        }
        content.windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
    }
}
