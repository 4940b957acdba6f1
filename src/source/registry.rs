//! The registries of flakes: what the short name `nixpkgs` stands for.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::nix::{Installation, Variables};

use super::channel::Channel;

/// Bytes; the registry of all flakes that are known in the world has 10,000.
const MAX_LENGTH: u64 = 1 << 20;

/// What a flake is, as far as a registry tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// On this machine.
    Path(PathBuf),
    /// A branch of nixpkgs, or what a channel offers.
    Nixpkgs { channel: Option<Channel> },
    /// Somewhere else, in the registry's words.
    Other(String),
}

#[derive(Deserialize)]
struct Registry {
    version: u64,
    flakes: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    from: Reference,
    to: Reference,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reference {
    r#type: String,
    id: String,
    path: String,
    owner: String,
    repo: String,
    r#ref: String,
    url: String,
}

/// What `nixpkgs` is by the user's registry, the machine's or, where flakes are in use, the global one, which Nix fetches
/// and which has its `nixpkgs-unstable`. Registries that cannot be read count as empty.
pub(super) fn nixpkgs(nix: &Installation, variable: &Variables) -> Option<Target> {
    let system = variable("NIX_CONF_DIR").filter(|folder| !folder.is_empty()).unwrap_or_else(|| "/etc/nix".into());
    let files = nix.user.config_home.iter().map(|config| config.join("nix")).chain([PathBuf::from(system)]);
    let found = files.filter_map(|folder| read(&folder.join("registry.json"))).find_map(|registry| find(&registry));
    let is_global_in_use = nix.config.has_flakes() && nix.config.flake_registry.as_deref() != Some("");
    found.or_else(|| is_global_in_use.then(|| Target::Nixpkgs { channel: Channel::named("nixpkgs-unstable") }))
}

fn read(file: &Path) -> Option<Registry> {
    let is_short = fs::metadata(file).is_ok_and(|found| found.is_file() && found.len() <= MAX_LENGTH);
    let text = is_short.then(|| fs::read(file).ok()).flatten()?;
    serde_json::from_slice(&text).ok().filter(|registry: &Registry| registry.version == 2)
}

fn find(registry: &Registry) -> Option<Target> {
    let is_meant = |from: &Reference| from.r#type == "indirect" && from.id == "nixpkgs" && from.r#ref.is_empty();
    let to = &registry.flakes.iter().find(|entry| is_meant(&entry.from))?.to;
    let is_nixpkgs = to.owner.eq_ignore_ascii_case("nixos") && to.repo.eq_ignore_ascii_case("nixpkgs");
    Some(match &*to.r#type {
        "path" if to.path.starts_with('/') => Target::Path(PathBuf::from(&to.path)),
        "github" if is_nixpkgs => Target::Nixpkgs { channel: Channel::named(&to.r#ref) },
        "tarball" if Channel::of_url(&to.url).is_some() => Target::Nixpkgs { channel: Channel::of_url(&to.url) },
        other => Target::Other(format!("{other}:{}{}/{}", to.url, to.owner, to.repo)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(to: &serde_json::Value) -> Option<Target> {
        let from = json!({"type": "indirect", "id": "nixpkgs"});
        let other = json!({"from": {"type": "indirect", "id": "other"}, "to": {"type": "path", "path": "/other"}});
        let registry = json!({"version": 2, "flakes": [other, {"from": from, "to": to, "exact": true}]});
        find(&serde_json::from_value(registry).unwrap())
    }

    #[test]
    fn what_nixpkgs_stands_for_is_read() {
        let of = |channel: &str| Some(Target::Nixpkgs { channel: Channel::named(channel) });
        let github = |branch: &str| json!({"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": branch});
        assert_eq!(target(&github("nixos-25.11")), of("nixos-25.11"));
        assert_eq!(target(&github("master")), of(""));
        assert_eq!(target(&json!({"type": "github", "owner": "nixos", "repo": "nixpkgs"})), of(""));
        let tarball = json!({"type": "tarball", "url": "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz"});
        assert_eq!(target(&tarball), of("nixos-unstable"));
        let path = json!({"type": "path", "path": "/nix/store/h-source", "lastModified": 1, "narHash": "sha256-x"});
        assert_eq!(target(&path), Some(Target::Path("/nix/store/h-source".into())));
        let fork = json!({"type": "github", "owner": "me", "repo": "nixpkgs", "ref": "nixos-25.11"});
        assert_eq!(target(&fork), Some(Target::Other("github:me/nixpkgs".into())));
    }
}
