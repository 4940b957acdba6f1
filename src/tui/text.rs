//! Text for cells of the terminal: made safe, measured in columns, cut and padded. Every text that did not come from this
//! program's own source passes through [`fit`] or one of its relatives.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use crate::safe;

const CUT: &str = "…";

/// Columns that a text takes, counted the way the screen draws it: grapheme by grapheme.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// The text made safe, and cut with `…` if it takes more than `columns`.
pub fn fit(text: &str, columns: usize) -> String {
    let safe = safe::text(text);
    if width(&safe) <= columns {
        return safe;
    }
    let mut kept = head(&safe, columns.saturating_sub(1)).to_owned();
    if columns > 0 {
        kept.push_str(CUT);
    }
    kept
}

/// Like [`fit`], but cuts the beginning off: for paths, whose end says most.
pub fn fit_end(text: &str, columns: usize) -> String {
    let safe = safe::text(text);
    let all = width(&safe);
    if all <= columns {
        return safe;
    }
    if columns == 0 {
        return String::new();
    }
    let mut over = all + 1 - columns;
    let start = safe
        .grapheme_indices(true)
        .find(|(_, grapheme)| {
            let is_kept = over == 0;
            over = over.saturating_sub(grapheme.width());
            is_kept
        })
        .map_or(safe.len(), |(at, _)| at);
    format!("{CUT}{}", &safe[start..])
}

/// [`fit`], filled with blanks on the right: always exactly `columns` wide.
pub fn pad(text: &str, columns: usize) -> String {
    let mut fitted = fit(text, columns);
    fitted.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(&fitted))));
    fitted
}

/// [`fit`], filled with blanks on the left, for numbers.
pub fn pad_left(text: &str, columns: usize) -> String {
    let fitted = fit(text, columns);
    format!("{}{fitted}", " ".repeat(columns.saturating_sub(width(&fitted))))
}

/// The longest beginning of a text that takes at most `columns`.
fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// The text made safe and broken at blanks into lines of at most `columns`; a longer word is cut hard.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    if columns == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let safe = safe::text(word);
        let mut rest = safe.as_str();
        if !line.is_empty() && width(&line) + 1 + width(rest) > columns {
            lines.push(std::mem::take(&mut line));
        }
        while width(rest) > columns {
            let part = part_of_word(rest, columns);
            if part.is_empty() {
                break;
            }
            lines.push(part.to_owned());
            rest = &rest[part.len()..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(rest);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// As much of a word as fits; of a path or an address whole parts, if they fill half of the line at least.
fn part_of_word(word: &str, columns: usize) -> &str {
    let part = head(word, columns);
    let whole = part.rfind('/').map_or("", |slash| &part[..=slash]);
    if 2 * width(whole) >= columns { whole } else { part }
}

/// The first `rows` lines of [`wrap`], the last of them ending in `…` if there are more.
pub fn wrap_to(text: &str, columns: usize, rows: usize) -> Vec<String> {
    // No more letters than could fit are looked at.
    let most = rows.saturating_mul(columns.saturating_add(1));
    let looked_at = text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end]);
    let mut lines = wrap(looked_at, columns);
    if lines.len() > rows || looked_at.len() < text.len() {
        lines.truncate(rows);
        if let Some(last) = lines.last_mut() {
            *last = format!("{}{CUT}", head(last, columns.saturating_sub(1)));
        }
    }
    lines
}

/// The lines of a message, one behind the other.
pub fn in_a_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The text with a capital at its start.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A number with separators: `1,204`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// [`count`] of a length.
pub fn count_of(number: usize) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX))
}

/// `1 file`, `2 files`.
pub fn plural(number: usize, one: &str) -> String {
    format!("{} {one}{}", count_of(number), if number == 1 { "" } else { "s" })
}

/// The first `most` of the names, and how many more there are: `a, b and 3 more`.
pub fn list(names: &[&str], most: usize) -> String {
    let shown = names.iter().take(most).map(|name| fit(name, 40)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {} more", count_of(more)),
    }
}

/// [`list`] of owned names.
pub fn some(names: &[String], most: usize) -> String {
    list(&names.iter().map(String::as_str).collect::<Vec<_>>(), most)
}

/// A number of bytes in decimal units, three digits: `512 B`, `1.2 kB`, `84.1 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes / 100 + u64::from(bytes % 100 >= 50);
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths = tenths / 1000 + u64::from(tenths % 1000 >= 500);
        unit += 1;
    }
    if tenths >= 1000 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_letters_count_as_two_columns() {
        assert_eq!(width("日本"), 4);
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(pad("日本語", 4), "日… ");
    }

    #[test]
    fn an_emoji_of_several_characters_is_never_cut_apart() {
        let coder = "👩\u{200d}💻";
        assert_eq!(width(coder), 2);
        assert_eq!(fit(&format!("{coder}{coder}"), 3), format!("{coder}…"));
        assert_eq!(fit(&format!("{coder}{coder}"), 2), "…");
    }

    #[test]
    fn combining_marks_stay_with_their_letter() {
        assert_eq!(width("e\u{301}e\u{301}"), 2);
        assert_eq!(fit("e\u{301}e\u{301}e", 2), "e\u{301}…");
    }

    #[test]
    fn zero_width_and_control_characters_are_shown_escaped() {
        assert_eq!(fit("a\u{200b}b", 20), "a\\u{200b}b");
        assert_eq!(fit("a\x1b[31m", 20), "a\\x1b[31m");
        assert_eq!(fit("two\nlines", 20), "two\\nlines");
    }

    #[test]
    fn the_end_of_a_path_is_kept() {
        assert_eq!(fit_end("share/man/man1/node.1.gz", 11), "…/node.1.gz");
        assert_eq!(fit_end("bin/node", 8), "bin/node");
        assert_eq!(fit_end("日本語", 4), "…語");
        assert_eq!(fit_end("abc", 1), "…");
        assert_eq!(fit_end("abc", 0), "");
    }

    #[test]
    fn numbers_and_sizes_read_well() {
        assert_eq!(count(143_785), "143,785");
        assert_eq!(count(12), "12");
        assert_eq!(size(0), "0 B");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_240), "1.2 kB");
        assert_eq!(size(84_100_000), "84.1 MB");
        assert_eq!(size(123_456_789), "123 MB");
        assert_eq!(size(999_960), "1.0 MB");
        assert_eq!(size(u64::MAX), "18.4 EB");
    }

    #[test]
    fn wrapping_breaks_at_blanks_and_cuts_what_is_too_long() {
        assert_eq!(wrap("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(wrap("abcdefgh ij", 5), ["abcde", "fgh", "ij"].map(String::from).to_vec());
        assert_eq!(wrap("", 5), Vec::<String>::new());
        assert_eq!(wrap("/nix/store/abc-zlib", 12), ["/nix/store/", "abc-zlib"]);
        assert_eq!(wrap("a/bcdefghijklmno", 8), ["a/bcdefg", "hijklmno"], "a short part would waste the line");
        assert_eq!(wrap_to("the quick brown fox", 9, 2), ["the quick", "brown fox"]);
        assert_eq!(wrap_to("the quick brown fox jumps", 9, 2), ["the quick", "brown fo…"]);
        assert_eq!(wrap_to(&"x".repeat(10_000_000), 4, 2), ["xxxx", "xxx…"]);
    }

    proptest! {
        #[test]
        fn nothing_is_ever_wider_than_asked_for(text in any::<String>(), columns in 0_usize..30) {
            prop_assert!(width(&fit(&text, columns)) <= columns);
            prop_assert!(width(&fit_end(&text, columns)) <= columns);
            prop_assert_eq!(width(&pad(&text, columns)), columns);
            prop_assert_eq!(width(&pad_left(&text, columns)), columns);
            let lines = wrap_to(&text, columns + 4, 3);
            prop_assert!(lines.len() <= 3 && lines.iter().all(|line| width(line) <= columns + 4), "{lines:?}");
        }

        #[test]
        fn short_ascii_is_unchanged(text in "[ -~]{0,20}") {
            prop_assert_eq!(fit(&text, 20), text.clone());
            prop_assert_eq!(fit_end(&text, 20), text);
        }
    }
}
