//! How many bytes generations have, and how many only some of them have.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::super::Loom;
use crate::profile::Element;
use crate::store::StoreError;

/// Bytes of what is in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub bytes: u64,
    /// With all that the outputs need; else of the outputs alone, because the store keeps no record of more.
    pub is_closure: bool,
    /// Of something the size is not known, so it is more than this.
    pub is_least: bool,
}

/// Paths of the store with their bytes, as far as they are known.
pub(super) struct Paths {
    bytes: HashMap<PathBuf, Option<u64>>,
    is_closure: bool,
}

impl Paths {
    pub fn none() -> Self {
        Self { bytes: HashMap::new(), is_closure: true }
    }

    pub fn add(&mut self, others: Self) {
        // Of what is known in part only no more can be said of the whole.
        self.is_closure &= others.is_closure;
        self.bytes.extend(others.bytes);
    }

    pub fn remove(&mut self, others: &Self) {
        self.bytes.retain(|path, _| !others.bytes.contains_key(path));
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn size(&self) -> Size {
        Size {
            bytes: self.bytes.values().flatten().sum(),
            is_closure: self.is_closure,
            is_least: self.bytes.values().any(Option::is_none),
        }
    }
}

/// Weighs environments; what an output has is looked up once for all of them.
pub(super) struct Scales<'a> {
    loom: &'a Loom,
    /// Of each output, what comes with it into an environment, and the bytes of that.
    outputs: HashMap<PathBuf, Vec<(PathBuf, Option<u64>)>>,
    /// Whether the store does not tell what paths need; it is not asked again, as that may take long.
    is_mute: bool,
}

impl<'a> Scales<'a> {
    pub fn new(loom: &'a Loom) -> Self {
        Self { loom, outputs: HashMap::new(), is_mute: false }
    }

    /// What an environment of these outputs keeps in the store.
    pub fn paths(&mut self, environment: &Path, outputs: &[PathBuf]) -> Paths {
        match self.closure(environment) {
            Ok(Some(closure)) => {
                let bytes = closure.into_iter().map(|(path, bytes)| (path, Some(bytes))).collect();
                return Paths { bytes, is_closure: true };
            }
            Ok(None) => {}
            Err(_) => self.is_mute = true,
        }
        let mut bytes = HashMap::new();
        for output in outputs {
            let loom = self.loom;
            let of_output = self.outputs.entry(output.clone()).or_insert_with(|| {
                let mut paths = loom.store.propagated(output);
                paths.push(output.clone());
                paths.into_iter().map(|path| (path.clone(), loom.store.size(&path).map(|(bytes, _)| bytes))).collect()
            });
            bytes.extend(of_output.iter().cloned());
        }
        Paths { bytes, is_closure: false }
    }

    fn closure(&self, environment: &Path) -> Result<Option<Vec<(PathBuf, u64)>>, StoreError> {
        if self.is_mute { Ok(None) } else { self.loom.store.closure(environment) }
    }
}

/// Every output of the elements once, of inactive ones too: these are kept as well.
pub(super) fn outputs(elements: &[Element]) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    let paths = elements.iter().flat_map(|element| &element.outputs).map(|output| output.path.clone());
    paths.filter(|path| seen.insert(path.clone())).collect()
}
