//! The state of the screen that tells who provides a command or a file.

use crate::loom::{Found, NIX_INDEX, Provider};
use crate::package::Package;

use super::app::App;
use super::input::Input;

/// The question, and the newest answer.
#[derive(Clone, Debug, Default)]
pub struct Which {
    pub input: Input,
    /// The question that was asked last.
    pub asked: Option<String>,
    /// Its answer as far as there is one; never that of another question.
    pub found: Option<Result<Found, String>>,
}

impl Which {
    pub fn providers(&self) -> &[Provider] {
        match &self.found {
            Some(Ok(found)) => &found.providers,
            _ => &[],
        }
    }
}

impl App {
    /// The selected answer.
    pub fn selected_provider(&self) -> Option<&Provider> {
        self.which.providers().get(self.lists.which.selected()?)
    }

    /// The package on offer of an answer.
    pub fn offered_by(&self, provider: &Provider) -> Option<Package> {
        if provider.installed {
            return self.offer.of_element(self.element(&provider.package)?);
        }
        // What only nix-index knows may be of any source.
        let source = if provider.source == NIX_INDEX { "" } else { &provider.source };
        self.offer.find(&provider.package, source)
    }

    /// Whether the profile will have the output of an answer, which it has not now.
    pub fn is_staged_provider(&self, provider: &Provider) -> bool {
        let Some(package) = self.offered_by(provider).filter(|_| !provider.installed) else { return false };
        self.outputs_to_be(&package).contains(&provider.output)
    }

    /// The outputs that the profile will have of a package on offer.
    pub fn outputs_to_be(&self, package: &Package) -> Vec<String> {
        let element = self.element_of(package);
        self.chosen_outputs(&super::subject::Subject { package: Some(package.clone()), element })
    }
}
