//! The format of `.ls` files: the tree of an archive as JSON (Nix, `src/libstore/nar-accessor.cc`, `listNar`).
//!
//! `{"version": 1, "root": NODE}` beside the archives in a binary cache, or the bare NODE that `nix store ls --json -R`
//! prints. Keys come in any order: Nix 2.8 and 2.34 write them differently.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::engine::{Listing, ListingBuilder, ListingError};
use crate::safe;

/// What Linux allows for the target of a link, in bytes.
const MAX_TARGET: usize = 4095;
/// What a file may have, and all of them together: `off_t`.
const MAX_BYTES: u64 = i64::MAX as u64;

/// Why there is no listing in a file. `problem` names the place and is safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its listing is damaged: {problem}")]
pub struct LsError {
    pub problem: String,
}

/// Reads a listing, of a directory or of a single file or link. Names and targets are bytes, which need not be UTF-8; unknown keys are left out.
///
/// Directories may lie in each other some sixty times, which is where `serde_json` stops.
pub fn parse(json: &[u8]) -> Result<Listing, LsError> {
    let mut tree = Tree { builder: ListingBuilder::new(), path: Vec::new(), bytes: 0 };
    let mut document = serde_json::Deserializer::from_slice(json);
    let root = document.deserialize_map(Document(&mut tree)).and_then(|root| document.end().map(|()| root));
    match root {
        Ok(_) => Ok(tree.builder.finish()),
        Err(error) => Err(LsError { problem: tree.problem(&error) }),
    }
}

/// The tree as far as it was read, and where in it the reader is: `path` is left alone by an error.
struct Tree {
    builder: ListingBuilder,
    path: Vec<u8>,
    /// Of all files so far.
    bytes: u64,
}

impl Tree {
    fn problem(&self, error: &serde_json::Error) -> String {
        const SHOWN: usize = 300;
        let place = if self.path.is_empty() { "the root".to_owned() } else { safe::bytes(&self.path) };
        let told: String = safe::text(&error.to_string()).chars().take(SHOWN).collect();
        let cut = if error.is_eof() { "it is cut short: " } else { "" };
        format!("{place}: {cut}{told}")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Directory,
    Regular,
    Symlink,
}

/// What the keys of a node have told so far.
#[derive(Default)]
struct Node {
    kind: Option<Kind>,
    has_entries: bool,
    size: Option<u64>,
    executable: Option<bool>,
    target: Option<Vec<u8>>,
}

impl Node {
    fn read<'de, A: MapAccess<'de>>(&mut self, key: Key, map: &mut A, tree: &mut Tree) -> Result<(), A::Error> {
        match key {
            Key::Type => once(&mut self.kind, map.next_value_seed(Text)?, kind)?,
            Key::Size => once(&mut self.size, map.next_value()?, Ok)?,
            Key::Executable => once(&mut self.executable, map.next_value()?, Ok)?,
            Key::Target => once(&mut self.target, map.next_value_seed(Text)?, target)?,
            Key::Entries if self.has_entries => return Err(A::Error::custom("a key is there twice")),
            Key::Entries => {
                self.has_entries = true;
                tree.builder.directory(&tree.path).map_err(problem)?;
                map.next_value_seed(Entries(tree))?;
            }
            Key::Version | Key::Root | Key::Other => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    /// Puts the node into the tree.
    fn finish<E: serde::de::Error>(self, tree: &mut Tree) -> Result<Kind, E> {
        let kind = self.kind.ok_or_else(|| E::custom("it has no type"))?;
        if self.has_entries != (kind == Kind::Directory) {
            return Err(E::custom("a directory has entries, and nothing else has"));
        }
        match kind {
            Kind::Directory => {}
            Kind::Regular => {
                let size = self.size.ok_or_else(|| E::custom("a file without a size"))?;
                let bytes = tree.bytes.checked_add(size).filter(|&bytes| bytes <= MAX_BYTES);
                tree.bytes = bytes.ok_or_else(|| E::custom("larger than any file can be"))?;
                let is_executable = self.executable.unwrap_or(false);
                tree.builder.file(&tree.path, size, is_executable, None).map_err(problem)?;
            }
            Kind::Symlink => {
                let target = self.target.ok_or_else(|| E::custom("a symlink without a target"))?;
                tree.builder.symlink(&tree.path, &target).map_err(problem)?;
            }
        }
        Ok(kind)
    }
}

/// Sets what may be said once.
fn once<V, T, E: serde::de::Error>(
    to: &mut Option<T>,
    value: V,
    convert: impl Fn(V) -> Result<T, &'static str>,
) -> Result<(), E> {
    match to.replace(convert(value).map_err(E::custom)?) {
        None => Ok(()),
        Some(_) => Err(E::custom("a key is there twice")),
    }
}

fn kind(text: Vec<u8>) -> Result<Kind, &'static str> {
    match text.as_slice() {
        b"directory" => Ok(Kind::Directory),
        b"regular" => Ok(Kind::Regular),
        b"symlink" => Ok(Kind::Symlink),
        _ => Err("its type is neither directory nor regular nor symlink"),
    }
}

fn target(text: Vec<u8>) -> Result<Vec<u8>, &'static str> {
    let is_possible = !text.is_empty() && text.len() <= MAX_TARGET && !text.contains(&0);
    if is_possible { Ok(text) } else { Err("no symlink can have such a target") }
}

/// The builder's words without the path, which is named by [`Tree::problem`].
fn problem<E: serde::de::Error>(error: ListingError) -> E {
    match error {
        ListingError::Twice { .. } | ListingError::NotADirectory { .. } => E::custom(LISTED_TWICE),
        ListingError::TooLong { .. } => E::custom("its path is too long"),
        other => E::custom(other),
    }
}

const LISTED_TWICE: &str = "it is listed twice";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Type,
    Entries,
    Size,
    Executable,
    Target,
    Version,
    Root,
    Other,
}

impl Key {
    fn next<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Self>, A::Error> {
        let key = map.next_key_seed(Text)?;
        Ok(key.map(|key| match key.as_slice() {
            b"type" => Self::Type,
            b"entries" => Self::Entries,
            b"size" => Self::Size,
            b"executable" => Self::Executable,
            b"target" => Self::Target,
            b"version" => Self::Version,
            b"root" => Self::Root,
            _ => Self::Other,
        }))
    }
}

/// The outermost object: a root and its version, or the bare node.
struct Document<'a>(&'a mut Tree);

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Kind;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object with the tree of a store path")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let (mut version, mut root, mut bare) = (None, None, None::<Node>);
        while let Some(key) = Key::next(&mut map)? {
            match key {
                Key::Version => once(&mut version, map.next_value::<u64>()?, Ok)?,
                // Two trees must not become one.
                Key::Root if root.is_some() || bare.is_some() => return Err(A::Error::custom("there are two roots")),
                Key::Root => root = Some(map.next_value_seed(NodeSeed(self.0))?),
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
                _ if root.is_some() => return Err(A::Error::custom("there are two roots")),
                key => bare.get_or_insert_default().read(key, &mut map, self.0)?,
            }
        }
        match (version, root, bare) {
            (Some(1), Some(root), None) => Ok(root),
            (None, None, Some(node)) => node.finish(self.0),
            (Some(1), None, _) => Err(A::Error::custom("there is a version, but no root")),
            (Some(version), ..) => Err(A::Error::custom(format!("the version is {version}, and only 1 is known"))),
            (None, Some(_), _) => Err(A::Error::custom("there is a root, but no version")),
            (None, None, None) => Err(A::Error::custom("there is no tree in it")),
        }
    }
}

struct NodeSeed<'a>(&'a mut Tree);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Kind;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Kind, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Kind;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a file, a directory or a symlink")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut node = Node::default();
        while let Some(key) = Key::next(&mut map)? {
            node.read(key, &mut map, self.0)?;
        }
        node.finish(self.0)
    }
}

/// The entries of the directory where the reader is.
struct Entries<'a>(&'a mut Tree);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("the entries of a directory")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let tree = self.0;
        let here = tree.path.len();
        // Everything else that is there twice is refused by the builder.
        let mut directories = BTreeSet::new();
        while let Some(name) = map.next_key_seed(Text)? {
            if here > 0 {
                tree.path.push(b'/');
            }
            tree.path.extend_from_slice(&name);
            if matches!(name.as_slice(), b"" | b"." | b"..") || name.iter().any(|byte| matches!(byte, b'/' | 0)) {
                return Err(A::Error::custom("no entry can be called so"));
            }
            if map.next_value_seed(NodeSeed(tree))? == Kind::Directory && !directories.insert(name) {
                return Err(A::Error::custom(LISTED_TWICE));
            }
            tree.path.truncate(here);
        }
        Ok(())
    }
}

/// A text as bytes, UTF-8 or not.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Vec<u8>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Vec<u8>, D::Error> {
        json.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Text {
    type Value = Vec<u8>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a text")
    }

    fn visit_bytes<E>(self, text: &[u8]) -> Result<Vec<u8>, E> {
        Ok(text.to_vec())
    }
}

#[cfg(test)]
#[path = "ls_tests.rs"]
mod tests;
