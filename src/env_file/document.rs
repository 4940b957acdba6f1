//! Text of the Nix language in lines, as `nixfmt` would break and indent them: two blanks a level.

use crate::safe;

/// Lines that are written one after the other.
#[derive(Default)]
pub(super) struct Document {
    text: String,
    depth: usize,
}

impl Document {
    pub fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("  ", self.depth));
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One line, whatever is in it.
    pub fn comment(&mut self, comment: &str) {
        self.line(format!("# {}", safe::text(comment)).trim_end());
    }

    /// What is in it stands one level deeper.
    pub fn deeper(&mut self, inside: impl FnOnce(&mut Self)) {
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }

    /// `NAME = [ … ];`, one item a line if there are several lines of them.
    pub fn list(&mut self, name: &str, lines: &[Item]) {
        match lines {
            [] => self.line(&format!("{name} = [ ];")),
            [Item::Value(only)] if !only.contains('\n') => self.line(&format!("{name} = [ {only} ];")),
            lines => {
                self.line(&format!("{name} = ["));
                self.deeper(|it| lines.iter().for_each(|line| it.item(line)));
                self.line("];");
            }
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Value(value) => value.lines().for_each(|line| self.line(line)),
            Item::Comment(comment) => self.comment(comment),
        }
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

/// A line of a list.
pub(super) enum Item {
    /// Of one line or several.
    Value(String),
    Comment(String),
}
