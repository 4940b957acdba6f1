//! An environment file: what it holds, and what would stage that.
//!
//! | module | what it is |
//! |---|---|
//! | `hinted` | which of its packages are what its text says that they are |
//! | `offered` | which of its packages a configured source offers, too |
//! | `document` | the same of a document that this program wrote |
//! | `since` | what is other in it than in what is installed of it |

mod document;
mod hinted;
mod offered;
mod since;

use std::path::{Path, PathBuf};

use super::file_sources::name_of;
use super::{Loom, LoomError, OwnPlan};
use crate::engine::Rules;
use crate::package::{EvaluationError, Package};
use crate::profile::{Change, Element, ElementOutput, ManifestKind, split_version};
use crate::progress::Progress;
use crate::source::Held;

pub use since::{EnvironmentChange, EnvironmentPackage};

/// What an environment file holds.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Absolute.
    pub file: PathBuf,
    /// What it would be called as one element.
    pub name: String,
    pub kind: ImportKind,
    /// In the file's order.
    pub packages: Vec<ImportedPackage>,
    /// Those that the builder of an environment follows, with its arguments.
    pub rules: Option<Rules>,
    /// Shell commands that may change the environment once it is built.
    pub post_build: Option<String>,
    /// Of an environment: what its builder makes of it, by its own rules.
    pub own: Option<OwnPlan>,
    /// Stages it as one element; `None` for what is no single package.
    pub whole: Option<Change>,
    /// Stage its packages as elements, in the order in which they are to be staged.
    pub apart: Vec<Change>,
    /// If it is installed as one element already: what became other since then.
    pub since: Option<EnvironmentChange>,
    /// What is to be known of it; sentences without a full stop, safe for a terminal.
    pub notes: Vec<String>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// An environment, as `buildEnv` makes it.
    BuildEnv,
    /// Any other package.
    Derivation,
    /// A set of packages.
    Set,
    /// A list of packages.
    List,
    /// A document that this program wrote (`export --format json`).
    Document,
}

/// A package in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedPackage {
    pub name: String,
    /// Empty if it has none.
    pub version: String,
    /// What it is installed as if the file is taken apart: an attribute of a configured source that is the very same, or
    /// one of the file.
    pub attribute: String,
    pub source: String,
    /// Those that the file takes, in its order.
    pub outputs: Vec<ElementOutput>,
    /// A lower number wins.
    pub priority: i64,
}

impl ImportKind {
    /// In one word, for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::BuildEnv => "environment",
            Self::Derivation => "package",
            Self::Set => "set",
            Self::List => "list",
            Self::Document => "document",
        }
    }
}

impl Loom {
    /// Reads an environment file anew and tells what it holds; from now on this is what its packages are. It may be a Nix
    /// file, a folder with a `default.nix`, or a flake, whose default package is meant; or a document (NAME.json), which
    /// needs no Nix. Waits for Nix to evaluate it, and changes nothing.
    pub fn import(&self, file: &Path, progress: &dyn Progress) -> Result<Imported, LoomError> {
        if document::is_document(file) {
            let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            return self.import_document(&file, progress);
        }
        let (source, file) = name_of(file)?;
        let at_file = |problem: String| LoomError::File { file: file.clone(), problem };
        let failed = |error: EvaluationError| at_file(error.message);
        let opened = self.file_anew(&source, &file).map_err(at_file)?;
        let held = opened.held(progress).map_err(failed)?;
        let elements = self.contents()?;
        let mut imported = Imported {
            name: file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            file: file.clone(),
            kind: ImportKind::Derivation,
            packages: Vec::new(),
            rules: None,
            post_build: None,
            own: None,
            whole: None,
            apart: Vec::new(),
            since: None,
            notes: Vec::new(),
        };
        let packages = match held {
            Held::List(_) | Held::Set => {
                let (packages, notes) = opened.packages(progress).map_err(failed)?;
                if packages.is_empty() {
                    let why = notes.first().map_or("there is no package in it", |first| first);
                    return Err(at_file(format!("nothing in it can be installed: {why}")));
                }
                imported.kind = if matches!(held, Held::List(_)) { ImportKind::List } else { ImportKind::Set };
                imported.notes = notes;
                packages
            }
            Held::Package { package, environment } => {
                imported.name = derivation_name(&package);
                imported.whole = Some(Change::Install {
                    attribute: package.attribute.clone(),
                    source: Some(source.clone()),
                    outputs: None,
                    priority: None,
                });
                let packages = match &environment {
                    Some(environment) => {
                        imported.kind = ImportKind::BuildEnv;
                        imported.rules = Some(environment.rules.clone());
                        imported.post_build.clone_from(&environment.post_build);
                        imported.notes.clone_from(&environment.notes);
                        imported.own = self.own_plan_of(&package, environment, progress);
                        environment.packages.clone()
                    }
                    None => vec![(*package).clone()],
                };
                imported.since = self.since(&package, environment.as_deref(), &elements.elements);
                packages
            }
        };
        let hinted = self.hinted(&file, &packages, progress);
        let offered = self.same_offered(&packages, hinted, &elements.elements, progress);
        let mut apart = Apart::default();
        for (package, offered) in packages.iter().zip(offered) {
            let as_element = apart.take(package, offered);
            imported.packages.push(ImportedPackage::of(package, &as_element));
        }
        imported.apart = apart.changes(&elements.elements);
        if elements.kind == ManifestKind::NixEnv {
            // The newest element comes first there.
            imported.apart.reverse();
        }
        self.note_import(&imported);
        Ok(imported)
    }
}

impl ImportedPackage {
    fn of(package: &Package, as_element: &Package) -> Self {
        let output = |name: &String| {
            let output = package.output(name)?;
            Some(ElementOutput { name: output.name.clone(), path: output.path.clone()? })
        };
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            attribute: as_element.attribute.clone(),
            source: as_element.source.to_string(),
            outputs: package.default_outputs.iter().filter_map(output).collect(),
            priority: package.priority,
        }
    }
}

/// The elements of a file that is taken apart.
#[derive(Default)]
struct Apart {
    /// What each is installed as, which of its outputs, and at which priority.
    elements: Vec<(Package, Vec<String>, i64)>,
}

impl Apart {
    /// Takes a package; gives what it is installed as, which may be what a source offers. A profile has nothing twice from one
    /// place: outputs at one priority become one element, and at another priority it is what the file has.
    fn take(&mut self, package: &Package, offered: Option<Package>) -> Package {
        let derivation = |it: &Package| it.evaluated.as_ref().map(|it| it.derivation.clone());
        let made_by = derivation(package);
        for (known, outputs, priority) in &mut self.elements {
            if made_by.is_some() && derivation(known) == made_by && *priority == package.priority {
                outputs.extend(
                    package.default_outputs.iter().filter(|it| !outputs.contains(it)).cloned().collect::<Vec<_>>(),
                );
                return known.clone();
            }
        }
        let is_taken = |it: &Package| {
            self.elements.iter().any(|(known, ..)| known.attribute == it.attribute && known.source == it.source)
        };
        let as_element = offered.filter(|offered| !is_taken(offered)).unwrap_or_else(|| package.clone());
        self.elements.push((as_element.clone(), package.default_outputs.clone(), package.priority));
        as_element
    }

    /// What stages them. What would be so anyway is not said, unless something else is installed of it.
    fn changes(self, installed: &[Element]) -> Vec<Change> {
        let change = |(package, outputs, priority): (Package, Vec<String>, i64)| {
            let is_of = |it: &Element| it.attribute == package.attribute && it.source == *package.source;
            let is_installed = installed.iter().any(is_of);
            let sorted = |names: &[String]| {
                let mut names = names.to_vec();
                names.sort_unstable();
                names
            };
            let is_usual = sorted(&outputs) == sorted(&package.default_outputs);
            Change::Install {
                outputs: (is_installed || !is_usual).then_some(outputs),
                priority: (is_installed || priority != package.priority).then_some(priority),
                attribute: package.attribute,
                source: Some(package.source.to_string()),
            }
        };
        self.elements.into_iter().map(change).collect()
    }
}

/// What `nix-env` calls a package: its derivation's name without the version.
fn derivation_name(package: &Package) -> String {
    let full = package.evaluated.as_ref().map_or_else(|| package.full_name(), |it| it.full_name.clone());
    split_version(&full).0.to_owned()
}
