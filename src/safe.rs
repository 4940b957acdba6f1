//! Makes text from outside harmless for a terminal: names, file names and messages are hostile until they pass here.

mod message;

use std::fmt::Write as _;

pub use message::message;

/// Bytes as text with everything escaped that could steer a terminal or deceive a reader.
///
/// Bytes that are no UTF-8 and control characters become `\xNN`, line breaks and tabs `\n`, `\r`, `\t`; invisible and
/// direction-changing characters become `\u{…}`. Everything else is unchanged, so for ordinary names this is the
/// identity. A backslash is left as it is: the result is for reading, not for parsing.
pub fn bytes(bytes: &[u8]) -> String {
    let mut safe = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        push(&mut safe, chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(safe, "\\x{byte:02x}");
        }
    }
    safe
}

/// The same for text.
pub fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    push(&mut safe, text);
    safe
}

/// The same for a path.
pub fn path(path: &std::path::Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    bytes(path.as_os_str().as_bytes())
}

/// Text as one word for a shell (POSIX; letters that must not be shown need bash, zsh or ksh), safe as [`text`] is.
pub fn shell(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=@^,+%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    if text(word) == word {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    let mut quoted = String::from("$'");
    for letter in word.chars() {
        match letter {
            '\'' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() || is_deceptive(letter) => {
                for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                    // Octal numbers end after three digits, whatever follows.
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            _ => quoted.push(letter),
        }
    }
    quoted + "'"
}

/// Bytes as the text that JSON needs: invalid UTF-8 as `\xNN`, everything else unchanged.
pub fn json(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// A JSON document with what could steer a terminal written as `\uNNNN`, which means the same.
pub fn json_document(document: &str) -> String {
    let mut safe = String::with_capacity(document.len());
    for letter in document.chars() {
        // Such letters stand in strings only, and JSON has escaped the first 32 already.
        if letter == '\n' || !(letter.is_control() || is_deceptive(letter)) {
            safe.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    safe
}

fn push(safe: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            _ if letter.is_control() && u32::from(letter) < 0x100 => {
                let _ = write!(safe, "\\x{:02x}", u32::from(letter));
            }
            _ if is_deceptive(letter) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(letter));
            }
            _ => safe.push(letter),
        }
    }
}

/// Characters that are invisible or change the direction of what follows (Unicode TR 36, "bidirectional spoofing").
/// Zero width joiners stay: emoji and several scripts need them.
fn is_deceptive(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_unchanged() {
        for name in ["bin/[", "café", "日本", "a\\b", "👩\u{200d}💻", ""] {
            assert_eq!(text(name), name);
            assert_eq!(bytes(name.as_bytes()), name);
        }
    }

    #[test]
    fn a_json_document_that_steers_nothing_still_says_the_same() {
        let said = "a\u{1b}\u{7f}\u{9b}\u{202e}\u{e0001}é\n\\";
        let document = json_document(&serde_json::to_string_pretty(&[said]).unwrap());
        assert_eq!(document, "[\n  \"a\\u001b\\u007f\\u009b\\u202e\\udb40\\udc01é\\n\\\\\"\n]");
        assert_eq!(serde_json::from_str::<Vec<String>>(&document).unwrap(), [said]);
    }

    #[test]
    fn a_word_for_a_shell_is_read_as_it_was_and_steers_nothing() {
        assert_eq!(shell("nixpkgs#hello^out,dev"), "'nixpkgs#hello^out,dev'");
        assert_eq!(shell("/nix/store/x-gtk+"), "/nix/store/x-gtk+");
        for word in ["", "it's; rm -rf ~", "$(reboot)`x`", "a\u{1b}[31m\n'\\7", "\u{202e}b", "日本 é", "!! ~ *"] {
            let quoted = shell(word);
            assert_eq!(text(&quoted), quoted, "it can be shown");
            let echo = format!("printf %s {quoted}");
            let said = std::process::Command::new("bash").args(["-c", &echo]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), word, "{quoted}");
        }
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(bytes(b"\x1b[31mred\x07\xff\n"), "\\x1b[31mred\\x07\\xff\\n");
        assert_eq!(text("a\u{202e}b\u{9b}c"), "a\\u{202e}b\\x9bc");
    }
}
