//! Opening: which store, which profile, which sources.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::chosen::{Choice, Chosen, Means, choose};
use super::offered::{Source, Sources};
use super::{Loom, LoomError, SearchPath};
use crate::catalogue::{Catalogue, Part};
use crate::config::{Config, Configured};
use crate::nix::Installation;
use crate::profile::{Located, ManifestKind, is_store_path};
use crate::safe;
use crate::source::Spec;
use crate::store::local::{self, DemoSet, FolderSet, LocalStore, PackageSet};
use crate::store::nix::NixStore;
use crate::store::{Store, StoreError};

/// Which store to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreChoice {
    /// The store of Nix where there is one, else the program's own.
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
    /// Sources to offer before all others; one takes the place of that which is configured with its name.
    pub sources: Vec<Spec>,
    /// The config file, whose sources are offered next; it need not be there.
    pub config: Option<PathBuf>,
}

impl Loom {
    /// Opens the store, the profile and the sources. Nothing is written but what a killed program left is removed.
    pub fn open(options: &Options) -> Result<Self, LoomError> {
        let nix = Installation::find(&|name| std::env::var_os(name));
        // A folder of packages can only become part of the program's own store.
        let is_wanted = match options.store {
            StoreChoice::Auto => nix.is_some() && options.packages.is_empty(),
            StoreChoice::Local => false,
            StoreChoice::Nix => true,
        };
        match nix {
            Some(nix) if is_wanted => Self::open_nix(options, nix),
            None if is_wanted => Err(LoomError::NoNix),
            nix => Self::open_local(options, nix),
        }
    }

    fn open_nix(options: &Options, nix: Installation) -> Result<Self, LoomError> {
        if let Some(folder) = options.packages.first() {
            return Err(LoomError::FolderForNix { folder: folder.clone() });
        }
        let located = match options.profile.clone().or_else(|| variable("NIX_PROFILE")) {
            Some(profile) => Located::at(profile),
            None => Located::of_user(&nix).ok_or(LoomError::NoHome)?,
        };
        let store = NixStore::new(&nix, store_directory(&nix, &located));
        let new_kind = if nix.config.has_nix_command() { ManifestKind::NixProfile } else { ManifestKind::NixEnv };
        let cache = index_directory();
        let means = Means { nix: Some(Arc::new(nix)), cache: cache.as_deref(), takes_folders: false };
        let Chosen { sources, problems } = choose(&options.sources, &configured(options)?, &[], &means)?;
        let sources = Sources::new(in_order(sources, Vec::new()), problems);
        let loom = Self::with(options, Box::new(store), located, new_kind, sources);
        Ok(Self { is_nix: true, ..loom })
    }

    fn open_local(options: &Options, nix: Option<Installation>) -> Result<Self, LoomError> {
        let directory = local::resolve_directory(&local::default_directory().ok_or(LoomError::NoHome)?)?;
        let profile = options.profile.clone().or_else(default_profile).ok_or(LoomError::NoHome)?;
        let (mut sets, names) = package_sets(&options.packages, &directory)?;
        let cache = index_directory();
        let means = Means { nix: nix.map(Arc::new), cache: cache.as_deref(), takes_folders: true };
        let Chosen { sources, mut problems } = choose(&options.sources, &configured(options)?, &names, &means)?;
        for choice in &sources {
            let Choice::Folder { name, folder } = choice else { continue };
            match FolderSet::open(folder, name, &directory) {
                Ok(set) => sets.push(Box::new(set)),
                Err(error) => problems.push(format!("the source {} is left out: {error}", safe::text(name))),
            }
        }
        let open = if options.only_looks { LocalStore::look } else { LocalStore::open };
        let store = open(directory, sets)?;
        let parts = Catalogue::of_packages(store.packages().cloned().collect()).parts().to_vec();
        let sources = Sources::new(in_order(sources, parts), problems);
        Ok(Self::with(options, Box::new(store), Located::at(profile), ManifestKind::NixProfile, sources))
    }

    fn with(
        options: &Options,
        store: Box<dyn Store>,
        located: Located,
        new_kind: ManifestKind,
        sources: Sources,
    ) -> Self {
        Self {
            store,
            search_path: SearchPath::new(&options.search_path, &located),
            profile: located.profile.clone(),
            located,
            is_nix: false,
            new_kind,
            sources,
            installed: Mutex::new(None),
        }
    }
}

/// The sources that were chosen, then those that are there anyway.
fn in_order(chosen: Vec<Choice>, mut parts: Vec<Part>) -> Vec<Source> {
    let mut sources = Vec::new();
    for choice in chosen {
        match choice {
            Choice::Listed(listed) => sources.push(Source::Listed(listed)),
            Choice::Folder { name, .. } => {
                let at = parts.iter().position(|part| **part.source() == *name);
                sources.extend(at.map(|at| Source::Plain(parts.remove(at))));
            }
        }
    }
    sources.extend(parts.into_iter().map(Source::Plain));
    sources
}

/// Where the indexes of sources are kept: `nix-loom/catalogue` in the user's cache directory (`$XDG_CACHE_HOME`).
fn index_directory() -> Option<PathBuf> {
    Some(directories::BaseDirs::new()?.cache_dir().join("nix-loom/catalogue"))
}

/// The sources in the config file.
fn configured(options: &Options) -> Result<Vec<Configured>, LoomError> {
    let config = options.config.as_deref().map(Config::load).transpose()?;
    Ok(config.map(|config| config.sources().to_vec()).unwrap_or_default())
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Where the paths of the store lie: where the profile's environment does, else where Nix says.
fn store_directory(nix: &Installation, located: &Located) -> PathBuf {
    let environment = located.profile.environment().ok().flatten();
    let environment = environment.filter(|path| path.is_absolute() && is_store_path(path));
    match environment.as_deref().and_then(Path::parent) {
        Some(store) if std::env::var_os("NIX_STORE_DIR").is_none() => store.to_owned(),
        _ => nix.store_directory.clone(),
    }
}

type PackageSets = Vec<Box<dyn PackageSet>>;

/// The user's folders in the order given, then the demo set; and their names.
fn package_sets(folders: &[PathBuf], store: &Path) -> Result<(PackageSets, Vec<String>), LoomError> {
    let mut sets: PackageSets = Vec::new();
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
    Ok((sets, names))
}

/// The local store's usual profile: `$XDG_STATE_HOME/nix-loom/profiles/profile`.
pub(super) fn default_profile() -> Option<PathBuf> {
    let directories = directories::BaseDirs::new()?;
    Some(directories.state_dir()?.join("nix-loom/profiles/profile"))
}
