//! Drives the screen with key scripts: keys in, effects done at once, and what is drawn out. Nothing sleeps: a script goes on
//! when the screen has nothing left to do.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyModifiers};
use jiff::tz::TimeZone;
use nix_loom::tui::action::Action;
use nix_loom::tui::backend::Backend;
use nix_loom::tui::effect::{Effect, Reply, opened};
use nix_loom::tui::key::Key;
use nix_loom::tui::look::Look;
use nix_loom::tui::moment::Moment;
use nix_loom::tui::perform::perform;
use nix_loom::tui::theme::Theme;
use nix_loom::tui::update::{start, update};
use nix_loom::tui::view::view;
use nix_loom::tui::work::Task;
use nix_loom::tui::{App, Settings};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// A lock that no other thread takes cannot be poisoned.
const ALONE: &str = "one thread only";

/// A screen over some backend.
pub struct Screen {
    pub app: App,
    pub backend: Arc<dyn Backend>,
    /// Effects that are not done yet, while the screen is [held](Screen::hold).
    pub waiting: VecDeque<Effect>,
    is_held: bool,
    /// When what happens next happens; it stands still until a test moves it.
    pub now: Moment,
    /// What the program itself would do: leave, suspend, draw anew.
    pub asked_of_terminal: Vec<Effect>,
}

impl Screen {
    /// A screen on which nothing is loaded yet; [`Screen::go_on`] loads it.
    pub fn unopened(backend: impl Backend + 'static, columns: u16, rows: u16) -> Self {
        Self::over(Arc::new(backend), columns, rows, &Theme::terminal())
    }

    /// A screen that is open and idle.
    pub fn new(backend: impl Backend + 'static, columns: u16, rows: u16) -> Self {
        let mut screen = Self::unopened(backend, columns, rows);
        screen.go_on();
        screen
    }

    pub fn over(backend: Arc<dyn Backend>, columns: u16, rows: u16, theme: &Theme) -> Self {
        let look = Look { theme: *theme, ..Look::default() };
        let settings = Settings { look, time_zone: TimeZone::UTC, home: Some("/home/user".into()) };
        let mut app = App::new(settings, (columns, rows));
        let waiting = start(&mut app).into();
        Self { app, backend, waiting, is_held: true, now: Moment::default(), asked_of_terminal: Vec::new() }
    }

    /// From here on effects wait, as if the work took long.
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// Does what waits, and from here on every effect at once.
    pub fn go_on(&mut self) {
        self.is_held = false;
        while let Some(effect) = self.waiting.pop_front() {
            self.perform(effect);
        }
    }

    /// Does the effect that was asked for last, before the others that wait.
    pub fn do_newest(&mut self) {
        let effect = self.waiting.pop_back().expect("an effect waits");
        self.perform(effect);
    }

    /// Lets some time go by.
    pub fn pass(&mut self, time: Duration) -> &mut Self {
        self.now.steady += time;
        self.now.wall += time;
        self
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.act(Action::Resize(columns, rows));
    }

    fn perform(&mut self, effect: Effect) {
        if matches!(effect, Effect::Quit | Effect::Suspend | Effect::Redraw | Effect::Copy(_)) {
            self.asked_of_terminal.push(effect);
            return;
        }
        let backend = Arc::clone(&self.backend);
        if effect == Effect::Open {
            self.take(Action::Reply(Reply::Opened(opened(&*backend))));
            return;
        }
        let is_cancelled = Task::of(&effect).is_some_and(|task| self.waiting.contains(&Effect::Cancel(task)));
        let replies = Mutex::new(Vec::new());
        perform(effect, &*backend, &|| is_cancelled, &|reply| replies.lock().expect(ALONE).push(reply));
        for reply in replies.into_inner().expect(ALONE) {
            self.take(Action::Reply(reply));
        }
    }

    /// What an action asks for waits: an effect never begins before all replies to the one before it were taken in.
    fn take(&mut self, action: Action) {
        let effects = update(&mut self.app, action, self.now);
        self.waiting.extend(effects);
    }

    pub fn act(&mut self, action: Action) {
        self.take(action);
        if !self.is_held {
            self.go_on();
        }
    }

    /// Presses the keys of a script: letters as they are, others as `<enter>`, `<c-d>`.
    pub fn keys(&mut self, script: &str) -> &mut Self {
        for key in keys(script) {
            self.act(Action::Key(key));
        }
        self
    }

    pub fn draw(&self) -> (Buffer, Option<Position>) {
        let (columns, rows) = self.app.size;
        draw(&self.app, columns, rows)
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        text(&self.draw().0)
    }

    /// What the message line says, or the newest error that was not read; empty if nothing.
    pub fn message(&self) -> &str {
        let message = self.app.message.as_ref().map(|message| message.text.as_str());
        message.or(self.app.errors.newest()).unwrap_or_default()
    }

    pub fn shows(&self, part: &str) -> bool {
        self.text().contains(part)
    }
}

/// Draws the state at some size, the one it was laid out for or another.
pub fn draw(app: &App, columns: u16, rows: u16) -> (Buffer, Option<Position>) {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view(app, frame)).unwrap();
    let backend = terminal.backend_mut();
    let buffer = backend.buffer().clone();
    let is_visible = format!("{backend:?}").contains("cursor: true");
    let cursor = is_visible.then(|| ratatui::backend::Backend::get_cursor_position(backend).unwrap());
    (buffer, cursor)
}

/// The cells as lines of text, without blanks at their ends.
pub fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
            }
            skip = nix_loom::tui::text::width(symbol).max(skip).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The keys of a script.
pub fn keys(script: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(letter) = rest.chars().next() {
        if letter == '<'
            && let Some((name, after)) = rest[1..].split_once('>')
        {
            keys.push(named(name));
            rest = after;
        } else {
            keys.push(Key::letter(letter));
            rest = &rest[letter.len_utf8()..];
        }
    }
    keys
}

fn named(name: &str) -> Key {
    if let Some(letter) = name.strip_prefix("a-").and_then(|letter| letter.chars().next()) {
        return Key { code: KeyCode::Char(letter), modifiers: KeyModifiers::ALT };
    }
    if let Some(letter) = name.strip_prefix("c-").and_then(|letter| letter.chars().next()) {
        return Key { code: KeyCode::Char(letter), modifiers: KeyModifiers::CONTROL };
    }
    Key::code(match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "space" => KeyCode::Char(' '),
        "backspace" => KeyCode::Backspace,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        _ => panic!("no key is called {name}"),
    })
}
