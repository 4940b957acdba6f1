//! The config file on disk: read as a whole, replaced as a whole.
//!
//! Two programs of ours take turns by `flock` on the folder, which leaves no file behind. An editor takes no lock, so the
//! file is read again right before it is replaced, and the change is made anew if it is another by then.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Access, FlockOperation, access, flock};
use rustix::io::{Errno, retry_on_intr};

use super::ConfigError;

/// Far more than anybody writes by hand, in bytes.
const LIMIT: u64 = 1 << 20;

/// How often a change is made anew because the file was changed meanwhile.
const TRIES: usize = 20;

/// The moments at which a kill would be seen on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    TemporaryMade,
    Replaced,
}

/// The file's bytes; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, ConfigError> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ConfigError::io(path, "read it")(error)),
    };
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a directory" } else { "no ordinary file" };
        return Err(ConfigError::NotAFile { path: path.to_owned(), what });
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes));
    read.map_err(ConfigError::io(path, "read it"))?;
    if bytes.len() as u64 > LIMIT {
        return Err(ConfigError::TooLarge { path: path.to_owned(), limit: LIMIT });
    }
    Ok(Some(bytes))
}

/// Replaces the file by what `edit` makes of its bytes; `None` leaves it as it is. `edit` is called again when somebody
/// else has changed the file meanwhile, and `after` at each step.
///
/// A link is followed. The file keeps its owner and its mode; the folder of a new one is made.
pub(super) fn change(
    path: &Path,
    mut edit: impl FnMut(Option<&[u8]>) -> Result<Option<Vec<u8>>, ConfigError>,
    mut after: impl FnMut(Step),
) -> Result<(), ConfigError> {
    for _ in 0..TRIES {
        let target = target(path)?;
        let folder = target.parent().unwrap_or(Path::new("/"));
        let lock = lock(folder)?;
        let before = read(&target)?;
        let Some(content) = edit(before.as_deref())? else { return Ok(()) };
        if before.is_some() && !may_change(&target)? {
            return Err(ConfigError::ReadOnly { path: path.to_owned(), target });
        }
        if lock.is_some() {
            remove_leftovers(&target);
        }
        let temporary = Temporary::write(&target, &content, before.is_some())?;
        after(Step::TemporaryMade);
        if read(&target)? != before {
            continue;
        }
        fs::rename(&temporary.0, &target).map_err(ConfigError::io(&target, "replace it"))?;
        // Some file systems cannot sync a directory; the file is there all the same.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        after(Step::Replaced);
        return Ok(());
    }
    Err(ConfigError::Busy { path: path.to_owned() })
}

/// The file that a path means in the end, and the folder in which it lies.
fn target(path: &Path) -> Result<PathBuf, ConfigError> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        found => return found.map_err(ConfigError::io(path, "find it")),
    }
    if let Ok(target) = fs::read_link(path) {
        return Err(ConfigError::Dangling { path: path.to_owned(), target });
    }
    let path = std::path::absolute(path).map_err(ConfigError::io(path, "find it"))?;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(ConfigError::NotAFile { path, what: "no name of a file" });
    };
    // As the XDG base directory specification wants it.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    let folder = made.and_then(|()| fs::canonicalize(folder)).map_err(ConfigError::io(folder, "make the folder"))?;
    Ok(folder.join(name))
}

/// Waits until nobody else of ours changes a file in this folder; `None` where the file system knows no locks.
fn lock(folder: &Path) -> Result<Option<File>, ConfigError> {
    let file = File::open(folder).map_err(ConfigError::io(folder, "open it"))?;
    match retry_on_intr(|| flock(&file, FlockOperation::LockExclusive)) {
        Ok(()) => Ok(Some(file)),
        // NFS locks nothing that is open for reading only.
        Err(Errno::BADF | Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(None),
        Err(error) => Err(ConfigError::io(folder, "lock it")(error.into())),
    }
}

/// Whether its owner wants it changed: root may write everything, but what is in Nix' store has no write permission.
fn may_change(target: &Path) -> Result<bool, ConfigError> {
    let mode = fs::metadata(target).map_err(ConfigError::io(target, "look at it"))?.mode();
    Ok(mode & 0o222 != 0 && access(target, Access::WRITE_OK).is_ok())
}

/// A file beside the config; removed when dropped, unless it has become the config.
struct Temporary(PathBuf);

impl Temporary {
    fn write(target: &Path, content: &[u8], replaces: bool) -> Result<Self, ConfigError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut name = temporary_prefix(target);
        name.push(format!("{}-{number}", std::process::id()));
        let temporary = Self(target.with_file_name(name));
        let written = || -> io::Result<()> {
            let mode = if replaces { 0o600 } else { 0o666 };
            let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary.0)?;
            file.write_all(content)?;
            if replaces {
                let old = fs::metadata(target)?;
                let own = file.metadata()?;
                if (old.uid(), old.gid()) != (own.uid(), own.gid()) {
                    // Root can; for others it becomes theirs, as with every editor.
                    let _ = fchown(&file, Some(old.uid()), Some(old.gid()));
                }
                file.set_permissions(fs::Permissions::from_mode(old.mode() & 0o777))?;
            }
            file.sync_all()
        };
        written().map_err(ConfigError::io(target, "write a new version beside it"))?;
        Ok(temporary)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn temporary_prefix(target: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".nix-loom-");
    name
}

/// Removes what programs left that were killed in the middle; only who has the lock may do that.
fn remove_leftovers(target: &Path) {
    use std::os::unix::ffi::OsStrExt as _;
    let prefix = temporary_prefix(target);
    let entries = target.parent().and_then(|folder| fs::read_dir(folder).ok());
    for entry in entries.into_iter().flatten().flatten() {
        if entry.file_name().as_bytes().starts_with(prefix.as_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
