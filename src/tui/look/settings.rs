//! `[screen]` of the config file.

use super::Motion;
use super::ThemeName;
use crate::config::{Config, ConfigError, Setting, Value};

/// What the file wants; `None` where it leaves the choice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub theme: Option<ThemeName>,
    pub is_ascii: Option<bool>,
    pub has_mouse: Option<bool>,
    pub motion: Motion,
}

impl Wanted {
    pub fn of(config: &Config) -> Result<Self, ConfigError> {
        let mut wanted = Self::default();
        for setting in config.screen() {
            if let Err(problem) = wanted.set(setting) {
                let is_known = ["theme", "marks", "mouse", "motion"].contains(&&*setting.name);
                return Err(config.wrong(if is_known { setting.value_spot } else { setting.spot }, problem));
            }
        }
        Ok(wanted)
    }

    fn set(&mut self, setting: &Setting) -> Result<(), String> {
        match (&*setting.name, &setting.value) {
            ("theme", Value::Text(name)) => self.theme = Some(name.parse()?),
            ("theme", other) => return Err(not(setting, "the name of a theme in quotes", other)),
            ("marks", Value::Text(marks)) if marks == "auto" => self.is_ascii = None,
            ("marks", Value::Text(marks)) if marks == "unicode" => self.is_ascii = Some(false),
            ("marks", Value::Text(marks)) if marks == "ascii" => self.is_ascii = Some(true),
            ("marks", other) => return Err(not(setting, "\"auto\", \"unicode\" or \"ascii\"", other)),
            ("mouse", Value::Flag(has_mouse)) => self.has_mouse = Some(*has_mouse),
            ("mouse", other) => return Err(not(setting, "true or false", other)),
            ("motion", Value::Text(motion)) if motion == "full" => self.motion = Motion::Full,
            ("motion", Value::Text(motion)) if motion == "reduced" => self.motion = Motion::Reduced,
            ("motion", other) => return Err(not(setting, "\"full\" or \"reduced\"", other)),
            (name, _) => {
                return Err(format!("[screen] has no setting {name:?}; it has theme, marks, mouse and motion"));
            }
        }
        Ok(())
    }
}

fn not(setting: &Setting, expected: &str, value: &Value) -> String {
    let is = match value {
        Value::Text(text) => format!("{text:?}"),
        other => other.kind().to_owned(),
    };
    format!("{} is {expected}, and this is {is}", setting.name)
}
