//! What is a path of the store: `<store>/<32 letters of base 32>-<name>` (Nix, `src/libstore/path.cc`).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::store::local::store_path::{LETTERS, is_name_byte};

const HASH: usize = 32;

/// Nix' limit for the name after the hash.
const MAX_NAME: usize = 211;

/// `bytes` as a path of `store`, if they are one.
pub(super) fn parse(store: &Path, bytes: &[u8]) -> Option<PathBuf> {
    name(store, bytes).map(|_| PathBuf::from(OsStr::from_bytes(bytes)))
}

/// The name in a path of `store`, without the hash; `None` if it is none.
pub(super) fn name<'a>(store: &Path, bytes: &'a [u8]) -> Option<&'a str> {
    let in_store = bytes.strip_prefix(store.as_os_str().as_bytes())?.strip_prefix(b"/")?;
    let (hash, rest) = in_store.split_at_checked(HASH)?;
    let name = str::from_utf8(rest.strip_prefix(b"-")?).ok()?;
    (hash.iter().all(|letter| LETTERS.contains(letter)) && is_name(name)).then_some(name)
}

/// Whether Nix allows `name` as the name of a store path; a leading dot is not allowed in all versions.
pub(super) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_name_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "c74xkqfhqz9h3d7rffn02cih0fdwb1ff";

    #[test]
    fn only_what_lies_directly_in_the_store_is_a_path_of_it() {
        let store = Path::new("/nix/store");
        let parse = |text: String| parse(store, text.as_bytes());
        let good = format!("/nix/store/{HASH}-hello-2.12");
        assert_eq!(parse(good.clone()), Some(PathBuf::from(&good)));
        assert_eq!(name(store, good.as_bytes()), Some("hello-2.12"));
        for bad in [
            String::new(),
            "/nix/store".into(),
            format!("/other/store/{HASH}-hello"),
            format!("/nix/store{HASH}-hello"),
            format!("/nix/store//{HASH}-hello"),
            format!("/nix/store/{HASH}"),
            format!("/nix/store/{HASH}-"),
            format!("/nix/store/{HASH}hello"),
            format!("/nix/store/{}-hello", HASH.to_uppercase()),
            format!("/nix/store/{}-hello", "e".repeat(32)),
            format!("/nix/store/{HASH}-hello/bin"),
            format!("/nix/store/{HASH}-../../etc"),
            format!("/nix/store/{HASH}-a\u{1b}[31m"),
            format!("/nix/store/{HASH}-{}", "x".repeat(212)),
        ] {
            assert_eq!(parse(bad.clone()), None, "{bad}");
        }
    }
}
