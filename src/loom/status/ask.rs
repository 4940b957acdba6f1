//! What a remembered file says now.

use std::path::{Path, PathBuf};

use super::difference::Adopt;
use super::memory::{Trouble, text};
use crate::env_file::{self, DocumentPackage, Format};
use crate::loom::import::{EnvironmentChange, Imported, ImportedPackage};
use crate::loom::{Loom, LoomError};
use crate::package::Package;
use crate::profile::{Change, Element, ElementOutput, Relation, RememberedFile};
use crate::progress::Progress;
use crate::safe;

/// What a file says now.
pub(super) struct Answer {
    pub elements: Vec<Element>,
    /// What installs it, in the words of the import.
    pub adopt: Adopt,
    /// Of an environment that is one element: what became of its packages.
    pub since: Option<EnvironmentChange>,
}

impl Loom {
    /// Asks a file; `None` if nothing here can answer for it: the demonstration packages of the program's own store are
    /// none that Nix knows, so what Nix makes of their file says nothing of the profile.
    pub(super) fn ask(&self, file: &RememberedFile, progress: &dyn Progress) -> Option<Result<Answer, String>> {
        if file.path.extension().is_some_and(|end| end == Format::Json.name()) {
            return Some(document(&file.path));
        }
        if !self.is_nix {
            return None;
        }
        Some(self.answer(file, progress).map_err(|error| match error {
            // The file is named beside it.
            LoomError::File { problem, .. } => problem,
            other => safe::text(&other.to_string()),
        }))
    }

    fn answer(&self, file: &RememberedFile, progress: &dyn Progress) -> Result<Answer, LoomError> {
        let imported = self.import(&file.path, progress)?;
        if file.relation != Relation::Whole {
            return Ok(Answer { elements: elements_of(&imported), adopt: Adopt(imported.apart), since: None });
        }
        let elements = self.whole(&imported, progress)?.into_iter().collect();
        Ok(Answer { elements, adopt: Adopt(imported.whole.into_iter().collect()), since: imported.since })
    }

    /// The file as the one element that it would be; `None` if it is no single package.
    pub(super) fn whole(&self, imported: &Imported, progress: &dyn Progress) -> Result<Option<Element>, LoomError> {
        let Some(Change::Install { attribute, source, .. }) = &imported.whole else { return Ok(None) };
        let package = self.package(attribute, source.as_deref(), progress);
        let failed = |problem| LoomError::File { file: imported.file.clone(), problem };
        let package = package.map_err(|error| failed(error.message))?;
        Ok(package.map(|package| whole_element(&imported.name, &package)))
    }
}

/// What a document of ours says: for that it takes no Nix. Which paths its outputs have it does not say.
fn document(path: &Path) -> Result<Answer, String> {
    let text = match text(path) {
        Ok(text) => text,
        Err(Trouble::Gone) => return Err("it is gone".to_owned()),
        Err(Trouble::Unreadable(why)) => return Err(why),
    };
    let document = env_file::read(&text).map_err(|error| error.to_string())?;
    let element = |package: DocumentPackage| {
        let (attribute, source) = package.origin.map(|from| (from.attribute, from.source)).unwrap_or_default();
        let output = |name| ElementOutput { name, path: PathBuf::new() };
        Element {
            name: package.name,
            attribute,
            source,
            version: package.version,
            outputs: package.outputs.into_iter().map(output).collect(),
            priority: package.priority,
            active: package.active,
            ..Element::default()
        }
    };
    let elements = document.packages.into_iter().map(element).collect();
    Ok(Answer { elements, adopt: Adopt::default(), since: None })
}

/// A package as the element that it would be.
pub(super) fn whole_element(name: &str, package: &Package) -> Element {
    let output = |name: &String| {
        let path = package.output(name)?.path.clone()?;
        Some(ElementOutput { name: name.clone(), path })
    };
    Element {
        name: name.to_owned(),
        attribute: package.attribute.clone(),
        source: package.source.to_string(),
        version: package.version.clone(),
        outputs: package.default_outputs.iter().filter_map(output).collect(),
        priority: package.priority,
        active: true,
        ..Element::default()
    }
}

/// The packages of a file as the elements that they would be.
pub(super) fn elements_of(imported: &Imported) -> Vec<Element> {
    let element = |package: &ImportedPackage| Element {
        name: package.name.clone(),
        attribute: package.attribute.clone(),
        source: package.source.clone(),
        version: package.version.clone(),
        outputs: package.outputs.clone(),
        priority: package.priority,
        active: true,
        ..Element::default()
    };
    imported.packages.iter().map(element).collect()
}
