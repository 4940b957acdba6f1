//! Opening: which store, which profile, which sources.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};

use super::chosen::{Choice, Choosing};
use super::offered::Sources;
use super::{Loom, LoomError, SearchPath};
use crate::catalogue::{Catalogue, Part};
use crate::nix::Installation;
use crate::profile::{Descent, EnvFiles, Located, ManifestKind, is_store_path};
use crate::safe;
use crate::source::Spec;
use crate::store::listing::{Cache, Database, Known, Limits, NixIndex, Provider};
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
        let directory = store_directory(&nix, &located);
        let known = known(&nix, &directory);
        let store = NixStore::new(&nix, directory, known);
        let new_kind = if nix.config.has_nix_command() { ManifestKind::NixProfile } else { ManifestKind::NixEnv };
        let choosing = Choosing::new(options, Some(nix), Vec::new(), false);
        let loom = Self::with(options, Box::new(store), located, new_kind, choosing, Vec::new(), Vec::new())?;
        Ok(Self { is_nix: true, ..loom })
    }

    fn open_local(options: &Options, nix: Option<Installation>) -> Result<Self, LoomError> {
        let directory = local::resolve_directory(&local::default_directory().ok_or(LoomError::NoHome)?)?;
        let profile = options.profile.clone().or_else(default_profile).ok_or(LoomError::NoHome)?;
        let (mut sets, names) = package_sets(&options.packages, &directory)?;
        let choosing = Choosing::new(options, nix, names, true);
        let mut problems = Vec::new();
        for choice in &choosing.choose(&[])?.sources {
            let Choice::Folder { name, folder } = choice else { continue };
            match FolderSet::open(folder, name, &directory) {
                Ok(set) => sets.push(Box::new(set)),
                Err(error) => problems.push(format!("the source {} is left out: {error}", safe::text(name))),
            }
        }
        let open = if options.only_looks { LocalStore::look } else { LocalStore::open };
        let store = open(directory, sets)?;
        let parts = Catalogue::of_packages(store.packages().cloned().collect()).parts().to_vec();
        let profile = Located::at(profile);
        Self::with(options, Box::new(store), profile, ManifestKind::NixProfile, choosing, parts, problems)
    }

    fn with(
        options: &Options,
        store: Box<dyn Store>,
        located: Located,
        new_kind: ManifestKind,
        choosing: Choosing,
        plain: Vec<Part>,
        problems: Vec<String>,
    ) -> Result<Self, LoomError> {
        let sources = Sources::chosen(choosing.choose(&[])?, &plain, problems);
        Ok(Self {
            store,
            search_path: SearchPath::new(&options.search_path, &located),
            descent: Descent::new(state_directory().as_deref(), &located.profile),
            looked_at: Mutex::default(),
            env_files: EnvFiles::new(state_directory().as_deref(), &located.profile),
            profile: located.profile.clone(),
            located,
            is_nix: false,
            new_kind,
            sources: RwLock::new(Arc::new(sources)),
            choosing,
            files: Mutex::default(),
            plain,
            installed: Mutex::new(None),
            history: Mutex::default(),
        })
    }
}

impl Choosing {
    fn new(options: &Options, nix: Option<Installation>, taken: Vec<String>, takes_folders: bool) -> Self {
        Self {
            given: options.sources.clone(),
            config: options.config.clone(),
            nix: nix.map(Arc::new),
            cache: index_directory(),
            takes_folders,
            taken,
        }
    }
}

/// Where the indexes of sources are kept: `nix-loom/catalogue` in the user's cache directory (`$XDG_CACHE_HOME`).
fn index_directory() -> Option<PathBuf> {
    Some(cache_directory()?.join("catalogue"))
}

fn cache_directory() -> Option<PathBuf> {
    Some(directories::BaseDirs::new()?.cache_dir().join("nix-loom"))
}

/// What tells of outputs that are not in `store`: the binary caches that Nix uses, in its order, then the user's database of
/// nix-index. Listings are kept in `nix-loom/listings.sqlite` in the user's cache directory.
fn known(nix: &Installation, store: &Path) -> Known {
    let database = cache_directory().map(|folder| Database::new(folder.join("listings.sqlite")));
    let mut providers: Vec<Box<dyn Provider>> = Vec::new();
    for url in nix.config.substituters(store) {
        providers.push(Box::new(Cache::new(&url, store, Limits::default())));
    }
    if let Some(index) = NixIndex::of_user(&|name| std::env::var_os(name)) {
        providers.push(Box::new(index));
    }
    Known::new(database, providers, store)
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
    Some(state_directory()?.join("profiles/profile"))
}

/// What this program keeps of its own: `nix-loom` in the user's state directory (`$XDG_STATE_HOME`).
fn state_directory() -> Option<PathBuf> {
    Some(directories::BaseDirs::new()?.state_dir()?.join("nix-loom"))
}
