//! Attribute paths, spelled as Nix spells them: `python3Packages.requests`, `aspellDicts."or"`.

/// The names on the path; `None` for what is no path. A name may stand without quotes wherever that is clear, as it may
/// on Nix' command lines: `7off.x`.
pub(crate) fn parse(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let (name, after) = if let Some(quoted) = rest.strip_prefix('"') {
            parse_quoted(quoted)?
        } else {
            let (name, after) = rest.split_at(rest.find(['.', '"']).unwrap_or(rest.len()));
            (Some(name).filter(|name| !name.is_empty())?.to_owned(), after)
        };
        names.push(name);
        if after.is_empty() {
            return Some(names);
        }
        rest = after.strip_prefix('.')?;
    }
}

/// A name up to its closing quote, and what follows that.
fn parse_quoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    loop {
        match letters.next()? {
            (at, '"') => return Some((name, &text[at + 1..])),
            (_, '\\') => name.push(match letters.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            }),
            (_, letter) => name.push(letter),
        }
    }
}

/// The path as Nix would write it: what is no identifier stands in quotes.
pub(crate) fn spelled(names: &[String]) -> String {
    names.iter().map(|name| spelled_name(name)).collect::<Vec<_>>().join(".")
}

fn spelled_name(name: &str) -> String {
    let is_start = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    let is_further = |letter: char| is_start(letter) || letter.is_ascii_digit() || matches!(letter, '\'' | '-');
    if name.starts_with(is_start) && name.chars().all(is_further) {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '"' | '\\' => quoted.extend(['\\', letter]),
            '$' if letters.peek() == Some(&'{') => quoted.push_str("\\$"),
            _ => quoted.push(letter),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn paths_are_read_with_and_without_quotes() {
        assert_eq!(parse("python3Packages.requests"), Some(names(&["python3Packages", "requests"])));
        assert_eq!(parse("\"7off\".x"), Some(names(&["7off", "x"])));
        assert_eq!(parse("7off.x"), Some(names(&["7off", "x"])));
        assert_eq!(parse(r#"a."b.c \"d\" \${e}".f"#), Some(names(&["a", "b.c \"d\" ${e}", "f"])));
        assert_eq!(parse("\"\""), Some(names(&[""])));
    }

    #[test]
    fn what_is_no_path_is_none() {
        for text in ["", ".", "a.", ".a", "a..b", "\"a", "\"a\"b", "a\"b\"", "\"a\\"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_needs_quotes_has_them() {
        for (of, expected) in [
            (vec!["a", "b-c'", "_d"], "a.b-c'._d"),
            (vec!["7off"], "\"7off\""),
            (vec!["m+", "é"], "\"m+\".\"é\""),
            (vec!["a\"b\\c${d}$e"], r#""a\"b\\c\${d}$e""#),
            (vec![""], "\"\""),
        ] {
            assert_eq!(spelled(&names(&of)), expected);
        }
    }

    proptest! {
        #[test]
        fn every_path_is_read_as_it_was_spelled(of in prop::collection::vec(any::<String>(), 1..4)) {
            prop_assert_eq!(parse(&spelled(&of)), Some(of));
        }
    }
}
