//! The files of an output, or of a whole profile: what there is at each path, who provides it, and who stands back.

mod plain;
mod tree;
mod weave;

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Loom, LoomError};
use crate::engine::{Disk, FileError, Files as _, Plan};
use crate::package::{EvaluationError, Package};
use crate::profile::{Element, ManifestKind, StoreName, Transaction, manifest};
use crate::progress::Progress;
use crate::safe;

pub use plain::PlainFile;
pub use tree::{Contest, FileLink, FileNode, FileTree, NodeId, NodeKind, Owner, Totals};
pub use weave::{Asked, Stopped};

/// The names under which the two kinds of profile record what they hold.
const RECORDS: [&[u8]; 2] = [b"manifest.json", b"manifest.nix"];

/// Whose files are asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum FilesOf {
    /// A package's outputs: those that are installed, and those on offer beside them; of another build than the installed
    /// one none is told.
    Package {
        element: Option<Box<Element>>,
        package: Option<Box<Package>>,
    },
    /// The profile as it is.
    Profile,
    Generation(u64),
    /// The profile as these changes would make it.
    Plan(Transaction),
    /// What was built to look at it: a path of the store.
    Built(PathBuf),
    /// An environment that is worked out already.
    Woven(Woven),
}

/// An environment that is worked out, and what is in it.
#[derive(Clone, Debug)]
pub struct Woven {
    pub plan: Arc<Plan>,
    pub elements: Vec<Element>,
}

impl PartialEq for Woven {
    /// Whether it is the very same: plans are not compared link by link.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.plan, &other.plan)
    }
}

/// Why no files can be told.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error(transparent)]
    Loom(#[from] LoomError),
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    #[error(
        "{}: {source}; what was built there may have been collected as garbage, so build it anew",
        safe::path(path)
    )]
    NotThere { path: PathBuf, source: FileError },
    #[error("it was not asked for any more")]
    Stopped,
}

impl Loom {
    /// The tree of files. Fetches no content; may wait for Nix to evaluate and for listings of what is not here. An output
    /// of which no listing can be had is in the tree as one that is not known.
    pub fn files(&self, of: &FilesOf, progress: &dyn Progress) -> Result<FileTree, FilesError> {
        match of {
            FilesOf::Package { element, package } => {
                self.files_of_package(element.as_deref(), package.as_deref(), progress)
            }
            FilesOf::Profile => {
                let elements = self.contents()?.elements;
                let plan = self.installed_plan(&elements).map_err(LoomError::from)?;
                let number = self.profile.current().map_err(LoomError::from)?;
                self.woven(&elements, &self.with_record(&plan, number)?, progress)
            }
            FilesOf::Generation(number) => {
                let elements = self.contents_of(*number)?.elements;
                let plan = self.plan(&elements).map_err(LoomError::from)?;
                self.woven(&elements, &self.with_record(&plan, Some(*number))?, progress)
            }
            FilesOf::Plan(transaction) => {
                let planned = self.planned(&self.contents()?, transaction, progress)?;
                self.woven(&planned.elements, &planned.plan, progress)
            }
            FilesOf::Built(path) => self.files_of_built(path, progress),
            FilesOf::Woven(Woven { plan, elements }) => self.woven(elements, plan, progress),
        }
    }

    fn files_of_built(&self, path: &Path, progress: &dyn Progress) -> Result<FileTree, FilesError> {
        let (top, files) = (path.as_os_str().as_bytes(), self.store.files());
        files.read_dir(top).map_err(|source| FilesError::NotThere { path: path.to_owned(), source })?;
        let owners = match manifest::read(path) {
            Ok(contents) if contents.kind != ManifestKind::Bare => self.owners(&self.called(contents).elements),
            // No environment of a profile: what it shows is known by its place alone.
            _ => self.store.references(path).map_err(LoomError::from)?.iter().map(|it| Owner::of_path(it)).collect(),
        };
        FileTree::of_built(top, owners, files, &|| !progress.is_cancelled()).map_err(|Stopped| FilesError::Stopped)
    }

    fn woven(&self, elements: &[Element], plan: &Plan, progress: &dyn Progress) -> Result<FileTree, FilesError> {
        let owners = self.owners(elements);
        let tree = FileTree::of_plan(plan, owners, self.store.files(), &|| !progress.is_cancelled());
        tree.map_err(|Stopped| FilesError::Stopped)
    }

    fn owners(&self, elements: &[Element]) -> Vec<Owner> {
        let mut owners = Owner::of_profile(elements);
        for element in elements.iter().filter(|element| element.active) {
            for output in &element.outputs {
                for path in self.store.propagated(&output.path) {
                    owners.push(Owner::propagated(&path, &element.name));
                }
            }
        }
        owners
    }

    /// A plan with the record that a generation on disk holds beside what was woven.
    fn with_record(&self, plan: &Plan, generation: Option<u64>) -> Result<Plan, LoomError> {
        let generations = self.profile.generations()?;
        let place = generations.into_iter().find(|it| Some(it.number) == generation).map(|it| it.path);
        let mut plan = plan.clone();
        for name in RECORDS {
            let Some(place) = place.as_deref().map(|place| place.as_os_str().as_bytes()) else { break };
            let path = crate::engine::join(place, name);
            match (Disk.read_link(&path), Disk.read(&path)) {
                (Ok(Some(target)), _) => plan = plan.with_root_link(name, &target),
                (_, Ok(content)) => plan = plan.with_root_file(name, &content),
                _ => {}
            }
        }
        Ok(plan)
    }

    fn files_of_package(
        &self,
        element: Option<&Element>,
        package: Option<&Package>,
        progress: &dyn Progress,
    ) -> Result<FileTree, FilesError> {
        let package = package.map(|package| self.look(package, progress)).transpose();
        // What is installed can be looked at, whatever became of its source.
        let package = if element.is_some() { package.ok().flatten() } else { package? };
        let asked = Asked::of(element, package.as_ref().map(|(package, _)| package));
        let paths: Vec<_> = asked.iter().filter_map(|asked| asked.path.clone()).collect();
        self.store.learn(&paths, progress);
        let tree = FileTree::of_outputs(&asked, self.store.files(), &|| !progress.is_cancelled());
        tree.map_err(|Stopped| FilesError::Stopped)
    }
}

impl Owner {
    /// The outputs that a profile shows of these elements.
    pub fn of_profile(elements: &[Element]) -> Vec<Self> {
        let mut owners = Vec::new();
        for element in elements.iter().filter(|element| element.active) {
            owners.extend(element.outputs.iter().map(|output| Self {
                package: element.name.as_str().into(),
                output: output.name.as_str().into(),
                version: element.version.as_str().into(),
                priority: Some(element.priority),
                path: output.path.as_os_str().as_bytes().into(),
                propagated_by: None,
            }));
        }
        // What is there twice is shown for the one that comes first.
        owners.sort_by_key(|owner| owner.priority);
        owners
    }

    /// A path of the store of which no more is known than its name.
    fn of_path(path: &Path) -> Self {
        let StoreName { name, version, output } = StoreName::of(path);
        Self {
            package: name.into(),
            output: output.into(),
            version: version.into(),
            priority: None,
            path: path.as_os_str().as_bytes().into(),
            propagated_by: None,
        }
    }

    fn propagated(path: &Path, by: &str) -> Self {
        let name = path.file_name().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
        Self {
            package: name.unwrap_or_default().into(),
            output: "out".into(),
            version: Arc::from(""),
            priority: None,
            path: path.as_os_str().as_bytes().into(),
            propagated_by: Some(by.into()),
        }
    }
}
