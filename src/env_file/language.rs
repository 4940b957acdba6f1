//! Strings, names and paths of the Nix language.

/// Words that are no names.
const KEYWORDS: [&str; 10] = ["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"];

/// Names that a file uses for what Nix has.
const TAKEN: [&str; 10] =
    ["builtins", "fetchTarball", "file", "import", "pkgs", "true", "false", "null", "derivation", "map"];

/// A string.
pub(crate) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' | '$' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ => quoted.push(letter),
        }
    }
    quoted + "\""
}

/// One name of an attribute path.
pub(crate) fn name(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { string(name) }
}

/// A variable that is called much as `name`, and as nothing that is `taken`.
pub(super) fn variable(name: &str, taken: &[String]) -> String {
    let letter = |letter: char| if is_inside(letter) { letter } else { '-' };
    let mut base: String = name.chars().map(letter).collect();
    if !is_plain(&base) || TAKEN.contains(&&*base) || base.starts_with("__") {
        base = format!("source-{base}");
    }
    numbered(&base, taken)
}

/// `base`, or the first of `base-2`, `base-3`, … that is not `taken`.
fn numbered(base: &str, taken: &[String]) -> String {
    let numbered = (2_u64..).map(|number| format!("{base}-{number}"));
    let is_free = |name: &String| !taken.contains(name);
    std::iter::once(base.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

/// An input of a flake that is called much as `name`, and as none that is `taken`: Nix takes fewer letters for it.
pub(super) fn input(name: &str, taken: &[String]) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' };
    let base: String = name.chars().map(letter).collect();
    let is_taken = base == "self" || TAKEN.contains(&&*base);
    let is_input = base.starts_with(|it: char| it.is_ascii_alphabetic()) && is_plain(&base) && !is_taken;
    numbered(&if is_input { base } else { format!("source-{base}") }, taken)
}

/// An absolute path.
pub(super) fn path(path: &str) -> String {
    let is_plain =
        |part: &str| !part.is_empty() && part.chars().all(|it| it.is_ascii_alphanumeric() || "._+-".contains(it));
    if path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_plain)) {
        return path.to_owned();
    }
    format!("(/. + {})", string(path))
}

fn is_plain(name: &str) -> bool {
    let is_start = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    name.starts_with(is_start) && name.chars().all(is_inside) && !KEYWORDS.contains(&name)
}

fn is_inside(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '\'' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_hold_what_they_say() {
        assert_eq!(string("a\"b\\c${d}\n"), r#""a\"b\\c\${d}\n""#);
        assert_eq!(string("\r\t$$"), r#""\r\t\$\$""#);
    }

    #[test]
    fn names_are_quoted_where_the_language_wants_it() {
        for (of, written) in [("a-b'", "a-b'"), ("or", "\"or\""), ("7off", "\"7off\""), ("", "\"\""), ("é", "\"é\"")]
        {
            assert_eq!(name(of), written);
        }
    }

    #[test]
    fn variables_are_names_that_nothing_else_has() {
        let taken = ["mine".to_owned(), "mine-2".to_owned()];
        for (of, called) in [
            ("mine", "mine-3"),
            ("un stable", "un-stable"),
            ("import", "source-import"),
            ("pkgs", "source-pkgs"),
            ("in", "source-in"),
            ("7", "source-7"),
            ("", "source-"),
            ("${x}", "source---x-"),
        ] {
            assert_eq!(variable(of, &taken), called);
        }
    }

    #[test]
    fn inputs_of_flakes_have_plain_names() {
        let taken = ["mine".to_owned()];
        for (of, called) in [
            ("nixpkgs", "nixpkgs"),
            ("mine", "mine-2"),
            ("a b'é", "a-b--"),
            ("_x", "source-_x"),
            ("7", "source-7"),
            ("self", "source-self"),
            ("pkgs", "source-pkgs"),
            ("inherit", "source-inherit"),
            ("", "source-"),
        ] {
            assert_eq!(input(of, &taken), called);
        }
    }

    #[test]
    fn only_odd_paths_are_made_of_strings() {
        for (of, written) in [
            ("/a/b-1.nix", "/a/b-1.nix"),
            ("/a b", "(/. + \"/a b\")"),
            ("/a//b", "(/. + \"/a//b\")"),
            ("/", "(/. + \"/\")"),
            ("/${x}", "(/. + \"/\\${x}\")"),
        ] {
            assert_eq!(path(of), written);
        }
    }
}
