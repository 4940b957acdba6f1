//! What there is on this machine and what is wrong with it. Nothing is changed, and nothing has to work: what does not
//! is what is told.

mod bounded;
mod machine;
mod on_path;
mod profile;
mod roots;

use std::path::Path;

use super::open::default_profile;
use super::{Loom, Options, SearchPath, StoreChoice};
use crate::nix::Installation;
use crate::profile::Located;
use crate::safe;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// Worth knowing; nothing has to be done.
    Note,
    Problem,
}

impl Level {
    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Problem => "problem",
        }
    }
}

/// One thing that was looked at. All text is safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    /// What was looked at, e.g. `store directory`.
    pub what: &'static str,
    pub detail: String,
    /// What to do; empty if there is nothing to be done, or if the detail tells it.
    pub way_out: String,
}

/// The findings so far.
#[derive(Debug, Default)]
struct Report(Vec<Finding>);

impl Report {
    fn ok(&mut self, what: &'static str, detail: impl Into<String>) {
        self.add(Level::Ok, what, detail.into(), String::new());
    }

    fn note(&mut self, what: &'static str, detail: impl Into<String>, way_out: impl Into<String>) {
        self.add(Level::Note, what, detail.into(), way_out.into());
    }

    fn problem(&mut self, what: &'static str, detail: impl Into<String>, way_out: impl Into<String>) {
        self.add(Level::Problem, what, detail.into(), way_out.into());
    }

    fn add(&mut self, level: Level, what: &'static str, detail: String, way_out: String) {
        self.0.push(Finding { level, what, detail, way_out });
    }
}

/// Looks at everything that [`Loom::open`] with these options would need or use: Nix, the store, the profile, PATH.
pub fn doctor(options: &Options) -> Vec<Finding> {
    let variables = |name: &str| std::env::var_os(name);
    let mut report = Report::default();
    let nix = Installation::find(&variables);
    let opened = Loom::open(&Options { only_looks: true, ..options.clone() });
    machine::programs(nix.as_ref(), &mut report);
    if let Some(nix) = nix.as_ref().filter(|_| options.store != StoreChoice::Local) {
        machine::access(nix, &nix.socket(&variables), &mut report);
    }
    match &opened {
        Ok(loom) => machine::store(loom, &mut report),
        Err(error) => report.problem("opening", safe::text(&error.to_string()), ""),
    }
    let Some(located) = located(options, nix.as_ref(), opened.as_ref().ok()) else {
        report.problem("profile", "there is no home directory to look for it", "set HOME, or name it with --profile");
        return report.0;
    };
    profile::look(&located, &mut report);
    if let Some(nix) = nix.as_ref().filter(|_| options.store != StoreChoice::Local) {
        machine::config(nix, &located.profile, &mut report);
        roots::look(nix, &located.profile, &mut report);
        profile::alias(nix, &located.profile, &mut report);
    }
    let search_path = SearchPath::new(&options.search_path, &located);
    on_path::look(&search_path, &located.profile, opened.as_ref().ok(), &mut report);
    report.0
}

/// The profile that is opened; where that failed, the one that was meant.
fn located(options: &Options, nix: Option<&Installation>, opened: Option<&Loom>) -> Option<Located> {
    let alias = |link: &Path| Located::at(link.to_owned());
    let of_user = || Located::of_user(nix.filter(|_| options.store != StoreChoice::Local)?);
    match (&options.profile, opened) {
        (Some(link), _) => Some(alias(link)),
        (None, Some(loom)) => {
            let of_user = of_user().filter(|it| it.profile == loom.profile);
            Some(of_user.unwrap_or_else(|| alias(loom.profile.link())))
        }
        (None, None) => of_user().or_else(|| default_profile().map(Located::at)),
    }
}

/// The first few of many names, and how many more there are.
fn some(names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 5;
    let names: Vec<_> = names.collect();
    let more = names.len().saturating_sub(SHOWN);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// A path as a word for a shell; safe for a terminal.
fn word(path: &Path) -> String {
    let shown = safe::path(path);
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+=@:,".contains(letter);
    if shown.chars().all(is_plain) { shown } else { format!("'{}'", shown.replace('\'', r"'\''")) }
}
