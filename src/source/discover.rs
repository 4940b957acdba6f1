//! The user's own sources: what Nix' files say that there is, without evaluating or fetching anything.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::nix::{Installation, Variables};

use super::channel::Channel;
use super::{ListingPlace, Location, Spec, registry, search_path};

/// More entries of one folder are nobody's channels.
const MAX_ENTRIES: usize = 1000;
/// What a source is called if nothing of its own name can be used.
const NO_NAME: &str = "source";

/// A source that the user has already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// With a name of its own among all that were found, and listed the first of the ways.
    pub spec: Spec,
    /// How its packages can be listed, the cheapest way first; never empty.
    pub ways: Vec<Way>,
}

/// A way to list the packages of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// For [`Spec::listing`]; `None`: the source itself is evaluated.
    pub listing: Option<ListingPlace>,
    /// In words, safe for a terminal.
    pub cost: String,
}

/// The user's channels, those of root, `<nixpkgs>`, and what registries of flakes call `nixpkgs`, in this order; what leads
/// to the same place is found once. Reads only files, and what cannot be read is not there.
pub fn discover(nix: &Installation, variable: &Variables) -> Vec<Found> {
    let mut seen = HashSet::new();
    let mut names = HashSet::new();
    let candidates = channels(nix).into_iter().chain(search_path(nix, variable)).chain(registered(nix, variable));
    let new = candidates.filter(|candidate| seen.insert(candidate.key.clone()));
    new.map(|candidate| candidate.into_found(&mut names)).collect()
}

struct Candidate {
    name: String,
    location: Location,
    /// The same for all that are one source: where links end, or an address.
    key: String,
    channel: Option<Channel>,
    is_nixpkgs: bool,
    /// Whether Nix has to fetch it before it can be evaluated.
    is_remote: bool,
}

impl Candidate {
    /// One on this machine; `None` for what is not there or has no name that is text.
    fn here(name: &str, location: Location, place: &Path, channel: Option<Channel>) -> Option<Self> {
        let place = fs::canonicalize(place).ok()?;
        Some(Self {
            name: name.to_owned(),
            location,
            channel: channel.or_else(|| Channel::of_folder(&place)),
            is_nixpkgs: place.join("pkgs/top-level").is_dir(),
            is_remote: false,
            key: place.into_os_string().into_string().ok()?,
        })
    }

    /// One that Nix fetches: nixpkgs, if it is of a channel.
    fn elsewhere(location: Location, key: String, channel: Option<Channel>) -> Self {
        let is_nixpkgs = channel.is_some();
        Self { name: "nixpkgs".to_owned(), location, key, channel, is_nixpkgs, is_remote: true }
    }

    fn into_found(self, names: &mut HashSet<String>) -> Found {
        let download = self.channel.as_ref().map(|channel| Way {
            listing: Some(channel.listing()),
            cost: format!("a download of about 5 MB: the packages that {channel} has today"),
        });
        let cost = match (self.is_remote, self.is_nixpkgs) {
            (false, false) => "evaluated by Nix",
            (false, true) => "evaluated by Nix: some minutes, and up to 7 GB of memory",
            (true, false) => "fetched and evaluated by Nix",
            (true, true) => "a download of about 50 MB, evaluated by Nix: some minutes, and up to 7 GB of memory",
        };
        let evaluation = Way { listing: None, cost: cost.to_owned() };
        let ways: Vec<Way> = download.into_iter().chain([evaluation]).collect();
        let listing = ways[0].listing.clone();
        Found { spec: Spec { name: own_name(&self.name, names), location: self.location, listing, pin: None }, ways }
    }
}

/// A name that a source may have (what [`Spec`] reads is the rule), and that no other has.
fn own_name(name: &str, names: &mut HashSet<String>) -> String {
    let is_name = |name: &str| !name.contains('=') && format!("{name}=<x>").parse::<Spec>().is_ok();
    let usable = |letter: char| if is_name(&format!("a{letter}")) { letter } else { '-' };
    let name: String = name.chars().map(usable).collect();
    let name = Some(name.trim_start_matches('-')).filter(|name| is_name(name)).unwrap_or(NO_NAME).to_owned();
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let own = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name)).unwrap_or(name);
    names.insert(own.clone());
    own
}

/// What nix-env takes its packages from, and root's channels, which Nix looks into even without that.
fn channels(nix: &Installation) -> Vec<Candidate> {
    let user = &nix.user;
    let homes = [
        (
            user.home.as_ref().map(|home| home.join(".nix-defexpr")),
            user.home.as_ref().map(|home| home.join(".nix-channels")),
        ),
        (
            user.state_home.as_ref().map(|state| state.join("nix/defexpr")),
            user.state_home.as_ref().map(|state| state.join("nix/channels")),
        ),
    ];
    let mut found = Vec::new();
    for (folder, list) in homes {
        let Some(folder) = folder else { continue };
        let urls = list.map(|list| subscriptions(&list)).unwrap_or_default();
        for path in entries(&folder) {
            if is_nix(&path) {
                found.extend(channel(&path, &HashMap::new()));
                continue;
            }
            // The user's own channels are the ones that he subscribed to.
            let urls = if path.ends_with("channels") { &urls } else { &HashMap::new() };
            found.extend(entries(&path).iter().filter(|path| is_nix(path)).filter_map(|path| channel(path, urls)));
        }
    }
    let of_root = entries(&nix.state_directory.join("profiles/per-user/root/channels"));
    found.extend(of_root.iter().filter(|path| is_nix(path)).filter_map(|path| channel(path, &HashMap::new())));
    found
}

fn channel(path: &Path, urls: &HashMap<String, String>) -> Option<Candidate> {
    let name = path.file_stem().filter(|_| path.is_file()).or_else(|| path.file_name())?.to_str()?;
    let channel = urls.get(name).and_then(|url| Channel::of_url(url));
    // A location is text.
    path.to_str()?;
    Candidate::here(name, Location::File(path.to_owned()), path, channel)
}

/// Addresses of channels by their names, as `nix-channel --add` writes them.
fn subscriptions(list: &Path) -> HashMap<String, String> {
    let text = fs::read_to_string(list).unwrap_or_default();
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let named = lines.filter_map(|words| match *words.as_slice() {
        [url, name] if !url.starts_with('#') => Some((name.to_owned(), url.to_owned())),
        _ => None,
    });
    named.collect()
}

/// The entries of a folder that are not hidden, sorted; none if it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_ENTRIES);
    let seen = entries.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    let mut paths: Vec<PathBuf> = seen.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// As nix-env sees it: a Nix file, or a folder that has one for itself. The list of a channel profile is neither.
fn is_nix(path: &Path) -> bool {
    let is_file = path.is_file() && path.extension().is_some_and(|end| end == "nix");
    (is_file && !path.ends_with("manifest.nix")) || path.join("default.nix").exists()
}

/// `<nixpkgs>`, if the search path has it; an address that stands for a flake is found as such where flakes are in use.
fn search_path(nix: &Installation, variable: &Variables) -> Option<Candidate> {
    let name = "nixpkgs";
    let location = Location::SearchPath(name.to_owned());
    match search_path::find(&search_path::entries(nix, variable), name)? {
        search_path::Target::Path(path) => Candidate::here(name, location, &path, None),
        search_path::Target::Address(address) if address == "flake:nixpkgs" && !nix.config.has_flakes() => {
            of_target(location, registry::nixpkgs(nix, variable)?)
        }
        search_path::Target::Address(address) if address == "flake:nixpkgs" => None,
        search_path::Target::Address(address) => {
            let channel = Channel::of_url(&address);
            Some(Candidate::elsewhere(location, address, channel))
        }
    }
}

/// The flake `nixpkgs`.
fn registered(nix: &Installation, variable: &Variables) -> Option<Candidate> {
    of_target(Location::Flake("nixpkgs".to_owned()), registry::nixpkgs(nix, variable)?)
}

fn of_target(location: Location, target: registry::Target) -> Option<Candidate> {
    Some(match target {
        registry::Target::Path(path) => Candidate::here("nixpkgs", location, &path, None)?,
        registry::Target::Nixpkgs { channel } => {
            let key = format!("nixpkgs {}", channel.as_ref().map(ToString::to_string).unwrap_or_default());
            Candidate { is_nixpkgs: true, ..Candidate::elsewhere(location, key, channel) }
        }
        registry::Target::Other(address) => Candidate::elsewhere(location, address, None),
    })
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
