//! The screen: state, keys and views over the façade. It never touches a store or a profile by itself.
//!
//! Elm's way: [`App`] holds all state; [`update`](update::update) turns an [`Action`](action::Action) into new state
//! and [`Effect`](effect::Effect)s and does no input or output; [`view`](view::view) draws the state and changes nothing.
//! Effects are data; [`worker`] does them on threads, and what becomes of them comes back as actions.
//!
//! | module | what it is |
//! |---|---|
//! | [`app`], [`list`], [`input`], [`staged`], [`subject`], [`report`], [`offer`], [`outline`], [`inspector`], [`pairs`], [`losses`], [`sources`], [`upgrades`], [`explanation`], [`timeline`], [`dialog`], [`deletion`], [`files`], [`which`], [`help`], [`palette`], [`copy`], [`environment`], [`export_form`], [`drift`], [`file_prompt`], [`history`], [`order`], [`widths`], [`weighing`], [`work`], [`pace`], [`log`], [`errors`] | state |
//! | [`action`], [`moment`], [`key`], [`context`], [`keymap`], [`bindings`], [`hindrance`], [`update`] | what can happen, what stands in its way, and what follows from it |
//! | [`effect`], [`perform`](perform::perform), [`backend`], [`worker`], [`news`] | what is done outside of the screen |
//! | [`look`], [`layout`], [`theme`], [`marks`], [`text`], [`words`], [`output_words`], [`subject_words`], [`view`] | what it looks like |
//! | [`plain`] | the same state as plain lines |
//! | [`terminal`], `event_loop` | the terminal, and the loop that joins all |

pub mod action;
pub mod app;
pub mod backend;
pub mod bindings;
pub mod context;
pub mod copy;
pub mod deletion;
pub mod dialog;
pub mod drift;
pub mod effect;
pub mod environment;
pub mod errors;
mod event_loop;
pub mod explanation;
pub mod export_form;
pub mod file_prompt;
pub mod files;
pub mod help;
pub mod hindrance;
pub mod history;
pub mod input;
pub mod inspector;
mod keeper;
pub mod key;
mod key_words;
pub mod keymap;
pub mod layout;
pub mod list;
pub mod log;
pub mod look;
pub mod losses;
pub mod marks;
pub mod moment;
pub mod news;
pub mod offer;
pub mod order;
pub mod outline;
pub mod output_words;
pub mod pace;
pub mod pairs;
pub mod palette;
pub mod perform;
pub mod plain;
pub mod report;
pub mod sources;
pub mod staged;
pub mod subject;
pub mod subject_words;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod timeline;
pub mod update;
pub mod upgrades;
pub mod view;
pub mod weighing;
pub mod which;
pub mod widths;
pub mod words;
pub mod work;
pub mod worker;

use std::io;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::config::{Config, ConfigError};
use crate::loom::Loom;
use crate::remembered::{self, Remembered};

pub use app::{App, Settings};
use keeper::Keeper;
pub use look::Flags;
use look::{Look, Surroundings};
use terminal::Terminal;
use update::{recall, to_remember};
use worker::Open;

/// How to start the screen.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub loom: crate::loom::Options,
    /// What the command line says of how it looks.
    pub flags: Flags,
    pub panic_in: Option<PanicIn>,
}

/// Where the program is to panic once it is open: for the tests of how the terminal is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanicIn {
    /// On the thread of the screen, in the middle of a frame.
    Drawing,
    /// On another thread.
    Work,
}

/// Why the screen could not be shown, or was lost.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    #[error("the screen needs a terminal for input and output; for scripts there are commands, see `nix-loom help`")]
    NoTerminal,
    #[error("the terminal failed: {0}")]
    Terminal(#[from] io::Error),
}

/// How the screen starts on this machine for a user who wants it to look so.
pub fn settings(look: Look) -> Settings {
    Settings {
        look,
        time_zone: TimeZone::system(),
        home: directories::BaseDirs::new().map(|base| base.home_dir().to_owned()),
    }
}

/// Shows the screen until the user leaves; gives the exit code: 0, or 128 and the number of the signal that ended it.
///
/// The program beneath is opened in the background, after the first picture.
pub fn run(options: Options) -> Result<u8, ScreenError> {
    if !terminal::is_there() {
        return Err(ScreenError::NoTerminal);
    }
    // With a config file that is wrong the profile cannot be opened, which is then told; until it can the screen is as usual.
    let look_now = look(&options.loom, options.flags);
    let settings = settings(look_now.unwrap_or_else(|_| Look::without_config(options.flags, here())));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let has_mouse = settings.look.has_mouse;
    let panic_in = options.panic_in;
    let open: Arc<Open> = Arc::new(move || {
        let look = look(&options.loom, options.flags)?;
        let beneath = Loom::open(&options.loom)?;
        assert!(panic_in != Some(PanicIn::Work), "this panic was asked for");
        Ok((Arc::new(beneath), look))
    });
    terminal::end_on_panic();
    terminal::end_on_hangup()?;
    let place = remembered::default_path();
    let last = place.as_deref().map(Remembered::load).unwrap_or_default();
    let keeper = Keeper::start(place);
    let mut terminal = Terminal::take(has_mouse)?;
    let mut app = App::new(settings, terminal.size()?);
    recall(&mut app, last);
    let code = runtime.block_on(event_loop::run(&mut app, &mut terminal, &open, &keeper, panic_in));
    drop(terminal);
    keeper.keep(to_remember(&mut app));
    keeper.finish();
    match code {
        // It may be noticed by a read or a write that fails first.
        Err(_) if terminal::is_gone() => Ok(terminal::HUNG_UP),
        code => Ok(code?),
    }
}

/// How the screen looks and which keys do what, as it is said now.
pub fn look(options: &crate::loom::Options, flags: Flags) -> Result<Look, ConfigError> {
    match &options.config {
        Some(path) => Look::configured(&Config::load(path)?, flags, here()),
        None => Ok(Look::without_config(flags, here())),
    }
}

fn here() -> Surroundings {
    Surroundings::of(&|name| std::env::var_os(name))
}
