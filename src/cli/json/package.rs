//! Packages, installed and on offer.

use serde::Serialize;
use serde_json::{Map, Value};

use super::path_text;
use crate::loom::{Elsewhere, Match, OutputInfo};
use crate::package::Package;
use crate::profile::Element;
use crate::store::Presence;

/// An installed package.
#[derive(Serialize)]
pub(in crate::cli) struct ElementDocument {
    name: String,
    attribute: String,
    source: String,
    version: String,
    /// Output → path, in the manifest's order.
    outputs: Map<String, Value>,
    priority: i64,
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<ElsewhereDocument>,
    /// The version that its source offers, if it is newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    newer: Option<String>,
}

impl ElementDocument {
    /// With what another place has of it, and the newer version that its source offers.
    pub fn new(element: &Element, elsewhere: &Elsewhere, newer: Option<String>) -> Self {
        let elsewhere = elsewhere.of_element(element).map(|found| ElsewhereDocument::new(&found, &element.version));
        Self { elsewhere, newer, ..element.into() }
    }
}

/// That another place has a package too.
#[derive(Serialize)]
pub(in crate::cli) struct ElsewhereDocument {
    place: String,
    /// The very same store path.
    same: bool,
    version: String,
}

impl ElsewhereDocument {
    /// `version` is the package's own.
    fn new(found: &Match, version: &str) -> Self {
        let (same, version) = match found {
            Match::Same { .. } => (true, version),
            Match::OtherVersion { version, .. } => (false, *version),
        };
        Self { place: path_text(found.place()), same, version: version.to_owned() }
    }

    fn of_package(package: &Package, elsewhere: &Elsewhere) -> Option<Self> {
        Some(Self::new(&elsewhere.of_package(package)?, &package.version))
    }
}

impl From<&Element> for ElementDocument {
    fn from(element: &Element) -> Self {
        let output = |output: &crate::profile::ElementOutput| (output.name.clone(), path_text(&output.path).into());
        Self {
            name: element.name.clone(),
            attribute: element.attribute.clone(),
            source: element.source.clone(),
            version: element.version.clone(),
            outputs: element.outputs.iter().map(output).collect(),
            priority: element.priority,
            active: element.active,
            elsewhere: None,
            newer: None,
        }
    }
}

/// A package that a search found.
#[derive(Serialize)]
pub(in crate::cli) struct HitDocument<'a> {
    attribute: &'a str,
    source: &'a str,
    name: &'a str,
    version: &'a str,
    description: &'a str,
    outputs: Vec<&'a str>,
    installed: bool,
    /// What stands in the way of an installation; left out if nothing is known to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<ElsewhereDocument>,
}

impl<'a> HitDocument<'a> {
    pub fn new(package: &'a Package, installed: bool, elsewhere: &Elsewhere) -> Self {
        Self {
            attribute: &package.attribute,
            source: &package.source,
            name: &package.name,
            version: &package.version,
            description: &package.description,
            outputs: package.outputs.iter().map(|output| output.name.as_str()).collect(),
            installed,
            problems: problems(package),
            elsewhere: ElsewhereDocument::of_package(package, elsewhere),
        }
    }
}

/// A package on offer, with all that is known of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct PackageDocument<'a> {
    attribute: &'a str,
    source: &'a str,
    name: &'a str,
    version: &'a str,
    description: &'a str,
    homepage: &'a str,
    licenses: &'a [String],
    priority: i64,
    main_program: Option<&'a str>,
    outputs: Vec<OutputDocument<'a>>,
    /// The name of the installed element, if it is installed.
    installed: Option<&'a str>,
    /// What stands in the way of an installation; left out if nothing is known to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<ElsewhereDocument>,
}

#[derive(Serialize)]
struct OutputDocument<'a> {
    name: &'a str,
    path: Option<String>,
    default: bool,
    installed: bool,
    presence: &'static str,
    size: Option<u64>,
    files: Option<u64>,
}

impl<'a> PackageDocument<'a> {
    pub fn new(
        package: &'a Package,
        outputs: &'a [OutputInfo],
        installed: Option<&'a Element>,
        elsewhere: &Elsewhere,
    ) -> Self {
        let output = |output: &'a OutputInfo| OutputDocument {
            name: &output.name,
            path: output.path.as_deref().map(path_text),
            default: output.is_default,
            installed: installed.is_some_and(|element| element.output(&output.name).is_some()),
            presence: presence(output.presence),
            size: output.size,
            files: output.files,
        };
        Self {
            attribute: &package.attribute,
            source: &package.source,
            name: &package.name,
            version: &package.version,
            description: &package.description,
            homepage: &package.homepage,
            licenses: &package.licenses,
            priority: package.priority,
            main_program: package.main_program.as_deref(),
            outputs: outputs.iter().map(output).collect(),
            installed: installed.map(|element| element.name.as_str()),
            problems: problems(package),
            elsewhere: ElsewhereDocument::of_package(package, elsewhere),
        }
    }
}

fn problems(package: &Package) -> Vec<String> {
    package.obstacles.iter().map(ToString::to_string).collect()
}

/// One word for where an output is.
pub(in crate::cli) fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Here => "here",
        Presence::Fetch { .. } => "fetch",
        Presence::Build => "build",
        Presence::Missing => "missing",
    }
}
