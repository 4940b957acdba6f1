//! The files of a package or of a profile as a tree, and beside it all that is known of the selected one.

mod detail;
mod rows;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::files::Showing;
use super::super::{layout, text};
use super::paint::{self, Cells};
use crate::loom::FileTree;

pub use detail::len as detail_len;

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let theme = app.theme();
    let parts = layout::files(app.area());
    let is_focused = app.dialog.is_none();
    let (line, rows) = layout::file_rows(app, parts.list);
    let title = text::fit(&title(app), usize::from(parts.list.width).saturating_sub(12));
    paint::pane(app, frame, parts.list, paint::title(theme, "Files", &title, true), is_focused);
    paint::foot(frame, parts.list, &foot(app), theme.dim);
    filter(app, frame, line);
    match (app.files.tree(), &app.files.error) {
        (_, Some(error)) => paint::empty(app, frame, rows, &format!("The files cannot be told: {error}")),
        (None, None) => paint::empty(app, frame, rows, "Looking…"),
        (Some(tree), None) => {
            if app.files.rows.list().is_empty() {
                paint::empty(app, frame, rows, &nothing(app, tree));
            }
            paint::rows(app, frame, rows, &app.lists.files, is_focused, |row, columns| {
                app.files.node(row).map_or_else(Line::default, |at| rows::line(app, tree, at, columns))
            });
        }
    }
    if let Some(area) = parts.detail {
        detail::view(app, frame, area);
    }
}

/// Whose files, and how many.
fn title(app: &App) -> String {
    let of = match &app.files.showing {
        Showing::Package(name, _) => format!("of {name}"),
        Showing::Profile => "of the profile".to_owned(),
        Showing::Plan => "of the profile as it would be".to_owned(),
        Showing::Generation(number) => format!("of generation {number}"),
        Showing::Built(link, _) => format!("of {}", app.at_home(link)),
        Showing::Environment(name, woven) => {
            format!("of {} by itself, rules {}", text::fit(name, 24), woven.plan.rules.name())
        }
    };
    let Some(tree) = app.files.tree() else { return of };
    let all = tree.all();
    let working = if app.files.is_working { " · looking…" } else { "" };
    let number = match app.files.rows.hits() {
        None => text::plural(all.files, "file"),
        Some(hits) => {
            let found = hits.iter().filter(|&&at| tree.below(at).is_empty()).count();
            format!("{} of {}", text::count_of(found), text::plural(all.files, "file"))
        }
    };
    format!("{of} · {number} · {}{working}", text::size(all.bytes))
}

fn foot(app: &App) -> String {
    let contested = app.files.tree().map_or(0, |tree| tree.all().contested);
    let shadowed = match contested {
        0 => None,
        1 => Some("1 path is wanted by several".to_owned()),
        more => Some(format!("{} paths are wanted by several", text::count_of(more))),
    };
    let switch = match app.files.showing {
        Showing::Profile if !app.staged.is_empty() => Some("with what is staged"),
        Showing::Plan => Some("as it is"),
        _ => None,
    };
    let key = app.bound_key(Context::Files, Command::SwitchFiles);
    let switch = switch.zip(key).map(|(how, key)| format!("{key} shows it {how}"));
    [shadowed, switch].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn nothing(app: &App, tree: &FileTree) -> String {
    match (&app.files.showing, tree.is_empty()) {
        (_, false) => {
            let context = if app.files.is_typing { Context::FileFilter } else { Context::Files };
            let key = app.key_for(context, Command::Back);
            format!("No path holds all of these words: {key} clears them.")
        }
        (Showing::Package(..), true) => {
            "No output of it is known. Packages that are only listed have none until Nix evaluates them.".to_owned()
        }
        (Showing::Built(..) | Showing::Environment(..), true) => "There is no file in it.".to_owned(),
        (_, true) => "There is no file in the profile.".to_owned(),
    }
}

/// The words that are filtered by.
fn filter(app: &App, frame: &mut Frame<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let theme = app.theme();
    let input = &app.files.filter;
    let room = usize::from(area.width).saturating_sub(4);
    let cells = Cells::new(room + 2).text("/ ", theme.key).text(&text::fit_end(input.text(), room), theme.text);
    frame.buffer_mut().set_line(area.x + 1, area.y, &cells.line(), area.width.saturating_sub(1));
    if app.files.is_typing && app.dialog.is_none() {
        let column = u16::try_from(input.cursor_column().min(room)).unwrap_or(0);
        frame.set_cursor_position((area.x + 3 + column, area.y));
    }
}
