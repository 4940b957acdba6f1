//! What Nix says of a flake: where it is, and whether that is one content for all time.

use serde::Deserialize;

/// A flake as it was found, and the system to look below.
pub(super) struct Flake {
    pub original_url: String,
    pub url: String,
    /// Whether the url names one content for all time; pure evaluation reads no other.
    pub is_locked: bool,
    pub system: String,
}

/// The answer of `nix flake metadata --json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    original_url: String,
    url: String,
    locked: Locked,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Locked {
    r#type: String,
    rev: Option<String>,
    nar_hash: Option<String>,
}

impl Metadata {
    pub fn into_flake(self, system: String) -> Flake {
        let Self { original_url, url, locked } = self;
        let has_hash = locked.nar_hash.is_some() && matches!(&*locked.r#type, "path" | "tarball" | "file");
        Flake { original_url, url, is_locked: locked.rev.is_some() || has_hash, system }
    }
}
