//! What can go wrong with a profile. Every message names the thing, the place and the way out.

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::notation::ChangeParseError;
use crate::safe;

/// Why a profile could not be read or changed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("{}: cannot {action}: {source}", show(path))]
    Io { path: PathBuf, action: &'static str, source: io::Error },

    #[error(
        "{}: line {line}, column {column}: {problem}; this is no manifest that can be read, so nothing is changed: go back with `nix-loom rollback`, or repair the file",
        show(path)
    )]
    Manifest { path: PathBuf, line: usize, column: usize, problem: String },
    #[error(
        "{}: manifest of version {version}, newer than the 3 that this program knows; use a newer nix-loom, or Nix itself",
        show(path)
    )]
    ManifestVersion { path: PathBuf, version: u64 },
    #[error(
        "{} holds neither manifest.json nor manifest.nix, so nobody knows what is installed; it is not taken for empty: go back to another generation with `nix-loom rollback`",
        show(path)
    )]
    NoManifest { path: PathBuf },
    #[error(
        "{} leads to {}, which is gone; go back to another generation with `nix-loom rollback`",
        show(link),
        show(path)
    )]
    Dangling { link: PathBuf, path: PathBuf },
    #[error("{} is not a link, so it is no profile; move it away or choose another with --profile", show(path))]
    NotALink { path: PathBuf },
    #[error("{} is not UTF-8, and a manifest holds nothing else; keep the store under another path", show(path))]
    NotText { path: PathBuf },
    #[error(
        "{}: a manifest of nix-env cannot hold an output called {}; remove that output or keep a profile of `nix profile`",
        safe::text(name),
        safe::text(output)
    )]
    ReservedOutput { name: String, output: String },
    #[error("{}: {size} bytes are no manifest that can be read; go back with `nix-loom rollback`", show(path))]
    TooLarge { path: PathBuf, size: u64 },

    #[error("there is no generation {number} of {}; {}", show(profile), there_are("the profile has", numbers))]
    NoGeneration { profile: PathBuf, number: u64, numbers: Vec<u64> },
    #[error("{}: there is no generation before the current one to go back to", show(profile))]
    NoPrevious { profile: PathBuf },
    #[error(
        "{} was changed by another program meanwhile; nothing was done: look at what is installed now and apply again",
        show(profile)
    )]
    Changed { profile: PathBuf },

    #[error(
        "{} could not be made a root of the store's garbage collection, so it is not made a generation: {source}",
        show(link)
    )]
    Root { link: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("generation {number} is the current one, which is never deleted; go to another first")]
    DeletesCurrent { number: u64 },
    #[error("{}: {message}", safe::text(given))]
    Deletion { given: String, message: &'static str },
    #[error(transparent)]
    Evaluation(#[from] crate::package::EvaluationError),
    #[error(transparent)]
    Notation(#[from] ChangeParseError),
    #[error("{} is not installed; `nix-loom list` shows what is", safe::text(name))]
    NotInstalled { name: String },
    #[error("{} is the attribute of {}; give the name of the one that you mean", safe::text(attribute), names.iter().map(|name| safe::text(name)).collect::<Vec<_>>().join(" and "))]
    Ambiguous { attribute: String, names: Vec<String> },
    #[error("{}: only what is installed can be made active or inactive; install it first", safe::text(name))]
    ActiveWithoutElement { name: String },
    #[error(
        "{} has no known source to install it from again; say one, as in {}:source=SOURCE",
        safe::text(name),
        safe::text(name)
    )]
    NoSource { name: String },
    #[error("{}; `nix-loom search {}` looks for it", no_attribute(attribute, from.as_deref()), safe::text(attribute))]
    UnknownAttribute { attribute: String, from: Option<String> },
    #[error("{} has no output {}; it has {}", safe::text(name), safe::text(output), list(outputs))]
    UnknownOutput { name: String, output: String, outputs: Vec<String> },
    #[error("{} without any output would be nothing; write -{} to remove it", safe::text(name), safe::text(name))]
    NoOutputs { name: String },
    #[error(
        "where output {} of {} will lie is not known until it is evaluated, which the local store cannot",
        safe::text(output),
        safe::text(name)
    )]
    NoPath { name: String, output: String },
}

impl ProfileError {
    /// For `map_err`: an operating system error at `path` while trying to `action`.
    pub(super) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, action, source }
    }
}

fn show(path: &Path) -> String {
    safe::bytes(path.as_os_str().as_bytes())
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| safe::text(name)).collect::<Vec<_>>().join(", ")
}

fn no_attribute(attribute: &str, source: Option<&str>) -> String {
    let attribute = safe::text(attribute);
    match source {
        Some(source) => format!("{} offers no attribute {attribute}", safe::text(source)),
        None => format!("no source offers an attribute {attribute}"),
    }
}

fn there_are(start: &str, numbers: &[u64]) -> String {
    if numbers.is_empty() {
        return format!("{start} none yet");
    }
    format!("{start} {}", numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}
