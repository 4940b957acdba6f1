//! How long the screen takes with the whole catalogue loaded: for a frame of each view, and from a key press to its frame
//! while other threads index the catalogue, plan and apply.
//!
//! `cargo bench --bench screen` measures; with `-- --test` it makes one short round with a made-up catalogue. It is the real
//! program beneath (a store of its own in a temporary folder, the real `packages.json` as a source where it lies beside the
//! checkout), the real threads, and the terminal's bytes, which nobody reads. The loop is the program's: keys before replies,
//! and a frame at most every 16 ms, so that a key may have to wait for one.

#[path = "../support/catalogue.rs"]
mod catalogue;

use std::collections::VecDeque;
use std::fs;
use std::io::{Sink, sink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;
use jiff::tz::TimeZone;
use nix_loom::loom::{Loom, Options, SourceChange, StoreChoice};
use nix_loom::profile::{Change, Transaction};
use nix_loom::progress::Silent;
use nix_loom::tui::action::Action;
use nix_loom::tui::backend::Backend;
use nix_loom::tui::context::Context;
use nix_loom::tui::effect::Effect;
use nix_loom::tui::key::Key;
use nix_loom::tui::look::Look;
use nix_loom::tui::moment::Clock;
use nix_loom::tui::news::{Mail, News};
use nix_loom::tui::update::{start, update};
use nix_loom::tui::view::view;
use nix_loom::tui::worker::{Open, Workers};
use nix_loom::tui::{App, Settings};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

/// The program's own, so that its figures are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const COLUMNS: u16 = 200;
const ROWS: u16 = 60;
/// Between two pictures, as in the program.
const FRAME: Duration = Duration::from_millis(16);
/// Between two keys: a key that is held down comes about so often.
const BETWEEN: Duration = Duration::from_millis(30);
/// The screen is idle once it heard nothing for so long.
const QUIET: Duration = Duration::from_millis(400);
/// Names the temporary folder to the program that measures.
const PLACE: &str = "NIX_LOOM_BENCH_PLACE";

/// What is drawn, and the keys that lead there from the panes.
const VIEWS: &[(&str, &str, Context)] = &[
    ("main view", "2", Context::Available),
    ("search with hits", "/python", Context::Search),
    ("one letter searched", "/e", Context::Search),
    ("outputs", "2o", Context::Outputs),
    ("plan", "<enter>", Context::Plan),
    ("inspector", "c", Context::Collisions),
    ("inspector, unfolded", "cll", Context::Collisions),
    ("log", "L", Context::Log),
    ("generations", "H", Context::Generations),
    ("sources", "S", Context::Sources),
    ("files of the profile", "F", Context::Files),
    ("keys", "?", Context::Help),
    ("palette", ":", Context::Palette),
];

/// What is typed while other threads work, again and again.
const TYPED: &str =
    "2jjjjGgjj1jk2/python 3<esc><esc><space>jj<space>cljj<esc>/zlib<enter><space>uL<esc>H<esc>/e<esc><esc>uu";

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    if let Some(place) = std::env::var_os(PLACE) {
        measure(Path::new(&place), is_test);
        return;
    }
    // Nothing of the user's is touched: all folders are in a temporary one.
    let place = tempfile::tempdir().expect("a temporary folder");
    let mut again = Command::new(std::env::current_exe().expect("it runs"));
    again.args(is_test.then_some("--test")).env(PLACE, place.path()).env_remove("NIX_LOOM_STORE");
    for (name, folder) in [("DATA", "data"), ("STATE", "state"), ("CACHE", "cache"), ("CONFIG", "config")] {
        again.env(format!("XDG_{name}_HOME"), place.path().join(folder));
    }
    let status = again.status().expect("it starts again");
    assert!(status.success(), "it ended with {status}");
}

fn measure(place: &Path, is_test: bool) {
    let (origin, listing) = listing(place, is_test);
    let mut screen = Screen::start(&listing);
    screen.go_on_until_quiet();
    println!("{origin}: {} attributes on offer; a frame at {COLUMNS}×{ROWS}", screen.app.offer.len());
    // Something to see in each view: two packages that collide, one that does not, and generations.
    for keys in [
        "/source:demo nodejs_18<enter><space>",
        "<enter>",
        "<enter>",
        "/<c-u>source:demo jq<enter><space>",
        "<enter>",
        "<enter>",
        "/<c-u>source:demo ripgrep<enter><space>",
        "/<c-u>source:demo nodejs_20<enter><space>",
        "/<c-u><enter>",
    ] {
        screen.keys(keys);
    }
    assert_eq!(
        (screen.app.current.generations.len(), screen.app.staged.changes().len()),
        (2, 2),
        "there is nothing to see"
    );
    frames(&mut screen, if is_test { 5 } else { 400 });
    presses(&mut screen, if is_test { 40 } else { 1500 });
}

/// The real listing, or one that is made up; and where it is from.
fn listing(place: &Path, is_test: bool) -> (String, PathBuf) {
    if let Some(path) = catalogue::real_listing().filter(|_| !is_test) {
        return ("the real catalogue".into(), path);
    }
    let made_up = catalogue::made_up(if is_test { 5_000 } else { 143_785 });
    let entry = |package: &nix_loom::package::Package| {
        let meta = serde_json::json!({"description": package.description});
        let (name, version) = (&package.name, &package.version);
        let entry = serde_json::json!({
            "name": format!("{name}-{version}"), "pname": name, "version": version, "outputs": {"out": null}, "meta": meta,
        });
        (package.attribute.clone(), entry)
    };
    let packages: serde_json::Map<_, _> = made_up.packages.iter().map(entry).collect();
    let path = place.join("packages.json");
    let document = serde_json::json!({"version": "2", "packages": packages});
    fs::write(&path, document.to_string()).expect("a file in the temporary folder");
    ("a made-up catalogue".into(), path)
}

/// A frame of each view, after the selection moved.
fn frames(screen: &mut Screen, rounds: usize) {
    for (name, keys, context) in VIEWS {
        screen.keys(keys);
        assert_eq!(screen.app.context(), *context, "these keys do not lead to {name}");
        let (mut times, mut processor) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            let key = if round % 2 == 0 { KeyCode::Down } else { KeyCode::Up };
            screen.update(Action::Key(Key::code(key)));
            let (start, worked) = (Instant::now(), processor_time());
            screen.draw();
            times.push(start.elapsed());
            processor.push(processor_time().saturating_sub(worked));
        }
        tell(name, Duration::from_millis(2), times);
        tell("    of which the processor worked", Duration::from_millis(2), processor);
        for _ in 0..6 {
            screen.keys("<esc>");
        }
        screen.keys("1");
    }
}

/// From a key press to the frame that shows what came of it, while three threads work.
fn presses(screen: &mut Screen, number: usize) {
    println!(
        "from a key press to its frame, idle and while others index, plan and apply; of which a frame waits up to 16 ms"
    );
    let quiet = screen.typed(number / 3);
    tell_presses("idle", quiet);
    let is_over = Arc::new(AtomicBool::new(false));
    let backend = Arc::clone(screen.backend.get().expect("it is open"));
    let workers: Vec<_> = [index as fn(&dyn Backend), plan, apply]
        .into_iter()
        .map(|work| {
            let (backend, is_over) = (Arc::clone(&backend), Arc::clone(&is_over));
            thread::spawn(move || {
                let mut rounds = 0;
                while !is_over.load(Ordering::Relaxed) {
                    work(&*backend);
                    rounds += 1;
                }
                rounds
            })
        })
        .collect();
    let busy = screen.typed(number);
    is_over.store(true, Ordering::Relaxed);
    let rounds: Vec<usize> = workers.into_iter().map(|thread| thread.join().expect("it ends well")).collect();
    tell_presses("busy", busy);
    println!("  meanwhile: indexed {} times, planned {}, applied {}", rounds[0], rounds[1], rounds[2]);
}

/// Reads the listing and makes its index anew.
fn index(backend: &dyn Backend) {
    let _ = backend.change_source(&SourceChange::Reread("all".into()));
    let _ = backend.load_sources(&Silent);
}

fn plan(backend: &dyn Backend) {
    let install = |attribute: &str| Change::Install {
        attribute: attribute.into(),
        source: Some("demo".into()),
        outputs: None,
        priority: None,
    };
    let changes = ["ffmpeg", "git", "python312", "gcc"].map(install).into();
    let _ = backend.preview(&Transaction { changes }, &Silent);
}

/// Puts a package into the store and the profile, and takes it out again.
fn apply(backend: &dyn Backend) {
    let attribute = String::from("zlib");
    let install = Change::Install { attribute, source: Some("demo".into()), outputs: None, priority: None };
    for change in [install, Change::Remove { name: "zlib".into() }] {
        let _ = backend.apply(&Transaction { changes: vec![change] }, &Silent);
    }
}

/// How long the processor has worked for this thread: what other programs do meanwhile is not in it.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

enum Event {
    Key(Instant, Key),
    Mail(Mail),
}

/// The program's loop without a real terminal.
struct Screen {
    app: App,
    terminal: Terminal<CrosstermBackend<Sink>>,
    workers: Workers,
    backend: Arc<OnceLock<Arc<dyn Backend>>>,
    news: Arc<News>,
    clock: Clock,
    events: Receiver<Event>,
    sender: Sender<Event>,
    keys: VecDeque<(Instant, Key)>,
    letters: VecDeque<Mail>,
}

/// From the press to the frame, and what of that was work.
struct Press {
    whole: Duration,
    work: Duration,
}

impl Screen {
    fn start(listing: &Path) -> Self {
        let settings = Settings { look: Look::default(), time_zone: TimeZone::UTC, home: None };
        let mut app = App::new(settings, (COLUMNS, ROWS));
        let viewport = Viewport::Fixed(Rect::new(0, 0, COLUMNS, ROWS));
        let terminal = Terminal::with_options(CrosstermBackend::new(sink()), TerminalOptions { viewport });
        let (sender, events) = channel();
        let news = Arc::new(News::default());
        let backend: Arc<OnceLock<Arc<dyn Backend>>> = Arc::default();
        let source = format!("all={}", listing.display()).parse().expect("a source");
        let options = Options { store: StoreChoice::Local, sources: vec![source], ..Options::default() };
        let opened = Arc::clone(&backend);
        let open: Arc<Open> = Arc::new(move || {
            let backend: Arc<dyn Backend> = Arc::new(Loom::open(&options)?);
            let _ = opened.set(Arc::clone(&backend));
            Ok((backend, Look::default()))
        });
        let (kept, mailbox) = (Arc::clone(&news), sender.clone());
        let workers = Workers::start(&open, move |reply| {
            if let Some(letter) = kept.sort(reply) {
                let _ = mailbox.send(Event::Mail(letter));
            }
        });
        let workers = workers.expect("threads");
        for effect in start(&mut app) {
            workers.run(effect);
        }
        Self {
            app,
            terminal: terminal.expect("a terminal that nobody reads"),
            workers,
            backend,
            news,
            clock: Clock::start(),
            events,
            sender,
            keys: VecDeque::new(),
            letters: VecDeque::new(),
        }
    }

    fn update(&mut self, action: Action) {
        for effect in update(&mut self.app, action, self.clock.now()) {
            match effect {
                Effect::Quit | Effect::Suspend | Effect::Redraw | Effect::Copy(_) => {}
                effect => self.workers.run(effect),
            }
        }
    }

    fn draw(&mut self) {
        self.terminal.draw(|frame| view(&self.app, frame)).expect("nobody reads it");
    }

    fn sort(&mut self, event: Event) {
        match event {
            Event::Key(pressed, key) => self.keys.push_back((pressed, key)),
            Event::Mail(letter) => self.letters.push_back(letter),
        }
        while let Ok(event) = self.events.try_recv() {
            match event {
                Event::Key(pressed, key) => self.keys.push_back((pressed, key)),
                Event::Mail(letter) => self.letters.push_back(letter),
            }
        }
    }

    /// Takes letters in, but no longer than until a picture is due.
    fn take_letters(&mut self) {
        let start = Instant::now();
        while let Some(letter) = self.letters.pop_front() {
            let replies = match letter {
                Mail::Reply(reply) => vec![reply],
                Mail::News => self.news.take(),
            };
            for reply in replies {
                self.update(Action::Reply(reply));
            }
            if start.elapsed() >= FRAME {
                break;
            }
        }
    }

    fn go_on_until_quiet(&mut self) {
        loop {
            let is_loading = self.app.loading().is_some() || self.app.about.is_none() || self.app.is_busy();
            match self.events.recv_timeout(QUIET) {
                Ok(event) => self.sort(event),
                Err(RecvTimeoutError::Timeout) if is_loading => {}
                Err(_) => return,
            }
            self.take_letters();
        }
    }

    /// Presses keys, and waits for what comes of all of them.
    fn keys(&mut self, script: &str) {
        for key in keys(script) {
            self.update(Action::Key(key));
        }
        self.go_on_until_quiet();
    }

    /// Keys pressed by another thread, each after the same time.
    fn typed(&mut self, number: usize) -> Vec<Press> {
        let sender = self.sender.clone();
        let script: Vec<Key> = keys(TYPED).into_iter().cycle().take(number).collect();
        let typist = thread::spawn(move || {
            for key in script {
                thread::sleep(BETWEEN);
                let _ = sender.send(Event::Key(Instant::now(), key));
            }
        });
        let mut presses = Vec::with_capacity(number);
        // When the keys were pressed that no frame shows yet, and what they cost until now.
        let mut waiting: Vec<(Instant, Duration)> = Vec::new();
        let (mut drawn, mut is_stale) = (Instant::now(), false);
        while presses.len() < number {
            if is_stale && drawn.elapsed() >= FRAME {
                let start = Instant::now();
                self.draw();
                (drawn, is_stale) = (Instant::now(), false);
                let press = |(pressed, work): (Instant, Duration)| Press {
                    whole: drawn - pressed,
                    work: work + (drawn - start),
                };
                presses.extend(waiting.drain(..).map(press));
            }
            if self.keys.is_empty() && self.letters.is_empty() {
                let patience = if is_stale { FRAME.saturating_sub(drawn.elapsed()) } else { QUIET };
                if let Ok(event) = self.events.recv_timeout(patience) {
                    self.sort(event);
                }
            } else if let Ok(event) = self.events.try_recv() {
                self.sort(event);
            }
            if let Some((pressed, key)) = self.keys.pop_front() {
                let start = Instant::now();
                self.update(Action::Key(key));
                waiting.push((pressed, start.elapsed()));
                is_stale = true;
            } else if !self.letters.is_empty() {
                self.take_letters();
                is_stale = true;
            }
        }
        typist.join().expect("it only types");
        presses
    }
}

fn tell_presses(name: &str, presses: Vec<Press>) {
    let (whole, work) = presses.into_iter().map(|press| (press.whole, press.work)).unzip();
    tell(&format!("{name}: from the press to the frame"), FRAME, whole);
    tell(&format!("{name}: what of it is work"), FRAME, work);
}

/// Prints median, 99th percentile and slowest beside the goal.
fn tell(name: &str, goal: Duration, mut times: Vec<Duration>) {
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    let percentile = times[(times.len() * 99 / 100).min(times.len() - 1)];
    let verdict = if percentile < goal { "reached" } else { "MISSED" };
    println!(
        "  {name}: median {median:.2?}, 99% {percentile:.2?}, slowest {slowest:.2?}; goal {goal:?} for 99%: {verdict}"
    );
}

/// The keys of a script: letters as they are, others as `<enter>`, `<c-u>`.
fn keys(script: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(letter) = rest.chars().next() {
        if let Some((name, after)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            keys.push(match name {
                "enter" => Key::code(KeyCode::Enter),
                "esc" => Key::code(KeyCode::Esc),
                "space" => Key::letter(' '),
                "c-u" => Key::ctrl('u'),
                _ => panic!("no key is called {name}"),
            });
            rest = after;
        } else {
            keys.push(Key::letter(letter));
            rest = &rest[letter.len_utf8()..];
        }
    }
    keys
}
