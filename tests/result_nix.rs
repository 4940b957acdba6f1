//! Dry runs with a real Nix: what is built is what Nix builds and what `apply` makes current, and its link keeps it.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use machine::Said;
use support::nix::{Nix, succeed};

const ENVIRONMENT: &str = "with import <nixpkgs> { };
buildEnv {
  name = \"myproject_env\";
  paths = [ libjpeg zlib ffmpeg nodejs ];
  extraOutputsToInstall = [ \"dev\" ];
}
";

/// A store of its own, a folder from which programs are started, and the packages of the tutorial.
struct Desk {
    nix: Nix,
}

impl Desk {
    fn or_skip() -> Option<Self> {
        let nix = Nix::or_skip()?;
        fs::create_dir(nix.path("desk")).unwrap();
        Some(Self { nix })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.nix.path("desk").join(name)
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let nixpkgs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tutorial/nixpkgs");
        let mut command = self.nix.command(program);
        command.args(arguments).current_dir(self.nix.path("desk"));
        command.env("NIX_PATH", format!("nixpkgs={}", nixpkgs.display()));
        command
            .env("XDG_CACHE_HOME", self.nix.path("cache"))
            .env_remove("NIX_LOOM_CONFIG")
            .env_remove("NIX_LOOM_STORE");
        command
    }

    fn loom_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_nix-loom"), &["--source", "nixpkgs=<nixpkgs>"]);
        command.args(arguments);
        command
    }

    #[track_caller]
    fn loom(&self, code: i32, arguments: &[&str]) -> Said {
        let said = machine::said(&self.loom_command(arguments).output().unwrap());
        assert_eq!(said.code, code, "{arguments:?}\n{}{}", said.stdout, said.stderr);
        said
    }

    #[track_caller]
    fn run(&self, program: &str, arguments: &[&str]) -> String {
        String::from_utf8(succeed(&mut self.command(program, arguments)).stdout).unwrap().trim_end().to_owned()
    }

    fn link(&self, name: &str) -> PathBuf {
        fs::read_link(self.path(name)).unwrap()
    }

    fn collect(&self) {
        self.run("nix-store", &["--gc"]);
    }

    /// All links of the user's profiles.
    fn profiles(&self) -> Vec<String> {
        let listed = self.command("find", &["../home", "-name", "*profile*"]).output().unwrap();
        String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_file_is_built_as_nix_build_builds_it_and_kept_as_long_as_its_link_is_there() {
    let Some(desk) = Desk::or_skip() else { return };
    desk.write("myproject_env.nix", ENVIRONMENT);
    let built = desk.loom(0, &["build", "--file", "myproject_env.nix"]);
    let path = PathBuf::from(built.stdout.trim());
    assert_eq!(desk.link("result"), path);
    assert_eq!(desk.profiles(), [""; 0], "there is no profile, and none is made");
    desk.collect();
    assert!(path.join("include/zlib.h").exists(), "what it shows is kept, too");
    let by_nix = desk.run("nix-build", &["--out-link", "by-nix", "myproject_env.nix"]);
    assert_eq!(Path::new(&by_nix), path);

    let files = desk.loom(0, &["files", "--built", "result"]).stdout;
    assert!(files.lines().any(|line| line.starts_with("include/zlib.h ") && line.ends_with("zlib dev")), "{files}");
    assert_eq!(desk.loom(0, &["files", "--built", "by-nix"]).stdout, files, "nix-build's own link serves as well");

    fs::remove_file(desk.path("result")).unwrap();
    desk.collect();
    assert!(path.exists(), "the other link keeps it");
    fs::remove_file(desk.path("by-nix")).unwrap();
    desk.collect();
    assert!(!path.exists());
    let said = desk.loom(1, &["files", "--built", "result"]);
    assert!(said.stderr.contains("result: it cannot be followed"), "{}", said.stderr);
}

#[test]
fn any_package_and_any_folder_can_be_built_but_not_a_set() {
    let Some(desk) = Desk::or_skip() else { return };
    desk.write("zlib.nix", "(import <nixpkgs> { }).zlib");
    desk.loom(0, &["build", "--file", "zlib.nix"]);
    assert!(desk.path("result/lib/libz.so").exists());
    fs::create_dir(desk.path("folder")).unwrap();
    desk.write("folder/default.nix", ENVIRONMENT);
    let told = desk.loom(0, &["build", "--json", "--file", "folder", "--out-link", "folder/result"]).stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["path"], desk.link("folder/result").to_str().unwrap());
    assert_eq!(told["link"], desk.path("folder").canonicalize().unwrap().join("result").to_str().unwrap());
    desk.write("set.nix", "{ inherit (import <nixpkgs> { }) zlib jq; }");
    let said = desk.loom(1, &["build", "--file", "set.nix"]);
    assert!(said.stderr.contains("it is several packages, and no single one"), "{}", said.stderr);
    let said = desk.loom(1, &["build", "--file", "gone.nix"]);
    assert!(said.stderr.contains("gone.nix"), "{}", said.stderr);
}

#[test]
fn what_cannot_be_built_leaves_the_old_link_and_gives_the_reason_of_nix() {
    let Some(desk) = Desk::or_skip() else { return };
    desk.write("myproject_env.nix", ENVIRONMENT).loom(0, &["build", "--file", "myproject_env.nix"]);
    let before = desk.link("result");
    desk.write("syntax.nix", "with import <nixpkgs> { };\nbuildEnv {\n  paths = [ zlib ;\n}\n");
    desk.write("missing.nix", &ENVIRONMENT.replace("ffmpeg", "ffmpegg"));
    desk.write(
        "fails.nix",
        "derivation { name = \"fails\"; system = builtins.currentSystem; builder = \"/bin/sh\"; \
                             args = [ \"-c\" \"echo the reason >&2; exit 7\" ]; }",
    );
    for (file, reason) in [("syntax.nix", "syntax error"), ("missing.nix", "ffmpegg"), ("fails.nix", "fails")] {
        let said = desk.loom(1, &["build", "--file", file]);
        assert!(said.stderr.contains(reason), "{file}: {}", said.stderr);
        assert_eq!(desk.link("result"), before, "{file}");
    }
    assert_eq!(desk.profiles(), [""; 0]);
}

#[test]
fn an_environment_that_collides_in_itself_is_refused_with_all_of_it_before_anything_is_built() {
    let Some(desk) = Desk::or_skip() else { return };
    let rival = "with import <nixpkgs> { };\nlet rival = derivation { name = \"rival-2\"; system = builtins.currentSystem;
        builder = \"/bin/sh\"; PATH = \"/bin:/usr/bin\";
        args = [ \"-c\" \"mkdir -p $out/lib $out/share/man/man3; echo rival | tee $out/lib/libz.so >$out/share/man/man3/zlib.3\" ];
      } // { meta = { }; };\nin ";
    let collides = format!("{rival}buildEnv {{ name = \"collides\"; paths = [ zlib rival ]; }}");
    desk.write("packages.nix", &format!("{rival}[ zlib rival ]")).write("collides.nix", &collides);
    desk.write("mended.nix", &collides.replace("paths", "postBuild = \"rm $out/lib/libz.so\"; paths"));
    // What is in it has to be here to be known.
    desk.run("nix-build", &["--no-out-link", "packages.nix"]);
    let said = desk.loom(3, &["build", "--file", "collides.nix"]);
    assert!(said.stdout.contains("lib/libz.so") && said.stdout.contains("share/man/man3/zlib.3"), "{}", said.stdout);
    assert!(said.stdout.contains("collides is refused by its own builder, and nothing was made: "), "{}", said.stdout);
    let told = desk.loom(3, &["build", "--json", "--file", "collides.nix"]).stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["path"], &told["builds"], &told["rules"]),
        (&serde_json::Value::Null, &false.into(), &"nixpkgs".into())
    );
    assert_eq!(told["collisions"].as_array().unwrap().len(), 2);
    assert!(fs::symlink_metadata(desk.path("result")).is_err());
    assert!(!desk.command("nix-build", &["collides.nix"]).output().unwrap().status.success(), "Nix refuses it, too");
    // Nobody can tell what those commands would do, so the builder is asked.
    let said = desk.loom(1, &["build", "--file", "mended.nix"]);
    assert!(said.stderr.contains("mended.nix") || said.stderr.contains("collides"), "{}", said.stderr);
}

#[test]
fn changes_are_built_at_the_path_that_apply_then_makes_current_in_both_kinds_of_profile() {
    let Some(desk) = Desk::or_skip() else { return };
    for kind in ["nix-env", "nix-profile"] {
        let profile = desk.nix.path(&format!("home/{kind}"));
        let with = |arguments: &[&'static str]| -> Vec<String> {
            let mut all = vec!["--profile".to_owned(), profile.to_str().unwrap().to_owned()];
            all.extend(arguments.iter().map(ToString::to_string));
            all
        };
        let loom = |arguments: &[&'static str]| {
            let all = with(arguments);
            desk.loom(0, &all.iter().map(String::as_str).collect::<Vec<_>>())
        };
        loom(&["apply", "zlib", "jq"]);
        loom(&["convert", kind]);
        let before = (fs::read_link(&profile).unwrap(), desk.profiles());
        loom(&["build", "--with", "zlib^out,dev:priority=4", "-jq", "nodejs"]);
        let path = desk.link("result");
        assert_eq!((fs::read_link(&profile).unwrap(), desk.profiles()), before, "{kind}");
        desk.collect();
        assert!(path.join("include/zlib.h").exists() && path.join("bin/node").exists(), "{kind}");
        // With nothing but the link between, it is still the same.
        loom(&["apply", "zlib^out,dev:priority=4", "-jq", "nodejs"]);
        assert_eq!(profile.canonicalize().unwrap(), path, "{kind}");
        loom(&["rollback"]);
        fs::remove_file(desk.path("result")).unwrap();
    }
}

#[test]
fn without_a_link_it_is_built_and_nothing_keeps_it() {
    let Some(desk) = Desk::or_skip() else { return };
    let built = desk.loom(0, &["build", "--no-out-link", "--with", "zlib"]);
    assert!(built.stderr.contains("no link keeps it from a garbage collection"), "{}", built.stderr);
    let path = PathBuf::from(built.stdout.trim());
    assert!(path.join("lib/libz.so").exists());
    desk.collect();
    assert!(!path.exists());
}

/// Builds until its pipe is written to; `begun` says when.
const WAITS: &str = "derivation { name = \"waits\"; system = builtins.currentSystem; builder = \"/bin/sh\";
  args = [ \"-c\" \"echo begun >PLACE/begun; read line <PLACE/go; echo $line >$out\" ]; }";

#[test]
fn killed_while_nix_builds_the_old_link_stays_and_the_next_build_is_whole() {
    let Some(desk) = Desk::or_skip() else { return };
    desk.loom(0, &["build", "--with", "zlib"]);
    let before = desk.link("result");
    for name in ["begun", "go"] {
        succeed(Command::new("mkfifo").arg(desk.path(name)));
    }
    desk.write("waits.nix", &WAITS.replace("PLACE", desk.path("").to_str().unwrap().trim_end_matches('/')));
    let mut child = start(&desk, &["build", "--file", "waits.nix"]);
    let mut begun = String::new();
    fs::File::open(desk.path("begun")).unwrap().read_to_string(&mut begun).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(desk.link("result"), before);
    // What the kill left to wait goes on without anybody, or goes: either way the next build is a whole one.
    let mut again = start(&desk, &["build", "--file", "waits.nix"]);
    let ended = loop {
        // A builder that is gone opens no pipe: not to wait for it, this one is opened for both.
        let pipe = fs::OpenOptions::new().read(true).write(true).open(desk.path("go")).unwrap();
        let _ = std::io::Write::write_all(&mut &pipe, b"go\n");
        let _begun = fs::OpenOptions::new().read(true).write(true).open(desk.path("begun")).unwrap();
        if let Some(ended) = again.try_wait().unwrap() {
            break ended;
        }
        std::thread::yield_now();
    };
    assert!(ended.success());
    assert_ne!(desk.link("result"), before);
    assert_eq!(fs::read_to_string(desk.path("result")).unwrap(), "go\n");
}

fn start(desk: &Desk, arguments: &[&str]) -> Child {
    desk.loom_command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_store_that_cannot_keep_it_leaves_the_old_link() {
    let Some(desk) = Desk::or_skip() else { return };
    desk.loom(0, &["build", "--with", "zlib"]);
    let before = desk.link("result");
    // Where Nix notes roots there is something else.
    let roots = desk.nix.path("state/gcroots/auto");
    fs::remove_dir_all(&roots).unwrap();
    symlink("/proc/nowhere", &roots).unwrap();
    let said = desk.loom(1, &["build", "--with", "jq"]);
    assert!(said.stderr.contains("the store does not keep what is built for the link"), "{}", said.stderr);
    assert_eq!(desk.link("result"), before);
    let said = desk.loom(1, &["build", "--with", "jq", "--out-link", "new"]);
    assert!(said.stderr.contains("the link stays as it was"), "{}", said.stderr);
    assert!(fs::symlink_metadata(desk.path("new")).is_err());
}
