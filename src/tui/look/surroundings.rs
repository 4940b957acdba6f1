//! What the environment says of the terminal and of the user.

use std::ffi::OsString;

/// What matters here of the environment's variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The user wants no colours (no-color.org: an empty `NO_COLOR` does not count).
    pub has_no_color: bool,
    /// The terminal shows 24 bits of colour.
    pub has_truecolor: bool,
    /// What is written is read as UTF-8.
    pub is_utf8: bool,
}

impl Surroundings {
    /// Asks for variables by name.
    pub fn of(variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let text =
            |name: &str| variable(name).and_then(|value| value.into_string().ok()).filter(|text| !text.is_empty());
        let term = text("TERM").unwrap_or_default();
        let colorterm = text("COLORTERM").unwrap_or_default().to_lowercase();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(text);
        Self {
            has_no_color: variable("NO_COLOR").is_some_and(|value| !value.is_empty()),
            has_truecolor: term != "dumb" && (matches!(&*colorterm, "truecolor" | "24bit") || is_truecolor(&term)),
            is_utf8: locale.is_some_and(|locale| is_utf8(&locale)),
        }
    }
}

/// Terminals that always have 24 bits of colour, by the name under which they are described. `ssh` hands on that name, but
/// not `COLORTERM`.
fn is_truecolor(term: &str) -> bool {
    const ALWAYS: &[&str] = &["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour", "rio"];
    // terminfo calls `NAME-direct` what takes 24 bits directly.
    term.ends_with("-direct") || ALWAYS.iter().any(|name| term == *name || is_variant(term, name))
}

/// `foot-extra` is a `foot`.
fn is_variant(term: &str, name: &str) -> bool {
    term.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether a locale's letters are UTF-8: `de_DE.UTF-8`, `C.utf8`, `en_GB.UTF-8@euro`.
fn is_utf8(locale: &str) -> bool {
    let letters = locale.split_once('.').map_or("", |(_, rest)| rest);
    let letters = letters.split('@').next().unwrap_or_default();
    letters.replace('-', "").eq_ignore_ascii_case("utf8")
}
