//! The scenes of the pictures: what is installed, which keys are pressed, and what it looks like then, as SVG. The same on every
//! machine and at any time: the home, PATH, dates and time zone are made up.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use nix_loom::loom::{Loom, Options, StoreChoice};
use nix_loom::progress::Step;
use nix_loom::tui::action::Action;
use nix_loom::tui::effect::Reply;
use nix_loom::tui::look::Look;
use nix_loom::tui::marks::Marks;
use nix_loom::tui::theme::Theme;
use nix_loom::tui::work::Task;
use ratatui::buffer::Buffer;
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

use super::driver::Screen;
use super::memory::Memory;
use super::sources::shelves;
use super::svg::{self, Palette};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What a scene plays on.
#[derive(Clone, Copy)]
enum Stage {
    /// A profile of [`INSTALLED`], with the real store and the demonstration packages.
    Demo,
    /// What the demonstration packages have no example of.
    Memory(fn() -> Memory),
    /// A plan that is applied while it is looked at.
    Work,
}

/// Name, columns, rows, palette, look, stage, keys.
type Scene = (&'static str, u16, u16, Palette, fn() -> Look, Stage, &'static str);

use Palette::{Dark, Light};
use Stage::Demo;

/// What is installed before: a generation for each line, and when it was made.
const INSTALLED: &[(&str, &str)] = &[
    ("/git<enter><space>/<esc>ripgrep<enter><space>/<esc>jq<enter><space>", "2026-05-04T09:12:00Z"),
    ("/zlib<enter><space>/<esc>nodejs_18<enter><space>/<esc>curl<enter><space>", "2026-05-11T16:40:00Z"),
    ("/coreutils<enter><space>/<esc>ffmpeg<enter><space>", "2026-06-02T08:05:00Z"),
    ("/bat<enter><space>/<esc>htop<enter><space>", "2026-06-18T21:33:00Z"),
];
/// When the pictures are taken.
const NOW: &str = "2026-06-20T10:00:00Z";

const SCENES: &[Scene] = &[
    ("main-120x40-dark", 120, 40, Dark, Look::default, Demo, MAIN),
    ("main-120x40-light", 120, 40, Light, Look::default, Demo, MAIN),
    ("main-80x24-dark", 80, 24, Dark, Look::default, Demo, MAIN),
    ("main-50x15-dark", 50, 15, Dark, Look::default, Demo, MAIN),
    ("main-120x40-dusk", 120, 40, Dark, dusk, Demo, MAIN),
    ("main-120x40-paper", 120, 40, Light, paper, Demo, MAIN),
    ("main-120x40-monochrome", 120, 40, Dark, monochrome, Demo, MAIN),
    ("main-120x40-ascii", 120, 40, Dark, ascii, Demo, MAIN),
    ("collisions-120x30-dark", 120, 30, Dark, Look::default, Demo, COLLISIONS),
    ("inspector-pairs-120x40-dark", 120, 40, Dark, Look::default, Demo, INSPECTOR),
    ("inspector-pairs-80x24-light", 80, 24, Light, Look::default, Demo, INSPECTOR),
    ("inspector-difference-160x50-dark", 160, 50, Dark, Look::default, Demo, DIFFERENCE),
    ("inspector-paths-120x40-dark", 120, 40, Dark, Look::default, Demo, PATHS),
    ("inspector-one-settled-120x40-dark", 120, 40, Dark, Look::default, Demo, ONE_SETTLED),
    ("inspector-all-settled-120x40-dark", 120, 40, Dark, Look::default, Demo, ALL_SETTLED),
    ("inspector-unknown-120x30-dark", 120, 30, Dark, Look::default, Stage::Memory(unknown), UNKNOWN),
    ("inspector-uncovered-120x30-dark", 120, 30, Dark, Look::default, Stage::Memory(empty), UNCOVERED),
    ("plan-120x40-dark", 120, 40, Dark, Look::default, Demo, PLAN),
    ("refused-80x24-dark", 80, 24, Dark, Look::default, Demo, REFUSED),
    ("explained-120x30-light", 120, 30, Light, Look::default, Stage::Memory(unknown), EXPLAINED),
    ("generations-120x40-dark", 120, 40, Dark, Look::default, Demo, "H<down>"),
    ("generations-compared-120x40-light", 120, 40, Light, Look::default, Demo, "Hj<space>jj<space>"),
    ("palette-120x30-dark", 120, 30, Dark, Look::default, Demo, "1jj<space>:gen"),
    ("rollback-80x24-dark", 80, 24, Dark, Look::default, Demo, "R"),
    ("files-120x40-dark", 120, 40, Dark, Look::default, Demo, "F*jjjjjjjj"),
    ("files-of-a-package-80x24-dark", 80, 24, Dark, Look::default, Demo, "/busybox<enter>fljj"),
    ("which-120x30-dark", 120, 30, Dark, Look::default, Demo, "wbin/nc"),
    ("log-120x30-dark", 120, 30, Dark, Look::default, Stage::Work, "/neovim<enter><space><enter>"),
    ("details-120x40-dark", 120, 40, Dark, Look::default, Demo, "/nodejs_20<enter>d"),
    ("sources-120x30-dark", 120, 30, Dark, Look::default, Stage::Memory(with_sources), "Sj<space>jjj"),
    ("environment-120x40-dark", 120, 40, Dark, Look::default, Stage::Memory(with_file), ENVIRONMENT),
    ("environment-80x24-light", 80, 24, Light, Look::default, Stage::Memory(with_file), ENVIRONMENT),
    ("environment-collides-120x40-dark", 120, 40, Dark, Look::default, Stage::Memory(with_file), MERGED),
    ("upgrades-120x30-light", 120, 30, Light, Look::default, Stage::Memory(outdated), "na"),
    ("help-80x24-light", 80, 24, Light, Look::default, Demo, "?"),
];

const MAIN: &str = "1ggj<space>/nodejs_20<enter><space>/<c-u>python<enter><space>/<c-u>lib";
const COLLISIONS: &str = "/busybox<enter><space>/<c-u>nodejs_20<enter><space>cl";
const INSPECTOR: &str =
    "/toybox<enter><space>/<c-u>nodejs_20<enter><space>/<c-u>libjpeg<enter><space>/<c-u>mozjpeg<enter><space>cl";
const DIFFERENCE: &str = "/toybox<enter><space>/<c-u>nodejs_20<enter><space>cljljj";
const PATHS: &str = "/toybox<enter><space>/<c-u>nodejs_20<enter><space>c<tab>jj";
const ONE_SETTLED: &str =
    "/toybox<enter><space>/<c-u>nodejs_20<enter><space>/<c-u>libjpeg<enter><space>/<c-u>mozjpeg<enter><space>cs";
const ALL_SETTLED: &str =
    "/toybox<enter><space>/<c-u>nodejs_20<enter><space>/<c-u>libjpeg<enter><space>/<c-u>mozjpeg<enter><space>csss";
const UNKNOWN: &str = "/nodejs_24<enter><space>/<c-u>neovim<enter><space>cg";
const UNCOVERED: &str = "/busybox<enter><space>p<c-u>4<enter>/<c-u>neovim<enter><space>/<c-u>vim<enter><space><enter><enter>\
                         1gg<space>c<tab>";
const PLAN: &str = "/nodejs_20<enter><space>1<c-d><up><space><enter>s";
const REFUSED: &str = "/nodejs_20<enter><space><enter><enter>";
const ENVIRONMENT: &str = "E<c-u>~/myproject_env.nix<enter>j";
const MERGED: &str = "E<c-u>~/myproject_env.nix<enter><enter>c";
const EXPLAINED: &str = "Gp<c-u>4<enter>/nodejs_24<enter><space><enter>x";

fn dusk() -> Look {
    Look { theme: Theme::dusk(), ..Look::default() }
}

fn paper() -> Look {
    Look { theme: Theme::paper(), ..Look::default() }
}

fn monochrome() -> Look {
    Look { theme: Theme::monochrome(), ..Look::default() }
}

fn ascii() -> Look {
    Look { marks: Marks::Ascii, ..Look::default() }
}

fn unknown() -> Memory {
    Memory::with(&["git", "jq", "nodejs_18", "zlib"]).unlisted(&["neovim"])
}

fn empty() -> Memory {
    Memory::with(&[])
}

fn with_file() -> Memory {
    Memory::with(&["git", "jq", "zlib"])
}

fn outdated() -> Memory {
    Memory::with(&["git", "nodejs_18", "vim", "ripgrep", "zlib"])
}

fn with_sources() -> Memory {
    Memory::with_shelves(&["git"], shelves())
}

/// Set in the process that draws, to where it puts what it has drawn.
const DRAWN: &str = "NIX_LOOM_SCREENSHOTS";
/// The home of that process. The path is the same on every machine, and leads to a folder of this process alone.
const HOME: &str = "/proc/self/cwd";
/// What is shown in its place; just as long.
const SHOWN_HOME: &str = "/home/somebody";

/// Whether this is the process that draws; if so, all is drawn.
pub fn is_drawn() -> Result<bool> {
    let Some(folder) = std::env::var_os(DRAWN) else { return Ok(false) };
    for (name, svg) in draw()? {
        std::fs::write(Path::new(&folder).join(format!("{name}.svg")), svg)?;
    }
    Ok(true)
}

/// Has another process draw all scenes, this program with these arguments, which must call [`is_drawn`]; gives names and SVGs.
pub fn drawn(arguments: &[&str]) -> Result<Vec<(String, String)>> {
    let (home, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).env_clear().current_dir(home.path());
    command.env("HOME", HOME).env("PATH", format!("{HOME}/.local/state/nix-loom/profiles/profile/bin"));
    let output = command.env(DRAWN, folder.path()).output()?;
    if !output.status.success() {
        let told = [output.stdout, output.stderr].concat();
        return Err(format!("drawing failed: {}", String::from_utf8_lossy(&told)).into());
    }
    let scenes = SCENES.iter().map(|scene| {
        let svg = std::fs::read_to_string(folder.path().join(format!("{}.svg", scene.0)))?;
        Ok((scene.0.to_owned(), svg))
    });
    scenes.collect()
}

/// Where the pictures are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots")
}

fn draw() -> Result<Vec<(&'static str, String)>> {
    let loom = Arc::new(Loom::open(&Options { store: StoreChoice::Local, ..Options::default() })?);
    for (script, _) in INSTALLED {
        let mut screen = open(&loom, 120, 40, Look::default())?;
        screen.keys(script).keys("<enter><enter>");
        if !screen.message().starts_with("Generation") {
            return Err(format!("{script} was not applied: {}\n{}", screen.message(), screen.text()).into());
        }
    }
    for (generation, (_, date)) in loom.generations()?.iter().zip(INSTALLED) {
        let seconds = date.parse::<Timestamp>()?.as_second();
        let link = format!("{HOME}/.local/state/nix-loom/profiles/profile-{}-link", generation.number);
        let moment = Timespec { tv_sec: seconds, tv_nsec: 0 };
        let times = Timestamps { last_access: moment, last_modification: moment };
        utimensat(CWD, link, &times, AtFlags::SYMLINK_NOFOLLOW)?;
    }
    let mut drawn = Vec::new();
    for &(name, columns, rows, palette, look, stage, keys) in SCENES {
        let mut screen = match stage {
            Demo => open(&loom, columns, rows, look())?,
            Stage::Memory(_) | Stage::Work => {
                let memory = if let Stage::Memory(memory) = stage { memory() } else { unknown() };
                let mut screen = Screen::unopened(memory, columns, rows);
                screen.app.settings.look = look();
                screen.go_on();
                screen
            }
        };
        screen.keys(keys);
        if matches!(stage, Stage::Work) {
            work(&mut screen);
        }
        screen.app.current.read = NOW.parse::<Timestamp>()?.into();
        let (buffer, cursor) = screen.draw();
        let buffer = with_shown_home(buffer);
        drawn.push((name, svg::picture(&buffer, cursor, palette)));
    }
    Ok(drawn)
}

/// Begins to apply, and looks at the log.
fn work(screen: &mut Screen) {
    screen.hold();
    screen.keys("<enter>");
    let step = |done| Step { what: "building neovim-0.11.5".into(), done, total: 100 };
    screen.act(Action::Reply(Reply::Progressed(Task::Apply, step(0))));
    screen.pass(Duration::from_secs(21));
    let lines = ["unpacking sources", "patching sources", "configuring", "building", "make: 214 files of 340"];
    let lines = lines.iter().map(|line| format!("neovim> {line}")).collect();
    screen.act(Action::Reply(Reply::Said { task: Task::Apply, lines, dropped: 0 }));
    screen.act(Action::Reply(Reply::Progressed(Task::Apply, step(63))));
    screen.keys("L");
}

fn open(loom: &Arc<Loom>, columns: u16, rows: u16, looks: Look) -> Result<Screen> {
    let mut screen = Screen::over(loom.clone(), columns, rows, &looks.theme);
    screen.app.settings.look = looks;
    screen.app.settings.home = Some(HOME.into());
    screen.now.wall = NOW.parse()?;
    screen.go_on();
    Ok(screen)
}

/// The cells with a home that one would have.
fn with_shown_home(mut buffer: Buffer) -> Buffer {
    let columns = usize::from(buffer.area.width);
    for row in buffer.content.chunks_mut(columns) {
        for at in 0..columns.saturating_sub(HOME.len()) {
            let is_home = HOME.bytes().zip(&row[at..]).all(|(byte, cell)| cell.symbol().as_bytes() == [byte]);
            if is_home {
                for (letter, cell) in SHOWN_HOME.chars().zip(&mut row[at..]) {
                    cell.set_char(letter);
                }
            }
        }
    }
    buffer
}
