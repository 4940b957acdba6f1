//! What the outputs pane is about: a package on offer, installed, or both, and its outputs.

use super::app::{App, Pane};
use crate::loom::OutputInfo;
use crate::package::Package;
use crate::profile::Element;

/// The package that the outputs pane is about: on offer, installed, or both.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    pub package: Option<Package>,
    pub element: Option<&'a Element>,
}

impl Subject<'_> {
    /// The element's name, or the attribute.
    pub fn name(&self) -> &str {
        match (self.element, &self.package) {
            (Some(element), _) => &element.name,
            (None, Some(package)) => &package.attribute,
            (None, None) => "",
        }
    }
}

/// A row of the outputs pane.
#[derive(Clone, Debug)]
pub struct OutputRow<'a> {
    pub name: String,
    pub is_default: bool,
    pub is_ticked: bool,
    /// `None` until it is known.
    pub info: Option<&'a OutputInfo>,
}

impl App {
    /// What the outputs pane is about.
    pub fn subject(&self) -> Option<Subject<'_>> {
        if self.subject_pane == Pane::Available {
            let package = self.available(self.lists.available.selected()?)?;
            let element = self.element_of(&package);
            Some(Subject { package: Some(package), element })
        } else {
            let element = self.elements().get(self.lists.installed.selected()?)?;
            Some(Subject { package: self.offer.of_element(element), element: Some(element) })
        }
    }

    /// The outputs that the profile will have of the subject once the staged changes are applied.
    pub fn chosen_outputs(&self, subject: &Subject<'_>) -> Vec<String> {
        if let Some(element) = subject.element {
            if self.staged.removes(&element.name) {
                return Vec::new();
            }
            if let Some(outputs) = self.staged.outputs(&element.name) {
                return outputs.to_vec();
            }
            return element.outputs.iter().map(|output| output.name.clone()).collect();
        }
        let Some(package) = &subject.package else { return Vec::new() };
        match self.staged.install(&package.attribute, &package.source) {
            None => Vec::new(),
            Some((Some(outputs), _)) => outputs.to_vec(),
            Some((None, _)) => package.default_outputs.clone(),
        }
    }

    /// The outputs that there would be if the selected one were ticked, or its tick taken off, in the order of the rows.
    pub fn toggled_outputs(&self) -> Option<(Subject<'_>, Vec<String>)> {
        let subject = self.subject()?;
        let rows = self.output_rows();
        let selected = rows.get(self.lists.outputs.selected()?)?;
        let chosen = self.chosen_outputs(&subject);
        let is_there = |row: &&OutputRow<'_>| chosen.contains(&row.name) != (row.name == selected.name);
        let outputs = rows.iter().filter(is_there).map(|row| row.name.clone()).collect();
        Some((subject, outputs))
    }

    /// The rows of the outputs pane: the package's outputs, and installed ones that it no longer offers.
    pub fn output_rows(&self) -> Vec<OutputRow<'_>> {
        let Some(subject) = self.subject() else { return Vec::new() };
        let chosen = self.chosen_outputs(&subject);
        let offered = subject.package.as_ref().map_or(&[][..], |package| &package.outputs);
        let defaults = subject.package.as_ref().map_or(&[][..], |package| &package.default_outputs);
        let installed = subject.element.map_or(&[][..], |element| &element.outputs);
        let names = offered.iter().map(|output| &output.name);
        let gone = installed
            .iter()
            .map(|output| &output.name)
            .filter(|name| offered.iter().all(|output| output.name != **name));
        let row = |name: &String| OutputRow {
            name: name.clone(),
            is_default: defaults.contains(name),
            is_ticked: chosen.contains(name),
            info: self.outputs.iter().flatten().find(|info| info.name == *name),
        };
        names.chain(gone).map(row).collect()
    }
}
