//! The README's tables of commands.

use std::fmt::Write as _;

use super::{EXAMPLES, commands, definition, usage};

/// Every command with its arguments, and what it does, in Markdown.
pub(super) fn commands_table() -> String {
    let mut text = String::from("| Command | What it does |\n|---|---|\n");
    for command in commands(&definition()) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "| `{}` | {} |", usage(command.get_name(), command), about.replace('|', "\\|"));
    }
    text
}

/// The examples, one a line.
pub(super) fn examples() -> String {
    let columns = EXAMPLES.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
    let mut text = String::from("```\n");
    for (line, what) in EXAMPLES {
        let _ = writeln!(text, "{line:<columns$}  {what}");
    }
    text + "```\n"
}
