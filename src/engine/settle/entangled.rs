//! Packages whose change may alter paths that they do not have themselves: they propagate others, or another brings the
//! very same output, which counts once only.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Files, Output, Request};
use crate::engine::{Rules, path};

/// Positions of such packages among those of the request.
pub(super) fn entangled(request: &Request, spare: &[Vec<Output>], files: &dyn Files) -> BTreeSet<usize> {
    let outputs_of = |index: usize| {
        let spare = spare.get(index).map_or(&[][..], Vec::as_slice);
        request.packages[index].outputs.iter().chain(spare).map(|output| &*output.path)
    };
    let all = 0..request.packages.len();
    let mut brought: HashMap<&[u8], usize> = HashMap::new();
    for path in all.clone().flat_map(outputs_of) {
        *brought.entry(path).or_default() += 1;
    }
    let mut propagating = HashSet::new();
    let mut propagated: HashSet<Vec<u8>> = HashSet::new();
    if let Rules::Nixpkgs(settings) = &request.rules {
        propagated.extend(settings.extra_paths.iter().cloned());
    }
    let mut waiting: Vec<Vec<u8>> = propagated.iter().cloned().collect();
    for path in brought.keys() {
        let list = propagated_by(path, files);
        if !list.is_empty() {
            propagating.insert(*path);
            waiting.extend(list);
        }
    }
    while let Some(path) = waiting.pop() {
        if !propagated.contains(&path) {
            waiting.extend(propagated_by(&path, files));
            propagated.insert(path);
        }
    }
    let is_entangled = |path: &[u8]| brought[path] > 1 || propagating.contains(path) || propagated.contains(path);
    all.filter(|index| outputs_of(*index).any(is_entangled)).collect()
}

/// The paths that an output propagates, read as generously as any rules do: a package too many costs time only.
fn propagated_by(output: &[u8], files: &dyn Files) -> Vec<Vec<u8>> {
    let has_list = files.read_dir(output).is_ok_and(|entries| entries.iter().any(|it| &*it.name == b"nix-support"));
    if !has_list {
        return Vec::new();
    }
    let list = files.read(&path::join(output, b"nix-support/propagated-user-env-packages")).unwrap_or_default();
    let words = list.split(|byte| byte.is_ascii_whitespace() || *byte == 0x0b);
    words.filter(|word| word.first() == Some(&b'/')).map(<[u8]>::to_vec).collect()
}
