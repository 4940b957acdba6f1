//! Bytes to a daemon and back. The only place that waits: about ten times a second it asks whether to go on.

use std::io;
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::NixError;
use super::process::Process;
use crate::progress::Progress;

/// Between two looks at whether the work was cancelled.
const LOOK_UP: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

const CHUNK: usize = 64 << 10;

/// How much a daemon may say before it has heard all; a real one says a few lines at most.
const MOST_UNREAD: usize = 16 << 20;

/// Both directions of a connection. It is closed by the first error, and stays so.
pub(super) struct Channel {
    /// Who is at the other end, for messages.
    peer: String,
    ends: Option<Ends>,
    process: Option<Process>,
    received: Vec<u8>,
    /// How much of `received` is read.
    read: usize,
}

struct Ends {
    /// `None` once the daemon says no more.
    from: Option<OwnedFd>,
    /// `None` once the daemon hears no more.
    to: Option<OwnedFd>,
}

impl Channel {
    pub fn new(peer: String, from: OwnedFd, to: OwnedFd, process: Option<Process>) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&from, true)?;
        rustix::io::ioctl_fionbio(&to, true)?;
        Ok(Self { peer, ends: Some(Ends { from: Some(from), to: Some(to) }), process, received: Vec::new(), read: 0 })
    }

    /// Sends all of `bytes`. A daemon that hears no more is no error yet: it may have said why.
    ///
    /// What it says meanwhile is kept, so that no two ends ever wait for each other.
    pub fn send(&mut self, mut bytes: &[u8], progress: &dyn Progress) -> Result<(), NixError> {
        while !bytes.is_empty() {
            let ready = self.wait(true, progress)?;
            if ready.to_read {
                self.receive()?;
            }
            if self.received.len() - self.read > MOST_UNREAD {
                return Err(self.protocol("it talks without listening"));
            }
            let Some(to) = self.ends.as_ref().and_then(|ends| ends.to.as_ref()) else { return Ok(()) };
            if !ready.to_write {
                continue;
            }
            match rustix::io::write(to, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(Errno::PIPE | Errno::CONNRESET) => self.close(|ends| &mut ends.to),
                Err(errno) => return Err(self.broke(errno)),
            }
        }
        Ok(())
    }

    /// Fills `buffer`.
    pub fn read(&mut self, buffer: &mut [u8], progress: &dyn Progress) -> Result<(), NixError> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.read == self.received.len() {
                self.wait(false, progress)?;
                self.receive()?;
                if self.ends.as_ref().is_some_and(|ends| ends.from.is_none()) && self.received.is_empty() {
                    return Err(self.closed());
                }
                continue;
            }
            let count = (buffer.len() - filled).min(self.received.len() - self.read);
            buffer[filled..filled + count].copy_from_slice(&self.received[self.read..self.read + count]);
            filled += count;
            self.read += count;
        }
        Ok(())
    }

    /// Closes the connection because the daemon said what cannot be.
    pub fn protocol(&mut self, problem: impl Into<String>) -> NixError {
        self.give_up();
        NixError::Protocol { peer: self.peer.clone(), problem: problem.into() }
    }

    /// Closes the connection, which stops what the daemon does for it.
    pub fn give_up(&mut self) {
        self.ends = None;
    }

    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// Waits until there is something to read or, if `to_write`, room to write.
    fn wait(&mut self, to_write: bool, progress: &dyn Progress) -> Result<Ready, NixError> {
        loop {
            let Some(ends) = &self.ends else { return Err(NixError::GivenUp { peer: self.peer.clone() }) };
            if progress.is_cancelled() {
                self.give_up();
                return Err(NixError::Cancelled);
            }
            let from = ends.from.as_ref().map(|from| PollFd::new(from, PollFlags::IN));
            let to = ends.to.as_ref().filter(|_| to_write).map(|to| PollFd::new(to, PollFlags::OUT));
            let (reads, writes) = (from.is_some(), to.is_some());
            // What is closed is ready: there is nothing to wait for.
            if !reads && !to_write || !writes && to_write {
                return Ok(Ready { to_read: false, to_write: false });
            }
            let mut fds: Vec<_> = from.into_iter().chain(to).collect();
            match poll(&mut fds, Some(&LOOK_UP)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => {
                    let is_ready = |fd: Option<&PollFd>| fd.is_some_and(|fd| !fd.revents().is_empty());
                    return Ok(Ready {
                        to_read: reads && is_ready(fds.first()),
                        to_write: writes && is_ready(fds.last()),
                    });
                }
                Err(errno) => return Err(self.broke(errno)),
            }
        }
    }

    /// Takes in what is there.
    fn receive(&mut self) -> Result<(), NixError> {
        if self.read == self.received.len() {
            self.received.clear();
            self.read = 0;
        }
        let Some(from) = self.ends.as_ref().and_then(|ends| ends.from.as_ref()) else { return Ok(()) };
        let there = self.received.len();
        self.received.resize(there + CHUNK, 0);
        let result = rustix::io::read(from, &mut self.received[there..]);
        self.received.truncate(there + result.unwrap_or(0));
        match result {
            Ok(0) | Err(Errno::CONNRESET) => self.close(|ends| &mut ends.from),
            Ok(_) | Err(Errno::AGAIN | Errno::INTR) => {}
            Err(errno) => return Err(self.broke(errno)),
        }
        Ok(())
    }

    /// Closes one direction, at whose other end nobody is any more.
    fn close(&mut self, end: impl FnOnce(&mut Ends) -> &mut Option<OwnedFd>) {
        if let Some(ends) = &mut self.ends {
            *end(ends) = None;
        }
    }

    fn closed(&mut self) -> NixError {
        self.give_up();
        let said = self.process.as_ref().map(Process::said).unwrap_or_default();
        NixError::Closed { peer: self.peer.clone(), said }
    }

    fn broke(&mut self, errno: Errno) -> NixError {
        self.give_up();
        NixError::Io { peer: self.peer.clone(), source: errno.into() }
    }
}

/// What can be done without waiting.
struct Ready {
    to_read: bool,
    to_write: bool,
}
