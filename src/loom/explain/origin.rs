//! Where Nix can install an element from.

use std::path::Path;

use crate::loom::{Loom, revision_of};
use crate::package::Package;
use crate::profile::{Element, manifest};
use crate::progress::Silent;
use crate::safe;
use crate::source::Location;

/// The flake that stands for the demo packages, which are modelled on it.
const NIXPKGS: &str = "nixpkgs";

/// Where an element comes from, in the words of Nix' command lines.
pub(in crate::loom) enum Origin {
    Flake {
        url: String,
        /// As one writes it behind the `#`.
        attribute: String,
        /// From the flake's root.
        path: String,
    },
    File {
        /// A path, or `<nixpkgs>`.
        place: String,
        /// Address and hash of that to which its source is pinned.
        tarball: Option<(String, String)>,
        attribute: String,
        /// As its source offers it now, if it still does.
        package: Option<Box<Package>>,
    },
    /// All that is known are its paths.
    Paths,
    /// No Nix could have it.
    Nowhere,
}

impl Loom {
    pub(in crate::loom) fn origin(&self, element: &Element) -> Origin {
        if !self.is_nix {
            let is_demo = self.choosing.taken.first() == Some(&element.source);
            let attribute = element.attribute.clone();
            return if is_demo {
                Origin::Flake { url: NIXPKGS.to_owned(), path: attribute.clone(), attribute }
            } else {
                Origin::Nowhere
            };
        }
        if let Some((url, path)) = manifest::recorded_flake(element) {
            return Origin::Flake { url: url.to_owned(), attribute: element.attribute.clone(), path: path.to_owned() };
        }
        let sources = self.sources_now();
        let source = sources.listed().find(|listed| **listed.name() == *element.source);
        // From which revision it was installed counts, and if that is not known, that of its source.
        let recorded = revision_of(element).filter(|_| source.is_some());
        let pin = recorded.or_else(|| source?.spec().pin.clone());
        let place = match source.map(|listed| &listed.spec().location) {
            Some(Location::File(path)) => path.to_str().map(str::to_owned),
            Some(Location::SearchPath(name)) => Some(format!("<{name}>")),
            Some(_) => None,
            // A file that is a source by its path.
            None => is_file(element).then(|| element.source.clone()),
        };
        match place {
            Some(place) if !element.attribute.is_empty() => Origin::File {
                place,
                tarball: pin.and_then(|pin| pin.tarball().map(|(url, hash)| (url, hash.to_owned()))),
                attribute: element.attribute.clone(),
                package: self.package(&element.attribute, Some(&element.source), &Silent).ok().flatten().map(Box::new),
            },
            _ => Origin::Paths,
        }
    }
}

/// Whether the element is a file as a whole; what is in one is known to Nix by its paths alone.
fn is_file(element: &Element) -> bool {
    let is_path = element.attribute == "default" && element.source.starts_with('/');
    is_path && matches!(Location::of_path(Path::new(&element.source)), Ok(Location::File(_)))
}

/// The paths of an element's outputs, in order.
pub(in crate::loom) fn paths(element: &Element) -> Vec<String> {
    let mut paths: Vec<_> = element.outputs.iter().map(|output| safe::path(&output.path)).collect();
    paths.sort_unstable();
    paths
}

/// The names of an element's outputs.
pub(super) fn outputs(element: &Element) -> Vec<&str> {
    element.outputs.iter().map(|output| output.name.as_str()).collect()
}
