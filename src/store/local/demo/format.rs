//! The file format of the demo set (format 1): one JSON object with a list of packages and the files of their outputs.
//!
//! Keys that are not known are ignored; another format number is refused.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use crate::store::local::set::SetError;

/// The format that is read here.
const FORMAT: u64 = 1;

/// A package set as it is in its file.
#[derive(Debug, Deserialize)]
pub struct File {
    format: u64,
    pub name: String,
    pub packages: Vec<Record>,
}

/// A package as it is in its file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub attr: String,
    pub pname: String,
    pub version: String,
    pub description: String,
    pub homepage: String,
    pub license: Vec<String>,
    /// `meta.priority`, if the package sets one.
    pub priority: Option<i64>,
    pub outputs: Vec<String>,
    pub outputs_to_install: Vec<String>,
    pub main_program: Option<String>,
    /// `attr` or `attr^output`: what `nix-support/propagated-user-env-packages` names.
    #[serde(default)]
    pub propagated_user_env_pkgs: Vec<String>,
    /// The attribute whose outputs these are.
    pub outputs_of: Option<String>,
    /// By output, sorted by path.
    pub files: HashMap<String, Vec<Entry>>,
}

/// Files with equal ids hold the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentId(pub u64);

/// A file or a link of an output. The path is relative to the output and never leads out of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    File { path: Box<str>, size: u64, executable: bool, content: ContentId },
    Link { path: Box<str>, target: Box<str> },
}

impl Entry {
    pub fn path(&self) -> &str {
        match self {
            Self::File { path, .. } | Self::Link { path, .. } => path,
        }
    }
}

/// Reads a package set.
pub fn parse(json: &[u8]) -> Result<File, SetError> {
    #[derive(Deserialize)]
    struct Header {
        format: u64,
        #[serde(default)]
        name: String,
    }
    let other_format = |found, set: &str| SetError::Format { set: set.to_owned(), found, known: FORMAT };
    match serde_json::from_slice::<File>(json) {
        Ok(file) if file.format == FORMAT => Ok(file),
        Ok(file) => Err(other_format(file.format, &file.name)),
        // Another format may have other keys: then its number is the better explanation.
        Err(error) => Err(match serde_json::from_slice::<Header>(json) {
            Ok(header) if header.format != FORMAT => other_format(header.format, &header.name),
            _ => SetError::Damaged { set: "demo".to_owned(), why: error.to_string() },
        }),
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntryVisitor)
    }
}

/// `[path, size, "x" or "", content]` or `[path, "->", target]`.
struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("[path, size, \"x\" or \"\", content id] or [path, \"->\", target]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Entry, A::Error> {
        let missing = |at| A::Error::invalid_length(at, &self);
        let path: Box<str> = parts.next_element()?.ok_or_else(|| missing(0))?;
        if !path.split('/').all(|part| !matches!(part, "" | "." | "..")) {
            return Err(A::Error::custom(format_args!("{path:?} is no path inside an output")));
        }
        match parts.next_element()?.ok_or_else(|| missing(1))? {
            Second::Size(size) => {
                let flag: String = parts.next_element()?.ok_or_else(|| missing(2))?;
                let content = parts.next_element()?.ok_or_else(|| missing(3))?;
                Ok(Entry::File { path, size, executable: flag == "x", content })
            }
            Second::Arrow => Ok(Entry::Link { path, target: parts.next_element()?.ok_or_else(|| missing(2))? }),
        }
    }
}

/// The second part of an entry tells files and links apart.
enum Second {
    Size(u64),
    Arrow,
}

impl<'de> Deserialize<'de> for Second {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecondVisitor;
        impl Visitor<'_> for SecondVisitor {
            type Value = Second;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("a size or \"->\"")
            }
            fn visit_u64<E>(self, size: u64) -> Result<Second, E> {
                Ok(Second::Size(size))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Second, E> {
                if text == "->" {
                    Ok(Second::Arrow)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
                }
            }
        }
        deserializer.deserialize_any(SecondVisitor)
    }
}

impl<'de> Deserialize<'de> for ContentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl Visitor<'_> for IdVisitor {
            type Value = ContentId;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("a content id such as \"c123\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ContentId, E> {
                let number = text.strip_prefix('c').and_then(|digits| digits.parse().ok());
                number.map(ContentId).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(IdVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(format: u64, entries: &str) -> String {
        format!(
            r#"{{"format":{format},"name":"demo","news":[1],"packages":[{{"attr":"a","pname":"a","version":"1",
            "description":"d","homepage":"","license":[],"outputs":["out"],"outputsToInstall":["out"],"colour":"red",
            "files":{{"out":[{entries}]}}}}]}}"#
        )
    }

    #[test]
    fn entries_are_read_and_unknown_keys_are_ignored() {
        let file = parse(set(1, r#"["bin/a",7,"x","c5"],["bin/b","->","a"]"#).as_bytes()).unwrap();
        let expected = [
            Entry::File { path: "bin/a".into(), size: 7, executable: true, content: ContentId(5) },
            Entry::Link { path: "bin/b".into(), target: "a".into() },
        ];
        assert_eq!(file.packages[0].files["out"], expected);
        assert_eq!(file.packages[0].priority, None);
    }

    #[test]
    fn another_format_is_refused_by_its_number_whatever_else_is_in_it() {
        for json in [set(2, ""), r#"{"format":2,"name":"demo","trees":{}}"#.to_owned()] {
            let error = parse(json.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), "the package set demo has format 2; this program reads format 1");
        }
    }

    #[test]
    fn a_path_that_leaves_the_output_is_refused() {
        for path in ["../a", "/a", "a/../../b", "", "a//b", "a/", "."] {
            let error = parse(set(1, &format!(r#"["{path}",7,"","c5"]"#)).as_bytes()).unwrap_err();
            assert!(error.to_string().contains("no path inside an output"), "{path}: {error}");
        }
    }

    #[test]
    fn a_damaged_entry_is_refused_with_its_place() {
        for entry in [r#"["a"]"#, r#"["a",7,""]"#, r#"["a","=>","b"]"#, r#"["a",7,"","d5"]"#, r#"["a",-7,"","c5"]"#] {
            let error = parse(set(1, entry).as_bytes()).unwrap_err();
            assert!(error.to_string().contains("line 3"), "{entry}: {error}");
        }
    }
}
