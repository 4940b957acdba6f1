//! What the usual outputs of packages hold, in few words.

/// Names and what nixpkgs puts there: its manual's chapter on packages with several outputs, and the hooks of its standard
/// environment that move files to them. A package may do otherwise; what an output really holds, its files tell.
const USUAL: &[(&str, &str)] = &[
    ("out", "the main part: what no other output holds"),
    ("bin", "programs"),
    ("dev", "headers and build files, for compiling against it"),
    ("lib", "libraries that programs load"),
    ("static", "static libraries"),
    ("man", "manual pages"),
    ("devman", "manual pages for programmers"),
    ("doc", "documentation"),
    ("devdoc", "documentation for programmers"),
    ("info", "manuals for info"),
    ("debug", "symbols for debuggers"),
];

/// What an output of that name usually holds; `None` if the name is not a usual one.
pub fn meaning(output: &str) -> Option<&'static str> {
    USUAL.iter().find(|(name, _)| *name == output).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_for_headers_finds_the_word_and_other_names_mean_nothing() {
        assert!(meaning("dev").unwrap().contains("headers"));
        assert_eq!(meaning("libv8"), None);
        assert!(USUAL.iter().all(|(name, words)| !name.is_empty() && words.len() < 60));
    }
}
