//! Binary caches: beside each archive may lie a listing of what is in it, `HASH.ls`.
//!
//! | module | what it is |
//! |---|---|
//! | `place` | where a cache is, by its URL |
//! | `http` | a cache behind HTTP |
//! | `decode` | its files as they were before they were compressed |
//! | `work` | many of them at once |

mod decode;
mod http;
mod place;
mod work;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::engine::Listing;
use crate::progress::Progress;
use crate::safe;

use super::ls;
use super::{Provider, hash_of};
use decode::Encoding;
use http::Http;
use place::Place;
use work::Work;

/// How long and how much a cache may answer.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For finding a host, and for connecting to it.
    pub connect: Duration,
    /// For all of one file.
    pub total: Duration,
    /// Bytes of one file, decompressed.
    pub body: usize,
    /// Files at a time.
    pub parallel: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            // The largest listings of nixpkgs have some thirty.
            body: 256 << 20,
            parallel: 12,
        }
    }
}

/// A binary cache.
#[derive(Clone, Debug)]
pub struct Cache {
    source: Arc<Source>,
}

/// Why a file cannot be had; all texts are safe for a terminal.
#[derive(Clone, Debug)]
enum Trouble {
    /// Nor can any other.
    NoAnswer(String),
    /// This time.
    Broken(String),
    /// As long as it is what it is.
    Content(String),
}

impl Trouble {
    fn into_problem(self) -> String {
        match self {
            Self::NoAnswer(problem) | Self::Broken(problem) | Self::Content(problem) => problem,
        }
    }
}

/// Where the cache is, and what it said of itself.
#[derive(Debug)]
struct Source {
    url: String,
    place: Place,
    /// The directory of our store.
    store: PathBuf,
    limits: Limits,
    http: OnceLock<Result<Http, String>>,
    /// The directory of the store that the cache is made of; kept once it was read.
    store_of_cache: OnceLock<PathBuf>,
}

impl Cache {
    /// The cache at `url`, for outputs of the store in the directory `store`. Nothing is asked yet: what is wrong with
    /// it is told when it is asked for a listing.
    pub fn new(url: &str, store: &Path, limits: Limits) -> Self {
        let source = Source {
            url: place::shown(url),
            place: Place::parse(url),
            store: store.to_owned(),
            limits,
            http: OnceLock::new(),
            store_of_cache: OnceLock::new(),
        };
        Self { source: Arc::new(source) }
    }
}

impl Provider for Cache {
    fn name(&self) -> String {
        self.source.url.clone()
    }

    fn listings(
        &self,
        paths: &[PathBuf],
        found: &(dyn Fn(&Path, Result<Listing, String>) + Sync),
        progress: &dyn Progress,
    ) {
        Work::new(Arc::clone(&self.source), paths).run(found, progress);
    }
}

impl Source {
    /// Whether it has paths of our store at all.
    fn check(&self, is_wanted: &dyn Fn() -> bool) -> Result<(), Trouble> {
        let of_cache = match self.store_of_cache.get() {
            Some(store) => store,
            None => {
                let store = self.read_info(is_wanted)?;
                self.store_of_cache.get_or_init(|| store)
            }
        };
        if *of_cache == self.store {
            return Ok(());
        }
        let (theirs, ours) = (safe::path(of_cache), safe::path(&self.store));
        Err(Trouble::NoAnswer(format!("it is a cache of the store {theirs}, not of {ours}")))
    }

    /// Reads `nix-cache-info`, of which `StoreDir` alone is always there.
    fn read_info(&self, is_wanted: &dyn Fn() -> bool) -> Result<PathBuf, Trouble> {
        let no_cache = || Trouble::NoAnswer("it is no binary cache: there is no nix-cache-info".into());
        let info = self.read("nix-cache-info", is_wanted)?.ok_or_else(no_cache)?;
        let info = String::from_utf8_lossy(&info);
        let store = info.lines().find_map(|line| line.strip_prefix("StoreDir:"));
        store.map(|store| store.trim().into()).ok_or_else(|| {
            Trouble::NoAnswer("it is no binary cache: its nix-cache-info does not tell a StoreDir".into())
        })
    }

    /// The listing of a store path, or `None` if the cache has none.
    fn listing(&self, path: &Path, is_wanted: &dyn Fn() -> bool) -> Result<Option<Listing>, Trouble> {
        let Some(hash) = hash_of(&self.store, path) else { return Ok(None) };
        let Some(json) = self.read(&format!("{hash}.ls"), is_wanted)? else { return Ok(None) };
        ls::parse(&json).map(Some).map_err(|error| Trouble::Content(error.to_string()))
    }

    /// A file of the cache, decompressed, or `None` if it has none of that name.
    fn read(&self, name: &str, is_wanted: &dyn Fn() -> bool) -> Result<Option<Vec<u8>>, Trouble> {
        match &self.place {
            Place::Directory(directory) => read_file(&directory.join(name), self.limits.body, is_wanted)
                .map_err(|error| Trouble::Content(format!("cannot read {name}: {}", safe::text(&error.to_string())))),
            Place::Http(base) => match self.http.get_or_init(|| Http::new(base, &self.limits)) {
                Ok(http) => http.read(name, is_wanted),
                Err(problem) => Err(Trouble::NoAnswer(problem.clone())),
            },
            Place::Other => Err(Trouble::NoAnswer(
                "not supported for previews: only caches at file://, http:// and https:// are asked".into(),
            )),
        }
    }
}

/// A file of a cache in a directory; Nix writes them as they are, a mirror of another cache may have them compressed.
fn read_file(path: &Path, most: usize, is_wanted: &dyn Fn() -> bool) -> io::Result<Option<Vec<u8>>> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    // Opening what is no file could wait for ever.
    if !found.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    decode::read(File::open(path)?, Encoding::Unsaid, most, is_wanted).map(Some)
}
