//! What Nix says of a failure, cut to what a line or a pane can show: the reason, and the place where Nix saw it. It is
//! shown, never parsed for what it means.

use crate::safe;

/// Letters; nobody reads more in one line.
const MAX_LETTERS: usize = 700;
/// Without a line that begins with `error:`, the last lines are the likeliest to tell.
const LAST_LINES: usize = 6;
/// What Nix adds where it would tell more.
const ADVICE: [&str; 2] = [
    "(use '--show-trace' to show detailed location information)",
    "(stack trace truncated; use '--show-trace' to show the full, detailed trace)",
];

/// One line, safe for a terminal: what follows the last `error:`, which is the reason, after the trace to it; then the place
/// that Nix gives with it. Of an evaluation of `file`, a file or a folder, the innermost place in that follows from the trace.
/// `None` if nothing was said.
pub(super) fn reason(messages: &[u8], file: Option<&str>) -> Option<String> {
    let text = String::from_utf8_lossy(messages);
    let text = without_escapes(&text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let error = lines.iter().rposition(|line| line.starts_with("error:"));
    let start = error.unwrap_or(lines.len().saturating_sub(LAST_LINES));
    let (above, rest) = lines.split_at(start);
    // The trace, which stands above the reason; up to Nix 2.8 it stands below.
    let end = rest.iter().position(|line| line.starts_with("… ")).unwrap_or(rest.len());
    let (told, below) = rest.split_at(end);
    let said = told.iter().map(|line| any_place(line).map_or(*line, |(_, rest)| rest));
    let said = said.filter(|line| !is_excerpt(line) && !ADVICE.contains(line));
    let words: Vec<&str> = said.flat_map(str::split_whitespace).collect();
    let line = words.join(" ");
    let line = line.strip_prefix("error:").unwrap_or(&line).trim_start();
    if line.is_empty() {
        return None;
    }
    let mut short: String = line.chars().take(MAX_LETTERS).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    let own = told.iter().find_map(|line| place(line)).filter(|_| error.is_some());
    // From the innermost to the outermost.
    let trace = below.iter().chain(above.iter().rev()).filter_map(|line| place(line));
    let is_inside = |place: &&str| file.is_some_and(|file| is_in(place, file));
    let inside = own.into_iter().chain(trace).find(is_inside).filter(|_| error.is_some());
    let at = match (own, inside) {
        (Some(own), Some(inside)) if own != inside => format!(", at {own}, which {inside} asks for"),
        // Some reasons name their place themselves.
        (Some(place), _) | (_, Some(place)) if !short.contains(place) => format!(", at {place}"),
        _ => String::new(),
    };
    Some(safe::text(&(short + &at)))
}

/// `FILE:LINE:COLUMN` of a line in which Nix tells a place. What is no file, such as the expression of this program, is no
/// place for the user.
fn place(line: &str) -> Option<&str> {
    any_place(line).map(|(place, _)| place).filter(|place| place.starts_with('/'))
}

/// The place that a line tells, `at /a.nix:1:2:` or `at «string»:1:2:`, and what else is in it: where a file has no end of
/// line, Nix 2.8 ends none either.
fn any_place(line: &str) -> Option<(&str, &str)> {
    let text = line.strip_prefix("at ").or_else(|| Some(line.split_once(" is located at ")?.1))?;
    let number = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    text.match_indices(':').find_map(|(at, _)| {
        let line = number(&text[at + 1..]);
        let after = at + 1 + line;
        let column = number(text[after..].strip_prefix(':')?);
        let end = after + 1 + column;
        let is_place = line > 0 && column > 0 && (end == text.len() || text[end..].starts_with(':'));
        is_place.then(|| (&text[..end], text[end..].trim_start_matches(':')))
    })
}

/// Whether a place is in a file, or in a folder.
fn is_in(place: &str, file: &str) -> bool {
    place.strip_prefix(file).is_some_and(|rest| rest.starts_with([':', '/']))
}

/// A line of the file with its number, or the mark below one: `12| { }`, `| ^`.
fn is_excerpt(line: &str) -> bool {
    let after = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let has_number = after.len() < line.len() && after.starts_with('|');
    has_number || (line.starts_with('|') && line.chars().all(|letter| matches!(letter, '|' | ' ' | '^')))
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
        super::reason(messages, None).unwrap()
    }

    fn of_file(messages: &str) -> String {
        super::reason(messages.as_bytes(), Some("/e.nix")).unwrap()
    }

    #[test]
    fn the_reason_is_what_follows_the_last_error() {
        let of_2_8 = "warning: x\nerror: Package ‘a’ is unfree, refusing to evaluate.\n\n  a) allow it\n(use '--show-trace' to show detailed location information)\n";
        assert_eq!(reason(of_2_8.as_bytes()), "Package ‘a’ is unfree, refusing to evaluate. a) allow it");
        let of_2_26 = "error:\n       … while calling 'x'\n         at /f.nix:1:2:\n\n       error: the reason";
        assert_eq!(reason(of_2_26.as_bytes()), "the reason");
    }

    #[test]
    fn the_place_of_an_error_comes_along_and_the_lines_there_do_not() {
        let of_2_8 = "error: attribute 'zlip' missing\n\n       at /e.nix:2:5:\n\n            1| let x = 1; in\n            \
                      2|   [ pkgs.zlip ]\n             |     ^\n       Did you mean zlib?\n";
        let of_2_26 = "error:\n       … while evaluating list element at index 0\n         at «string»:1:1:\n            \
                       1| { request }: 1\n             | ^\n\n       error: attribute 'zlip' missing\n       \
                       at /e.nix:2:5:\n            1| let x = 1; in\n            2|   [ pkgs.zlip ]\n             |     ^\n            3|\n       \
                       Did you mean zlib?\n";
        let cut = "error: attribute 'zlip' missing\n\n       at /e.nix:2:5:Did you mean zlib?\n";
        for messages in [of_2_8, of_2_26, cut] {
            assert_eq!(reason(messages.as_bytes()), "attribute 'zlip' missing Did you mean zlib?, at /e.nix:2:5");
            assert_eq!(of_file(messages), reason(messages.as_bytes()));
        }
    }

    #[test]
    fn what_has_no_place_of_its_own_has_that_of_the_trace_in_the_file() {
        let of_2_8 = "error: boom\n\n       … while evaluating 'f'\n\n       at /lib.nix:7:9:\n\n            7| f = x: throw x;\n             \
                      |         ^\n\n       … from call site\n\n       at /e.nix:2:31:\n";
        let of_2_34 = "error:\n       … while evaluating attribute 'a'\n         at /e.nix:1:1:\n\n       … from call site\n         \
                       at /e.nix:2:31:\n            2| f 1\n             | ^\n\n       … while calling the 'throw' builtin\n         \
                       at /lib.nix:7:9:\n\n       error: boom";
        for messages in [of_2_8, of_2_34] {
            assert_eq!(of_file(messages), "boom, at /e.nix:2:31");
            assert_eq!(reason(messages.as_bytes()), "boom", "the inside of a library is no news");
        }
        let named = "error:\n       … while evaluating derivation 'a'\n         whose name attribute is located at /e.nix:1:14\n\n       \
                     error: required attribute 'system' missing";
        assert_eq!(of_file(named), "required attribute 'system' missing, at /e.nix:1:14");
        let called = "error: function at /e.nix:1:1 called without 'x'\n\n       at «string»:22:62:\n\n           22| file { }\n";
        assert_eq!(of_file(called), "function at /e.nix:1:1 called without 'x'");
        let elsewhere = "error:\n       … while calling the 'import' builtin\n         at /e.nix:3:4:\n       error: undefined \
                         variable 'x'\n       at /e.nix.d/b.nix:1:2:";
        assert_eq!(of_file(elsewhere), "undefined variable 'x', at /e.nix.d/b.nix:1:2, which /e.nix:3:4 asks for");
    }

    #[test]
    fn no_message_steers_a_terminal_or_is_endless() {
        assert_eq!(reason(b"\x1b[31;1merror:\x1b[0m a\x07b \x1b]0;title"), "a\\x07b \\x1b]0;title");
        assert_eq!(reason("error: ".repeat(3).as_bytes()), "error: error:");
        assert_eq!(super::reason(b" \n", None), None);
        assert_eq!(reason("error: x".repeat(9999).as_bytes()).chars().count(), MAX_LETTERS + 1);
    }

    #[test]
    fn without_an_error_line_the_last_lines_are_shown() {
        let lines: Vec<String> = (0..20).map(|line| line.to_string()).collect();
        assert_eq!(reason(lines.join("\n").as_bytes()), "14 15 16 17 18 19");
    }
}
