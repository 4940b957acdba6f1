//! A directory under a temporary name, beside the place where it will be once it is whole.
//!
//! It is held with a lock (`flock`), which the kernel releases when the program ends, however it ends. So a staging
//! directory that nobody holds was left by a killed program, and [`Staging::sweep`] removes it.

use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, Mode, OFlags, RenameFlags, flock};
use rustix::io::Errno;

/// How the names begin; hidden, so that no listing of packages takes one for a package.
const PREFIX: &str = ".nix-loom-staging-";

/// Removed with all that is in it when dropped, unless it was published.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    /// Held open for its lock; `None` once it is published.
    handle: Option<File>,
}

impl Staging {
    /// Makes one in the parent directory of `place`, which must exist.
    pub fn beside(place: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = parent(place).join(format!("{PREFIX}{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                // A process of the same number died here, or lives in another container.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other?,
            }
            match hold(&path) {
                Ok(handle) if path.exists() => return Ok(Self { path, handle: Some(handle) }),
                // A sweep saw the directory before it was locked, and has removed it, or is about to.
                Ok(_) | Err(Errno::NOENT | Errno::WOULDBLOCK) => {}
                // It would be the same with the next one.
                Err(error) => {
                    let _ = fs::remove_dir(&path);
                    return Err(error.into());
                }
            }
        }
    }

    /// Removes what killed programs left in `directory`. What cannot be removed (another user's, say) stays: to tidy up
    /// is never what was asked for.
    pub fn sweep(directory: &Path) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.file_name().as_bytes().starts_with(PREFIX.as_bytes())
                && let Ok(_handle) = hold(&entry.path())
            {
                let _ = remove_tree(&entry.path());
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the directory its place. [`io::ErrorKind::AlreadyExists`] if that is taken; then it is removed.
    pub fn publish(mut self, place: &Path) -> io::Result<()> {
        let cwd = rustix::fs::CWD;
        match rustix::fs::renameat_with(cwd, &self.path, cwd, place, RenameFlags::NOREPLACE) {
            // The file system cannot refuse to replace. A plain rename replaces at most an empty directory.
            Err(Errno::INVAL | Errno::NOSYS) => {
                if place.symlink_metadata().is_ok() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                fs::rename(&self.path, place)?;
            }
            other => other?,
        }
        self.handle = None;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.handle.is_some() {
            // Nothing to be done about a failure here: the next staging of this place tries again.
            let _ = remove_tree(&self.path);
        }
    }
}

/// Opens and locks a directory. Not anything else: to open a pipe would be to wait for somebody to write into it.
fn hold(directory: &Path) -> rustix::io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = File::from(rustix::fs::open(directory, flags, Mode::empty())?);
    flock(&handle, FlockOperation::NonBlockingLockExclusive)?;
    Ok(handle)
}

/// The directory of a path, `.` for a bare name.
pub(super) fn parent(place: &Path) -> &Path {
    match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Removes a tree, read-only directories too. Nothing there is no error.
///
/// Neither the stack nor the number of open files limits how deep the tree may be.
pub fn remove_tree(top: &Path) -> io::Result<()> {
    match fs::symlink_metadata(top) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if !found.is_dir() => return fs::remove_file(top),
        Ok(_) => {}
    }
    let mut directories = vec![top.to_owned()];
    let mut next = 0;
    while next < directories.len() {
        fs::set_permissions(&directories[next], fs::Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(&directories[next])? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                directories.push(entry.path());
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        next += 1;
    }
    directories.iter().rev().try_for_each(fs::remove_dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn what_is_dropped_is_removed_and_what_is_published_stays() {
        let top = tempfile::tempdir().unwrap();
        let place = top.path().join("place");
        let dropped = Staging::beside(&place).unwrap();
        fs::write(dropped.path().join("file"), "").unwrap();
        drop(dropped);
        assert_eq!(names(top.path()), 0);
        let published = Staging::beside(&place).unwrap();
        fs::write(published.path().join("file"), "").unwrap();
        published.publish(&place).unwrap();
        assert!(place.join("file").exists());
        assert_eq!(names(top.path()), 1);
    }

    #[test]
    fn a_taken_place_is_left_as_it_is() {
        let top = tempfile::tempdir().unwrap();
        let place = top.path().join("place");
        fs::create_dir(&place).unwrap();
        let error = Staging::beside(&place).unwrap().publish(&place).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(names(top.path()), 1);
    }

    #[test]
    fn a_sweep_removes_what_a_killed_program_left_and_nothing_that_is_held() {
        let top = tempfile::tempdir().unwrap();
        let stale = top.path().join(format!("{PREFIX}0-0"));
        fs::create_dir_all(stale.join("read-only")).unwrap();
        fs::write(stale.join("read-only/file"), "").unwrap();
        fs::set_permissions(stale.join("read-only"), fs::Permissions::from_mode(0o555)).unwrap();
        let held = Staging::beside(&top.path().join("place")).unwrap();
        fs::create_dir(top.path().join("else")).unwrap();
        Staging::sweep(top.path());
        assert!(!stale.exists());
        assert!(held.path().exists() && top.path().join("else").exists());
        Staging::sweep(&top.path().join("missing"));
    }

    #[test]
    fn removing_nothing_is_no_error_and_a_link_is_not_followed() {
        let top = tempfile::tempdir().unwrap();
        remove_tree(&top.path().join("nothing")).unwrap();
        fs::create_dir(top.path().join("kept")).unwrap();
        std::os::unix::fs::symlink("kept", top.path().join("link")).unwrap();
        remove_tree(&top.path().join("link")).unwrap();
        assert_eq!(names(top.path()), 1);
    }

    #[test]
    fn a_tree_as_deep_as_paths_can_be_is_removed() {
        let top = tempfile::tempdir().unwrap();
        let tree = top.path().join("tree");
        fs::create_dir_all(tree.join("d/".repeat(1900))).unwrap();
        remove_tree(&tree).unwrap();
        assert!(!tree.exists());
    }
}
