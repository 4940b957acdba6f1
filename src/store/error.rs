//! What can go wrong in a store.

use std::path::PathBuf;

use super::{local, nix};
use crate::safe;

/// Why a store could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: {source}", safe::path(path))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{} is not in the store and no package set has it; is a source missing?", safe::path(path))]
    NotAvailable { path: PathBuf },
    #[error("the store's directory has to be an absolute path, and {} is not", safe::path(path))]
    NotAbsolute { path: PathBuf },
    #[error(transparent)]
    PackageSet(#[from] local::SetError),
    #[error(transparent)]
    Nix(nix::NixError),
    #[error(
        "{} was neither fetched nor built, and Nix does not say why; look at it with `nix-store --realise`",
        safe::path(path)
    )]
    NotMade { path: PathBuf },
    #[error(
        "no daemon listens at {}, and the program nix-daemon is not found; start the daemon, or put Nix' programs on PATH",
        safe::path(socket)
    )]
    NoDaemon { socket: PathBuf },
    #[error(
        "NIX_REMOTE is {}; this program reaches a store by `daemon`, `unix://SOCKET` or `local`",
        safe::text(remote)
    )]
    Remote { remote: String },
    #[error("the store did not answer within {seconds} seconds; is the daemon well?")]
    Silent { seconds: u64 },
    #[error(transparent)]
    Write(#[from] crate::engine::WriteError),
    #[error("cancelled; nothing was changed")]
    Cancelled,
}
