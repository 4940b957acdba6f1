//! What the screen wants done outside of it, and what became of it, as data; [`perform`](super::perform::perform) does it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use crate::catalogue::{Catalogue, Query, SearchResult};
use crate::env_file::Nearby;
use crate::loom::{
    About, Applied, Built, Consequence, DeletionPreview, Elsewhere, ExplainedLine, ExportFile, Exported,
    FileComparison, FileTree, FilesError, FilesOf, Found, GenerationDiff, GenerationSummary, LoomError, OutputInfo,
    PinMove, Snapshot, SourceChange, SourcesView, Status, ToBuild, Upgrade, UpgradeWeight,
};
use crate::package::{EvaluationError, Package};
use crate::profile::{Change, Deletion, Generation, ManifestKind, Parent, Transaction};
use crate::progress::Step;
use crate::remembered::Remembered;

use super::backend::Backend;
use super::environment::Read;
use super::look::Look;
use super::offer::Offer;
use super::report::Report;
use super::work::Task;

/// Something to do; where there is a `request` number, the reply carries it and an older one is dropped.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Open,
    Reload,
    /// Looks what is there beside the profile.
    LookElsewhere,
    /// Reads what the sources offer that Nix evaluates.
    LoadSources,
    /// Looks which sources there are, and what could be one.
    LookAtSources,
    ChangeSource(SourceChange),
    /// Looks which revision a source of this name has now.
    FindPin(String),
    /// Asks the sources what they offer in place of what is installed: all of it, if nothing is named.
    AskForUpgrades {
        request: u64,
        names: Vec<String>,
        from: Option<String>,
    },
    /// Works out what an upgrade alone would do.
    WeighUpgrade {
        change: Box<Change>,
    },
    /// Sorts what is on offer by name.
    SortByName,
    Search {
        request: u64,
        query: Query,
    },
    Look {
        request: u64,
        package: Box<Package>,
    },
    Preview {
        request: u64,
        transaction: Transaction,
    },
    /// For each of `then` what it would do in place of what is staged.
    Weigh {
        request: u64,
        staged: Transaction,
        then: Vec<Transaction>,
    },
    /// Says it in the words of Nix.
    Explain {
        request: u64,
        transaction: Transaction,
    },
    /// Tells of every generation in short.
    Summarise {
        request: u64,
    },
    /// Works out what differs between the generations of each pair; `None` is nothing installed.
    Compare {
        request: u64,
        pairs: Vec<(Option<u64>, u64)>,
    },
    /// Works out what a deletion of generations would do.
    WeighDeletion {
        request: u64,
        deletions: Vec<Deletion>,
    },
    /// Compares the first of the files with each other one.
    CompareFiles {
        request: u64,
        files: Vec<Arc<[u8]>>,
    },
    /// Fetches what is not known of what the changes ask for.
    FetchForPreview {
        transaction: Transaction,
    },
    /// Puts the tree of files together.
    Files {
        request: u64,
        of: FilesOf,
    },
    /// Asks who provides a command or a file.
    Which {
        request: u64,
        question: String,
    },
    Apply {
        transaction: Transaction,
    },
    /// Builds something and makes that link lead to it.
    Build {
        what: ToBuild,
        link: PathBuf,
    },
    /// Asks a work to stop at the next safe place.
    Cancel(Task),
    /// To that generation, or to the newest one below the current.
    RollBack {
        to: Option<u64>,
    },
    DeleteGenerations {
        numbers: Vec<u64>,
    },
    /// Removes all packages in a generation of its own, whatever is staged.
    Empty {
        transaction: Transaction,
    },
    /// Makes the profile one of that kind.
    Convert {
        to: ManifestKind,
    },
    /// Reads an environment file anew.
    Import {
        request: u64,
        file: PathBuf,
    },
    /// Looks which environment files a folder has.
    ReadFolder {
        folder: PathBuf,
    },
    /// Writes the profile as an environment file.
    Export(Box<ExportFile>),
    /// Looks whether the profile agrees with its files; `is_full`: asks them what they say now.
    Status {
        request: u64,
        is_full: bool,
    },
    /// Forgets that a file belongs to the profile.
    ForgetFile(PathBuf),
    /// Keeps that for the next run.
    Remember(Box<Remembered>),
    /// Has the terminal put a text where it can be pasted from.
    Copy(String),
    /// Draws everything anew.
    Redraw,
    Suspend,
    Quit,
}

/// What became of an effect.
#[derive(Debug)]
pub enum Reply {
    Opened(Result<Box<Opened>, LoomError>),
    Reloaded(Result<Current, LoomError>),
    /// With what is known of the store once it was asked.
    LookedElsewhere(Box<(Elsewhere, About)>),
    /// How far a work is.
    Progressed(Task, Step),
    /// What other programs wrote for a work: lines, safe for a terminal. As many older ones were left out.
    Said {
        task: Task,
        lines: Vec<String>,
        dropped: u64,
    },
    Loaded {
        offer: Offer,
        errors: Vec<EvaluationError>,
        /// Whether loading once more would bring more: names come before what is known of them.
        has_more: bool,
    },
    Sources(SourcesView),
    Upgrades {
        request: u64,
        names: Vec<String>,
        found: Result<Vec<Upgrade>, LoomError>,
    },
    UpgradeWeighed {
        /// As it is written.
        change: String,
        weight: Result<Box<UpgradeWeight>, LoomError>,
    },
    SourceChanged(Box<SourceChanged>),
    /// Of the source of this name.
    PinFound(String, Result<Box<PinMove>, LoomError>),
    /// The positions of what is on offer, by name; `catalogue` is what was sorted.
    Sorted {
        rows: Arc<[u32]>,
        catalogue: Arc<Catalogue>,
    },
    /// `catalogue` is what was searched.
    Found {
        request: u64,
        result: SearchResult,
        catalogue: Arc<Catalogue>,
    },
    Looked {
        request: u64,
        looked: Result<Box<Looked>, EvaluationError>,
    },
    Previewed {
        request: u64,
        report: Result<Box<Report>, LoomError>,
    },
    /// Of one of the transactions that were asked for, by its index.
    Weighed {
        request: u64,
        at: usize,
        weight: Result<Consequence, LoomError>,
    },
    NotWeighed {
        request: u64,
        error: LoomError,
    },
    Explained {
        request: u64,
        lines: Result<Vec<ExplainedLine>, LoomError>,
    },
    /// One generation in short; the same again once more is known of it.
    Summarised {
        request: u64,
        summary: GenerationSummary,
    },
    /// Why generations could not be listed.
    NotSummarised {
        request: u64,
        error: LoomError,
    },
    DeletionWeighed {
        request: u64,
        preview: Result<Box<DeletionPreview>, LoomError>,
    },
    Compared {
        request: u64,
        from: Option<u64>,
        to: u64,
        diff: Result<Box<GenerationDiff>, LoomError>,
    },
    FilesCompared {
        request: u64,
        comparisons: Vec<FileComparison>,
    },
    Files {
        request: u64,
        tree: Result<Arc<FileTree>, FilesError>,
    },
    /// Who has it, as far as that is known yet.
    Which {
        request: u64,
        found: Result<Found, LoomError>,
    },
    FetchedForPreview(Result<(), LoomError>),
    Applied(Result<Box<Applied>, LoomError>),
    /// What was built, of what.
    Built {
        what: ToBuild,
        result: Result<Box<Built>, LoomError>,
    },
    RolledBack(Result<u64, LoomError>),
    /// The generations that are gone.
    Deleted(Result<Vec<u64>, LoomError>),
    Converted(Result<Box<Applied>, LoomError>),
    Emptied(Result<Box<Applied>, LoomError>),
    Imported {
        request: u64,
        read: Result<Box<Read>, LoomError>,
    },
    Folder {
        folder: PathBuf,
        /// Why it cannot be read, in words.
        found: Result<Vec<Nearby>, String>,
    },
    Status {
        request: u64,
        is_full: bool,
        status: Result<Box<Status>, LoomError>,
    },
    Forgotten(PathBuf, Result<(), LoomError>),
    /// What was asked for, and what became of it.
    Exported(Box<ExportFile>, Result<Exported, LoomError>),
}

/// What became of a change of the sources.
#[derive(Debug)]
pub struct SourceChanged {
    pub change: SourceChange,
    /// What is on offer now, as far as it is known.
    pub offer: Result<Offer, LoomError>,
    pub sources: SourcesView,
    pub about: About,
}

/// A package, evaluated, and its outputs.
#[derive(Debug)]
pub struct Looked {
    pub package: Package,
    pub outputs: Vec<OutputInfo>,
}

/// What is known once the program beneath is open.
#[derive(Debug)]
pub struct Opened {
    pub about: About,
    pub offer: Offer,
    /// Whether there are sources to load.
    pub has_unloaded_sources: bool,
    pub current: Current,
    /// How the screen is to look from here on, if that was read anew.
    pub look: Option<Look>,
}

/// The profile as it is on disk.
#[derive(Clone, Debug)]
pub struct Current {
    pub snapshot: Snapshot,
    /// Oldest first.
    pub generations: Vec<Generation>,
    /// From which each of them was made.
    pub parents: Vec<Parent>,
    /// When it was read.
    pub read: SystemTime,
}

impl Default for Current {
    fn default() -> Self {
        let (generations, parents) = (Vec::new(), Vec::new());
        Self { snapshot: Snapshot::default(), generations, parents, read: SystemTime::UNIX_EPOCH }
    }
}

/// What the screen needs to know of a backend that has just been opened.
pub fn opened(backend: &dyn Backend) -> Result<Box<Opened>, LoomError> {
    let current = current(backend)?;
    Ok(Box::new(Opened {
        about: backend.about(),
        offer: offer(backend),
        has_unloaded_sources: backend.has_unloaded_sources(),
        current,
        look: None,
    }))
}

pub(super) fn offer(backend: &dyn Backend) -> Offer {
    Offer::new(backend.catalogue())
}

pub(super) fn current(backend: &dyn Backend) -> Result<Current, LoomError> {
    let (snapshot, generations) = (backend.snapshot()?, backend.generations()?);
    let parents = backend.parents(&generations);
    Ok(Current { snapshot, generations, parents, read: backend.now() })
}
