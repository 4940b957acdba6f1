//! The Nix store, through the protocol in which Nix' own programs talk to its daemon.
//!
//! A [`Client`] has one [`Connection`], to a daemon's socket or to a `nix-daemon --stdio` of its own, and asks one thing
//! at a time. Every call can be cancelled through its [`Progress`](crate::progress::Progress); that, and any error but
//! the daemon's own ([`NixError::Daemon`]), ends the connection, and with it the daemon's work for it.
//!
//! | module | what it is |
//! |---|---|
//! | `client` | the operations: one method each |
//! | `connection` | how to reach a daemon, and the handshake |
//! | `stderr` | what a daemon tells before it answers |
//! | `activity` | what it is doing meanwhile, as a [`Step`](crate::progress::Step) |
//! | `wire` | numbers, strings, lists and frames |
//! | `store`, `session` | the store as the rest of the program knows it |
//! | `files` | the files of the store, of which some are not here |
//! | `channel` | bytes to a daemon and back; the only place that waits |
//! | `process` | a `nix-daemon --stdio` |
//! | `path` | what is a path of the store |
//! | `message` | messages of Nix, made readable and harmless |
//!
//! The protocol is that of Nix 2.8 (1.34) to 2.34 (which accepts a client of 1.35): `src/libstore/worker-protocol.hh`,
//! `daemon.cc`, `remote-store.cc` and `src/libutil/logging.hh` there.

mod activity;
mod channel;
mod client;
mod connection;
mod error;
mod files;
mod path;
mod process;
mod session;
mod stderr;
mod store;
mod wire;

pub use self::client::{Client, Content, Missing, PathInfo, Wanted};
pub use self::connection::{Connection, Endpoint, Version};
pub use self::error::{DaemonError, NixError};
pub use self::store::NixStore;

#[cfg(test)]
mod tests;
