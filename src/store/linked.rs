//! What the links of an environment tell of the packages that it was made of.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::StoreError;

/// So deep stands a link of nearly every package: `bin/x`, `share/man`, `lib/x/y`. What lies deeper costs more time
/// than it tells.
const MAX_DEPTH: usize = 3;

/// More entries than this are not looked at, so that no tree takes for ever.
const MAX_ENTRIES: usize = 100_000;

/// The paths directly in `store` to which links in the environment lead, each once; the environment's own is none.
pub(super) fn linked(store: &Path, environment: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| StoreError::Io { path, source }
    };
    let mut found = HashSet::new();
    let mut left = MAX_ENTRIES;
    let mut waiting = vec![(environment.to_owned(), 1)];
    while let Some((directory, depth)) = waiting.pop() {
        for entry in fs::read_dir(&directory).map_err(failed(&directory))?.take(left) {
            left -= 1;
            let entry = entry.map_err(failed(&directory))?;
            let kind = entry.file_type().map_err(failed(&directory))?;
            if kind.is_symlink() {
                let target = fs::read_link(entry.path()).map_err(failed(&directory))?;
                found.extend(root(store, &directory.join(target)).map(Path::to_owned));
            } else if kind.is_dir() && depth < MAX_DEPTH {
                waiting.push((entry.path(), depth + 1));
            }
        }
    }
    if let Some(own) = root(store, environment) {
        found.remove(own);
    }
    Ok(found.into_iter().collect())
}

/// The path directly in `store` in which `path` lies, or which it is. Nothing is followed.
pub fn root<'a>(store: &Path, path: &'a Path) -> Option<&'a Path> {
    let inside = path.strip_prefix(store).ok()?;
    let depth = inside.components().count().checked_sub(1)?;
    path.ancestors().nth(depth)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_root_is_the_first_part_below_the_store() {
        let of = |path| root(Path::new("/nix/store"), Path::new(path));
        assert_eq!(of("/nix/store/a-1/bin/x"), Some(Path::new("/nix/store/a-1")));
        assert_eq!(of("/nix/store/a-1"), Some(Path::new("/nix/store/a-1")));
        assert_eq!(of("/nix/store"), None);
        assert_eq!(of("/nix/storehouse/a"), None);
    }

    #[test]
    fn an_environment_shows_what_its_links_lead_to_and_not_itself() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path();
        let environment = store.join("e-env");
        fs::create_dir_all(environment.join("share/man/man1")).unwrap();
        fs::create_dir_all(environment.join("bin")).unwrap();
        symlink(store.join("a-1/bin/a"), environment.join("bin/a")).unwrap();
        symlink(store.join("a-1/bin/b"), environment.join("bin/b")).unwrap();
        symlink("a", environment.join("bin/c")).unwrap();
        symlink(store.join("b-1/lib"), environment.join("lib")).unwrap();
        symlink(store.join("c-1/share/man/man1/c.1"), environment.join("share/man/man1/c.1")).unwrap();
        symlink("/etc/passwd", environment.join("share/outside")).unwrap();
        fs::write(environment.join("manifest.json"), "").unwrap();
        let mut found = linked(store, &environment).unwrap();
        found.sort();
        assert_eq!(found, [store.join("a-1"), store.join("b-1")], "c-1 lies deeper than anything is looked for");
        assert!(linked(store, &store.join("gone")).is_err());
    }
}
