//! Channels of nixpkgs: which one something is of, and where it publishes the list of its packages.

use std::fs;
use std::path::Path;

use super::ListingPlace;

/// What a version file may be long.
const MAX_VERSION: u64 = 100;

/// The name of a channel, such as `nixos-25.11` or `nixpkgs-unstable`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Channel(String);

impl Channel {
    /// As a branch of nixpkgs and a channel are called; any other name is none.
    pub fn named(name: &str) -> Option<Self> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
        let is_one = ["nixos-", "nixpkgs-"].iter().any(|start| name.len() > start.len() && name.starts_with(start));
        (is_one && name.chars().all(is_plain)).then(|| Self(name.to_owned()))
    }

    /// Of `https://channels.nixos.org/nixos-25.11`, `https://nixos.org/channels/nixos-25.11`, either with a file behind it,
    /// and `channel:nixos-25.11`.
    pub fn of_url(url: &str) -> Option<Self> {
        if let Some(name) = url.strip_prefix("channel:") {
            return Self::named(name);
        }
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let places = ["channels.nixos.org/", "nixos.org/channels/", "www.nixos.org/channels/"];
        let name = places.iter().find_map(|place| rest.strip_prefix(place))?;
        Self::named(name.split('/').next().unwrap_or(name))
    }

    /// Of a folder of nixpkgs, by the name of its store path, as `nix-channel` makes it
    /// (`…-nixos-25.11.1056.d9bc5c7dceb3/nixos`), or by the version that a release says of itself.
    pub fn of_folder(folder: &Path) -> Option<Self> {
        Self::of_store_path(folder).or_else(|| {
            let version = first_line(&folder.join(".version"))?;
            // Only releases have one, and no checkout.
            let suffix = first_line(&folder.join(".version-suffix"))?;
            Self::of_release("nixpkgs", &format!("{version}{suffix}"))
        })
    }

    fn of_store_path(folder: &Path) -> Option<Self> {
        let name = folder.parent()?.file_name()?.to_str()?;
        let (_, name) = name.split_once('-')?;
        let (kind, version) = name.split_once('-')?;
        matches!(kind, "nixos" | "nixpkgs").then(|| Self::of_release(kind, version)).flatten()
    }

    /// `26.05pre9.abc` is of the unstable channel, `25.11.9.abc` of that of its release.
    fn of_release(kind: &str, version: &str) -> Option<Self> {
        let release = version.get(..5)?;
        let is_release =
            release.bytes().enumerate().all(|(at, byte)| if at == 2 { byte == b'.' } else { byte.is_ascii_digit() });
        match &version[5..] {
            _ if !is_release => None,
            rest if rest.starts_with("pre") => Self::named(&format!("{kind}-unstable")),
            // The releases of nixpkgs' own are for macOS.
            rest if rest.starts_with('.') || rest.starts_with("beta") => Self::named(&format!("nixos-{release}")),
            _ => None,
        }
    }

    /// The list of its packages as they are today.
    pub fn listing(&self) -> ListingPlace {
        ListingPlace::Url(format!("https://channels.nixos.org/{}/packages.json.br", self.0))
    }
}

impl std::fmt::Display for Channel {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.0)
    }
}

fn first_line(file: &Path) -> Option<String> {
    let is_short = fs::metadata(file).is_ok_and(|found| found.is_file() && found.len() <= MAX_VERSION);
    let text = is_short.then(|| fs::read_to_string(file).ok()).flatten()?;
    Some(text.lines().next()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(channel: Option<Channel>) -> Option<String> {
        channel.map(|it| it.to_string())
    }

    #[test]
    fn a_channel_is_known_by_its_address() {
        for (url, expected) in [
            ("https://nixos.org/channels/nixos-25.11", Some("nixos-25.11")),
            ("https://channels.nixos.org/nixpkgs-unstable", Some("nixpkgs-unstable")),
            ("http://channels.nixos.org/nixos-unstable-small/nixexprs.tar.xz", Some("nixos-unstable-small")),
            ("channel:nixos-25.11", Some("nixos-25.11")),
            ("https://nixos.org/channels/nixos-", None),
            ("https://nixos.org/channels/../nixos-25.11", None),
            ("https://channels.nixos.org/nixos-25.11?x", None),
            ("https://evil.example/channels.nixos.org/nixos-25.11", None),
            ("https://github.com/nix-community/home-manager/archive/master.tar.gz", None),
        ] {
            assert_eq!(name(Channel::of_url(url)).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_channel_is_known_by_what_nix_channel_unpacked() {
        for (path, expected) in [
            ("/nix/store/h-nixos-25.11.1056.d9bc5c7dceb3/nixos", Some("nixos-25.11")),
            ("/nix/store/h-nixos-26.05pre937.d9bc5c7dceb3/mine", Some("nixos-unstable")),
            ("/nix/store/h-nixpkgs-26.05pre937.d9bc5c7dceb3/nixpkgs", Some("nixpkgs-unstable")),
            ("/nix/store/h-nixos-25.11beta2.d9bc5c7dceb3/nixos", Some("nixos-25.11")),
            ("/nix/store/h-home-manager-25.11.tar.gz/home-manager", None),
            ("/nix/store/h-nixos-é5.11.1/nixos", None),
            ("/nix/store/h-nixos/nixos", None),
            ("/", None),
        ] {
            assert_eq!(name(Channel::of_folder(Path::new(path))).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_folder_tells_its_release_but_a_checkout_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let channel = || name(Channel::of_folder(folder.path()));
        write(".version", "26.05\n");
        assert_eq!(channel(), None);
        write(".version-suffix", "pre937.d9bc5c7dceb3");
        assert_eq!(channel().as_deref(), Some("nixpkgs-unstable"));
        write(".version-suffix", ".937.d9bc5c7dceb3");
        assert_eq!(channel().as_deref(), Some("nixos-26.05"));
        write(".version-suffix", &"x".repeat(1000));
        assert_eq!(channel(), None);
    }
}
