//! The choice of generations to delete: what is typed, exactly which would go, and what that frees.

use ratatui::text::{Line, Span};

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::deletion::Choice;
use super::super::text;
use super::generations;
use crate::loom::DeletionPreview;

/// Fewer rows than this are not given to what would go.
const LEAST_ROWS: usize = 2;

/// The line that is typed comes after so many lines.
pub const INPUT_LINE: usize = 1;

/// All lines of the dialog but that of its keys, in `columns`; `rows` is how many there is room for.
pub fn lines(app: &App, choice: &Choice, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let theme = app.theme();
    let typed = text::fit_end(choice.input.text(), columns.saturating_sub(2));
    let mut lines = vec![
        Line::styled(text::fit("Numbers, or old, 30d (older than 30 days), +5 (all but 5)", columns), theme.dim),
        Line::from(vec![Span::styled("› ", theme.marker), Span::raw(typed)]),
    ];
    let wrapped = |sentence: &str| text::wrap(sentence, columns).into_iter().map(Line::raw).collect::<Vec<_>>();
    match &choice.preview {
        None if choice.input.text().trim().is_empty() => {
            lines.extend(wrapped("Nothing goes yet. The current generation never does."));
        }
        None => lines.push(Line::styled("looking…", theme.dim)),
        Some(Err(error)) => lines.extend(wrapped(error).into_iter().map(|line| line.style(theme.blocked))),
        Some(Ok(preview)) if preview.generations.is_empty() => {
            lines.extend(wrapped("Nothing would go: no generation is meant."));
        }
        Some(Ok(preview)) => {
            let number = preview.generations.len();
            let ends = wrapped(&consequences(preview));
            let heading = format!("{} would go, for ever:", text::plural(number, "generation"));
            lines.push(Line::styled(text::fit(&heading, columns), theme.title));
            let room = rows.saturating_sub(lines.len() + ends.len()).max(LEAST_ROWS);
            lines.extend(going(app, choice, preview, columns, room));
            lines.extend(ends);
        }
    }
    lines
}

/// The generations that would go, as many as there is room for; the last line says how many are out of sight.
fn going(app: &App, choice: &Choice, preview: &DeletionPreview, columns: usize, room: usize) -> Vec<Line<'static>> {
    let all = preview.generations.len();
    let shown = if all > room { room.saturating_sub(1).max(1) } else { all };
    let offset = choice.offset.min(all - shown);
    let mut lines: Vec<_> = preview.generations[offset..offset + shown]
        .iter()
        .map(|generation| generations::line(app, generation, columns))
        .collect();
    if shown < all {
        let key = |command| app.bound_key(Context::Deletion, command);
        let others =
            key(Command::Down).zip(key(Command::Up)).map(|(down, up)| format!("; {down} and {up} show the others"));
        let sentence = format!("{} to {} of {all}{}", offset + 1, offset + shown, others.unwrap_or_default());
        lines.push(Line::styled(text::fit(&sentence, columns), app.theme().dim));
    }
    lines
}

/// What it means for undoing, and what it frees.
fn consequences(preview: &DeletionPreview) -> String {
    let line = preview.ancestors.iter().map(ToString::to_string).collect::<Vec<_>>();
    let descent = match line.as_slice() {
        [] => String::new(),
        line => format!("The current one descends from {}: undo cannot go there then. ", text::some(line, 6)),
    };
    let freed = match preview.only_theirs {
        None => "What only they have is not known, for a generation cannot be read.".to_owned(),
        Some((0, _)) => "Nothing is freed: others have all that they have.".to_owned(),
        Some((paths, size)) => {
            let least = if size.is_least { "at least " } else { "" };
            let bytes = format!("{least}{} in {}", text::size(size.bytes), text::plural(paths, "path"));
            if preview.is_collected {
                format!("At most {bytes} can be freed. It stays until garbage is collected: nix-store --gc.")
            } else {
                format!("Only they have {bytes}. It stays: the program's own store frees nothing yet.")
            }
        }
    };
    descent + &freed
}
