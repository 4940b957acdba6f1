//! Where a binary cache is, by the URL that Nix' configuration has.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use crate::safe;

/// Where the files of a cache are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Directory(PathBuf),
    /// Without a slash at its end; may hold a user and a password.
    Http(String),
    /// A store of another kind, which this program does not read.
    Other,
}

impl Place {
    /// Reads `file:///DIR`, `http://…`, `https://…` or an absolute path. Parameters (`?…`) tell how Nix uses the cache
    /// (`priority`, `trusted`, `compression`) and never where it is.
    pub fn parse(url: &str) -> Self {
        let url = url.split(['?', '#']).next().unwrap_or_default();
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let place = rest.trim_end_matches('/');
        match scheme {
            "http" | "https" if !place.is_empty() => Self::Http(format!("{scheme}://{place}")),
            "file" if rest.is_empty() || rest.starts_with('/') => Self::Directory(decoded(&format!("{place}/"))),
            "" if rest.starts_with('/') => Self::Directory(rest.into()),
            _ => Self::Other,
        }
    }
}

/// The URL for messages: safe for a terminal, and without a password.
pub(super) fn shown(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return safe::text(url) };
    let host = rest.find('/').unwrap_or(rest.len());
    let start = rest[..host].rfind('@').map_or(0, |at| at + 1);
    safe::text(&format!("{scheme}://{}", &rest[start..]))
}

/// A path with `%NN` as the byte that it means; what is no such escape stays.
fn decoded(path: &str) -> PathBuf {
    let hex = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex(high).zip(hex(low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        if escaped.is_some() {
            rest = &after[2..];
        }
        bytes.push(escaped.unwrap_or(*first));
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_nix_means_them() {
        let directory = |path: &str| Place::Directory(path.into());
        let http = |url: &str| Place::Http(url.to_owned());
        for (url, place) in [
            ("file:///var/cache", directory("/var/cache")),
            ("file:///var/cache/?write-nar-listing=1&compression=none", directory("/var/cache")),
            ("file:///a%20b%2", directory("/a b%2")),
            ("file://", directory("/")),
            ("/var/cache", directory("/var/cache")),
            ("https://cache.nixos.org/", http("https://cache.nixos.org")),
            ("http://localhost:5000/a/?priority=10", http("http://localhost:5000/a")),
            ("https://ada:secret@example.org/x", http("https://ada:secret@example.org/x")),
            ("file://host/dir", Place::Other),
            ("s3://bucket?region=eu-west-1", Place::Other),
            ("ssh://host", Place::Other),
            ("daemon", Place::Other),
            ("https://", Place::Other),
            ("", Place::Other),
        ] {
            assert_eq!(Place::parse(url), place, "{url}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(shown("https://ada:s@cret@example.org/x@y?key=1"), "https://example.org/x@y");
        assert_eq!(shown("https://cache.nixos.org/"), "https://cache.nixos.org/");
        assert_eq!(shown("\u{1b}[31m"), "\\x1b[31m");
    }
}
