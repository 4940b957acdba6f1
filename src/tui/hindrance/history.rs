//! What stands in the way of going to another generation, of deleting one, and of the other kind of profile.

use super::super::app::App;
use super::Hindrance;

pub(super) const NONE_YET: &str = "There is no generation yet: the first installation makes one.";

impl App {
    /// Why that generation cannot be gone to.
    pub(super) fn no_generation(&self, to: Option<u64>) -> Option<Hindrance> {
        match (to, self.current.snapshot.generation) {
            (Some(to), Some(current)) if to == current => Some(format!("Generation {to} is the current one.").into()),
            (Some(_), _) => None,
            (None, Some(current)) => Some(format!("There is no generation before {current}.").into()),
            (None, None) => Some(NONE_YET.into()),
        }
    }

    pub(super) fn no_deletion(&self) -> Option<Hindrance> {
        match self.selected_generation() {
            Some(generation) if generation.current => {
                let number = generation.number;
                Some(format!("Generation {number} is the current one, which is never deleted.").into())
            }
            Some(_) => None,
            None => Some(NONE_YET.into()),
        }
    }

    pub(super) fn no_conversion(&self) -> Option<Hindrance> {
        if !self.about.as_ref().is_some_and(|about| about.is_nix) {
            return Some("Only a profile of Nix has two kinds, and this is the program's own.".into());
        }
        let has_profile = self.current.snapshot.kind.is_some();
        (!has_profile).then(|| "There is no profile yet: the first installation makes one.".into())
    }
}
