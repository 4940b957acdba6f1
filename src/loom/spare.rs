//! Outputs that packages have but that are not installed: what could be taken where the installed ones collide.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt as _;

use super::Loom;
use crate::engine::{Output, Plan};
use crate::package::{Package, PackageOutput};
use crate::profile::{Element, ElementOutput};

impl Loom {
    /// For each of the elements that `plan` is of the spare outputs, if it blocks. `looked_up` are packages as the changes
    /// found them; of others the catalogue tells, and nothing is evaluated.
    pub(super) fn spare(&self, elements: &[Element], plan: &Plan, looked_up: &[Package]) -> Vec<Vec<Output>> {
        let contenders = plan.blocking().flat_map(|collision| &collision.contenders);
        let blocking: HashSet<usize> = contenders.filter_map(|contender| contender.index).collect();
        let catalogue = self.catalogue();
        let spare = |(index, element): (usize, &Element)| {
            if !blocking.contains(&index) || element.attribute.is_empty() {
                return Vec::new();
            }
            let is_of =
                |package: &&Package| package.attribute == element.attribute && *package.source == *element.source;
            let known = || catalogue.get(catalogue.find(&element.attribute, &element.source)?);
            let package = looked_up.iter().find(is_of).cloned().or_else(known);
            package.map_or_else(Vec::new, |package| outputs_beside(element, &package))
        };
        elements.iter().enumerate().map(spare).collect()
    }
}

/// The outputs that `package` has beside those of the element; none if the element is of another build, for an element
/// never mixes two.
fn outputs_beside(element: &Element, package: &Package) -> Vec<Output> {
    let is_same = |installed: &ElementOutput| {
        package.output(&installed.name).and_then(|output| output.path.as_ref()) == Some(&installed.path)
    };
    if !element.outputs.iter().all(is_same) {
        return Vec::new();
    }
    let output = |output: &PackageOutput| {
        let path = output.path.as_ref()?.as_os_str().as_bytes().into();
        Some(Output { name: output.name.as_str().into(), path })
    };
    package.outputs.iter().filter(|output| element.output(&output.name).is_none()).filter_map(output).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(build: &str) -> Package {
        let output = |name: &str| PackageOutput { name: name.into(), path: Some(format!("/{build}-{name}").into()) };
        let outputs =
            vec![output("bin"), output("out"), PackageOutput { name: "doc".into(), path: None }, output("dev")];
        Package { outputs, ..Package::unevaluated("libjpeg".into(), "demo".into()) }
    }

    fn names(element: &Element, build: &str) -> Vec<String> {
        outputs_beside(element, &package(build)).iter().map(|output| output.name.to_string()).collect()
    }

    #[test]
    fn spare_are_the_outputs_that_are_not_installed_and_whose_paths_are_known() {
        let out = ElementOutput { name: "out".into(), path: "/one-out".into() };
        let element = Element { outputs: vec![out], ..Element::default() };
        assert_eq!(names(&element, "one"), ["bin", "dev"]);
        assert!(names(&element, "another").is_empty(), "another build is another package");
    }
}
