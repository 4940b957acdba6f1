//! A file of ours on disk: small, read without waiting, replaced as a whole.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::retry_on_intr;

/// Far more than the screen ever writes, in bytes; no file of ours is larger.
pub const LIMIT: u64 = 4 << 20;

/// Why it could not be written. Nobody has to be told.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}", path = path.display())]
pub struct SaveError {
    path: PathBuf,
    error: io::Error,
}

/// The file's bytes; `None` if it cannot be read or is no ordinary file. A pipe keeps nobody waiting.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).ok()?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    let is_small_file = file.metadata().is_ok_and(|found| found.is_file() && found.len() <= LIMIT);
    let mut bytes = Vec::new();
    if is_small_file {
        file.take(LIMIT).read_to_end(&mut bytes).ok()?;
    }
    is_small_file.then_some(bytes)
}

/// Replaces the file by what `edit` makes of its bytes, which are `None` if it cannot be read; where that is `None`, it stays
/// as it is. Programs of ours take turns. Nobody but the user may read what was searched for.
pub(crate) fn change(path: &Path, edit: impl FnOnce(Option<&[u8]>) -> Option<Vec<u8>>) -> Result<(), SaveError> {
    replace(path, edit).map_err(|error| SaveError { path: path.to_owned(), error })
}

fn replace(path: &Path, edit: impl FnOnce(Option<&[u8]>) -> Option<Vec<u8>>) -> io::Result<()> {
    // A link stays one.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (Some(folder), Some(_)) = (target.parent(), target.file_name()) else {
        return Err(ErrorKind::InvalidFilename.into());
    };
    // As the XDG base directory specification wants it.
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let lock = File::open(folder)?;
    // Where a file system knows no locks, the worst is a lost query.
    let is_locked = retry_on_intr(|| flock(&lock, FlockOperation::LockExclusive)).is_ok();
    match fs::symlink_metadata(&target) {
        Ok(found) if !found.is_file() => return Err(io::Error::other("it is no ordinary file")),
        _ => {}
    }
    if is_locked {
        remove_leftovers(&target);
    }
    let Some(content) = edit(read(&target).as_deref()) else { return Ok(()) };
    let temporary = Temporary(temporary(&target));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary.0)?;
    file.write_all(&content)?;
    fs::rename(&temporary.0, &target)
}

/// A file beside the other; removed when dropped, unless it has become that.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn temporary(target: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let mut name = prefix(target);
    name.push(format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)));
    target.with_file_name(name)
}

fn prefix(target: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".new-");
    name
}

/// Removes what programs left that were killed in the middle; only who has the lock may do that.
fn remove_leftovers(target: &Path) {
    use std::os::unix::ffi::OsStrExt as _;
    let prefix = prefix(target);
    let entries = target.parent().and_then(|folder| fs::read_dir(folder).ok());
    for entry in entries.into_iter().flatten().flatten() {
        if entry.file_name().as_bytes().starts_with(prefix.as_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
