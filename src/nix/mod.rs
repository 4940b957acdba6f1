//! The Nix of this machine, as far as files and the environment tell: its directories, its configuration, its programs,
//! and how its store is reached. Nothing is started and nothing is asked for here.

mod config;
mod user;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access as Permission, access};

pub use config::Config;
pub use user::User;

/// How a store is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Through the socket of a daemon that runs.
    Daemon { socket: PathBuf },
    /// By a `nix-daemon --stdio` of our own, which opens the store itself.
    Direct,
    /// `NIX_REMOTE` asks for something that this program does not do.
    Unsupported { remote: String },
}

/// A Nix and its store.
#[derive(Clone, Debug)]
pub struct Installation {
    pub store_directory: PathBuf,
    /// Holds `profiles`, `gcroots`, `db` and the daemon's socket.
    pub state_directory: PathBuf,
    pub access: Access,
    pub config: Config,
    pub user: User,
    /// The folders in which programs are looked for.
    pub search_path: Vec<PathBuf>,
}

/// Reads a variable of the environment.
pub type Variables<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

impl Installation {
    /// The Nix of this machine, or `None`: there is neither a store nor a program of Nix.
    ///
    /// As Nix does (`src/libstore/globals.cc`, `store-api.cc`): `NIX_STORE_DIR`, `NIX_STATE_DIR`, `NIX_CONF_DIR`; by
    /// `NIX_REMOTE` or, without it, directly if the state directory can be written, else by the daemon's socket.
    pub fn find(variables: &Variables) -> Option<Self> {
        let path = |name: &str, usual: &str| {
            variables(name).filter(|value| !value.is_empty()).map_or_else(|| PathBuf::from(usual), PathBuf::from)
        };
        let search_path = std::env::split_paths(&variables("PATH").unwrap_or_default()).collect();
        let user = User::of_process(variables);
        let mut installation = Self {
            store_directory: path("NIX_STORE_DIR", "/nix/store"),
            state_directory: path("NIX_STATE_DIR", "/nix/var/nix"),
            access: Access::Direct,
            config: Config::read(&user, &path("NIX_CONF_DIR", "/etc/nix"), variables),
            user,
            search_path,
        };
        let is_here = installation.store_directory.is_dir()
            || ["nix-env", "nix"].iter().any(|name| installation.program(name).is_some());
        installation.access = installation.way(variables);
        is_here.then_some(installation)
    }

    /// The program of Nix with this name: from `PATH`, else from where installations put it.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let usual = self.state_directory.join("profiles/default/bin");
        let folders = self.search_path.iter().filter(|folder| folder.is_absolute()).chain(std::iter::once(&usual));
        folders.map(|folder| folder.join(name)).find(|program| is_executable(program))
    }

    /// Where the daemon listens, if one runs.
    pub fn socket(&self, variables: &Variables) -> PathBuf {
        match variables("NIX_DAEMON_SOCKET_PATH").filter(|path| !path.is_empty()) {
            Some(path) => path.into(),
            None => self.state_directory.join("daemon-socket/socket"),
        }
    }

    fn way(&self, variables: &Variables) -> Access {
        let socket = self.socket(variables);
        let remote = variables("NIX_REMOTE").unwrap_or_default().to_string_lossy().into_owned();
        match remote.as_str() {
            "" | "auto" => {
                let is_writable = access(&self.state_directory, Permission::READ_OK | Permission::WRITE_OK).is_ok();
                if !is_writable && socket.exists() { Access::Daemon { socket } } else { Access::Direct }
            }
            "daemon" | "unix" => Access::Daemon { socket },
            "local" => Access::Direct,
            other => match other.strip_prefix("unix://") {
                Some(path) if !path.contains('?') => Access::Daemon { socket: path.into() },
                _ => Access::Unsupported { remote },
            },
        }
    }
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
