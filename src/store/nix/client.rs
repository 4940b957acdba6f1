//! The operations of a Nix store that this program needs (Nix, `src/libstore/daemon.cc`, `performOp`).

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::path;
use super::wire::{Reader, Request};
use super::{Connection, Endpoint, NixError};
use crate::progress::Progress;

const ADD_TO_STORE: u64 = 7;
const BUILD_PATHS: u64 = 9;
const ENSURE_PATH: u64 = 10;
const ADD_TEMP_ROOT: u64 = 11;
const ADD_INDIRECT_ROOT: u64 = 12;
const QUERY_PATH_INFO: u64 = 26;
const QUERY_VALID_PATHS: u64 = 31;
const QUERY_MISSING: u64 = 40;

/// Build what is not there; do not check or repair.
const NORMAL: u64 = 0;

/// A Nix store, through a daemon.
pub struct Client {
    connection: Connection,
    store: PathBuf,
}

/// Something that the store is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This path, from wherever it can be had; it is not built.
    Path(PathBuf),
    /// These outputs of a derivation; all of them if none is named.
    Outputs { drv: PathBuf, outputs: Vec<String> },
}

/// What would have to be done for what is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Derivations that would be built.
    pub to_build: Vec<PathBuf>,
    /// Paths that would be fetched.
    pub to_fetch: Vec<PathBuf>,
    /// What nobody knows how to get.
    pub unknown: Vec<PathBuf>,
    pub download_bytes: u64,
    pub unpacked_bytes: u64,
}

/// What the store knows about a path in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathInfo {
    pub path: PathBuf,
    /// The derivation that it was built from, if known; that one may be gone.
    pub deriver: Option<PathBuf>,
    /// The SHA-256 of its NAR, in base 16.
    pub nar_hash: String,
    /// The paths that it needs, itself among them if it names itself; sorted.
    pub references: Vec<PathBuf>,
    /// When it came into the store, in seconds since 1970.
    pub registered: u64,
    pub nar_bytes: u64,
}

/// In which form something is added to the store; its path is computed from the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// One file, as it is (`text:sha256`).
    Text,
    /// A tree, as a NAR (`fixed:r:sha256`).
    Nar,
}

impl Client {
    /// Reaches the daemon of the store whose directory is `store`.
    pub fn open(endpoint: &Endpoint, store: &Path, progress: &dyn Progress) -> Result<Self, NixError> {
        Ok(Self::new(Connection::open(endpoint, progress)?, store))
    }

    pub fn new(connection: Connection, store: &Path) -> Self {
        Self { connection, store: store.to_owned() }
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Those of `paths` that are in the store.
    pub fn valid_paths(&mut self, paths: &[PathBuf], progress: &dyn Progress) -> Result<HashSet<PathBuf>, NixError> {
        paths.iter().try_for_each(|path| self.check(path))?;
        let no_substitution = 0;
        let request = Request::new(QUERY_VALID_PATHS).list(paths).number(no_substitution);
        self.ask(&request, progress, |reader, store| Ok(reader.paths(store)?.into_iter().collect()))
    }

    /// What is known about `path`; `None` if it is not in the store.
    pub fn path_info(&mut self, path: &Path, progress: &dyn Progress) -> Result<Option<PathInfo>, NixError> {
        self.check(path)?;
        self.ask(&Request::new(QUERY_PATH_INFO).path(path), progress, |reader, store| {
            let is_valid = reader.boolean()?;
            is_valid.then(|| path_info(reader, store, path.to_owned())).transpose()
        })
    }

    /// What has to be built or fetched until `wanted` is there, with all that it needs.
    pub fn missing(&mut self, wanted: &[Wanted], progress: &dyn Progress) -> Result<Missing, NixError> {
        let request = Request::new(QUERY_MISSING).list(&self.write_wanted(wanted)?);
        self.ask(&request, progress, |reader, store| {
            Ok(Missing {
                to_build: reader.paths(store)?,
                to_fetch: reader.paths(store)?,
                unknown: reader.paths(store)?,
                download_bytes: reader.number()?,
                unpacked_bytes: reader.number()?,
            })
        })
    }

    /// Builds or fetches until `wanted` is there, with all that it needs.
    pub fn build(&mut self, wanted: &[Wanted], progress: &dyn Progress) -> Result<(), NixError> {
        let request = Request::new(BUILD_PATHS).list(&self.write_wanted(wanted)?).number(NORMAL);
        self.ask(&request, progress, acknowledged)
    }

    /// Fetches `path` if it is not there.
    pub fn ensure(&mut self, path: &Path, progress: &dyn Progress) -> Result<(), NixError> {
        self.check(path)?;
        self.ask(&Request::new(ENSURE_PATH).path(path), progress, acknowledged)
    }

    /// Keeps `path`, which need not be there yet, from the garbage collector until this client is dropped.
    pub fn add_temp_root(&mut self, path: &Path, progress: &dyn Progress) -> Result<(), NixError> {
        self.check(path)?;
        self.ask(&Request::new(ADD_TEMP_ROOT).path(path), progress, acknowledged)
    }

    /// Keeps that to which `link`, a link anywhere, leads from the garbage collector as long as it leads there.
    pub fn add_indirect_root(&mut self, link: &Path, progress: &dyn Progress) -> Result<(), NixError> {
        if !link.is_absolute() {
            return Err(NixError::NotAbsolute { path: link.to_owned() });
        }
        self.ask(&Request::new(ADD_INDIRECT_ROOT).path(link), progress, acknowledged)
    }

    /// Puts into the store what `write` writes, in the form `content`; the same again gives the same path.
    ///
    /// Nix believes `references` instead of looking for them: one that is missing is lost to the next garbage collection.
    /// All of them have to be in the store. An error of `write` closes the connection, and nothing is added.
    pub fn add(
        &mut self,
        name: &str,
        content: Content,
        references: &[PathBuf],
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        progress: &dyn Progress,
    ) -> Result<PathInfo, NixError> {
        check_name(name, "a store path")?;
        references.iter().try_for_each(|path| self.check(path))?;
        let method: &[u8] = match content {
            Content::Text => b"text:sha256",
            Content::Nar => b"fixed:r:sha256",
        };
        let no_repair = 0;
        let request = Request::new(ADD_TO_STORE).bytes(name.as_bytes()).bytes(method).list(references);
        let Self { connection, store } = self;
        connection.ask_with(&request.number(no_repair), (name, write), store, progress, |reader| {
            let path = reader.path(store)?;
            path_info(reader, store, path)
        })
    }

    fn ask<T>(
        &mut self,
        request: &Request,
        progress: &dyn Progress,
        answer: impl FnOnce(&mut Reader, &Path) -> Result<T, NixError>,
    ) -> Result<T, NixError> {
        let Self { connection, store } = self;
        connection.ask(request, store, progress, |reader| answer(reader, store))
    }

    fn check(&self, path: &Path) -> Result<(), NixError> {
        match path::parse(&self.store, path.as_os_str().as_bytes()) {
            Some(_) => Ok(()),
            None => Err(NixError::NotInStore { path: path.to_owned(), store: self.store.clone() }),
        }
    }

    /// `path`, `drv!output,output` or `drv!*`.
    fn write_wanted(&self, wanted: &[Wanted]) -> Result<Vec<OsString>, NixError> {
        let write = |wanted: &Wanted| {
            let (Wanted::Path(path) | Wanted::Outputs { drv: path, .. }) = wanted;
            self.check(path)?;
            let mut text = path.clone().into_os_string();
            if let Wanted::Outputs { outputs, .. } = wanted {
                outputs.iter().try_for_each(|output| check_name(output, "an output"))?;
                text.push("!");
                text.push(if outputs.is_empty() { "*".to_owned() } else { outputs.join(",") });
            }
            Ok(text)
        };
        wanted.iter().map(write).collect()
    }
}

fn check_name(name: &str, of: &'static str) -> Result<(), NixError> {
    if path::is_name(name) { Ok(()) } else { Err(NixError::Name { name: name.to_owned(), of }) }
}

/// A number that says nothing.
fn acknowledged(reader: &mut Reader, _: &Path) -> Result<(), NixError> {
    reader.number().map(drop)
}

/// What follows a path that is valid (Nix' `UnkeyedValidPathInfo`).
fn path_info(reader: &mut Reader, store: &Path, path: PathBuf) -> Result<PathInfo, NixError> {
    let deriver = reader.bytes()?;
    let deriver = match path::parse(store, &deriver) {
        None if !deriver.is_empty() => return Err(reader.protocol("it names a deriver that is no path of the store")),
        deriver => deriver,
    };
    let nar_hash = reader.message()?;
    let mut references = reader.paths(store)?;
    references.sort();
    let registered = reader.number()?;
    let nar_bytes = reader.number()?;
    let _is_built_here = reader.boolean()?;
    let _signatures = reader.list(Reader::bytes)?;
    let _content_address = reader.bytes()?;
    Ok(PathInfo { path, deriver, nar_hash, references, registered, nar_bytes })
}
