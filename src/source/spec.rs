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
    /// A folder of packages for the program's own store, written `folder:PATH`; absolute.
    Folder(PathBuf),
}

impl fmt::Display for Location {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(to, "{}", safe::path(path)),
            Self::SearchPath(name) => write!(to, "<{}>", safe::text(name)),
            Self::Flake(reference) => write!(to, "{}", safe::text(reference)),
            Self::Listing(place) => write!(to, "{place}"),
            Self::Folder(path) => write!(to, "folder:{}", safe::path(path)),
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
        Ok(Self { name: name.to_owned(), location: read_location(location, None).map_err(error)?, listing: None })
    }
}

impl Spec {
    /// A source as a file in `folder` says it. What it means does not depend on where the program runs: a path begins with
    /// `/`, `~/`, `./` or `../`, and the last two are meant from `folder`.
    pub fn in_file(name: &str, location: &str, listing: Option<&str>, folder: &Path) -> Result<Self, SpecError> {
        let error = |text: &str| {
            let text = text.to_owned();
            move |problem: String| SpecError { text, problem }
        };
        check_name(name).map_err(error(name))?;
        let listing = listing.map(|text| read_place(text, Some(folder)).map_err(error(text))).transpose()?;
        let location = read_location(location, Some(folder)).map_err(error(location))?;
        Ok(Self { name: name.to_owned(), location, listing })
    }
}

impl FromStr for ListingPlace {
    type Err = SpecError;

    /// A URL, or a file that is there.
    fn from_str(text: &str) -> Result<Self, SpecError> {
        read_place(text, None).map_err(|problem| SpecError { text: text.to_owned(), problem })
    }
}

fn read_place(text: &str, folder: Option<&Path>) -> Result<ListingPlace, String> {
    if ["https://", "http://", "file://"].iter().any(|scheme| text.starts_with(scheme)) {
        if text.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
            return Err("a URL has no blanks".into());
        }
        return Ok(ListingPlace::Url(text.to_owned()));
    }
    let (path, is_folder) = find_path(text, folder)?;
    if is_folder {
        return Err(format!(
            "{} is a folder; a listing is a file: packages.json or packages.json.br",
            safe::path(&path)
        ));
    }
    Ok(ListingPlace::File(path))
}

/// Whether a source may be called so; the error says why not.
pub fn check_name(name: &str) -> Result<(), String> {
    let is_bad =
        |letter: char| matches!(letter, '@' | '^' | ':' | '"') || letter.is_whitespace() || letter.is_control();
    match name.chars().find(|&letter| is_bad(letter)) {
        _ if name.is_empty() => Err("the name is missing".into()),
        _ if name.starts_with('-') => Err("a name does not begin with -".into()),
        Some(letter) => Err(format!("a name has no {letter:?} in it")),
        None => Ok(()),
    }
}

/// `folder` is that of the file in which the text stands; without one it is an argument.
fn read_location(text: &str, folder: Option<&Path>) -> Result<Location, String> {
    if let Some(name) = text.strip_prefix('<') {
        return match name.strip_suffix('>').filter(|name| !name.is_empty()) {
            Some(name) => Ok(Location::SearchPath(name.to_owned())),
            None => Err("a search path looks like <nixpkgs>".into()),
        };
    }
    if let Some(text) = text.strip_prefix("folder:") {
        let (path, is_folder) = find_path(text, folder)?;
        return if is_folder { Ok(Location::Folder(path)) } else { Err(format!("{} is no folder", safe::path(&path))) };
    }
    let is_spelled_as_path = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start));
    if is_spelled_as_path || folder.is_none() && Path::new(text).exists() && !text.is_empty() {
        return read_path(text, folder);
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

fn read_path(text: &str, folder: Option<&Path>) -> Result<Location, String> {
    let (absolute, is_folder) = find_path(text, folder)?;
    if !is_folder {
        return Ok(Location::File(absolute));
    }
    if absolute.join("flake.nix").exists() {
        let Some(reference) = absolute.to_str().filter(|path| !path.contains(['#', '?'])) else {
            return Err("the path of a flake is without # and ?".into());
        };
        return Ok(Location::Flake(reference.to_owned()));
    }
    if absolute.join("default.nix").exists() {
        return Ok(Location::File(absolute));
    }
    let shown = safe::path(&absolute);
    Err(format!("{shown} holds neither flake.nix nor default.nix; a folder of packages is written folder:{shown}"))
}

/// The absolute path of something that is there, and whether it is a folder.
fn find_path(text: &str, folder: Option<&Path>) -> Result<(PathBuf, bool), String> {
    if text.is_empty() {
        return Err("the path is missing".into());
    }
    let path = match (text.strip_prefix("~/"), folder) {
        (Some(rest), _) => directories::BaseDirs::new().ok_or("there is no home directory")?.home_dir().join(rest),
        (None, Some(folder)) => folder.join(text),
        (None, None) => PathBuf::from(text),
    };
    let cannot = |error: std::io::Error| format!("cannot read {}: {error}", safe::path(&path));
    let is_folder = std::fs::metadata(&path).map_err(cannot)?.is_dir();
    // Nix takes `..` for the folder that is written before it, even where that is a link.
    let has_parent = path.components().any(|part| part == Component::ParentDir);
    let absolute = if has_parent { path.canonicalize() } else { std::path::absolute(&path) }.map_err(cannot)?;
    match absolute.to_str() {
        Some(_) => Ok((absolute, is_folder)),
        None => Err(format!("{} is not UTF-8, and a source is named by text", safe::path(&absolute))),
    }
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
        assert_eq!(location(&format!("folder:{}", path("plain"))), Location::Folder(at.join("plain")));
        assert!(problem(&format!("a=folder:{}", path("neither/x"))).contains("is no folder"));
        assert!(problem("a=folder:").contains("the path is missing"));
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
    fn what_stands_in_a_file_means_the_same_wherever_the_program_runs() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().canonicalize().unwrap();
        std::fs::write(at.join("a.nix"), "{ }").unwrap();
        std::fs::write(at.join("packages.json"), "{ }").unwrap();
        let read = |location: &str, listing| Spec::in_file("name", location, listing, &at);
        assert_eq!(read("./a.nix", None).unwrap().location, Location::File(at.join("a.nix")));
        // Tests run in the package's folder, where there is a `src`.
        assert_eq!(read("src", None).unwrap().location, Location::Flake("src".into()));
        assert_eq!(read("folder:.", None).unwrap().location, Location::Folder(at.clone()));
        let listing = read("<nixpkgs>", Some("./packages.json")).unwrap().listing;
        assert_eq!(listing, Some(ListingPlace::File(at.join("packages.json"))));
        let listing = read("<nixpkgs>", Some("https://example.org/packages.json.br")).unwrap().listing;
        assert_eq!(listing, Some(ListingPlace::Url("https://example.org/packages.json.br".into())));
        assert!(read("./gone.nix", None).unwrap_err().problem.contains("cannot read"));
        assert!(read("<nixpkgs>", Some(".")).unwrap_err().problem.contains("a listing is a file"));
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
