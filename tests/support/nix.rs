//! A real Nix with a store of its own, as the judge of what the engine does.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::temp_dir;

/// A store, state and configuration in a temporary directory; nothing of the machine's own Nix is touched.
pub struct Nix {
    home: PathBuf,
    /// Removes it in the end, where this is who made it.
    _dir: Option<TempDir>,
}

/// Where the Nix of [`Nix::for_library`] is.
const HOME: &str = "NIX_LOOM_TEST_HOME";

impl Nix {
    /// A Nix to test with, or `None` where there is none: the test then has nothing to do.
    pub fn or_skip() -> Option<Self> {
        Self::is_here_or_skip().then(Self::new)
    }

    /// Whether there is a Nix; says so where there is none.
    ///
    /// With `NIX_LOOM_REQUIRE_NIX=1` a missing Nix fails the test instead, so that CI cannot pass without one.
    pub fn is_here_or_skip() -> bool {
        // `nix-store` opens the machine's own store even for this, which not every user may.
        if Command::new("nix-daemon").arg("--version").output().is_ok_and(|output| output.status.success()) {
            return true;
        }
        assert!(
            std::env::var_os("NIX_LOOM_REQUIRE_NIX").is_none_or(|value| value != "1"),
            "NIX_LOOM_REQUIRE_NIX=1, but there is no Nix on PATH"
        );
        super::say("skipped: no Nix on PATH");
        false
    }

    fn new() -> Self {
        let dir = temp_dir();
        for name in ["store", "state", "log", "etc", "home"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        // Offline and without build users; `fsync-metadata` only costs time here.
        let conf = "substituters =\nbuild-users-group =\nsandbox = false\nflake-registry =\n\
                    experimental-features = nix-command flakes\nfsync-metadata = false\n";
        fs::write(dir.path().join("etc/nix.conf"), conf).unwrap();
        Self { home: dir.path().to_owned(), _dir: Some(dir) }
    }

    /// For a test that calls the library, which finds its Nix by the variables of the process: runs the test of this name
    /// once more, in a process that has them. `Some` in there; `None` once that is done, or where there is no Nix.
    pub fn for_library(test: &str) -> Option<Self> {
        if let Some(home) = std::env::var_os(HOME) {
            return Some(Self { home: home.into(), _dir: None });
        }
        let nix = Self::or_skip()?;
        let mut again = nix.command(std::env::current_exe().unwrap().to_str().unwrap());
        again.args(["--exact", test, "--nocapture"]).env(HOME, &nix.home);
        again.envs(std::env::vars_os().filter(|(name, _)| name.as_bytes().starts_with(b"NIX_LOOM_")));
        let status = again.current_dir(std::env::current_dir().unwrap()).status().unwrap();
        assert!(status.success(), "{test}, run with the variables of Nix: {status}");
        None
    }

    /// The directory in which the paths of this store lie.
    pub fn store(&self) -> PathBuf {
        self.home.join("store")
    }

    /// A place for the test's own files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// The variables that make a program of Nix work on this store.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let variables = [
            ("NIX_STORE_DIR", "store"),
            ("NIX_STATE_DIR", "state"),
            ("NIX_LOG_DIR", "log"),
            ("NIX_CONF_DIR", "etc"),
            ("HOME", "home"),
        ];
        let variables = variables.map(|(name, dir)| (name.into(), self.path(dir).into()));
        variables.into_iter().chain([("NIX_REMOTE".into(), "".into())]).collect()
    }

    /// A program of Nix that works on this store.
    pub fn command(&self, program: &str) -> Command {
        let home = &self.home;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.as_bytes().starts_with(b"NIX_") || name.as_bytes().starts_with(b"XDG_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment()).current_dir(home).stdin(Stdio::null());
        command
    }

    /// Builds environments with `builtin:buildenv`, all in one run. Each input is the value of the variable
    /// `derivations` ("active priority count path…"); each answer is the environment, or `None` if Nix refuses it.
    pub fn build_environments(&self, inputs: &[Vec<String>]) -> Vec<Option<PathBuf>> {
        let expression = "map (derivations: derivation {
            name = \"environment\"; system = \"builtin\"; builder = \"builtin:buildenv\";
            manifest = \"/manifest\"; inherit derivations;
        }) (builtins.fromJSON (builtins.readFile ./inputs.json))";
        fs::write(self.home.join("inputs.json"), serde_json::to_vec(inputs).unwrap()).unwrap();
        fs::write(self.home.join("environments.nix"), expression).unwrap();

        let environments = self.build_each(&["environments.nix"]);
        assert_eq!(environments.len(), inputs.len(), "one derivation for each package set");
        environments
    }

    /// Builds every derivation that `nix-instantiate` makes of these arguments, in that order; `None` where it fails.
    pub fn build_each(&self, arguments: &[&str]) -> Vec<Option<PathBuf>> {
        build_each(|program| self.command(program), arguments)
    }

    /// The NAR that Nix makes of a tree.
    pub fn dump(&self, tree: &Path) -> Vec<u8> {
        succeed(self.command("nix-store").arg("--dump").arg(tree)).stdout
    }
}

/// Does what [`Nix::build_each`] does, with the programs that `command` makes.
pub fn build_each(command: impl Fn(&str) -> Command, arguments: &[&str]) -> Vec<Option<PathBuf>> {
    let drvs = lines(&succeed(command("nix-instantiate").args(arguments)));
    let outs = lines(&succeed(command("nix-store").args(["--query", "--outputs"]).args(&drvs)));
    assert_eq!(outs.len(), drvs.len(), "each derivation has one output");
    // Fails whenever one of them is refused; which ones are valid afterwards is asked for below.
    let _ = command("nix-store").args(["--realise", "--keep-going", "-j2"]).args(&drvs).output().unwrap();
    let check = command("nix-store").args(["--check-validity", "--print-invalid"]).args(&outs).output().unwrap();
    let invalid = lines(&check);
    outs.into_iter().map(|out| (!invalid.contains(&out)).then(|| PathBuf::from(out))).collect()
}

/// Runs it, and fails the test if it fails.
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let program = command.get_program().to_string_lossy().into_owned();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What it printed, line by line.
pub fn lines(output: &Output) -> Vec<OsString> {
    output.stdout.split(|&byte| byte == b'\n').filter(|l| !l.is_empty()).map(|l| OsStr::from_bytes(l).into()).collect()
}
