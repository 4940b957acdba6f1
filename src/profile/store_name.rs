//! What the name of a store path tells: `HASH-NAME-VERSION-OUTPUT` → name, version, output.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::safe;

/// Length of the hash that begins a store path's name.
const HASH: usize = 32;

/// The letters of a hash: digits and letters without e, o, t and u.
const BASE_32: &[u8] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// Output names that nixpkgs uses; the end of a store path's name is one of these, or no output.
const USUAL_OUTPUTS: [&str; 18] = [
    "bin", "dev", "lib", "man", "doc", "info", "devdoc", "devman", "static", "debug", "data", "dist", "getent",
    "locale", "modules", "nc", "py", "tests",
];

/// The parts of a store path's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreName {
    pub name: String,
    /// Empty if there is none.
    pub version: String,
    /// `out` if the name ends with no output.
    pub output: String,
}

impl StoreName {
    /// Takes `path`'s name apart; the output is known only if its name is a usual one.
    pub fn of(path: &Path) -> Self {
        let full = full_name(path);
        match USUAL_OUTPUTS.into_iter().find(|output| without_output(&full, output).is_some()) {
            Some(output) => Self::with_output(path, output),
            None => Self::with_output(path, "out"),
        }
    }

    /// Takes `path`'s name apart, knowing that it is the output called `output`.
    pub fn with_output(path: &Path, output: &str) -> Self {
        let full = full_name(path);
        let (name, version) = split_version(without_output(&full, output).unwrap_or(&full));
        Self { name: name.to_owned(), version: version.to_owned(), output: output.to_owned() }
    }
}

/// Whether the last component of `path` is that of a store path: the hash in Nix' base 32, a dash and a name.
pub fn is_store_path(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    let is_of_hash = |letter: &u8| BASE_32.contains(letter);
    name.len() > HASH + 1 && name[HASH] == b'-' && name[..HASH].iter().all(is_of_hash)
}

/// The last component of `path` without the hash.
pub(super) fn full_name(path: &Path) -> String {
    let name = path.file_name().map(|name| safe::json(name.as_bytes())).unwrap_or_default();
    let is_hashed = name.len() > HASH + 1
        && name.as_bytes()[HASH] == b'-'
        && name.as_bytes()[..HASH].iter().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    if is_hashed { name[HASH + 1..].to_owned() } else { name }
}

/// `full` without `-OUTPUT` at its end; `None` if it does not end so, or if nothing is left.
pub(super) fn without_output<'a>(full: &'a str, output: &str) -> Option<&'a str> {
    full.strip_suffix(output)?.strip_suffix('-').filter(|rest| !rest.is_empty())
}

/// Splits at the first `-` that no letter follows (semantics 5, `nix-env` names).
pub fn split_version(full: &str) -> (&str, &str) {
    let dash = full.match_indices('-').map(|(at, _)| at).find(|&at| {
        let next = full.as_bytes().get(at + 1);
        next.is_some_and(|next| !next.is_ascii_alphabetic())
    });
    match dash {
        Some(at) => (&full[..at], &full[at + 1..]),
        None => (full, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> (String, String, String) {
        let StoreName { name, version, output } = StoreName::of(Path::new(path));
        (name, version, output)
    }

    fn expect(path: &str, name: &str, version: &str, output: &str) {
        assert_eq!(parts(path), (name.to_owned(), version.to_owned(), output.to_owned()), "{path}");
    }

    #[test]
    fn the_version_begins_after_the_first_dash_without_a_letter() {
        expect("/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12", "hello", "2.12", "out");
        expect("/s/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-jq-1.8.1-bin", "jq", "1.8.1", "bin");
        expect("/s/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-python3.12-requests-2.31", "python3.12-requests", "2.31", "out");
        expect(
            "/s/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-apache-httpd-unstable-2023-01-01",
            "apache-httpd-unstable",
            "2023-01-01",
            "out",
        );
    }

    #[test]
    fn a_name_without_hash_version_or_output_is_all_name() {
        expect("/home/folder/tool", "tool", "", "out");
        expect("/home/folder/tool-", "tool-", "", "out");
        expect("/home/folder/dev", "dev", "", "out");
        expect("/home/folder/zlib-dev", "zlib", "", "dev");
        expect("/", "", "", "out");
    }
}
