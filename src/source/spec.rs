//! Where a source lies, as `--source NAME=LOCATION` says it.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use crate::safe;

const FORM: &str = "the form is NAME=LOCATION, where LOCATION is a Nix file (./default.nix), <nixpkgs>, or a flake (github:NixOS/nixpkgs)";

/// A source and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    pub name: String,
    pub location: Location,
    /// What tells the packages of the location without evaluating it: a listing that was made of the same revision.
    pub listing: Option<ListingPlace>,
}

/// Where a `packages.json` is, as the channels of nixpkgs publish it, compressed or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingPlace {
    /// Absolute.
    File(PathBuf),
    /// For Nix to fetch.
    Url(String),
}

impl fmt::Display for ListingPlace {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(to, "{}", safe::path(path)),
            Self::Url(url) => write!(to, "{}", safe::text(url)),
        }
    }
}

/// Where the attributes of a source are defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A Nix file, or a folder with a `default.nix`; absolute.
    File(PathBuf),
    /// What stands between the angle brackets of a path that `NIX_PATH` leads to, e.g. `nixpkgs`.
    SearchPath(String),
    /// A flake reference without a fragment; that of a folder is its absolute path.
    Flake(String),
    /// A listing alone: what is in it can be found, but not installed.
    Listing(ListingPlace),
}

impl fmt::Display for Location {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(to, "{}", safe::path(path)),
            Self::SearchPath(name) => write!(to, "<{}>", safe::text(name)),
            Self::Flake(reference) => write!(to, "{}", safe::text(reference)),
            Self::Listing(place) => write!(to, "{place}"),
        }
    }
}

/// A text that names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}; {FORM}", safe::text(text))]
pub struct SpecError {
    pub text: String,
    pub problem: String,
}

impl FromStr for Spec {
    type Err = SpecError;

    /// Looks at the disk: an existing path is one whatever it looks like, and relative ones become absolute.
    fn from_str(text: &str) -> Result<Self, SpecError> {
        let error = |problem: String| SpecError { text: text.to_owned(), problem };
        let (name, location) = text.split_once('=').ok_or_else(|| error("there is no =".into()))?;
        check_name(name).map_err(error)?;
        Ok(Self { name: name.to_owned(), location: read_location(location).map_err(error)?, listing: None })
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let is_bad =
        |letter: char| matches!(letter, '@' | '^' | ':' | '"') || letter.is_whitespace() || letter.is_control();
    match name.chars().find(|&letter| is_bad(letter)) {
        _ if name.is_empty() => Err("the name is missing".into()),
        _ if name.starts_with('-') => Err("a name does not begin with -".into()),
        Some(letter) => Err(format!("a name has no {letter:?} in it")),
        None => Ok(()),
    }
}

fn read_location(text: &str) -> Result<Location, String> {
    if let Some(name) = text.strip_prefix('<') {
        return match name.strip_suffix('>').filter(|name| !name.is_empty()) {
            Some(name) => Ok(Location::SearchPath(name.to_owned())),
            None => Err("a search path looks like <nixpkgs>".into()),
        };
    }
    let is_spelled_as_path = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start));
    if is_spelled_as_path || Path::new(text).exists() && !text.is_empty() {
        return read_path(text);
    }
    match text {
        "" => Err("the location is missing".into()),
        _ if text.starts_with('-') => Err("a location does not begin with -".into()),
        _ if text.contains('#') => Err("a source is a whole flake: leave the # and what follows away".into()),
        _ if text.contains(|letter: char| letter.is_whitespace() || letter.is_control()) => {
            Err("this is no path that exists, and a flake reference has no blanks".into())
        }
        _ => Ok(Location::Flake(text.to_owned())),
    }
}

fn read_path(text: &str) -> Result<Location, String> {
    let path = match text.strip_prefix("~/") {
        Some(rest) => directories::BaseDirs::new().ok_or("there is no home directory")?.home_dir().join(rest),
        None => PathBuf::from(text),
    };
    let cannot = |error: std::io::Error| format!("cannot read {}: {error}", safe::path(&path));
    let found = std::fs::metadata(&path).map_err(cannot)?;
    // Nix takes `..` for the folder that is written before it, even where that is a link.
    let has_parent = path.components().any(|part| part == Component::ParentDir);
    let absolute = if has_parent { path.canonicalize() } else { std::path::absolute(&path) }.map_err(cannot)?;
    if !found.is_dir() {
        return Ok(Location::File(absolute));
    }
    if absolute.join("flake.nix").exists() {
        let Some(reference) = absolute.to_str().filter(|path| !path.contains(['#', '?'])) else {
            return Err("the path of a flake is UTF-8 without # and ?".into());
        };
        return Ok(Location::Flake(reference.to_owned()));
    }
    if absolute.join("default.nix").exists() {
        return Ok(Location::File(absolute));
    }
    Err(format!("{} holds neither flake.nix nor default.nix", safe::path(&absolute)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(text: &str) -> Location {
        format!("name={text}").parse::<Spec>().unwrap().location
    }

    fn problem(text: &str) -> String {
        text.parse::<Spec>().unwrap_err().problem
    }

    #[test]
    fn search_paths_and_flakes_are_told_by_their_form() {
        let spec: Spec = "unstable=<nixpkgs>".parse().unwrap();
        assert_eq!(
            spec,
            Spec { name: "unstable".into(), location: Location::SearchPath("nixpkgs".into()), listing: None }
        );
        for flake in ["nixpkgs", "github:NixOS/nixpkgs/nixos-25.11", "git+https://x.org/a?ref=b", "path:/x", "flake:x"]
        {
            assert_eq!(location(flake), Location::Flake(flake.into()));
        }
    }

    #[test]
    fn an_existing_path_is_a_file_or_a_flake_by_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().canonicalize().unwrap();
        for (folder, file) in [("flake", "flake.nix"), ("plain", "default.nix"), ("neither", "x"), ("a#b", "flake.nix")]
        {
            std::fs::create_dir(at.join(folder)).unwrap();
            std::fs::write(at.join(folder).join(file), "{ }").unwrap();
        }
        let path = |name: &str| at.join(name).to_str().unwrap().to_owned();
        assert_eq!(location(&path("flake")), Location::Flake(path("flake")));
        assert_eq!(location(&path("plain")), Location::File(at.join("plain")));
        assert_eq!(location(&path("neither/x")), Location::File(at.join("neither/x")));
        assert_eq!(location(&path("neither/../plain")), Location::File(at.join("plain")));
        assert!(problem(&format!("a={}", path("neither"))).contains("holds neither flake.nix nor default.nix"));
        assert!(problem(&format!("a={}", path("a#b"))).contains("without # and ?"));
        assert!(problem(&format!("a={}", path("gone.nix"))).contains("cannot read"));
    }

    #[test]
    fn a_relative_path_becomes_absolute() {
        // Tests run in the package's folder.
        let expected = std::env::current_dir().unwrap().join("src/source/evaluate.nix");
        assert_eq!(location("./src/source/evaluate.nix"), Location::File(expected.clone()));
        assert_eq!(location("src/source/evaluate.nix"), Location::File(expected));
    }

    #[test]
    fn what_names_no_source_is_told_with_the_right_form() {
        for (text, expected) in [
            ("nixpkgs", "there is no ="),
            ("=x", "the name is missing"),
            ("a b=x", "no ' ' in it"),
            ("a@b=x", "no '@' in it"),
            ("a\u{1b}=x", "in it"),
            ("-a=x", "does not begin with -"),
            ("a=", "the location is missing"),
            ("a=<nixpkgs", "looks like <nixpkgs>"),
            ("a=--impure", "does not begin with -"),
            ("a=nixpkgs#hello", "leave the # and what follows away"),
            ("a=no such thing", "no blanks"),
        ] {
            assert!(problem(text).contains(expected), "{text}: {}", problem(text));
        }
        let error = "nixpkgs".parse::<Spec>().unwrap_err().to_string();
        assert!(error.starts_with("nixpkgs: there is no =; the form is NAME=LOCATION"), "{error}");
    }
}
