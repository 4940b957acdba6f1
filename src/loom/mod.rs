//! The façade: everything a face of the program (screen or command line) may ask for.
//!
//! A [`Loom`] holds nothing of the profile's state: each call reads what is on disk, so two programs at once never show
//! each other's past for long. All methods may be called from any thread.

mod apply;
mod chosen;
mod compare;
mod consequence;
mod doctor;
mod double;
mod environment;
mod error;
mod explain;
mod export;
mod fetch;
mod file_sources;
mod files;
mod history;
mod import;
mod listed;
mod offered;
mod open;
mod origin;
mod own;
mod pins;
mod planned;
mod preview;
mod result;
mod search_path;
mod sources;
mod spare;
mod status;
mod system;
mod upgrade;
mod which;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};

use crate::catalogue::Part;
use crate::engine::{Plan, Settlement, Suggestion};
use crate::package::{Package, PackageOutput};
use crate::profile::{
    Change, ChangeRequest, Contents, Deletion, Descent, Element, EnvFiles, Generation, Located, ManifestKind, Profile,
    Transaction, manifest,
};
use crate::store::{Derivation, Presence, Store, Wanted};

pub use apply::Applied;
pub use chosen::source_problem;
pub use compare::{Contents as FileContents, DiffChange, DiffLine, FileComparison, FileFacts, FileKind};
pub use consequence::Consequence;
pub use doctor::{Finding, Level, doctor};
pub use double::{Double, doubles};
pub use error::LoomError;
pub use explain::ExplainedLine;
pub use export::{Export, ExportFile, Exported};
pub use fetch::Fetch;
pub use files::{
    Asked, Contest, FileLink, FileNode, FileTree, FilesError, FilesOf, NodeId, NodeKind, Owner, PlainFile, Stopped,
    Totals, Woven,
};
pub use history::{DeletionPreview, GenerationDiff, GenerationFacts, GenerationSummary, Size, Undone, removal_of_all};
pub use import::{EnvironmentChange, EnvironmentPackage, ImportKind, Imported, ImportedPackage};
pub use open::{Options, StoreChoice};
pub use origin::{Origin, origins};
pub use own::OwnPlan;
pub use pins::{PinMove, find_move, revision_of};
pub use preview::{Changed, Preview, Verdict};
pub use result::{Built, LinkError, ToBuild};
pub use search_path::{Meaning, MeaningKind, SearchPath};
pub use sources::{FoundRow, SourceChange, SourceRow, SourcesView, WayRow};
pub use status::{CollisionCount, Difference, DifferenceKind, FileState, FileStatus, Rewriting, Status};
pub use system::{Elsewhere, Match};
pub use upgrade::{Project, Upgrade, UpgradeVerdict, UpgradeWeight};
pub use which::{Found, Likeness, NIX_INDEX, Provider, Providers};

/// A store, a profile and the packages on offer.
pub struct Loom {
    store: Box<dyn Store>,
    profile: Profile,
    /// By what name the user knows the profile.
    located: Located,
    is_nix: bool,
    /// What a first generation becomes.
    new_kind: ManifestKind,
    sources: RwLock<Arc<offered::Sources>>,
    choosing: chosen::Choosing,
    /// Files that were named as sources.
    files: file_sources::FileSources,
    /// What is on offer whatever the sources are.
    plain: Vec<Part>,
    search_path: SearchPath,
    /// The environment that was planned last for what is installed; it serves until that changes.
    installed: Mutex<Option<(Vec<Element>, Arc<Plan>)>>,
    /// From which generation each was made.
    descent: Descent,
    /// The files that it was made from or written to.
    env_files: EnvFiles,
    /// What environment files hold that were looked at in this run.
    looked_at: Mutex<Vec<Arc<Imported>>>,
    /// What was worked out of generations.
    history: history::Known,
}

/// What was opened, for headers.
#[derive(Clone, Debug)]
pub struct About {
    pub profile: PathBuf,
    pub store: String,
    pub store_directory: PathBuf,
    /// Whether it is a store of Nix, whose profiles are of two kinds.
    pub is_nix: bool,
    /// Names of the sources, in order.
    pub sources: Vec<String>,
}

/// The current state of the profile.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Whose profile it is; `None` before the first installation.
    pub kind: Option<ManifestKind>,
    /// `None` before the first installation.
    pub generation: Option<u64>,
    pub elements: Vec<Element>,
}

/// One output of a package on offer, as it stands now.
#[derive(Clone, Debug)]
pub struct OutputInfo {
    pub name: String,
    pub path: Option<PathBuf>,
    /// Part of an installation without a choice.
    pub is_default: bool,
    pub presence: Presence,
    /// Bytes, if known.
    pub size: Option<u64>,
    /// Number of files, if known.
    pub files: Option<u64>,
}

impl Loom {
    pub fn about(&self) -> About {
        About {
            profile: self.located.alias.clone(),
            store: self.store.describe(),
            store_directory: self.store.directory().to_owned(),
            is_nix: self.is_nix,
            sources: self.sources_now().names().map(ToString::to_string).collect(),
        }
    }

    /// The current generation's elements.
    pub fn snapshot(&self) -> Result<Snapshot, LoomError> {
        let generation = self.profile.current()?;
        let Some(contents) = self.profile.contents()? else {
            return Ok(Snapshot { kind: None, generation, elements: Vec::new() });
        };
        let Contents { kind, elements } = self.called(contents);
        Ok(Snapshot { kind: Some(kind), generation, elements })
    }

    /// What is installed; before the first installation nothing, as a profile of the kind that is made then.
    fn contents(&self) -> Result<Contents, LoomError> {
        let contents = self.profile.contents()?;
        Ok(self.called(contents.unwrap_or(Contents { kind: self.new_kind, elements: Vec::new() })))
    }

    /// What a generation holds.
    fn contents_of(&self, generation: u64) -> Result<Contents, LoomError> {
        Ok(self.called(self.profile.contents_of(generation)?))
    }

    /// Calls elements of flakes that are sources here by the sources' names.
    fn called(&self, mut contents: Contents) -> Contents {
        let sources = self.sources_now();
        for element in &mut contents.elements {
            let recorded = manifest::pinned_source(element);
            let known = manifest::flake_of(element).and_then(|(url, path)| sources.called(url, path, recorded));
            if let Some((attribute, source)) = known {
                manifest::call(element, attribute, source);
            }
        }
        contents
    }

    /// The staged changes that requests in the notation of the command line amount to.
    pub fn transaction(&self, requests: &[ChangeRequest]) -> Result<Transaction, LoomError> {
        let elements = self.contents()?.elements;
        let offers = |attribute: &str, source: Option<&str>| self.offers(attribute, source);
        let mut transaction = Transaction::default();
        for request in requests {
            transaction.stage_request(request, &elements, &offers)?;
        }
        Ok(transaction)
    }

    /// Oldest first.
    pub fn generations(&self) -> Result<Vec<Generation>, LoomError> {
        Ok(self.profile.generations()?)
    }

    /// Makes generation `to` current, or the newest one below the current; returns its number.
    pub fn rollback(&self, to: Option<u64>) -> Result<u64, LoomError> {
        let number = to.map_or_else(|| self.profile.previous(), Ok)?;
        self.profile.lock(&|| {})?.switch_to(number)?;
        Ok(number)
    }

    /// Deletes generations, never the current one; returns their numbers. What only they had stays in the store until
    /// its garbage is collected.
    pub fn delete_generations(&self, deletions: &[Deletion]) -> Result<Vec<u64>, LoomError> {
        Ok(self.profile.lock(&|| {})?.delete(deletions)?)
    }
}

/// An output of a package on offer as the store is asked for it.
fn wanted(package: &Package, output: &PackageOutput) -> Option<Wanted> {
    let derivation = package.evaluated.as_ref();
    Some(Wanted {
        path: output.path.clone()?,
        derivation: derivation.map(|it| Derivation { path: it.derivation.clone(), output: output.name.clone() }),
    })
}

/// The changes of a profile that a suggestion of the engine means, where packages are called by their elements' names; in
/// its order, but all that it says of the outputs of one package as one change. Empty if it is about something that is
/// not among `elements`, those that it was worked out for.
pub fn changes_of(suggestion: &Suggestion, elements: &[Element]) -> Vec<Change> {
    let mut changes = Vec::new();
    for settlement in &suggestion.settlements {
        let Some(element) = elements.iter().find(|element| *element.name == **settlement.package()) else {
            return Vec::new();
        };
        let name = element.name.clone();
        match settlement {
            Settlement::Priority { priority, .. } => changes.push(Change::Priority { name, priority: *priority }),
            Settlement::Deactivate { .. } => changes.push(Change::Active { name, active: false }),
            Settlement::Remove { .. } => changes.push(Change::Remove { name }),
            Settlement::DropOutput { output, .. } => {
                choose(&mut changes, element, |outputs| outputs.retain(|there| *there != **output));
            }
            Settlement::TakeOutput { instead_of, output, .. } => choose(&mut changes, element, |outputs| {
                outputs
                    .iter_mut()
                    .filter(|there| **there == **instead_of)
                    .for_each(|there| *there = output.to_string());
            }),
        }
    }
    changes
}

/// Edits the outputs that the changes choose for an element; without a choice yet, those that it has.
fn choose(changes: &mut Vec<Change>, element: &Element, edit: impl FnOnce(&mut Vec<String>)) {
    for change in &mut *changes {
        if let Change::Outputs { name, outputs } = change
            && *name == element.name
        {
            return edit(outputs);
        }
    }
    let mut outputs = element.outputs.iter().map(|output| output.name.clone()).collect();
    edit(&mut outputs);
    changes.push(Change::Outputs { name: element.name.clone(), outputs });
}
