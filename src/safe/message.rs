//! Messages of Nix, made readable and harmless: they come with colours, and with whatever a builder wrote.

use super::bytes;

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;

/// A message without the sequences that colour it; of several lines, if it is. What else could steer a terminal is shown
/// escaped, as in [`bytes`].
pub fn message(message: &[u8]) -> String {
    let plain = without_sequences(message);
    let lines = plain.split(|&byte| byte == b'\n');
    let lines: Vec<_> = lines.map(|line| bytes(line.trim_ascii_end()).replace("\\t", "    ")).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Drops the escape sequences of ECMA-48; one that does not end swallows the rest.
fn without_sequences(message: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(message.len());
    let mut rest = message;
    while let Some((&byte, after)) = rest.split_first() {
        rest = if byte == ESCAPE {
            after_sequence(after)
        } else {
            plain.push(byte);
            after
        };
    }
    plain
}

/// What comes after the sequence whose escape was just read.
fn after_sequence(rest: &[u8]) -> &[u8] {
    let end = match rest.first() {
        Some(b'[') => rest.iter().skip(1).position(|byte| (0x40..=0x7e).contains(byte)).map(|at| at + 1),
        // A command for the terminal, such as a title or a link: ended by BEL or by ESC \.
        Some(b']') => {
            let bell = rest.iter().position(|&byte| byte == BELL);
            let string_end = rest.windows(2).position(|two| two == [ESCAPE, b'\\']).map(|at| at + 1);
            bell.into_iter().chain(string_end).min()
        }
        _ => rest.iter().position(|byte| !(0x20..=0x2f).contains(byte)),
    };
    end.map_or(&[], |end| &rest[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::message as readable;

    #[test]
    fn colours_links_and_titles_leave_only_their_text() {
        assert_eq!(readable(b"\x1b[31;1merror:\x1b[0m it \x1b[35;1m'x'\x1b[m failed"), "error: it 'x' failed");
        assert_eq!(readable(b"\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "alink");
        assert_eq!(readable(b"\x1b(Ba\x1b=b"), "ab");
    }

    #[test]
    fn lines_stay_lines_and_what_steers_a_terminal_is_shown() {
        assert_eq!(readable(b"\none\r\n\ttwo\x08\xff\n\n"), "one\n    two\\x08\\xff");
    }

    #[test]
    fn a_sequence_that_does_not_end_is_dropped() {
        for message in [&b"a\x1b"[..], b"a\x1b[31", b"a\x1b]0;title", b"a\x1b("] {
            assert_eq!(readable(message), "a");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_message_keeps_an_escape(message in proptest::collection::vec(0_u8..=255, 0..80)) {
            assert!(!readable(&message).contains(|letter: char| letter.is_control() && letter != '\n'));
        }
    }
}
