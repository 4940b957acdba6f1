//! What is in outputs that are not here: their listings, from whoever has them, kept for ever.
//!
//! | module | what it is |
//! |---|---|
//! | `known` | what is known of outputs that are not here: from memory, the database, or those who can tell |
//! | `database` | listings kept on disk, shared by all programs of the user |
//! | `encoding` | a listing as bytes |
//! | `cache` | binary caches: the `.ls` beside each archive |
//! | `ls` | the format of those |
//! | `nix_index` | the user's database of nix-index |

mod cache;
mod database;
mod encoding;
mod known;
mod ls;
mod nix_index;

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::engine::Listing;
use crate::progress::Progress;

use super::local::store_path::LETTERS;

pub use cache::{Cache, Limits};
pub use database::Database;
pub use known::Known;
pub use ls::{LsError, parse};
pub use nix_index::{FileKind, IndexedFile, NixIndex, NixIndexError};

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

/// The hash in a path of `store`, by which caches call it; `None` if it is no such path.
fn hash_of<'a>(store: &Path, path: &'a Path) -> Option<&'a str> {
    const HASH: usize = 32;
    let name = path.strip_prefix(store).ok()?.as_os_str().as_bytes();
    let (hash, rest) = name.split_at_checked(HASH)?;
    let is_path = rest.len() > 1 && rest[0] == b'-' && !rest.contains(&b'/');
    str::from_utf8(hash).ok().filter(|_| is_path && hash.iter().all(|letter| LETTERS.contains(letter)))
}
