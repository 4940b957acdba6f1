//! Making a transaction real: a new generation, or an error and the old one.

use super::{Loom, LoomError, Preview};
use crate::profile::{Transaction, nix_profile};
use crate::progress::{Progress, Step};
use crate::store::StoreError;

/// The manifest's name in an environment.
const MANIFEST: &[u8] = b"manifest.json";

/// A generation made by [`Loom::apply`].
#[derive(Clone, Debug)]
pub struct Applied {
    pub generation: u64,
    /// What was asked for is what is there already; no generation was made.
    pub unchanged: bool,
    pub preview: Preview,
}

impl Loom {
    /// Makes it so: puts what is missing into the store, plans again from what is really there, makes the environment
    /// and switches the profile to it. Nothing can be seen before that last step, and a failure, a cancellation or a
    /// kill at any point leaves the old generation current.
    pub fn apply(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Applied, LoomError> {
        let expected = self.profile.target()?;
        let before = self.profile.elements()?;
        let preview = self.preview_unblocked(&before, transaction)?;
        self.store.realise(&self.wanted(&preview.elements), progress)?;
        let preview = self.preview_unblocked(&before, transaction)?;
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        let links = preview.plan.links() as u64;
        progress.step(Step { what: "building the environment".to_owned(), done: 0, total: links });
        let manifest = nix_profile::render(&preview.elements)?;
        let environment = self.store.add_environment(&preview.plan.clone().with_root_file(MANIFEST, &manifest))?;
        progress.step(Step { what: "switching the profile".to_owned(), done: links, total: links });
        let waiting = || {
            let what = "waiting for another program that has the profile's lock".to_owned();
            progress.step(Step { what, done: links, total: links });
        };
        let is_there = self.profile.environment().ok().flatten().is_some_and(|current| current == environment);
        let (generation, _) = self.profile.switch_to_new(&environment, expected.as_deref(), &waiting)?;
        Ok(Applied { generation, unchanged: is_there, preview })
    }

    fn preview_unblocked(
        &self,
        before: &[crate::profile::Element],
        transaction: &Transaction,
    ) -> Result<Preview, LoomError> {
        let preview = self.preview_on(before, transaction)?;
        match preview.plan.blocking().count() {
            0 => Ok(preview),
            count => Err(LoomError::Collisions { count, preview: Box::new(preview) }),
        }
    }
}
