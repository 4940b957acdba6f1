//! The words of a description.

use crate::catalogue::fold::fold_all;

/// Gives each word, folded: what stands between blanks, and its parts where it has some (`command-line`, `C++`).
pub(super) fn words(text: &str, mut each: impl FnMut(&str)) {
    let folded = fold_all(text);
    for chunk in folded.split_whitespace() {
        let opened = chunk.trim_start_matches(|letter: char| !letter.is_alphanumeric() && letter != '.');
        let whole = opened.trim_end_matches(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '+' | '#'));
        let parts = whole.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
        let mut has_other = false;
        for part in parts {
            has_other |= part.len() != whole.len();
            each(part);
        }
        if has_other {
            each(whole);
        }
    }
}

#[cfg(test)]
mod tests {
    fn words(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        super::words(text, |word| all.push(word.to_owned()));
        all
    }

    #[test]
    fn a_word_of_several_parts_is_also_each_of_them() {
        assert_eq!(words("A (fast) command-line tool."), ["a", "fast", "command", "line", "command-line", "tool"]);
        assert_eq!(words("C++, C# and .NET"), ["c", "c++", "c", "c#", "and", "net", ".net"]);
        assert_eq!(words("Éditeur — «simple»"), ["editeur", "simple"]);
        assert_eq!(words(" - \u{301} … "), [""; 0]);
    }
}
