//! Two files that want one path, beside each other: what each is, and how their contents differ.
//!
//! Nothing here is without bound: files are read piece by piece up to [`MAX_COMPARED`] bytes, a text difference is worked
//! out for small files only and within a deadline, and whoever no longer wants the answer is not kept waiting.

mod content;
mod text;

use std::io::{self, Read};

use super::Loom;
use crate::engine::{EntryKind, FileError, Files, Found};

pub use crate::engine::EntryKind as FileKind;
pub use text::{DiffChange, DiffLine};

/// Bytes of each file that are looked at until the answer is that it is not known.
const MAX_COMPARED: u64 = 256 << 20;

/// Largest file of which the lines are compared, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// How much is read at a time, in bytes.
const PIECE: usize = 64 << 10;

/// One contender's file, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// The source path.
    pub path: Box<[u8]>,
    /// What is at `path`, a link not followed; `None`: not known until it is fetched, or nothing is there.
    pub kind: Option<FileKind>,
    /// Bytes, links followed; `None` for what is no file, and where it is not known.
    pub size: Option<u64>,
    /// Permission bits (`0o7777`), links followed.
    pub mode: Option<u32>,
    /// Of a symlink, as written.
    pub target: Option<Box<[u8]>>,
    /// Links followed, if that leads to something else than `path`.
    pub real: Option<Box<[u8]>>,
}

/// How the contents of two files differ. Sentences are for people; names in them are still to be made safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// One real file.
    SameFile,
    SameBytes,
    /// A difference of lines; `is_cut` if there is more than `lines` show.
    Text {
        lines: Vec<DiffLine>,
        is_cut: bool,
    },
    /// Not text, or too large. `first`: position of the first byte that differs, from 0; `None`: one is the beginning of
    /// the other. `types`: what each is by its first bytes (`ELF`, `gzip`, `text`, …).
    Bytes {
        first: Option<u64>,
        types: [&'static str; 2],
    },
    /// A directory against something that is none, a link that leads nowhere: nothing to compare.
    Incomparable(String),
    /// Not known until fetched, unreadable, or too large; why.
    Unknown(String),
}

/// Two files beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileComparison {
    pub sides: [FileFacts; 2],
    pub contents: Contents,
}

impl Loom {
    /// What the files at two absolute paths are, and how their contents differ. Reads both; `is_wanted` is asked now and
    /// then, and once it says no, the rest is [`Contents::Unknown`].
    pub fn compare_files(&self, left: &[u8], right: &[u8], is_wanted: &dyn Fn() -> bool) -> FileComparison {
        compare(self.store.files(), [left, right], is_wanted)
    }
}

/// The lines in which two texts differ, and some around them; of very many the first.
pub(super) fn lines(left: &[u8], right: &[u8]) -> Vec<DiffLine> {
    match text::difference(left, right) {
        Contents::Text { lines, .. } => lines,
        _ => Vec::new(),
    }
}

fn compare(files: &dyn Files, paths: [&[u8]; 2], is_wanted: &dyn Fn() -> bool) -> FileComparison {
    let found = paths.map(|path| files.find(path));
    let sides = [facts(files, paths[0], &found[0]), facts(files, paths[1], &found[1])];
    let contents = match &found {
        [Ok(left), Ok(right)] => contents(files, paths, [*left, *right], is_wanted),
        _ => why_not(&sides, &found),
    };
    FileComparison { sides, contents }
}

fn facts(files: &dyn Files, path: &[u8], found: &Result<Found, FileError>) -> FileFacts {
    let target = files.read_link(path).ok().flatten();
    let kind = if target.is_some() { Some(EntryKind::Symlink) } else { found.as_ref().ok().map(|found| found.kind) };
    let found = found.as_ref().ok();
    let real = files.canonicalize(path).ok().filter(|real| found.is_some() && **real != *path);
    FileFacts {
        path: path.into(),
        kind,
        size: found.filter(|found| found.kind == EntryKind::File).map(|found| found.size),
        mode: found.map(|found| found.mode),
        target: target.map(Into::into),
        real: real.map(|real| (&*real).into()),
    }
}

/// Why nothing can be compared where at least one path leads to nothing that can be looked at.
fn why_not(sides: &[FileFacts; 2], found: &[Result<Found, FileError>; 2]) -> Contents {
    let errors = || sides.iter().zip(found).filter_map(|(side, found)| Some((side, found.as_ref().err()?)));
    // What is not known may turn out to be anything, so it is told first.
    if errors().any(|(_, error)| matches!(error, FileError::Unknown)) {
        return Contents::Unknown("what it is is not known until it is fetched".to_owned());
    }
    for (side, error) in errors() {
        match error {
            FileError::NotFound | FileError::NotADirectory if side.target.is_some() => {
                return Contents::Incomparable("a link that leads nowhere".to_owned());
            }
            FileError::Loop => return Contents::Incomparable("a link that leads in a circle".to_owned()),
            _ => {}
        }
    }
    let error = errors().next().map(|(side, error)| unreadable(&side.path, error));
    Contents::Unknown(error.unwrap_or_default())
}

fn contents(files: &dyn Files, paths: [&[u8]; 2], found: [Found; 2], is_wanted: &dyn Fn() -> bool) -> Contents {
    let real = paths.map(|path| files.canonicalize(path).ok());
    if real[0].is_some() && real[0] == real[1] {
        return Contents::SameFile;
    }
    let incomparable = |why: &str| Contents::Incomparable(why.to_owned());
    match found.map(|found| found.kind) {
        [EntryKind::File, EntryKind::File] => {}
        [EntryKind::Directory, EntryKind::Directory] => return incomparable("both are directories"),
        kinds if kinds.contains(&EntryKind::Directory) => {
            return incomparable("a directory and something that is none");
        }
        _ => return incomparable("a pipe, socket or device, which holds nothing to compare"),
    }
    let readers = paths.map(|path| files.open(path));
    match readers {
        [Ok(left), Ok(right)] => {
            let sizes = found.map(|found| found.size);
            read(left, right, sizes, is_wanted)
                .unwrap_or_else(|(side, error)| Contents::Unknown(unreadable(paths[side], &error.into())))
        }
        [Err(FileError::Unknown), _] | [_, Err(FileError::Unknown)] => listed(files, paths, found),
        [Err(error), _] => Contents::Unknown(unreadable(paths[0], &error)),
        [_, Err(error)] => Contents::Unknown(unreadable(paths[1], &error)),
    }
}

/// What can be said of files of which at least one cannot be read yet.
fn listed(files: &dyn Files, paths: [&[u8]; 2], found: [Found; 2]) -> Contents {
    match files.same_bytes(paths[0], paths[1]) {
        Ok(Some(true)) => Contents::SameBytes,
        _ if found[0].size != found[1].size => {
            Contents::Unknown("they are of different sizes; what differs is not known until it is fetched".to_owned())
        }
        Ok(Some(false)) => {
            Contents::Unknown("they are different; what differs is not known until it is fetched".to_owned())
        }
        _ => Contents::Unknown("whether they differ is not known until it is fetched".to_owned()),
    }
}

fn unreadable(path: &[u8], error: &FileError) -> String {
    format!("{} cannot be read: {error}", crate::safe::bytes(path))
}

/// Compares what two readers give; an error comes with the side that it is of.
fn read(
    mut left: Box<dyn Read>,
    mut right: Box<dyn Read>,
    sizes: [u64; 2],
    is_wanted: &dyn Fn() -> bool,
) -> Result<Contents, (usize, io::Error)> {
    let heads = [head(&mut *left).map_err(|error| (0, error))?, head(&mut *right).map_err(|error| (1, error))?];
    let is_whole = heads.each_ref().map(|head| head.len() <= MAX_TEXT);
    let types = heads.each_ref().map(|head| content::kind(head));
    if is_whole == [true, true] {
        if heads[0] == heads[1] {
            return Ok(Contents::SameBytes);
        }
        if heads.iter().all(|head| content::is_text(head)) {
            return Ok(text::difference(&heads[0], &heads[1]));
        }
    }
    if let Some(first) = first_difference(&heads[0], &heads[1]) {
        return Ok(Contents::Bytes { first: Some(first as u64), types });
    }
    if is_whole.contains(&true) {
        return Ok(Contents::Bytes { first: None, types });
    }
    let mut done = heads[0].len() as u64;
    let (mut left_piece, mut right_piece) = (Vec::with_capacity(PIECE), Vec::with_capacity(PIECE));
    while done < MAX_COMPARED {
        if !is_wanted() {
            return Ok(Contents::Unknown("it was not asked for any more".to_owned()));
        }
        fill(&mut *left, &mut left_piece).map_err(|error| (0, error))?;
        fill(&mut *right, &mut right_piece).map_err(|error| (1, error))?;
        if let Some(first) = first_difference(&left_piece, &right_piece) {
            return Ok(Contents::Bytes { first: Some(done + first as u64), types });
        }
        match (left_piece.len() == right_piece.len(), left_piece.is_empty()) {
            (true, true) => return Ok(Contents::SameBytes),
            (true, false) => done += left_piece.len() as u64,
            (false, _) => return Ok(Contents::Bytes { first: None, types }),
        }
    }
    let so_far = format!("their first {} MiB are the same, and the rest was not compared", MAX_COMPARED >> 20);
    Ok(Contents::Unknown(if sizes[0] == sizes[1] { so_far } else { format!("they are of different sizes; {so_far}") }))
}

/// The first [`MAX_TEXT`] bytes, and one more if there is one.
fn head(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_TEXT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The next [`PIECE`] bytes; fewer only at the end.
fn fill(reader: &mut dyn Read, piece: &mut Vec<u8>) -> io::Result<()> {
    piece.clear();
    reader.take(PIECE as u64).read_to_end(piece)?;
    Ok(())
}

/// Position of the first byte that differs, as far as both go.
fn first_difference(left: &[u8], right: &[u8]) -> Option<usize> {
    // Most pieces of large files are equal, and comparing them whole is many times faster.
    if left == right {
        return None;
    }
    left.iter().zip(right).position(|(left, right)| left != right)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
