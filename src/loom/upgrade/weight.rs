//! What one upgrade alone would do: the profile with it held against the profile as it is.

use super::super::{Consequence, Fetch, Loom, LoomError};
use crate::profile::{Change, Transaction};
use crate::progress::Progress;

/// What an upgrade would do, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpgradeWeight {
    /// Files and collisions.
    pub consequence: Consequence,
    /// What has to be put into the store for it, with all that it needs.
    pub fetch: Fetch,
}

impl Loom {
    /// What a change alone would do to what is installed. Changes nothing and fetches no content; may wait for listings of
    /// outputs that are not here.
    pub fn weigh_upgrade(&self, change: &Change, progress: &dyn Progress) -> Result<UpgradeWeight, LoomError> {
        let before = self.contents()?;
        let now = self.installed_plan(&before.elements)?;
        let transaction = Transaction { changes: vec![change.clone()] };
        let after = self.planned(&before, &transaction, progress)?;
        let consequence = Consequence::between(&now, &after.plan, self.store.files())?;
        // What is installed is in the store, or its lack is no matter of this change.
        let is_new = |wanted: &&crate::store::Wanted| {
            let mut outputs = before.elements.iter().flat_map(|element| &element.outputs);
            outputs.all(|output| output.path != wanted.path)
        };
        let wanted: Vec<_> = after.wanted.iter().filter(is_new).cloned().collect();
        let fetch = Fetch { unlisted: after.unlisted, ..self.fetch(&before.elements, &wanted, &after.plan)? };
        Ok(UpgradeWeight { consequence, fetch })
    }
}
