//! The forms in which an environment is written down.

use super::{EnvFile, json, nix};
use crate::safe;

/// What an environment is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// An expression with the `buildEnv` of nixpkgs.
    #[default]
    Nix,
    /// One document for other programs.
    Json,
}

impl Format {
    pub const ALL: &[Self] = &[Self::Nix, Self::Json];

    /// The name on the command line and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nix => "nix",
            Self::Json => "json",
        }
    }

    /// What a file of it is called, for an environment of that name.
    pub fn file_name(self, environment: &str) -> String {
        match self {
            Self::Nix => format!("{environment}.nix"),
            Self::Json => format!("{environment}.json"),
        }
    }
}

/// The whole file.
pub fn text(file: &EnvFile, format: Format) -> String {
    match format {
        Format::Nix => nix(file),
        Format::Json => format!("{}\n", safe::json_document(&format!("{:#}", json(file)))),
    }
}
