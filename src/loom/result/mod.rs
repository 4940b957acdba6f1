//! Dry runs: what a change of the profile would be, built and linked, while the profile stays as it is.

mod link;

use std::path::{Path, PathBuf};

use super::{Loom, LoomError, Preview, environment};
use crate::profile::Transaction;
use crate::progress::{Progress, Step};
use crate::store::StoreError;

pub use link::LinkError;
use link::ResultLink;

/// An environment that was built and is no generation of the profile.
#[derive(Clone, Debug)]
pub struct Built {
    /// In the store.
    pub path: PathBuf,
    /// What leads to it, absolute; `None` if no link was asked for, so that nothing keeps it in a store of Nix.
    pub link: Option<PathBuf>,
    /// What Nix' own programs will not do as this says.
    pub warnings: Vec<String>,
    pub preview: Preview,
}

impl Loom {
    /// Builds the environment that [`Loom::apply`] would make current, at the very same path of the store, and makes `link`
    /// lead to it. Neither the profile nor its generations nor its lock is touched.
    ///
    /// The link is made where nothing is, or takes the place of one into the store; a failure, a cancellation or a kill at
    /// any point leaves it as it was. With Nix it is a root of the garbage collection, as that of `nix-build` is.
    pub fn build_changes(
        &self,
        transaction: &Transaction,
        link: Option<&Path>,
        progress: &dyn Progress,
    ) -> Result<Built, LoomError> {
        let link = link.map(|link| self.result_link(link)).transpose()?;
        let contents = self.contents()?;
        let mut session = self.store.session(progress)?;
        let made = self.make_environment(&contents, transaction, None, &mut *session, progress)?;
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        let links = made.preview.plan.links() as u64;
        progress.step(Step { what: "making the link".to_owned(), done: links, total: links });
        let link = link.map(|link| link.point_at(&made.environment, &mut *session)).transpose()?;
        let warnings = environment::warnings(&*session, made.kind, &made.preview);
        Ok(Built { path: made.environment, link, warnings, preview: made.preview })
    }

    fn result_link(&self, link: &Path) -> Result<ResultLink, LinkError> {
        ResultLink::at(link, self.store.directory(), &self.located)
    }
}
