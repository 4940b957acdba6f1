//! nix-loom weaves the outputs of packages into one profile, and shows the weave before it is made.
//!
//! # The map
//!
//! Arrows point down only; nothing below knows anything above it.
//!
//! | module | what it is |
//! |---|---|
//! | `tui` | the screen: state, keys, views (feature `tui`) |
//! | [`cli`] | the commands for scripts: arguments in, lines or JSON out |
//! | [`loom`] | the façade that both faces call: open, search, preview, apply |
//! | [`catalogue`] | packages on offer: an index of each source, queries, ranking |
//! | [`profile`] | what is installed: elements, manifests, generations, the lock, transactions |
//! | [`store`] | where outputs live; [`store::local`] is the store for machines without Nix |
//! | [`config`] | the config file: which sources there are, in which order |
//! | [`source`] | where packages come from: Nix files and flakes, listings, what a user has already |
//! | [`env_file`] | an environment as a file: written for Nix to build, or as a document, and read again |
//! | [`engine`] | listings → plan → write: the merging itself; knows no terminal, no Nix, no profile |
//! | [`nix`] | the Nix of this machine: directories, configuration, programs, the way to its store |
//! | [`package`], [`progress`] | words that all of them share: a package on offer; how far long work is |
//! | [`remembered`] | what the screen remembers from one run to the next |
//! | [`version`] | which of two versions is the newer one, as Nix decides it |
//! | [`safe`] | makes names and messages from outside harmless for a terminal |
//!
//! # The way of one key press
//!
//! `Space` on a package on offer: `tui::event_loop` takes the event and `tui::keymap` gives its command; `tui::update`
//! stages a [`profile::Change`] in the state and asks for an effect, the preview. A thread of `tui::worker` calls
//! [`loom::Loom::preview`]: [`profile::Transaction::apply_to`] gives the elements that there would be, [`engine::plan`]
//! weaves their files as the [`store`] knows them, here or not, [`engine::diff`] holds the result against what is
//! installed, and [`engine::suggest`] tries out what would settle collisions. The answer comes back as an action with
//! the number of its request, a stale one is dropped, and `tui::view` draws the new state.
//!
//! Letters in the search box go to [`catalogue::Worker`], which searches the indexes of all sources on a thread of its
//! own; a newer query drops an older one. An index is read from the cache directory at the start; whether its source is
//! still the same is looked at afterwards, in the background ([`loom::Loom::load_sources`]).
//!
//! A row of a source that Nix evaluates is what its listing told until the selection rests on it: then a thread calls
//! [`loom::Loom::look`], [`source`] has Nix evaluate that one attribute, and what it told is shown in the row from then on.
//!
//! An environment file is a source without being configured, called by its path: [`loom::Loom::import`] has Nix evaluate it,
//! [`source`] reads out of its derivation which packages it takes by which rules, and the environment is worked out like any
//! other. Until it is built, the store's files show what it will be, so what it collides with in the profile is told first.
//!
//! `Enter` on the plan goes the same way to [`loom::Loom::apply`]: the store puts in place what is missing, the plan is
//! made again from what is really there, the environment becomes a path of the store, and the profile's link is switched
//! to it by one rename. Before that rename nothing of it can be seen.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalogue;
pub mod cli;
pub mod config;
pub mod engine;
pub mod env_file;
pub mod loom;
pub mod nix;
pub mod package;
pub mod profile;
pub mod progress;
pub mod remembered;
pub mod safe;
pub mod source;
pub mod store;
#[cfg(feature = "tui")]
pub mod tui;
pub mod version;
