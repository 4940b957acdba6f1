//! The questions that Nix is asked about a source, and its answers.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::nix::Installation;
use crate::package::{FlakeOrigin, Package};
use crate::progress::Progress;
use crate::safe;

use super::fingerprint::settings;
use super::flake::{self, Flake};
use super::record::Record;
use super::{FLAKE_ROOTS, Location, Pin, attribute, child, reason::reason};

/// What is evaluated; it holds no part of any question.
const EXPRESSION: &str = include_str!("evaluate.nix");
pub(super) const FEATURES: [&str; 2] = ["--extra-experimental-features", "nix-command flakes"];
/// Names of a set that are told where a package was meant.
const EXAMPLES: usize = 5;

/// Why there is no answer, safe for a terminal, with the way out.
#[derive(Debug)]
pub(super) struct Failure(pub String);

/// Asks Nix about one location.
pub(super) struct Evaluator {
    location: Location,
    /// What is evaluated instead of what lies there now.
    pin: Option<Pin>,
    nix: Arc<Installation>,
    /// Whether a failure is traced to its place in the file.
    is_traced: bool,
    /// A flake as it was found when it was first asked for.
    flake: Mutex<Option<Arc<Flake>>>,
}

#[derive(Deserialize)]
struct Names {
    /// Below each of the prefixes.
    names: Vec<Vec<String>>,
    r#type: String,
}

#[derive(Deserialize)]
pub(super) struct Place {
    pub system: String,
    pub place: PathBuf,
}

#[derive(Deserialize)]
struct Answer {
    /// Below which of the prefixes it was found.
    prefix: Vec<String>,
    found: Found,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Found {
    Package(Box<Record>),
    /// The names in it.
    Set(Vec<String>),
    /// The type of a value that can be no package.
    Other(String),
}

/// What a file or a flake is as a whole.
pub(super) enum Whole {
    Package(Box<Package>),
    /// The attributes of its items, in order.
    List(Vec<String>),
    Set,
    /// The type of a value that holds no package.
    Other(String),
}

#[derive(Deserialize)]
struct WholeAnswer {
    r#type: String,
    items: Vec<String>,
    package: Option<Answer>,
}

impl Evaluator {
    pub fn new(location: Location, pin: Option<Pin>, nix: Arc<Installation>) -> Self {
        Self { location, pin, nix, is_traced: false, flake: Mutex::default() }
    }

    /// One that tells of a failure where in its file that is, for who wrote the file.
    pub fn traced(self) -> Self {
        Self { is_traced: true, ..self }
    }

    /// The names of the top level; of a flake those of `packages` first.
    pub fn names(&self, what: &str, progress: &dyn Progress) -> Result<Vec<String>, Failure> {
        let mut seen = HashSet::new();
        Ok(self.roots(what, progress)?.into_iter().flatten().filter(|name| seen.insert(name.clone())).collect())
    }

    /// The names in each set whose attributes are on offer: of a file the only one, of a flake those in `packages` and
    /// those in `legacyPackages`.
    pub fn roots(&self, what: &str, progress: &dyn Progress) -> Result<Vec<Vec<String>>, Failure> {
        let question = |prefixes: &[Vec<String>]| json!({"prefixes": prefixes});
        let Names { names, r#type } = self.ask(question, what, progress)?.0;
        if r#type != "set" {
            return Err(Failure(format!("{} is {}, and no set of packages", self.location, with_article(&r#type))));
        }
        Ok(names)
    }

    /// Where a Nix file or a search path leads to now, fetched if it has to be.
    pub fn place(&self, what: &str, progress: &dyn Progress) -> Result<Place, Failure> {
        Ok(self.ask(|_| json!({"where": true}), what, progress)?.0)
    }

    /// A word for the state of all that [`Evaluator::roots`] and what is in them depend on, as long as it is certain to be
    /// another for another state: a locked flake is evaluated purely, and what is in the store does not change.
    pub fn fingerprint(&self, what: &str, progress: &dyn Progress) -> Result<Option<String>, Failure> {
        match &self.location {
            Location::Listing(_) | Location::Folder(_) => Ok(None),
            Location::Flake(reference) => {
                let flake = self.flake(reference, what, progress)?;
                Ok(flake.is_locked.then(|| format!("{} {}", flake.system, flake.url)))
            }
            Location::File(_) | Location::SearchPath(_) => {
                let Place { system, place } = self.place(what, progress)?;
                let place = fs::canonicalize(place).ok().filter(|place| place.starts_with(&self.nix.store_directory));
                let settings = settings(&self.nix, &|name| std::env::var_os(name));
                let both = place.as_deref().and_then(Path::to_str).zip(settings);
                Ok(both.map(|(place, settings)| format!("{system} {place} {settings}")))
            }
        }
    }

    pub fn is_flake(&self) -> bool {
        matches!(self.location, Location::Flake(_))
    }

    /// What each path leads to in the source of that name: a package, nothing, or something else, which is a failure of
    /// that path. Where the evaluation of one fails, there is no answer for any.
    pub fn packages(
        &self,
        paths: &[Vec<String>],
        source: &Arc<str>,
        what: &str,
        progress: &dyn Progress,
    ) -> Result<Vec<Result<Option<Package>, Failure>>, Failure> {
        self.packages_of(paths, source, false, what, progress)
    }

    /// The packages among these paths; what throws is none. Where the evaluation of one fails in another way, there is no
    /// answer for any.
    pub fn good_packages(
        &self,
        paths: &[Vec<String>],
        source: &Arc<str>,
        what: &str,
        progress: &dyn Progress,
    ) -> Result<Vec<Package>, Failure> {
        let found = self.packages_of(paths, source, true, what, progress)?;
        Ok(found.into_iter().flatten().flatten().collect())
    }

    fn packages_of(
        &self,
        paths: &[Vec<String>],
        source: &Arc<str>,
        is_lenient: bool,
        what: &str,
        progress: &dyn Progress,
    ) -> Result<Vec<Result<Option<Package>, Failure>>, Failure> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let is_root = |path: &[String]| self.is_flake() && path.len() > 1 && FLAKE_ROOTS.contains(&path[0].as_str());
        let question = |prefixes: &[Vec<String>]| {
            let below = |path: &Vec<String>| {
                let root = is_root(path).then(Vec::new);
                json!({"path": path, "prefixes": prefixes.iter().cloned().chain(root).collect::<Vec<_>>()})
            };
            json!({"paths": paths.iter().map(below).collect::<Vec<_>>(), "isLenient": is_lenient})
        };
        let (answers, flake): (Vec<Option<Answer>>, _) = self.ask(question, what, progress)?;
        let package =
            |(path, answer): (&Vec<String>, Option<Answer>)| self.package(path, answer, source, flake.as_deref());
        Ok(paths.iter().zip(answers).map(package).collect())
    }

    /// What the source of that name is as a whole; of a flake that is its default package.
    pub fn whole(&self, source: &Arc<str>, what: &str, progress: &dyn Progress) -> Result<Whole, Failure> {
        let question = |prefixes: &[Vec<String>]| json!({"whole": true, "prefixes": prefixes});
        let (WholeAnswer { r#type, items, package }, flake) = self.ask(question, what, progress)?;
        match (package, &*r#type) {
            (None, _) if self.is_flake() => {
                Err(Failure("the flake has no default package for this system (packages.SYSTEM.default)".to_owned()))
            }
            (None, "list") => {
                Ok(Whole::List(items.iter().map(|name| attribute::spelled(std::slice::from_ref(name))).collect()))
            }
            (None, "set") => Ok(Whole::Set),
            (None, _) => Ok(Whole::Other(r#type)),
            (answer, _) => {
                let package = self.package(&["default".to_owned()], answer, source, flake.as_deref())?;
                // There is an answer.
                Ok(package.map_or(Whole::Other(r#type), |package| Whole::Package(Box::new(package))))
            }
        }
    }

    fn package(
        &self,
        path: &[String],
        answer: Option<Answer>,
        source: &Arc<str>,
        flake: Option<&Flake>,
    ) -> Result<Option<Package>, Failure> {
        let Some(Answer { prefix, found }) = answer else { return Ok(None) };
        let spelled = attribute::spelled(path);
        let record = match found {
            Found::Package(record) => record,
            Found::Set(names) => return Err(Failure(no_package(&spelled, &names))),
            Found::Other(r#type) => return Err(Failure(format!("it is {}, and no package", with_article(&r#type)))),
        };
        // As `nix profile` writes it: the names joined, without quotes (observed).
        let attribute_path = [prefix.as_slice(), path].concat().join(".");
        let origin = flake.map(|flake| FlakeOrigin {
            original_url: flake.original_url.clone(),
            url: flake.url.clone(),
            attribute_path,
        });
        let store = &self.nix.store_directory;
        let package = record.into_package(spelled, Arc::clone(source), store, origin);
        let mut package =
            package.map_err(|lack| Failure(format!("this is no package that can be installed: {lack}")))?;
        if let (Some(pin), Some(evaluated)) = (&self.pin, package.evaluated.as_mut().and_then(Arc::get_mut)) {
            evaluated.pin = Some(pin.to_string());
        }
        Ok(Some(package))
    }

    /// Has the expression evaluated. The question gets the paths below which attributes are on offer.
    pub fn ask<T: DeserializeOwned>(
        &self,
        question: impl FnOnce(&[Vec<String>]) -> Value,
        what: &str,
        progress: &dyn Progress,
    ) -> Result<(T, Option<Arc<Flake>>), Failure> {
        let mut command = Self::program(&self.nix, "nix-instantiate")?;
        command.args(["--eval", "--strict", "--json", "--read-write-mode", "--expr", EXPRESSION]);
        let mut flake = None;
        let mut prefixes = vec![Vec::new()];
        // A spec knows no path that is not text.
        let (place, location) = match &self.location {
            Location::File(file) => ("file", file.to_string_lossy().into_owned()),
            Location::SearchPath(name) => ("searchPath", name.clone()),
            Location::Listing(place) => {
                return Err(Failure(format!("{place} only lists packages: nothing in it can be evaluated")));
            }
            Location::Folder(_) => {
                return Err(Failure(format!("{} is no source that Nix evaluates", self.location)));
            }
            Location::Flake(reference) => {
                let found = self.flake(reference, what, progress)?;
                command.args(FEATURES).args(["--option", "pure-eval", if found.is_locked { "true" } else { "false" }]);
                prefixes = FLAKE_ROOTS.iter().map(|root| vec![(*root).to_owned(), found.system.clone()]).collect();
                ("flake", flake.insert(found).url.clone())
            }
        };
        let mut question = question(&prefixes);
        match self.pin.as_ref().and_then(Pin::tarball) {
            Some((url, hash)) if place != "flake" => question["tarball"] = json!({"url": url, "sha256": hash}),
            _ => question[place] = location.into(),
        }
        // An argument of the expression, not a part of it: no name can become code.
        command.args(["--argstr", "request", &question.to_string()]);
        let file = match &self.location {
            Location::File(file) if self.is_traced => file.to_str(),
            _ => None,
        };
        if self.is_traced {
            command.arg("--show-trace");
        }
        Ok((self.read(&Self::output_of(command, what, file, progress)?)?, flake))
    }

    /// Has a flake locked anew when it is next asked for.
    pub fn forget(&self) {
        *self.flake.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Locks the flake, once.
    fn flake(&self, reference: &str, what: &str, progress: &dyn Progress) -> Result<Arc<Flake>, Failure> {
        let mut known = self.flake.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*known {
            return Ok(Arc::clone(known));
        }
        let reference = self.pin.as_ref().map_or(reference, Pin::reference);
        let metadata = self.metadata(reference, &[], what, progress)?;
        if let Some(pin) = &self.pin {
            metadata.is_at(pin).map_err(Failure)?;
        }
        let mut command = Self::program(&self.nix, "nix-instantiate")?;
        command.args(["--eval", "--strict", "--json", "--expr", "builtins.currentSystem"]);
        let system = self.read(&Self::output(command, what, progress)?)?;
        let flake = Arc::new(metadata.into_flake(system));
        *known = Some(Arc::clone(&flake));
        Ok(flake)
    }

    /// What Nix says of a flake, whether it is that of this source or not.
    pub(super) fn metadata(
        &self,
        reference: &str,
        options: &[&str],
        what: &str,
        progress: &dyn Progress,
    ) -> Result<flake::Metadata, Failure> {
        let mut command = Self::program(&self.nix, "nix")?;
        command
            .args(FEATURES)
            .args(["flake", "metadata", "--json", "--no-write-lock-file"])
            .args(options)
            .arg(reference);
        self.read(&Self::output(command, what, progress)?)
    }

    pub(super) fn program(nix: &Installation, name: &str) -> Result<Command, Failure> {
        let missing = || {
            let store = safe::path(&nix.store_directory);
            Failure(format!(
                "the program {name} of Nix is not on PATH, though there is a store at {store}; install Nix, or put it on PATH"
            ))
        };
        Ok(Command::new(nix.program(name).ok_or_else(missing)?))
    }

    pub(super) fn output(command: Command, what: &str, progress: &dyn Progress) -> Result<Vec<u8>, Failure> {
        Self::output_of(command, what, None, progress)
    }

    /// The same of an evaluation of `file`, to which a failure is traced.
    fn output_of(
        command: Command,
        what: &str,
        file: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Vec<u8>, Failure> {
        let program = command.get_program().to_string_lossy().into_owned();
        child::run(command, what, progress).map_err(|failure| {
            Failure(match failure {
                child::Failure::Start(error) => format!("cannot run {}: {error}", safe::text(&program)),
                child::Failure::Cancelled => "stopped".to_owned(),
                child::Failure::TooLong => "Nix did not come to an end within ten minutes and was stopped".to_owned(),
                child::Failure::TooMuch => "Nix gave more output than any package needs and was stopped".to_owned(),
                child::Failure::Failed(status, messages) => {
                    reason(&messages, file).unwrap_or_else(|| format!("Nix gave no reason, but ended with {status}"))
                }
            })
        })
    }

    pub(super) fn read<T: DeserializeOwned>(&self, output: &[u8]) -> Result<T, Failure> {
        // Nix 2.8 writes the bytes of a text as they are.
        let text = String::from_utf8_lossy(output);
        serde_json::from_str(&text).map_err(|error| {
            Failure(format!(
                "Nix answered for {} what cannot be read: {}",
                self.location,
                safe::text(&error.to_string())
            ))
        })
    }
}

/// What is said where a set was found in place of a package.
fn no_package(spelled: &str, names: &[String]) -> String {
    let Some(example) = names.first() else { return "it is an empty set, and no package".to_owned() };
    let full = format!("{spelled}.{}", attribute::spelled(std::slice::from_ref(example)));
    let names: Vec<_> = names.iter().map(|name| safe::text(name)).collect();
    let more = if names.len() > EXAMPLES { ", …" } else { "" };
    let shown = names[..names.len().min(EXAMPLES)].join(", ");
    format!("it is a set with {shown}{more}; name what you mean, such as {}", safe::text(&full))
}

/// A type of Nix in words.
pub(super) fn with_article(r#type: &str) -> String {
    match r#type {
        "null" => "null".to_owned(),
        "int" => "a number".to_owned(),
        "bool" => "a truth value".to_owned(),
        "lambda" => "a function".to_owned(),
        other => format!("a {}", safe::text(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_in_place_of_a_package_says_what_to_name() {
        let names: Vec<String> = ["a.b", "c", "d", "e", "f", "g\u{1b}"].map(String::from).into();
        assert_eq!(
            no_package("python3Packages", &names),
            "it is a set with a.b, c, d, e, f, …; name what you mean, such as python3Packages.\"a.b\""
        );
        assert_eq!(no_package("x", &[]), "it is an empty set, and no package");
    }
}
