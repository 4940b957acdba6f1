//! What Nix says of a failure, cut to what a line or a pane can show. It is shown, never parsed for what it means.

use crate::safe;

/// Letters; nobody reads more in one line.
const MAX_LETTERS: usize = 700;
/// Without a line that begins with `error:`, the last lines are the likeliest to tell.
const LAST_LINES: usize = 6;

/// One line, safe for a terminal: what follows the last `error:`, which is the reason, after the trace to it. `None` if
/// nothing was said.
pub(super) fn reason(messages: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(messages);
    let text = without_escapes(&text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_error = |line: &&str| line.starts_with("error:");
    let start = lines.iter().rposition(is_error).unwrap_or(lines.len().saturating_sub(LAST_LINES));
    let words: Vec<&str> = lines[start..].iter().flat_map(|line| line.split_whitespace()).collect();
    let line = words.join(" ");
    let line = line.strip_prefix("error:").unwrap_or(&line).trim_start();
    let line = line.replace(" (use '--show-trace' to show detailed location information)", "");
    if line.is_empty() {
        return None;
    }
    let mut short: String = line.chars().take(MAX_LETTERS).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    Some(safe::text(&short))
}

/// Colours and other sequences that begin with an escape character are left out.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        let sequence = &rest[at + 2..];
        let end = sequence.find(|letter: char| ('@'..='~').contains(&letter)).map_or(sequence.len(), |end| end + 1);
        rest = &sequence[end..];
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::MAX_LETTERS;

    fn reason(messages: &[u8]) -> String {
        super::reason(messages).unwrap()
    }

    #[test]
    fn the_reason_is_what_follows_the_last_error() {
        let of_2_8 = "warning: x\nerror: Package ‘a’ is unfree, refusing to evaluate.\n\n  a) allow it\n(use '--show-trace' to show detailed location information)\n";
        assert_eq!(reason(of_2_8.as_bytes()), "Package ‘a’ is unfree, refusing to evaluate. a) allow it");
        let of_2_26 = "error:\n       … while calling 'x'\n         at /f.nix:1:2:\n\n       error: the reason";
        assert_eq!(reason(of_2_26.as_bytes()), "the reason");
    }

    #[test]
    fn no_message_steers_a_terminal_or_is_endless() {
        assert_eq!(reason(b"\x1b[31;1merror:\x1b[0m a\x07b \x1b]0;title"), "a\\x07b \\x1b]0;title");
        assert_eq!(reason("error: ".repeat(3).as_bytes()), "error: error:");
        assert_eq!(super::reason(b" \n"), None);
        assert_eq!(reason("error: x".repeat(9999).as_bytes()).chars().count(), MAX_LETTERS + 1);
    }

    #[test]
    fn without_an_error_line_the_last_lines_are_shown() {
        let lines: Vec<String> = (0..20).map(|line| line.to_string()).collect();
        assert_eq!(reason(lines.join("\n").as_bytes()), "14 15 16 17 18 19");
    }
}
