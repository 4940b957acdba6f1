//! A whole catalogue: the real one where it is beside the checkout, else one of the same size that is made up.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use nix_loom::package::{Package, PackageOutput};
use nix_loom::progress::Silent;
use nix_loom::source::listing;

/// Packages, and where they are from.
pub struct Input {
    pub origin: String,
    pub packages: Vec<Package>,
}

/// The real `packages.json` of a channel; it lies beside the project, not in it.
pub fn real_listing() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/packages.json.br");
    path.exists().then_some(path)
}

pub fn packages() -> Input {
    let Some(path) = real_listing() else { return made_up(143_785) };
    let mut packages = Vec::new();
    let source = Arc::from("nixpkgs");
    listing::read(&path, &source, &mut |package| packages.push(package), &Silent).unwrap();
    Input { origin: "the real catalogue".into(), packages }
}

/// Names and descriptions of made-up words, some of them in sets, with programs, versions and outputs.
pub fn made_up(count: usize) -> Input {
    // A small generator of its own: the same each time.
    let mut state = 42_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let syllables =
        ["ri", "pg", "re", "fo", "x", "lib", "ssl", "net", "py", "to", "gnu", "tex", "ma", "vi", "kub", "er"];
    let mut word = |parts: usize| (0..parts).map(|_| syllables[random(syllables.len())]).collect::<String>();
    let words: Vec<String> = (0..20_000).map(|at| word(2 + at % 4)).collect();
    let package = |at: usize| {
        let [one, two, three] = [7, 31, 101].map(|by| words[at * by % words.len()].as_str());
        let name = format!("{one}-{two}{at}");
        let attribute = if at % 6 == 0 { name.clone() } else { format!("set{}Packages.{name}", at % 40) };
        Package {
            name,
            version: format!("{}.{}", at % 20, at % 7),
            description: if at % 3 == 0 { String::new() } else { format!("A {one} {two} for {three} and others") },
            main_program: (at % 5 == 0).then(|| three.to_owned()),
            outputs: vec![PackageOutput { name: "out".into(), path: None }],
            ..Package::unevaluated(attribute, Arc::from("made-up"))
        }
    };
    Input { origin: "made up".into(), packages: (0..count).map(package).collect() }
}

/// The same packages again and again, with a number after their names.
pub fn grown(packages: &[Package], to: usize) -> Vec<Package> {
    let copy = |at: usize| {
        let package = packages[at % packages.len()].clone();
        match at / packages.len() {
            0 => package,
            again => Package {
                attribute: format!("{}_{again}", package.attribute),
                name: format!("{}{again}", package.name),
                ..package
            },
        }
    };
    (0..to).map(copy).collect()
}
