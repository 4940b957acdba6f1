//! What the sources of installed packages offer in their place.
//!
//! Each source is evaluated anew, in one go, and one that fails keeps the others from nothing. What comes of it are staged
//! changes like any other: a preview tells their files, sizes and collisions before anything is fetched.

mod project;
mod weight;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;

use super::file_sources::name_of;
use super::{Loom, LoomError};
use crate::package::{EvaluationError, Obstacle, Package};
use crate::profile::{Change, Element, ElementOutput, Kept, ManifestKind, ProfileError, split_version};
use crate::progress::Progress;
use crate::store::StoreError;
use crate::version;

pub use project::Project;
pub use weight::UpgradeWeight;

/// What a source offers in place of an installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The element.
    pub name: String,
    /// The versions that it has and would have; empty if not known.
    pub from: String,
    pub to: String,
    /// Of what it would be taken; empty if not known.
    pub attribute: String,
    pub source: String,
    pub verdict: UpgradeVerdict,
    /// Stages it, with outputs, priority and activity as they are; `None` if there is nothing to stage. Whether it is to be
    /// staged without a word of the user is told by [`UpgradeVerdict::is_upgrade`].
    pub change: Option<Change>,
    /// The outputs that it would have.
    pub outputs: Vec<String>,
    /// Those that it has and that the new one has no longer.
    pub lost_outputs: Vec<String>,
}

/// What is to be said of what a source offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpgradeVerdict {
    Newer,
    /// The same version, or one that cannot be compared, in another build.
    AnotherBuild,
    /// The very same build, to be taken from another source from now on, as it was asked for.
    AnotherSource,
    Unchanged,
    Older,
    /// What is called so there is another project.
    OtherProject {
        installed: Box<Project>,
        offered: Box<Project>,
    },
    /// Its source no longer has it, or the one that was asked for has it not.
    Gone,
    /// Where it comes from is not recorded.
    NoSource,
    /// It comes from a source that is not among the sources now.
    UnknownSource,
    /// It cannot be installed, and why.
    Obstacle(String),
    /// The source as a whole could not be asked, and why.
    Failed(String),
}

impl UpgradeVerdict {
    /// Whether it is what an upgrade means: the rest is left alone unless it is asked for by name.
    pub fn is_upgrade(&self) -> bool {
        matches!(self, Self::Newer | Self::AnotherBuild | Self::AnotherSource)
    }

    /// Whether something is wrong, rather than that there is nothing to do.
    pub fn is_refusal(&self) -> bool {
        !self.is_upgrade() && !matches!(self, Self::Unchanged)
    }

    /// In a word or two.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Newer => "newer",
            Self::AnotherBuild => "another build",
            Self::AnotherSource => "another source",
            Self::Unchanged => "unchanged",
            Self::Older => "older",
            Self::OtherProject { .. } => "another project",
            Self::Gone => "gone",
            Self::NoSource => "no source known",
            Self::UnknownSource => "source not there",
            Self::Obstacle(_) => "cannot be installed",
            Self::Failed(_) => "source failed",
        }
    }
}

/// What is asked for an element: attribute and source.
#[derive(Clone, Copy)]
struct Asked<'a> {
    attribute: &'a str,
    source: &'a str,
}

type Answer = Result<Option<Package>, EvaluationError>;

impl Loom {
    /// For each element of these names (all, for none), in the profile's order, what its own source offers now, or the
    /// source `from`. A name may be an attribute that only one element has. Evaluates, and changes nothing.
    pub fn upgrades(
        &self,
        names: &[String],
        from: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Vec<Upgrade>, LoomError> {
        let contents = self.contents()?;
        if contents.kind == ManifestKind::Bare {
            return Err(LoomError::Bare { profile: self.located.alias.clone() });
        }
        let from = from.map(|from| self.source_called(from)).transpose()?;
        let from = from.as_deref();
        let elements = named(names, &contents.elements)?;
        let asked: Vec<Option<Asked>> = elements
            .iter()
            .map(|element| match from {
                Some(source) => Some(Asked { attribute: element.attribute_or_name(), source }),
                None if element.attribute.is_empty() || element.source.is_empty() => None,
                None => Some(Asked { attribute: &element.attribute, source: &element.source }),
            })
            .collect();
        let answers = self.ask_all(asked.iter().flatten().copied(), progress)?;
        let upgrade = |(element, asked): (&&Element, &Option<Asked>)| {
            let Some(asked) = asked else { return untaken(element, None, UpgradeVerdict::NoSource) };
            match answers.get(&(asked.source, asked.attribute)) {
                None => untaken(element, Some(asked), UpgradeVerdict::UnknownSource),
                Some(answer) => self.judged(element, asked, answer.clone(), &contents.elements, progress),
            }
        };
        let upgrades = elements.iter().zip(&asked).map(upgrade).collect();
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        Ok(upgrades)
    }

    /// The name of the source that is meant: of one that there is, or the path of a Nix file or of a flake.
    fn source_called(&self, from: &str) -> Result<String, LoomError> {
        let sources = self.sources_now();
        if sources.names().any(|there| **there == *from) {
            return Ok(from.to_owned());
        }
        if from.contains('/') && Path::new(from).exists() {
            return Ok(name_of(Path::new(from))?.0);
        }
        let sources = sources.names().map(ToString::to_string).collect();
        Err(LoomError::UnknownSource { name: from.to_owned(), sources })
    }

    /// Asks each source once. There is no answer from a source that is none.
    fn ask_all<'a>(
        &self,
        asked: impl Iterator<Item = Asked<'a>>,
        progress: &dyn Progress,
    ) -> Result<HashMap<(&'a str, &'a str), Answer>, LoomError> {
        let sources = self.sources_now();
        let mut of_source: Vec<(&str, Vec<&str>)> = Vec::new();
        for Asked { attribute, source } in asked {
            match of_source.iter_mut().find(|(name, _)| *name == source) {
                Some((_, attributes)) if attributes.contains(&attribute) => {}
                Some((_, attributes)) => attributes.push(attribute),
                None => of_source.push((source, vec![attribute])),
            }
        }
        let mut answers = HashMap::new();
        for (source, attributes) in of_source {
            if progress.is_cancelled() {
                return Err(StoreError::Cancelled.into());
            }
            let is_there = sources.names().any(|there| **there == *source);
            let found: Vec<Answer> = if let Some(nix) = sources.meant(Some(source)).next() {
                nix.packages_now(&attributes, progress)
            } else if is_there {
                let ask = |attribute: &&str| self.installable(attribute, Some(source), progress);
                attributes.iter().map(ask).collect()
            } else if source.starts_with('/') {
                self.file_now(source, &attributes, progress)
            } else {
                continue;
            };
            answers.extend(attributes.iter().map(|attribute| (source, *attribute)).zip(found));
        }
        Ok(answers)
    }

    /// What a file that is no configured source is now.
    fn file_now(&self, name: &str, attributes: &[&str], progress: &dyn Progress) -> Vec<Answer> {
        match self.file_anew(name, Path::new(name)) {
            Ok(file) => {
                file.prepare(attributes, progress);
                attributes.iter().map(|attribute| file.package(attribute, progress)).collect()
            }
            Err(message) => {
                let (attribute, source_name) = (String::new(), name.to_owned());
                vec![Err(EvaluationError { attribute, source_name, message }); attributes.len()]
            }
        }
    }

    /// What is to be said of an answer.
    fn judged(
        &self,
        element: &Element,
        asked: &Asked<'_>,
        answer: Answer,
        all: &[Element],
        progress: &dyn Progress,
    ) -> Upgrade {
        let is_own = element.source == asked.source;
        let package = match answer {
            // Where an attribute is gone, a package of the same name is another one.
            Ok(found) => match found.filter(|package| !is_own || package.attribute == element.attribute) {
                Some(package) => package,
                None => return untaken(element, Some(asked), UpgradeVerdict::Gone),
            },
            Err(error) if error.attribute.is_empty() => {
                return untaken(element, Some(asked), UpgradeVerdict::Failed(error.message));
            }
            Err(error) => return untaken(element, Some(asked), UpgradeVerdict::Obstacle(error.message)),
        };
        let kept = element.kept_outputs(&package);
        let mut upgrade = Upgrade {
            to: package.version.clone(),
            outputs: kept.outputs.clone(),
            lost_outputs: kept.lost.clone(),
            ..untaken(element, Some(asked), UpgradeVerdict::Unchanged)
        };
        if let Some(obstacle) = self.obstacle(&package, &kept) {
            upgrade.verdict = UpgradeVerdict::Obstacle(obstacle);
            return upgrade;
        }
        upgrade.verdict = if is_same_build(element, &package, &kept) {
            if is_own { UpgradeVerdict::Unchanged } else { UpgradeVerdict::AnotherSource }
        } else {
            let mut installed = Project::installed(element);
            if !is_own && installed.homepage.is_empty() && !package.homepage.is_empty() {
                self.complete(&mut installed, element, progress);
            }
            if installed.is_other(&package) {
                let offered = Box::new(Project::offered(&package));
                UpgradeVerdict::OtherProject { installed: Box::new(installed), offered }
            } else {
                compared(element, &package)
            }
        };
        if upgrade.verdict != UpgradeVerdict::Unchanged {
            upgrade.change = Some(change(element, asked, &package, kept, all));
        }
        upgrade
    }

    /// Tells homepage and description of what is installed as its own source tells them, if that still has the project.
    fn complete(&self, installed: &mut Project, element: &Element, progress: &dyn Progress) {
        if element.attribute.is_empty() || element.source.is_empty() {
            return;
        }
        let own = self.package(&element.attribute, Some(&element.source), progress).ok().flatten();
        if let Some(own) = own.filter(|own| !installed.is_other(own)) {
            let Project { homepage, description, .. } = Project::offered(&own);
            (installed.homepage, installed.description) = (homepage, description);
        }
    }

    /// Why a package cannot be installed with these outputs.
    fn obstacle(&self, package: &Package, kept: &Kept) -> Option<String> {
        let listed = package.obstacles.iter().find(|it| matches!(it, Obstacle::NeedsNix | Obstacle::Failed(_)));
        if let Some(obstacle) = listed {
            return Some(obstacle.to_string());
        }
        let store = self.store.directory();
        let mut paths = kept.outputs.iter().map(|name| package.output(name).and_then(|output| output.path.as_ref()));
        paths.find_map(|path| match path {
            None => Some("only its build tells its paths".to_owned()),
            Some(path) if package.evaluated.is_some() && !path.starts_with(store) => {
                Some(format!("it belongs into another store than {}", crate::safe::path(store)))
            }
            Some(_) => None,
        })
    }
}

/// The elements that are meant, in the profile's order.
fn named<'a>(names: &[String], elements: &'a [Element]) -> Result<Vec<&'a Element>, ProfileError> {
    let mut meant = Vec::new();
    for name in names {
        let by_name = elements.iter().position(|element| element.name == *name);
        let of_attribute = || {
            let all = elements.iter().enumerate().filter(|(_, element)| !name.is_empty() && element.attribute == *name);
            all.map(|(at, _)| at).collect::<Vec<_>>()
        };
        match by_name.map_or_else(of_attribute, |at| vec![at])[..] {
            [] => return Err(ProfileError::NotInstalled { name: name.clone() }),
            [at] => meant.push(at),
            ref several => {
                let names = several.iter().map(|&at| elements[at].name.clone()).collect();
                return Err(ProfileError::Ambiguous { attribute: name.clone(), names });
            }
        }
    }
    let is_meant = |at: &usize| names.is_empty() || meant.contains(at);
    Ok(elements.iter().enumerate().filter(|(at, _)| is_meant(at)).map(|(_, element)| element).collect())
}

/// An element that stays as it is.
fn untaken(element: &Element, asked: Option<&Asked<'_>>, verdict: UpgradeVerdict) -> Upgrade {
    Upgrade {
        name: element.name.clone(),
        from: element.version.clone(),
        to: String::new(),
        attribute: asked.map_or(&*element.attribute, |asked| asked.attribute).to_owned(),
        source: asked.map_or(&*element.source, |asked| asked.source).to_owned(),
        verdict,
        change: None,
        outputs: Vec::new(),
        lost_outputs: Vec::new(),
    }
}

/// Whether the package is what is installed, in the same outputs.
fn is_same_build(element: &Element, package: &Package, kept: &Kept) -> bool {
    let is_there = |output: &ElementOutput| {
        let new = package.output(&output.name).and_then(|new| new.path.as_ref());
        kept.outputs.contains(&output.name) && new == Some(&output.path)
    };
    element.outputs.len() == kept.outputs.len() && element.outputs.iter().all(is_there)
}

/// Which of two builds of a project is the newer one.
fn compared(element: &Element, package: &Package) -> UpgradeVerdict {
    // What is installed is known by its derivation's name, and that of the other tells as much.
    let full = package.evaluated.as_ref().map(|evaluated| split_version(&evaluated.full_name).1);
    let offered = full.filter(|version| !version.is_empty()).unwrap_or(&package.version);
    if element.version.is_empty() || offered.is_empty() {
        return UpgradeVerdict::AnotherBuild;
    }
    match version::compare(offered, &element.version) {
        Ordering::Greater => UpgradeVerdict::Newer,
        Ordering::Equal => UpgradeVerdict::AnotherBuild,
        Ordering::Less => UpgradeVerdict::Older,
    }
}

/// What stages it.
fn change(element: &Element, asked: &Asked<'_>, package: &Package, kept: Kept, all: &[Element]) -> Change {
    let outputs = (!kept.is_told).then_some(kept.outputs);
    let is_of_it = |other: &&Element| (&*other.attribute, &*other.source) == (&*element.attribute, asked.source);
    // An installation means the first element of its attribute.
    let is_own = element.source == asked.source && all.iter().find(is_of_it).is_some_and(|it| it.name == element.name);
    if is_own {
        let (attribute, source) = (element.attribute.clone(), Some(element.source.clone()));
        return Change::Install { attribute, source, outputs, priority: None };
    }
    let attribute = Some(package.attribute.clone()).filter(|attribute| *attribute != element.attribute_or_name());
    Change::Source { name: element.name.clone(), attribute, source: asked.source.to_owned(), outputs }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: &str, attribute: &str) -> Element {
        Element { name: name.into(), attribute: attribute.into(), source: "mine".into(), ..Element::default() }
    }

    #[test]
    fn names_mean_elements_or_the_only_one_of_an_attribute() {
        let elements = [element("a", "x.a"), element("b", "b"), element("b-1", "b"), element("c", "")];
        let names = |asked: &[&str]| {
            let asked: Vec<_> = asked.iter().map(ToString::to_string).collect();
            named(&asked, &elements).map(|found| found.iter().map(|it| it.name.clone()).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap(), ["a", "b", "b-1", "c"]);
        assert_eq!(names(&["b-1", "x.a"]).unwrap(), ["a", "b-1"]);
        assert_eq!(names(&["b"]).unwrap(), ["b"], "a name goes before an attribute");
        assert!(matches!(names(&["d"]), Err(ProfileError::NotInstalled { .. })));
        assert!(matches!(names(&[""]), Err(ProfileError::NotInstalled { .. })));
        let twins = [element("one", "b"), element("two", "b")];
        assert!(matches!(named(&["b".to_owned()], &twins), Err(ProfileError::Ambiguous { .. })));
    }

    #[test]
    fn the_second_element_of_an_attribute_is_not_upgraded_in_place_of_the_first() {
        let elements = [element("b", "b"), element("b-1", "b")];
        let package = Package::unevaluated("b".into(), "mine".into());
        let asked = Asked { attribute: "b", source: "mine" };
        let kept = || Kept { is_told: true, ..Kept::default() };
        assert_eq!(change(&elements[0], &asked, &package, kept(), &elements).to_string(), "b@mine");
        assert_eq!(change(&elements[1], &asked, &package, kept(), &elements).to_string(), "b-1:source=mine");
    }
}
