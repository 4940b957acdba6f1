//! Nix' search path, which says what `<nixpkgs>` is.

use std::path::{Path, PathBuf};

use crate::nix::{Installation, Variables};

/// What begins an address, which has a colon of its own.
const SCHEMES: [&str; 8] = ["channel", "flake", "http", "https", "file", "git", "s3", "ssh"];

/// One place of the search path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Empty if the place holds one thing of each name.
    name: String,
    place: String,
}

/// What a name on the search path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An existing file or folder; absolute.
    Path(PathBuf),
    /// For Nix to fetch.
    Address(String),
}

/// The entries of `NIX_PATH`, or without it those of the configuration.
pub(super) fn entries(nix: &Installation, variable: &Variables) -> Vec<Entry> {
    match variable("NIX_PATH") {
        Some(text) => text.to_str().map(split).unwrap_or_default(),
        None => nix.config.nix_path.iter().map(|text| entry(text)).collect(),
    }
}

/// What `<name>` is; places that are not there are passed over, as they are by Nix.
pub(super) fn find(entries: &[Entry], name: &str) -> Option<Target> {
    entries.iter().find_map(|entry| {
        if entry.name == name && is_address(&entry.place) {
            return Some(Target::Address(entry.place.clone()));
        }
        let place = Path::new(&entry.place);
        let path = match &*entry.name {
            "" => place.join(name),
            own if own == name => place.to_owned(),
            _ => return None,
        };
        // Relative ones are others in each folder.
        (path.is_absolute() && path.exists()).then_some(Target::Path(path))
    })
}

fn entry(text: &str) -> Entry {
    let (name, place) = text.split_once('=').unwrap_or(("", text));
    Entry { name: name.to_owned(), place: place.to_owned() }
}

/// At the colons, but not at the first one of an address.
fn split(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut parts = text.split(':');
    while let Some(part) = parts.next() {
        let scheme = part.rsplit('=').next().unwrap_or(part);
        match parts.clone().next() {
            Some(rest) if SCHEMES.contains(&scheme) && is_address(&format!("{scheme}:{rest}")) => {
                entries.push(entry(&format!("{part}:{rest}")));
                parts.next();
            }
            _ if part.is_empty() => {}
            _ => entries.push(entry(part)),
        }
    }
    entries
}

fn is_address(place: &str) -> bool {
    let Some((scheme, rest)) = place.split_once(':') else { return false };
    SCHEMES.contains(&scheme) && (rest.starts_with("//") || matches!(scheme, "channel" | "flake"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_their_colons() {
        let text = "a=/a:/b:nixpkgs=https://x.org/y.tar.xz:c=flake:nixpkgs::d=channel:nixos-25.11:file:/e";
        let names = ["a", "", "nixpkgs", "c", "d", "", ""];
        let places = ["/a", "/b", "https://x.org/y.tar.xz", "flake:nixpkgs", "channel:nixos-25.11", "file", "/e"];
        let expected =
            names.iter().zip(places).map(|(name, place)| Entry { name: (*name).into(), place: place.into() });
        assert_eq!(split(text), expected.collect::<Vec<_>>());
    }

    #[test]
    fn the_first_place_that_is_there_counts() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_str().unwrap();
        std::fs::create_dir(folder.path().join("nixpkgs")).unwrap();
        let found = |text: &str| find(&split(text), "nixpkgs");
        let path = |path: String| Some(Target::Path(path.into()));
        assert_eq!(found(&format!("nixpkgs=/no/such:other={at}:{at}")), path(format!("{at}/nixpkgs")));
        assert_eq!(found(&format!("nixpkgs={at}:{at}")), path(at.into()));
        assert_eq!(found("nixpkgs=relative:/no/such"), None);
        assert_eq!(found("nixpkgs=flake:nixpkgs"), Some(Target::Address("flake:nixpkgs".into())));
    }
}
