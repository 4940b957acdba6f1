//! What differs between the elements of a profile and what a file says.

use std::collections::HashSet;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

use crate::profile::{Change, Element, ElementOutput};
use crate::safe;

/// One thing that a profile and a file do not agree on. Its `Display` says it in a few words, safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What the profile calls it; if it is not installed, what the file does.
    pub name: String,
    pub kind: DifferenceKind,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// With its version, which may be empty.
    OnlyInProfile(String),
    /// The same.
    OnlyInFile(String),
    Version {
        profile: String,
        file: String,
    },
    /// The version is the same, and yet it is another build.
    Build,
    Outputs {
        profile: Vec<String>,
        file: Vec<String>,
    },
    Priority {
        profile: i64,
        file: i64,
    },
    /// Switched off in the profile alone, or in the file alone.
    InactiveInProfile,
    InactiveInFile,
    /// The file has it before that other package, the profile after it, and both want the same path.
    Order(String),
}

impl DifferenceKind {
    /// Its name for scripts; never changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OnlyInProfile(_) => "only-in-profile",
            Self::OnlyInFile(_) => "only-in-file",
            Self::Version { .. } => "version",
            Self::Build => "build",
            Self::Outputs { .. } => "outputs",
            Self::Priority { .. } => "priority",
            Self::InactiveInProfile => "inactive-in-profile",
            Self::InactiveInFile => "inactive-in-file",
            Self::Order(_) => "order",
        }
    }

    /// What the profile and the file say, where each says something that can be written down.
    pub fn sides(&self) -> [Option<String>; 2] {
        match self {
            Self::OnlyInProfile(version) => [Some(version.clone()), None],
            Self::OnlyInFile(version) => [None, Some(version.clone())],
            Self::Version { profile, file } => [Some(profile.clone()), Some(file.clone())],
            Self::Outputs { profile, file } => [Some(profile.join(",")), Some(file.join(","))],
            Self::Priority { profile, file } => [Some(profile.to_string()), Some(file.to_string())],
            Self::Build | Self::InactiveInProfile | Self::InactiveInFile | Self::Order(_) => [None, None],
        }
    }
}

impl Display for Difference {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let version =
            |version: &str| if version.is_empty() { String::new() } else { format!(" {}", safe::text(version)) };
        let told = |version: &str| if version.is_empty() { "no version".to_owned() } else { safe::text(version) };
        write!(to, "{}", safe::text(&self.name))?;
        match &self.kind {
            DifferenceKind::OnlyInProfile(it) => write!(to, "{}: only the profile has it", version(it)),
            DifferenceKind::OnlyInFile(it) => write!(to, "{}: only the file has it", version(it)),
            DifferenceKind::Version { profile, file } => {
                write!(to, ": {} in the profile, {} in the file", told(profile), told(file))
            }
            DifferenceKind::Build => write!(to, ": the file has another build of the same version"),
            DifferenceKind::Outputs { profile, file } => write!(
                to,
                ": outputs {} in the profile, {} in the file",
                safe::text(&profile.join(", ")),
                safe::text(&file.join(", "))
            ),
            DifferenceKind::Priority { profile, file } => {
                write!(to, ": priority {profile} in the profile, {file} in the file")
            }
            DifferenceKind::InactiveInProfile => write!(to, ": inactive in the profile, active in the file"),
            DifferenceKind::InactiveInFile => write!(to, ": active in the profile, inactive in the file"),
            DifferenceKind::Order(other) => {
                write!(to, ": before {} in the file, after it in the profile", safe::text(other))
            }
        }
    }
}

/// The two sides of a comparison.
pub(super) struct Sides<'a> {
    pub said: &'a [Element],
    pub installed: &'a [Element],
    /// For each of `said` which of `installed` it is.
    pairs: Vec<Option<usize>>,
}

impl<'a> Sides<'a> {
    /// Puts together what is the same: one with an output of the same path, else one of the same attribute and source, else
    /// one of the same name.
    pub fn new(said: &'a [Element], installed: &'a [Element]) -> Self {
        let mut pairs = vec![None; said.len()];
        let mut is_taken = vec![false; installed.len()];
        let is_same_path = |one: &Element, other: &Element| {
            let is_there = |path: &Path| other.outputs.iter().any(|there| there.path == path);
            one.outputs.iter().any(|output| !output.path.as_os_str().is_empty() && is_there(&output.path))
        };
        let is_same_attribute = |one: &Element, other: &Element| {
            !one.attribute.is_empty() && one.attribute == other.attribute && one.source == other.source
        };
        let is_same_name = |one: &Element, other: &Element| one.name == other.name;
        for is_same in [&is_same_path as &dyn Fn(&Element, &Element) -> bool, &is_same_attribute, &is_same_name] {
            for (said, pair) in said.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
                let found = installed.iter().zip(&is_taken).position(|(it, is_taken)| !is_taken && is_same(said, it));
                if let Some(at) = found {
                    is_taken[at] = true;
                    *pair = Some(at);
                }
            }
        }
        Self { said, installed, pairs }
    }

    /// What is on both sides: as the file says it, and as it is installed.
    pub fn both(&self) -> impl Iterator<Item = (&'a Element, &'a Element)> {
        self.said.iter().zip(&self.pairs).filter_map(|(said, pair)| Some((said, &self.installed[(*pair)?])))
    }

    pub fn only_in_file(&self) -> impl Iterator<Item = &'a Element> {
        self.said.iter().zip(&self.pairs).filter(|(_, pair)| pair.is_none()).map(|(said, _)| said)
    }

    pub fn only_in_profile(&self) -> impl Iterator<Item = &'a Element> {
        let is_there = |at: &usize| self.pairs.contains(&Some(*at));
        (0..self.installed.len()).filter(move |at| !is_there(at)).map(|at| &self.installed[at])
    }

    /// What differs, in the file's order and then the profile's. What is switched off and on one side only is out of both
    /// environments, and no difference; `beside` are installed elements that the file never spoke of.
    pub fn differences(&self, beside: &dyn Fn(&Element) -> bool) -> Vec<Difference> {
        let mut differences = Vec::new();
        for (said, pair) in self.said.iter().zip(&self.pairs) {
            match pair {
                Some(at) => kinds(said, &self.installed[*at], &mut |kind| {
                    differences.push(Difference { name: self.installed[*at].name.clone(), kind });
                }),
                None if said.active => {
                    let kind = DifferenceKind::OnlyInFile(said.version.clone());
                    differences.push(Difference { name: said.name.clone(), kind });
                }
                None => {}
            }
        }
        let only = self.only_in_profile().filter(|element| element.active && !beside(element));
        differences.extend(only.map(|element| Difference {
            name: element.name.clone(),
            kind: DifferenceKind::OnlyInProfile(element.version.clone()),
        }));
        differences
    }

    /// The pairs whose order differs, of those of which both want the same path.
    pub fn order(&self, contend: &HashSet<(String, String)>) -> Vec<Difference> {
        let order: Vec<usize> = self.pairs.iter().flatten().copied().collect();
        let mut differences = Vec::new();
        for (at, &one) in order.iter().enumerate() {
            for &other in order[at + 1..].iter().filter(|&&other| other < one) {
                let [name, other] = [one, other].map(|at| self.installed[at].name.clone());
                if contend.contains(&(name.clone(), other.clone())) {
                    differences.push(Difference { name, kind: DifferenceKind::Order(other) });
                }
            }
        }
        differences
    }

    /// The changes that make the profile as the file says; `None` if something in the file cannot be installed by name.
    pub fn adopt(&self, beside: &dyn Fn(&Element) -> bool, adopt: &Adopt) -> Option<Vec<Change>> {
        let mut changes = Vec::new();
        let gone = self.only_in_profile().filter(|element| element.active && !beside(element));
        changes.extend(gone.map(|element| Change::Remove { name: element.name.clone() }));
        for (said, element) in self.both() {
            let mut is_other_build = false;
            kinds(said, element, &mut |kind| {
                is_other_build |= matches!(kind, DifferenceKind::Version { .. } | DifferenceKind::Build);
            });
            if is_other_build {
                if element.attribute != said.attribute || element.source != said.source {
                    changes.push(Change::Remove { name: element.name.clone() });
                }
                changes.push(adopt.install(said, Some(element))?);
            } else {
                edits(said, element, &mut changes);
            }
            if said.active != element.active {
                changes.push(Change::Active { name: element.name.clone(), active: said.active });
            }
        }
        for said in self.only_in_file().filter(|said| said.active) {
            changes.push(adopt.install(said, None)?);
        }
        Some(changes)
    }
}

/// What differs between one package in the file and in the profile.
fn kinds(said: &Element, element: &Element, tell: &mut dyn FnMut(DifferenceKind)) {
    // What is not evaluated has no paths; then the version is all that can be told.
    let is_known = |output: &&ElementOutput| !output.path.as_os_str().is_empty();
    let is_other = said
        .outputs
        .iter()
        .filter(is_known)
        .any(|output| element.output(&output.name).is_some_and(|there| there.path != output.path));
    if said.version != element.version && (is_other || !said.outputs.iter().any(|it| is_known(&it))) {
        tell(DifferenceKind::Version { profile: element.version.clone(), file: said.version.clone() });
    } else if is_other {
        tell(DifferenceKind::Build);
    }
    let [file, profile] = [said, element].map(names);
    if sorted(&file) != sorted(&profile) {
        tell(DifferenceKind::Outputs { profile, file });
    }
    if said.priority != element.priority {
        tell(DifferenceKind::Priority { profile: element.priority, file: said.priority });
    }
    match (said.active, element.active) {
        (true, false) => tell(DifferenceKind::InactiveInProfile),
        (false, true) => tell(DifferenceKind::InactiveInFile),
        _ => {}
    }
}

fn edits(said: &Element, element: &Element, changes: &mut Vec<Change>) {
    let name = || element.name.clone();
    if sorted(&names(said)) != sorted(&names(element)) {
        changes.push(Change::Outputs { name: name(), outputs: names(said) });
    }
    if said.priority != element.priority {
        changes.push(Change::Priority { name: name(), priority: said.priority });
    }
}

/// What installs the packages of a file, as its import says it.
#[derive(Default)]
pub(super) struct Adopt(pub Vec<Change>);

impl Adopt {
    /// What installs a package of the file, in place of `element` if that is there; `None` if nothing does.
    fn install(&self, said: &Element, element: Option<&Element>) -> Option<Change> {
        let is_of_it = |change: &&Change| {
            matches!(change, Change::Install { attribute, source, .. }
                if *attribute == said.attribute && source.as_deref().is_none_or(|source| *source == said.source))
        };
        let Some(change) = self.0.iter().find(is_of_it) else { return install(said) };
        match (change, element) {
            // What is replaced keeps what is not said.
            (Change::Install { outputs: None, .. }, Some(element)) if names(said) != names(element) => install(said),
            _ => Some(change.clone()),
        }
    }
}

fn install(said: &Element) -> Option<Change> {
    (!said.attribute.is_empty()).then(|| Change::Install {
        attribute: said.attribute.clone(),
        source: Some(said.source.clone()).filter(|source| !source.is_empty()),
        outputs: Some(names(said)).filter(|outputs| !outputs.is_empty()),
        priority: Some(said.priority),
    })
}

fn names(element: &Element) -> Vec<String> {
    element.outputs.iter().map(|output| output.name.clone()).collect()
}

fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<_> = names.iter().collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
#[path = "difference_tests.rs"]
mod tests;
