//! The tarball of a flake on a forge.

/// A tarball that Nix can fetch without flakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tarball {
    pub url: String,
    /// Of what is in it, as an SRI hash; `None` if nobody has recorded it.
    pub hash: Option<String>,
    /// Whether it is one revision for all time, and no branch.
    pub is_revision: bool,
    /// The revision, branch or tag.
    pub(super) wanted: String,
}

impl Tarball {
    /// The address of the flake in it, with the hash.
    pub fn flake(&self) -> String {
        // As in any address: there, a plus would be a blank.
        let hash = self.hash.as_ref().map(|hash| hash.replace('+', "%2B").replace('=', "%3D"));
        format!("github:NixOS/nixpkgs/{}{}", self.wanted, hash.map(|it| format!("?narHash={it}")).unwrap_or_default())
    }
}

/// The tarball of nixpkgs that a flake's address means: `github:NixOS/nixpkgs/REVISION?narHash=…`, with or without a
/// revision or a branch. `None` for every other flake, of which nobody can say that importing it gives its packages.
pub fn tarball(address: &str) -> Option<Tarball> {
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let place = place.strip_prefix("github:")?;
    let parameter =
        |name: &str| query.split('&').find_map(|it| it.strip_prefix(name)?.strip_prefix('=').map(decoded))?;
    let mut parts = place.splitn(3, '/');
    let (owner, repository) = (parts.next()?, parts.next()?);
    if !owner.eq_ignore_ascii_case("nixos") || !repository.eq_ignore_ascii_case("nixpkgs") {
        return None;
    }
    let is_known =
        |it: &str| ["rev", "ref", "narHash", "lastModified", ""].contains(&it.split('=').next().unwrap_or(""));
    if !query.split('&').all(is_known) {
        return None;
    }
    let wanted = parts.next().map(str::to_owned).or_else(|| parameter("rev")).or_else(|| parameter("ref"));
    let wanted = wanted.unwrap_or_else(|| "HEAD".to_owned());
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._-/".contains(it);
    if wanted.is_empty() || !wanted.chars().all(is_plain) {
        return None;
    }
    let is_revision = wanted.len() == 40 && wanted.bytes().all(|it| it.is_ascii_hexdigit());
    let hash = parameter("narHash").filter(|hash| is_revision && is_hash(hash));
    let url = format!("https://github.com/{owner}/{repository}/archive/{wanted}.tar.gz");
    Some(Tarball { url, hash, is_revision, wanted })
}

fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix("sha256-").unwrap_or_default();
    digits.len() == 44 && digits.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/=".contains(&it))
}

/// Without the numbers that stand for letters in an address; `None` if they are no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";
    const HASH: &str = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+=";

    #[test]
    fn a_locked_nixpkgs_has_its_tarball_with_its_hash() {
        let of = |rest: &str| tarball(&format!("github:NixOS/nixpkgs{rest}"));
        let url = format!("https://github.com/NixOS/nixpkgs/archive/{REVISION}.tar.gz");
        let wanted = REVISION.to_owned();
        let pinned = Tarball { url, hash: Some(HASH.to_owned()), is_revision: true, wanted };
        assert_eq!(tarball(&pinned.flake()), Some(pinned.clone()));
        assert!(!pinned.flake().contains(['+', '=']) || !pinned.flake().contains("%2B="), "{}", pinned.flake());
        assert_eq!(of(&format!("/{REVISION}?narHash={HASH}")), Some(pinned.clone()));
        let encoded = HASH.replace('+', "%2B").replace('=', "%3D");
        assert_eq!(of(&format!("?lastModified=1&narHash={encoded}&rev={REVISION}")), Some(pinned.clone()));
        assert_eq!(of(&format!("/{REVISION}")), Some(Tarball { hash: None, ..pinned.clone() }));
        assert_eq!(of(&format!("/{REVISION}?narHash=rubbish")), Some(Tarball { hash: None, ..pinned }));
    }

    #[test]
    fn a_branch_is_no_revision_and_has_no_hash() {
        let branch = tarball(&format!("github:NixOS/nixpkgs/nixos-unstable?narHash={HASH}")).unwrap();
        assert_eq!(branch.url, "https://github.com/NixOS/nixpkgs/archive/nixos-unstable.tar.gz");
        assert!(!branch.is_revision && branch.hash.is_none());
        assert!(tarball("github:nixos/nixpkgs").unwrap().url.ends_with("/archive/HEAD.tar.gz"));
    }

    #[test]
    fn what_is_not_surely_nixpkgs_has_none() {
        for address in [
            "nixpkgs",
            "github:other/nixpkgs",
            "github:NixOS",
            "github:NixOS/nixpkgs?dir=lib",
            "github:NixOS/nixpkgs?host=elsewhere",
            "github:NixOS/nixpkgs/a b",
            "github:NixOS/nixpkgs/",
            "path:/x",
        ] {
            assert_eq!(tarball(address), None, "{address}");
        }
    }
}
