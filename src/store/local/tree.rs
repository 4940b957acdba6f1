//! Whole trees on disk: reading and sealing them. Depth costs memory, never stack.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};

use crate::store::StoreError;

/// Makes everything at `root` read-only and one second old, as Nix does in its store: files 0444, or 0555 if their
/// owner may run them; directories 0555; everything last changed one second after the epoch.
pub fn seal(root: &Path) -> Result<(), StoreError> {
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for (path, kind) in entries(&directory)? {
            if kind.is_dir() {
                directories.push(path);
                continue;
            }
            if kind.is_file() {
                let mode = fs::metadata(&path).map_err(at(&path))?.permissions().mode();
                set_mode(&path, if mode & 0o100 == 0 { 0o444 } else { 0o555 })?;
            }
            set_time(&path)?;
        }
        set_mode(&directory, 0o555)?;
        set_time(&directory)?;
    }
    Ok(())
}

/// Bytes of files, and number of what is no directory, in the tree at `root`.
pub fn size(root: &Path) -> Result<(u64, u64), StoreError> {
    let found = fs::symlink_metadata(root).map_err(at(root))?;
    if !found.is_dir() {
        return Ok((if found.is_file() { found.len() } else { 0 }, 1));
    }
    let (mut bytes, mut files) = (0, 0);
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for (path, kind) in entries(&directory)? {
            if kind.is_dir() {
                directories.push(path);
                continue;
            }
            files += 1;
            if kind.is_file() {
                bytes += fs::symlink_metadata(&path).map_err(at(&path))?.len();
            }
        }
    }
    Ok((bytes, files))
}

/// The entries of a directory and what they are, links not followed.
pub fn entries(directory: &Path) -> Result<Vec<(PathBuf, fs::FileType)>, StoreError> {
    fs::read_dir(directory)
        .and_then(|entries| {
            entries.map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))).collect()
        })
        .map_err(at(directory))
}

/// Names the path at which an error occurred.
pub fn at(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    |source| StoreError::Io { path: path.to_path_buf(), source }
}

fn set_mode(path: &Path, mode: u32) -> Result<(), StoreError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at(path))
}

fn set_time(path: &Path) -> Result<(), StoreError> {
    let times = Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: 1, tv_nsec: 0 },
    };
    utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::remove_tree;
    use std::os::unix::fs::{MetadataExt as _, symlink};

    #[test]
    fn a_sealed_tree_is_read_only_and_as_old_as_in_nix() {
        let root = tempfile::tempdir().unwrap();
        let tree = root.path().join("tree");
        fs::create_dir_all(tree.join("bin")).unwrap();
        fs::write(tree.join("bin/run"), "").unwrap();
        fs::set_permissions(tree.join("bin/run"), Permissions::from_mode(0o710)).unwrap();
        fs::write(tree.join("text"), "").unwrap();
        symlink("nowhere", tree.join("link")).unwrap();

        seal(&tree).unwrap();

        for (path, mode) in [("", 0o555), ("bin", 0o555), ("bin/run", 0o555), ("text", 0o444), ("link", 0o777)] {
            let metadata = fs::symlink_metadata(tree.join(path)).unwrap();
            assert_eq!((metadata.mode() & 0o7777, metadata.mtime(), metadata.mtime_nsec()), (mode, 1, 0), "{path}");
        }
        remove_tree(&tree).unwrap();
    }

    #[test]
    fn the_size_of_a_tree_is_that_of_its_files() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        fs::write(root.path().join("a/b/four"), "1234").unwrap();
        fs::write(root.path().join("two"), "12").unwrap();
        symlink("two", root.path().join("link")).unwrap();
        assert_eq!(size(root.path()).unwrap(), (6, 3));
        assert_eq!(size(&root.path().join("two")).unwrap(), (2, 1));
        assert!(size(&root.path().join("gone")).is_err());
    }

    #[test]
    fn a_tree_as_deep_as_paths_can_be_is_sealed() {
        let root = tempfile::tempdir().unwrap();
        let mut deepest = root.path().join("tree");
        fs::create_dir(&deepest).unwrap();
        for _ in 0..1500 {
            deepest.push("d");
            fs::create_dir(&deepest).unwrap();
        }
        seal(&root.path().join("tree")).unwrap();
        remove_tree(&root.path().join("tree")).unwrap();
    }
}
