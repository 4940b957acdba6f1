//! What lines of the database mean.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::engine::{Listing, ListingBuilder};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    Regular { size: u64, executable: bool },
    Symlink,
    Directory { entries: u64 },
}

/// What is told of a file besides its path: `<size>r`, `<size>x` if it is executable, `<target>s`, `<entries>d`; and the
/// target of a link. `None` if it is none of these.
pub(super) fn meta(meta: &[u8]) -> Option<(FileKind, &[u8])> {
    let (kind, told) = meta.split_last()?;
    let number = || str::from_utf8(told).ok()?.parse().ok();
    Some(match kind {
        b'r' => (FileKind::Regular { size: number()?, executable: false }, b""),
        b'x' => (FileKind::Regular { size: number()?, executable: true }, b""),
        b'd' => (FileKind::Directory { entries: number()? }, b""),
        b's' => (FileKind::Symlink, told),
        _ => return None,
    })
}

/// The line after the files of a store path.
#[derive(Debug, Deserialize)]
pub(super) struct Footer {
    store_dir: PathBuf,
    hash: String,
    name: String,
    pub origin: Origin,
}

/// How nix-index found the store path.
#[derive(Debug, Deserialize)]
pub(super) struct Origin {
    #[serde(rename = "attr")]
    pub attribute: String,
    pub output: String,
    /// Whether it is an output of that attribute, rather than something that one refers to.
    #[serde(rename = "toplevel")]
    pub is_top_level: bool,
}

impl Footer {
    pub fn read(json: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }

    pub fn path(&self) -> PathBuf {
        self.store_dir.join(format!("{}-{}", self.hash, self.name))
    }
}

/// The files of one store path, as they come.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    /// Where metas and paths end.
    ends: Vec<(usize, usize)>,
}

impl Block {
    /// Bytes of metas and paths.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn push(&mut self, meta: &[u8], path: &[u8]) {
        self.bytes.extend_from_slice(meta);
        let middle = self.bytes.len();
        self.bytes.extend_from_slice(path);
        self.ends.push((middle, self.bytes.len()));
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        let ranges = starts.zip(&self.ends);
        ranges.map(|(start, &(middle, end))| (&self.bytes[start..middle], &self.bytes[middle..end]))
    }

    /// The listing, or `None` if files are missing: a database may have been made of `bin` alone. Each directory tells
    /// how many entries it has, so that shows.
    pub fn listing(&self) -> Result<Option<Listing>, String> {
        let mut builder = ListingBuilder::new();
        let mut bytes = 0_u64;
        // By directory: how many entries it says to have, and how many are there.
        let mut counts: HashMap<&[u8], (Option<u64>, u64)> = HashMap::from([(&b""[..], (None, 0))]);
        for (told, path) in self.lines() {
            let (kind, target) = meta(told).ok_or("a file of no known kind")?;
            let relative = match path {
                [] => path,
                [b'/', relative @ ..] if !relative.is_empty() => relative,
                _ => return Err("a path that does not start with a slash".into()),
            };
            if !relative.is_empty() {
                let parent = memchr::memrchr(b'/', relative).map_or(&b""[..], |end| &relative[..end]);
                counts.entry(parent).or_default().1 += 1;
            }
            match kind {
                FileKind::Directory { entries } => {
                    counts.entry(relative).or_default().0 = Some(entries);
                    builder.directory(relative)
                }
                FileKind::Regular { size, executable } => {
                    bytes =
                        bytes.checked_add(size).filter(|&sum| i64::try_from(sum).is_ok()).ok_or("impossible sizes")?;
                    builder.file(relative, size, executable, None)
                }
                FileKind::Symlink => builder.symlink(relative, target),
            }
            .map_err(|error| error.to_string())?;
            // An output that is no directory has itself alone.
            if relative.is_empty() && !matches!(kind, FileKind::Directory { .. }) {
                counts.entry(b"").or_default().0 = Some(0);
            }
        }
        let is_whole = counts.values().all(|&(said, there)| said == Some(there));
        Ok(is_whole.then(|| builder.finish()))
    }
}
