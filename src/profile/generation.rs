//! The generations of a profile: `NAME` → `NAME-N-link` → an environment in the store.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Contents, Element, ProfileError, manifest};
use crate::safe;

/// Most links followed on the way to a profile, as in Linux.
const MAX_LINKS: usize = 40;

/// No profile was ever changed so often; a link with a higher number is somebody's joke, and none of its generations.
const HIGHEST: u64 = u64::MAX / 2;

/// One numbered environment of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    pub number: u64,
    pub current: bool,
    /// mtime of the generation's link.
    pub created: SystemTime,
    /// The environment in the store.
    pub path: PathBuf,
}

/// A profile: its link, beside which the links of its generations and its lock lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    link: PathBuf,
}

impl Profile {
    /// The profile at `link`, which need not exist yet. A link to a profile, such as `~/.nix-profile`, is followed.
    pub fn at(mut link: PathBuf) -> Self {
        // Without a slash at the end, which would lead through the link.
        link = link.components().collect();
        for _ in 0..MAX_LINKS {
            let Ok(target) = fs::read_link(&link) else { break };
            let target = link.with_file_name("").join(target);
            let leads_to_a_directory = fs::symlink_metadata(&target).is_ok_and(|found| !found.is_symlink());
            if leads_to_a_directory || is_generation(&target) {
                break;
            }
            link = target;
        }
        Self { link }
    }

    /// The profile's own link.
    pub fn link(&self) -> &Path {
        &self.link
    }

    /// What the link says, unresolved; `None` before the first generation.
    pub fn target(&self) -> Result<Option<PathBuf>, ProfileError> {
        match fs::read_link(&self.link) {
            Ok(target) => Ok(Some(target)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidInput => {
                Err(ProfileError::NotALink { path: self.link.clone() })
            }
            Err(error) => Err(ProfileError::io(&self.link, "read the link")(error)),
        }
    }

    /// The number of the current generation; `None` if there is none, or if the link leads elsewhere.
    pub fn current(&self) -> Result<Option<u64>, ProfileError> {
        Ok(self.target()?.and_then(|target| self.number_of_target(&target)))
    }

    /// The environment that is current; `None` before the first generation.
    pub fn environment(&self) -> Result<Option<PathBuf>, ProfileError> {
        let Some(target) = self.target()? else { return Ok(None) };
        let target = self.directory().join(target);
        let environment = match fs::read_link(&target) {
            Ok(environment) => self.directory().join(environment),
            // The link leads to an environment without a generation between.
            Err(error) if error.kind() == ErrorKind::InvalidInput => target,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(ProfileError::Dangling { link: self.link.clone(), path: target });
            }
            Err(error) => return Err(ProfileError::io(&target, "read the link")(error)),
        };
        self.checked(environment).map(Some)
    }

    /// All generations, sorted by number.
    pub fn generations(&self) -> Result<Vec<Generation>, ProfileError> {
        let directory = self.directory();
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ProfileError::io(directory, "list the generations")(error)),
        };
        let current = self.current()?;
        let mut generations = Vec::new();
        for entry in entries {
            let entry = entry.map_err(ProfileError::io(directory, "list the generations"))?;
            let Some(number) = self.number_of(&entry.file_name()) else { continue };
            let link = entry.path();
            // Gone since it was listed, or no link: not ours.
            let Ok(target) = fs::read_link(&link) else { continue };
            let created = fs::symlink_metadata(&link).and_then(|link| link.modified());
            generations.push(Generation {
                number,
                current: current == Some(number),
                created: created.map_err(ProfileError::io(&link, "look at the link"))?,
                path: directory.join(target),
            });
        }
        generations.sort_by_key(|generation| generation.number);
        Ok(generations)
    }

    /// The generation with this number.
    pub fn generation(&self, number: u64) -> Result<Generation, ProfileError> {
        let generations = self.generations()?;
        let numbers = generations.iter().map(|generation| generation.number).collect();
        let found = generations.into_iter().find(|generation| generation.number == number);
        found.ok_or_else(|| ProfileError::NoGeneration { profile: self.link.clone(), number, numbers })
    }

    /// The largest number below the current one, to roll back to.
    pub fn previous(&self) -> Result<u64, ProfileError> {
        let generations = self.generations()?;
        let current = generations.iter().position(|generation| generation.current);
        let before = current.and_then(|at| generations[..at].last());
        before
            .map(|generation| generation.number)
            .ok_or_else(|| ProfileError::NoPrevious { profile: self.link.clone() })
    }

    /// What is there now; `None` before the first generation. An environment without a manifest that is no package
    /// either is an error.
    pub fn contents(&self) -> Result<Option<Contents>, ProfileError> {
        self.environment()?.map(|environment| manifest::read(&environment)).transpose()
    }

    /// What is in the generation with this number.
    pub fn contents_of(&self, number: u64) -> Result<Contents, ProfileError> {
        manifest::read(&self.checked(self.generation(number)?.path)?)
    }

    /// What is in a generation that was listed.
    pub fn contents_at(&self, generation: &Generation) -> Result<Contents, ProfileError> {
        manifest::read(&self.checked(generation.path.clone())?)
    }

    /// What is installed now; nothing before the first generation.
    pub fn elements(&self) -> Result<Vec<Element>, ProfileError> {
        Ok(self.contents()?.map(|contents| contents.elements).unwrap_or_default())
    }

    /// What is installed in the generation with this number.
    pub fn elements_of(&self, number: u64) -> Result<Vec<Element>, ProfileError> {
        Ok(self.contents_of(number)?.elements)
    }

    /// The directory of the profile's links.
    pub fn directory(&self) -> &Path {
        match self.link.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// The file name of the profile's link.
    pub fn name(&self) -> &OsStr {
        self.link.file_name().unwrap_or_default()
    }

    /// `environment`, if it is there.
    pub(super) fn checked(&self, environment: PathBuf) -> Result<PathBuf, ProfileError> {
        match fs::metadata(&environment) {
            Ok(_) => Ok(environment),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(ProfileError::Dangling { link: self.link.clone(), path: environment })
            }
            Err(error) => Err(ProfileError::io(&environment, "look at the environment")(error)),
        }
    }

    fn number_of_target(&self, target: &Path) -> Option<u64> {
        let parent = target.parent()?;
        let is_beside = parent.as_os_str().is_empty() || parent == self.directory();
        self.number_of(target.file_name()?).filter(|_| is_beside)
    }

    /// Whether something of that name beside the profile is, or would be taken for, a part of it.
    pub fn has_name(&self, file_name: &OsStr) -> bool {
        let name = file_name.as_bytes();
        let of_lock = name.strip_suffix(b".lock") == Some(self.name().as_bytes());
        let of_switch = self.temporary_link().file_name() == Some(file_name);
        file_name == self.name() || self.number_of(file_name).is_some() || of_lock || of_switch
    }

    /// The number in `NAME-N-link`, for exactly this profile's name.
    pub(super) fn number_of(&self, file_name: &OsStr) -> Option<u64> {
        let rest = file_name.as_bytes().strip_prefix(self.name().as_bytes())?.strip_prefix(b"-")?;
        number(rest.strip_suffix(b"-link")?)
    }
}

/// Whether `path` is named like a generation of some profile.
fn is_generation(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    let before = name.strip_suffix(b"-link").unwrap_or_default();
    before.rsplit(|&byte| byte == b'-').next().and_then(number).is_some() && before.contains(&b'-')
}

/// A number as Nix writes it: digits alone, no leading zero.
fn number(digits: &[u8]) -> Option<u64> {
    let is_canonical = digits.iter().all(u8::is_ascii_digit) && (digits.len() == 1 || digits.first() != Some(&b'0'));
    safe::json(digits).parse().ok().filter(|&number| is_canonical && number <= HIGHEST)
}
