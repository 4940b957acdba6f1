//! All keys, from the one table, and what the signs mean.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::app::App;
use super::super::bindings::HelpLine;
use super::super::layout;
use super::super::theme::Theme;
use super::paint::{self, Cells};

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    paint::pane(app, frame, area, paint::title(theme, "Keys", "", true), true);
    let signs = "+ comes  − goes  ~ changes  • installed  ↑ newer  ! may fail  ✗ blocks";
    paint::foot(frame, area, signs, theme.dim);
    let lines = app.bindings().help();
    let list = app.lists.help;
    let inner = layout::inside(area);
    for (at, y) in list.visible().zip(inner.top()..inner.bottom()) {
        let columns = usize::from(inner.width).saturating_sub(2);
        let line = match lines[at] {
            HelpLine::Heading(context) => Line::styled(context.title(), theme.title),
            HelpLine::Title(title) => Line::styled(title, theme.title),
            HelpLine::Keys(binding) => explained(columns, &app.settings.look.key_names(binding), binding.help, theme),
            HelpLine::Word(word, help) => explained(columns, word, help, theme),
            HelpLine::Blank => Line::default(),
        };
        frame.buffer_mut().set_line(inner.x + 1, y, &line, inner.width.saturating_sub(1));
    }
    // The list draws no row of its own here; its scroll bar it does.
    paint::scroll_bar(app, frame, inner, &list);
}

fn explained(columns: usize, key: &str, help: &str, theme: &Theme) -> Line<'static> {
    Cells::new(columns).gap(2).cell(key, 18, theme.key).gap(1).text(help, theme.text).line()
}
