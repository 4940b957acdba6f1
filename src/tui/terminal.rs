//! The terminal itself: taken over with a guard that gives it back, whatever happens.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

/// Has the terminal keep its title, and take it back; xterm's control sequences, which others pass over.
const KEEP_TITLE: &str = "\x1b[22;0t";
const TITLE_BACK: &str = "\x1b[23;0t";

/// Has the terminal tell of buttons, the wheel and dragging, with numbers of any size: xterm's modes 1000, 1002 and 1006.
/// crossterm would ask for every move of the pointer too, each of which wakes the program up for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";

/// Whether the terminal is taken over now; the panic hook and signals ask.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while the screen is on it; dropping it gives it back.
pub struct Terminal {
    /// Never dropped: that would tell the user of a terminal that is gone, and panic over it.
    inner: ManuallyDrop<ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
    has_mouse: bool,
    /// Whether the next picture is drawn on an empty screen.
    is_clear_due: bool,
}

/// Whether keys can be read and pictures shown.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

impl Terminal {
    pub fn take(has_mouse: bool) -> io::Result<Self> {
        // crossterm's own NO_COLOR drops the modifiers with the colours; the monochrome theme needs them.
        crossterm::style::force_color_output(true);
        let inner = ratatui::Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout())))?;
        let inner = ManuallyDrop::new(inner);
        let mut terminal = Self { inner, has_mouse, is_clear_due: true };
        terminal.enter()?;
        Ok(terminal)
    }

    /// Takes the terminal over, also when it already is: after a stop from outside nobody knows in what state it is.
    pub fn enter(&mut self) -> io::Result<()> {
        if IS_TAKEN.swap(true, Ordering::SeqCst) {
            // The shell has had other modes since; crossterm would believe that its own still hold.
            disable_raw_mode()?;
        } else {
            execute!(io::stdout(), Print(KEEP_TITLE))?;
        }
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, SetTitle("nix-loom"))?;
        if self.has_mouse {
            execute!(io::stdout(), Print(MOUSE_ON))?;
        }
        self.clear();
        Ok(())
    }

    /// Takes the mouse, or leaves it to the terminal, if it is not so already.
    pub fn capture_mouse(&mut self, is_wanted: bool) -> io::Result<()> {
        match (self.has_mouse, is_wanted) {
            (false, true) => execute!(io::stdout(), Print(MOUSE_ON))?,
            (true, false) => execute!(io::stdout(), DisableMouseCapture)?,
            _ => {}
        }
        self.has_mouse = is_wanted;
        Ok(())
    }

    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.inner.size().map(|size| (size.width, size.height))
    }

    /// Draws everything anew with the next [`draw`](Self::draw).
    pub fn clear(&mut self) {
        self.is_clear_due = true;
    }

    /// Draws what differs from before, in one synchronized update, so that no half picture is seen.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.inner.backend_mut(), BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.is_clear_due) {
            // ratatui's own `clear` asks the terminal where the cursor is, and its answer would be taken for keys.
            let (columns, rows) = self.size()?;
            self.inner.resize(Rect::new(0, 0, columns, rows))?;
        }
        self.inner.draw(view)?;
        queue!(self.inner.backend_mut(), EndSynchronizedUpdate)?;
        io::Write::flush(self.inner.backend_mut())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was. Can be called from anywhere, and more than once; a terminal that is gone is no error.
pub fn restore() {
    if !IS_TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = queue!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = execute!(out, Print(TITLE_BACK));
    // In the background the modes are those of the shell, and to set them would stop this program.
    if is_in_front() {
        let _ = disable_raw_mode();
    }
}

/// Whether keys go to this program and not to the shell or another of its jobs. Where nobody keeps such an order, they do.
pub fn is_in_front() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |front| front == getpgrp())
}

/// Asks the terminal to put a text where it can be pasted from: OSC 52, as xterm's control sequences have it. Terminals
/// that do not know it, or do not allow it, pass over it.
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    write!(out, "\x1b]52;c;{}\x1b\\", base64(text.as_bytes()))?;
    out.flush()
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = char::from(LETTERS[bits >> (18 - 6 * at) & 63]);
            text.push(if at <= group.len() { letter } else { '=' });
        }
    }
    text
}

/// From here on a panic, on whichever thread, first gives the terminal back, then is told, then ends the program: a screen
/// that draws on after a panic would lie.
pub fn end_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Nobody else writes from here on: what is drawn now would stay on the screen.
        let _alone = io::stdout().lock();
        restore();
        tell(panic);
        std::process::exit(101);
    }));
}

/// From here on the program ends when its terminal goes away, by the exit code of a hangup.
///
/// The signal alone is not enough: crossterm reads the end of input over and over and never comes back to the loop that
/// would take the signal.
pub fn end_on_hangup() -> io::Result<()> {
    let watch = || {
        if has_hung_up(None) {
            std::process::exit(i32::from(HUNG_UP));
        }
    };
    std::thread::Builder::new().name("hangup".into()).spawn(watch).map(drop)
}

/// The exit code of a program whose terminal has gone away.
pub const HUNG_UP: u8 = 128 + 1;

/// Whether the terminal has gone away.
pub fn is_gone() -> bool {
    has_hung_up(Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))
}

/// Waits for so long, or for ever, until the terminal goes away.
fn has_hung_up(timeout: Option<&Timespec>) -> bool {
    let stdin = io::stdin();
    // A hangup is told without being asked for; until then this sleeps.
    let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
    while poll(&mut watched, timeout) == Err(Errno::INTR) {}
    watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    #[test]
    fn the_encoding_is_that_of_the_rfc() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }
}
