//! A machine with a real Nix: a Debian root that `.ci/nix-roots` made, in which all that is written is this lab's alone.
//!
//! The root itself is shared and read-only. `/nix`, `/home`, `/root` and `/tmp` are folders of the lab, so that every lab
//! has the real `/nix/store` as its own, and neither a garbage collection nor a daemon disturbs another test. One process
//! holds the namespaces; commands enter them, since Nix tells processes of one store apart by their process ids.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::{say, temp_dir};

/// Who works on the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Root, who opens the store by himself.
    Root,
    /// Root, who goes through the daemon.
    RootBehindDaemon,
    /// A user without any rights, who has nothing but the daemon.
    Alice,
}

/// Makes one test of each of these functions of a `&Lab` for each version and each [`Who`].
#[allow(unused_macros)]
macro_rules! in_every_lab {
    ($($check:ident),* $(,)?) => {
        $(mod $check {
            $crate::support::lab::in_every_lab! { $check:
                root_2_8 "2.8" Root, root_behind_daemon_2_8 "2.8" RootBehindDaemon, alice_2_8 "2.8" Alice,
                root_2_26 "2.26" Root, root_behind_daemon_2_26 "2.26" RootBehindDaemon, alice_2_26 "2.26" Alice,
                root_2_34 "2.34" Root, root_behind_daemon_2_34 "2.34" RootBehindDaemon, alice_2_34 "2.34" Alice,
            }
        })*
    };
    ($check:ident: $($test:ident $version:literal $who:ident,)*) => {
        $(#[test]
        fn $test() {
            use $crate::support::lab::{Lab, Who};
            if let Some(lab) = Lab::or_skip($version, Who::$who) {
                super::$check(&lab);
            }
        })*
    };
}
#[allow(unused_imports)]
pub(crate) use in_every_lab;

/// Makes one test of each of these functions for each version: they get a lab of root's, after `prepare`, a function of a
/// `&Lab`, has put into it what they need.
#[allow(unused_macros)]
macro_rules! with_every_nix {
    ($prepare:expr => $($check:ident),* $(,)?) => {
        $(mod $check {
            #[test]
            fn nix_2_8() { $crate::support::lab::with("2.8", $prepare, super::$check); }
            #[test]
            fn nix_2_26() { $crate::support::lab::with("2.26", $prepare, super::$check); }
            #[test]
            fn nix_2_34() { $crate::support::lab::with("2.34", $prepare, super::$check); }
        })*
    };
}
#[allow(unused_imports)]
pub(crate) use with_every_nix;

pub fn with(version: &'static str, prepare: fn(&Lab), check: fn(&Lab)) {
    if let Some(lab) = Lab::or_skip(version, Who::Root) {
        prepare(&lab);
        check(&lab);
    }
}

/// What `.ci/nix-roots` says that alice is.
const ALICE: u32 = 4242;
/// Where the program under test and the libraries that it was built with are seen.
const PROGRAM: &str = "/usr/local/bin/nix-loom";
const LIBRARIES: &str = "/srv/libraries";
/// Where the packages of `tests/fixtures/packages` are seen: a Nix file and a flake.
pub const PACKAGES: &str = "/tmp/packages";

/// Where a lab with a binary cache has it.
pub const CACHE: &str = "/tmp/cache";
const CACHE_CONFIG: &str = "/tmp/cache.conf";

pub struct Lab {
    pub version: &'static str,
    pub who: Who,
    /// Inside; `/nix`, unless the store is relocated. Holds `store` and `var/nix`.
    prefix: &'static str,
    loader: String,
    /// Holds the folders `nix`, `home`, `root` and `tmp` as they are seen inside.
    state: TempDir,
    holder: Child,
    daemon: Option<Child>,
    /// The process id of the holder's first process.
    held: String,
    /// For every command inside, the daemon too.
    variables: Vec<String>,
}

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Lab {
    /// A lab with this version of Nix, or `None` where there are no roots: the test then has nothing to do.
    ///
    /// With `NIX_LOOM_REQUIRE_NIX=1` missing roots fail the test instead.
    pub fn or_skip(version: &'static str, who: Who) -> Option<Self> {
        Self::made(version).then(|| Self::new(version, who, "/nix", Vec::new()))
    }

    /// The same, whose Nix gets what it can from the binary cache in [`CACHE`], which is empty yet.
    pub fn with_cache_or_skip(version: &'static str, who: Who) -> Option<Self> {
        let config = vec![format!("NIX_CONFIG=include {CACHE_CONFIG}")];
        let lab = Self::made(version).then(|| Self::new(version, who, "/nix", config))?;
        // Whoever looks first, the daemon or the user, would make the folders in it for himself.
        for folder in ["", "/nar", "/log", "/realisations", "/debuginfo"] {
            let folder = lab.host(format!("{CACHE}{folder}"));
            fs::create_dir(&folder).unwrap();
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        }
        fs::write(lab.host(format!("{CACHE}/nix-cache-info")), "StoreDir: /nix/store\n").unwrap();
        Some(lab)
    }

    /// The same for root, with a store that is not at `/nix/store`.
    pub fn relocated_or_skip(version: &'static str) -> Option<Self> {
        Self::made(version).then(|| Self::new(version, Who::Root, "/tmp/elsewhere", Vec::new()))
    }

    fn made(version: &str) -> bool {
        let problem = match std::env::var_os("NIX_LOOM_ROOTS") {
            None => "NIX_LOOM_ROOTS does not say where the roots are that `.ci/nix-roots make` makes".to_owned(),
            Some(roots) if !Path::new(&roots).join(version).join(".ready").exists() => {
                format!("{} has no root of Nix {version}; `.ci/nix-roots make` makes it", Path::new(&roots).display())
            }
            Some(_) if !rustix::process::geteuid().is_root() => "only root can enter the roots".to_owned(),
            Some(_) => return true,
        };
        assert!(
            std::env::var_os("NIX_LOOM_REQUIRE_NIX").is_none_or(|value| value != "1"),
            "NIX_LOOM_REQUIRE_NIX=1, but {problem}"
        );
        say(&format!("skipped: {problem}"));
        false
    }

    fn new(version: &'static str, who: Who, prefix: &'static str, variables: Vec<String>) -> Self {
        let state = temp_dir();
        for (name, mode, owner) in [
            ("nix", 0o755, 0),
            ("home", 0o755, 0),
            ("home/alice", 0o700, ALICE),
            ("root", 0o700, 0),
            ("tmp", 0o1777, 0),
        ] {
            let place = state.path().join(name);
            fs::create_dir(&place).unwrap();
            fs::set_permissions(&place, fs::Permissions::from_mode(mode)).unwrap();
            chown(&place, Some(owner), Some(owner)).unwrap();
        }
        copy_packages(&state.path().join("tmp/packages"));
        // A daemon reads its settings when it starts.
        let settings = format!("substituters = file://{CACHE}\nrequire-sigs = false\n");
        fs::write(state.path().join(CACHE_CONFIG.trim_start_matches('/')), settings).unwrap();

        let (libraries, loader) = loader();
        let binds = format!("{}={PROGRAM}\n{}={LIBRARIES}", env!("CARGO_BIN_EXE_nix-loom"), libraries.display());
        let mut holder = script()
            .args(["hold", version])
            .env("NIX_ROOTS_STATE", state.path())
            .env("NIX_ROOTS_BINDS", binds)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut held = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut held).unwrap();
        assert!(held.ends_with('\n'), "the root of Nix {version} cannot be entered");

        let held = held.trim_end().to_owned();
        let mut lab = Self { version, who, prefix, loader, state, holder, daemon: None, held, variables };
        lab.daemon = (who != Who::Root).then(|| lab.start_daemon());
        lab
    }

    /// The daemon gets a socket that is open already, as systemd would give it, so nobody need wait for it to come up.
    fn start_daemon(&self) -> Child {
        let folder = self.host("/nix/var/nix/daemon-socket");
        fs::create_dir_all(&folder).unwrap();
        let socket = UnixListener::bind(folder.join("socket")).unwrap();
        fs::set_permissions(folder.join("socket"), fs::Permissions::from_mode(0o666)).unwrap();
        let take_over = "LISTEN_FDS=1 LISTEN_PID=$$ exec nix-daemon 3<&0 </dev/null";
        self.enter(Who::Root, &["NIX_CONF_DIR=/etc/nix-daemon".to_owned()])
            .args(["sh", "-c", take_over])
            .stdin(OwnedFd::from(socket))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn enter(&self, who: Who, variables: &[String]) -> Command {
        let mut command = script();
        command
            .args(["run", self.version])
            .env("NIX_ROOTS_HELD", &self.held)
            .env("NIX_ROOTS_PLACE", if who == Who::Alice { "/home/alice" } else { "/root" })
            .env("NIX_ROOTS_USER", if who == Who::Alice { "alice" } else { "root" })
            .env("NIX_ROOTS_DAEMON", if who == Who::Root { "" } else { "1" })
            .env("NIX_ROOTS_ENVIRONMENT", [variables, &self.variables].concat().join("\n"))
            .stdin(Stdio::null());
        command
    }

    /// A command inside, as whoever works here.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut variables = Vec::new();
        if self.prefix != "/nix" {
            for (name, folder) in [("STORE", "store"), ("STATE", "var/nix"), ("LOG", "var/log")] {
                variables.push(format!("NIX_{name}_DIR={}/{folder}", self.prefix));
            }
        }
        let mut command = self.enter(self.who, &variables);
        command.arg(program).args(arguments);
        command
    }

    /// The program under test. It brings its own libraries, for those of an older Debian may not do for it.
    pub fn loom_command(&self, arguments: &[&str]) -> Command {
        self.command(&self.loader, &[&["--library-path", LIBRARIES, PROGRAM], arguments].concat())
    }

    pub fn any(&self, program: &str, arguments: &[&str]) -> Answer {
        Answer::of(self.command(program, arguments).output().unwrap())
    }

    /// Runs a command that must succeed; what it printed.
    #[track_caller]
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        self.any(program, arguments).expect(&format!("Nix {} as {:?}: {program} {arguments:?}", self.version, self.who))
    }

    /// Where a path that is meant inside is on this machine. Only its place is looked at: no link is followed.
    pub fn host(&self, inside: impl AsRef<Path>) -> PathBuf {
        let path = inside.as_ref().strip_prefix("/").expect("paths inside are absolute");
        let is_own = ["nix", "home", "root", "tmp"].iter().any(|own| path.starts_with(own));
        assert!(is_own, "{} is in the root that all share", path.display());
        self.state.path().join(path)
    }

    /// What a link leads to, link after link; as it is seen inside.
    #[track_caller]
    pub fn follow(&self, link: &str) -> String {
        let mut place = PathBuf::from(link);
        for _ in 0..8 {
            match fs::read_link(self.host(&place)) {
                Ok(target) => place = place.parent().unwrap().join(target),
                Err(_) => return place.into_os_string().into_string().unwrap(),
            }
        }
        panic!("{link} leads in circles");
    }

    /// A home of whoever works here.
    pub fn home(&self) -> &'static str {
        if self.who == Who::Alice { "/home/alice" } else { "/root" }
    }

    pub fn store(&self) -> String {
        format!("{}/store", self.prefix)
    }

    /// A profile's link where such a user would have one; nothing is there yet.
    ///
    /// Root's is in the state directory, where every link is a root of the garbage collector; alice's is not.
    pub fn profile(&self, name: &str) -> String {
        let folder = match self.who {
            Who::Alice => "/home/alice/.local/state/nix/profiles".to_owned(),
            _ => format!("{}/var/nix/profiles", self.prefix),
        };
        self.run("mkdir", &["-p", &folder]);
        format!("{folder}/{name}")
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // The end of its input ends the holder, and with it all that runs inside.
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
        let _ = self.daemon.as_mut().map(Child::wait);
    }
}

impl Answer {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// What it printed; it must have succeeded.
    #[track_caller]
    pub fn expect(self, what: &str) -> String {
        assert_eq!(self.code, Some(0), "{what}\n{}{}", self.stdout, self.stderr);
        self.stdout
    }
}

/// The script, free of the variables that would change what it does.
fn script() -> Command {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/nix-roots"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NIX_ROOTS_") {
            command.env_remove(name);
        }
    }
    command
}

/// The folder of this machine's C library, and where the loader in it is seen inside.
fn loader() -> (PathBuf, String) {
    let known = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];
    let found = known.iter().find_map(|place| fs::canonicalize(place).ok()).expect("a machine with the GNU C library");
    let name = found.file_name().unwrap().to_str().unwrap();
    (found.parent().unwrap().to_owned(), format!("{LIBRARIES}/{name}"))
}

fn copy_packages(to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/packages")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        fs::set_permissions(to.join(entry.file_name()), fs::Permissions::from_mode(0o644)).unwrap();
    }
    fs::set_permissions(to, fs::Permissions::from_mode(0o755)).unwrap();
}
