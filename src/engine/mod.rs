//! The engine: works out which package provides which path of an environment, and makes that environment.
//!
//! It is *not* a package manager: it knows no terminal, no Nix command and no profile. Packages go in as named lists of
//! directories ([`Request`]), their files are seen through the trait [`Files`], and out comes a [`Plan`] that holds every
//! link, every directory and *every* collision. A plan that [builds](Plan::builds) can be written to disk
//! ([`write()`]) or streamed as a NAR ([`nar`]).
//!
//! Names are bytes throughout; no UTF-8 is assumed. Paths are absolute, with `/` between components.

mod collision;
mod diff;
mod disk;
mod error;
mod files;
mod listing;
mod listings;
mod merge;
pub mod nar;
mod path;
mod plan;
mod remembered;
mod rules;
mod settle;
mod staging;
mod unknown;
mod write;

pub use collision::{Collision, CollisionKind, Contender, Reason};
pub use diff::{Difference, diff};
pub use disk::Disk;
pub use error::PlanError;
pub use files::{Entry, EntryKind, FileError, Files, Found};
pub use listing::{Listed, Listing, ListingBuilder, ListingError, OrderedBuilder};
pub use listings::{Inserted, Listings, Roots};
pub use merge::plan;
pub use path::join;
pub use plan::{Directory, DirectoryId, Node, Plan, Target};
pub use remembered::Remembered;
pub use rules::{NixpkgsRules, Output, Package, Request, RuleSet, Rules, parse_priority};
pub use settle::{Settlement, Suggestion, suggest};
pub use staging::{Staging, remove_tree};
pub use write::{WriteError, write, write_into};
