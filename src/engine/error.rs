//! Why an environment could not be planned at all. A collision is no error: the plan holds it.

use super::FileError;
use crate::safe;

/// What stops planning altogether.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("package {package}: {} does not exist", safe::bytes(path))]
    MissingPackage { package: String, path: Box<[u8]> },
    #[error("package {package}: {} is not an absolute path", safe::bytes(path))]
    NotAbsolute { package: String, path: Box<[u8]> },
    #[error("{} is a link that leads to itself; the rules `nix` refuse it", safe::bytes(path))]
    LinkLoop { path: Box<[u8]> },
    #[error(
        "package {package}: {} is a file and cannot be merged; ignoreSingleFileOutputs would skip it",
        safe::bytes(path)
    )]
    SingleFile { package: String, path: Box<[u8]> },
    #[error(
        "the environment would have more than {limit} directories (at {}); does a package link to its own parent?",
        safe::bytes(path)
    )]
    TooLarge { limit: usize, path: Box<[u8]> },
    #[error("{} is taken by a package, so the manifest cannot be put there", safe::bytes(path))]
    ManifestTaken { path: Box<[u8]> },
    #[error("pathsToLink is empty: nothing would be linked")]
    NoPathsToLink,
    #[error("{}: {source}", safe::bytes(path))]
    File { path: Box<[u8]>, source: FileError },
}
