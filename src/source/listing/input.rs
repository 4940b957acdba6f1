//! The file as text: unpacked if it is compressed, valid UTF-8, bounded, and with progress.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};

use crate::progress::{Progress, Step};

const CHUNK: usize = 64 << 10;
/// Entries of nixpkgs have a few kB.
const MAX_ENTRY: u64 = 16 << 20;
/// Ten times nixpkgs; a small file can unpack to any size.
const MAX_UNPACKED: u64 = 4 << 30;
/// How often progress is told until the end.
const STEPS: u64 = 100;

/// What the bytes of the file are, by the first of them that is not blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Empty,
    Json,
    /// Or something else: only unpacking tells.
    Brotli,
}

/// Counts what goes through and says when it is too much.
pub(super) struct Meter<'a> {
    what: String,
    /// Bytes of the file.
    total: u64,
    read: Cell<u64>,
    told: Cell<u64>,
    unpacked: Cell<u64>,
    /// What was unpacked before the current entry.
    before: Cell<u64>,
    progress: &'a dyn Progress,
}

impl<'a> Meter<'a> {
    pub fn new(what: String, total: u64, progress: &'a dyn Progress) -> Self {
        let zero = Cell::default;
        Self { what, total, read: zero(), told: zero(), unpacked: zero(), before: zero(), progress }
    }

    /// Bytes of text so far.
    pub fn unpacked(&self) -> u64 {
        self.unpacked.get()
    }

    /// An entry begins about here.
    pub fn begin_entry(&self) {
        self.before.set(self.unpacked.get());
    }

    fn add_read(&self, bytes: usize) {
        self.read.set(self.read.get() + bytes as u64);
        if self.told.get() == 0 || self.read.get() - self.told.get() > self.total / STEPS {
            self.told.set(self.read.get());
            self.progress.step(Step { what: self.what.clone(), done: self.read.get(), total: self.total });
        }
    }

    fn add_unpacked(&self, bytes: usize) -> io::Result<()> {
        self.unpacked.set(self.unpacked.get() + bytes as u64);
        if self.progress.is_cancelled() {
            return Err(io::Error::other("stopped"));
        }
        if self.unpacked.get() - self.before.get() > MAX_ENTRY {
            return Err(io::Error::other(format!("an entry has more than {} MiB", MAX_ENTRY >> 20)));
        }
        if self.unpacked.get() > MAX_UNPACKED {
            return Err(io::Error::other(format!("unpacked it has more than {} GiB", MAX_UNPACKED >> 30)));
        }
        Ok(())
    }
}

/// The text of a file, and how it was found.
pub(super) fn open<'a>(file: File, meter: &'a Meter<'a>) -> io::Result<(Form, impl Read + 'a)> {
    let mut file = BufReader::with_capacity(CHUNK, Metered { file, meter });
    let start = file.fill_buf()?;
    let form = match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        _ if start.is_empty() => Form::Empty,
        Some(b'{') => Form::Json,
        _ => Form::Brotli,
    };
    let unpacked: Box<dyn Read> = match form {
        Form::Brotli => Box::new(brotli::Decompressor::new(file, CHUNK)),
        Form::Empty | Form::Json => Box::new(file),
    };
    let text = Text { from: unpacked, meter, chunk: vec![0; CHUNK], kept: 0, ready: Vec::new(), given: 0 };
    // Bytes are taken one by one, which only this makes cheap.
    Ok((form, BufReader::with_capacity(CHUNK, text)))
}

struct Metered<'a> {
    file: File,
    meter: &'a Meter<'a>,
}

impl Read for Metered<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(to)?;
        self.meter.add_read(read);
        Ok(read)
    }
}

/// Makes what is not UTF-8 U+FFFD: Nix 2.8 writes the bytes of a text as they are.
struct Text<'a> {
    from: Box<dyn Read + 'a>,
    meter: &'a Meter<'a>,
    /// Begins with `kept` bytes: the beginning of a letter whose rest is still to come.
    chunk: Vec<u8>,
    kept: usize,
    /// UTF-8, of which `given` bytes are given.
    ready: Vec<u8>,
    given: usize,
}

impl Text<'_> {
    /// Afterwards nothing is ready only if there is no more.
    fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() {
            let read = self.from.read(&mut self.chunk[self.kept..])?;
            self.meter.add_unpacked(read)?;
            let end = self.kept + read;
            self.kept = 0;
            let mut start = 0;
            while let Err(error) = std::str::from_utf8(&self.chunk[start..end]) {
                let bad = start + error.valid_up_to();
                self.ready.extend_from_slice(&self.chunk[start..bad]);
                match error.error_len() {
                    None if read > 0 => {
                        self.chunk.copy_within(bad..end, 0);
                        self.kept = end - bad;
                        start = end;
                    }
                    length => {
                        self.ready.extend_from_slice("\u{fffd}".as_bytes());
                        start = length.map_or(end, |length| bad + length);
                    }
                }
            }
            self.ready.extend_from_slice(&self.chunk[start..end]);
            if read == 0 {
                break;
            }
        }
        Ok(())
    }
}

impl Read for Text<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.fill()?;
        }
        let read = (&self.ready[self.given..]).read(to)?;
        self.given += read;
        Ok(read)
    }
}
