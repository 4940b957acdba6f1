//! Names for the elements of manifests of version 1 and 2, which have none (semantics 5: as `nix profile` names them).

use crate::profile::element_name::{UniqueNames, element_name};
use crate::profile::{Element, StoreName};

/// Names each element that has no name yet by the last attribute, else the repository or last part of its address, else
/// its store name; a name that is taken gets `-1`, `-2`, … appended.
pub(super) fn give(elements: &mut [Element]) {
    let mut names = UniqueNames::default();
    for element in elements.iter_mut().filter(|element| !element.name.is_empty()) {
        element.name = names.take(&element.name);
    }
    for element in elements.iter_mut().filter(|element| element.name.is_empty()) {
        element.name = names.take(&name_of(element));
    }
}

fn name_of(element: &Element) -> String {
    let of_attribute = Some(element_name(&element.attribute)).filter(|name| !name.is_empty() && name != "default");
    let of_path = || element.outputs.first().map(|output| StoreName::of(&output.path).name);
    of_attribute.or_else(|| name_of_url(&element.source)).or_else(of_path).unwrap_or_else(|| "package".to_owned())
}

fn name_of_url(url: &str) -> Option<String> {
    let address = url.split(['?', '#']).next()?;
    let (scheme, path) = address.split_once(':').unwrap_or(("", address));
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let is_hosted = matches!(scheme, "github" | "gitlab" | "sourcehut");
    let name = if is_hosted { parts.nth(1) } else { parts.next_back() }?;
    Some(name.trim_end_matches(".git").to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_give_the_repository_or_the_last_part() {
        for (url, name) in [
            ("github:NixOS/patchelf/0.18", "patchelf"),
            ("git+https://example.org/tools/thing.git?ref=main", "thing"),
            ("path:/home/flakes/mine", "mine"),
            ("flake:nixpkgs", "nixpkgs"),
        ] {
            assert_eq!(name_of_url(url).as_deref(), Some(name), "{url}");
        }
        assert_eq!(name_of_url(""), None);
    }
}
