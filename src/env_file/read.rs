//! Reads the document that [`json`](super::json()) writes.
//!
//! Of what it tells of a package, this program needs what it calls it (`from`), its outputs, priority and activity; how
//! Nix finds it is for other programs, and may be anything or missing. All else is strict: what is not understood is an
//! error that names its place.

use serde::Deserialize;
use serde_json::Value;

use super::Origin;
use super::json::VERSION;
use crate::safe;

/// An environment as a document tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub name: String,
    /// In its order.
    pub packages: Vec<DocumentPackage>,
}

/// A package of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPackage {
    pub name: String,
    /// Empty if not known.
    pub version: String,
    /// `None` for a bare path.
    pub origin: Option<Origin>,
    /// Names.
    pub outputs: Vec<String>,
    pub priority: i64,
    pub active: bool,
}

/// Why a document cannot be read. All texts are safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is no JSON, or not of this form.
    #[error("line {line}, column {column}{}: {problem}", at(field))]
    Unreadable { line: usize, column: usize, field: String, problem: String },
    #[error("this is no document of `nix-loom export --format json`: it has no \"nixLoom\"")]
    Foreign,
    #[error("a newer nix-loom has written this: it is of version {version}, and this one reads version {VERSION}")]
    TooNew { version: u64 },
    #[error("{field}: {problem}")]
    Wrong { field: String, problem: String },
}

fn at(field: &str) -> String {
    if field == "." { String::new() } else { format!(", at {field}") }
}

/// Comes first, so that a foreign document is not told for its fields.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "nixLoom")]
    version: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Whole {
    #[serde(rename = "nixLoom")]
    _version: u64,
    name: String,
    #[serde(rename = "system")]
    _system: Option<Value>,
    #[serde(rename = "notes")]
    _notes: Option<Value>,
    #[serde(rename = "sources")]
    _sources: Option<Value>,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Package {
    name: String,
    #[serde(default)]
    version: String,
    from: Option<PackageFrom>,
    outputs: Vec<String>,
    /// Nix keeps priorities in a C int.
    priority: i32,
    active: bool,
    #[serde(rename = "source")]
    _source: Option<Value>,
    #[serde(rename = "attribute")]
    _attribute: Option<Value>,
    #[serde(rename = "storePaths")]
    _store_paths: Option<Value>,
    #[serde(rename = "notes")]
    _notes: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageFrom {
    attribute: String,
    source: String,
    location: Option<String>,
}

/// Reads a document.
pub fn read(text: &[u8]) -> Result<Document, DocumentError> {
    let header: Header = parse(text)?;
    match header.version {
        None => return Err(DocumentError::Foreign),
        Some(version) if version > VERSION => return Err(DocumentError::TooNew { version }),
        Some(_) => {}
    }
    let whole: Whole = parse(text)?;
    let packages = whole.packages.into_iter().enumerate();
    let packages = packages.map(|(at, package)| package.checked(at)).collect::<Result<_, _>>()?;
    Ok(Document { name: whole.name, packages })
}

fn parse<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, DocumentError> {
    let mut from = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut from);
    let read = read.map_err(|error| (error.path().to_string(), error.into_inner()));
    let read = read.and_then(|read| from.end().map(|()| read).map_err(|error| (".".to_owned(), error)));
    read.map_err(|(field, error)| {
        let (line, column) = (error.line(), error.column());
        let problem = error.to_string();
        let place = format!(" at line {line} column {column}");
        let problem = safe::text(problem.strip_suffix(&place).unwrap_or(&problem));
        DocumentError::Unreadable { line, column, field: safe::text(&field), problem }
    })
}

impl Package {
    fn checked(self, at: usize) -> Result<DocumentPackage, DocumentError> {
        let wrong = |field: &str, problem: &str| DocumentError::Wrong {
            field: format!("packages[{at}]{field} ({})", safe::text(&self.name)),
            problem: problem.to_owned(),
        };
        if self.outputs.is_empty() {
            return Err(wrong(".outputs", "there is none, and a package has one at least"));
        }
        if let Some(from) = &self.from
            && from.attribute.is_empty()
        {
            return Err(wrong(".from.attribute", "it is empty"));
        }
        let origin =
            |from: PackageFrom| Origin { attribute: from.attribute, source: from.source, location: from.location };
        Ok(DocumentPackage {
            origin: self.from.map(origin),
            name: self.name,
            version: self.version,
            outputs: self.outputs,
            priority: self.priority.into(),
            active: self.active,
        })
    }
}
