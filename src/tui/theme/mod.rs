//! What the screen's parts look like: a table of meanings, not of colours.
//!
//! The default theme uses the terminal's own sixteen colours and no background, so it is readable on light and dark. The
//! truecolor themes bring a ground of their own.
//! Nothing is told by colour alone: each role also has a mark, a word or a weight.

mod named;
mod truecolor;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

pub use named::ThemeName;

/// One style for each meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Also what the whole screen is filled with.
    pub text: Style,
    /// Of less interest: versions, sources, labels.
    pub dim: Style,
    /// Names of panes and headings.
    pub title: Style,
    /// The name of the pane that has the focus.
    pub title_focused: Style,
    pub border: Style,
    pub border_focused: Style,
    /// The selected row of the pane that has the focus.
    pub selected: Style,
    /// The selected row of another pane.
    pub selected_elsewhere: Style,
    /// The marker `›` before a selected row.
    pub marker: Style,
    /// A key, where keys are explained.
    pub key: Style,
    /// Letters that the query matched.
    pub matched: Style,
    pub added: Style,
    pub removed: Style,
    pub changed: Style,
    /// What stands in the way of building.
    pub blocked: Style,
    /// What needs a look.
    pub warning: Style,
    /// How far work is.
    pub progress: Style,
}

impl Theme {
    /// The terminal's own colours.
    pub fn terminal() -> Self {
        let colour = |colour| Style::new().fg(colour);
        Self {
            title_focused: Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
            border_focused: colour(Color::Cyan),
            marker: Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
            key: Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
            matched: Style::new().fg(Color::Magenta).add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
            added: colour(Color::Green),
            removed: colour(Color::Red),
            changed: colour(Color::Magenta),
            blocked: Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
            warning: colour(Color::Magenta),
            progress: colour(Color::Green),
            ..Self::monochrome()
        }
    }

    /// No colour at all, for `NO_COLOR`.
    pub fn monochrome() -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let dim = Style::new().add_modifier(Modifier::DIM);
        Self {
            text: Style::new(),
            dim,
            title: bold,
            title_focused: bold.add_modifier(Modifier::UNDERLINED),
            border: dim,
            border_focused: bold,
            selected: Style::new().add_modifier(Modifier::REVERSED),
            selected_elsewhere: bold,
            marker: bold,
            key: bold,
            matched: Style::new().add_modifier(Modifier::UNDERLINED),
            added: Style::new(),
            removed: Style::new(),
            changed: Style::new(),
            blocked: bold,
            warning: Style::new(),
            progress: bold,
        }
    }

    /// The name that it goes by; `None` for one that was made otherwise.
    pub fn named(&self) -> Option<ThemeName> {
        ThemeName::ALL.iter().copied().find(|name| name.theme() == *self)
    }

    /// Puts the theme's own letters and ground wherever a view left them to the terminal.
    pub fn fill(&self, buffer: &mut Buffer) {
        if self.text == Style::new() {
            return;
        }
        for cell in &mut buffer.content {
            if cell.fg == Color::Reset {
                cell.fg = self.text.fg.unwrap_or(Color::Reset);
            }
            if cell.bg == Color::Reset {
                cell.bg = self.text.bg.unwrap_or(Color::Reset);
            }
        }
    }
}

#[cfg(test)]
mod tests;
