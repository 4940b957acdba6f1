//! The loop: waits for a signal, a key, a reply or the time to draw, and nothing else; an idle screen wakes nobody up.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream, MouseEventKind};
use futures_core::Stream as _;
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::PanicIn;
use super::action::Action;
use super::app::{App, Phase};
use super::effect::Effect;
use super::keeper::Keeper;
use super::key::Key;
use super::moment::Clock;
use super::news::{Mail, News};
use super::terminal::{self, Terminal};
use super::update::{start, update};
use super::view::view;
use super::worker::{Open, Workers};

/// Between two pictures; keys that come faster share one.
const FRAME: Duration = Duration::from_millis(16);

/// Signals that end the program, with their numbers.
struct Endings {
    hangup: Signals,
    interrupt: Signals,
    terminate: Signals,
}

impl Endings {
    fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The exit code that shells expect of a program ended by a signal.
    async fn exit_code(&mut self) -> u8 {
        let number = tokio::select! {
            _ = self.hangup.recv() => Signal::HUP,
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.terminate.recv() => Signal::TERM,
        };
        128 + u8::try_from(number.as_raw()).unwrap_or(0)
    }
}

/// Whether the loop goes on.
enum Flow {
    Continue,
    Exit(u8),
}

/// Runs the screen until the user leaves; gives the exit code.
pub async fn run(
    app: &mut App,
    terminal: &mut Terminal,
    open: &Arc<Open>,
    keeper: &Keeper,
    panic_in: Option<PanicIn>,
) -> io::Result<u8> {
    let (sender, mut letters) = unbounded_channel();
    let news = Arc::new(News::default());
    let kept = Arc::clone(&news);
    let workers = Workers::start(open, move |reply| {
        if let Some(letter) = kept.sort(reply) {
            // Nobody listens any more once the loop has ended.
            let _ = sender.send(letter);
        }
    })?;
    let mut endings = Endings::new()?;
    let mut stop = signal(SignalKind::from_raw(Signal::TSTP.as_raw()))?;
    let mut go_on = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    let mut events = EventStream::new();
    let mut screen = Screen {
        app,
        terminal,
        workers,
        keeper,
        news,
        clock: Clock::start(),
        drawn: None,
        is_stale: true,
        is_away: false,
        panic_in,
    };
    let effects = start(screen.app);
    screen.run(effects)?;
    loop {
        screen.draw_if_due()?;
        let flow = tokio::select! {
            biased;
            code = endings.exit_code() => Flow::Exit(code),
            _ = stop.recv() => screen.run(vec![Effect::Suspend])?,
            _ = go_on.recv() => screen.resume()?,
            event = next(&mut events) => match event {
                Some(event) => screen.take_event(event?)?,
                None => Flow::Exit(terminal::HUNG_UP),
            },
            Some(letter) = letters.recv() => screen.take_letters(letter, &mut letters)?,
            () = screen.next_frame() => Flow::Continue,
        };
        if let Flow::Exit(code) = flow {
            return Ok(code);
        }
    }
}

async fn next(events: &mut EventStream) -> Option<io::Result<Event>> {
    poll_fn(|context| Pin::new(&mut *events).poll_next(context)).await
}

/// State and terminal, and when they were last brought together.
struct Screen<'a> {
    app: &'a mut App,
    terminal: &'a mut Terminal,
    workers: Workers,
    keeper: &'a Keeper,
    news: Arc<News>,
    clock: Clock,
    drawn: Option<Instant>,
    /// Whether the terminal shows an older state.
    is_stale: bool,
    /// Whether the terminal is someone else's for now.
    is_away: bool,
    panic_in: Option<PanicIn>,
}

impl Screen<'_> {
    fn take_event(&mut self, event: Event) -> io::Result<Flow> {
        if self.is_away && terminal::is_in_front() {
            self.resume()?;
        }
        let action = match event {
            Event::Key(event) => Key::pressed(event).map(Action::Key),
            Event::Paste(text) => Some(Action::Paste(text)),
            // Nothing follows the pointer.
            Event::Mouse(event) if event.kind == MouseEventKind::Moved => None,
            Event::Mouse(event) => Some(Action::Mouse(event)),
            Event::Resize(columns, rows) => Some(Action::Resize(columns, rows)),
            Event::FocusGained | Event::FocusLost => None,
        };
        action.map_or(Ok(Flow::Continue), |action| self.update(action))
    }

    /// Takes a letter in, and others that wait, but no longer than until a picture is due.
    fn take_letters(&mut self, first: Mail, others: &mut UnboundedReceiver<Mail>) -> io::Result<Flow> {
        let start = Instant::now();
        let mut next = Some(first);
        while let Some(letter) = next {
            let replies = match letter {
                Mail::Reply(reply) => vec![reply],
                Mail::News => self.news.take(),
            };
            for reply in replies {
                if let Flow::Exit(code) = self.update(Action::Reply(reply))? {
                    return Ok(Flow::Exit(code));
                }
            }
            next = if start.elapsed() < FRAME { others.try_recv().ok() } else { None };
        }
        Ok(Flow::Continue)
    }

    fn update(&mut self, action: Action) -> io::Result<Flow> {
        let effects = update(self.app, action, self.clock.now());
        self.is_stale = true;
        self.run(effects)
    }

    fn run(&mut self, effects: Vec<Effect>) -> io::Result<Flow> {
        for effect in effects {
            match effect {
                Effect::Quit => return Ok(Flow::Exit(0)),
                Effect::Copy(text) => terminal::copy(&text)?,
                Effect::Redraw => {
                    self.terminal.clear();
                    self.is_stale = true;
                }
                Effect::Suspend => {
                    terminal::restore();
                    self.stop()?;
                }
                Effect::Remember(remembered) => self.keeper.keep(*remembered),
                effect => self.workers.run(effect),
            }
        }
        Ok(Flow::Continue)
    }

    /// Stops the program, until the shell has it go on; [`resume`](Self::resume) is then told by a signal, and one that ends
    /// the program comes first.
    fn stop(&mut self) -> io::Result<()> {
        self.is_away = true;
        Ok(kill_process(getpid(), Signal::STOP)?)
    }

    /// After a stop: the terminal may have another size and shows what others wrote.
    fn resume(&mut self) -> io::Result<Flow> {
        if !terminal::is_in_front() {
            // There is nothing to do in the background, and a shell tells nothing to a job that it believes to be running.
            self.stop()?;
            return Ok(Flow::Continue);
        }
        self.is_away = false;
        self.terminal.enter()?;
        let (columns, rows) = self.terminal.size()?;
        self.drawn = None;
        self.update(Action::Resize(columns, rows))
    }

    fn draw_if_due(&mut self) -> io::Result<()> {
        // The signal that the program goes on in the background may still be on its way.
        self.is_away |= self.is_stale && !terminal::is_in_front();
        if self.is_away || !self.is_stale || self.drawn.is_some_and(|drawn| drawn.elapsed() < FRAME) {
            return Ok(());
        }
        self.terminal.capture_mouse(self.app.settings.look.has_mouse)?;
        let is_to_panic = self.panic_in == Some(PanicIn::Drawing) && self.app.phase == Phase::Open;
        self.terminal.draw(|frame| {
            view(self.app, frame);
            assert!(!is_to_panic, "this panic was asked for");
        })?;
        self.drawn = Some(Instant::now());
        self.is_stale = false;
        Ok(())
    }

    /// Waits until the next picture is due; for ever if the terminal shows what there is.
    async fn next_frame(&self) {
        match self.drawn {
            Some(drawn) if self.is_stale && !self.is_away => sleep_until(drawn + FRAME).await,
            _ => std::future::pending().await,
        }
    }
}
