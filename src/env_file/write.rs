//! Puts an environment file where it was asked for: the whole file or nothing, and never over another without leave.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::safe;

/// Nix takes no longer names for paths.
const MAX_NAME: usize = 211;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something has that name, be it a file, a folder or a link.
    #[error("{} is there already", safe::path(.0))]
    Exists(PathBuf),
    #[error("{} names no file", safe::path(.0))]
    NoFile(PathBuf),
    #[error("{}: it cannot be written: {error}", safe::path(path))]
    Failed { path: PathBuf, error: io::Error },
}

/// Whether an environment can be called so: Nix takes it as the name of a store path, in all its versions.
pub fn is_name(name: &str) -> bool {
    let is_fine = |it: char| it.is_ascii_alphanumeric() || "+-._?=".contains(it);
    (1..=MAX_NAME).contains(&name.len()) && !name.starts_with('.') && name.chars().all(is_fine)
}

/// Writes the whole file or nothing. What is there is replaced only with `is_over`; a link is not followed then.
pub fn write(out: &Path, text: &str, is_over: bool) -> Result<(), WriteError> {
    let failed = |error| WriteError::Failed { path: out.to_owned(), error };
    let mut name = out.file_name().ok_or_else(|| WriteError::NoFile(out.to_owned()))?.to_owned();
    if !is_over && fs::symlink_metadata(out).is_ok() {
        return Err(WriteError::Exists(out.to_owned()));
    }
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = Temporary(out.with_file_name(name));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary.0).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    if is_over {
        return fs::rename(&temporary.0, out).map_err(failed);
    }
    // Unlike a rename, this fails where somebody else has made the file meanwhile.
    fs::hard_link(&temporary.0, out).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => WriteError::Exists(out.to_owned()),
        _ => failed(error),
    })
}

/// A file that goes when it is no longer needed.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_over_only_with_leave_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a_env.nix");
        write(&out, "one", false).unwrap();
        let refused = write(&out, "two", false).unwrap_err().to_string();
        assert!(refused.ends_with("a_env.nix is there already"), "{refused}");
        assert_eq!(fs::read_to_string(&out).unwrap(), "one");
        write(&out, "three", true).unwrap();
        assert_eq!(fs::read_to_string(&out).unwrap(), "three");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_told_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let told = write(&folder.path().join("no/such/folder.nix"), "", false).unwrap_err().to_string();
        assert!(told.contains("no/such/folder.nix: it cannot be written: No such file"), "{told}");
        assert!(matches!(write(Path::new("/"), "", true), Err(WriteError::NoFile(_))));
    }

    #[test]
    fn names_are_those_that_a_store_takes() {
        for name in ["a", "my_env-1.0+x?=", "A"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".a", "a b", "a/b", "é", "a\n", &"a".repeat(212)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
