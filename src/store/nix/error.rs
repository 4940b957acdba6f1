//! What can go wrong between this program and a Nix store.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::connection::{OLDEST, OURS, Version};
use crate::safe;
use crate::store::StoreError;

/// Why the store did not do what it was asked. After anything but [`Daemon`](Self::Daemon) and what was refused before
/// it was sent, the connection is closed.
#[derive(Debug, thiserror::Error)]
pub enum NixError {
    #[error("no Nix daemon answers at {}: {source}; start it, or give the socket of one that runs", safe::path(socket))]
    Connect { socket: PathBuf, source: io::Error },
    #[error("{} cannot be started: {source}; is Nix installed?", safe::path(program))]
    Spawn { program: PathBuf, source: io::Error },
    /// `said` is what it wrote to its standard error, if it is a process of ours.
    #[error("{peer} ended the connection before it answered{}", after_colon(said))]
    Closed { peer: String, said: String },
    #[error("the connection to {peer} broke: {source}")]
    Io { peer: String, source: io::Error },
    #[error(
        "{peer} speaks version {theirs} of Nix' protocol, and this program speaks {OLDEST} to {OURS}; use Nix 2.8 or newer"
    )]
    Version { peer: String, theirs: Version },
    #[error("{peer} does not answer as a Nix daemon does: {problem}")]
    Protocol { peer: String, problem: String },
    #[error(transparent)]
    Daemon(#[from] DaemonError),

    #[error("{} is no path of the store {}", safe::path(path), safe::path(store))]
    NotInStore { path: PathBuf, store: PathBuf },
    #[error(
        "{} cannot be the name of {of}; Nix allows letters, digits and +-._?=, and at most 211 of them",
        safe::text(name)
    )]
    Name { name: String, of: &'static str },
    #[error("a root of the garbage collector has to be an absolute path, and {} is not", safe::path(path))]
    NotAbsolute { path: PathBuf },
    #[error("{}: what was to be put into the store cannot be read: {source}", safe::text(name))]
    Content { name: String, source: io::Error },

    #[error("cancelled; nothing was changed")]
    Cancelled,
    #[error("the connection to {peer} was closed after an earlier error; open a new one")]
    GivenUp { peer: String },
}

impl From<NixError> for StoreError {
    fn from(error: NixError) -> Self {
        match error {
            NixError::Cancelled => Self::Cancelled,
            error => Self::Nix(error),
        }
    }
}

/// What a daemon says went wrong. Its texts are for reading only: they differ with every version of Nix. They are
/// harmless for a terminal, and of several lines.
#[derive(Debug)]
pub struct DaemonError {
    pub message: String,
    /// What it was doing, innermost first.
    pub traces: Vec<String>,
    /// Its other messages before the error, oldest first; Nix tells here why a dependency failed.
    pub told: Vec<String>,
    /// The last lines that builders wrote, oldest first.
    pub log: Vec<String>,
}

impl std::error::Error for DaemonError {}

impl fmt::Display for DaemonError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Nix says: {}", self.message)?;
        for trace in &self.traces {
            write!(to, "\n{trace}")?;
        }
        // The error of a failed derivation repeats its log; that of one that depends on it does not.
        let missing = |lines: &[String]| lines.last().is_some_and(|last| !self.message.contains(last.trim()));
        for (title, lines) in [("before that", &self.told), ("the builder's last lines", &self.log)] {
            if missing(lines) {
                write!(to, "\n{title}:\n  {}", lines.join("\n").replace('\n', "\n  "))?;
            }
        }
        Ok(())
    }
}

fn after_colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}
