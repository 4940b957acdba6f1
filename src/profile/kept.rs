//! What another build of an element takes over of the choice of its outputs.

use super::change::ALL_OUTPUTS;
use super::{Element, manifest};
use crate::package::Package;

/// The outputs of an element in another build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Those that it takes, in the package's order.
    pub outputs: Vec<String>,
    /// Those that it has now and that the package has not.
    pub lost: Vec<String>,
    /// Whether they follow from how they were chosen before; else a change has to name them.
    pub is_told: bool,
}

impl Element {
    /// The outputs of `package` that take the place of these: chosen as they were chosen, and where nothing is left of the
    /// choice, those of an installation without one.
    pub fn kept_outputs(&self, package: &Package) -> Kept {
        let all = || package.outputs.iter().map(|output| output.name.clone());
        let default = || {
            let default: Vec<_> = all().filter(|name| package.default_outputs.contains(name)).collect();
            if default.is_empty() { all().take(1).collect() } else { default }
        };
        let of_it = self.outputs.iter().map(|output| output.name.clone());
        let lost: Vec<_> = of_it.filter(|name| package.output(name).is_none()).collect();
        match manifest::choice(self) {
            None => Kept { outputs: default(), is_told: !package.default_outputs.is_empty(), lost },
            Some(names) if names == [ALL_OUTPUTS] => Kept { outputs: all().collect(), is_told: true, lost },
            Some(names) => {
                let left: Vec<_> = all().filter(|name| names.contains(name)).collect();
                let outputs = if left.is_empty() { default() } else { left };
                Kept { outputs, is_told: lost.is_empty(), lost }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::package::PackageOutput;
    use crate::profile::ElementOutput;

    fn package(outputs: &[&str], default: &[&str]) -> Package {
        let output = |name: &&str| PackageOutput { name: (*name).to_owned(), path: None };
        Package {
            outputs: outputs.iter().map(output).collect(),
            default_outputs: default.iter().map(ToString::to_string).collect(),
            ..Package::unevaluated("a".into(), "mine".into())
        }
    }

    fn kept(has: &[&str], chosen: Option<serde_json::Value>, of: &Package) -> (String, String, bool) {
        let output = |name: &&str| ElementOutput { name: (*name).to_owned(), path: "/".into() };
        let extra = chosen.map(|chosen| json!({"originalUrl": "flake:x", "outputs": chosen}));
        let extra = extra.and_then(|extra| extra.as_object().cloned()).unwrap_or_default();
        let element = Element { outputs: has.iter().map(output).collect(), extra, ..Element::default() };
        let Kept { outputs, lost, is_told } = element.kept_outputs(of);
        (outputs.join(" "), lost.join(" "), is_told)
    }

    #[test]
    fn outputs_stay_as_they_were_chosen() {
        let new = package(&["bin", "out", "dev", "man"], &["bin", "man"]);
        let expect = |kept, outputs: &str, lost: &str, is_told| {
            assert_eq!(kept, (outputs.to_owned(), lost.to_owned(), is_told));
        };
        expect(kept(&["dev", "out"], None, &new), "out dev", "", true);
        expect(kept(&["out"], Some(json!(null)), &new), "bin man", "", true);
        expect(kept(&["out"], Some(json!(["*"])), &new), "bin out dev man", "", true);
    }

    #[test]
    fn what_the_new_one_no_longer_has_is_told_and_something_is_taken_all_the_same() {
        let new = package(&["out", "dev"], &["out"]);
        let expect = |kept, outputs: &str, lost: &str, is_told| {
            assert_eq!(kept, (outputs.to_owned(), lost.to_owned(), is_told));
        };
        expect(kept(&["bin", "dev"], None, &new), "dev", "bin", false);
        expect(kept(&["bin"], None, &new), "out", "bin", false);
        expect(kept(&["bin"], Some(json!(null)), &new), "out", "bin", true);
        expect(kept(&["bin"], None, &package(&["lib"], &[])), "lib", "bin", false);
    }
}
