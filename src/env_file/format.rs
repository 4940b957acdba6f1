//! The forms in which an environment is written down.

use super::flake::{flake, impure};
use super::nix::nix;
use super::{EnvFile, json};
use crate::safe;

/// What an environment is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// An expression with the `buildEnv` of nixpkgs.
    #[default]
    Nix,
    /// A whole `flake.nix`.
    Flake,
    /// One document for other programs, and for this one to read.
    Json,
}

impl Format {
    pub const ALL: &[Self] = &[Self::Nix, Self::Flake, Self::Json];

    /// The name on the command line and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nix => "nix",
            Self::Flake => "flake",
            Self::Json => "json",
        }
    }

    /// What a file of it is called, for an environment of that name.
    pub fn file_name(self, environment: &str) -> String {
        match self {
            Self::Nix => format!("{environment}.nix"),
            // Nix looks for no other name.
            Self::Flake => "flake.nix".to_owned(),
            Self::Json => format!("{environment}.json"),
        }
    }
}

/// The whole file.
pub fn text(file: &EnvFile, format: Format) -> String {
    match format {
        Format::Nix => nix(file),
        Format::Flake => flake(file),
        Format::Json => format!("{}\n", safe::json_document(&format!("{:#}", json(file)))),
    }
}

/// What is to be known of the file as a whole, which it tells in comments; one sentence each, without a full stop.
pub fn notes(file: &EnvFile, format: Format) -> Vec<String> {
    let impure = (format == Format::Flake).then(|| impure(file)).flatten();
    file.notes.iter().cloned().chain(impure).collect()
}
