//! A real Nix store behind the trait [`Store`].

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::files::NixFiles;
use super::session::{NixSession, asked};
use super::{Client, Endpoint, NixError};
use crate::engine::{EntryKind, Files, Listing};
use crate::nix::{Access, Installation};
use crate::progress::{Progress, Step};
use crate::store::listing::{Known, Unlisted};
use crate::store::{self, Missing, Session, Store, StoreError, Wanted};

/// So long the store may take to answer what only it has to look up. Whoever waits wants to go on.
const PATIENCE: Duration = Duration::from_secs(10);

/// So long it may ask the caches that it is configured with.
const PATIENCE_WITH_CACHES: Duration = Duration::from_mins(2);

/// No output has more entries that are counted.
const MAX_ENTRIES: u64 = 1_000_000;

/// How the store is reached, if it can be.
enum Reach {
    By(Endpoint),
    NoDaemon { socket: PathBuf },
    Unsupported { remote: String },
}

/// The store of a Nix on this machine.
pub struct NixStore {
    directory: PathBuf,
    reach: Reach,
    files: NixFiles,
    /// A connection for questions, kept from one to the next.
    idle: Mutex<Option<Client>>,
    /// Of the Nix that answered.
    version: OnceLock<String>,
    sizes: Mutex<HashMap<PathBuf, (u64, u64)>>,
    /// What the store told of its paths; it tells the same of a path for as long as that is there.
    recorded: Mutex<HashMap<PathBuf, Recorded>>,
}

/// What the store has recorded of a path.
#[derive(Clone)]
struct Recorded {
    bytes: u64,
    references: Arc<[PathBuf]>,
}

impl NixStore {
    /// The store of this installation; `directory` is where its paths lie, and `known` tells what is in those that are not
    /// here. Nothing is started or asked yet: what is installed can be read without a daemon.
    pub fn new(nix: &Installation, directory: PathBuf, known: Known) -> Self {
        let access = match &nix.access {
            Access::Direct => match nix.program("nix-daemon") {
                Some(program) => Reach::By(Endpoint::Program { program, environment: Vec::new() }),
                None => Reach::NoDaemon { socket: nix.state_directory.join("daemon-socket/socket") },
            },
            Access::Daemon { socket } => Reach::By(Endpoint::Socket(socket.clone())),
            Access::Unsupported { remote } => Reach::Unsupported { remote: remote.clone() },
        };
        Self {
            reach: access,
            files: NixFiles::new(&directory, known),
            directory,
            idle: Mutex::default(),
            version: OnceLock::new(),
            sizes: Mutex::default(),
            recorded: Mutex::default(),
        }
    }

    pub(super) fn connect(&self, progress: &dyn Progress) -> Result<Client, StoreError> {
        let endpoint = match &self.reach {
            Reach::By(endpoint) => endpoint,
            Reach::NoDaemon { socket } => return Err(StoreError::NoDaemon { socket: socket.clone() }),
            Reach::Unsupported { remote } => return Err(StoreError::Remote { remote: remote.clone() }),
        };
        let client = Client::open(endpoint, &self.directory, progress)?;
        let _ = self.version.set(client.connection().nix_version().to_owned());
        Ok(client)
    }

    /// Asks the store, on a connection that is kept if nothing went wrong.
    fn ask<T>(
        &self,
        patience: Duration,
        question: impl FnOnce(&mut Client, &dyn Progress) -> Result<T, NixError>,
    ) -> Result<T, StoreError> {
        let limit = Limit(Instant::now() + patience);
        let lock = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // A daemon that was started again has closed it.
        let kept = lock().take().and_then(|mut kept| kept.valid_paths(&[], &limit).is_ok().then_some(kept));
        let given_up = |error: StoreError| match error {
            StoreError::Cancelled => StoreError::Silent { seconds: patience.as_secs() },
            error => error,
        };
        let mut client = match kept {
            Some(client) => client,
            None => self.connect(&limit).map_err(given_up)?,
        };
        let answer = question(&mut client, &limit).map_err(|error| given_up(error.into()))?;
        *lock() = Some(client);
        Ok(answer)
    }

    /// Bytes of files and number of what is no directory.
    fn measure(&self, path: &Path) -> Option<(u64, u64)> {
        use std::os::unix::ffi::OsStrExt as _;
        let (mut bytes, mut files, mut left) = (0, 0, MAX_ENTRIES);
        let mut waiting = vec![path.as_os_str().as_bytes().to_vec()];
        if path.symlink_metadata().ok()?.is_file() {
            return Some((path.symlink_metadata().ok()?.len(), 1));
        }
        while let Some(directory) = waiting.pop() {
            for entry in self.files.read_dir(&directory).ok()?.iter() {
                left = u64::checked_sub(left, 1)?;
                let path = [&directory[..], b"/", &entry.name].concat();
                match entry.kind {
                    EntryKind::Directory => waiting.push(path),
                    EntryKind::File => {
                        bytes += self.files.find(&path).ok()?.size;
                        files += 1;
                    }
                    EntryKind::Symlink | EntryKind::Other => files += 1,
                }
            }
        }
        Some((bytes, files))
    }
}

impl Store for NixStore {
    fn describe(&self) -> String {
        let is_behind_daemon = matches!(self.reach, Reach::By(Endpoint::Socket(_)));
        let version = self.version.get().map(|version| format!(" {version}")).unwrap_or_default();
        format!("Nix{version}{}", if is_behind_daemon { " daemon" } else { "" })
    }

    fn directory(&self) -> &Path {
        &self.directory
    }

    fn files(&self) -> &dyn Files {
        &self.files
    }

    fn learn(&self, paths: &[PathBuf], progress: &dyn Progress) -> Vec<Unlisted> {
        let is_away = |path: &&PathBuf| {
            store::root(&self.directory, path) == Some(path.as_path()) && path.symlink_metadata().is_err()
        };
        let away: Vec<PathBuf> = paths.iter().filter(is_away).cloned().collect();
        let unlisted = self.files.known().learn(&away, progress);
        self.files.look_again();
        unlisted
    }

    fn foresee(&self, path: &Path, listing: Arc<Listing>) {
        self.files.known().foresee(path, listing);
        self.files.look_again();
    }

    fn missing(&self, wanted: &[Wanted]) -> Result<Missing, StoreError> {
        let is_gone = |wanted: &&Wanted| wanted.path.symlink_metadata().is_err();
        let asked: Vec<_> = wanted.iter().filter(is_gone).map(asked).collect();
        if asked.is_empty() {
            return Ok(Missing::default());
        }
        let missing = self.ask(PATIENCE_WITH_CACHES, |client, progress| client.missing(&asked, progress))?;
        Ok(Missing {
            fetch: missing.to_fetch,
            build: missing.to_build,
            unknown: missing.unknown,
            download_bytes: missing.download_bytes,
            unpacked_bytes: missing.unpacked_bytes,
        })
    }

    fn size(&self, path: &Path) -> Option<(u64, u64)> {
        let known =
            |sizes: &Mutex<HashMap<_, _>>| sizes.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        if let Some(size) = known(&self.sizes) {
            return Some(size);
        }
        // One that is not here may come at any time; to sum up its listing is quick.
        if let Some(listing) = self.files.listing(path) {
            return Some(listing.size());
        }
        let size = self.measure(path)?;
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), size);
        Some(size)
    }

    fn references(&self, environment: &Path) -> Result<Vec<PathBuf>, StoreError> {
        let root = store::root(&self.directory, environment).unwrap_or(environment);
        let info = self.ask(PATIENCE, |client, progress| client.path_info(root, progress))?;
        let found: HashSet<_> = info.into_iter().flat_map(|info| info.references).collect();
        Ok(found.into_iter().filter(|path| path != root).collect())
    }

    fn closure(&self, path: &Path) -> Result<Option<Vec<(PathBuf, u64)>>, StoreError> {
        let root = store::root(&self.directory, path).unwrap_or(path).to_owned();
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        if !recorded.contains_key(&root) {
            self.ask(PATIENCE, |client, progress| record(client, &root, &mut recorded, progress))?;
        }
        let mut closure = Vec::new();
        let mut seen = HashSet::from([&root]);
        let mut waiting = vec![&root];
        while let Some(path) = waiting.pop() {
            let Some(Recorded { bytes, references }) = recorded.get(path) else { return Ok(None) };
            closure.push((path.clone(), *bytes));
            waiting.extend(references.iter().filter(|path| seen.insert(path)));
        }
        Ok(Some(closure))
    }

    fn facts(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.ask(PATIENCE, |client, progress| {
            client.valid_paths(&[], progress)?;
            let connection = client.connection();
            let trust = match connection.is_trusted() {
                Some(true) => "yes",
                Some(false) => "no; it need not",
                None => "it does not say",
            };
            Ok(vec![
                ("Nix that answers".to_owned(), connection.nix_version().to_owned()),
                ("protocol".to_owned(), connection.version().to_string()),
                ("trusts this user".to_owned(), trust.to_owned()),
            ])
        })
    }

    fn session(&self, progress: &dyn Progress) -> Result<Box<dyn Session + '_>, StoreError> {
        Ok(Box::new(NixSession::new(self.connect(progress)?, &self.files)))
    }
}

/// Asks for what is recorded of `root` and of all that it needs, as far as that was not asked for before.
fn record(
    client: &mut Client,
    root: &Path,
    recorded: &mut HashMap<PathBuf, Recorded>,
    progress: &dyn Progress,
) -> Result<(), NixError> {
    let mut new = HashMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(path) = waiting.pop() {
        if recorded.contains_key(&path) || new.contains_key(&path) {
            continue;
        }
        let Some(info) = client.path_info(&path, progress)? else { return Ok(()) };
        waiting.extend(info.references.iter().cloned());
        new.insert(path, Recorded { bytes: info.nar_bytes, references: info.references.into() });
    }
    // All of it or nothing, so that what is recorded is never a part of a closure.
    recorded.extend(new);
    Ok(())
}

/// Gives up at a certain time.
struct Limit(Instant);

impl Progress for Limit {
    fn step(&self, _: Step) {}

    fn is_cancelled(&self) -> bool {
        Instant::now() > self.0
    }
}
