//! What a remembered file says now.

use super::difference::Adopt;
use crate::env_file::Format;
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
        let is_document = file.path.extension().is_some_and(|end| end == Format::Json.name());
        if !self.is_nix && !is_document {
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
