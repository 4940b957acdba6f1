//! What `y` copies: whatever stands for the selection, where something does.

use super::app::{App, Pane};
use super::context::Context;
use super::inspector::Anchor;
use super::sources::{self, Row};
use super::text;
use crate::package::Package;
use crate::profile::Element;
use crate::safe;

/// Something to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copyable {
    Text {
        /// What it is, in a few words, safe for a terminal.
        what: String,
        text: String,
    },
    /// The commands of Nix for what is staged; they have to be asked for first.
    Commands,
}

impl Copyable {
    fn text(what: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Text { what: what.into(), text: text.into() }
    }
}

impl App {
    /// What stands for the selection in a context; `None` where nothing does.
    pub fn copyable(&self, context: Context) -> Option<Copyable> {
        Some(match context {
            Context::Installed => of_element(self.elements().get(self.lists.installed.selected()?)?),
            Context::Available => of_package(&self.available(self.lists.available.selected()?)?),
            Context::Outputs => self.copyable_output()?,
            Context::Plan if !self.staged.is_empty() => Copyable::Commands,
            Context::Explanation => Copyable::text("the commands", self.explanation.text()?),
            Context::Collisions => {
                let report = self.inspected_report()?;
                let path = match self.inspector.anchor(report, self.lists.collisions.selected()?)? {
                    Anchor::Unknown(path) | Anchor::Directory(_, path) | Anchor::Collision(path) => path,
                    Anchor::Settled | Anchor::Pair(_) => return None,
                };
                let name = text::fit_end(&safe::bytes(&path), 40);
                Copyable::text(format!("the path {name}"), String::from_utf8_lossy(&path))
            }
            Context::Generations => {
                let generation = self.selected_generation()?;
                let what = format!("the store path of generation {}", generation.number);
                Copyable::text(what, generation.path.to_string_lossy())
            }
            Context::Sources => match sources::selected(self)? {
                Row::Source(source) => of_source(&source.name, &source.location),
                Row::Found { found, .. } => of_source(&found.name, &found.location),
                Row::Heading => return None,
            },
            Context::Upgrades => Copyable::text("the name", &self.selected_upgrade()?.upgrade.name),
            Context::Files => {
                let tree = self.files.tree()?;
                let node = self.files.node(self.lists.files.selected()?)?;
                let path = tree.source(node).unwrap_or_else(|| tree.path_in_profile(node));
                let name = text::fit_end(&safe::bytes(&path), 60);
                Copyable::text(format!("the path {name}"), String::from_utf8_lossy(&path))
            }
            Context::Log if !self.log.is_empty() => Copyable::text("the log", self.log.text(&self.settings.time_zone)),
            _ => return None,
        })
    }

    /// The store path of the selected output.
    fn copyable_output(&self) -> Option<Copyable> {
        let rows = self.output_rows();
        let row = rows.get(self.lists.outputs.selected()?)?;
        let subject = self.subject()?;
        let installed = || subject.element?.outputs.iter().find(|output| output.name == row.name);
        let looked_at = row.info.and_then(|info| info.path.as_ref());
        let offered = || subject.package.as_ref()?.output(&row.name)?.path.as_ref();
        // In Installed it is about what is there, in Available about what there would be.
        let is_about_installed = self.subject_pane == Pane::Installed;
        let path = match installed().filter(|_| is_about_installed) {
            Some(output) => &output.path,
            None => looked_at.or_else(offered).or_else(|| installed().map(|output| &output.path))?,
        };
        let (name, package) = (text::fit(&row.name, 20), text::fit(subject.name(), 40));
        Some(Copyable::text(format!("the store path of {package}'s output {name}"), path.to_string_lossy()))
    }
}

/// The store path of the first output, or what else names it.
fn of_element(element: &Element) -> Copyable {
    let name = text::fit(&element.name, 40);
    match element.outputs.first() {
        Some(output) => Copyable::text(format!("the store path of {name}"), output.path.to_string_lossy()),
        None if element.attribute.is_empty() => Copyable::text(format!("the name {name}"), element.name.as_str()),
        None => Copyable::text(format!("the attribute of {name}"), element.attribute.as_str()),
    }
}

/// The store path of the output that would be installed first, or the attribute.
fn of_package(package: &Package) -> Copyable {
    let name = text::fit(&package.attribute, 40);
    let path = package.default_outputs.iter().find_map(|output| package.output(output)?.path.as_ref());
    match path {
        Some(path) => Copyable::text(format!("the store path of {name}"), path.to_string_lossy()),
        None => Copyable::text(format!("the attribute {name}"), package.attribute.as_str()),
    }
}

fn of_source(name: &str, location: &str) -> Copyable {
    Copyable::text(format!("the location of {}", text::fit(name, 40)), location)
}
