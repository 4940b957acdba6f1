//! The themes by their names.

use std::str::FromStr;

use super::Theme;

/// A theme that the user can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeName {
    Terminal,
    Dusk,
    Paper,
    Monochrome,
}

impl ThemeName {
    /// In the order in which a key goes through them.
    pub const ALL: &[Self] = &[Self::Terminal, Self::Dusk, Self::Paper, Self::Monochrome];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dusk => "dusk",
            Self::Paper => "paper",
            Self::Monochrome => "monochrome",
        }
    }

    pub fn theme(self) -> Theme {
        match self {
            Self::Terminal => Theme::terminal(),
            Self::Dusk => Theme::dusk(),
            Self::Paper => Theme::paper(),
            Self::Monochrome => Theme::monochrome(),
        }
    }

    /// Whether it takes a terminal with 24 bits of colour.
    pub fn needs_truecolor(self) -> bool {
        matches!(self, Self::Dusk | Self::Paper)
    }
}

impl FromStr for ThemeName {
    type Err = String;

    /// The error names all themes.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|theme| theme.name() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|theme| theme.name()).collect();
            format!("no theme is called {text:?}; there are {}", names.join(", "))
        })
    }
}
