//! What is staged in the words of Nix, made ready for the screen.

use std::fmt::Write as _;

use super::text;
use crate::loom::ExplainedLine;

/// Before what goes on in the next row.
const INDENT: &str = "    ";

/// The commands of Nix for what is staged.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// `None` until they are known.
    pub lines: Option<Result<Vec<ExplainedLine>, String>>,
    /// Whether they are copied once they are known.
    pub is_to_be_copied: bool,
}

/// One row: a line, or a part of one that is too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub text: String,
    pub is_comment: bool,
}

impl Explanation {
    /// All lines, each in as many rows of `columns` as it takes.
    pub fn rows(&self, columns: usize) -> Vec<Row> {
        let Some(Ok(lines)) = &self.lines else { return Vec::new() };
        let rows = |line: &ExplainedLine| {
            let is_comment = matches!(line, ExplainedLine::Comment(_));
            broken(&line.to_string(), columns).into_iter().map(move |text| Row { text, is_comment })
        };
        lines.iter().flat_map(rows).collect()
    }

    /// What is copied: all lines as they are; `None` while there are none.
    pub fn text(&self) -> Option<String> {
        let lines = self.lines.as_ref()?.as_ref().ok().filter(|lines| !lines.is_empty())?;
        let mut text = String::new();
        for line in lines {
            let _ = writeln!(text, "{line}");
        }
        Some(text)
    }
}

/// A line in rows, broken at blanks; the rows after the first are indented.
fn broken(line: &str, columns: usize) -> Vec<String> {
    let room = columns.saturating_sub(INDENT.len()).max(1);
    let mut rows = text::wrap(line, room);
    rows.iter_mut().skip(1).for_each(|row| row.insert_str(0, INDENT));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_goes_on_in_the_next_row_and_is_copied_as_one() {
        let command = ExplainedLine::Command("nix profile install 'flake:nixpkgs#hello^out,dev' --priority 4".into());
        let comment = ExplainedLine::Comment("one generation".into());
        let explanation = Explanation { lines: Some(Ok(vec![comment, command])), ..Explanation::default() };
        let rows = explanation.rows(40);
        let texts: Vec<_> = rows.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(
            texts,
            ["# one generation", "nix profile install", "    'flake:nixpkgs#hello^out,dev'", "    --priority 4"]
        );
        assert_eq!(rows.iter().filter(|row| row.is_comment).count(), 1);
        let text = "# one generation\nnix profile install 'flake:nixpkgs#hello^out,dev' --priority 4\n";
        assert_eq!(explanation.text().as_deref(), Some(text));
        assert_eq!(Explanation::default().text(), None);
        assert!(explanation.rows(0).iter().all(|row| row.text.len() <= 5 + 40));
    }
}
