//! What can go wrong with the config file. Every message names the thing, the place and the way out.

use std::io;
use std::path::{Path, PathBuf};

use crate::safe;

/// Why the config file could not be read or changed. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no home directory to keep the config file in; set XDG_CONFIG_HOME, or name a file with --config")]
    NoHome,
    #[error("{}: cannot {action}: {source}", safe::path(path))]
    Io { path: PathBuf, action: &'static str, source: io::Error },
    #[error(
        "{}: line {line}, column {column}: {}; repair the file, or name another with --config",
        safe::path(path),
        safe::text(problem)
    )]
    Wrong { path: PathBuf, line: usize, column: usize, problem: String },
    #[error("{} is {what}, and the config is a file; move it away, or name a file with --config", safe::path(path))]
    NotAFile { path: PathBuf, what: &'static str },
    #[error("{} is larger than {limit} bytes, so it is no config file; name another with --config", safe::path(path))]
    TooLarge { path: PathBuf, limit: u64 },
    #[error(
        "{} leads to {}, which is not there; make that file or remove the link",
        safe::path(path),
        safe::path(target)
    )]
    Dangling { path: PathBuf, target: PathBuf },
    #[error(
        "{} may not be changed{}; change it where it is made (home-manager, for one), or name another with --config",
        safe::path(path),
        which_is(path, target)
    )]
    ReadOnly { path: PathBuf, target: PathBuf },
    #[error("{} was changed by others all the time; nothing was done: try again", safe::path(path))]
    Busy { path: PathBuf },

    #[error("{}: there is no source called {}; {}", safe::path(path), safe::text(name), there_are(names))]
    NoSource { path: PathBuf, name: String, names: Vec<String> },
    #[error(
        "{}: a source is called {} already; choose another name, or `nix-loom sources remove` that one first",
        safe::path(path),
        safe::text(name)
    )]
    SameName { path: PathBuf, name: String },
    #[error("{}: no source can be called so: {problem}", safe::text(name))]
    Name { name: String, problem: String },
    #[error(
        "{}: there is no position {position} among the sources, which are {count}; 1 is the first",
        safe::path(path)
    )]
    Position { path: PathBuf, position: usize, count: usize },
    #[error("{} is not UTF-8, and the config file holds nothing else; choose another path", safe::path(place))]
    NotText { place: PathBuf },
}

impl ConfigError {
    pub(super) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), action, source }
    }
}

fn which_is(path: &Path, target: &Path) -> String {
    if path == target { String::new() } else { format!(": it leads to {}", safe::path(target)) }
}

fn there_are(names: &[String]) -> String {
    if names.is_empty() {
        return "`nix-loom sources add NAME=LOCATION` makes one".to_owned();
    }
    let names: Vec<_> = names.iter().map(|name| safe::text(name)).collect();
    format!("there are {}", names.join(", "))
}
