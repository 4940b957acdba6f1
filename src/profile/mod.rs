//! What is installed: elements, the manifest that records them, generations, the lock, and staged transactions.
//!
//! It knows where outputs are said to lie, but never looks at their files: that is the store's and the engine's work.

mod apply;
mod change;
mod deletion;
mod descent;
mod element;
mod element_name;
mod env_files;
mod error;
mod generation;
mod kept;
mod locate;
mod lock;
pub mod manifest;
mod notation;
mod request;
mod store_name;
mod switch;
mod transaction;

pub use apply::Find;
pub use change::Change;
pub use deletion::Deletion;
pub use descent::{Descent, Parent, ancestors};
pub use element::{Element, ElementOutput};
pub use env_files::{EnvFiles, Relation, RememberedFile, Said, Written};
pub use error::ProfileError;
pub use generation::{Generation, Profile};
pub use kept::Kept;
pub use locate::Located;
pub use lock::{Lock, LockState};
pub use manifest::{Contents, JsonVersion, ManifestKind, nix_env, nix_profile};
pub use notation::ChangeParseError;
pub use request::{ChangeRequest, Offers};
pub use store_name::{StoreName, is_store_path, split_version};
pub use switch::{AddRoot, LockedProfile};
pub use transaction::Transaction;
