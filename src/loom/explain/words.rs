//! Texts in the languages that a command line speaks: the Nix language, flake references, selectors of `nix-env`.

use std::fmt::Write as _;

pub(super) use crate::env_file::language::{name, string};

/// A list of strings of the Nix language.
pub(super) fn list(texts: &[&str]) -> String {
    texts.iter().fold("[ ".to_owned(), |list, text| list + &string(text) + " ") + "]"
}

/// An attribute path as Nix spells it, made one that an expression may hold: keywords and numbers want quotes there.
pub(super) fn path(spelled: &str) -> String {
    if spelled.contains('"') {
        // Whoever spelled it knew what has to be quoted.
        return spelled.to_owned();
    }
    spelled.split('.').map(name).collect::<Vec<_>>().join(".")
}

/// A flake and an attribute in it. What a URL cannot hold is written as its number, as Nix reads it.
pub(super) fn installable(url: &str, attribute: &str) -> String {
    let mut text = format!("{url}#");
    for byte in attribute.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-~'+*".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The derivations with this name and version, as `nix-env` selects them: the name is a regular expression.
pub(super) fn selector(name: &str, version: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '=') || !letter.is_ascii()) {
            text.push('\\');
        }
        text.push(letter);
    }
    if version.is_empty() { text } else { text + "-" + version }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_what_they_say() {
        assert_eq!(list(&["out", "dev"]), r#"[ "out" "dev" ]"#);
        assert_eq!(list(&[]), "[ ]");
    }

    #[test]
    fn paths_are_quoted_where_the_language_wants_it() {
        for (spelled, written) in [
            ("python3Packages.requests", "python3Packages.requests"),
            ("aspellDicts.\"or\"", "aspellDicts.\"or\""),
            ("aspellDicts.or", "aspellDicts.\"or\""),
            ("7off.x", "\"7off\".x"),
        ] {
            assert_eq!(path(spelled), written);
        }
    }

    #[test]
    fn an_attribute_behind_a_flake_is_encoded() {
        assert_eq!(installable("flake:nixpkgs", "gtk+"), "flake:nixpkgs#gtk+");
        assert_eq!(installable("nixpkgs", "a.\"b c^%\""), "nixpkgs#a.%22b%20c%5E%25%22");
    }

    #[test]
    fn selectors_mean_one_name() {
        assert_eq!(selector("hello", "2.12"), "hello-2.12");
        assert_eq!(selector("gtk+", ""), "gtk\\+");
        assert_eq!(selector("python3.12-x", "1.0"), "python3\\.12-x-1.0");
    }
}
