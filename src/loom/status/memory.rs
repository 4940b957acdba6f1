//! Remembering the files that a profile was made from or written to. Nothing of this may fail what it is a part of: what
//! cannot be remembered is a warning.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};

use super::ask::{elements_of, whole_element};
use super::difference::Sides;
use crate::loom::import::Imported;
use crate::loom::{Export, ExportFile, Loom, LoomError};
use crate::profile::{Change, Element, Relation, RememberedFile, Said, Transaction, Written};
use crate::progress::Silent;
use crate::safe;

/// A larger text is none of an environment file, in bytes.
const MOST_TEXT: u64 = 16 << 20;

/// The attribute of a file that is one package.
const WHOLE: &str = "default";

/// Why there is no text.
pub(super) enum Trouble {
    Gone,
    Unreadable(String),
}

/// A hash of a file's text; of a folder that of what Nix reads of it.
pub(super) fn text_hash(path: &Path) -> Result<String, Trouble> {
    Ok(Sha256::digest(text(path)?).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}")))
}

/// A file's text, as far as it is one of ordinary size.
pub(super) fn text(path: &Path) -> Result<Vec<u8>, Trouble> {
    let told = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Trouble::Gone,
        _ => Trouble::Unreadable(format!("{}: it cannot be read: {error}", safe::path(path))),
    };
    let file = match fs::metadata(path).map_err(told)?.is_dir() {
        false => path.to_owned(),
        true if path.join("flake.nix").exists() => path.join("flake.nix"),
        true => path.join("default.nix"),
    };
    // Opening a pipe would wait for somebody to write into it.
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
    let open = OpenOptions::new().read(true).custom_flags(flags).open(&file).map_err(told)?;
    let mut text = Vec::new();
    let is_file = open.metadata().map_err(told)?.is_file();
    if is_file {
        open.take(MOST_TEXT + 1).read_to_end(&mut text).map_err(told)?;
    }
    if !is_file || text.len() as u64 > MOST_TEXT {
        let what = if is_file { "it is too large for an environment file" } else { "it is no ordinary file" };
        return Err(Trouble::Unreadable(format!("{}: {what}", safe::path(path))));
    }
    Ok(text)
}

/// Whether a file says the same twice.
pub(super) fn is_same(one: &[Element], other: &[Element]) -> bool {
    Sides::new(one, other).differences(&|_| false).is_empty()
}

/// What a file says, as far as it says it: which priority an environment has as one element is the profile's affair.
pub(super) fn as_related(relation: Relation, mut said: Vec<Element>, installed: &[Element]) -> Vec<Element> {
    if relation == Relation::Whole {
        let given: Vec<i64> = Sides::new(&said, installed).both().map(|(_, there)| there.priority).collect();
        said.iter_mut().zip(given).for_each(|(one, priority)| one.priority = priority);
    }
    said
}

impl Loom {
    /// Remembers that the profile was written to a file. Gives a warning if that cannot be done.
    pub(in crate::loom) fn remember_export(&self, file: &Path, wanted: &ExportFile) -> Option<String> {
        let Export { name, elements, is_unpinned } = wanted.export.clone();
        let written = Written { format: wanted.format.name().to_owned(), name, elements, is_unpinned };
        let elements = match self.snapshot() {
            Ok(snapshot) => snapshot.elements,
            Err(error) => return Some(unremembered(file, &error.to_string())),
        };
        let is_of_it = |element: &Element| written.elements.is_empty() || written.elements.contains(&element.name);
        let said = elements.iter().filter(|it| is_of_it(it)).cloned().collect();
        let beside = elements.iter().filter(|it| !is_of_it(it)).map(|it| it.name.clone()).collect();
        self.remember(file, Relation::Exported, said, beside, Some(written)).err()
    }

    /// Remembers the files of which a transaction has installed something: as a whole, or all of what an import that was
    /// looked at in this run holds. Gives warnings.
    pub(in crate::loom) fn remember_imports(&self, transaction: &Transaction) -> Vec<String> {
        let installs = || {
            transaction.changes.iter().filter_map(|change| match change {
                Change::Install { attribute, source, .. } => Some((attribute.as_str(), source.as_deref()?)),
                _ => None,
            })
        };
        let looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_file = |source: &str| matches!(self.file_source(Some(source)), Ok(Some(_)));
        if installs().next().is_none() {
            return Vec::new();
        }
        let Ok(elements) = self.contents().map(|contents| contents.elements) else { return Vec::new() };
        let mut warnings = Vec::new();
        for (attribute, source) in installs().filter(|(attribute, source)| *attribute == WHOLE && is_file(source)) {
            let of_source = |element: &&Element| element.attribute == attribute && element.source == source;
            let package = self.package(attribute, Some(source), &Silent).ok().flatten();
            let Some((element, package)) = elements.iter().find(of_source).zip(package) else { continue };
            let is_whole = |it: &&Arc<Imported>| is_installed_by(it.whole.as_slice(), attribute, source);
            let file = looked_at.iter().find(is_whole).map_or_else(|| source.into(), |imported| imported.file.clone());
            let said = vec![whole_element(&element.name, &package)];
            warnings.extend(self.remember(&file, Relation::Whole, said, Vec::new(), None).err());
        }
        for imported in &looked_at {
            let said = elements_of(imported);
            let sides = Sides::new(&said, &elements);
            let is_touched = installs().any(|(attribute, source)| is_installed_by(&imported.apart, attribute, source));
            if is_touched && sides.only_in_file().next().is_none() {
                let beside = sides.only_in_profile().map(|element| element.name.clone()).collect();
                warnings.extend(self.remember(&imported.file, Relation::Apart, said, beside, None).err());
            }
        }
        warnings
    }

    /// Notes what a file holds, for the case that it is installed in this run.
    pub(in crate::loom) fn note_import(&self, imported: &Imported) {
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        looked_at.retain(|other| other.file != imported.file);
        looked_at.push(Arc::new(imported.clone()));
    }

    fn remember(
        &self,
        file: &Path,
        relation: Relation,
        elements: Vec<Element>,
        beside: Vec<String>,
        written: Option<Written>,
    ) -> Result<(), String> {
        let path = absolute(file);
        if path.to_str().is_none() {
            return Err(unremembered(file, "its name is no text"));
        }
        let text = text_hash(&path).map_err(|trouble| {
            let why = if let Trouble::Unreadable(why) = trouble { why } else { "it is gone".to_owned() };
            unremembered(file, &why)
        })?;
        let remembered = RememberedFile {
            path,
            relation,
            generation: self.profile.current().ok().flatten(),
            said: Said { text, elements },
            latest: None,
            beside,
            written,
        };
        self.env_files.remember(remembered).map_err(|error| unremembered(file, &error.to_string()))
    }

    /// Forgets that a file belongs to the profile; the file itself stays as it is.
    pub fn forget_file(&self, file: &Path) -> Result<(), LoomError> {
        let path = absolute(file);
        match self.env_files.forget(&path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(LoomError::NoSuchFile { file: path }),
            Err(error) => Err(LoomError::Unforgotten { error: error.to_string() }),
        }
    }
}

/// Whether one of the changes installs that attribute of that source.
fn is_installed_by(changes: &[Change], attribute: &str, source: &str) -> bool {
    changes.iter().any(|change| {
        matches!(change, Change::Install { attribute: same, source: from, .. }
            if *same == attribute && from.as_deref() == Some(source))
    })
}

fn unremembered(file: &Path, why: &str) -> String {
    format!("it will not be known that {} belongs to the profile: {why}", safe::path(file))
}

/// The same file wherever the program runs. Links are kept: what a link leads to may be changed for something else.
fn absolute(file: &Path) -> PathBuf {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut clean = PathBuf::new();
    for part in absolute.components() {
        match part {
            // What is above a folder that may be a link only the disk knows.
            std::path::Component::ParentDir => match fs::canonicalize(&clean) {
                Ok(real) => real.parent().unwrap_or(&real).clone_into(&mut clean),
                Err(_) => clean.push(part),
            },
            part => clean.push(part),
        }
    }
    clean
}
