//! Which packages of a file come from where its text says: a configured source at that place, or a flake at the revision
//! that the file names, whatever the configured sources are now.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::offered::{evaluated, is_same};
use crate::env_file::{Hint, Place, hints};
use crate::loom::Loom;
use crate::loom::listed::Listed;
use crate::package::Package;
use crate::progress::Progress;
use crate::source::{Location, NixSource, attribute};

/// No file that somebody wrote is longer.
const MAX_BYTES: u64 = 16 << 20;

impl Loom {
    /// For each package what the text of the file says that it is, if that is true: the same derivation.
    pub(super) fn hinted(&self, file: &Path, packages: &[Package], progress: &dyn Progress) -> Vec<Option<Package>> {
        let hints = text_of(file).map(|text| hints(&text)).unwrap_or_default();
        let outputs: BTreeSet<&str> = packages.iter().flat_map(|it| &it.outputs).map(|it| &*it.name).collect();
        // A path may end with the name of an output, and what is before that is the package.
        let paths = |hint: &Hint| match &*hint.path {
            [package @ .., last] if !package.is_empty() && outputs.contains(&**last) => {
                vec![package.to_vec(), hint.path.clone()]
            }
            all => vec![all.to_vec()],
        };
        let mut offered: Vec<Vec<Package>> = vec![Vec::new(); hints.len()];
        let sources = self.sources_now();
        for at in 0..2 {
            for listed in sources.listed() {
                let Some(nix) = listed.nix() else { continue };
                let mut asked: BTreeMap<String, Vec<usize>> = BTreeMap::new();
                for (number, hint) in
                    hints.iter().enumerate().filter(|(number, _)| at == 0 || offered[*number].is_empty())
                {
                    let Some(path) = paths(hint).into_iter().nth(at) else { continue };
                    if let Some(attribute) = asked_for(listed, nix, &hint.place, &path) {
                        asked.entry(attribute).or_default().push(number);
                    }
                }
                let attributes = asked.keys().map(String::as_str).collect();
                for package in evaluated(nix, &attributes, progress) {
                    for number in asked.get(&package.attribute).into_iter().flatten() {
                        offered[*number].push(package.clone());
                    }
                }
            }
        }
        let mut is_used = vec![false; hints.len()];
        let mut found = vec![None; packages.len()];
        for (package, found) in packages.iter().zip(&mut found) {
            let of_hint = |number: usize| offered[number].iter().find(|offered| is_same(package, offered));
            let numbers = 0..hints.len();
            let number = numbers.clone().find(|&number| !is_used[number] && of_hint(number).is_some());
            if let Some(number) = number.or_else(|| numbers.clone().find(|&number| of_hint(number).is_some())) {
                is_used[number] = true;
                *found = of_hint(number).cloned();
            }
        }
        // No source is there any more, or not at that revision.
        let mut failed = BTreeSet::new();
        for hint in hints.iter().zip(&is_used).filter(|(_, is_used)| !**is_used).map(|(hint, _)| hint) {
            for path in paths(hint) {
                if progress.is_cancelled() || found.iter().all(Option::is_some) {
                    return found;
                }
                let Some((address, attribute)) = at_revision(&hint.place, &path) else { break };
                if failed.contains(&address) {
                    break;
                }
                match self.package(&attribute, Some(&address), progress) {
                    // It may not be reachable, which takes a while to find out.
                    Err(_) => _ = failed.insert(address),
                    Ok(None) => {}
                    Ok(Some(offered)) => {
                        let is_it = |at: &usize| found[*at].is_none() && is_same(&packages[*at], &offered);
                        if let Some(at) = (0..packages.len()).find(is_it) {
                            found[at] = Some(offered);
                            break;
                        }
                    }
                }
            }
        }
        found
    }
}

/// The address of a flake that need not be a source here, and what to ask it for.
fn at_revision(place: &Place, path: &[String]) -> Option<(String, String)> {
    let of_system = |system: &str| [&["legacyPackages".to_owned(), system.to_owned()], path].concat();
    let (address, path) = match place {
        Place::Flake(address) => (address.clone(), path.to_vec()),
        Place::FileOfFlake(address, system) => (address.clone(), of_system(system.as_deref()?)),
        Place::Tarball(url, system) => {
            let place = url.strip_prefix("https://github.com/")?.strip_suffix(".tar.gz")?;
            let (repository, revision) = place.split_once("/archive/")?;
            (format!("github:{repository}/{revision}"), of_system(system.as_deref()?))
        }
        Place::SearchPath(_) | Place::File(_) => return None,
    };
    Some((address, attribute::spelled(&path)))
}

/// What to ask a source for; `None` if it is surely at another place.
fn asked_for(listed: &Listed, nix: &NixSource, place: &Place, path: &[String]) -> Option<String> {
    let spec = listed.spec();
    let spelled = attribute::spelled(path);
    let is_pinned_to = |url: &str| {
        let pinned = spec.pin.as_ref().and_then(|pin| pin.tarball());
        pinned.is_some_and(|(pinned, _)| pinned == *url)
    };
    match (place, &spec.location) {
        (Place::SearchPath(name), Location::SearchPath(here)) => (name == here).then_some(spelled),
        (Place::File(path), Location::File(here)) => (Path::new(path) == here).then_some(spelled),
        (Place::Tarball(url, _), Location::File(_) | Location::SearchPath(_)) => is_pinned_to(url).then_some(spelled),
        // One address of a flake says little of another; what it gives is held against the file anyway.
        (Place::Flake(_), Location::Flake(_)) => Some(nix.attribute_of(&spelled)),
        (Place::FileOfFlake(..) | Place::Tarball(..), Location::Flake(_)) => Some(spelled),
        _ => None,
    }
}

/// The text of a file, or of that in a folder.
fn text_of(file: &Path) -> Option<String> {
    let inside = ["flake.nix", "default.nix"].map(|name| file.join(name));
    let file = if file.is_dir() { inside.iter().find(|file| file.is_file())? } else { file };
    let mut text = String::new();
    File::open(file).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}
