//! Who uses Nix: the name and home that Nix would find (`src/libutil/users.cc`).

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Variables;

/// The user of this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub is_root: bool,
    /// `None` for a user without a home.
    pub home: Option<PathBuf>,
    /// `$XDG_STATE_HOME`, else `~/.local/state`.
    pub state_home: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME`, else `~/.config`.
    pub config_home: Option<PathBuf>,
}

impl User {
    /// The home is `$HOME` unless it belongs to somebody else, as under `sudo` that keeps it: then the one of
    /// `/etc/passwd`.
    pub(super) fn of_process(variables: &Variables) -> Self {
        let id = rustix::process::geteuid().as_raw();
        Self::new(id, &fs::read_to_string("/etc/passwd").unwrap_or_default(), variables)
    }

    pub(super) fn new(id: u32, passwd: &str, variables: &Variables) -> Self {
        let path = |name: &str| variables(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let entry = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let entry = entry.filter(|fields| fields.len() >= 6).find(|fields| fields[2].parse() == Ok(id));
        let home_of_entry = entry.as_ref().map(|fields| PathBuf::from(fields[5])).filter(|home| home.is_absolute());
        let home = path("HOME").filter(|home| !belongs_to_another(home, id)).or(home_of_entry).or_else(|| path("HOME"));
        let of_entry = entry.map(|fields| fields[0].to_owned());
        let of_variable = || variables("USER").and_then(|name| name.into_string().ok());
        Self {
            name: of_entry.or_else(of_variable).unwrap_or_else(|| id.to_string()),
            is_root: id == 0,
            state_home: path("XDG_STATE_HOME").or_else(|| Some(home.as_ref()?.join(".local/state"))),
            config_home: path("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config"))),
            home,
        }
    }
}

/// A home that is not there yet belongs to nobody else.
fn belongs_to_another(home: &Path, id: u32) -> bool {
    fs::metadata(home).is_ok_and(|found| found.uid() != id)
}
