//! A plan as a tree on disk, whole or not at all.
//!
//! The tree is made beside its place under a temporary name and then renamed, so nobody ever sees half of it.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{Mode, OFlags};

use super::staging::parent;
use super::{Directory, Node, Plan, PlanError, Staging};

/// Why an environment could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("{count} collisions block the environment")]
    Blocked { count: usize },
    #[error(transparent)]
    Problem(#[from] PlanError),
    #[error("{} exists already", crate::safe::path(path))]
    Exists { path: PathBuf },
    #[error("{}: {source}", crate::safe::path(path))]
    Io { path: PathBuf, source: io::Error },
}

/// Makes the plan's tree at `out`, which must not exist; its parent must.
///
/// On any error nothing is left at `out`; what a killed process left beside it is removed by the next call.
pub fn write(plan: &Plan, out: &Path) -> Result<(), WriteError> {
    let failed = |source| WriteError::Io { path: out.to_owned(), source };
    Staging::sweep(parent(out));
    let staging = Staging::beside(out).map_err(failed)?;
    write_into(plan, staging.path())?;
    staging.publish(out).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => WriteError::Exists { path: out.to_owned() },
        _ => failed(source),
    })
}

/// Makes the plan's tree in `top`, which must be an empty directory. After an error, part of it may be there.
pub fn write_into(plan: &Plan, top: &Path) -> Result<(), WriteError> {
    if let Some(problem) = plan.problems.first() {
        return Err(problem.clone().into());
    }
    match plan.blocking().count() {
        0 => fill(plan, top),
        count => Err(WriteError::Blocked { count }),
    }
}

fn fill(plan: &Plan, top: &Path) -> Result<(), WriteError> {
    let directories = plan.directories_by_path();
    let failed = |path: &[u8], errno: rustix::io::Errno| WriteError::Io {
        path: top.join(OsStr::from_bytes(path)),
        source: errno.into(),
    };
    let handle = open_directory(rustix::fs::CWD, top.as_os_str().as_bytes()).map_err(|errno| failed(b"", errno))?;
    for (path, _) in &directories[1..] {
        rustix::fs::mkdirat(&handle, &**path, Mode::from_raw_mode(0o755)).map_err(|errno| failed(path, errno))?;
    }
    // Each thread takes whole directories: two threads in one directory would wait for each other's lock.
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), WriteError> {
        while let Some((path, directory)) = directories.get(next.fetch_add(1, Ordering::Relaxed)) {
            let inner;
            let handle = if path.is_empty() {
                &handle
            } else {
                inner = open_directory(&handle, path).map_err(|errno| failed(path, errno))?;
                &inner
            };
            fill_directory(directory, handle).map_err(|(name, errno)| failed(&super::path::join(path, name), errno))?;
        }
        Ok(())
    };
    let threads = if plan.links() < 256 { 1 } else { std::thread::available_parallelism().map_or(1, Into::into) };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let panicked = "writing a directory does not panic";
        others.into_iter().map(|other| other.join().expect(panicked)).fold(mine, Result::and)
    })
}

fn fill_directory<'a>(directory: &'a Directory, handle: &OwnedFd) -> Result<(), (&'a [u8], rustix::io::Errno)> {
    for (name, node) in &directory.entries {
        let made = match node {
            Node::Directory(_) => Ok(()),
            Node::Link(target) => rustix::fs::symlinkat(target.to_vec(), handle, &**name),
            Node::File(content) => write_file(handle, name, content),
        };
        made.map_err(|errno| (&**name, errno))?;
    }
    Ok(())
}

/// A plain file, on disk before the tree is published: after a power cut it must not be empty.
fn write_file(directory: &OwnedFd, name: &[u8], content: &[u8]) -> rustix::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = fs::File::from(rustix::fs::openat(directory, name, flags, Mode::from_raw_mode(0o644))?);
    let written = io::Write::write_all(&mut &file, content).and_then(|()| file.sync_all());
    written.map_err(|error| rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO))
}

fn open_directory(at: impl std::os::fd::AsFd, path: &[u8]) -> rustix::io::Result<OwnedFd> {
    let path = if path.is_empty() { b"." } else { path };
    rustix::fs::openat(at, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}
