//! One installed entry of a profile.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::StoreName;

/// A package as it is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Unique within the profile; the name that changes refer to.
    pub name: String,
    /// The attribute it was installed from; empty if it came from a bare store path.
    pub attribute: String,
    /// Name of the source it came from; empty if not known.
    pub source: String,
    /// Empty if not known.
    pub version: String,
    /// The chosen outputs, in the manifest's order.
    pub outputs: Vec<ElementOutput>,
    /// A lower number wins.
    pub priority: i64,
    /// An inactive element stays installed and is not linked.
    pub active: bool,
    /// What else the manifest says of it (keys of newer versions, a flake's locked address): carried along unread, so
    /// that a manifest written by another program loses nothing here.
    pub extra: Map<String, Value>,
}

impl Element {
    /// The installed output called `name`.
    pub fn output(&self, name: &str) -> Option<&ElementOutput> {
        self.outputs.iter().find(|output| output.name == name)
    }

    /// Whether it was made by a derivation of this name, whatever its version: what `nix-env` takes for the same package.
    pub fn is_of_derivation(&self, name: &str) -> bool {
        self.outputs.first().is_some_and(|output| StoreName::with_output(&output.path, &output.name).name == name)
    }

    /// Under which attribute another source is asked for it: its own, or its name if that is all that is known.
    pub fn attribute_or_name(&self) -> &str {
        if self.attribute.is_empty() { &self.name } else { &self.attribute }
    }
}

/// One installed output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementOutput {
    pub name: String,
    pub path: PathBuf,
}
