//! Killed at any moment, out of room, several at once: the old generation stays current, and nothing is left over.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use machine::{Machine, names, said, stagings};

#[test]
fn a_killed_apply_leaves_the_old_generation_and_the_next_start_clean() {
    let changes = ["apply", "git", "ffmpeg", "curl", "-zlib"];
    let mut killed_before_the_switch = 0;
    // Each time it is killed later: once more outputs are there, and another one is being made.
    for outputs in 1..5 {
        let machine = Machine::new();
        let profile = machine.profile();
        let profiles = profile.parent().unwrap();
        machine.run(0, &["apply", "zlib"]);
        let mut child = machine.start(&changes);
        let ended = loop {
            let present = names(&machine.store());
            let is_at_work = present.iter().any(|name| name.starts_with('.'));
            if is_at_work && present.len() > outputs + 1 {
                child.kill().unwrap();
            }
            if let Some(ended) = child.try_wait().unwrap() {
                break ended;
            }
            std::thread::yield_now();
        };
        let is_switched = link(profiles).as_deref() != Some("profile-1-link");
        if ended.signal().is_some() && !is_switched {
            killed_before_the_switch += 1;
            assert_eq!(machine.installed(), ["zlib"]);
            assert_eq!(stagings(&machine.store()), [""; 0], "what was left is removed by the next start");
            assert!(machine.profile().join("lib").exists());
            machine.run(0, &changes);
        }
        // Whatever was there already is whole: it was made at once.
        assert_eq!(machine.installed(), ["curl", "ffmpeg", "git"]);
        assert_eq!(machine.json(&["diff", "1", "2"])["packages"]["removed"][0]["name"], "zlib");
        assert!(machine.profile().join("bin/git").is_file() && !machine.profile().join("lib/libz.so").exists());
        assert_eq!(
            names(profiles),
            ["profile", "profile-1-link", "profile-2-link"],
            "no lock and no temporary link is left"
        );
    }
    assert!(killed_before_the_switch > 0, "no kill came in time");
}

#[test]
fn what_a_program_killed_while_switching_left_is_taken_up_by_the_next_one() {
    let machine = Machine::new();
    machine.run(0, &["apply", "zlib"]);
    let profiles = machine.profile().parent().unwrap().to_owned();
    let made = machine.json(&["apply", "gzip"]);
    assert_eq!(made["generation"], 2);
    // As it is when the program dies right before the switch: lock, generation and temporary link are there.
    for (target, link) in [("profile-1-link", "profile"), ("profile-2-link", ".profile.nix-loom-new")] {
        let _ = fs::remove_file(profiles.join(link));
        std::os::unix::fs::symlink(target, profiles.join(link)).unwrap();
    }
    fs::write(profiles.join("profile.lock"), "").unwrap();
    assert_eq!(machine.installed(), ["zlib"]);
    assert_eq!(machine.json(&["apply", "gzip"])["generation"], 2, "the generation that was made is the one wanted");
    assert_eq!(machine.installed(), ["gzip", "zlib"]);
    assert_eq!(names(&profiles), ["profile", "profile-1-link", "profile-2-link"]);
}

#[test]
fn of_several_at_once_each_succeeds_or_says_that_it_was_overtaken() {
    let machine = Machine::new();
    let all = ["zlib", "gzip", "git", "jq", "curl", "tree"];
    let mut missing: BTreeSet<&str> = all.into();
    while !missing.is_empty() {
        let started: Vec<_> = missing.iter().map(|name| (*name, machine.start(&["apply", name]))).collect();
        let before = missing.len();
        for (name, child) in started {
            let said = said(&child.wait_with_output().unwrap());
            if said.code == 0 {
                missing.remove(name);
            } else {
                assert_eq!(said.code, 1, "{}", said.stderr);
                assert!(said.stderr.contains("was changed by another program meanwhile"), "{}", said.stderr);
            }
        }
        assert!(missing.len() < before, "one of them is the first");
        let done: Vec<_> = all.into_iter().filter(|name| !missing.contains(name)).collect();
        assert_eq!(
            machine.installed().into_iter().collect::<BTreeSet<_>>(),
            done.iter().map(ToString::to_string).collect()
        );
        let generations = machine.json(&["generations"]);
        let numbers: Vec<_> = generations.as_array().unwrap().iter().map(|it| it["number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=done.len() as u64).collect::<Vec<_>>(), "one for each that succeeded");
        assert_eq!(names(machine.profile().parent().unwrap()).len(), 1 + done.len(), "no lock is left");
    }
    for number in 2..=all.len() {
        let difference = machine.json(&["diff", &(number - 1).to_string(), &number.to_string()]);
        let packages = &difference["packages"];
        let count = |key: &str| packages[key].as_array().unwrap().len();
        assert_eq!((count("added"), count("removed"), count("changed")), (1, 0, 0), "each adds to the one before");
    }
    assert_eq!(stagings(&machine.store()), [""; 0]);
}

#[test]
fn of_several_builds_to_one_place_one_wins_and_the_others_say_that_it_is_taken() {
    let machine = Machine::new();
    for package in ["a", "b"] {
        for number in 0..400 {
            let directory = machine.path(format!("{package}/d{number}"));
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join(package), "").unwrap();
        }
    }
    let spec = machine.path("spec.json");
    let packages = ["a", "b"].map(|package| serde_json::json!({ "paths": [machine.path(package)] }));
    fs::write(&spec, serde_json::json!({ "packages": packages }).to_string()).unwrap();
    let out = machine.path("out");
    let arguments = ["build", spec.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let started: Vec<_> = (0..4).map(|_| machine.start(&arguments)).collect();
    let ended: Vec<_> = started.into_iter().map(|child| said(&child.wait_with_output().unwrap())).collect();
    assert_eq!(ended.iter().filter(|said| said.code == 0).count(), 1);
    for said in ended.iter().filter(|said| said.code != 0) {
        assert!(said.code == 1 && said.stderr.contains("out exists already"), "{}", said.stderr);
    }
    assert_eq!(names(&out).len(), 400);
    assert_eq!(names(&out.join("d399")), ["a", "b"]);
    assert_eq!(names(&machine.path("")), ["a", "b", "out", "spec.json"]);
}

/// A file system in memory that only programs in its mount namespace see; it goes with the shell that holds it.
struct SmallDisk {
    shell: Child,
    input: Option<ChildStdin>,
    enter: Vec<String>,
    place: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(options: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let is_root = rustix::process::geteuid().is_root();
        let (unshare, nsenter): (&[&str], &[&str]) =
            if is_root { (&["-m"], &["-m"]) } else { (&["-r", "-m"], &["-U", "-m", "--preserve-credentials"]) };
        let script = "mount -t tmpfs -o \"$1\" tmpfs \"$2\" && echo mounted && read -r _";
        let mut shell = Command::new("unshare")
            .args(unshare)
            .args(["sh", "-c", script, "sh", options])
            .arg(place.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let input = shell.stdin.take();
        let target = format!("--target={}", shell.id());
        let enter = ["nsenter", &target].into_iter().chain(nsenter.iter().copied()).map(str::to_owned).collect();
        let disk = Self { shell, input, enter, place };
        let is_usable = line == "mounted\n" && disk.look().join(".").is_dir();
        if !is_usable {
            // Not `eprintln!`, which is heard only of tests that fail.
            let _ = writeln!(std::io::stderr(), "skipped: this user may not mount");
        }
        is_usable.then_some(disk)
    }

    /// The machine whose home, store and profile are on it.
    fn machine(&self) -> Machine {
        Machine::within(self.place.path().to_owned(), self.enter.clone())
    }

    /// Where this process sees what is on it.
    fn look(&self) -> PathBuf {
        let place = self.place.path().strip_prefix("/").unwrap();
        Path::new("/proc").join(self.shell.id().to_string()).join("root").join(place)
    }

    /// Takes all inodes by empty files; gives the files.
    fn fill_with_files(&self) -> Vec<PathBuf> {
        let files = (0..).map(|number| self.look().join(format!("ballast-{number}")));
        files.take_while(|file| fs::write(file, "").is_ok()).collect()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.shell.wait();
    }
}

#[test]
fn a_full_disk_fails_an_apply_cleanly_at_every_amount_of_room() {
    let Some(disk) = SmallDisk::mount("size=2m") else { return };
    let machine = disk.machine();
    machine.run(0, &["apply", "zlib"]);
    let (store, profiles) = (disk.look().join("data/nix-loom/store"), disk.look().join("state/nix-loom/profiles"));
    let (stored, links) = (names(&store), names(&profiles));
    let ballast = disk.look().join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    let full = file.metadata().unwrap().len();

    let mut failures = 0;
    let mut room = 0;
    loop {
        file.set_len(full.saturating_sub(room)).unwrap();
        let said = machine.any(&["apply", "git", "curl"]);
        if said.code == 0 {
            break;
        }
        failures += 1;
        assert_eq!(said.code, 1, "{}", said.stderr);
        assert!(
            said.stderr.contains("No space left") && said.stderr.contains(machine.path("").to_str().unwrap()),
            "{}",
            said.stderr
        );
        assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
        assert_eq!(machine.installed(), ["zlib"]);
        assert_eq!(names(&profiles), links);
        let whole = |name: &String| !name.starts_with('.');
        assert!(names(&store).iter().all(whole) && stored.iter().all(|name| names(&store).contains(name)));
        room = (room * 2).max(4096);
        assert!(room < 2 << 20, "{}", said.stderr);
    }
    assert!(failures > 1, "there was room for all at once");
    assert_eq!(machine.installed(), ["curl", "git", "zlib"]);
    assert_eq!(machine.json(&["generations"]).as_array().unwrap().len(), 2);
}

#[test]
fn a_profile_without_room_for_its_links_stays_as_it_is() {
    let Some(disk) = SmallDisk::mount("size=8m,nr_inodes=64") else { return };
    let machine = disk.machine();
    machine.run(0, &["apply", "zlib"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let data = elsewhere.path().to_str().unwrap().to_owned();
    let profiles = disk.look().join("state/nix-loom/profiles");
    let (links, mut files) = (names(&profiles), disk.fill_with_files());
    let apply = || {
        let output = machine.command(&["apply", "gzip"]).env("XDG_DATA_HOME", &data).output().unwrap();
        said(&output)
    };
    // The lock, the generation's link and the link that replaces the profile's want one inode each.
    let mut failures = 0;
    let done = loop {
        let said = apply();
        if said.code == 0 {
            break said;
        }
        failures += 1;
        assert!(said.code == 1 && said.stderr.contains("No space left"), "{}", said.stderr);
        assert!(said.stderr.contains(machine.profile().parent().unwrap().to_str().unwrap()), "{}", said.stderr);
        assert_eq!(names(&profiles), links);
        assert_eq!(link(&profiles).as_deref(), Some("profile-1-link"));
        fs::remove_file(files.pop().unwrap()).unwrap();
    };
    assert_eq!(failures, 3, "{}", done.stderr);
    assert_eq!(link(&profiles).as_deref(), Some("profile-2-link"));
    assert_eq!(names(&profiles), ["profile", "profile-1-link", "profile-2-link"]);
}

fn link(profiles: &Path) -> Option<String> {
    Some(fs::read_link(profiles.join("profile")).ok()?.to_str().unwrap().to_owned())
}

#[test]
fn a_build_without_room_leaves_nothing() {
    let Some(disk) = SmallDisk::mount("size=1m,nr_inodes=64") else { return };
    let machine = disk.machine();
    let sources = Machine::new();
    for package in ["a", "b"] {
        fs::create_dir_all(sources.path(package).join("bin")).unwrap();
        fs::write(sources.path(package).join("bin").join(package), "").unwrap();
    }
    let spec = sources.path("spec.json");
    let packages = ["a", "b"].map(|package| serde_json::json!({ "paths": [sources.path(package)] }));
    fs::write(&spec, serde_json::json!({ "packages": packages }).to_string()).unwrap();
    let mut files = disk.fill_with_files();
    let out = machine.path("out");
    let mut failures = 0;
    loop {
        let said = machine.any(&["build", spec.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        if said.code == 0 {
            break;
        }
        failures += 1;
        assert!(said.code == 1 && said.stderr.contains("No space left"), "{}", said.stderr);
        assert!(said.stderr.contains(machine.path("").to_str().unwrap()), "{}", said.stderr);
        assert!(names(&disk.look()).iter().all(|name| name.starts_with("ballast")));
        fs::remove_file(files.pop().unwrap()).unwrap();
    }
    assert_eq!(failures, 4, "the directory, bin and two links");
    assert_eq!(names(&disk.look().join("out/bin")), ["a", "b"]);
}

#[test]
fn a_dry_run_without_room_for_its_link_leaves_the_old_one() {
    let Some(disk) = SmallDisk::mount("size=8m,nr_inodes=64") else { return };
    let elsewhere = Machine::new();
    let machine = disk.machine();
    let place = machine.path("result");
    let build = |package: &str| {
        let mut command = machine.command(&["build", "--out-link", place.to_str().unwrap(), "--with", package]);
        for (name, folder) in [("XDG_DATA_HOME", "data"), ("XDG_STATE_HOME", "state"), ("XDG_CACHE_HOME", "cache")] {
            command.env(name, elsewhere.path(folder));
        }
        said(&command.output().unwrap())
    };
    assert_eq!(build("zlib").code, 0);
    let old = fs::read_link(disk.look().join("result")).unwrap();
    let mut files = disk.fill_with_files();
    // A folder and a link in it, which then takes the old one's place.
    let mut failures = 0;
    loop {
        let said = build("gzip");
        if said.code == 0 {
            break;
        }
        failures += 1;
        assert!(
            said.code == 1 && said.stderr.contains("result: the link cannot be made: No space left"),
            "{}",
            said.stderr
        );
        assert_eq!(fs::read_link(disk.look().join("result")).unwrap(), old);
        assert!(names(&disk.look()).iter().all(|name| name == "result" || name.starts_with("ballast")));
        fs::remove_file(files.pop().unwrap()).unwrap();
    }
    assert_eq!(failures, 2);
    assert_ne!(fs::read_link(disk.look().join("result")).unwrap(), old);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_built() {
    let Some(disk) = SmallDisk::mount("ro") else { return };
    let elsewhere = Machine::new();
    let machine = disk.machine();
    let mut command =
        machine.command(&["build", "--out-link", machine.path("result").to_str().unwrap(), "--with", "zlib"]);
    for (name, folder) in [("XDG_DATA_HOME", "data"), ("XDG_STATE_HOME", "state"), ("XDG_CACHE_HOME", "cache")] {
        command.env(name, elsewhere.path(folder));
    }
    let said = said(&command.output().unwrap());
    assert!(
        said.code == 1 && said.stderr.contains("nothing can be written in this folder (Read-only"),
        "{}",
        said.stderr
    );
    assert_eq!(names(&elsewhere.store()), [""; 0]);
}
