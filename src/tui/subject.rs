//! What the outputs pane is about: a package on offer, installed, or both, and its outputs.

use super::app::{App, Pane};
use super::weighing::Weight;
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
    /// What a key press on it would do; `None` until it is known.
    pub weight: Option<&'a Weight>,
    /// Whether that is being worked out.
    pub is_weighing: bool,
    /// Files of it that another package's win over, as the plan is now.
    pub shadowed: usize,
    /// Paths of it that block the plan as it is now.
    pub blocking: usize,
}

impl OutputRow<'_> {
    /// Whether a tick would collide, or what is ticked does not come through.
    pub fn is_in_trouble(&self) -> bool {
        match self.weight {
            _ if self.is_ticked => self.shadowed + self.blocking > 0,
            Some(weight) => weight.as_ref().map_or(true, |consequence| consequence.collisions > 0),
            None => false,
        }
    }
}

impl App {
    /// What the outputs pane is about.
    pub fn subject(&self) -> Option<Subject<'_>> {
        if let Some((attribute, source)) = &self.unlisted {
            let package = self.offer.find(attribute, source)?;
            let element = self.element_of(&package);
            Some(Subject { package: Some(package), element })
        } else if self.subject_pane == Pane::Available {
            let package = self.available(self.lists.available.selected()?)?;
            let element = self.element_of(&package);
            Some(Subject { package: Some(package), element })
        } else {
            let element = self.selected_element()?;
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
        let name = self.output_names(&subject).get(self.lists.outputs.selected()?).map(|name| (*name).clone())?;
        let outputs = self.outputs_toggled(&subject, &name);
        Some((subject, outputs))
    }

    /// The same for an output of that name.
    pub(super) fn outputs_toggled(&self, subject: &Subject<'_>, name: &str) -> Vec<String> {
        let chosen = self.chosen_outputs(subject);
        let is_there = |output: &&&String| chosen.contains(output) != (**output == name);
        self.output_names(subject).iter().filter(is_there).map(|output| (*output).clone()).collect()
    }

    /// What the plan calls the subject: the name of its element, also of one that there will be.
    pub fn planned_name(&self, subject: &Subject<'_>) -> String {
        let Some(package) = subject.package.as_ref().filter(|_| subject.element.is_none()) else {
            return subject.name().to_owned();
        };
        let elements = self.outlook.report.iter().flat_map(|report| &report.preview.elements);
        let mut planned =
            elements.filter(|element| element.attribute == package.attribute && *element.source == *package.source);
        planned.next().map_or_else(|| package.attribute.clone(), |element| element.name.clone())
    }

    /// The names of its outputs, and of installed ones that it no longer offers.
    pub fn output_names<'a>(&self, subject: &'a Subject<'_>) -> Vec<&'a String> {
        let offered = subject.package.as_ref().map_or(&[][..], |package| &package.outputs);
        let installed = subject.element.map_or(&[][..], |element| &element.outputs);
        let names = offered.iter().map(|output| &output.name);
        let installed = installed.iter().map(|output| &output.name);
        names.chain(installed.filter(|name| offered.iter().all(|output| output.name != **name))).collect()
    }

    /// The rows of the outputs pane: the package's outputs, and installed ones that it no longer offers.
    pub fn output_rows(&self) -> Vec<OutputRow<'_>> {
        let Some(subject) = self.subject() else { return Vec::new() };
        let chosen = self.chosen_outputs(&subject);
        let defaults = subject.package.as_ref().map_or(&[][..], |package| &package.default_outputs);
        let losses = self.outlook.report.as_ref().map(|report| &report.losses);
        let is_weighing = self.is_weighing(&subject);
        let planned = self.planned_name(&subject);
        let row = |name: &String| OutputRow {
            name: name.clone(),
            is_default: defaults.contains(name),
            is_ticked: chosen.contains(name),
            info: self.outputs.iter().flatten().find(|info| info.name == *name),
            weight: self.weight(&subject, name, chosen.contains(name)),
            is_weighing,
            shadowed: losses.map_or(0, |losses| losses.of_output(&planned, name)),
            blocking: losses.map_or(0, |losses| losses.blocking(&planned, name)),
        };
        self.output_names(&subject).into_iter().map(row).collect()
    }
}
