//! How the screen looks and which keys do what, as the user wants it.

use super::bindings::Bindings;
use super::theme::Theme;
use crate::config::{Config, ConfigError};

/// What the config file, the command line and the environment say of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub theme: Theme,
    pub bindings: Bindings,
}

impl Default for Look {
    fn default() -> Self {
        Self { theme: Theme::terminal(), bindings: Bindings::default() }
    }
}

impl Look {
    /// Without a config file.
    pub fn of_environment() -> Self {
        Self { theme: Theme::from_environment(), ..Self::default() }
    }

    pub fn configured(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self { bindings: Bindings::configured(config)?, ..Self::of_environment() })
    }
}
