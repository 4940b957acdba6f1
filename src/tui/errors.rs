//! Errors that nobody has read yet. They stay in sight below the keys until they are put away, the newest first.

use super::action::Command;
use super::app::App;
use super::context::Context;
use super::{layout, text};

/// Rows that an error takes at most; one of them says how to put it away.
const MOST_ROWS: u16 = 4;

#[derive(Debug, Default)]
pub struct Errors(Vec<String>);

impl Errors {
    pub fn newest(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, error: String) {
        // The same again, as of a key that is pressed again, says nothing new.
        self.0.retain(|known| *known != error);
        self.0.push(error);
    }

    /// The newest was read; `false` if there is none.
    pub(super) fn put_away(&mut self) -> bool {
        self.0.pop().is_some()
    }

    pub(super) fn put_all_away(&mut self) {
        self.0.clear();
    }
}

/// The rows for the newest error; none if there is none, or no room beside a screen of the least height.
pub fn rows(app: &App) -> Vec<String> {
    let Some(error) = app.errors.newest() else { return Vec::new() };
    let room = app.size.1.saturating_sub(layout::SMALLEST.1).min(MOST_ROWS);
    let columns = usize::from(app.size.0).saturating_sub(4);
    if room < 2 {
        return text::wrap_to(&text::in_a_line(error), columns, room.into());
    }
    let mut rows = text::wrap_to(&text::in_a_line(error), columns, usize::from(room) - 1);
    rows.push(text::fit(&way_out(app), columns));
    rows
}

/// How to go on, and how many errors more there are.
fn way_out(app: &App) -> String {
    let away = app.bound_key(Context::Everywhere, Command::Back).map(|key| format!("{key} puts it away"));
    let log = app.bound_key(Context::Lists, Command::ShowLog).map(|key| format!("{key} shows it whole, in the log"));
    let more = app.errors.len() - 1;
    let more = (more > 0).then(|| format!("{} before it", text::plural(more, "error")));
    [away, log, more].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_read_first_and_the_same_again_is_no_other() {
        let mut errors = Errors::default();
        for error in ["one", "two", "one"] {
            errors.push(error.to_owned());
        }
        assert_eq!((errors.newest(), errors.len()), (Some("one"), 2));
        assert!(errors.put_away());
        assert_eq!(errors.newest(), Some("two"));
        assert!(errors.put_away() && !errors.put_away());
    }
}
