//! Dry runs: what a change of the profile would be, built and linked, while the profile stays as it is.

mod link;

use std::path::{Path, PathBuf};

use super::file_sources::name_of;
use super::{Loom, LoomError, OwnPlan, Preview, environment, wanted};
use crate::package::Package;
use crate::profile::Transaction;
use crate::progress::{Progress, Step};
use crate::store::{Session, StoreError, Wanted};

pub use link::LinkError;
use link::ResultLink;

/// What is built in a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToBuild {
    /// The profile as these changes would make it.
    Changes(Transaction),
    /// What an environment file is: any single package.
    File(PathBuf),
}

/// Something that was built and is no generation of the profile.
#[derive(Clone, Debug)]
pub struct Built {
    /// In the store.
    pub path: PathBuf,
    /// What leads to it, absolute; `None` if no link was asked for, so that nothing keeps it in a store of Nix.
    pub link: Option<PathBuf>,
    /// What Nix' own programs will not do as this says.
    pub warnings: Vec<String>,
    /// What the changes would do, if it was built of such.
    pub preview: Option<Box<Preview>>,
}

impl Loom {
    /// See [`Loom::build_changes`] and [`Loom::build_file`].
    pub fn build(&self, what: &ToBuild, link: Option<&Path>, progress: &dyn Progress) -> Result<Built, LoomError> {
        match what {
            ToBuild::Changes(transaction) => self.build_changes(transaction, link, progress),
            ToBuild::File(file) => self.build_file(file, link, progress),
        }
    }

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
        let link = self.result_link(link)?;
        let contents = self.contents()?;
        let mut session = self.store.session(progress)?;
        let made = self.make_environment(&contents, transaction, None, &mut *session, progress)?;
        let link = make_link(link, &made.environment, &mut *session, progress)?;
        let warnings = environment::warnings(&*session, made.kind, &made.preview);
        Ok(Built { path: made.environment, link, warnings, preview: Some(Box::new(made.preview)) })
    }

    /// Has Nix build what an environment file is, as `nix-build` does, and makes `link` lead to its main output. The file is
    /// as it was when it was looked at first, or by [`Loom::import`] last. An environment of which is known that its builder
    /// would refuse it is not begun: the error has all its collisions. All else is as with [`Loom::build_changes`].
    pub fn build_file(&self, file: &Path, link: Option<&Path>, progress: &dyn Progress) -> Result<Built, LoomError> {
        let link = self.result_link(link)?;
        let (source, file) = name_of(file)?;
        let at_file = |problem: &str| LoomError::File { file: file.clone(), problem: problem.to_owned() };
        let package = self.package("default", Some(&source), progress).map_err(|error| at_file(&error.message))?;
        let package = package.ok_or_else(|| {
            at_file("it is several packages, and no single one that could be built; buildEnv makes one of them")
        })?;
        let wanted = self.main_output(&package)?.ok_or_else(|| at_file("Nix does not say where it would be"))?;
        // Nix would find one of the collisions, and that at the end.
        let environments = self.foresee(&[package], std::slice::from_ref(&wanted.path), progress).environments;
        let collides =
            |own: &OwnPlan| own.is_certain() && own.plan.as_ref().is_ok_and(|plan| plan.blocking().count() > 0);
        if let Some(own) = environments.into_iter().find(collides) {
            return Err(LoomError::OwnCollisions { own: Box::new(own) });
        }
        let mut session = self.store.session(progress)?;
        session.realise(std::slice::from_ref(&wanted), progress)?;
        let link = make_link(link, &wanted.path, &mut *session, progress)?;
        Ok(Built { path: wanted.path, link, warnings: Vec::new(), preview: None })
    }

    /// The path of the store to which the link of a build leads.
    pub fn built_at(&self, link: &Path) -> Result<PathBuf, LoomError> {
        Ok(link::leads_to(link, self.store.directory())?)
    }

    /// The output of a package that stands for it, if it belongs into this store.
    fn main_output(&self, package: &Package) -> Result<Option<Wanted>, LoomError> {
        let main = package.default_outputs.first().and_then(|name| package.output(name));
        let Some(wanted) = main.or(package.outputs.first()).and_then(|output| wanted(package, output)) else {
            return Ok(None);
        };
        if wanted.path.starts_with(self.store.directory()) {
            return Ok(Some(wanted));
        }
        Err(LoomError::ForeignStore {
            package: package.name.clone(),
            belongs: wanted.path.parent().unwrap_or(&wanted.path).to_owned(),
            store: self.store.directory().to_owned(),
        })
    }

    fn result_link(&self, link: Option<&Path>) -> Result<Option<ResultLink>, LinkError> {
        link.map(|link| ResultLink::at(link, self.store.directory(), &self.located)).transpose()
    }
}

/// The last step, the first that can be seen.
fn make_link(
    link: Option<ResultLink>,
    path: &Path,
    session: &mut dyn Session,
    progress: &dyn Progress,
) -> Result<Option<PathBuf>, LoomError> {
    if progress.is_cancelled() {
        return Err(StoreError::Cancelled.into());
    }
    let Some(link) = link else { return Ok(None) };
    progress.step(Step { what: "making the link".to_owned(), done: 0, total: 0 });
    Ok(Some(link.point_at(path, session)?))
}
