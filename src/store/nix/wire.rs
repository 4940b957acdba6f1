//! The form of things on the wire (Nix, `src/libutil/serialise.hh`): a number is 64 bits, little-endian; bytes are their
//! number, themselves, and zeros up to a multiple of eight; a list is its length and its items; frames are their length
//! and their bytes, without padding, and an empty one ends them.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::NixError;
use super::channel::Channel;
use super::path;
use crate::progress::Progress;
use crate::safe::message as readable;

/// Most that one answer may take in memory: about half a million paths.
pub(super) const MOST_ANSWER: usize = 64 << 20;

/// What an item of a list takes beside its bytes.
const ITEM: usize = 32;

/// Longest text of a message that is not taken for damage.
const LONGEST_TEXT: u64 = 1 << 30;

/// How much of a longer text is kept.
const KEPT_TEXT: usize = 16 << 10;

const CHUNK: usize = 16 << 10;

const FRAME: usize = 64 << 10;

/// What is asked of a daemon, written down.
pub(super) struct Request(Vec<u8>);

impl Request {
    pub fn new(operation: u64) -> Self {
        Self(Vec::new()).number(operation)
    }

    pub fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut new = self.number(bytes.len() as u64);
        new.0.extend_from_slice(bytes);
        new.0.resize(new.0.len().next_multiple_of(8), 0);
        new
    }

    pub fn path(self, path: &Path) -> Self {
        self.bytes(path.as_os_str().as_bytes())
    }

    pub fn list<T: AsRef<OsStr>>(self, items: &[T]) -> Self {
        let new = self.number(items.len() as u64);
        items.iter().fold(new, |new, item| new.bytes(item.as_ref().as_bytes()))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Reads what a daemon says. What it may make this program allocate is limited, and what comes is checked.
pub(super) struct Reader<'a> {
    channel: &'a mut Channel,
    progress: &'a dyn Progress,
    /// What the rest of the answer may take.
    left: usize,
}

impl<'a> Reader<'a> {
    pub fn new(channel: &'a mut Channel, progress: &'a dyn Progress) -> Self {
        Self { channel, progress, left: MOST_ANSWER }
    }

    pub fn number(&mut self) -> Result<u64, NixError> {
        let mut bytes = [0; 8];
        self.channel.read(&mut bytes, self.progress)?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub fn boolean(&mut self) -> Result<bool, NixError> {
        Ok(self.number()? != 0)
    }

    /// A byte string that is needed whole.
    pub fn bytes(&mut self) -> Result<Vec<u8>, NixError> {
        let length = self.number()?;
        let Some(length) = usize::try_from(length).ok().filter(|&length| length <= self.left) else {
            return Err(self.protocol(format!("it announces a string of {length} bytes")));
        };
        self.left -= length;
        let mut bytes = Vec::new();
        self.chunks(length as u64, |chunk| bytes.extend_from_slice(chunk))?;
        Ok(bytes)
    }

    /// A message for people, of which the beginning is enough.
    pub fn text(&mut self) -> Result<Vec<u8>, NixError> {
        let length = self.number()?;
        if length > LONGEST_TEXT {
            return Err(self.protocol(format!("it announces a message of {length} bytes")));
        }
        let mut kept = Vec::new();
        self.chunks(length, |chunk| {
            let room = KEPT_TEXT - kept.len();
            kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        })?;
        Ok(kept)
    }

    /// The same, ready to be shown.
    pub fn message(&mut self) -> Result<String, NixError> {
        Ok(readable(&self.text()?))
    }

    /// The path of a store.
    pub fn path(&mut self, store: &Path) -> Result<PathBuf, NixError> {
        let bytes = self.bytes()?;
        path::parse(store, &bytes).ok_or_else(|| {
            let (bytes, store) = (readable(&bytes), readable(store.as_os_str().as_bytes()));
            self.protocol(format!("it names {bytes}, which is no path of the store {store}"))
        })
    }

    pub fn paths(&mut self, store: &Path) -> Result<Vec<PathBuf>, NixError> {
        self.list(|reader| reader.path(store))
    }

    /// A list, each item of which `item` reads.
    pub fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, NixError>) -> Result<Vec<T>, NixError> {
        let length = self.number()?;
        let Some(left) = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_mul(ITEM))
            .and_then(|bytes| self.left.checked_sub(bytes))
        else {
            return Err(self.protocol(format!("it announces a list of {length} items")));
        };
        self.left = left;
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(item(self)?);
        }
        Ok(items)
    }

    pub fn protocol(&mut self, problem: impl Into<String>) -> NixError {
        self.channel.protocol(problem)
    }

    pub fn peer(&self) -> &str {
        self.channel.peer()
    }

    /// Reads `length` bytes and their padding.
    fn chunks(&mut self, length: u64, mut take: impl FnMut(&[u8])) -> Result<(), NixError> {
        let mut buffer = [0; CHUNK];
        let mut left = length;
        while left > 0 {
            let count = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
            self.channel.read(&mut buffer[..count], self.progress)?;
            take(&buffer[..count]);
            left -= count as u64;
        }
        let mut padding = [0; 8];
        let padding = &mut padding[..((8 - length % 8) % 8) as usize];
        self.channel.read(padding, self.progress)?;
        if padding.iter().any(|&byte| byte != 0) {
            return Err(self.protocol("the padding of a string is not zero"));
        }
        Ok(())
    }
}

/// Sends what is written to it in frames.
pub(super) struct Frames<'a> {
    channel: &'a mut Channel,
    progress: &'a dyn Progress,
    /// The next frame, after room for its length.
    frame: Vec<u8>,
    failure: Option<NixError>,
}

impl<'a> Frames<'a> {
    pub fn new(channel: &'a mut Channel, progress: &'a dyn Progress) -> Self {
        Self { channel, progress, frame: vec![0; 8], failure: None }
    }

    /// Ends the frames after `content`, the result of writing to them. Content that ended early closes the connection, as
    /// nothing else keeps the daemon from taking it for the whole.
    pub fn finish(mut self, name: &str, content: io::Result<()>) -> Result<(), NixError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        if let Err(source) = content {
            self.channel.give_up();
            return Err(NixError::Content { name: name.to_owned(), source });
        }
        self.send()?;
        self.channel.send(&[0; 8], self.progress)
    }

    fn send(&mut self) -> Result<(), NixError> {
        let length = self.frame.len() - 8;
        if length > 0 {
            self.frame[..8].copy_from_slice(&(length as u64).to_le_bytes());
            self.channel.send(&self.frame, self.progress)?;
            self.frame.truncate(8);
        }
        Ok(())
    }
}

impl Write for Frames<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other("the connection to the Nix daemon is gone"));
        }
        let count = bytes.len().min(FRAME + 8 - self.frame.len());
        self.frame.extend_from_slice(&bytes[..count]);
        if self.frame.len() == FRAME + 8
            && let Err(failure) = self.send()
        {
            self.failure = Some(failure);
            return Err(io::Error::other("the connection to the Nix daemon is gone"));
        }
        Ok(count)
    }

    /// Keeps what is not a whole frame yet: frames that are too small cost more than they hold.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
