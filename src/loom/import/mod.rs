//! An environment file: what it holds, and what would stage that.
//!
//! | module | what it is |
//! |---|---|
//! | `offered` | which of its packages a configured source offers, too |
//! | `since` | what is other in it than in what is installed of it |

mod offered;
mod since;

use std::path::{Path, PathBuf};

use super::file_sources::name_of;
use super::{Loom, LoomError};
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
    /// file, a folder with a `default.nix`, or a flake, whose default package is meant. Waits for Nix to evaluate it, and
    /// changes nothing.
    pub fn import(&self, file: &Path, progress: &dyn Progress) -> Result<Imported, LoomError> {
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
            whole: None,
            apart: Vec::new(),
            since: None,
            notes: Vec::new(),
        };
        let packages = match held {
            Held::List | Held::Set => {
                let (packages, notes) = opened.packages(progress).map_err(failed)?;
                if packages.is_empty() {
                    let why = notes.first().map_or("there is no package in it", |first| first);
                    return Err(at_file(format!("nothing in it can be installed: {why}")));
                }
                imported.kind = if matches!(held, Held::List) { ImportKind::List } else { ImportKind::Set };
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
                        environment.packages.clone()
                    }
                    None => vec![(*package).clone()],
                };
                imported.since = self.since(&package, environment.as_deref(), &elements.elements);
                packages
            }
        };
        let offered = self.same_offered(&packages, &elements.elements, progress);
        for (package, offered) in packages.iter().zip(&offered) {
            let as_element = offered.as_ref().unwrap_or(package);
            imported.apart.push(apart(package, as_element, &elements.elements));
            imported.packages.push(ImportedPackage::of(package, as_element));
        }
        if elements.kind == ManifestKind::NixEnv {
            // The newest element comes first there.
            imported.apart.reverse();
        }
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

/// Stages a package of a file as `as_element`, the same package. What that would be anyway is not said, unless something
/// else is installed of it.
fn apart(package: &Package, as_element: &Package, elements: &[Element]) -> Change {
    let is_installed = elements
        .iter()
        .any(|element| element.attribute == as_element.attribute && element.source == *as_element.source);
    let mut chosen = package.default_outputs.clone();
    let mut usual = as_element.default_outputs.clone();
    chosen.sort_unstable();
    usual.sort_unstable();
    Change::Install {
        attribute: as_element.attribute.clone(),
        source: Some(as_element.source.to_string()),
        outputs: (is_installed || chosen != usual).then(|| package.default_outputs.clone()),
        priority: (is_installed || package.priority != as_element.priority).then_some(package.priority),
    }
}

/// What `nix-env` calls a package: its derivation's name without the version.
fn derivation_name(package: &Package) -> String {
    let full = package.evaluated.as_ref().map_or_else(|| package.full_name(), |it| it.full_name.clone());
    split_version(&full).0.to_owned()
}
