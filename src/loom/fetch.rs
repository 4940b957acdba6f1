//! What has to be put into the store for a transaction, and doing that without touching the profile.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{Loom, LoomError};
use crate::engine::Plan;
use crate::profile::{Element, Transaction};
use crate::progress::Progress;
use crate::store::listing::Unlisted;
use crate::store::{Missing, Wanted};

/// What has to be put into the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetch {
    pub paths: usize,
    /// Derivations to build.
    pub builds: usize,
    pub download_bytes: u64,
    pub unpacked_bytes: u64,
    /// Outputs that the profile does not have yet and the store has.
    pub shared: usize,
    /// The bytes of their files, as far as they are known.
    pub shared_bytes: u64,
    /// Paths that are not in the store and that nothing known would put there.
    pub unavailable: Vec<PathBuf>,
    /// Paths of which no listing could be had: what they bring is not part of the plan.
    pub unknown: Vec<PathBuf>,
    /// Why, where that is known.
    pub unlisted: Vec<Unlisted>,
}

impl Loom {
    /// Puts the outputs of which no listing could be had into the store, so that a preview knows them. The profile is
    /// not touched, and nothing keeps them there: the next garbage collection may remove them.
    pub fn fetch_for_preview(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<(), LoomError> {
        let planned = self.planned(&self.contents()?, transaction, progress)?;
        let unknown: HashSet<&Path> = planned.plan.unknown.iter().map(|path| as_path(path)).collect();
        let is_unknown = |wanted: &&Wanted| unknown.contains(&*wanted.path);
        let mut wanted: Vec<Wanted> = planned.wanted.iter().filter(is_unknown).cloned().collect();
        let listed: HashSet<&Path> = wanted.iter().map(|wanted| &*wanted.path).collect();
        // What a link in an output leads to is none of the profile's own.
        let others: Vec<Wanted> = unknown.difference(&listed).map(|path| path.to_path_buf().into()).collect();
        wanted.extend(others);
        if !wanted.is_empty() {
            self.store.session(progress)?.realise(&wanted, progress)?;
        }
        Ok(())
    }

    /// What has to be put into the store for this, and what is there that `installed` does not use yet.
    pub(super) fn fetch(&self, installed: &[Element], wanted: &[Wanted], plan: &Plan) -> Result<Fetch, LoomError> {
        let missing = self.store.missing(wanted)?;
        let used: HashSet<&Path> =
            installed.iter().flat_map(|element| &element.outputs).map(|output| &*output.path).collect();
        let away: HashSet<&Path> = missing.fetch.iter().chain(&missing.unknown).map(PathBuf::as_path).collect();
        let unbuilt: HashSet<&Path> = missing.build.iter().map(PathBuf::as_path).collect();
        let is_missing = |wanted: &Wanted| {
            let derivation = wanted.derivation.as_ref();
            away.contains(&*wanted.path) || derivation.is_some_and(|derivation| unbuilt.contains(&*derivation.path))
        };
        let new = wanted.iter().filter(|wanted| !used.contains(&*wanted.path));
        let shared: Vec<&Path> = new.filter(|wanted| !is_missing(wanted)).map(|wanted| &*wanted.path).collect();
        let Missing { fetch, build, unknown: unavailable, download_bytes, unpacked_bytes } = missing;
        Ok(Fetch {
            paths: fetch.len(),
            builds: build.len(),
            download_bytes,
            unpacked_bytes,
            shared: shared.len(),
            shared_bytes: shared.iter().filter_map(|path| self.store.size(path)).map(|(bytes, _)| bytes).sum(),
            unavailable,
            unknown: plan.unknown.iter().map(|path| as_path(path).to_owned()).collect(),
            unlisted: Vec::new(),
        })
    }
}

fn as_path(path: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(path))
}
