//! What Nix says of a flake: where it is, and whether that is one content for all time.

use serde::Deserialize;

use super::Pin;
use crate::safe;

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
    /// What a short name stands for.
    pub resolved_url: String,
    url: String,
    locked: Locked,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Locked {
    r#type: String,
    rev: Option<String>,
    nar_hash: Option<String>,
    last_modified: Option<i64>,
}

impl Metadata {
    pub fn into_flake(self, system: String) -> Flake {
        let Self { original_url, url, locked, .. } = self;
        let has_hash = locked.nar_hash.is_some() && matches!(&*locked.r#type, "path" | "tarball" | "file");
        Flake { original_url, url, is_locked: locked.rev.is_some() || has_hash, system }
    }

    /// The revision that was found; the error says why it is none.
    pub fn pin(&self) -> Result<Pin, String> {
        let Locked { r#type, rev, nar_hash, last_modified } = &self.locked;
        match (&**r#type, rev) {
            // What is in the store can be collected, and then nobody has it.
            ("path", _) => Err(format!(
                "{} is a folder, which keeps no revisions; keep it in git, or name where it came from, such as \
                 github:NixOS/nixpkgs/nixos-unstable",
                safe::text(&self.resolved_url)
            )),
            ("git" | "mercurial", None) => Err(format!(
                "{} has changes that are in no revision; commit them first",
                safe::text(&self.resolved_url)
            )),
            _ => {
                let pin = Pin::locked(&self.url, nar_hash.as_deref(), *last_modified);
                pin.map_err(|error| format!("Nix locked it to {}: {}", safe::text(&error.text), error.problem))
            }
        }
    }

    /// Whether a pin is what was found; the error says what else it is.
    pub fn is_at(&self, pin: &Pin) -> Result<(), String> {
        let found = self.locked.nar_hash.as_deref();
        match (pin.hash(), found) {
            (Some(pinned), Some(found)) if pinned != found => Err(format!(
                "{} has other content than it was pinned to: its hash is {}, and that of the pin {pinned}; pin it anew",
                safe::text(pin.reference()),
                safe::text(found)
            )),
            _ => Ok(()),
        }
    }
}
