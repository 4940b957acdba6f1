//! Making a transaction real: a new generation, or an error and the old one.

use std::path::PathBuf;

use super::environment;
use super::{Loom, LoomError, Preview};
use crate::profile::{Contents, LockedProfile, ManifestKind, ProfileError, Transaction, manifest};
use crate::progress::{Progress, Step};
use crate::store::{Session, StoreError};

/// How often the profile may change under us although we hold its lock, as `nix profile`, which takes none, may do.
const ATTEMPTS: usize = 20;

/// A generation made by [`Loom::apply`] or [`Loom::convert`].
#[derive(Clone, Debug)]
pub struct Applied {
    pub generation: u64,
    /// The generation on which it was made.
    pub before: Option<u64>,
    /// What was asked for is what is there already; no generation was made.
    pub unchanged: bool,
    /// Another program changed the profile while this was at work: the changes were made on top of that.
    pub rebased: bool,
    /// What Nix' own programs will not do as this profile says, and what else could not be done beside it.
    pub warnings: Vec<String>,
    pub preview: Preview,
}

/// An environment in the store, and what it was made from.
pub(super) struct Made {
    pub environment: PathBuf,
    pub preview: Preview,
    pub kind: ManifestKind,
}

impl Loom {
    /// Makes it so: puts what is missing into the store, plans again from what is really there, makes the environment
    /// and switches the profile to it. Nothing can be seen before that last step, and a failure, a cancellation or a
    /// kill at any point leaves the old generation current.
    ///
    /// If another program changes the profile meanwhile, the transaction is planned anew on what is installed then.
    pub fn apply(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Applied, LoomError> {
        self.make(transaction, None, progress)
    }

    /// Makes the profile one that the other of Nix' programs keeps, with every output, priority and flag; what only the one
    /// before knows is kept for the way back.
    pub fn convert(&self, to: ManifestKind, progress: &dyn Progress) -> Result<Applied, LoomError> {
        self.make(&Transaction::default(), Some(to), progress)
    }

    fn make(
        &self,
        transaction: &Transaction,
        to: Option<ManifestKind>,
        progress: &dyn Progress,
    ) -> Result<Applied, LoomError> {
        let target = self.profile.target()?;
        let preview = self.preview_unblocked(&self.contents()?, transaction, progress)?;
        let mut session = self.store.session(progress)?;
        // The long part, before the lock is taken.
        session.realise(&preview.wanted, progress)?;
        let profile = self.locked(progress)?;
        for _ in 0..ATTEMPTS {
            match self.make_generation(&profile, transaction, to, &mut *session, progress) {
                Err(LoomError::Profile(ProfileError::Changed { .. })) => {}
                result => {
                    let (applied, made_on) = result?;
                    return Ok(Applied { rebased: made_on != target, ..applied });
                }
            }
        }
        Err(ProfileError::Changed { profile: self.profile.link().to_owned() }.into())
    }

    /// Takes the profile's lock.
    pub(super) fn locked(&self, progress: &dyn Progress) -> Result<LockedProfile<'_>, LoomError> {
        let waiting = || {
            let what = "waiting for another program that has the profile's lock".to_owned();
            progress.step(Step { what, done: 0, total: 0 });
        };
        Ok(self.profile.lock(&waiting)?)
    }

    /// Makes the transaction on what is installed at this moment; also returns what the profile's link said before.
    fn make_generation(
        &self,
        profile: &LockedProfile,
        transaction: &Transaction,
        to: Option<ManifestKind>,
        session: &mut dyn Session,
        progress: &dyn Progress,
    ) -> Result<(Applied, Option<PathBuf>), LoomError> {
        let expected = self.profile.target()?;
        let before = self.profile.current()?;
        let contents = self.contents()?;
        let Made { environment, preview, kind } =
            self.make_environment(&contents, transaction, to, session, progress)?;
        let links = preview.plan.links() as u64;
        progress.step(Step { what: "switching the profile".to_owned(), done: links, total: links });
        let is_there = self.profile.environment().ok().flatten().is_some_and(|current| current == environment);
        let (generation, is_new) = profile
            .switch_to_new(&environment, expected.as_deref(), &mut |link| session.add_root(link).map_err(Into::into))?;
        // Where the link led to no generation nobody can say what the new one was made from.
        if is_new && before.is_some() == expected.is_some() {
            self.record_descent(generation, before);
        }
        let mut warnings = environment::warnings(session, kind, &preview);
        // The generation is made, and this does not undo it.
        warnings.extend(self.located.make_alias().err().map(|error| error.to_string()));
        warnings.extend(self.remember_imports(transaction));
        Ok((Applied { generation, before, unchanged: is_there, rebased: false, warnings, preview }, expected))
    }

    /// Builds the environment of a transaction on this, which no profile shows yet; the session keeps it.
    pub(super) fn make_environment(
        &self,
        before: &Contents,
        transaction: &Transaction,
        to: Option<ManifestKind>,
        session: &mut dyn Session,
        progress: &dyn Progress,
    ) -> Result<Made, LoomError> {
        if before.kind == ManifestKind::Bare && to.is_none() {
            return Err(LoomError::Bare { profile: self.located.alias.clone() });
        }
        let kind = to.unwrap_or(before.kind);
        let mut preview = self.preview_unblocked(before, transaction, progress)?;
        session.realise(&preview.wanted, progress)?;
        if preview.fetch.paths + preview.fetch.builds > 0 || !preview.plan.unknown.is_empty() {
            // What another program installed meanwhile was not here yet, at best listed.
            preview = self.preview_unblocked(before, transaction, progress)?;
        }
        preview.elements = manifest::convert(&preview.elements, before.kind, kind);
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        let total = preview.plan.links() as u64;
        progress.step(Step { what: "building the environment".to_owned(), done: 0, total });
        let environment = environment::add(session, kind, &preview)?;
        Ok(Made { environment, preview, kind })
    }

    /// Records from which generation one was made. The generation is made, so nothing of this is an error.
    fn record_descent(&self, generation: u64, before: Option<u64>) {
        let Ok(generations) = self.profile.generations() else { return };
        let find = |number: u64| generations.iter().find(|generation| generation.number == number);
        let parent = before.map(find);
        if let Some(child) = find(generation)
            && parent != Some(None)
        {
            self.descent.record(child, parent.flatten(), &generations);
        }
    }

    fn preview_unblocked(
        &self,
        before: &Contents,
        transaction: &Transaction,
        progress: &dyn Progress,
    ) -> Result<Preview, LoomError> {
        self.preview_on(before, transaction, progress)?.unblocked()
    }
}
