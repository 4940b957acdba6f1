//! Why an environment could not be planned at all. A collision is no error: the plan holds it.

use super::FileError;
use crate::safe;

/// What stops planning altogether.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("package {}: {} does not exist", safe::text(package), safe::bytes(path))]
    MissingPackage { package: String, path: Box<[u8]> },
    #[error("package {}: {} is not an absolute path", safe::text(package), safe::bytes(path))]
    NotAbsolute { package: String, path: Box<[u8]> },
    #[error("{}: links lead in a circle there, which the rules `nix` refuse", safe::bytes(path))]
    LinkLoop { path: Box<[u8]> },
    #[error(
        "package {}: {} is a file and cannot be merged; ignoreSingleFileOutputs would skip it",
        safe::text(package),
        safe::bytes(path)
    )]
    SingleFile { package: String, path: Box<[u8]> },
    #[error("the environment would have no end at {}: links of the packages lead in circles there", safe::bytes(path))]
    TooLarge { path: Box<[u8]> },
    #[error("{} is taken by a package, so the manifest cannot be put there", safe::bytes(path))]
    ManifestTaken { path: Box<[u8]> },
    #[error("pathsToLink is empty: nothing would be linked")]
    NoPathsToLink,
    #[error("{}: {source}", safe::bytes(path))]
    File { path: Box<[u8]>, source: FileError },
}
