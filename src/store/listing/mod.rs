//! What is in outputs that are not here: their listings, from whoever has them, kept for ever.
//!
//! | module | what it is |
//! |---|---|
//! | `known` | what is known of outputs that are not here: from memory, the database, or those who can tell |
//! | `database` | listings kept on disk, shared by all programs of the user |
//! | `encoding` | a listing as bytes |

mod database;
mod encoding;
mod known;

use std::path::{Path, PathBuf};

use crate::engine::Listing;
use crate::progress::Progress;

pub use database::Database;
pub use known::Known;

/// Somebody who can tell what is in outputs that are not here.
pub trait Provider: Send + Sync {
    /// What it is called in messages, such as the address of a cache.
    fn name(&self) -> String;

    /// Gives the listing of each of `paths` that it has to `found`, in any order and from any thread; an `Err` says what
    /// went wrong with one, in one sentence. Of what it does not have it says nothing.
    fn listings(
        &self,
        paths: &[PathBuf],
        found: &(dyn Fn(&Path, Result<Listing, String>) + Sync),
        progress: &dyn Progress,
    );
}

/// An output that is not here, and of which no listing could be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    pub path: PathBuf,
    /// In one sentence; it may hold what others said, and is not made safe for a terminal.
    pub why: String,
}
