//! The words of `nix profile`.
//!
//! It has no command for the priority, the outputs or the activity of what is installed: that is removed and installed
//! again. Nix 2.8 knows neither priorities nor outputs; since 2.9 they are said with `--priority` and `^` (2.8, 2.26 and
//! 2.34 were observed).

use std::path::Path;

use super::edits::Edit;
use super::origin::{Origin, outputs, paths};
use super::{ExplainedLine, Speaker, words};
use crate::loom::Loom;
use crate::loom::environment::KNOWS_PRIORITIES;
use crate::package::{DEFAULT_PRIORITY, Package};
use crate::profile::{Element, StoreName, manifest};
use crate::progress::Silent;

/// The first Nix that is known to take names for what they are, and not for regular expressions.
const TAKES_NAMES: (u64, u64) = (2, 26);

/// The first Nix that is known to call it `add`.
const SAYS_ADD: (u64, u64) = (2, 34);

pub(super) struct NixProfile<'a> {
    pub loom: &'a Loom,
    pub profile: Option<&'a Path>,
    pub version: (u64, u64),
}

impl Speaker for NixProfile<'_> {
    fn say(&self, edit: &Edit, state: &[Element]) -> Vec<ExplainedLine> {
        let mut lines = Vec::new();
        match edit {
            Edit::Hide(element) => {
                let told = format!("`nix profile` cannot make {} inactive; the nearest is to remove it", element.name);
                lines.push(ExplainedLine::comment(&told));
                lines.extend(self.remove(element, state));
            }
            Edit::Remove(element) | Edit::Flag { before: element, .. } | Edit::Replace { before: element, .. } => {
                lines.extend(self.remove(element, state));
            }
            Edit::InstallAgain(element) => {
                let told = format!(
                    "`nix profile` cannot change {} as it is installed; it is installed again, as it is on offer now",
                    element.name
                );
                lines.push(ExplainedLine::comment(&told));
                lines.extend(self.install(element));
            }
            Edit::Upgrade(element) => {
                let is_of_flake = manifest::recorded_flake(element).is_some();
                let told = if is_of_flake && self.version >= TAKES_NAMES {
                    format!("`nix profile upgrade {}` would do too: it keeps outputs and priority", element.name)
                } else {
                    format!(
                        "this Nix has no command to upgrade {} alone by its name; it is installed again",
                        element.name
                    )
                };
                lines.push(ExplainedLine::comment(&told));
                lines.extend(self.install(element));
            }
            Edit::Install(element) => lines.extend(self.install(element)),
        }
        lines
    }
}

impl NixProfile<'_> {
    fn command(&self, verb: &str, arguments: &[&str]) -> ExplainedLine {
        let profile = self.profile.map(|profile| profile.display().to_string());
        let profile = profile.as_deref().map_or(Vec::new(), |profile| vec!["--profile", profile]);
        ExplainedLine::command(&[&["nix", "profile", verb], &*profile, arguments].concat())
    }

    fn remove(&self, element: &Element, state: &[Element]) -> Vec<ExplainedLine> {
        if self.version >= TAKES_NAMES && !element.name.starts_with('-') {
            return vec![self.command("remove", &[&element.name])];
        }
        let paths = paths(element);
        let Some(path) = paths.first() else { return Vec::new() };
        let has_it = |other: &&Element| other.name != element.name && self::paths(other).contains(path);
        let as_well: Vec<_> = state.iter().filter(has_it).map(|other| other.name.as_str()).collect();
        let command = self.command("remove", &[path]);
        if as_well.is_empty() {
            return vec![command];
        }
        let told = format!("this takes {} away as well, which has the same path", as_well.join(", "));
        vec![ExplainedLine::comment(&told), command]
    }

    fn install(&self, element: &Element) -> Vec<ExplainedLine> {
        let mut lines = Vec::new();
        let (from, what, own) = match self.loom.origin(element) {
            Origin::Flake { url, attribute, .. } => {
                let package = if self.loom.is_nix { self.package(element) } else { None };
                let chosen = self.chosen(element, package.as_ref());
                let whats = self.each(&words::installable(&url, &attribute), chosen.as_deref(), package.as_ref());
                (Vec::new(), whats, package.map(|package| package.priority))
            }
            Origin::File { place, tarball, attribute, package } => {
                let place = tarball.map_or(place, |(url, _)| url);
                let chosen: Vec<_> = outputs(element).iter().map(|output| (*output).to_owned()).collect();
                let own = package.as_ref().map(|package| package.priority);
                if attribute == "default" {
                    // A file that is one package has no attributes.
                    let place = match &*place {
                        _ if place.starts_with('<') => place,
                        _ if place.starts_with('/') => format!("(/. + {})", words::string(&place)),
                        _ => format!("(fetchTarball {})", words::string(&place)),
                    };
                    let found = "if (v.type or \"\") == \"derivation\" then v else v.default";
                    let expression =
                        format!("let s = import {place}; v = if builtins.isFunction s then s {{ }} else s; in {found}");
                    (vec!["--impure".to_owned(), "--expr".to_owned()], vec![expression], own)
                } else {
                    let whats = self.each(&words::path(&attribute), Some(&chosen), package.as_deref());
                    lines.extend(self.called_otherwise(element));
                    (vec!["--file".to_owned(), place], whats, own)
                }
            }
            Origin::Paths => {
                let unknown =
                    format!("where {} comes from is not known any more; this installs its paths", element.name);
                lines.push(ExplainedLine::comment(&unknown));
                (Vec::new(), paths(element), None)
            }
            Origin::Nowhere => {
                let nowhere = format!("{} is of a folder of packages, which no Nix knows", element.name);
                return vec![ExplainedLine::comment(&nowhere)];
            }
        };
        if what.len() > 1 {
            let several = format!("each output of {} becomes an element of its own", element.name);
            lines.push(ExplainedLine::comment(&several));
        }
        let priority = element.priority.to_string();
        let has_priority = element.priority != own.unwrap_or(DEFAULT_PRIORITY);
        let knows_priorities = self.version >= KNOWS_PRIORITIES;
        if has_priority && !knows_priorities {
            let told =
                format!("this Nix knows no priorities in `nix profile`: {} counts as 5, not {priority}", element.name);
            lines.push(ExplainedLine::comment(&told));
        }
        let said = ["--priority", &priority];
        let said: &[&str] = if has_priority && knows_priorities { &said } else { &[] };
        let words = from.iter().chain(&what).map(String::as_str).collect::<Vec<_>>();
        let verb = if self.version >= SAYS_ADD { "add" } else { "install" };
        lines.push(self.command(verb, &[&*words, said].concat()));
        lines
    }

    /// The package of an element of a flake, if its source is one of ours.
    fn package(&self, element: &Element) -> Option<Package> {
        self.loom.package(&element.attribute, Some(&element.source), &Silent).ok().flatten()
    }

    /// The outputs to name; `None` if they are those of an installation without a choice.
    fn chosen(&self, element: &Element, package: Option<&Package>) -> Option<Vec<String>> {
        let names = outputs(element);
        let is_default = match package {
            Some(package) => {
                package.default_outputs.len() == names.len()
                    && package.default_outputs.iter().all(|output| names.contains(&&**output))
            }
            None => self.loom.is_nix && manifest::has_default_outputs(element) || names == ["out"],
        };
        // Without a choice Nix 2.8 takes the first output alone.
        let is_default = is_default && (self.version >= KNOWS_PRIORITIES || names.len() == 1);
        (!is_default).then(|| names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// What to install: one thing, or in a Nix without `^` one for each output.
    fn each(&self, what: &str, chosen: Option<&[String]>, package: Option<&Package>) -> Vec<String> {
        let Some(chosen) = chosen else { return vec![what.to_owned()] };
        if self.version >= KNOWS_PRIORITIES {
            return vec![format!("{what}^{}", chosen.join(","))];
        }
        let first = package.and_then(|package| package.outputs.first()).map_or("out", |output| &output.name);
        let of = |output: &String| if output == first { what.to_owned() } else { format!("{what}.{output}") };
        chosen.iter().map(of).collect()
    }

    /// Nix calls what comes from no flake by its store name.
    fn called_otherwise(&self, element: &Element) -> Option<ExplainedLine> {
        let first = element.outputs.first()?;
        let name = StoreName::with_output(&first.path, &first.name).name;
        let told = format!("`nix profile` calls {} {name}, as it is of no flake", element.name);
        (name != element.name && self.version >= TAKES_NAMES).then(|| ExplainedLine::comment(&told))
    }
}
