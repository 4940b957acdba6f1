//! A listing as bytes, for keeping.
//!
//! A version, a checksum (CRC-32, little endian) of what follows, then the output itself, and where that is a directory
//! what is in it, in the order of [`Listing::walk`]. Each entry: its kind in one byte; the length of its name and the name,
//! but for the output itself; then the size of a file, or length and bytes of a text or of a link's target. Where a directory
//! ends stands a byte of its own. Numbers have seven bits to the byte, the lowest first, and the eighth says that more follow.
//!
//! Which files hold the same bytes is not kept: that means something only among listings that were made together.

use crate::engine::{Listed, Listing, ListingBuilder, ListingError, OrderedBuilder};

/// Counts up with each change of what the bytes mean.
const VERSION: u8 = 1;

/// Bytes before the output.
const HEAD: usize = 5;

const END: u8 = 0;
const DIRECTORY: u8 = 1;
const FILE: u8 = 2;
const EXECUTABLE: u8 = 3;
const TEXT: u8 = 4;
const SYMLINK: u8 = 5;

/// Why bytes are no listing.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("another version of the program wrote it")]
    Version,
    #[error("its checksum does not fit")]
    Checksum,
    #[error("it ends too early")]
    Short,
    #[error("more follows than belongs to it")]
    Long,
    #[error("a number is too large")]
    Number,
    #[error("there is no kind {0} of entry")]
    Kind(u8),
    #[error(transparent)]
    Entry(#[from] ListingError),
}

/// The bytes of a listing.
pub fn encode(listing: &Listing) -> Vec<u8> {
    let mut to = vec![VERSION, 0, 0, 0, 0];
    let mut depth = 0;
    for (path, listed) in listing.walk() {
        let name = path.rsplit(|&byte| byte == b'/').next().filter(|_| !path.is_empty());
        let above = if path.is_empty() { 0 } else { memchr::memchr_iter(b'/', &path).count() + 1 };
        to.resize(to.len() + depth - above, END);
        depth = above;
        to.push(match listed {
            Listed::Directory => DIRECTORY,
            Listed::File { executable: false, .. } => FILE,
            Listed::File { executable: true, .. } => EXECUTABLE,
            Listed::Text(_) => TEXT,
            Listed::Symlink(_) => SYMLINK,
        });
        if let Some(name) = name {
            put_bytes(&mut to, name);
        }
        match listed {
            Listed::Directory => depth += 1,
            Listed::File { size, .. } => put_number(&mut to, size),
            Listed::Text(bytes) | Listed::Symlink(bytes) => put_bytes(&mut to, bytes),
        }
    }
    to.resize(to.len() + depth, END);
    let checksum = crc32fast::hash(&to[HEAD..]);
    to[1..HEAD].copy_from_slice(&checksum.to_le_bytes());
    to
}

fn put_number(to: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        to.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    to.push(number.to_le_bytes()[0]);
}

fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    put_number(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

/// The listing that was made into `bytes`. Whatever they are, no more memory is taken than a small multiple of them.
pub fn decode(bytes: &[u8]) -> Result<Listing, DecodeError> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(DecodeError::Short)?;
    let [version, checksum @ ..] = *head;
    if version != VERSION {
        return Err(DecodeError::Version);
    }
    if crc32fast::hash(rest) != u32::from_le_bytes(checksum) {
        return Err(DecodeError::Checksum);
    }
    let mut left = Left(rest);
    let listing = match left.byte()? {
        DIRECTORY => directory(&mut left)?,
        kind => {
            let mut listing = ListingBuilder::new();
            match kind {
                FILE | EXECUTABLE => listing.file(b"", left.number()?, kind == EXECUTABLE, None)?,
                TEXT => listing.text(b"", left.bytes()?)?,
                SYMLINK => listing.symlink(b"", left.bytes()?)?,
                kind => return Err(DecodeError::Kind(kind)),
            }
            listing.finish()
        }
    };
    if left.0.is_empty() { Ok(listing) } else { Err(DecodeError::Long) }
}

/// What is in the output, to the end of it.
fn directory(left: &mut Left) -> Result<Listing, DecodeError> {
    let mut listing = OrderedBuilder::new();
    let mut depth = 1_usize;
    loop {
        let kind = left.byte()?;
        if kind == END {
            depth -= 1;
            if depth == 0 {
                return Ok(listing.finish()?);
            }
            listing.end()?;
            continue;
        }
        let name = left.bytes()?;
        match kind {
            DIRECTORY => {
                listing.begin(name)?;
                depth += 1;
            }
            FILE | EXECUTABLE => listing.file(name, left.number()?, kind == EXECUTABLE)?,
            TEXT => listing.text(name, left.bytes()?)?,
            SYMLINK => listing.symlink(name, left.bytes()?)?,
            kind => return Err(DecodeError::Kind(kind)),
        }
    }
}

/// Bytes that are not yet read.
struct Left<'a>(&'a [u8]);

impl<'a> Left<'a> {
    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (byte, rest) = self.0.split_first().ok_or(DecodeError::Short)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(DecodeError::Number);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(DecodeError::Number)
    }

    fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = usize::try_from(self.number()?).map_err(|_| DecodeError::Number)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Short)?;
        self.0 = rest;
        Ok(bytes)
    }
}

#[cfg(test)]
#[path = "encoding_tests.rs"]
mod tests;
