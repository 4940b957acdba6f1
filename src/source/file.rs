//! A Nix file or a flake that is looked at as a whole: the environment that it is, the package, or the packages in it.
//!
//! What it offers as attributes: `default` is the package that it is, `paths.NAME` is one that an environment takes, and of
//! a set or a list it is what is in it.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::nix::Installation;
use crate::package::{EvaluationError, Obstacle, Package};
use crate::progress::Progress;
use crate::safe;

use super::build_env::{Environment, PATHS};
use super::evaluator::{Failure, with_article};
use super::{FLAKE_ROOTS, Location, NixSource, Spec, attribute, evaluator};

/// No file that somebody wrote is longer.
const MAX_BYTES: u64 = 16 << 20;
/// Packages that a set may hold and be an environment; what has more is a source to choose from.
const MAX_PACKAGES: usize = 500;

/// What a file holds.
#[derive(Clone, Debug)]
pub enum Held {
    /// One package, and what it takes if it is an environment.
    Package {
        package: Box<Package>,
        environment: Option<Arc<Environment>>,
    },
    /// The attributes of its items, in order.
    List(Vec<String>),
    Set,
}

/// A file or a flake. All methods may be called from any thread; they wait for Nix.
pub struct FileSource {
    source: NixSource,
    held: Mutex<Option<Held>>,
}

impl FileSource {
    /// Of a file, its folder if that has a `default.nix`, or a flake. `name` is what its packages say they come from. Looks
    /// whether there is something to read, and starts nothing; the error says what is wrong, safe for a terminal.
    pub fn open(name: &str, file: &Path, nix: Arc<Installation>) -> Result<Self, String> {
        let location = Location::of_path(file)?;
        match &location {
            Location::File(file) => look_at(file)?,
            Location::Flake(folder) => look_at(&Path::new(folder).join("flake.nix"))?,
            Location::SearchPath(_) | Location::Listing(_) | Location::Folder(_) => {
                return Err("it is no Nix file".to_owned());
            }
        }
        let spec = Spec { name: name.to_owned(), location, listing: None, pin: None };
        let source = NixSource::new(spec, nix).traced();
        Ok(Self { source, held: Mutex::default() })
    }

    /// Of a flake at this address, which is what its packages say that they come from. Starts nothing.
    pub fn of_flake(address: &str, nix: Arc<Installation>) -> Self {
        let location = Location::Flake(address.to_owned());
        let spec = Spec { name: address.to_owned(), location, listing: None, pin: None };
        Self { source: NixSource::new(spec, nix), held: Mutex::default() }
    }

    /// What the file holds, evaluated when it is asked for first.
    pub fn held(&self, progress: &dyn Progress) -> Result<Held, EvaluationError> {
        let mut known = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = known.as_ref().filter(|held| held.is_there()) {
            return Ok(held.clone());
        }
        let name = self.source.name();
        let what = format!("evaluating {}", safe::text(name));
        let read = || {
            let held = match self.source.evaluator.whole(name, &what, progress)? {
                evaluator::Whole::List(items) => Held::List(items),
                evaluator::Whole::Set => Held::Set,
                evaluator::Whole::Other(kind) => {
                    let kind = with_article(&kind);
                    return Err(Failure(format!(
                        "it is {kind}; what can be installed is a package, such as buildEnv makes, a list or a set of them"
                    )));
                }
                evaluator::Whole::Package(package) => {
                    let derivation = package.evaluated.as_ref().map(|it| it.derivation.clone()).unwrap_or_default();
                    let environment = Environment::load(&derivation, name).map_err(Failure)?;
                    Held::Package { package, environment: environment.map(Arc::new) }
                }
            };
            Ok(held)
        };
        let held = read().map_err(|failure| self.source.error("", failure))?;
        Ok(known.insert(held).clone())
    }

    /// The package of an attribute; `None` if there is no such attribute.
    pub fn package(&self, attribute: &str, progress: &dyn Progress) -> Result<Option<Package>, EvaluationError> {
        let Some(path) = attribute::parse(attribute) else { return Ok(None) };
        let is_of_flake = self.source.flake.is_some() && path.len() > 1 && FLAKE_ROOTS.contains(&&*path[0]);
        if is_of_flake {
            return self.source.package(attribute, progress);
        }
        match self.held(progress)? {
            Held::List(_) | Held::Set => self.source.package(attribute, progress),
            Held::Package { package, .. } if path == ["default"] => Ok(Some(*package)),
            Held::Package { environment: Some(environment), .. } if path[0] == PATHS => {
                let spelled = attribute::spelled(&path);
                Ok(environment.packages.iter().find(|package| package.attribute == spelled).cloned())
            }
            Held::Package { .. } => Ok(None),
        }
    }

    /// Evaluates attributes in one go, as [`NixSource::prepare`] does.
    pub fn prepare(&self, attributes: &[&str], progress: &dyn Progress) {
        if let Ok(Held::List(_) | Held::Set) = self.held(progress) {
            self.source.prepare(attributes, progress);
        }
    }

    /// The packages of a set, and what in it is none and why; those of a list, all of which have to be good.
    pub fn packages(&self, progress: &dyn Progress) -> Result<(Vec<Package>, Vec<String>), EvaluationError> {
        let (attributes, notes) = match self.held(progress)? {
            Held::List(items) => (items, Vec::new()),
            Held::Set => self.attributes(progress)?,
            Held::Package { package, .. } => return Ok((vec![*package], Vec::new())),
        };
        if attributes.len() > MAX_PACKAGES {
            let why = format!(
                "it holds over {MAX_PACKAGES} packages, to choose from; --source NAME={} offers them",
                safe::text(self.source.name())
            );
            return Err(self.source.error("", Failure(why)));
        }
        self.source.prepare(&attributes.iter().map(String::as_str).collect::<Vec<_>>(), progress);
        let mut packages = Vec::new();
        for attribute in attributes {
            packages.extend(self.source.package(&attribute, progress)?);
        }
        Ok((packages, notes))
    }

    /// What is a package in a set, and what fails there.
    fn attributes(&self, progress: &dyn Progress) -> Result<(Vec<String>, Vec<String>), EvaluationError> {
        let (mut attributes, mut notes) = (Vec::new(), Vec::new());
        let mut each = |package: Package| match package.obstacles.first() {
            Some(Obstacle::Failed(why)) => {
                notes.push(format!("{}: {}", safe::text(&package.attribute), safe::text(why)));
            }
            _ => attributes.push(package.attribute),
        };
        self.source.list(&mut each, progress)?;
        Ok((attributes, notes))
    }
}

impl Held {
    /// Whether what it was evaluated to is still in the store, where garbage may have been collected since.
    fn is_there(&self) -> bool {
        match self {
            Self::Package { package, .. } => package.evaluated.as_ref().is_some_and(|it| it.derivation.exists()),
            Self::List(_) | Self::Set => true,
        }
    }
}

/// Whether there is a text that Nix can read: it would wait for ever at a pipe, and tells of other things in its own words.
fn look_at(file: &Path) -> Result<(), String> {
    let file = if file.is_dir() { file.join("default.nix") } else { file.to_owned() };
    let cannot = |error: std::io::Error| format!("it cannot be read: {error}");
    let found = fs::metadata(&file).map_err(cannot)?;
    if !found.is_file() {
        return Err("it is no file".to_owned());
    }
    if found.len() > MAX_BYTES {
        return Err(format!("it is no Nix file that somebody wrote: it has over {} MB", MAX_BYTES >> 20));
    }
    let mut bytes = Vec::new();
    fs::File::open(&file).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)).map_err(cannot)?;
    let Err(error) = std::str::from_utf8(&bytes) else { return Ok(()) };
    let lines = bytes[..error.valid_up_to()].split(|&byte| byte == b'\n').count();
    Err(format!("it is not UTF-8, so it is no text: look at line {lines}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_told_before_nix_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let problem = |name: &str| look_at(&at(name)).unwrap_err();
        assert!(problem("gone.nix").starts_with("it cannot be read: No such file"));
        fs::write(at("a.nix"), b"{ }\n# \xff").unwrap();
        assert_eq!(problem("a.nix"), "it is not UTF-8, so it is no text: look at line 2");
        fs::File::create(at("huge.nix")).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert!(problem("huge.nix").ends_with("it has over 16 MB"));
        std::os::unix::net::UnixListener::bind(at("socket.nix")).unwrap();
        assert_eq!(problem("socket.nix"), "it is no file");
        fs::write(at("b.nix"), "{ }").unwrap();
        assert_eq!(look_at(&at("b.nix")), Ok(()));
    }
}
