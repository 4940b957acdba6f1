//! Why something could not be done.

use std::path::PathBuf;

use super::{LinkError, OwnPlan, Preview};
use crate::config::ConfigError;
use crate::engine::PlanError;
use crate::env_file::WriteError;
use crate::profile::ProfileError;
use crate::safe;
use crate::source::SpecError;
use crate::store::StoreError;

/// What stopped a call. Whatever it was, the profile is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum LoomError {
    /// The environment cannot be built as asked; the preview holds every collision and what would settle them.
    #[error("refused: {} block the environment; nothing was changed", collisions(*count))]
    Collisions { count: usize, preview: Box<Preview> },
    /// No environment can be made as asked, whatever collides besides; the preview holds that, too.
    #[error("{}; nothing was changed", preview.obstacles().join("; "))]
    Impossible { preview: Box<Preview> },
    /// The builder of an environment would refuse it.
    #[error("{}; nothing was changed", own.obstacle().unwrap_or_default())]
    OwnCollisions { own: Box<OwnPlan> },
    #[error("there is no home directory to keep packages in; set XDG_DATA_HOME and XDG_STATE_HOME")]
    NoHome,
    #[error(
        "there is no Nix on this machine: neither /nix/store nor a program of Nix; give --store local to do without"
    )]
    NoNix,
    #[error(
        "{}: a folder of packages can be offered in the program's own store only; give --store local too",
        safe::path(folder)
    )]
    FolderForNix { folder: std::path::PathBuf },
    #[error(
        "{} is a package in place of a profile (`nix-env --set`), which a change would throw away; \
         `nix-loom convert nix-env` (or nix-profile) makes it the first package of a profile",
        safe::path(profile)
    )]
    Bare { profile: std::path::PathBuf },
    #[error(
        "the source {} is evaluated by nix-instantiate, which is neither on PATH nor in Nix' default profile; install Nix, or leave --source away",
        safe::text(name)
    )]
    NoNixForSource { name: String },
    #[error(
        "which revision the source {} is at is told by Nix, which is not here; install Nix to pin it",
        safe::text(name)
    )]
    NoNixForPin { name: String },
    #[error(
        "{} belongs into the store at {}; the one in use is at {}, and cannot build it: it can only be looked at here",
        safe::text(package),
        safe::path(belongs),
        safe::path(store)
    )]
    ForeignStore { package: String, belongs: PathBuf, store: PathBuf },
    #[error("there is nothing to undo: nothing is installed, and there was nothing before")]
    NothingToUndo,
    #[error(
        "{}; `nix-loom generations` lists those that are left, and `nix-loom rollback N` goes to one",
        parent_gone(*generation, *parent)
    )]
    ParentGone { generation: u64, parent: Option<u64> },
    #[error("sources cannot be changed yet; give them with --source NAME=LOCATION at the start")]
    SourcesAreFixed,
    /// An environment file, and what is wrong with it; safe for a terminal.
    #[error("{}: {problem}", safe::path(file))]
    File { file: PathBuf, problem: String },
    #[error("{} is not remembered; `nix-loom status` names the files that are", safe::path(file))]
    NoSuchFile { file: PathBuf },
    #[error("it cannot be forgotten: {error}")]
    Unforgotten { error: String },
    #[error("there is no source called {}; there are {}", safe::text(name), names(sources))]
    UnknownSource { name: String, sources: Vec<String> },
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error("two sources are called {}; give one of them another name", safe::text(name))]
    SourceName { name: String },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// An environment file could not be written.
    #[error(transparent)]
    EnvFile(#[from] WriteError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Plan(#[from] PlanError),
}

fn names(names: &[String]) -> String {
    if names.is_empty() {
        return "none; `nix-loom sources add NAME=LOCATION` makes one".to_owned();
    }
    names.iter().map(|name| safe::text(name)).collect::<Vec<_>>().join(", ")
}

fn collisions(count: usize) -> String {
    if count == 1 { "1 collision".to_owned() } else { format!("{count} collisions") }
}

/// Why a generation cannot be undone.
fn parent_gone(generation: u64, parent: Option<u64>) -> String {
    match parent {
        Some(parent) => format!("generation {parent}, from which {generation} was made, is deleted"),
        None => format!("from which generation {generation} was made is not known, and none below it is left"),
    }
}
