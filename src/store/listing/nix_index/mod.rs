//! The database that nix-index makes: the files of every package of nixpkgs, as they were when it was made.
//!
//! `NIXI`, the version 1 as 64 bits (the low byte first), and one zstd stream of lines ([`frcode`]): the files of a store
//! path, then a line that tells which store path they are of ([`record`]). It is read from beginning to end each time.

mod frcode;
mod record;

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::engine::Listing;
use crate::progress::{Progress, Step};
use crate::safe;

use super::Provider;
use frcode::{Line, Lines, damaged};
use record::{Block, Footer};

pub use record::FileKind;

const MAGIC: &[u8; 4] = b"NIXI";
const VERSION: u64 = 1;
/// The line of a store path.
const FOOTER: &[u8] = b"p";
/// Bytes of the paths of one package; the largest have some ten million.
const MAX_BLOCK: usize = 256 << 20;
/// Most files that [`NixIndex::find`] gives.
const MAX_FOUND: usize = 1000;
const CHUNK: usize = 256 << 10;
/// How often progress is told until the end.
const STEPS: u64 = 100;

/// A database on disk.
#[derive(Clone, Debug)]
pub struct NixIndex {
    file: PathBuf,
}

/// What is wrong with a database. `problem` is safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the nix-index database {}: {problem}; make it anew with nix-index", safe::path(file))]
pub struct NixIndexError {
    pub file: PathBuf,
    pub problem: String,
}

/// A file that the database has; in the order in which it is of use: outputs of attributes before what is only referred to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexedFile {
    /// Not an output of `attribute`, but of something that it refers to.
    pub is_only_referred_to: bool,
    pub attribute: String,
    pub output: String,
    /// The store path that holds it.
    pub store_path: PathBuf,
    /// Relative to that.
    pub path: Box<[u8]>,
    pub kind: FileKind,
}

impl NixIndex {
    /// The user's database, if there is one: `files` in the directory that `NIX_INDEX_DATABASE` names, else in
    /// `$XDG_CACHE_HOME/nix-index`, as for nix-locate.
    pub fn of_user(variables: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let folder = |name: &str| variables(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = || {
            // Relative ones do not count (XDG Base Directory Specification).
            let cache = folder("XDG_CACHE_HOME").filter(|cache| cache.is_absolute());
            cache.or_else(|| Some(folder("HOME")?.join(".cache"))).map(|cache| cache.join("nix-index"))
        };
        let file = folder("NIX_INDEX_DATABASE").or_else(cache)?.join("files");
        fs::symlink_metadata(&file).is_ok().then_some(Self { file })
    }

    /// The database in this file.
    pub fn at(file: PathBuf) -> Self {
        Self { file }
    }

    /// The files at `path` in their outputs (`bin/jq`, `/README`), or those of that name anywhere if there is no slash in
    /// it; sorted, and no more than a thousand.
    pub fn find(&self, path: &[u8], progress: &dyn Progress) -> Result<Vec<IndexedFile>, NixIndexError> {
        let is_name = !path.contains(&b'/');
        let wanted = [b"/", path.strip_prefix(b"/").unwrap_or(path)].concat();
        let is_wanted = |path: &[u8]| if is_name { path.ends_with(&wanted) } else { path == wanted };
        let mut found = BTreeSet::new();
        let mut here: Vec<(Box<[u8]>, FileKind)> = Vec::new();
        let read = self.read(progress, &mut |line| {
            match line {
                Record::File(line) if is_wanted(line.path) && here.len() < MAX_FOUND => {
                    let (kind, _) = record::meta(line.meta).ok_or_else(|| damaged("a file of no known kind"))?;
                    here.push((line.path[1..].into(), kind));
                }
                Record::File(_) => {}
                Record::Package(_) if here.is_empty() => {}
                Record::Package(footer) => {
                    let (store_path, origin) = (footer.path(), footer.origin);
                    found.extend(here.drain(..).map(|(path, kind)| IndexedFile {
                        is_only_referred_to: !origin.is_top_level,
                        attribute: origin.attribute.clone(),
                        output: origin.output.clone(),
                        store_path: store_path.clone(),
                        path,
                        kind,
                    }));
                    while found.len() > MAX_FOUND {
                        found.pop_last();
                    }
                }
            }
            Ok(true)
        });
        read.map_err(|error| self.error(&error))?;
        Ok(found.into_iter().collect())
    }

    /// Gives every line to `each`, until that says that it is enough.
    fn read(&self, progress: &dyn Progress, each: &mut dyn FnMut(Record<'_>) -> io::Result<bool>) -> io::Result<()> {
        let found = fs::metadata(&self.file)?;
        // Opening what is no file could wait for ever.
        if !found.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mut file = Metered { file: File::open(&self.file)?, done: 0, told: 0, total: found.len(), progress };
        let mut header = [0; 12];
        file.read_exact(&mut header)?;
        let (magic, version) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(damaged("it does not begin as one"));
        }
        if version != VERSION.to_le_bytes() {
            return Err(damaged("it is of another version than 1, which alone is known"));
        }
        let mut lines = Lines::new(BufReader::with_capacity(CHUNK, zstd::Decoder::new(file)?));
        let mut is_between = true;
        while let Some(line) = lines.next()? {
            is_between = line.meta == FOOTER;
            let record = if is_between {
                Record::Package(Footer::read(line.path).map_err(|_| damaged("a line that tells no package"))?)
            } else {
                Record::File(line)
            };
            if !each(record)? {
                return Ok(());
            }
        }
        if is_between { Ok(()) } else { Err(damaged("it is cut short within a package")) }
    }

    fn error(&self, error: &io::Error) -> NixIndexError {
        let problem = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it is cut short".to_owned(),
            _ => safe::text(&error.to_string()),
        };
        NixIndexError { file: self.file.clone(), problem }
    }
}

/// The whole listings of the store paths that the database has: the very paths, never another build of the same package.
impl Provider for NixIndex {
    fn name(&self) -> String {
        "nix-index".into()
    }

    fn listings(
        &self,
        paths: &[PathBuf],
        found: &(dyn Fn(&Path, Result<Listing, String>) + Sync),
        progress: &dyn Progress,
    ) {
        let mut wanted: HashSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
        if wanted.is_empty() {
            return;
        }
        let mut block = Block::default();
        let read = self.read(progress, &mut |record| {
            match record {
                Record::File(_) if block.len() > MAX_BLOCK => {
                    return Err(damaged("a package with more files than any can have"));
                }
                Record::File(line) => block.push(line.meta, line.path),
                Record::Package(footer) => {
                    if let Some(path) = wanted.take(footer.path().as_path()) {
                        let listing = block.listing().map_err(|problem| {
                            let problem = NixIndexError { file: self.file.clone(), problem: safe::text(&problem) };
                            problem.to_string()
                        });
                        if let Some(listing) = listing.transpose() {
                            found(path, listing);
                        }
                    }
                    block.clear();
                }
            }
            Ok(!wanted.is_empty())
        });
        if let Err(error) = read
            && !progress.is_cancelled()
        {
            let problem = self.error(&error).to_string();
            wanted.iter().for_each(|path| found(path, Err(problem.clone())));
        }
    }
}

/// What comes in a database.
enum Record<'a> {
    File(Line<'a>),
    /// The files since the one before are of this.
    Package(Footer),
}

/// The file, with progress, and until nobody wants it any more.
struct Metered<'a> {
    file: File,
    done: u64,
    told: u64,
    total: u64,
    progress: &'a dyn Progress,
}

impl Read for Metered<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_cancelled() {
            return Err(io::Error::other("stopped"));
        }
        let read = self.file.read(to)?;
        self.done += read as u64;
        if self.done - self.told > self.total / STEPS {
            self.told = self.done;
            let what = "reading the nix-index database".into();
            self.progress.step(Step { what, done: self.done, total: self.total });
        }
        Ok(read)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
