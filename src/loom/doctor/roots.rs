//! Whether the generations are kept from the garbage collection of Nix' store (semantics 6).

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Report, word};
use crate::nix::Installation;
use crate::profile::Profile;
use crate::safe;

/// Findings beyond this number say nothing new.
const MAX_TOLD: usize = 10;

/// A generation's link keeps its environment if it lies below `profiles` or `gcroots` of the state directory, or if a
/// link below `gcroots` leads to it (Nix, `src/libstore/gc.cc`, `findRoots`).
pub(super) fn look(nix: &Installation, profile: &Profile, report: &mut Report) {
    const WHAT: &str = "garbage collection";
    let Ok(generations) = profile.generations() else { return };
    let generations = generations.iter().filter(|it| it.path.starts_with(&nix.store_directory) && it.path.exists());
    let generations: Vec<_> = generations.collect();
    let Ok(directory) = fs::canonicalize(profile.directory()) else { return };
    if generations.is_empty() {
        return;
    }
    let kept = ["profiles", "gcroots"].map(|name| fs::canonicalize(nix.state_directory.join(name)));
    if kept.iter().flatten().any(|kept| directory.starts_with(kept)) {
        report.ok(WHAT, format!("every generation is kept: {} is in the state directory", safe::path(&directory)));
        return;
    }
    let roots = nix.state_directory.join("gcroots");
    let targets = match targets(&roots) {
        Ok(targets) => targets,
        Err(error) => {
            let detail = format!("{}: {error}; so nobody can tell whether generations are kept", safe::path(&roots));
            report.note(WHAT, detail, "");
            return;
        }
    };
    let lost = |number: u64| {
        let link = profile.generation_link(number);
        link.file_name().is_none_or(|name| !targets.contains(&(directory.clone(), name.to_owned())))
    };
    let lost: Vec<_> = generations.iter().filter(|generation| lost(generation.number)).collect();
    if lost.is_empty() {
        report.ok(WHAT, "every generation is registered as a root");
    }
    for generation in lost.iter().take(MAX_TOLD) {
        let link = std::path::absolute(profile.generation_link(generation.number)).unwrap_or_default();
        report.problem(
            WHAT,
            format!("generation {} is no root: the next collection deletes what only it holds", generation.number),
            format!("nix-store --add-root {} --indirect --realise {}", word(&link), word(&generation.path)),
        );
    }
    if lost.len() > MAX_TOLD {
        report.problem(WHAT, format!("{} more generations are no roots either", lost.len() - MAX_TOLD), "");
    }
}

/// The places to which links below `directory` lead: a directory without links, and a name in it.
fn targets(directory: &Path) -> io::Result<HashSet<(PathBuf, OsString)>> {
    let mut targets = HashSet::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_symlink() {
                // Gone since it was listed, or leading nowhere: no root.
                let Ok(target) = fs::read_link(entry.path()) else { continue };
                let target = directory.join(target);
                let parent = target.parent().and_then(|parent| fs::canonicalize(parent).ok());
                targets.extend(parent.zip(target.file_name().map(ToOwned::to_owned)));
            }
        }
    }
    Ok(targets)
}
