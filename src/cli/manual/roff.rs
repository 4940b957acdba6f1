//! Writes the language of man pages, in ASCII, so that every `man` shows it: text in, requests and escaped text out.

use std::fmt::Write as _;

/// A page that is being written.
#[derive(Default)]
pub(super) struct Roff(String);

impl Roff {
    /// Starts a page of section 1; `version` stands at its foot.
    pub fn new(name: &str, version: &str) -> Self {
        let mut page = Self::default();
        let _ = writeln!(page.0, ".TH {} 1 \"\" \"{name} {version}\"", escaped(&name.to_uppercase()));
        // No hyphens in names, and no blanks stretched to a straight right edge.
        page.0.push_str(".nh\n.ad l\n");
        page
    }

    pub fn section(&mut self, title: &str) {
        let _ = writeln!(self.0, ".SH {}", quoted(title));
    }

    #[cfg_attr(not(feature = "tui"), expect(dead_code))]
    pub fn subsection(&mut self, title: &str) {
        let _ = writeln!(self.0, ".SS {}", quoted(title));
    }

    /// Sentences, as a paragraph of their own.
    pub fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.0, ".PP\n{}", line(text));
    }

    /// A word in bold, and what it means, set in.
    pub fn item(&mut self, word: &str, meaning: &str) {
        let _ = writeln!(self.0, ".TP\n.B {}\n{}", quoted(word), line(meaning));
    }

    /// More of what the item before means, as a paragraph of its own.
    pub fn more(&mut self, meaning: &str) {
        let _ = writeln!(self.0, ".IP\n{}", line(meaning));
    }

    /// A command line as it is typed.
    pub fn example(&mut self, command: &str) {
        let _ = writeln!(self.0, ".RS 4\n.EX\n{}\n.EE\n.RE", line(command));
    }

    /// What is written until [`Roff::end_indent`] belongs to the item before.
    pub fn indent(&mut self) {
        self.0.push_str(".RS\n");
    }

    pub fn end_indent(&mut self) {
        self.0.push_str(".RE\n");
    }

    pub fn text(self) -> String {
        self.0
    }
}

/// An argument of a request.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "\\(dq"))
}

/// A line of text: one that begins with a sign of a request would be one.
fn line(text: &str) -> String {
    let escaped = escaped(text);
    if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
}

/// Text without anything that roff would take for its own, in ASCII.
fn escaped(text: &str) -> String {
    let mut roff = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => roff.push_str("\\e"),
            '-' | '−' => roff.push_str("\\-"),
            '\'' => roff.push_str("\\(aq"),
            '`' => roff.push_str("\\(ga"),
            '^' => roff.push_str("\\(ha"),
            '~' => roff.push_str("\\(ti"),
            '…' => roff.push_str("..."),
            '→' => roff.push_str("\\->"),
            '\n' => roff.push(' '),
            letter if letter.is_ascii() => roff.push(letter),
            letter => {
                let _ = write!(roff, "\\[u{:04X}]", u32::from(letter));
            }
        }
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_roff_would_take_for_its_own_is_escaped() {
        let mut page = Roff::default();
        page.paragraph(".so /etc/passwd");
        page.paragraph("'node and a\\fB-x ^~`é\nb");
        page.item("say \"it\"", "…");
        assert_eq!(
            page.text(),
            ".PP\n\\&.so /etc/passwd\n.PP\n\\(aqnode and a\\efB\\-x \\(ha\\(ti\\(ga\\[u00E9] b\n.TP\n\
             .B \"say \\(dqit\\(dq\"\n\\&...\n"
        );
    }
}
