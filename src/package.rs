//! A package on offer: what a source says of one attribute.

use std::path::PathBuf;
use std::sync::Arc;

/// Priority of a package that names none; a lower number wins.
pub const DEFAULT_PRIORITY: i64 = 5;

/// One attribute of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name under which the source offers it, e.g. `python312Packages.requests`; unique within the source.
    pub attribute: String,
    /// The source's name, e.g. `demo`.
    pub source: Arc<str>,
    /// The package's own name, e.g. `requests`.
    pub name: String,
    /// Empty if it has none.
    pub version: String,
    /// One line; may be empty.
    pub description: String,
    /// May be empty.
    pub homepage: String,
    /// SPDX identifiers where known.
    pub licenses: Vec<String>,
    /// A lower number wins.
    pub priority: i64,
    /// All outputs, in the source's order.
    pub outputs: Vec<PackageOutput>,
    /// Names of the outputs that an installation without a choice takes.
    pub default_outputs: Vec<String>,
    /// Name of the main program in `bin/`.
    pub main_program: Option<String>,
}

/// One output of a package on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageOutput {
    pub name: String,
    /// Where the output is, or will be once it is put into the store; `None` if only an evaluation can tell.
    pub path: Option<PathBuf>,
}

impl Package {
    /// `name-version`, or the name alone.
    pub fn full_name(&self) -> String {
        if self.version.is_empty() { self.name.clone() } else { format!("{}-{}", self.name, self.version) }
    }

    /// The output called `name`.
    pub fn output(&self, name: &str) -> Option<&PackageOutput> {
        self.outputs.iter().find(|output| output.name == name)
    }
}
