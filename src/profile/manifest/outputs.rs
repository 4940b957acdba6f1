//! Which store path is which output: `nix profile` records names and paths, but not which belongs to which.

use std::path::PathBuf;

use crate::profile::ElementOutput;
use crate::profile::store_name::{StoreName, full_name, without_output};

/// Gives each of `names` its path, told by the ends of the store names: `…-NAME-VERSION-dev` is `dev`, and what has
/// no such end is left for the others, in order. `None` if there are not as many names as paths.
pub(super) fn pair(names: &[String], mut paths: Vec<PathBuf>) -> Option<Vec<ElementOutput>> {
    if names.len() != paths.len() {
        return None;
    }
    let mut found: Vec<Option<PathBuf>> = vec![None; names.len()];
    for (name, place) in names.iter().zip(&mut found).filter(|(name, _)| *name != "out") {
        let ends_so = |path: &&PathBuf| without_output(&full_name(path), name).is_some();
        // Of `foo-dev` and `foo-dev-dev`, the package is called `foo-dev`.
        let longest = paths.iter().filter(ends_so).max_by_key(|path| path.as_os_str().len()).cloned();
        if let Some(path) = longest {
            paths.retain(|other| *other != path);
            *place = Some(path);
        }
    }
    let mut left = paths.into_iter();
    let complete = |(name, path): (&String, Option<PathBuf>)| {
        Some(ElementOutput { name: name.clone(), path: path.or_else(|| left.next())? })
    };
    names.iter().zip(found).map(complete).collect()
}

/// Names for `paths` of which none are recorded: the end that a path has more than the shortest one, a usual output
/// name, or `out`; made unique with a number.
pub(super) fn guess(paths: Vec<PathBuf>) -> Vec<ElementOutput> {
    let shortest = paths.iter().map(|path| full_name(path)).min_by_key(String::len).unwrap_or_default();
    let mut outputs: Vec<ElementOutput> = Vec::new();
    for path in paths {
        let full = full_name(&path);
        let end = full.strip_prefix(&shortest).and_then(|end| end.strip_prefix('-')).filter(|end| !end.is_empty());
        let name = end.map_or_else(|| StoreName::of(&path).output, str::to_owned);
        let is_free = |name: &String| outputs.iter().all(|output| output.name != *name);
        let numbered = (2_u64..).map(|number| format!("{name}-{number}"));
        let name =
            std::iter::once(name.clone()).chain(numbered).find(is_free).expect("there are more names than outputs");
        outputs.push(ElementOutput { name, path });
    }
    outputs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(|name| PathBuf::from(format!("/s/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-{name}"))).collect()
    }

    fn names(outputs: &[ElementOutput]) -> Vec<(&str, String)> {
        outputs.iter().map(|output| (output.name.as_str(), full_name(&output.path))).collect()
    }

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_find_their_paths_in_any_order() {
        let outputs = pair(&strings(&["bin", "dev", "out"]), paths(&["z-1-dev", "z-1", "z-1-bin"])).unwrap();
        let expected = [("bin", "z-1-bin"), ("dev", "z-1-dev"), ("out", "z-1")];
        assert_eq!(names(&outputs), expected.map(|(name, path)| (name, path.to_owned())));
    }

    #[test]
    fn a_package_whose_name_ends_like_an_output_is_not_mistaken_for_it() {
        let outputs = pair(&strings(&["out", "dev"]), paths(&["foo-dev", "foo-dev-dev"])).unwrap();
        assert_eq!(names(&outputs), [("out", "foo-dev".to_owned()), ("dev", "foo-dev-dev".to_owned())]);
    }

    #[test]
    fn unrecorded_names_are_guessed_from_the_paths_and_stay_unique() {
        let guessed = guess(paths(&["z-1-special", "z-1", "z-1-dev"]));
        assert_eq!(guessed.iter().map(|output| output.name.as_str()).collect::<Vec<_>>(), ["special", "out", "dev"]);
        let guessed = guess(paths(&["jq-1.8-bin", "jq-1.8-man"]));
        assert_eq!(guessed.iter().map(|output| output.name.as_str()).collect::<Vec<_>>(), ["bin", "man"]);
        let guessed = guess(paths(&["a-1", "b-1"]));
        assert_eq!(guessed.iter().map(|output| output.name.as_str()).collect::<Vec<_>>(), ["out", "out-2"]);
    }
}
