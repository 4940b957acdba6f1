//! Listings kept on disk, for ever: what is in an output does not change.
//!
//! A database of `SQLite` in which each store path has a row with its [encoded](super::encoding) listing. Several programs
//! use it at once, and a write is there whole or not at all, whatever becomes of the program. It is a cache: whatever is
//! wrong with it, the program goes on without it, and a damaged one is put aside for a new one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::encoding::{decode, encode};
use crate::engine::Listing;

/// Of the tables. A database with a higher number belongs to a newer program and is left alone.
const VERSION: i32 = 1;

const TABLES: &str = "CREATE TABLE listings (path BLOB PRIMARY KEY NOT NULL, listing BLOB NOT NULL)";
const SELECT: &str = "SELECT listing FROM listings WHERE path = ?";
const INSERT: &str = "INSERT OR REPLACE INTO listings (path, listing) VALUES (?, ?)";

/// So long another program may take to write.
const BUSY: Duration = Duration::from_secs(5);

/// So often, and so long each time, another program may be waited for that makes the database or puts it aside.
const LOCK_ATTEMPTS: usize = 1000;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A cache of listings by store path.
pub struct Database {
    path: PathBuf,
    state: Mutex<State>,
}

enum State {
    /// Nothing was asked for yet.
    Closed,
    Open(Connection),
    /// It cannot be used, and this program tries no more.
    Unusable,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("a newer program keeps it")]
    Newer,
}

impl Trouble {
    /// Whether another database in its place would do better: its bytes are damaged, or its tables are not ours.
    fn is_damage(&self) -> bool {
        let Self::Sql(error) = self else { return false };
        let code = error.sqlite_error_code();
        matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown))
    }
}

impl Database {
    /// The database in this file. When it is first asked it is opened, and made with its folder if need be.
    pub fn new(path: PathBuf) -> Self {
        Self { path, state: Mutex::new(State::Closed) }
    }

    /// Gives the listings of those of `paths` that it has, as they are at one moment.
    pub fn read<'a>(&self, paths: &[&'a [u8]], found: &mut dyn FnMut(&'a [u8], Listing)) {
        self.with(&mut |connection| {
            let reading = connection.transaction()?;
            let mut query = reading.prepare(SELECT)?;
            for path in paths {
                let mut rows = query.query([path])?;
                let Some(row) = rows.next()? else { continue };
                // One that is damaged, or of another version, is as good as none; it will be written anew.
                if let Ok(listing) = decode(row.get_ref(0)?.as_blob().unwrap_or_default()) {
                    found(path, listing);
                }
            }
            Ok(())
        });
    }

    /// Keeps listings by their paths: all of them, or none if that cannot be.
    pub fn write<'a>(&self, listings: impl Iterator<Item = (&'a [u8], &'a Listing)>) {
        let encoded: Vec<_> = listings.map(|(path, listing)| (path, encode(listing))).collect();
        self.with(&mut |connection| {
            // Who begins as a reader and goes on as a writer may be refused without any wait.
            let writing = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (path, listing) in &encoded {
                writing.prepare(INSERT)?.execute((path, listing))?;
            }
            writing.commit()?;
            // So that who opens it next has nothing to go through. Where somebody reads, the next writer does it.
            connection.busy_timeout(Duration::ZERO)?;
            let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            Ok(connection.busy_timeout(BUSY)?)
        });
    }

    /// Works with the database if it can be had, and once more with a new one if it was damaged.
    fn with(&self, work: &mut dyn FnMut(&mut Connection) -> Result<(), Trouble>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..2 {
            if matches!(*state, State::Closed) {
                *state = match open(&self.path) {
                    Ok(connection) => State::Open(connection),
                    Err(trouble) if trouble.is_damage() && put_aside(&self.path).is_ok() => continue,
                    Err(_) => State::Unusable,
                };
            }
            let State::Open(connection) = &mut *state else { return };
            match work(connection) {
                Err(trouble) if trouble.is_damage() => {
                    *state = State::Closed;
                    if put_aside(&self.path).is_err() {
                        *state = State::Unusable;
                    }
                }
                // A full disk, say, or a program that writes for long: the next time it may do.
                Ok(()) | Err(_) => return,
            }
        }
    }
}

/// Opens the database, and makes what is missing of it.
fn open(path: &Path) -> Result<Connection, Trouble> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file").into());
    }
    let mut connection = connect(path)?;
    if version(&connection)? != VERSION {
        // Two that make it at once would be in each other's way.
        let _lock = lock(path)?;
        let _: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        let making = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match version(&making)? {
            0 => making.execute_batch(TABLES)?,
            VERSION => {}
            _ => return Err(Trouble::Newer),
        }
        making.pragma_update(None, "user_version", VERSION)?;
        making.commit()?;
    }
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // Who closes the database last removes the files beside it by their names. Were it put aside meanwhile, they would be
    // those of another.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // What power failure takes is fetched anew; it must only not be damaged.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

fn version(connection: &Connection) -> Result<i32, Trouble> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Gives way to a new database, unless another program has seen to that already.
fn put_aside(path: &Path) -> Result<(), Trouble> {
    let _lock = lock(path)?;
    match connect(path).and_then(|connection| is_sound(&connection)) {
        Ok(true) => return Ok(()),
        Err(Trouble::Newer) => return Err(Trouble::Newer),
        Ok(false) | Err(_) => {}
    }
    for beside in ["-wal", "-shm"] {
        match fs::remove_file(with_suffix(path, beside)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(fs::rename(path, with_suffix(path, ".damaged"))?)
}

fn is_sound(connection: &Connection) -> Result<bool, Trouble> {
    if version(connection)? > VERSION {
        return Err(Trouble::Newer);
    }
    connection.prepare(SELECT)?;
    connection.prepare(INSERT)?;
    Ok(connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))? == "ok")
}

/// Taken by who makes the database or puts it aside; given back when it is dropped.
fn lock(path: &Path) -> io::Result<File> {
    let file = File::options().create(true).append(true).open(with_suffix(path, ".lock"))?;
    for _ in 0..LOCK_ATTEMPTS {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(Errno::WOULDBLOCK | Errno::INTR) => thread::sleep(LOCK_PAUSE),
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
#[path = "database_tests.rs"]
mod tests;
