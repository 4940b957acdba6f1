//! A machine of its own for the program: home, store and profile; every run of it is checked for what must never be.

// Every test file compiles this module for itself, and none uses all of it.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

pub struct Machine {
    _dir: Option<tempfile::TempDir>,
    root: PathBuf,
    /// Runs the program, if it is not run as it is.
    wrapper: Vec<String>,
}

/// What a run printed.
pub struct Said {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Machine {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { root: dir.path().canonicalize().unwrap(), _dir: Some(dir), wrapper: Vec::new() }
    }

    /// One below `root`, in which the program is run by another.
    pub fn within(root: PathBuf, wrapper: Vec<String>) -> Self {
        Self { _dir: None, root, wrapper }
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    pub fn store(&self) -> PathBuf {
        self.path("data/nix-loom/store")
    }

    pub fn profile(&self) -> PathBuf {
        self.path("state/nix-loom/profiles/profile")
    }

    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let program = env!("CARGO_BIN_EXE_nix-loom");
        let mut command = match self.wrapper.split_first() {
            None => Command::new(program),
            Some((wrapper, options)) => {
                let mut command = Command::new(wrapper);
                command.args(options).arg(program);
                command
            }
        };
        command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let folders = [
            ("HOME", "home"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
        ];
        for (name, folder) in folders {
            command.env(name, self.path(folder));
        }
        command.env_remove("NIX_LOOM_CONFIG");
        // A Nix on the machine that tests is nobody's business here.
        command.env("NIX_LOOM_STORE", "local");
        command
    }

    pub fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Runs the program, which may fail but not panic, and may print no control character but line breaks.
    #[track_caller]
    pub fn any<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Said {
        said(&self.command(arguments).output().unwrap())
    }

    /// The same, and it must end with `code`.
    #[track_caller]
    pub fn run<S: AsRef<OsStr>>(&self, code: i32, arguments: &[S]) -> Said {
        let said = self.any(arguments);
        assert_eq!(said.code, code, "{}{}", said.stdout, said.stderr);
        said
    }

    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(0, &[arguments, &["--json"]].concat()).stdout).unwrap()
    }

    /// The names of what is installed, sorted.
    #[track_caller]
    pub fn installed(&self) -> Vec<String> {
        let list = self.json(&["list"]);
        let mut names: Vec<_> =
            list.as_array().unwrap().iter().map(|element| element["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

#[track_caller]
pub fn said(output: &Output) -> Said {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let said = Said {
        code: output.status.code().expect("it is not killed"),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    };
    assert!((0..=3).contains(&said.code), "{}: {}{}", said.code, said.stdout, said.stderr);
    for printed in [&said.stdout, &said.stderr] {
        assert!(!printed.contains(|letter: char| letter.is_control() && letter != '\n'), "{printed:?}");
    }
    said
}

/// The names in a directory, sorted; none if it is not there.
pub fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What programs at work have in a directory.
pub fn stagings(directory: &Path) -> Vec<String> {
    names(directory).into_iter().filter(|name| name.starts_with(".nix-loom-")).collect()
}
