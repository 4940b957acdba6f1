//! Files as they are on disk.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{FileType, Mode, OFlags, RawDir};
use rustix::io::Errno;

use super::{Entry, EntryKind, FileError, Files, Found, path};

/// The file system itself; nothing is remembered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// Room for one read of a directory, in bytes. Most directories of packages fit, so that two calls read them.
const DIRECTORY_BUFFER: usize = 16 * 1024;

impl Files for Disk {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        let handle = rustix::fs::open(dir, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let mut buffer = Vec::with_capacity(DIRECTORY_BUFFER);
        let mut reader = RawDir::new(&handle, buffer.spare_capacity_mut());
        let mut entries = Vec::new();
        while let Some(entry) = reader.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Directory => EntryKind::Directory,
                FileType::RegularFile => EntryKind::File,
                FileType::Symlink => EntryKind::Symlink,
                FileType::Unknown => kind_of(std::fs::symlink_metadata(as_path(&path::join(dir, name)))?.file_type()),
                _ => EntryKind::Other,
            };
            entries.push(Entry { name: name.into(), kind });
        }
        Ok(entries.into())
    }

    fn find(&self, path: &[u8]) -> Result<Found, FileError> {
        let metadata = std::fs::metadata(as_path(path))?;
        let kind = kind_of(metadata.file_type());
        let size = if kind == EntryKind::Directory { 0 } else { metadata.len() };
        Ok(Found { kind, mode: metadata.mode() & 0o7777, size })
    }

    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        let mut path = path.to_vec();
        for _ in 0..=super::files::MAX_LINKS {
            match std::fs::canonicalize(as_path(&path)) {
                Ok(real) => return Ok(real.into_os_string().into_vec().into()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            // The last component is missing, or a link whose target's last component may be.
            let parent = std::fs::canonicalize(as_path(path::parent(&path)))?.into_os_string().into_vec();
            let real = path::join(&parent, path::file_name(&path));
            match std::fs::read_link(as_path(&real)) {
                Ok(target) => path = path::resolve(&parent, target.as_os_str().as_bytes()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(real.into()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(FileError::Loop)
    }

    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        match rustix::fs::readlink(path, Vec::new()) {
            Ok(target) => Ok(Some(target.into_bytes())),
            Err(Errno::INVAL) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        let mut content = Vec::new();
        open_file(path)?.read_to_end(&mut content)?;
        Ok(content)
    }

    fn open(&self, path: &[u8]) -> Result<Box<dyn Read>, FileError> {
        Ok(Box::new(open_file(path)?))
    }

    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        let (a_metadata, b_metadata) = (std::fs::metadata(as_path(a))?, std::fs::metadata(as_path(b))?);
        if (a_metadata.dev(), a_metadata.ino()) == (b_metadata.dev(), b_metadata.ino()) {
            return Ok(Some(true));
        }
        if !a_metadata.is_file() || !b_metadata.is_file() {
            return Ok(None);
        }
        Ok(Some(a_metadata.len() == b_metadata.len() && same_content(open_file(a)?, open_file(b)?)?))
    }
}

/// Opens a regular file. A pipe is refused: it would have to be waited for.
fn open_file(path: &[u8]) -> Result<File, FileError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        return Err(Errno::ISDIR.into());
    }
    if kind.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file").into())
}

fn same_content(mut a: File, mut b: File) -> io::Result<bool> {
    let (mut left, mut right) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let read = a.read(&mut left)?;
        if read == 0 {
            return Ok(b.read(&mut right[..1])? == 0);
        }
        match b.read_exact(&mut right[..read]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            other => other?,
        }
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}

fn kind_of(kind: std::fs::FileType) -> EntryKind {
    if kind.is_dir() {
        EntryKind::Directory
    } else if kind.is_file() {
        EntryKind::File
    } else if kind.is_symlink() {
        EntryKind::Symlink
    } else {
        EntryKind::Other
    }
}

fn as_path(path: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(path))
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOENT) => Self::NotFound,
            Some(Errno::NOTDIR) => Self::NotADirectory,
            Some(Errno::LOOP) => Self::Loop,
            _ => Self::Io(Arc::new(error)),
        }
    }
}

impl From<Errno> for FileError {
    fn from(error: Errno) -> Self {
        io::Error::from(error).into()
    }
}
