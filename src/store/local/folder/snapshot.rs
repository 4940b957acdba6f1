//! A directory tree as it was at one moment: names, kinds, sizes and times, no contents; and copying it as it was.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::engine::{Listing, ListingBuilder, ListingError};
use crate::store::StoreError;
use crate::store::local::meter::Meter;
use crate::store::local::set::SetError;
use crate::store::local::store_path::Fingerprint;
use crate::store::local::tree::{at, entries};

/// A tree as it was when it was looked at.
pub struct Snapshot {
    root: PathBuf,
    /// Every directory stands before what is in it; the order depends on the names only.
    entries: Vec<(PathBuf, Kind)>,
}

/// An entry's kind; paths are relative to the root.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Directory,
    File(Stamp),
    Link(Vec<u8>),
}

/// What tells that a file is still the same without reading it.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    /// By its owner.
    executable: bool,
    /// Seconds and nanoseconds since the epoch.
    modified: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            executable: metadata.mode() & 0o100 != 0,
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

impl Snapshot {
    /// Looks at all that is below the directory `root`.
    pub fn take(root: PathBuf) -> Result<Self, StoreError> {
        let mut found = Vec::new();
        let mut directories = vec![PathBuf::new()];
        while let Some(directory) = directories.pop() {
            let mut children = entries(&root.join(&directory))?;
            children.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            for (path, _) in children {
                let name = path.file_name().expect("entries of a directory have names");
                let relative = directory.join(name);
                let kind = Kind::of(&path)?;
                if kind == Kind::Directory {
                    directories.push(relative.clone());
                }
                found.push((relative, kind));
            }
        }
        Ok(Self { root, entries: found })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Adds all that tells this tree from another.
    pub fn describe(&self, to: &mut Fingerprint) {
        to.bytes(self.root.as_os_str().as_bytes());
        for (path, kind) in &self.entries {
            to.bytes(path.as_os_str().as_bytes());
            match kind {
                Kind::Directory => to.number(0),
                Kind::Link(target) => to.number(1).bytes(target),
                Kind::File(Stamp { size, executable, modified: (seconds, nanoseconds) }) => {
                    to.number(2 + u64::from(*executable)).number(*size);
                    to.number(seconds.cast_unsigned()).number(nanoseconds.cast_unsigned())
                }
            };
        }
    }

    /// The listing of this tree. Nothing is known of the files' contents.
    pub fn listing(&self) -> Result<Listing, ListingError> {
        let mut listing = ListingBuilder::new();
        for (path, kind) in &self.entries {
            let name = path.as_os_str().as_bytes();
            match kind {
                Kind::Directory => listing.directory(name)?,
                Kind::Link(target) => listing.symlink(name, target)?,
                Kind::File(stamp) => listing.file(name, stamp.size, stamp.executable, None)?,
            }
        }
        Ok(listing.finish())
    }

    /// Copies the tree into `directory`, which is empty; an error if a file is no longer as it was.
    pub fn copy(&self, directory: &Path, meter: &mut Meter) -> Result<(), StoreError> {
        for (path, kind) in &self.entries {
            let to = directory.join(path);
            match kind {
                Kind::Directory => fs::create_dir(&to).map_err(at(&to))?,
                Kind::Link(target) => {
                    meter.next_file()?;
                    symlink(std::ffi::OsStr::from_bytes(target), &to).map_err(at(&to))?;
                }
                Kind::File(stamp) => {
                    meter.next_file()?;
                    copy_file(&self.root.join(path), stamp, &to)?;
                }
            }
        }
        Ok(())
    }
}

impl Kind {
    fn of(path: &Path) -> Result<Self, StoreError> {
        let metadata = fs::symlink_metadata(path).map_err(at(path))?;
        let kind = metadata.file_type();
        if kind.is_dir() {
            return Ok(Self::Directory);
        }
        if kind.is_file() {
            return Ok(Self::File(Stamp::of(&metadata)));
        }
        if kind.is_symlink() {
            return Ok(Self::Link(fs::read_link(path).map_err(at(path))?.into_os_string().into_vec()));
        }
        let kind = match () {
            () if kind.is_socket() => "socket",
            () if kind.is_fifo() => "pipe",
            () => "device",
        };
        Err(SetError::SpecialFile { path: path.to_path_buf(), kind }.into())
    }
}

/// Copies one file. The stamp is compared before and after, so a change in between is seen too.
fn copy_file(path: &Path, stamp: &Stamp, to: &Path) -> Result<(), StoreError> {
    let changed = || SetError::Changed { path: path.to_path_buf() };
    // Should a link or a pipe be there by now, it is neither followed nor waited for.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let mut from = opened.map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO) => changed().into(),
        _ => at(path)(error),
    })?;
    let is_same = |from: &File| -> Result<bool, StoreError> {
        let metadata = from.metadata().map_err(at(path))?;
        Ok(metadata.is_file() && Stamp::of(&metadata) == *stamp)
    };
    if !is_same(&from)? {
        return Err(changed().into());
    }
    let mut copy = File::create_new(to).map_err(at(to))?;
    // Between files the standard library lets the kernel copy, or share the blocks where the file system can.
    let copied = io::copy(&mut from, &mut copy).map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => at(to)(error),
        _ => at(path)(error),
    })?;
    if copied != stamp.size || !is_same(&from)? {
        return Err(changed().into());
    }
    let mode = if stamp.executable { 0o755 } else { 0o644 };
    copy.set_permissions(fs::Permissions::from_mode(mode)).map_err(at(to))
}
