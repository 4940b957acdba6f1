//! Why an environment cannot be made at all, beside collisions.

use super::FileError;
use crate::safe;

/// What no builder would make an environment of. What concerns one package alone is a [problem](super::Plan::problems) of
/// the plan, which goes on without it; all else stops planning.
#[derive(Clone, Debug, thiserror::Error)]
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
