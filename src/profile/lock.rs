//! The lock of a profile: who changes it holds `flock` on `NAME.lock`, as `nix-env` does (semantics 6).
//!
//! Not everybody takes it (`nix profile` does not), so the link is read again right before it is switched.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::{Errno, retry_on_intr};

use super::ProfileError;

/// Held while a profile is changed; released when dropped, also by the death of the program.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// What a look at a lock tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockState {
    Free,
    /// Somebody changes the profile now.
    Held,
    /// Nobody holds it, but a program that died left its file. It does no harm.
    Left,
}

impl Lock {
    /// Looks whether somebody holds the lock of the profile whose link is `profile`; makes and removes nothing.
    pub fn look(profile: &Path) -> Result<LockState, ProfileError> {
        let path = lock_path(profile);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LockState::Free),
            Err(error) => return Err(ProfileError::io(&path, "look at the lock")(error)),
        };
        match retry_on_intr(|| flock(&file, FlockOperation::NonBlockingLockShared)) {
            Ok(()) if is_stale(&file).map_err(ProfileError::io(&path, "look at the lock"))? => Ok(LockState::Free),
            Ok(()) => Ok(LockState::Left),
            Err(Errno::WOULDBLOCK) => Ok(LockState::Held),
            Err(error) => Err(ProfileError::io(&path, "look at the lock")(error.into())),
        }
    }

    /// Takes the lock of the profile whose link is `profile`; `waiting` is called once if somebody else has it.
    pub fn acquire(profile: &Path, waiting: &dyn Fn()) -> Result<Self, ProfileError> {
        let mut has_told = false;
        loop {
            if let Some(lock) = Self::try_acquire(profile)? {
                return Ok(lock);
            }
            if !has_told {
                waiting();
                has_told = true;
            }
            let path = lock_path(profile);
            let file = open(&path)?;
            // Only to sleep until it is free: whether this file is still the lock is seen by the next try.
            retry_on_intr(|| flock(&file, FlockOperation::LockExclusive))
                .map_err(|error| ProfileError::io(&path, "lock it")(error.into()))?;
        }
    }

    /// Takes the lock, or gives `None` if somebody else has it.
    pub fn try_acquire(profile: &Path) -> Result<Option<Self>, ProfileError> {
        let path = lock_path(profile);
        loop {
            let file = open(&path)?;
            match retry_on_intr(|| flock(&file, FlockOperation::NonBlockingLockExclusive)) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(error) => return Err(ProfileError::io(&path, "lock it")(error.into())),
            }
            if !is_stale(&file).map_err(ProfileError::io(&path, "look at the lock"))? {
                return Ok(Some(Self { file, path }));
            }
        }
    }
}

impl Drop for Lock {
    /// Unlinks the file and marks it stale for those who have it open already.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        let _ = self.file.write_all(b"d");
    }
}

/// Whether its last holder has released this file: it is another one that is locked now.
///
/// A link count of 0 tells the same of a holder that died between unlinking and marking.
fn is_stale(file: &File) -> io::Result<bool> {
    let metadata = file.metadata()?;
    Ok(metadata.len() != 0 || metadata.nlink() == 0)
}

fn open(path: &Path) -> Result<File, ProfileError> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    opened.map_err(ProfileError::io(path, "open the lock"))
}

fn lock_path(profile: &Path) -> PathBuf {
    let mut path = profile.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn no_two_threads_hold_it_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().join("profile");
        let holders = AtomicU32::new(0);
        let turns = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let lock = Lock::acquire(&profile, &|| {}).unwrap();
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                        turns.fetch_add(1, Ordering::SeqCst);
                        thread::yield_now();
                        assert_eq!(holders.fetch_sub(1, Ordering::SeqCst), 1);
                        drop(lock);
                    }
                });
            }
        });
        assert_eq!(turns.into_inner(), 800);
        assert!(!dir.path().join("profile.lock").exists());
    }

    #[test]
    fn who_has_to_wait_is_told_once_and_gets_it_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().join("profile");
        let first = Lock::acquire(&profile, &|| panic!("nobody has it")).unwrap();
        assert!(Lock::try_acquire(&profile).unwrap().is_none());
        let (waits, waiting) = mpsc::channel();
        let waiter = thread::spawn(move || drop(Lock::acquire(&profile, &|| waits.send(()).unwrap()).unwrap()));
        waiting.recv().unwrap();
        drop(first);
        waiter.join().unwrap();
        assert!(waiting.recv().is_err(), "told a second time");
    }

    #[test]
    fn a_file_that_a_dead_holder_left_does_not_block() {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().join("profile");
        let lock = Lock::acquire(&profile, &|| {}).unwrap();
        assert_eq!(fs::metadata(&lock.path).unwrap().permissions().mode() & 0o777, 0o600);
        // What the kernel does when a holder dies: the descriptor is closed, the file stays, empty.
        let dead = lock.file.try_clone().unwrap();
        std::mem::forget(lock);
        rustix::fs::flock(&dead, FlockOperation::Unlock).unwrap();
        assert!(Lock::try_acquire(&profile).unwrap().is_some());
    }

    #[test]
    fn a_look_tells_who_holds_it_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().join("profile");
        assert_eq!(Lock::look(&profile).unwrap(), LockState::Free);
        assert!(!lock_path(&profile).exists());
        let lock = Lock::acquire(&profile, &|| {}).unwrap();
        assert_eq!(Lock::look(&profile).unwrap(), LockState::Held);
        drop(lock);
        fs::write(lock_path(&profile), "").unwrap();
        assert_eq!(Lock::look(&profile).unwrap(), LockState::Left);
        assert!(lock_path(&profile).exists());
    }

    #[test]
    fn a_file_that_was_released_is_not_taken_for_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().join("profile");
        let late = open(&lock_path(&profile)).unwrap();
        assert!(!is_stale(&late).unwrap());
        drop(Lock::acquire(&profile, &|| {}).unwrap());
        assert!(is_stale(&late).unwrap(), "released: marked with a byte");
        let unlinked = open(&lock_path(&profile)).unwrap();
        fs::remove_file(lock_path(&profile)).unwrap();
        assert!(is_stale(&unlinked).unwrap(), "its holder died after unlinking it");
    }
}
