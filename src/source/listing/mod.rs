//! Listings: files that tell the packages of a source without an evaluation.
//!
//! Two forms are read: `packages.json` as the channels of nixpkgs publish it, and what `nix-env -qaP --json` prints, with
//! `--meta` and `--out-path` or without. Each may be compressed with brotli. A file has hundreds of megabytes, so packages
//! are given one by one while it is read, and no more than one entry is in memory.
//!
//! | module | what it is |
//! |---|---|
//! | `input` | the file as text: unpacked, bounded, with progress |
//! | `document` | the object around the entries |
//! | `entry` | one entry made into a package on offer |
//! | `fetch` | a listing fetched by Nix |

mod document;
mod entry;
mod fetch;
mod input;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::package::Package;
use crate::progress::Progress;
use crate::safe;

use document::Document;
pub use fetch::fetch;
use input::{Form, Meter};

/// Why a listing tells nothing, or not all.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    #[error("cannot read the listing {}: {error}", safe::path(path))]
    Unreadable { path: PathBuf, error: io::Error },
    /// `problem` is safe for a terminal, as all texts in here that are not shown through [`safe`].
    #[error(
        "{}: {problem}, after {read} packages; get the file again, or make one with nix-env -qaP --json --meta",
        safe::path(path)
    )]
    Content { path: PathBuf, problem: String, read: usize },
    #[error("cannot fetch {}: {reason}", safe::text(url))]
    Fetch { url: String, reason: String },
    #[error("stopped")]
    Cancelled,
}

/// Reads the listing at `path`, JSON or brotli by its content, and gives every package in it as one of `source`.
///
/// A field of an unexpected type counts as missing, an entry that is no object is left out, and bytes that are not UTF-8
/// become U+FFFD. After an error, what was given before is a part of a listing and not to be kept: the format's version,
/// for one, may stand at the end. Progress counts bytes of the file.
pub fn read(
    path: &Path,
    source: &Arc<str>,
    each: &mut dyn FnMut(Package),
    progress: &dyn Progress,
) -> Result<(), ListingError> {
    let unreadable = |error| ListingError::Unreadable { path: path.to_owned(), error };
    // Opening what is no file could wait for ever.
    let found = fs::metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(unreadable(io::Error::other("it is no file")));
    }
    let file = fs::File::open(path).map_err(unreadable)?;
    let meter = Meter::new(format!("reading {}", safe::text(source)), found.len(), progress);
    let (form, text) = input::open(file, &meter).map_err(unreadable)?;

    let mut read = 0;
    let mut give = |package| {
        read += 1;
        each(package);
    };
    let mut json = serde_json::Deserializer::from_reader(text);
    let done = Document { source, each: &mut give, meter: &meter }.read(&mut json).and_then(|()| json.end());
    done.map_err(|error| {
        if progress.is_cancelled() {
            return ListingError::Cancelled;
        }
        ListingError::Content { path: path.to_owned(), problem: problem(&error, form, &meter), read }
    })
}

fn problem(error: &serde_json::Error, form: Form, meter: &Meter) -> String {
    match form {
        Form::Empty => "the file is empty".to_owned(),
        Form::Brotli if meter.unpacked() == 0 => {
            "this is neither a JSON object nor one that is compressed with brotli".to_owned()
        }
        Form::Brotli if error.is_io() => format!("the compressed data is damaged or cut short ({})", told(error)),
        _ if error.is_eof() => format!("the file is cut short ({})", told(error)),
        _ => told(error),
    }
}

fn told(error: &serde_json::Error) -> String {
    safe::text(&error.to_string())
}

/// Tells two contents of a file apart without reading them: its real path and, where that is not in a Nix store, whose
/// paths never change, its length, time of change in ns, and inode.
pub fn fingerprint(path: &Path) -> io::Result<String> {
    let real = path.canonicalize()?;
    let mut print = format!("{}", real.as_os_str().as_encoded_bytes().escape_ascii());
    if !is_in_store(&real) {
        let found = fs::metadata(&real)?;
        let (seconds, nanoseconds) = (found.mtime(), found.mtime_nsec());
        let _ = write!(print, " {} {seconds}.{nanoseconds:09} {}", found.len(), found.ino());
    }
    Ok(print)
}

/// Whether it is, or is in, something called `store/HASH-NAME` with a hash as Nix writes them; stores may be anywhere.
fn is_in_store(path: &Path) -> bool {
    path.ancestors().any(|place| {
        let is_in_store = place.parent().is_some_and(|parent| parent.ends_with("store"));
        let name = place.file_name().unwrap_or_default().as_encoded_bytes();
        // Base 32 in Nix' letters (`src/libutil/hash.cc`).
        let is_hash = |hash: &[u8]| hash.iter().all(|byte| b"0123456789abcdfghijklmnpqrsvwxyz".contains(byte));
        is_in_store && name.split_at_checked(32).is_some_and(|(hash, rest)| is_hash(hash) && rest.starts_with(b"-"))
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
