//! Dry runs in the program's own store: an environment is built and linked, and the profile stays as it was.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};

use machine::{Machine, Said, names, stagings};

/// The program, started in a folder of its own.
struct Desk {
    machine: Machine,
    folder: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let machine = Machine::new();
        let folder = machine.path("desk");
        fs::create_dir(&folder).unwrap();
        Self { machine, folder }
    }

    #[track_caller]
    fn run(&self, code: i32, arguments: &[&str]) -> Said {
        let said = machine::said(&self.machine.command(arguments).current_dir(&self.folder).output().unwrap());
        assert_eq!(said.code, code, "{}{}", said.stdout, said.stderr);
        said
    }

    fn link(&self, name: &str) -> Option<PathBuf> {
        fs::read_link(self.folder.join(name)).ok()
    }

    /// All that there is of the profile, and when each of it was changed.
    fn profile(&self) -> Vec<(String, PathBuf, std::time::SystemTime)> {
        let folder = self.machine.profile().parent().unwrap().to_owned();
        let of = |name: String| {
            let path = folder.join(&name);
            (name, fs::read_link(&path).unwrap_or_default(), fs::symlink_metadata(&path).unwrap().modified().unwrap())
        };
        names(&folder).into_iter().map(of).collect()
    }
}

#[test]
fn what_is_built_is_what_apply_then_makes_current_and_the_profile_is_not_touched() {
    let desk = Desk::new();
    let first = desk.run(0, &["build", "--with", "zlib"]);
    assert!(!desk.machine.profile().parent().unwrap().exists(), "not even the folder of a profile is made");
    assert_eq!(desk.link("result").unwrap(), Path::new(first.stdout.trim()));
    assert!(desk.folder.join("result/lib/libz.so").exists());

    desk.run(0, &["apply", "zlib", "nodejs_18"]);
    assert_ne!(desk.machine.profile().canonicalize().unwrap(), desk.link("result").unwrap());
    let before = desk.profile();
    let changes = ["nodejs_20", "-nodejs_18", "zlib:priority=7"];
    let built = desk.run(0, &[&["build", "--out-link", "next", "--with"], &changes[..]].concat());
    assert_eq!(desk.profile(), before);
    let path = PathBuf::from(built.stdout.strip_suffix('\n').unwrap());
    assert!(path.starts_with(desk.machine.store()), "the path alone is printed: {}", built.stdout);
    assert_eq!(
        built.stderr,
        format!("nix-loom: {} leads to it; the profile is as it was\n", desk.folder.join("next").display())
    );
    desk.run(0, &[&["apply"], &changes[..]].concat());
    assert_eq!(desk.machine.profile().canonicalize().unwrap(), path);
    assert_eq!(names(&desk.folder), ["next", "result"]);
}

#[test]
fn the_document_tells_path_link_and_plan() {
    let desk = Desk::new();
    let read = |said: Said| serde_json::from_str::<serde_json::Value>(&said.stdout).unwrap();
    let told = read(desk.run(0, &["build", "--json", "--with", "zlib^out,dev"]));
    assert_eq!(told["path"], desk.link("result").unwrap().to_str().unwrap());
    assert_eq!(told["link"], desk.folder.join("result").to_str().unwrap());
    assert_eq!(told["builds"], true);
    let added = told["added"].as_array().unwrap();
    assert!(added.iter().any(|path| path == "include/zlib.h"), "{added:?}");
    let told = read(desk.run(0, &["build", "--json", "--no-out-link", "--with", "git"]));
    assert!(told["link"].is_null() && Path::new(told["path"].as_str().unwrap()).join("bin/git").exists());
    assert_eq!(names(&desk.folder), ["result"]);
}

#[test]
fn its_files_are_told_as_those_of_the_profile_are_once_it_is_applied() {
    let desk = Desk::new();
    let changes = ["zlib^out,dev:priority=7", "git", "nodejs_20", "ffmpeg^*", "gcc:priority=9"];
    let built = desk.run(0, &[&["build", "--with"], &changes[..]].concat());
    let files = desk.run(0, &["files", "--built", "result", "--json"]).stdout;
    assert_eq!(desk.run(0, &["files", "--json", "--built", built.stdout.trim()]).stdout, files, "by its path, too");
    desk.run(0, &[&["apply"], &changes[..]].concat());
    let read = |text: &str| serde_json::from_str::<Vec<serde_json::Value>>(text).unwrap();
    let (of_built, of_profile) = (read(&files), read(&desk.run(0, &["files", "--json"]).stdout));
    assert!(of_built.len() > 50);
    for (built, installed) in of_built.iter().zip(&of_profile) {
        // What lies there does not tell who else wanted a path.
        for key in ["path", "kind", "size", "mode", "package", "output", "source", "target"] {
            assert_eq!(built[key], installed[key], "{key} of {built}");
        }
    }
    assert_eq!(of_built.len(), of_profile.len());
    let said = desk.run(1, &["files", "--built", "/tmp"]);
    assert!(said.stderr.contains("/tmp leads to /tmp, which is no path of the store"), "{}", said.stderr);
    symlink("nowhere", desk.folder.join("broken")).unwrap();
    let said = desk.run(1, &["files", "--built", "broken"]);
    assert!(said.stderr.contains("broken: it cannot be followed"), "{}", said.stderr);
}

#[test]
fn collisions_are_refused_and_the_old_link_stays() {
    let desk = Desk::new();
    desk.run(0, &["apply", "nodejs_18"]);
    desk.run(0, &["build", "--with", "zlib"]);
    let (link, before) = (desk.link("result"), desk.profile());
    let refused = desk.run(3, &["build", "--with", "nodejs_20"]);
    assert!(refused.stdout.contains("bin/node"), "{}", refused.stdout);
    assert!(refused.stdout.contains("refused, and nothing was made: "), "{}", refused.stdout);
    assert!(refused.stdout.contains("-nodejs_18"), "the way out is told: {}", refused.stdout);
    let refused = desk.run(3, &["build", "--with", "nodejs_20", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
    assert!(told["path"].is_null() && told["link"].is_null());
    assert_eq!(told["builds"], false);
    assert!(!told["collisions"].as_array().unwrap().is_empty());
    assert_eq!((desk.link("result"), desk.profile()), (link, before));
}

#[test]
fn what_is_no_result_of_a_build_stays_and_the_way_out_is_told() {
    let desk = Desk::new();
    fs::write(desk.folder.join("result"), "mine").unwrap();
    let said = desk.run(1, &["build", "--with", "zlib"]);
    assert!(said.stderr.contains("result is there already and is no link, so it stays; remove it"), "{}", said.stderr);
    assert_eq!(fs::read(desk.folder.join("result")).unwrap(), b"mine");
    assert_eq!(names(&desk.machine.store()), [""; 0], "told before anything is made");
    symlink("elsewhere", desk.folder.join("away")).unwrap();
    let said = desk.run(1, &["build", "--with", "zlib", "--out-link", "away"]);
    assert!(said.stderr.contains("away leads to elsewhere, which is no path of the store"), "{}", said.stderr);
    let said = desk.run(1, &["build", "--with", "zlib", "--out-link", "none/result"]);
    assert!(said.stderr.contains("none: there is no such folder"), "{}", said.stderr);
    desk.run(0, &["apply", "git"]);
    let profile = desk.machine.profile();
    let before = desk.profile();
    for name in ["profile", "profile-1-link", "profile-9-link"] {
        let place = profile.with_file_name(name);
        let said = desk.run(1, &["build", "--with", "zlib", "--out-link", place.to_str().unwrap()]);
        assert!(said.stderr.contains("belongs to the profile"), "{}", said.stderr);
    }
    assert_eq!(desk.profile(), before);
}

#[test]
fn hostile_names_of_links_are_taken_as_they_are() {
    let desk = Desk::new();
    for name in ["-x", "a b", "\u{1b}[31m", "é\n", "*", ".nix-loom-staging-1-0", "--", "$(x)"] {
        let said = desk.run(0, &["build", "--with", "tree", &format!("--out-link={name}")]);
        assert_eq!(desk.link(name).unwrap(), Path::new(said.stdout.trim()), "{name:?}");
        // Once more over the same.
        desk.run(0, &["build", "--with", "jq", &format!("--out-link={name}")]);
        assert!(desk.folder.join(name).join("bin/jq").exists(), "{name:?}");
    }
    assert_eq!(names(&desk.folder).len(), 8);
    desk.run(2, &["build", "--with", "tree", "--out-link="]);
    for name in [".", "..", "/"] {
        let said = desk.run(1, &["build", "--with", "tree", &format!("--out-link={name}")]);
        assert!(said.stderr.contains("names no place for a link"), "{}", said.stderr);
    }
}

#[test]
fn usage_that_cannot_mean_anything_is_refused() {
    let desk = Desk::new();
    for arguments in [
        &["build"][..],
        &["build", "--with"],
        &["build", "spec.json", "--with", "zlib"],
        &["build", "spec.json", "--out-link", "x"],
        &["build", "--with", "zlib", "--out", "x"],
        &["build", "--with", "zlib", "--dry-run"],
        &["build", "--with", "zlib", "--no-out-link", "--out-link", "x"],
    ] {
        desk.run(2, arguments);
    }
    assert_eq!(names(&desk.folder), [""; 0]);
}

#[test]
fn killed_at_any_moment_the_link_is_the_old_one_or_the_new_one() {
    let desk = Desk::new();
    desk.run(0, &["build", "--with", "zlib"]);
    let old = desk.link("result").unwrap();
    let mut seen_old = 0;
    for round in 1..6 {
        // Others each time, so that something is made each time.
        let packages = [["git", "curl"], ["ffmpeg", "jq"], ["openssl", "tree"], ["gzip", "vim"], ["gcc", "wget"]];
        let changes = [&["build", "--with"][..], &packages[round - 1]].concat();
        let before = names(&desk.machine.store()).len();
        let mut child = desk.machine.command(&changes).current_dir(&desk.folder).spawn().unwrap();
        let ended = loop {
            if names(&desk.machine.store()).len() > before + round - 1 {
                child.kill().unwrap();
            }
            if let Some(ended) = child.try_wait().unwrap() {
                break ended;
            }
            std::thread::yield_now();
        };
        let now = desk.link("result").unwrap();
        assert!(now.join("manifest.json").exists(), "it leads to something whole");
        assert!(ended.success() || ended.signal().is_some(), "it is done or killed: {ended}");
        if ended.signal().is_some() && now == old {
            seen_old += 1;
        }
        assert!(!desk.machine.profile().exists());
        desk.run(0, &["build", "--with", "zlib"]);
        assert_eq!(desk.link("result").unwrap(), old);
        assert_eq!(stagings(&desk.folder), [""; 0], "what was left goes with the next build");
        assert_eq!(names(&desk.folder), ["result"]);
    }
    assert!(seen_old > 0, "no kill came in time");
}

#[test]
fn of_several_at_once_each_makes_its_own_and_one_has_the_link() {
    let desk = Desk::new();
    let packages = ["zlib", "gzip", "git", "jq", "curl", "tree"];
    for _ in 0..2 {
        let start = |name: &&str| desk.machine.command(&["build", "--with", name]).current_dir(&desk.folder).spawn();
        let started: Vec<_> = packages.iter().map(|name| start(name).unwrap()).collect();
        let said: Vec<_> = started.into_iter().map(|it| machine::said(&it.wait_with_output().unwrap())).collect();
        assert!(said.iter().all(|said| said.code == 0), "{:?}", said.iter().map(|it| &it.stderr).collect::<Vec<_>>());
        let link = desk.link("result").unwrap();
        assert!(said.iter().any(|said| Path::new(said.stdout.trim()) == link));
        assert_eq!(names(&desk.folder), ["result"]);
    }
}
