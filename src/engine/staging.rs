//! A directory under a temporary name, beside the place where it will be once it is whole.
//!
//! It is held with a lock. A staging directory that nobody holds was left by a process that was killed; the next one
//! for the same place removes it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, RenameFlags};

/// Removed with all that is in it when dropped, unless it was published.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    /// Held open for its lock.
    handle: Option<File>,
}

impl Staging {
    /// Makes one for `place`, whose parent directory must exist, and removes stale ones of the same place.
    pub fn beside(place: &Path) -> io::Result<Self> {
        let name = place.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let parent = parent(place);
        let prefix = prefix(name);
        sweep(parent, &prefix)?;
        loop {
            static COUNT: AtomicU64 = AtomicU64::new(0);
            let mut name = prefix.clone();
            name.push(format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
            let path = parent.join(name);
            match fs::create_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other?,
            }
            // A sweep may have seen the directory before it was locked, and have removed it.
            if let Ok(handle) = File::open(&path)
                && rustix::fs::flock(&handle, FlockOperation::NonBlockingLockExclusive).is_ok()
                && path.exists()
            {
                return Ok(Self { path, handle: Some(handle) });
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
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
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

fn parent(place: &Path) -> &Path {
    match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `.NAME.staging-`; hidden, so that no listing of packages takes it for one.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".staging-");
    prefix
}

/// Removes what killed processes left behind.
fn sweep(parent: &Path, prefix: &OsStr) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.file_name().as_bytes().starts_with(prefix.as_bytes())
            && let Ok(handle) = File::open(entry.path())
            && rustix::fs::flock(&handle, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            remove_tree(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a tree, read-only directories too. No recursion of ours: `remove_dir_all` keeps to open directories.
pub fn remove_tree(top: &Path) -> io::Result<()> {
    match fs::remove_dir_all(top) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(top)?;
            fs::remove_dir_all(top)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn make_writable(top: &Path) -> io::Result<()> {
    let mut waiting = vec![top.to_owned()];
    while let Some(directory) = waiting.pop() {
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755))?;
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    Ok(())
}
