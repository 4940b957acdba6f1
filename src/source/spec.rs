//! Where a source lies, as `--source NAME=LOCATION` says it.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use super::Pin;
use crate::safe;

const FORM: &str = "the form is NAME=LOCATION, where LOCATION is a Nix file (./default.nix), <nixpkgs>, a flake (github:NixOS/nixpkgs), a listing (packages.json, or its address), or folder:PATH";
const LISTING_FORM: &str = "a listing is a file or an address that begins with https://, http:// or file://; its name ends in .json or .json.br";
/// How the names of listings end. What is in one is told by its content.
const LISTING_ENDS: [&str; 2] = [".json", ".json.br"];
const LISTING_SCHEMES: [&str; 3] = ["https://", "http://", "file://"];

/// A source and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    pub name: String,
    pub location: Location,
    /// What tells the packages of the location without evaluating it: a listing that was made of the same revision.
    pub listing: Option<ListingPlace>,
    /// The revision at which it is held; without one it is what the location is at any time.
    pub pin: Option<Pin>,
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

/// A text that names no source, or no listing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}; {form}", safe::text(text))]
pub struct SpecError {
    pub text: String,
    pub problem: String,
    /// What is right.
    form: &'static str,
}

impl SpecError {
    pub(super) fn new(text: &str, problem: String, form: &'static str) -> Self {
        Self { text: text.to_owned(), problem, form }
    }
}

impl FromStr for Spec {
    type Err = SpecError;

    /// Looks at the disk: an existing path is one whatever it looks like, and relative ones become absolute.
    fn from_str(text: &str) -> Result<Self, SpecError> {
        let error = |problem: String| SpecError { text: text.to_owned(), problem, form: FORM };
        let (name, location) = text.split_once('=').ok_or_else(|| error("there is no =".into()))?;
        check_name(name).map_err(error)?;
        let location = read_location(location, None).map_err(error)?;
        Ok(Self { name: name.to_owned(), location, listing: None, pin: None })
    }
}

impl Spec {
    /// A source as a file in `folder` says it. What it means does not depend on where the program runs: a path begins with
    /// `/`, `~/`, `./` or `../`, and the last two are meant from `folder`.
    pub fn in_file(name: &str, location: &str, listing: Option<&str>, folder: &Path) -> Result<Self, SpecError> {
        let error = |text: &str| {
            let text = text.to_owned();
            move |problem: String| SpecError { text, problem, form: FORM }
        };
        check_name(name).map_err(error(name))?;
        let listing = listing.map(|text| read_listing(text, Some(folder))).transpose()?;
        let location = read_location(location, Some(folder)).map_err(error(location))?;
        Ok(Self { name: name.to_owned(), location, listing, pin: None })
    }

    /// The same, held at a revision; the error says why that is none of this source's.
    pub fn pinned(self, pin: Option<Pin>) -> Result<Self, SpecError> {
        let problem = match (&pin, &self.location) {
            (None, _) | (Some(_), Location::Flake(_)) => None,
            (Some(pin), Location::File(_) | Location::SearchPath(_)) => {
                pin.tarball().is_none().then_some("a source that is no flake is pinned to a tarball with its narHash")
            }
            (Some(_), Location::Listing(_)) => Some("a listing is what it is, and has no pin"),
            (Some(_), Location::Folder(_)) => Some("a folder of packages keeps no revisions, and has no pin"),
        };
        match (problem, &pin) {
            (Some(problem), Some(pin)) => Err(SpecError::new(&pin.to_string(), problem.to_owned(), super::pin::FORM)),
            _ => Ok(Self { pin, ..self }),
        }
    }
}

impl Location {
    /// What is at a path: a Nix file, or a flake if it is a folder with a `flake.nix` or that file itself. The error says
    /// what is wrong, and is safe for a terminal.
    pub fn of_path(path: &Path) -> Result<Self, String> {
        let path = match path.file_name() {
            Some(name) if name == "flake.nix" => path.parent().unwrap_or(path),
            _ => path,
        };
        let text = path.to_str().ok_or("its name is not UTF-8, and a source is named by text")?;
        read_path(text, None)
    }
}

impl FromStr for ListingPlace {
    type Err = SpecError;

    /// Looks at the disk, as [`Spec`] does; a file must be there.
    fn from_str(text: &str) -> Result<Self, SpecError> {
        read_listing(text, None)
    }
}

fn read_listing(text: &str, folder: Option<&Path>) -> Result<ListingPlace, SpecError> {
    let error = |problem: String| SpecError { text: text.to_owned(), problem, form: LISTING_FORM };
    match read_location(text, folder).map_err(error)? {
        Location::Listing(place) => Ok(place),
        _ => Err(error("this is no listing".into())),
    }
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
        // No flake is called so; it says what is wrong with the file.
        _ if is_listing_name(text) && !text.contains(':') => read_path(text, folder),
        _ if is_listing_url(text) => Ok(Location::Listing(ListingPlace::Url(text.to_owned()))),
        _ => Ok(Location::Flake(text.to_owned())),
    }
}

/// Flakes are fetched from such addresses only as archives, which have other names.
fn is_listing_url(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or_default();
    LISTING_SCHEMES.iter().any(|scheme| text.starts_with(scheme)) && is_listing_name(path)
}

fn is_listing_name(name: &str) -> bool {
    LISTING_ENDS.iter().any(|end| name.ends_with(end))
}

fn read_path(text: &str, folder: Option<&Path>) -> Result<Location, String> {
    let (absolute, is_folder) = find_path(text, folder)?;
    if !is_folder {
        let is_listing = is_listing_name(&absolute.to_string_lossy());
        return Ok(if is_listing { Location::Listing(ListingPlace::File(absolute)) } else { Location::File(absolute) });
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
#[path = "spec_tests.rs"]
mod tests;
