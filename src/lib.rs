//! nix-loom weaves the outputs of packages into one profile, and shows the weave before it is made.
//!
//! # The map
//!
//! Arrows point down only; nothing below knows anything above it.
//!
//! | module | what it is |
//! |---|---|
//! | [`tui`] | the screen: state, keys, views (feature `tui`) |
//! | [`cli`] | the commands for scripts: arguments in, lines or JSON out |
//! | [`loom`] | the façade that both faces call: open, search, preview, apply |
//! | [`catalogue`] | packages on offer: the record of one, queries, ranking |
//! | [`profile`] | what is installed: elements, manifests, generations, the lock, transactions |
//! | [`store`] | where outputs live; [`store::local`] is the store for machines without Nix |
//! | [`engine`] | listings → plan → write: the merging itself; knows no terminal, no Nix, no profile |
//! | [`package`], [`progress`] | words that all of them share: a package on offer; how far long work is
//! | [`safe`] | makes names and messages from outside harmless for a terminal |

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalogue;
pub mod cli;
pub mod engine;
pub mod loom;
pub mod package;
pub mod profile;
pub mod progress;
pub mod safe;
pub mod store;
#[cfg(feature = "tui")]
pub mod tui;
