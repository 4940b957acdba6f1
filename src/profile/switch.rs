//! Making a generation current. At every moment the profile's link leads to the old generation or to the new one.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Lock, Profile, ProfileError};

/// The moments at which a kill would be seen on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    GenerationMade,
    TemporaryMade,
    Switched,
}

/// Registers the generation's link at that path as a root of the store's garbage collection.
pub type AddRoot<'a> = dyn FnMut(&Path) -> Result<(), Box<dyn Error + Send + Sync>> + 'a;

/// A profile that nobody else who takes its lock can change; `nix profile` takes none.
#[derive(Debug)]
pub struct LockedProfile<'a> {
    profile: &'a Profile,
    _lock: Lock,
}

impl Profile {
    /// Takes the profile's lock; `waiting` is called if another program has it. The directory of the profile is made if
    /// it is not there.
    pub fn lock(&self, waiting: &dyn Fn()) -> Result<LockedProfile<'_>, ProfileError> {
        let directory = self.directory();
        fs::create_dir_all(directory).map_err(ProfileError::io(directory, "make the directory of the profile"))?;
        Ok(LockedProfile { profile: self, _lock: Lock::acquire(self.link(), waiting)? })
    }
}

impl LockedProfile<'_> {
    pub(super) fn profile(&self) -> &Profile {
        self.profile
    }

    /// Makes `environment` the current generation; returns its number and whether it is a new one.
    ///
    /// The number is the highest there is plus one, or that highest itself if it leads to `environment` already.
    /// `expected` is what the link said ([`Profile::target`]) when planning began: if it says something else by now,
    /// nothing is done and the error is [`ProfileError::Changed`]. `add_root` is called with the generation's link before
    /// the switch.
    pub fn switch_to_new(
        &self,
        environment: &Path,
        expected: Option<&Path>,
        add_root: &mut AddRoot,
    ) -> Result<(u64, bool), ProfileError> {
        self.profile.switch(environment, expected, add_root, &mut |_| {})
    }

    /// Makes the generation with this number current.
    pub fn switch_to(&self, number: u64) -> Result<(), ProfileError> {
        let generation = self.profile.generation(number)?;
        self.profile.checked(generation.path)?;
        if generation.current {
            return Ok(());
        }
        let before = self.profile.target()?;
        self.profile.point_at(number, before.as_deref(), &mut |_| {})
    }
}

impl Profile {
    fn switch(
        &self,
        environment: &Path,
        expected: Option<&Path>,
        add_root: &mut AddRoot,
        after: &mut dyn FnMut(Step),
    ) -> Result<(u64, bool), ProfileError> {
        let has_manifest = |name: &str| fs::symlink_metadata(environment.join(name)).is_ok();
        if !has_manifest("manifest.json") && !has_manifest("manifest.nix") {
            return Err(ProfileError::NoManifest { path: environment.to_owned() });
        }
        self.check_unchanged(expected)?;

        let highest = self.generations()?.pop();
        if let Some(highest) = highest.as_ref().filter(|highest| highest.path == environment) {
            if !highest.current {
                self.point_at(highest.number, expected, after)?;
            }
            return Ok((highest.number, false));
        }
        let number = self.make_generation(highest.map_or(1, |highest| highest.number + 1), environment)?;
        after(Step::GenerationMade);
        let link = self.generation_link(number);
        let root = add_root(&link).map_err(|source| ProfileError::Root { link: link.clone(), source });
        if let Err(error) = root.and_then(|()| self.point_at(number, expected, after)) {
            let _ = fs::remove_file(link);
            return Err(error);
        }
        Ok((number, true))
    }

    /// Links the first free number from `number` on to `environment`; a link is made whole or not at all, and what
    /// has that name already is never overwritten.
    fn make_generation(&self, mut number: u64, environment: &Path) -> Result<u64, ProfileError> {
        loop {
            let link = self.generation_link(number);
            match symlink(environment, &link) {
                Ok(()) => return Ok(number),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(ProfileError::io(&link, "make the generation's link")(error)),
            }
        }
    }

    /// Replaces the profile's link by one to the generation `number`, in one step.
    fn point_at(&self, number: u64, expected: Option<&Path>, after: &mut dyn FnMut(Step)) -> Result<(), ProfileError> {
        let generation = self.generation_link(number);
        let temporary = self.temporary_link();
        // One that a killed program left behind; the lock says that nobody uses it.
        let _ = fs::remove_file(&temporary);
        symlink(generation.file_name().unwrap_or_default(), &temporary)
            .map_err(ProfileError::io(&temporary, "make a link"))?;
        after(Step::TemporaryMade);
        let switched = self.sync().and_then(|()| self.check_unchanged(expected)).and_then(|()| {
            fs::rename(&temporary, self.link()).map_err(ProfileError::io(self.link(), "switch the link"))
        });
        if let Err(error) = switched {
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
        after(Step::Switched);
        self.sync()
    }

    fn check_unchanged(&self, expected: Option<&Path>) -> Result<(), ProfileError> {
        if self.target()?.as_deref() == expected {
            return Ok(());
        }
        Err(ProfileError::Changed { profile: self.link().to_owned() })
    }

    /// Brings the directory's names to the disk: the generation's before the switch, the switch after it.
    fn sync(&self) -> Result<(), ProfileError> {
        let directory = self.directory();
        let synced = fs::File::open(directory).and_then(|directory| directory.sync_all());
        match synced {
            // Some file systems cannot; then there is nothing more to be done.
            Err(error) if is_unsupported(&error) => Ok(()),
            result => result.map_err(ProfileError::io(directory, "write it to the disk")),
        }
    }

    /// The link of the generation with this number, which need not exist.
    pub fn generation_link(&self, number: u64) -> PathBuf {
        let mut name = self.name().to_owned();
        name.push(format!("-{number}-link"));
        self.link().with_file_name(name)
    }

    pub(super) fn temporary_link(&self) -> PathBuf {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.name());
        name.push(".nix-loom-new");
        self.link().with_file_name(name)
    }
}

impl Profile {
    /// Names in the profile's directory that programs which were killed left there: our own half of a switch, and
    /// those of Nix (`.N_NAME`, `src/libutil/file-system.cc`), for this profile and its generations. They do no harm.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let own = self.temporary_link();
        let is_left = |name: &[u8]| {
            let of_nix = || {
                let rest = name.strip_prefix(b".")?;
                let at = rest.iter().position(|&byte| byte == b'_').filter(|&at| at > 0)?;
                let target = OsStr::from_bytes(&rest[at + 1..]);
                let is_ours = target == self.name() || self.number_of(target).is_some();
                Some(rest[..at].iter().all(u8::is_ascii_digit) && is_ours)
            };
            own.file_name().is_some_and(|own| own.as_bytes() == name) || of_nix() == Some(true)
        };
        let entries = fs::read_dir(self.directory()).into_iter().flatten().flatten();
        let mut left: Vec<_> =
            entries.filter(|it| is_left(it.file_name().as_bytes())).map(|entry| entry.path()).collect();
        left.sort();
        left
    }
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported)
}

#[cfg(test)]
#[path = "switch_tests.rs"]
mod tests;
