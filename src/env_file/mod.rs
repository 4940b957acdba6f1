//! Environment files: a profile, or a part of it, as a file from which Nix builds the same again.
//!
//! | module | what it is |
//! |---|---|
//! | `nix` | a Nix file: nixpkgs' `buildEnv` |
//! | `flake` | a whole `flake.nix` |
//! | `json` | the same for other programs |
//! | `read` | reads that again |
//! | `hints` | what the text of a Nix file says of where its packages come from |
//! | `format` | which of them, and the text of it |
//! | `build_env` | the packages in both kinds of Nix file |
//! | `bind` | the sources in both |
//! | `folder` | which environment files a folder has |
//! | `document` | indented text, as `nixfmt` would indent it |
//! | `language` | strings, names and paths of the Nix language |
//! | `tarball` | the tarball of a flake that is locked to a revision |
//! | `write` | puts it on disk, whole and never over another file without leave |
//!
//! What can be said of an environment is [`EnvFile`]; who makes one of a profile is [`crate::loom`]. All texts may be
//! hostile: they become strings of the language, or comments that are safe for a terminal.

mod bind;
mod build_env;
mod document;
mod flake;
mod folder;
mod format;
mod hints;
mod json;
pub(crate) mod language;
mod nix;
mod read;
mod tarball;
mod write;

pub use self::folder::{Nearby, nearby};
pub use self::format::{Format, notes, text};
pub use self::hints::{Hint, Place, hints};
pub use self::json::json;
pub use self::read::{Document, DocumentError, DocumentPackage, read};
pub use self::tarball::{Tarball, tarball};
pub use self::write::{WriteError, is_name, write};

/// An environment as it can be written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvFile {
    /// What the environment is called in the store.
    pub name: String,
    /// For what system a flake has it, e.g. `x86_64-linux`.
    pub system: String,
    pub sources: Vec<Source>,
    /// What is to be known of all of it; one sentence each, without a full stop.
    pub notes: Vec<String>,
    /// In the profile's order.
    pub packages: Vec<Entry>,
}

/// Where packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// As the user knows it.
    pub name: String,
    pub import: Import,
}

/// How a file gets a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// Some revision of nixpkgs, whatever is there: `<nixpkgs>`, or the branch `nixpkgs-unstable`.
    AnyNixpkgs,
    /// `<NAME>`, whatever that is where the file is built.
    SearchPath(String),
    /// A Nix file, as it is then; an absolute path.
    File(String),
    /// A Nix file in a tarball with this SRI hash.
    Tarball {
        url: String,
        hash: String,
        /// Whether it has `buildEnv` and `lib`.
        is_nixpkgs: bool,
    },
    /// A revision of nixpkgs, called as its flake calls it.
    Nixpkgs { tarball: Tarball, system: String },
    /// Any other flake.
    Flake {
        url: String,
        /// Whether the url names one content for all time.
        is_pinned: bool,
    },
}

/// One package of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the profile calls it.
    pub name: String,
    /// Empty if not known.
    pub version: String,
    /// As this program installs it.
    pub origin: Origin,
    pub from: From,
    /// Names of the chosen outputs.
    pub outputs: Vec<String>,
    /// A lower number wins.
    pub priority: i64,
    /// What is not active is only told of.
    pub active: bool,
    /// What its source tells of it now, if that is known.
    pub known: Option<Known>,
    /// What a file cannot say, or what is uncertain in it; one sentence each, without a full stop.
    pub notes: Vec<String>,
}

/// A package in the words of this program, which reads them again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Empty if it came from a bare path.
    pub attribute: String,
    /// The name of a source.
    pub source: String,
    /// Where that source is, as one adds it; `None` if it is none that could be added.
    pub location: Option<String>,
}

/// Where a package is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// In [`EnvFile::sources`]: at which place there, and by which names on the way to it.
    Attribute { source: usize, path: Vec<String> },
    /// A Nix file that may be the package itself, or has it as `default`.
    Whole { source: usize },
    /// Nothing is known but its paths, which a store of Nix has.
    Paths(Vec<String>),
    /// No Nix has it; its paths are for a comment.
    Nowhere(Vec<String>),
}

/// A package as `buildEnv` sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// All that it has.
    pub outputs: Vec<String>,
    /// Those that `buildEnv` takes where none is chosen.
    pub default: Vec<String>,
    pub priority: i64,
}

impl Source {
    /// Whether every build of the file gets the same.
    pub fn is_pinned(&self) -> bool {
        match &self.import {
            Import::AnyNixpkgs | Import::SearchPath(_) | Import::File(_) => false,
            Import::Tarball { .. } => true,
            Import::Nixpkgs { tarball, .. } => tarball.is_revision,
            Import::Flake { is_pinned, .. } => *is_pinned,
        }
    }

    /// Whether it has `buildEnv` and `lib`.
    fn is_nixpkgs(&self) -> bool {
        match &self.import {
            Import::SearchPath(name) => name == "nixpkgs",
            Import::Tarball { is_nixpkgs, .. } => *is_nixpkgs,
            Import::AnyNixpkgs | Import::Nixpkgs { .. } => true,
            Import::File(_) | Import::Flake { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests;
