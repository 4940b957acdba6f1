//! What stands in the way of staging.

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::dialog::Dialog;
use super::super::outline::{Outline, Row, Section};
use super::super::staged::{is_other, parse_priority};
use super::super::{text, words};
use super::Hindrance;
use crate::package::{Obstacle, Package};

pub(super) const NO_PACKAGE: &str = "No package is selected.";

impl App {
    pub(super) fn no_removal(&self) -> Option<Hindrance> {
        let key = self.key_for(Context::Installed, Command::Search);
        self.elements().is_empty().then(|| format!("Nothing is installed yet: press {key} and type a name.").into())
    }

    pub(super) fn no_installation(&self) -> Option<Hindrance> {
        let Some(package) = self.lists.available.selected().and_then(|row| self.available(row)) else {
            return Some(NO_PACKAGE.into());
        };
        // What is staged can be taken back.
        if self.staged.install(&package.attribute, &package.source).is_some() {
            return None;
        }
        match self.element_of(&package) {
            Some(element) if self.staged.removes(&element.name) => None,
            Some(element) if !is_other(&package, element) => {
                let key = self.key_for(Context::Installed, Command::ToggleRemoval);
                let name = &element.name;
                Some(format!("{name} is installed already; {key} in Installed stages its removal.").into())
            }
            _ => self.unobtainable(&package),
        }
    }

    /// Why a package can be installed in no way. What is broken or not free is tried: the user's configuration may allow it,
    /// and Nix' evaluation has the last word.
    pub(in super::super) fn unobtainable(&self, package: &Package) -> Option<Hindrance> {
        let name = text::fit(&package.attribute, 40);
        package.obstacles.iter().find_map(|obstacle| match obstacle {
            Obstacle::NeedsNix => Some(Hindrance::refusal(format!(
                "Not staged: {name} needs Nix: {} only lists it. A source that Nix evaluates can install it: a Nix file, a \
                 channel or a flake.",
                text::fit(&package.source, 40)
            ))),
            Obstacle::Failed(_) => Some(Hindrance::refusal(format!(
                "Not staged: {name} {}. Once that is mended, {} leads to the sources, where {} reads it again.",
                words::in_words(obstacle).trim_end_matches('.'),
                self.key_for(Context::Panes, Command::ShowSources),
                self.key_for(Context::Sources, Command::RereadSource)
            ))),
            Obstacle::Broken | Obstacle::Unfree | Obstacle::Insecure | Obstacle::OtherSystem => None,
        })
    }

    pub(super) fn no_output(&self) -> Option<Hindrance> {
        let Some((subject, outputs)) = self.toggled_outputs() else { return Some("No output is selected.".into()) };
        match (subject.element, &subject.package) {
            (None, Some(package)) if !outputs.is_empty() => self.unobtainable(package),
            _ => None,
        }
    }

    pub(super) fn no_switch(&self) -> Option<Hindrance> {
        let Some(subject) = self.subject() else { return Some(NO_PACKAGE.into()) };
        if subject.element.is_some() {
            return None;
        }
        let name = text::fit(subject.name(), 40);
        Some(format!("{name} is not installed; only an installed package can be switched off.").into())
    }

    pub(super) fn no_priority(&self) -> Option<Hindrance> {
        let Some(subject) = self.subject() else { return Some(NO_PACKAGE.into()) };
        match (subject.element, &subject.package) {
            (Some(element), _) if self.staged.removes(&element.name) => {
                Some(format!("{} is staged for removal; its priority does not matter.", element.name).into())
            }
            (None, Some(package)) => self.unobtainable(package),
            _ => None,
        }
    }

    /// Why what was typed cannot be the priority.
    pub(super) fn no_such_priority(&self) -> Option<Hindrance> {
        match &self.dialog {
            Some(Dialog::Priority { input, .. }) if parse_priority(input.text()).is_none() => {
                Some(Hindrance::refusal(format!("A priority is a whole number from {} to {}.", i32::MIN, i32::MAX)))
            }
            _ => None,
        }
    }

    pub(super) fn no_unstaging(&self) -> Option<Hindrance> {
        let row = self.lists.plan.selected().and_then(|row| Outline::of(self).row(row));
        let is_change = matches!(row, Some(Row::Item(Section::Changes, _)));
        (!is_change).then(|| "Select a staged change to take it back.".into())
    }
}
