//! Letters as the search compares them: without case, accents and quotes; and where words begin.
//!
//! Folding maps a letter to one letter or to none, so a place in a folded text always leads back to the original.
//! It is not a full Unicode decomposition: it knows the combining marks and the accented letters of the Latin script.

/// The letter to compare; `None` for what is no letter of its own (combining marks) or only syntax (the quotes of
/// `nerd-fonts."m+"`).
pub(super) fn fold(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return (letter != '"').then(|| letter.to_ascii_lowercase());
    }
    if is_combining_mark(letter) {
        return None;
    }
    // Only `İ` has a lower-case form of two characters, and the second is a combining mark.
    letter.to_lowercase().next().map(without_accent)
}

/// A text as the search compares it.
pub(super) fn fold_all(text: &str) -> String {
    text.chars().filter_map(fold).collect()
}

/// The folded letter in the case of the original.
pub(super) fn spell(letter: char, folded: char) -> char {
    if letter.is_uppercase() { folded.to_uppercase().next().unwrap_or(folded) } else { folded }
}

/// A text without accents, but in its case.
pub(super) fn spell_all(text: &str) -> String {
    text.chars().filter_map(|letter| fold(letter).map(|folded| spell(letter, folded))).collect()
}

fn is_combining_mark(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// The base letter of a lower-case letter of Latin-1 or Latin Extended-A.
fn without_accent(lower: char) -> char {
    match lower {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' | 'ŧ' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        // The two small sigmas are one letter.
        'ς' => 'σ',
        other => other,
    }
}

/// The bit of a folded letter in a 64-bit letter mask. A text whose mask lacks a bit of a term's cannot hold the
/// term; letters beyond ASCII share bits, so the reverse does not follow.
pub(super) fn letter_bit(folded: char) -> u64 {
    let bit = match folded {
        'a'..='z' => u32::from(folded) - u32::from('a'),
        '0'..='9' => 26 + u32::from(folded) - u32::from('0'),
        _ => 36 + u32::from(folded) % 28,
    };
    1 << bit
}

/// Whether a word begins at `letter`: after a separator, at a capital in `camelCase` and `HTTPServer`, and where
/// digits meet letters (`python|312|Packages`).
pub(super) fn starts_word(previous: Option<char>, letter: char, next: Option<char>) -> bool {
    if !letter.is_alphanumeric() {
        return false;
    }
    let Some(previous) = previous.filter(|previous| previous.is_alphanumeric()) else { return true };
    if previous.is_numeric() != letter.is_numeric() {
        return true;
    }
    letter.is_uppercase() && (!previous.is_uppercase() || next.is_some_and(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        text.chars().filter_map(fold).collect()
    }

    fn words(text: &str) -> Vec<usize> {
        let letters: Vec<char> = text.chars().collect();
        let starts = |&at: &usize| {
            starts_word(at.checked_sub(1).map(|before| letters[before]), letters[at], letters.get(at + 1).copied())
        };
        (0..letters.len()).filter(starts).collect()
    }

    #[test]
    fn case_accents_and_quotes_do_not_count() {
        assert_eq!(folded("ÉCLAIR"), "eclair");
        assert_eq!(folded("e\u{301}clair"), "eclair");
        assert_eq!(folded("Žluťoučký kůň"), "zlutoucky kun");
        assert_eq!(folded("İstanbul"), "istanbul");
        assert_eq!(folded("ΣΑΣ"), folded("σας"));
        assert_eq!(folded("МИР"), "мир");
        assert_eq!(folded("nerd-fonts.\"m+\""), "nerd-fonts.m+");
    }

    #[test]
    fn words_begin_after_separators_at_capitals_and_at_digits() {
        assert_eq!(words("python312Packages.six"), [0, 6, 9, 18]);
        assert_eq!(words("HTTPServer"), [0, 4]);
        assert_eq!(words("gnome-text_editor"), [0, 6, 11]);
        assert_eq!(words("k8s"), [0, 1, 2]);
        assert_eq!(words("-- "), [0; 0]);
    }

    #[test]
    fn letters_and_digits_have_a_bit_of_their_own() {
        let all: Vec<char> = ('a'..='z').chain('0'..='9').chain("-_.+".chars()).collect();
        let union = all.iter().fold(0, |mask, &letter| mask | letter_bit(letter));
        assert_eq!(union.count_ones() as usize, all.len());
    }
}
