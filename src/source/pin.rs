//! The revision at which a source is held, as the config file says it.
//!
//! A pin is written as Nix writes a locked flake: an address that names a revision (`github:NixOS/nixpkgs/REVISION`,
//! `git+file:///x?rev=REVISION`), with `narHash` of what is in it and `lastModified`, as far as both are known. The pin of a
//! source that is no flake is the address of a tarball with its `narHash`. Not every kind of flake takes the last two in its
//! address, so they are held against what Nix finds, and Nix gets [`Pin::reference`].

use std::fmt;
use std::str::FromStr;

use super::SpecError;
use crate::safe;

pub(super) const FORM: &str = "a pin is a flake at a revision (github:NixOS/nixpkgs/REVISION, git+file:///PATH?rev=REVISION), or the address of a tarball with ?narHash=sha256-…; `nix-loom source pin NAME` writes it";
/// Digits of a revision that are shown where there is little room, as channels show them.
const SHORT: usize = 12;
/// Letters of a hash that are shown there.
const SHORT_HASH: usize = "sha256-".len() + SHORT;

const HASH: &str = "narHash";
const MODIFIED: &str = "lastModified";

/// A revision of a source, for all time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pin {
    /// As it is written.
    text: String,
    reference: String,
    revision: Option<String>,
    hash: Option<String>,
    modified: Option<i64>,
}

impl Pin {
    /// What Nix locked: its address of that, the SRI hash of the content and its time in seconds since 1970.
    pub(super) fn locked(url: &str, hash: Option<&str>, modified: Option<i64>) -> Result<Self, SpecError> {
        let mut text = url.to_owned();
        let mut add = |name: &str, value: &str| {
            if !parameters(&text).any(|(other, _)| other == name) {
                text.push(if text.contains('?') { '&' } else { '?' });
                text.extend([name, "=", value]);
            }
        };
        if let Some(hash) = hash {
            add(HASH, &hash.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
        }
        if let Some(modified) = modified {
            add(MODIFIED, &modified.to_string());
        }
        text.parse()
    }

    /// For Nix, where a flake is meant: with no parameter that this kind of flake does not take.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// For `fetchTarball`: address and hash; `None` if it is none that this could fetch.
    pub fn tarball(&self) -> Option<(String, &str)> {
        let is_fetched = ["https://", "http://", "file://"].iter().any(|scheme| self.text.starts_with(scheme));
        let hash = self.hash.as_deref().filter(|_| is_fetched)?;
        Some((without(&self.text, &[HASH, MODIFIED]), hash))
    }

    /// The commit, in full; `None` if only the content is known.
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// The SRI hash (SHA-256) of the content, as `fetchTarball` and flakes have it.
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }

    /// Of the newest in it, in seconds since 1970.
    pub fn modified(&self) -> Option<i64> {
        self.modified
    }

    /// Its day, such as `2026-11-20`; in UTC, so that it is the same for everybody.
    pub fn day(&self) -> Option<String> {
        let time = jiff::Timestamp::from_second(self.modified?).ok()?;
        Some(time.strftime("%Y-%m-%d").to_string())
    }

    /// The revision in a few letters, or the hash where there is none.
    pub fn short(&self) -> &str {
        let text = self.revision.as_deref().or(self.hash.as_deref()).unwrap_or_default();
        let letters = if self.revision.is_some() { SHORT } else { SHORT_HASH };
        text.get(..letters).unwrap_or(text)
    }

    /// The revision in a few letters, and its day if that is known.
    pub fn in_short(&self) -> String {
        self.day().map_or_else(|| self.short().to_owned(), |day| format!("{} of {day}", self.short()))
    }

    /// Whether both hold the same content, however they are written.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.revision, &other.revision, &self.hash, &other.hash) {
            (_, _, Some(hash), Some(other)) => hash == other,
            (Some(revision), Some(other), ..) => revision == other,
            _ => self.text == other.text,
        }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.text)
    }
}

impl FromStr for Pin {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        read(text).map_err(|problem| SpecError::new(text, problem, FORM))
    }
}

fn read(text: &str) -> Result<Pin, String> {
    if text.is_empty() {
        return Err("the pin is missing".to_owned());
    }
    if text.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Err("a pin has no blanks".to_owned());
    }
    if text.contains('#') {
        return Err("a source is a whole flake: leave the # and what follows away".to_owned());
    }
    let place = text.split('?').next().unwrap_or_default();
    let scheme = place.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
    if scheme.is_empty()
        || scheme.starts_with('-')
        || !scheme.chars().all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it))
    {
        return Err("this is no address of a revision".to_owned());
    }
    match scheme {
        "path" => return Err("a folder keeps no revisions".to_owned()),
        "flake" => return Err("what a short name of a flake stands for may change".to_owned()),
        "channel" => return Err("what a channel has changes".to_owned()),
        _ => {}
    }
    let parameter = |name: &str| parameters(text).find(|(other, _)| *other == name).map(|(_, value)| value);
    let revision = match parameter("rev") {
        Some(revision) if !is_revision(revision) => {
            return Err(format!("rev is {}, and no revision of 40 digits", safe::text(revision)));
        }
        Some(revision) => Some(revision),
        None => {
            let last = place.rsplit(['/', ':']).next().unwrap_or_default();
            Some(last.split('.').next().unwrap_or_default()).filter(|last| is_revision(last))
        }
    };
    let hash = parameter(HASH).map(|hash| {
        let hash = percent_decoded(hash).unwrap_or_default();
        if is_hash(&hash) {
            Ok(hash)
        } else {
            Err(format!("{HASH} is {}, and no hash such as sha256-…=", safe::text(&hash)))
        }
    });
    let hash = hash.transpose()?;
    let modified = parameter(MODIFIED).map(|time| {
        let time = time.parse().ok().filter(|time| (0..=jiff::Timestamp::MAX.as_second()).contains(time));
        time.ok_or_else(|| format!("{MODIFIED} is a number of seconds since 1970"))
    });
    let modified = modified.transpose()?;
    if revision.is_none() && hash.is_none() {
        return Err("this names no revision".to_owned());
    }
    // What a git flake does not know it takes for a part of the repository's address.
    let is_plain = scheme == "git" || scheme.starts_with("git+") || scheme.starts_with("hg+");
    let left_out: &[&str] = if is_plain { &[HASH, MODIFIED] } else { &[MODIFIED] };
    Ok(Pin {
        reference: without(text, left_out),
        revision: revision.map(str::to_ascii_lowercase),
        text: text.to_owned(),
        hash,
        modified,
    })
}

/// Whether it is the full name of a commit in git.
pub(super) fn is_revision(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|it| it.is_ascii_hexdigit())
}

fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix("sha256-").and_then(|digits| digits.strip_suffix('=')).unwrap_or_default();
    digits.len() == 43 && digits.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/".contains(&it))
}

/// The parameters of an address, as they are written.
fn parameters(address: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|parameter| parameter.split_once('='))
}

/// The address without parameters of these names.
pub(super) fn without(address: &str, names: &[&str]) -> String {
    let Some((place, query)) = address.split_once('?') else { return address.to_owned() };
    let is_kept = |it: &&str| !names.contains(&it.split('=').next().unwrap_or_default());
    let kept: Vec<_> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() { place.to_owned() } else { format!("{place}?{}", kept.join("&")) }
}

/// Without the numbers that stand for letters in an address; `None` if they are no text.
fn percent_decoded(text: &str) -> Option<String> {
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
    const HASH: &str = "sha256-zhS6NVi8crgw65dopkhIWBihd2SeA6hbPLXqInP+D0/=";

    fn pin(text: &str) -> Pin {
        text.parse().unwrap()
    }

    #[test]
    fn what_nix_locked_is_read_back_with_all_that_is_known_of_it() {
        for (url, reference) in [
            (format!("github:NixOS/nixpkgs/{REVISION}"), None),
            (
                format!("git+file:///x?ref=refs/heads/main&rev={REVISION}"),
                Some(format!("git+file:///x?ref=refs/heads/main&rev={REVISION}")),
            ),
            (format!("https://example.org/archive/{REVISION}.tar.gz"), None),
        ] {
            let locked = Pin::locked(&url, Some(HASH), Some(1_795_783_748)).unwrap();
            assert_eq!(pin(&locked.to_string()), locked);
            assert_eq!(
                (locked.revision(), locked.hash(), locked.day().as_deref()),
                (Some(REVISION), Some(HASH), Some("2026-11-27"))
            );
            let encoded = "narHash=sha256-zhS6NVi8crgw65dopkhIWBihd2SeA6hbPLXqInP%2BD0%2F%3D";
            assert_eq!(locked.reference(), reference.unwrap_or_else(|| format!("{url}?{encoded}")));
            assert_eq!(locked.short(), "0123456789ab");
        }
    }

    #[test]
    fn a_tarball_is_fetched_by_its_address_and_its_hash() {
        let tarball = Pin::locked("file:///x.tar.gz?a=1", Some(HASH), None).unwrap();
        assert_eq!(tarball.tarball(), Some(("file:///x.tar.gz?a=1".to_owned(), HASH)));
        assert_eq!((tarball.revision(), tarball.short()), (None, "sha256-zhS6NVi8crgw"));
        assert_eq!(Pin::locked("github:a/b/x", Some(HASH), None).unwrap().tarball(), None);
        assert_eq!(pin(&format!("https://x.org/{REVISION}.tar.gz")).tarball(), None);
    }

    #[test]
    fn what_names_no_revision_is_no_pin_and_says_why() {
        for (text, problem) in [
            ("", "the pin is missing"),
            ("github:NixOS/nixpkgs/nixos-unstable", "this names no revision"),
            ("github:NixOS/nixpkgs/0123456", "this names no revision"),
            ("nixpkgs", "this is no address of a revision"),
            ("--option", "this is no address of a revision"),
            ("-x:y", "this is no address of a revision"),
            ("git+file:///x?rev=main", "rev is main, and no revision of 40 digits"),
            ("https://x.org/y.tar.gz?narHash=md5-x", "narHash is md5-x, and no hash such as sha256-…="),
            ("https://x.org/y.tar.gz?narHash=%zz", "narHash is , and no hash such as sha256-…="),
            (&format!("github:a/b/{REVISION}?lastModified=now"), "lastModified is a number of seconds since 1970"),
            (
                &format!("github:a/b/{REVISION}?lastModified=999999999999999"),
                "lastModified is a number of seconds since 1970",
            ),
            (&format!("path:/x?narHash={HASH}"), "a folder keeps no revisions"),
            (&format!("flake:nixpkgs/{REVISION}"), "what a short name of a flake stands for may change"),
            (&format!("github:a/b/{REVISION}#hello"), "leave the # and what follows away"),
            ("github:a/b c", "a pin has no blanks"),
        ] {
            let error = text.parse::<Pin>().unwrap_err();
            assert!(error.problem.contains(problem), "{text}: {error}");
            assert!(error.to_string().ends_with("writes it"), "{error}");
        }
    }

    #[test]
    fn one_content_is_the_same_however_it_is_written() {
        let plain = pin(&format!("github:a/b/{REVISION}"));
        let with_hash = Pin::locked(&plain.to_string(), Some(HASH), None).unwrap();
        assert!(
            plain.is_same(&with_hash) && with_hash.is_same(&Pin::locked("file:///x", Some(HASH), Some(1)).unwrap())
        );
        assert!(!plain.is_same(&pin(&format!("github:a/b/{}", REVISION.replace('0', "1")))));
    }
}
