//! What is there already beside the profile: in the system's environment, and behind the other folders of PATH.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Loom, SearchPath};
use crate::package::Package;
use crate::profile::{Element, Profile, StoreName};
use crate::safe;
use crate::store::{Store, root};

/// Where NixOS has the environment of the system.
const SYSTEM: &str = "/run/current-system/sw";

/// The store paths of other environments and packages, by path and by name.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// In the order of PATH, the system last if it is not on it.
    places: Vec<PathBuf>,
    /// Store path → index of the first place that has it.
    paths: HashMap<PathBuf, usize>,
    /// Name → version and index of the first place that has one of that name.
    names: HashMap<String, (String, usize)>,
}

/// That another place has a package already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match<'a> {
    /// The very same store path: it takes no more space.
    Same { place: &'a Path },
    /// Another path of the same name; of another version, or of the same in another build.
    OtherVersion { place: &'a Path, version: &'a str },
}

impl Match<'_> {
    pub fn place(&self) -> &Path {
        match self {
            Self::Same { place } | Self::OtherVersion { place, .. } => place,
        }
    }

    /// `in the system too`, `system has 2.43`; safe for a terminal. `version` is the version of the package itself.
    pub fn words(&self, version: &str) -> String {
        let place = self.place();
        let is_system = place == Path::new(SYSTEM);
        match *self {
            Self::Same { .. } if is_system => "in the system too".to_owned(),
            Self::Same { .. } => format!("in {} too", safe::path(place)),
            Self::OtherVersion { version: other, .. } => {
                let place = if is_system { "system".to_owned() } else { safe::path(place) };
                if other == version || other.is_empty() {
                    format!("{place} has another build")
                } else {
                    format!("{place} has {}", safe::text(other))
                }
            }
        }
    }
}

impl Elsewhere {
    /// Looks at the folders of PATH that lead into the store, but not at the profile's, and at the environment `system`.
    ///
    /// A folder of an environment stands for all its packages, a package's folder for that package. What cannot be read
    /// is left out.
    fn find(store: &dyn Store, search_path: &SearchPath, profile: &Profile, system: &Path) -> Self {
        // The profile's own environment may be on PATH by another name, as that of a generation is.
        let own = profile.environment().ok().flatten().and_then(|environment| fs::canonicalize(environment).ok());
        let is_profile = |at: usize| search_path.profile() == Some(at);
        let folders = search_path.folders().iter().enumerate().filter(|(at, _)| !is_profile(*at));
        let folders = folders.map(|(_, folder)| (folder.as_path(), without_bin(folder)));
        let mut elsewhere = Self::default();
        for (folder, whole) in folders.chain(std::iter::once((system, system))) {
            let Some(path) = store_path(store.directory(), whole).or_else(|| store_path(store.directory(), folder))
            else {
                continue;
            };
            // The system is known by its own name, also where PATH has its `bin`.
            let place = if whole == system { system } else { folder };
            if own.as_ref() != Some(&path) && !elsewhere.places.iter().any(|known| known == place) {
                let shown =
                    if is_environment(&path) { store.references(&path).unwrap_or_default() } else { Vec::new() };
                elsewhere.add(place.to_owned(), shown.into_iter().chain(std::iter::once(path)));
            }
        }
        elsewhere
    }

    /// Another place and the store paths that it shows. An earlier place counts before a later one.
    pub fn add(&mut self, place: PathBuf, shown: impl IntoIterator<Item = PathBuf>) {
        let at = self.places.len();
        self.places.push(place);
        for path in shown {
            let StoreName { name, version, .. } = StoreName::of(&path);
            self.names.entry(name).or_insert((version, at));
            self.paths.entry(path).or_insert(at);
        }
    }

    /// Folders of PATH, and the system's environment.
    pub fn places(&self) -> &[PathBuf] {
        &self.places
    }

    /// Number of store paths.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether another place has the package: one of its usual outputs, or something of its name.
    pub fn of_package(&self, package: &Package) -> Option<Match<'_>> {
        let is_usual = |name: &String| package.default_outputs.contains(name);
        let outputs = package.outputs.iter().filter(|output| is_usual(&output.name));
        self.of_paths(outputs.filter_map(|output| output.path.as_deref()), &package.name)
    }

    /// Whether another place has the installed package.
    pub fn of_element(&self, element: &Element) -> Option<Match<'_>> {
        self.of_paths(element.outputs.iter().map(|output| output.path.as_path()), &element.name)
    }

    /// Whether another place has the output at this very path.
    pub fn of_output(&self, path: &Path) -> Option<Match<'_>> {
        self.paths.get(path).map(|&at| Match::Same { place: &self.places[at] })
    }

    /// `name` serves where no path is known, which tells it better.
    fn of_paths<'a>(&self, paths: impl Iterator<Item = &'a Path>, name: &str) -> Option<Match<'_>> {
        if self.is_empty() {
            return None;
        }
        let mut first = None;
        for path in paths {
            if let Some(same) = self.of_output(path) {
                return Some(same);
            }
            first = first.or(Some(path));
        }
        let name = first.map_or_else(|| name.to_owned(), |path| StoreName::of(path).name);
        let (version, at) = self.names.get(&name)?;
        Some(Match::OtherVersion { place: &self.places[*at], version })
    }
}

impl Loom {
    /// What is there already beside the profile. Reads folders and links, and asks the store, which thereby gets to know its
    /// version ([`Loom::about`]): not for the key path.
    pub fn elsewhere(&self) -> Elsewhere {
        // Whether it answers is told when it is needed.
        let _ = self.store.facts();
        Elsewhere::find(&*self.store, &self.search_path, &self.profile, Path::new(SYSTEM))
    }
}

/// The path of the store to which `path` leads, all links followed.
fn store_path(store: &Path, path: &Path) -> Option<PathBuf> {
    root(store, &fs::canonicalize(path).ok()?).map(Path::to_owned)
}

/// Whether it shows other packages' commands: most entries of its `bin` are links that leave it.
fn is_environment(path: &Path) -> bool {
    // Of so many commands the rest is not otherwise.
    const ENOUGH: usize = 1000;
    let bin = path.join("bin");
    let leaves =
        |link: &Path| fs::read_link(link).is_ok_and(|target| target.is_absolute() && !target.starts_with(path));
    if leaves(&bin) {
        return true;
    }
    let entries: Vec<_> = fs::read_dir(&bin).into_iter().flatten().flatten().take(ENOUGH).collect();
    let links = entries.iter().filter(|entry| leaves(&entry.path())).count();
    links > entries.len() - links
}

/// The directory whose `bin` a folder is, or the folder itself.
fn without_bin(folder: &Path) -> &Path {
    folder.parent().filter(|_| folder.ends_with("bin")).unwrap_or(folder)
}

#[cfg(test)]
#[path = "system_tests.rs"]
mod tests;
