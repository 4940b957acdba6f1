//! How to reach a daemon, and the first words with it.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use super::NixError;
use super::activity::Activities;
use super::channel::Channel;
use super::process::spawn;
use super::stderr::until_answer;
use super::wire::{Frames, Reader, Request};
use crate::progress::Progress;
use crate::safe;

const CLIENT_MAGIC: u64 = 0x6e69_7863;
const DAEMON_MAGIC: u64 = 0x6478_696f;

/// Nix 2.8, and the first with all operations that are used here in their present form.
pub(super) const OLDEST: Version = Version { major: 1, minor: 34 };

/// Nix 2.15: the first that tells whether it trusts the user. All later ones accept it.
pub(super) const OURS: Version = Version { major: 1, minor: 35 };

/// Where a daemon is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The socket of a running daemon.
    Socket(PathBuf),
    /// `program --stdio`, started for this connection only, with `environment` added to that of this program.
    Program { program: PathBuf, environment: Vec<(OsString, OsString)> },
}

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
}

impl Version {
    fn from_wire(number: u64) -> Self {
        Self { major: number >> 8, minor: number & 0xff }
    }

    fn to_wire(self) -> u64 {
        self.major << 8 | self.minor
    }
}

impl fmt::Display for Version {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}.{}", self.major, self.minor)
    }
}

/// A daemon that listens, one operation at a time. Closed when it is dropped, and by any error but the daemon's own.
pub struct Connection {
    channel: Channel,
    version: Version,
    nix_version: String,
    is_trusted: Option<bool>,
}

impl Connection {
    /// Reaches a daemon and agrees with it on a version.
    pub fn open(endpoint: &Endpoint, progress: &dyn Progress) -> Result<Self, NixError> {
        Self::greet(open_channel(endpoint)?, progress)
    }

    /// The version that both sides speak.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The daemon's version of Nix, e.g. `2.8.0`; harmless for a terminal.
    pub fn nix_version(&self) -> &str {
        &self.nix_version
    }

    /// Whether the daemon trusts this user; `None` if it does not say (before Nix 2.15).
    pub fn is_trusted(&self) -> Option<bool> {
        self.is_trusted
    }

    /// The handshake (Nix' `WorkerProto::BasicClientConnection::handshake` and `postHandshake`).
    pub(super) fn greet(mut channel: Channel, progress: &dyn Progress) -> Result<Self, NixError> {
        channel.send(Request::new(CLIENT_MAGIC).as_bytes(), progress)?;
        let mut reader = Reader::new(&mut channel, progress);
        if reader.number()? != DAEMON_MAGIC {
            return Err(reader.protocol("its first bytes are not those of the protocol"));
        }
        let theirs = Version::from_wire(reader.number()?);
        if theirs.major != OURS.major || theirs < OLDEST {
            return Err(NixError::Version { peer: reader.peer().to_owned(), theirs });
        }
        let version = theirs.min(OURS);
        // After the version two things of the past, each with its "no": the processor to run on, space to reserve.
        let reply = Request::new(OURS.to_wire()).number(0).number(0);
        channel.send(reply.as_bytes(), progress)?;

        let mut reader = Reader::new(&mut channel, progress);
        let nix_version = reader.message()?;
        let is_trusted = if version.minor >= 35 { trust(&mut reader)? } else { None };
        // There are no paths in what is told here.
        until_answer(&mut reader, &mut Activities::new(Path::new("/"), progress))?;
        Ok(Self { channel, version, nix_version, is_trusted })
    }

    /// Asks, and reads the answer; `store` is the directory in which all paths have to lie.
    pub(super) fn ask<T>(
        &mut self,
        request: &Request,
        store: &Path,
        progress: &dyn Progress,
        answer: impl FnOnce(&mut Reader) -> Result<T, NixError>,
    ) -> Result<T, NixError> {
        self.channel.send(request.as_bytes(), progress)?;
        self.answer(store, progress, answer)
    }

    /// Asks with a content of any size, which `write` writes. An error of `write` closes the connection.
    pub(super) fn ask_with<T>(
        &mut self,
        request: &Request,
        (name, write): (&str, impl FnOnce(&mut dyn io::Write) -> io::Result<()>),
        store: &Path,
        progress: &dyn Progress,
        answer: impl FnOnce(&mut Reader) -> Result<T, NixError>,
    ) -> Result<T, NixError> {
        self.channel.send(request.as_bytes(), progress)?;
        let mut frames = Frames::new(&mut self.channel, progress);
        let content = write(&mut frames);
        frames.finish(name, content)?;
        self.answer(store, progress, answer)
    }

    fn answer<T>(
        &mut self,
        store: &Path,
        progress: &dyn Progress,
        answer: impl FnOnce(&mut Reader) -> Result<T, NixError>,
    ) -> Result<T, NixError> {
        let mut reader = Reader::new(&mut self.channel, progress);
        until_answer(&mut reader, &mut Activities::new(store, progress))?;
        answer(&mut reader)
    }
}

fn open_channel(endpoint: &Endpoint) -> Result<Channel, NixError> {
    match endpoint {
        Endpoint::Socket(socket) => {
            let connect = || {
                let to = UnixStream::connect(socket)?;
                let peer = format!("the Nix daemon at {}", safe::path(socket));
                Channel::new(peer, OwnedFd::from(to.try_clone()?), to.into(), None)
            };
            connect().map_err(|source| NixError::Connect { socket: socket.clone(), source })
        }
        Endpoint::Program { program, environment } => {
            let start = || {
                let spawned = spawn(program, environment)?;
                let peer = format!("`{} --stdio`", safe::path(program));
                Channel::new(peer, spawned.from, spawned.to, Some(spawned.process))
            };
            start().map_err(|source| NixError::Spawn { program: program.clone(), source })
        }
    }
}

fn trust(reader: &mut Reader) -> Result<Option<bool>, NixError> {
    match reader.number()? {
        0 => Ok(None),
        1 => Ok(Some(true)),
        2 => Ok(Some(false)),
        unknown => Err(reader.protocol(format!("it sends the unknown trust {unknown}"))),
    }
}
