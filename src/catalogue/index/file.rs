//! An index as a file: written beside and renamed, so that two programs at once do no harm; read whole, without parsing;
//! ignored where it is damaged.
//!
//! A head of magic letters (with the version of the format and the order of bytes), a checksum of all that follows, the
//! fingerprint of what was indexed, then the columns, each with its length in bytes. It is a cache: another version of
//! this program makes it anew.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use bytemuck::{NoUninit, Pod};
use crc32fast::Hasher;

use super::{Index, TEXTS};

/// Counts up with each change of the columns or of what they mean.
const VERSION: u32 = 2;
const MAGIC: &[u8; 16] = b"nix-loom index\n\0";
/// Read in another order of bytes it is another number.
const BYTE_ORDER: u32 = 0x0102_0304;

/// Why an index file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it was written by another version of the program, or is no index")]
    Version,
    #[error("it is damaged")]
    Damaged,
}

impl Index {
    /// Writes the index to `path`, whose folder must exist. Until that is done, what was there before stays.
    /// `fingerprint` says of what it is; see [`Index::load`].
    pub fn save(&self, path: &Path, fingerprint: &str) -> io::Result<()> {
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let written = self.write(&temporary, fingerprint).and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn write(&self, path: &Path, fingerprint: &str) -> io::Result<()> {
        let mut summed = Summed { to: BufWriter::new(File::create(path)?), sum: Hasher::new() };
        // The checksum is known last and stands first.
        let mut head = MAGIC.to_vec();
        head.extend([VERSION, BYTE_ORDER, 0].map(u32::to_ne_bytes).concat());
        summed.to.write_all(&head)?;
        summed.column(fingerprint.as_bytes())?;
        self.columns(&mut summed)?;
        let sum = summed.sum.finalize();
        let mut file = summed.to.into_inner().map_err(io::IntoInnerError::into_error)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(head.len() as u64 - 4))?;
        file.write_all(&sum.to_ne_bytes())
    }

    fn columns(&self, to: &mut Summed) -> io::Result<()> {
        to.column(self.texts.as_bytes())?;
        to.column(&self.text_ends)?;
        to.column(&self.priorities)?;
        to.column(&self.obstacles)?;
        for interned in [&self.outputs, &self.licenses, &self.sets] {
            to.column(interned.text.as_bytes())?;
            to.column(&interned.ends)?;
            to.column(&interned.of_row)?;
        }
        for names in [&self.names, &self.set_names] {
            to.column(names.text.as_bytes())?;
            to.column(&names.ends)?;
            to.column(&names.word_starts)?;
            to.column(&names.letters)?;
            to.column(&names.first_letters)?;
        }
        to.column(&self.standing)?;
        to.column(&self.order)?;
        for words in [&self.name_words, &self.description_words, &self.long_words] {
            to.column(words.text.as_bytes())?;
            to.column(&words.ends)?;
            to.column(&words.row_ends)?;
            to.column(&words.rows)?;
        }
        Ok(())
    }

    /// Reads an index, with the fingerprint that it was saved with.
    pub fn load(path: &Path) -> Result<(Self, String), IndexError> {
        // Opening what is no file could wait for ever.
        if !fs::metadata(path)?.is_file() {
            return Err(IndexError::Damaged);
        }
        let mut file = File::open(path)?;
        let mut head = [0; 28];
        let mut left = file.metadata()?.len();
        left = left.checked_sub(head.len() as u64).ok_or(IndexError::Damaged)?;
        file.read_exact(&mut head)?;
        let number = |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        if head[..16] != *MAGIC || number(16) != VERSION || number(20) != BYTE_ORDER {
            return Err(IndexError::Version);
        }
        let mut columns = Columns { file, left, sum: Hasher::new() };
        let fingerprint = columns.text()?;
        let index = Self::read(&mut columns)?;
        if columns.left != 0 || columns.sum.finalize() != number(24) || !index.is_sound() {
            return Err(IndexError::Damaged);
        }
        Ok((index, fingerprint))
    }

    fn read(from: &mut Columns) -> Result<Self, IndexError> {
        let mut index = Self {
            texts: from.text()?,
            text_ends: from.column()?,
            priorities: from.column()?,
            obstacles: from.column()?,
            ..Self::default()
        };
        for interned in [&mut index.outputs, &mut index.licenses, &mut index.sets] {
            interned.text = from.text()?;
            interned.ends = from.column()?;
            interned.of_row = from.column()?;
        }
        for names in [&mut index.names, &mut index.set_names] {
            names.text = from.text()?;
            names.ends = from.column()?;
            names.word_starts = from.column()?;
            names.letters = from.column()?;
            names.first_letters = from.column()?;
        }
        index.standing = from.column()?;
        index.order = from.column()?;
        for words in [&mut index.name_words, &mut index.description_words, &mut index.long_words] {
            words.text = from.text()?;
            words.ends = from.column()?;
            words.row_ends = from.column()?;
            words.rows = from.column()?;
        }
        Ok(index)
    }

    /// Whether all columns are as long as they must be and lead to where something is; what is written by this program
    /// always does.
    fn is_sound(&self) -> bool {
        let rows = self.len();
        let leads =
            |ends: &[u32], length: usize| ends.is_sorted() && ends.last().map_or(0, |&end| end as usize) == length;
        let texts = self.text_ends.len() == rows * TEXTS && leads(&self.text_ends, self.texts.len());
        let interned = [&self.outputs, &self.licenses, &self.sets].iter().all(|interned| {
            leads(&interned.ends, interned.text.len())
                && interned.of_row.len() == rows
                && interned.of_row.iter().all(|&at| (at as usize) < interned.ends.len())
        });
        let names = [(&self.names, rows), (&self.set_names, self.sets.ends.len())].iter().all(|(names, rows)| {
            leads(&names.ends, names.text.len())
                && names.ends.len() == rows * 3
                && names.word_starts.len() == names.text.len() / 64 + 1
                && names.letters.len() == *rows
                && names.first_letters.len() == *rows
        });
        let words = [&self.name_words, &self.description_words, &self.long_words].iter().all(|words| {
            leads(&words.ends, words.text.len())
                && leads(&words.row_ends, words.rows.len())
                && words.row_ends.len() == words.ends.len()
                && words.rows.iter().all(|&row| (row as usize) < rows)
        });
        texts
            && interned
            && names
            && words
            && self.obstacles.len() == rows
            && self.standing.len() == rows
            && self.order.len() == rows
    }
}

/// Writes columns and sums them up.
struct Summed {
    to: BufWriter<File>,
    sum: Hasher,
}

impl Summed {
    fn column<T: NoUninit>(&mut self, column: &[T]) -> io::Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(column);
        let length = (bytes.len() as u64).to_ne_bytes();
        for part in [&length[..], bytes] {
            self.sum.update(part);
            self.to.write_all(part)?;
        }
        Ok(())
    }
}

/// Reads columns and sums them up.
struct Columns {
    file: File,
    /// Bytes not yet read: a column cannot be longer, whatever a damaged file says.
    left: u64,
    sum: Hasher,
}

impl Columns {
    fn column<T: Pod>(&mut self) -> Result<Vec<T>, IndexError> {
        let mut length = [0; 8];
        self.fill(&mut length)?;
        let length = u64::from_ne_bytes(length);
        let size = size_of::<T>() as u64;
        if length > self.left || !length.is_multiple_of(size) {
            return Err(IndexError::Damaged);
        }
        let mut column = vec![T::zeroed(); usize::try_from(length / size).map_err(|_| IndexError::Damaged)?];
        self.fill(bytemuck::cast_slice_mut(&mut column))?;
        Ok(column)
    }

    fn text(&mut self) -> Result<String, IndexError> {
        String::from_utf8(self.column()?).map_err(|_| IndexError::Damaged)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), IndexError> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(IndexError::Damaged)?;
        self.file.read_exact(bytes)?;
        self.sum.update(bytes);
        Ok(())
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
