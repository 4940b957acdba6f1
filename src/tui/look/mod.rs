//! How the screen looks and which keys do what: what the command line says, then the environment, then the config file.

mod settings;
mod surroundings;

use super::bindings::Bindings;
use super::key::Key;
use super::keymap::Binding;
use super::marks::Marks;
use super::theme::{Theme, ThemeName};
use crate::config::{Config, ConfigError};
use crate::progress::Step;
use settings::Wanted;
pub use surroundings::Surroundings;

/// How the screen is to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub theme: Theme,
    /// The themes that can be chosen here, in their order.
    pub themes: Vec<ThemeName>,
    /// Whether a theme was asked for, or none can be: then what a key chose in an earlier run counts for nothing.
    pub is_theme_set: bool,
    pub bindings: Bindings,
    pub marks: Marks,
    pub motion: Motion,
    /// Whether the mouse is the screen's; else it is not captured at all.
    pub has_mouse: bool,
    /// What is to be said of it at the start.
    pub notice: Option<String>,
}

/// What the command line says of it, for one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    pub theme: Option<ThemeName>,
    pub is_ascii: bool,
    /// Leaves the mouse to the terminal.
    pub no_mouse: bool,
}

/// Whether things move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    #[default]
    Full,
    /// No bars that grow, and numbers that change seldom.
    Reduced,
}

impl Motion {
    /// How far work is told to be: with reduced motion a whole tenth of it, or nothing where its end is not known.
    pub fn calmed(self, step: Step) -> Step {
        match self {
            Self::Full => step,
            Self::Reduced => {
                let tenths = (u128::from(step.done) * 10).checked_div(u128::from(step.total)).unwrap_or(0);
                let done = u128::from(step.total) * tenths;
                Step { done: u64::try_from(done.div_ceil(10)).unwrap_or(step.total), ..step }
            }
        }
    }
}

impl Default for Look {
    /// As it is with nothing said, on a terminal that can show everything.
    fn default() -> Self {
        Self {
            theme: Theme::terminal(),
            themes: ThemeName::ALL.to_vec(),
            is_theme_set: false,
            bindings: Bindings::default(),
            marks: Marks::Unicode,
            motion: Motion::Full,
            has_mouse: true,
            notice: None,
        }
    }
}

impl Look {
    /// As it is to be here; an error if the config file says what means nothing.
    pub fn configured(config: &Config, flags: Flags, here: Surroundings) -> Result<Self, ConfigError> {
        let wanted = Wanted::of(config)?;
        Ok(Self { bindings: Bindings::configured(config)?, ..Self::chosen(wanted, flags, here) })
    }

    /// As it is to be without a config file.
    pub fn without_config(flags: Flags, here: Surroundings) -> Self {
        Self::chosen(Wanted::default(), flags, here)
    }

    fn chosen(wanted: Wanted, flags: Flags, here: Surroundings) -> Self {
        let is_colourless = here.has_no_color && flags.theme.is_none();
        let can_show = |theme: &ThemeName| match theme {
            ThemeName::Monochrome => true,
            theme => !is_colourless && (here.has_truecolor || !theme.needs_truecolor()),
        };
        let usual = if is_colourless { ThemeName::Monochrome } else { ThemeName::Terminal };
        let asked = flags.theme.or(wanted.theme.filter(|_| !is_colourless)).unwrap_or(usual);
        let shown = if can_show(&asked) { asked } else { usual };
        let notice = (shown != asked).then(|| {
            format!(
                "The theme {} needs 24 bits of colour, and this terminal does not say that it has them; it is {} instead. If \
                 the terminal does have them, start nix-loom with COLORTERM=truecolor.",
                asked.name(),
                shown.name()
            )
        });
        let is_ascii = flags.is_ascii || wanted.is_ascii.unwrap_or(!here.is_utf8);
        Self {
            theme: shown.theme(),
            themes: ThemeName::ALL.iter().copied().filter(can_show).collect(),
            is_theme_set: is_colourless || flags.theme.or(wanted.theme).is_some(),
            bindings: Bindings::default(),
            marks: if is_ascii { Marks::Ascii } else { Marks::Unicode },
            motion: wanted.motion,
            has_mouse: wanted.has_mouse.unwrap_or(true) && !flags.no_mouse,
            notice,
        }
    }

    /// The theme after the one that is shown; `None` if there is no other.
    pub fn next_theme(&self) -> Option<ThemeName> {
        let at = self.themes.iter().position(|name| Some(*name) == self.theme.named());
        let next = self.themes.get(at.map_or(0, |at| (at + 1) % self.themes.len()))?;
        Some(*next).filter(|next| Some(*next) != self.theme.named())
    }

    /// A key, for reading.
    pub fn key_name(&self, key: Key) -> String {
        match self.marks {
            Marks::Unicode => key.to_string(),
            // The signs that the arrows would become are keys of their own.
            Marks::Ascii => key.in_words(),
        }
    }

    /// The keys of a row of the table, for reading: `j ↓`.
    pub fn key_names(&self, binding: &Binding) -> String {
        if binding.keys.is_empty() {
            return "(no key)".to_owned();
        }
        binding.keys.iter().map(|key| self.key_name(*key)).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests;
