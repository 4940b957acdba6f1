//! The manifest of an environment: the file that records which elements it was made of.
//!
//! Here is the one of `nix profile`. An environment without any is never taken for an empty profile: the next change
//! would silently throw away what is in it.

pub mod nix_profile;
mod old_names;
mod outputs;

/// The key under which [`crate::profile::Element::extra`] keeps a choice of outputs that names none.
pub(super) const OUTPUTS: &str = "outputs";

/// What [`crate::profile::Element::extra`] may hold that is true of one build only.
pub(super) const OF_ONE_BUILD: [&str; 3] = ["originalUrl", "url", OUTPUTS];
