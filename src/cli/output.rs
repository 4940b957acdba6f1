//! Standard output: a pipe that nobody reads any more is no failure.

use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Stdout, Write};

use serde::Serialize;

use crate::safe;

/// Standard output. What is written after its reader has gone is dropped, so that a command ends with the exit code
/// that it earned.
pub(super) struct Output {
    stdout: BufWriter<Stdout>,
    is_closed: bool,
}

impl Output {
    pub fn new() -> Self {
        Self { stdout: BufWriter::new(io::stdout()), is_closed: false }
    }

    /// One JSON document, and a newline.
    pub fn json(&mut self, document: &impl Serialize) -> io::Result<()> {
        let document = serde_json::to_string_pretty(document)?;
        writeln!(self, "{}", safe::json_document(&document))
    }

    fn unless_closed<T>(&mut self, result: io::Result<T>, otherwise: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(otherwise)
            }
            result => result.map_err(|error| io::Error::new(error.kind(), format!("standard output: {error}"))),
        }
    }
}

/// Whether a person reads along: then columns get headings.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// The terminal's width in columns; `None` if it is no terminal.
pub(super) fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|&columns| columns > 0)
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        let written = self.stdout.write(bytes);
        self.unless_closed(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let flushed = self.stdout.flush();
        self.unless_closed(flushed, ())
    }
}
