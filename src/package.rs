//! A package on offer: what a source says of one attribute.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::safe;

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
    /// What more its source says of it, in one line; may be empty. Searched for words.
    pub long_description: String,
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
    /// Why it cannot be installed here, as far as its source tells; empty if nothing is known to stand in the way.
    pub obstacles: Vec<Obstacle>,
    /// What Nix' evaluation told of it, if it was evaluated: what its records hold beyond the fields above.
    pub evaluated: Option<Arc<Evaluated>>,
}

/// What stands in the way of an installation. With Nix the evaluation has the last word: its configuration may allow what
/// a listing was made without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Its source says that it does not work.
    Broken,
    /// Its licence is not free.
    Unfree,
    /// Its source knows of holes in it.
    Insecure,
    /// It is not for this system.
    OtherSystem,
    /// Its source only lists it; where it is built from is not known, or there is no Nix here to build it.
    NeedsNix,
    /// It does not evaluate; in Nix' words.
    Failed(String),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken => to.write_str("broken"),
            Self::Unfree => to.write_str("unfree"),
            Self::Insecure => to.write_str("insecure"),
            Self::OtherSystem => to.write_str("for another system"),
            Self::NeedsNix => to.write_str("needs Nix"),
            Self::Failed(reason) => write!(to, "does not evaluate: {}", safe::text(reason)),
        }
    }
}

/// What an evaluation tells of a package that the manifests of Nix record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluated {
    /// The derivation's name, e.g. `hello-2.12`.
    pub full_name: String,
    /// E.g. `x86_64-linux`.
    pub system: String,
    /// The `.drv` that builds every output.
    pub derivation: PathBuf,
    /// `meta` as `nix-env` records it: what is null, a function, a path or a derivation is left out.
    pub meta: Map<String, Value>,
    /// `None` for a Nix file.
    pub flake: Option<FlakeOrigin>,
    /// The pin of its source, as the config file has it.
    pub pin: Option<String>,
}

/// Where a package of a flake comes from, in the words of `nix profile`'s manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlakeOrigin {
    /// The flake as it was asked for, e.g. `flake:nixpkgs`.
    pub original_url: String,
    /// The same, locked to a revision.
    pub url: String,
    /// E.g. `legacyPackages.x86_64-linux.hello`.
    pub attribute_path: String,
}

/// Why a source cannot say what an attribute is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", place(attribute, source_name))]
pub struct EvaluationError {
    /// Empty if it is about the source as a whole.
    pub attribute: String,
    pub source_name: String,
    /// Safe for a terminal; with the way out.
    pub message: String,
}

fn place(attribute: &str, source_name: &str) -> String {
    let source = safe::text(source_name);
    if attribute.is_empty() { format!("source {source}") } else { format!("{}@{source}", safe::text(attribute)) }
}

/// One output of a package on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageOutput {
    pub name: String,
    /// Where the output is, or will be once it is put into the store; `None` if only an evaluation can tell.
    pub path: Option<PathBuf>,
}

impl Package {
    /// A package of which a source has only told that there is such an attribute: it has no outputs yet.
    pub fn unevaluated(attribute: String, source: Arc<str>) -> Self {
        Self {
            name: attribute.clone(),
            attribute,
            source,
            version: String::new(),
            description: String::new(),
            long_description: String::new(),
            homepage: String::new(),
            licenses: Vec::new(),
            priority: DEFAULT_PRIORITY,
            outputs: Vec::new(),
            default_outputs: Vec::new(),
            main_program: None,
            obstacles: Vec::new(),
            evaluated: None,
        }
    }

    /// Whether its source has only listed it, by name alone or with what a listing tells: it has to be evaluated before
    /// it can be installed. What is in a store has paths, and needs no evaluation.
    pub fn is_unevaluated(&self) -> bool {
        self.evaluated.is_none() && self.outputs.iter().all(|output| output.path.is_none())
    }

    /// `name-version`, or the name alone.
    pub fn full_name(&self) -> String {
        if self.version.is_empty() { self.name.clone() } else { format!("{}-{}", self.name, self.version) }
    }

    /// The output called `name`.
    pub fn output(&self, name: &str) -> Option<&PackageOutput> {
        self.outputs.iter().find(|output| output.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_neither_a_path_nor_an_evaluation_is_unevaluated() {
        let mut package = Package::unevaluated("a".into(), "mine".into());
        assert!(package.is_unevaluated());
        package.outputs = ["out", "dev"].map(|name| PackageOutput { name: name.into(), path: None }).into();
        assert!(package.is_unevaluated(), "a listing tells outputs");
        let evaluated = Package { evaluated: Some(Arc::default()), ..package.clone() };
        assert!(!evaluated.is_unevaluated(), "even if only the build tells the paths");
        package.outputs[0].path = Some("/nix/store/a".into());
        assert!(!package.is_unevaluated(), "it is in a store");
    }
}
