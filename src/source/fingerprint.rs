//! What else than its files the listing of a source depends on: the settings of nixpkgs.

use std::fmt::Write as _;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::nix::{Installation, Variables};

use super::search_path;

/// More files are no settings.
const MAX_FILES: usize = 1000;

/// The state of the files in which nixpkgs looks for its settings and overlays (`pkgs/top-level/impure.nix`), by their
/// names, lengths and times, and of what they may import from beside them. `None` if that cannot be told.
pub(super) fn settings(nix: &Installation, variable: &Variables) -> Option<String> {
    let home = variable("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let folders = home.iter().flat_map(|home| [home.join(".config/nixpkgs"), home.join(".nixpkgs")]);
    let named = variable("NIXPKGS_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let overlays = match search_path::find(&search_path::entries(nix, variable), "nixpkgs-overlays") {
        Some(search_path::Target::Address(_)) => return None,
        Some(search_path::Target::Path(path)) => Some(path),
        None => None,
    };
    let mut hash = Sha256::new();
    let mut left = MAX_FILES;
    for place in folders.chain(named).chain(overlays) {
        add(&place, &mut hash, &mut left)?;
    }
    // Lets packages be evaluated that else are refused.
    for name in ["ALLOW_BROKEN", "ALLOW_UNFREE", "ALLOW_INSECURE", "ALLOW_UNSUPPORTED_SYSTEM"] {
        add_text(variable(&format!("NIXPKGS_{name}")).unwrap_or_default().as_bytes(), &mut hash);
    }
    let mut state = String::new();
    for byte in hash.finalize() {
        // A text takes whatever is written.
        let _ = write!(state, "{byte:02x}");
    }
    Some(state)
}

/// A file or a folder with all that is in it; links are followed, and where they lead counts as well.
fn add(place: &Path, hash: &mut Sha256, left: &mut usize) -> Option<()> {
    *left = left.checked_sub(1)?;
    add_text(place.as_os_str().as_bytes(), hash);
    let Ok(found) = fs::metadata(place) else {
        add_text(b"nothing", hash);
        return Some(());
    };
    add_text(fs::canonicalize(place).ok()?.as_os_str().as_bytes(), hash);
    if !found.is_dir() {
        add_text(&state(&found), hash);
        return Some(());
    }
    let entries = fs::read_dir(place).ok()?.take(MAX_FILES).map(|entry| entry.map(|it| it.path()));
    let mut entries = entries.collect::<Result<Vec<_>, _>>().ok()?;
    entries.sort();
    entries.iter().try_for_each(|entry| add(entry, hash, left))
}

fn state(found: &Metadata) -> Vec<u8> {
    [found.size().cast_signed(), found.mtime(), found.mtime_nsec()].iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// With its length, so that no two lists of texts are the same bytes.
fn add_text(text: &[u8], hash: &mut Sha256) {
    hash.update(text.len().to_le_bytes());
    hash.update(text);
}

#[cfg(test)]
#[path = "fingerprint_tests.rs"]
mod tests;
