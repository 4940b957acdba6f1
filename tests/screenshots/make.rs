//! Makes the pictures in screenshots/: real packages in a profile of its own, key scripts as in the tests, the program's own
//! drawing. `cargo run --example screenshots`.

#[path = "../support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "../support/screen.rs"]
#[allow(dead_code)] // made for tests, which ask for more
mod screen;
mod svg;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use memory::Memory;
use nix_loom::loom::{Loom, Options, StoreChoice};
use nix_loom::tui::theme::Theme;
use screen::Screen;
use svg::Palette;

/// Set in the process that draws; its home is a directory of its own.
const IS_CHILD: &str = "NIX_LOOM_SCREENSHOTS_CHILD";

/// What is installed before the pictures are made: a generation for each line.
const INSTALLED: &[&str] = &[
    "/git<enter><space>/<esc>ripgrep<enter><space>/<esc>jq<enter><space>",
    "/zlib<enter><space>/<esc>nodejs_18<enter><space>/<esc>curl<enter><space>",
    "/coreutils<enter><space>/<esc>ffmpeg<enter><space>",
    "/bat<enter><space>/<esc>htop<enter><space>",
];

/// Name, columns, rows, palette, keys.
const PICTURES: &[(&str, u16, u16, Palette, &str)] = &[
    ("main-120x40-dark", 120, 40, Palette::Dark, MAIN),
    ("main-120x40-light", 120, 40, Palette::Light, MAIN),
    ("main-80x24-dark", 80, 24, Palette::Dark, MAIN),
    ("main-50x15-dark", 50, 15, Palette::Dark, MAIN),
    ("collisions-120x30-dark", 120, 30, Palette::Dark, COLLISIONS),
    ("inspector-pairs-120x40-dark", 120, 40, Palette::Dark, INSPECTOR),
    ("inspector-pairs-80x24-light", 80, 24, Palette::Light, INSPECTOR),
    ("inspector-difference-160x50-dark", 160, 50, Palette::Dark, DIFFERENCE),
    ("inspector-paths-120x40-dark", 120, 40, Palette::Dark, PATHS),
    ("inspector-one-settled-120x40-dark", 120, 40, Palette::Dark, ONE_SETTLED),
    ("inspector-all-settled-120x40-dark", 120, 40, Palette::Dark, ALL_SETTLED),
    ("plan-120x40-dark", 120, 40, Palette::Dark, PLAN),
    ("refused-80x24-dark", 80, 24, Palette::Dark, REFUSED),
    ("generations-120x40-dark", 120, 40, Palette::Dark, "H<down>"),
    ("rollback-80x24-dark", 80, 24, Palette::Dark, "R"),
    ("help-80x24-light", 80, 24, Palette::Light, "?"),
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
const PLAN: &str = "/nodejs_20<enter><space>1<c-d><up><space><enter>s";
const REFUSED: &str = "/nodejs_20<enter><space><enter><enter>";

fn main() -> ExitCode {
    let result = if std::env::var_os(IS_CHILD).is_some() { draw_all() } else { draw_in_child() };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("screenshots: {error}");
            ExitCode::FAILURE
        }
    }
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Draws in a process whose home is a new directory, so that nobody's profile is touched.
fn draw_in_child() -> Result<ExitCode> {
    let home = tempfile::tempdir()?;
    let status = Command::new(std::env::current_exe()?)
        .env("HOME", home.path())
        .env(IS_CHILD, "1")
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_STATE_HOME")
        .env_remove("XDG_CACHE_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn draw_all() -> Result<ExitCode> {
    let fonts = svg::fonts()?;
    let loom = Arc::new(Loom::open(&Options { store: StoreChoice::Local, ..Options::default() })?);
    for script in INSTALLED {
        let mut screen = open(&loom, 120, 40);
        screen.keys(script).keys("<enter><enter>");
        let message = screen.app.message.as_ref().map(|message| message.text.clone()).unwrap_or_default();
        if !message.starts_with("Generation") {
            return Err(format!("{script} was not applied: {message}\n{}", screen.text()).into());
        }
    }
    for &(name, columns, rows, palette, script) in PICTURES {
        let mut screen = open(&loom, columns, rows);
        screen.keys(script);
        let (buffer, cursor) = screen.draw();
        let path = directory().join(format!("{name}.png"));
        std::fs::write(&path, svg::png(&svg::picture(&buffer, cursor, palette), &fonts)?)?;
        println!("{}", path.display());
    }
    // Everything in the demo set is known, so this one is of a backend in memory.
    let memory = Memory::with(&["git", "jq", "nodejs_18", "zlib"]).unlisted(&["neovim"]);
    let mut screen = Screen::new(memory, 120, 30);
    screen.keys("/nodejs_24<enter><space>/<c-u>neovim<enter><space>cg");
    let (buffer, cursor) = screen.draw();
    let path = directory().join("inspector-unknown-120x30-dark.png");
    std::fs::write(&path, svg::png(&svg::picture(&buffer, cursor, Palette::Dark), &fonts)?)?;
    println!("{}", path.display());
    let mut screen = Screen::new(Memory::with(&[]), 120, 30);
    screen.keys("/busybox<enter><space>p<c-u>4<enter>/<c-u>neovim<enter><space>/<c-u>vim<enter><space><enter><enter>");
    screen.keys("1gg<space>c<tab>");
    let (buffer, cursor) = screen.draw();
    let path = directory().join("inspector-uncovered-120x30-dark.png");
    std::fs::write(&path, svg::png(&svg::picture(&buffer, cursor, Palette::Dark), &fonts)?)?;
    println!("{}", path.display());
    Ok(ExitCode::SUCCESS)
}

fn open(loom: &Arc<Loom>, columns: u16, rows: u16) -> Screen {
    let mut screen = Screen::over(loom.clone(), columns, rows, &Theme::terminal());
    screen.app.settings.home = std::env::var_os("HOME").map(PathBuf::from);
    screen.go_on();
    screen
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots")
}
