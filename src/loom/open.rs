//! Opening: which store, which profile, which sources.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::offered::Sources;
use super::{Loom, LoomError, SearchPath};
use crate::nix::Installation;
use crate::package::Package;
use crate::profile::Located;
use crate::source::{NixSource, Spec};
use crate::store::StoreError;
use crate::store::local::{self, DemoSet, FolderSet, LocalStore, PackageSet};

/// Which store to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreChoice {
    /// Whatever this machine has; the local store for now.
    #[default]
    Auto,
    Local,
    Nix,
}

/// How to open the program.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The profile's link; the store's usual profile if `None`.
    pub profile: Option<PathBuf>,
    pub store: StoreChoice,
    /// Folders of packages to offer before the demo set.
    pub packages: Vec<PathBuf>,
    /// The folders of PATH; where there are none, nothing is said of what else a shell finds.
    pub search_path: Vec<PathBuf>,
    /// Leaves even what killed programs left in the store.
    pub only_looks: bool,
    /// Sources that Nix evaluates, to offer before all others.
    pub sources: Vec<Spec>,
}

impl Loom {
    /// Opens the store, the profile and the sources. Nothing is written but what a killed program left is removed.
    pub fn open(options: &Options) -> Result<Self, LoomError> {
        if options.store == StoreChoice::Nix {
            return Err(LoomError::NoNixStore);
        }
        let directory = local::resolve_directory(&local::default_directory().ok_or(LoomError::NoHome)?)?;
        let profile = match &options.profile {
            Some(profile) => profile.clone(),
            None => default_profile().ok_or(LoomError::NoHome)?,
        };
        let sets = package_sets(&options.packages, &directory)?;
        let open = if options.only_looks { LocalStore::look } else { LocalStore::open };
        let store = open(directory, sets)?;
        let packages: Arc<[Package]> = store.packages().cloned().collect();
        let located = Located::at(profile);
        Ok(Self {
            store: Box::new(store),
            search_path: SearchPath::new(&options.search_path, &located),
            profile: located.profile,
            sources: Sources::new(nix_sources(&options.sources, &packages)?, packages),
            installed: Mutex::new(None),
        })
    }
}

/// The sources that Nix evaluates; nothing is evaluated yet.
fn nix_sources(specs: &[Spec], packages: &[Package]) -> Result<Vec<NixSource>, LoomError> {
    if specs.is_empty() {
        return Ok(Vec::new());
    }
    let has_name = |packages: &[Package], name: &str| packages.iter().any(|package| *package.source == *name);
    for (at, Spec { name, .. }) in specs.iter().enumerate() {
        if specs[..at].iter().any(|other| other.name == *name) || has_name(packages, name) {
            return Err(LoomError::SourceName { name: name.clone() });
        }
    }
    let variables = |name: &str| std::env::var_os(name);
    let nix = Installation::find(&variables).filter(|nix| nix.program("nix-instantiate").is_some());
    let nix = Arc::new(nix.ok_or_else(|| LoomError::NoNixForSource { name: specs[0].name.clone() })?);
    Ok(specs.iter().map(|spec| NixSource::new(spec.clone(), nix.clone())).collect())
}

/// The user's folders in the order given, then the demo set.
fn package_sets(folders: &[PathBuf], store: &Path) -> Result<Vec<Box<dyn PackageSet>>, LoomError> {
    let mut sets: Vec<Box<dyn PackageSet>> = Vec::new();
    let demo = DemoSet::bundled(store).map_err(StoreError::from)?;
    let mut names: Vec<String> = demo.packages().iter().take(1).map(|package| package.source.to_string()).collect();
    for folder in folders {
        let usual = FolderSet::usual_name(folder);
        let mut name = usual.clone();
        for number in 2.. {
            if !names.contains(&name) {
                break;
            }
            name = format!("{usual}-{number}");
        }
        sets.push(Box::new(FolderSet::open(folder, &name, store)?));
        names.push(name);
    }
    sets.push(Box::new(demo));
    Ok(sets)
}

/// The local store's usual profile: `$XDG_STATE_HOME/nix-loom/profiles/profile`.
pub(super) fn default_profile() -> Option<PathBuf> {
    let directories = directories::BaseDirs::new()?;
    Some(directories.state_dir()?.join("nix-loom/profiles/profile"))
}
