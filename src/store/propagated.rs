//! The packages that an output wants installed beside it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::engine::Files;

/// The file in an output that names them, divided by blanks and line ends (semantics 2.7).
pub const FILE: &str = "nix-support/propagated-user-env-packages";

/// What the output at `path` propagates, and what that propagates, each once, without itself.
pub(super) fn propagated(files: &dyn Files, path: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut seen = HashSet::from([path.to_path_buf()]);
    let mut next = vec![path.to_path_buf()];
    while let Some(path) = next.pop() {
        let text = files.read(path.join(FILE).as_os_str().as_bytes()).unwrap_or_default();
        for word in text.split(|byte| b" \n".contains(byte)).filter(|word| !word.is_empty()) {
            let path = PathBuf::from(OsStr::from_bytes(word));
            if seen.insert(path.clone()) {
                all.push(path.clone());
                next.push(path);
            }
        }
    }
    all
}
