//! Plain lines: headings, facts and sentences, one a line, safe for a terminal, for a screen reader and for a pipe.

use crate::safe;

/// Lines that are being written.
#[derive(Debug, Default)]
pub struct Lines(String);

impl Lines {
    /// A line above others, after a blank one.
    pub fn heading(&mut self, heading: &str) {
        self.gap();
        self.say(heading);
    }

    /// `label: value`; nothing if the value is empty.
    pub fn fact(&mut self, label: &str, value: &str) {
        let value = one_line(value);
        if !value.is_empty() {
            self.0.push_str(label);
            self.0.push_str(": ");
            self.0.push_str(&value);
            self.0.push('\n');
        }
    }

    /// The first line of several that tell of one thing: `label: value` after a blank line.
    pub fn subject(&mut self, label: &str, value: &str) {
        self.gap();
        // A thing without a name is a thing all the same.
        self.fact(label, if one_line(value).is_empty() { "without a name" } else { value });
    }

    /// A sentence; nothing if it is empty.
    pub fn say(&mut self, sentence: &str) {
        let sentence = one_line(sentence);
        if !sentence.is_empty() {
            self.0.push_str(&sentence);
            self.0.push('\n');
        }
    }

    /// A blank line, but never two, and none at the start.
    fn gap(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    pub fn text(self) -> String {
        self.0
    }
}

/// Text of several lines in one, made safe.
fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(safe::text).collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_from_outside_is_one_line_and_steers_nothing() {
        let mut lines = Lines::default();
        lines.heading("One");
        lines.subject("package", "a\u{1b}[31m\nversion: 9");
        lines.fact("version", "");
        lines.subject("package", "\n");
        lines.say("two\r\nlines\t\u{202e}");
        assert_eq!(
            lines.text(),
            "One\n\npackage: a\\x1b[31m; version: 9\n\npackage: without a name\ntwo; lines\\t\\u{202e}\n"
        );
    }
}
