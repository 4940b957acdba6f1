//! All keys as they are bound, and what the signs mean; narrowed by words.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::action::Command;
use super::super::app::App;
use super::super::bindings::HelpLine;
use super::super::context::Context;
use super::super::theme::Theme;
use super::super::{layout, text};
use super::paint::{self, Cells};

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let lines = app.help_lines();
    paint::pane(app, frame, area, paint::title(theme, "Keys", &how_to_search(app, &lines), true), true);
    let signs = "+ comes  − goes  ~ changes  • installed  ↑ newer  ▾ shadowed  ○ off  ! may fail  ✗ blocks";
    paint::foot(frame, area, signs, theme.dim);
    let list = app.lists.help;
    let (filter, inner) = layout::help_rows(app);
    if filter.height > 0 {
        let is_typing = app.help.is_typing && app.dialog.is_none();
        paint::filter(app, frame, filter, &app.help.filter, is_typing);
    }
    if lines.is_empty() {
        paint::empty(app, frame, inner, "No key has all these words. Fewer or shorter ones find more.");
    }
    for (at, y) in list.visible().zip(inner.top()..inner.bottom()) {
        let columns = usize::from(inner.width).saturating_sub(2);
        let line = match lines.get(at) {
            Some(HelpLine::Heading(context)) => Line::styled(context.title(), theme.title),
            Some(HelpLine::Title(title)) => Line::styled(*title, theme.title),
            Some(HelpLine::Keys(binding)) => {
                explained(columns, &app.settings.look.key_names(binding), binding.help, theme)
            }
            Some(HelpLine::Word(word, help)) => explained(columns, word, help, theme),
            Some(HelpLine::Blank) | None => Line::default(),
        };
        frame.buffer_mut().set_line(inner.x + 1, y, &line, inner.width.saturating_sub(1));
    }
    // The list draws no row of its own here; its scroll bar it does.
    paint::scroll_bar(app, frame, inner, &list);
}

fn how_to_search(app: &App, lines: &[HelpLine<'_>]) -> String {
    if app.help.has_filter() {
        let found = lines.iter().filter(|line| matches!(line, HelpLine::Keys(_) | HelpLine::Word(..))).count();
        return format!("· {} found", text::count_of(found));
    }
    let key = app.bound_key(Context::Help, Command::Filter);
    key.map_or_else(String::new, |key| format!("· {key} searches"))
}

fn explained(columns: usize, key: &str, help: &str, theme: &Theme) -> Line<'static> {
    Cells::new(columns).gap(2).cell(key, 18, theme.key).gap(1).text(help, theme.text).line()
}
