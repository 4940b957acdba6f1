//! Packages that are there twice: installed by themselves, and in an environment that is installed beside them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::engine::{Contender, Plan};
use crate::profile::{Element, StoreName};
use crate::safe;
use crate::store;

/// A package that blocks an environment because that has it, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Double {
    /// The element that is the environment.
    pub environment: String,
    /// The package in it, as its path names it.
    pub inside: StoreName,
    /// Where the store has that.
    pub path: PathBuf,
    /// The element that is the package by itself.
    pub element: String,
    /// Its version; empty if it has none.
    pub version: String,
    /// Whether both are the very same build.
    pub is_same: bool,
    /// Whether the environment was installed already when the package came.
    pub is_later: bool,
    /// Indices into [`Plan::collisions`] of those of both that block; sorted.
    pub collisions: Vec<u32>,
}

impl Double {
    /// What there is twice; one sentence without a full stop, safe for a terminal.
    pub fn sentence(&self) -> String {
        let full = |name: &str, version: &str| {
            safe::text(&if version.is_empty() { name.to_owned() } else { format!("{name} {version}") })
        };
        let inside = full(&self.inside.name, &self.inside.version);
        let has = format!("{} has {inside} in it", safe::text(&self.environment));
        let element = safe::text(&self.element);
        match (self.is_same, self.is_later) {
            (true, true) => format!("{has} already, so {element} need not be installed by itself"),
            (true, false) => format!("{has}, and {element} is installed by itself too"),
            (false, true) => {
                format!("{has} already, and {} would come by itself too", full(&self.element, &self.version))
            }
            (false, false) => format!("{has}, and {} is installed by itself too", full(&self.element, &self.version)),
        }
    }
}

/// The packages that are there twice among what blocks the plan of `elements`; `before` are those that are installed. By
/// the names of both.
pub fn doubles(plan: &Plan, elements: &[Element], before: &[Element], store: &Path) -> Vec<Double> {
    let mut found: BTreeMap<(String, String, PathBuf), Double> = BTreeMap::new();
    for (number, collision) in (0..).zip(&plan.collisions).filter(|(_, collision)| collision.blocks) {
        for whole in &collision.contenders {
            let (Some(path), Some(environment)) = (outside(whole, store), element(whole, elements)) else { continue };
            for part in &collision.contenders {
                let Some(single) = element(part, elements).filter(|single| single.name != environment.name) else {
                    continue;
                };
                let is_same = single.outputs.iter().any(|output| output.path == path);
                if part.outside.is_some() || !(is_same || is_another(single, path)) {
                    continue;
                }
                let was_there = |element: &Element| before.iter().any(|it| it.name == element.name);
                let key = (environment.name.clone(), single.name.clone(), path.to_owned());
                let double = found.entry(key).or_insert_with(|| Double {
                    environment: environment.name.clone(),
                    inside: StoreName::of(path),
                    path: path.to_owned(),
                    element: single.name.clone(),
                    version: single.version.clone(),
                    is_same,
                    is_later: was_there(environment) && !was_there(single),
                    collisions: Vec::new(),
                });
                if double.collisions.last() != Some(&number) {
                    double.collisions.push(number);
                }
            }
        }
    }
    found.into_values().collect()
}

/// The path of the store in which the file of a contender really lies, if that is not its package's own.
pub(super) fn outside<'a>(contender: &'a Contender, store: &Path) -> Option<&'a Path> {
    store::root(store, Path::new(OsStr::from_bytes(contender.outside.as_deref()?)))
}

fn element<'a>(contender: &Contender, elements: &'a [Element]) -> Option<&'a Element> {
    elements.get(contender.index?)
}

/// Whether both are builds of one package, as their paths are called.
fn is_another(element: &Element, path: &Path) -> bool {
    let name = StoreName::of(path).name;
    element.outputs.iter().any(|output| StoreName::with_output(&output.path, &output.name).name == name)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::engine::{self, Disk, Output, Package, Request, Rules};
    use crate::profile::ElementOutput;

    const HASH: &str = "c74xkqfhqz9h3d7rffn02cih0fdwb1ff";

    fn element(name: &str, path: &Path) -> Element {
        let outputs = vec![ElementOutput { name: "out".into(), path: path.to_owned() }];
        Element { name: name.into(), version: "1.2".into(), outputs, priority: 5, active: true, ..Element::default() }
    }

    fn plan(elements: &[Element]) -> Plan {
        let package = |element: &Element| {
            let path = element.outputs[0].path.as_os_str().as_bytes().into();
            let outputs = vec![Output { name: "out".into(), path }];
            Package { name: (*element.name).into(), priority: 5, active: true, outputs }
        };
        let packages = elements.iter().map(package).collect();
        engine::plan(&Request { rules: Rules::Nix, packages, compare_contents: true }, &Disk).unwrap()
    }

    #[test]
    fn a_package_in_an_environment_beside_the_same_or_another_build_of_it_is_told() {
        let store = tempfile::tempdir().unwrap();
        let store = fs::canonicalize(store.path()).unwrap();
        let [zlib, other, env] =
            ["zlib-1.3.1", "zlib-1.2", "myproject_env"].map(|name| store.join(format!("{HASH}-{name}")));
        for package in [&zlib, &other] {
            fs::create_dir_all(package.join("lib")).unwrap();
            fs::write(package.join("lib/libz.so"), "z").unwrap();
        }
        fs::create_dir_all(env.join("lib")).unwrap();
        symlink(zlib.join("lib/libz.so"), env.join("lib/libz.so")).unwrap();

        let told = |single: &Path, before: &[Element]| {
            let elements = [element("zlib", single), element("myproject_env", &env)];
            let found = doubles(&plan(&elements), &elements, before, &store);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((&found[0].collisions[..], &found[0].path), (&[0][..], &zlib));
            found[0].sentence()
        };
        let (zlib_element, env_element) = ([element("zlib", &zlib)], [element("myproject_env", &env)]);
        assert_eq!(
            told(&zlib, &zlib_element),
            "myproject_env has zlib 1.3.1 in it, and zlib is installed by itself too"
        );
        assert_eq!(
            told(&zlib, &env_element),
            "myproject_env has zlib 1.3.1 in it already, so zlib need not be installed by itself"
        );
        assert_eq!(
            told(&other, &zlib_element),
            "myproject_env has zlib 1.3.1 in it, and zlib 1.2 is installed by itself too"
        );
        assert_eq!(
            told(&other, &env_element),
            "myproject_env has zlib 1.3.1 in it already, and zlib 1.2 would come by itself too"
        );
    }
}
