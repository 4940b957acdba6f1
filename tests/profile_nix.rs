//! A real Nix works on the generations and manifests that are made here, and both respect one lock.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix_loom::profile::manifest::convert;
use nix_loom::profile::{Element, JsonVersion, Lock, ManifestKind, Profile, nix_env, nix_profile};
use support::nix::Nix;

struct Fixture {
    dir: tempfile::TempDir,
    profile: Profile,
}

impl Fixture {
    /// A profile of the generations 1 to 3, of which 3 is current.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let profile = Profile::at(dir.path().join("profiles/my-profile"));
        let fixture = Self { dir, profile };
        for number in 1..=3 {
            let expected = fixture.profile.target().unwrap();
            let new = fixture.environment(&number.to_string());
            fixture.profile.lock(&|| {}).unwrap().switch_to_new(&new, expected.as_deref(), &mut |_| Ok(())).unwrap();
        }
        fixture
    }

    fn environment(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join("store").join(name);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("manifest.json"), r#"{"elements":{},"version":3}"#).unwrap();
        path
    }

    fn nix_env(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("nix-env");
        let beside = |name: &str| -> PathBuf { Path::new(self.dir.path()).join(name) };
        command
            .arg("--profile")
            .arg(self.profile.link())
            .args(arguments)
            .env("HOME", beside("home"))
            .env("NIX_STORE_DIR", beside("nix-store"))
            .env("NIX_STATE_DIR", beside("nix-state"))
            .env("NIX_LOG_DIR", beside("nix-log"))
            .env("NIX_CONF_DIR", beside("nix-conf"))
            .env("NIX_CONFIG", "build-users-group =")
            .env_remove("NIX_REMOTE");
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.nix_env(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn nix_env_lists_the_generations_with_the_current_one() {
    if !Nix::is_here_or_skip() {
        return;
    }
    let fixture = Fixture::new();
    let listed = fixture.run(&["--list-generations"]);
    let rows: Vec<Vec<_>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert!(rows[2].ends_with(&["(current)"]), "{listed}");
}

#[test]
fn nix_env_rolls_back_and_deletes_and_the_profile_sees_it() {
    if !Nix::is_here_or_skip() {
        return;
    }
    let fixture = Fixture::new();
    fixture.run(&["--rollback"]);
    assert_eq!(fixture.profile.current().unwrap(), Some(2));
    fixture.run(&["--delete-generations", "1"]);
    let numbers: Vec<_> = fixture.profile.generations().unwrap().iter().map(|generation| generation.number).collect();
    assert_eq!(numbers, [2, 3]);
    let expected = fixture.profile.target().unwrap();
    let (number, is_new) = fixture
        .profile
        .lock(&|| {})
        .unwrap()
        .switch_to_new(&fixture.environment("4"), expected.as_deref(), &mut |_| Ok(()))
        .unwrap();
    assert_eq!((number, is_new), (4, true));
    assert!(fixture.run(&["--list-generations"]).lines().last().unwrap().ends_with("(current)"));
}

#[test]
fn nix_env_waits_for_the_lock_that_is_held_here() {
    if !Nix::is_here_or_skip() {
        return;
    }
    let fixture = Fixture::new();
    let lock = Lock::acquire(fixture.profile.link(), &|| {}).unwrap();
    let mut child = fixture.nix_env(&["--rollback"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut messages = BufReader::new(child.stderr.take().unwrap());
    let mut message = String::new();
    while !message.contains("waiting") {
        message.clear();
        assert_ne!(messages.read_line(&mut message).unwrap(), 0, "it ended without waiting for the lock");
    }
    assert_eq!(fixture.profile.current().unwrap(), Some(3), "nothing is switched while the lock is held");
    drop(lock);
    std::io::copy(&mut messages, &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(fixture.profile.current().unwrap(), Some(2));
}

/// A Nix file with packages that need no nixpkgs.
const PACKAGES: &str = r#"
let
  make = name: meta: outputs: derivation {
    inherit name outputs;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/bin:/usr/bin";
    args = [ "-c" "for o in $outputs; do eval p=\\$$o; mkdir -p $p/share; echo ${name} > $p/share/$o-${name}; done" ];
  } // { inherit meta; };
in {
  plain = make "plain-1.0" { } [ "out" ];
  types = make "types-2.0" { description = "a \"quote\", a \${dollar} and a \\"; ratio = 1.5; low = -5; "odd name" = { a.b = [ 1 true ]; }; } [ "out" ];
  multi = make "multi-3.0" { priority = 7; outputsToInstall = [ "bin" "out" ]; } [ "out" "bin" "dev" ];
  other = make "other-1.0" { } [ "out" "doc" ];
}
"#;

/// A profile of real packages, kept by a real Nix in a store of its own.
struct Installed {
    nix: Nix,
    dir: tempfile::TempDir,
}

impl Installed {
    fn new(nix: Nix, attributes: &[&str]) -> Self {
        let installed = Self { nix, dir: tempfile::tempdir().unwrap() };
        fs::write(installed.dir.path().join("packages.nix"), PACKAGES).unwrap();
        installed.install(attributes);
        installed
    }

    fn profile(&self) -> Profile {
        Profile::at(self.dir.path().join("profile"))
    }

    fn install(&self, attributes: &[&str]) {
        let file = self.dir.path().join("packages.nix");
        self.nix_env(&[&["-f", file.to_str().unwrap(), "-iA"], attributes].concat());
    }

    fn nix_env(&self, arguments: &[&str]) -> String {
        let mut command = self.nix.command("nix-env");
        let output = command.arg("--profile").arg(self.profile().link()).args(arguments).output().unwrap();
        assert!(output.status.success(), "nix-env {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn elements(&self) -> Vec<Element> {
        self.profile().elements().unwrap()
    }

    fn manifest(&self) -> String {
        fs::read_to_string(self.dir.path().join("profile/manifest.nix")).unwrap()
    }

    /// Makes an environment of our own with this manifest the profile's current one.
    fn replace(&self, name: &str, manifest: &[u8]) {
        let environment = self.dir.path().join(format!("environment-{}", self.profile().current().unwrap().unwrap()));
        fs::create_dir(&environment).unwrap();
        fs::write(environment.join(name), manifest).unwrap();
        let expected = self.profile().target().unwrap();
        self.profile().lock(&|| {}).unwrap().switch_to_new(&environment, expected.as_deref(), &mut |_| Ok(())).unwrap();
    }

    fn installed(&self) -> Vec<String> {
        let mut names: Vec<_> = self.nix_env(&["--query"]).lines().map(str::to_owned).collect();
        names.sort_unstable();
        names
    }
}

#[test]
fn nix_env_keeps_what_was_there_in_a_manifest_of_ours() {
    let Some(nix) = Nix::or_skip() else { return };
    let installed = Installed::new(nix, &["plain", "types", "multi"]);
    let written = installed.manifest();
    assert_eq!(installed.profile().contents().unwrap().unwrap().kind, ManifestKind::NixEnv);

    let mut elements = installed.elements();
    assert_eq!(String::from_utf8(nix_env::render(&elements).unwrap()).unwrap(), written);
    for element in &mut elements {
        match &*element.name {
            "plain" => (element.priority, element.source) = (3, "demo".to_owned()),
            "types" => element.active = false,
            // Nix refuses a profile whose meta.outputsToInstall names an output that is not there.
            "multi" => element.outputs.retain(|output| output.name == "bin"),
            name => panic!("{name}"),
        }
    }
    let ours = nix_env::render(&elements).unwrap();
    installed.replace("manifest.nix", &ours);
    assert_eq!(installed.installed(), ["multi-3.0", "plain-1.0", "types-2.0"]);

    // Setting a flag to what it is rewrites all: byte for byte as it was written here.
    installed.nix_env(&["--set-flag", "priority", "3", "plain"]);
    assert_eq!(installed.manifest().into_bytes(), ours);

    installed.install(&["other"]);
    let after = installed.elements();
    assert_eq!(after[0].name, "other");
    assert_eq!(after[1..], elements_as_read(&ours)[..]);
    installed.nix_env(&["--set-flag", "active", "true", "types"]);
    installed.nix_env(&["--uninstall", "other"]);
    elements = installed.elements();
    assert!(elements.iter().all(|element| element.active));
    let plain = elements.iter().find(|element| element.name == "plain").unwrap();
    assert_eq!((plain.priority, &*plain.source), (3, "demo"));
}

#[test]
fn nix_env_keeps_what_a_conversion_wrote_and_the_way_back_gives_the_very_manifest() {
    let Some(nix) = Nix::or_skip() else { return };
    let installed = Installed::new(nix, &["plain", "types", "multi"]);
    let written = installed.manifest();
    for version in [JsonVersion::V2, JsonVersion::V3] {
        let json = convert(&installed.elements(), ManifestKind::NixEnv, ManifestKind::NixProfile);
        let json = nix_profile::render(&json, version).unwrap();
        let read = nix_profile::parse(&json, Path::new("manifest.json")).unwrap();
        let back = convert(&read, ManifestKind::NixProfile, ManifestKind::NixEnv);
        assert_eq!(String::from_utf8(nix_env::render(&back).unwrap()).unwrap(), written);
    }

    // What was only ever a profile of `nix profile`, kept by nix-env for a while.
    let mut elements = installed.elements();
    for (element, name) in elements.iter_mut().zip(["one", "two", "three"]) {
        element.extra.clear();
        element.name = name.to_owned();
        element.extra.insert("originalUrl".to_owned(), "path:/flake".into());
        element.extra.insert("url".to_owned(), "path:/flake?narHash=x".into());
        element.attribute = format!("packages.x86_64-linux.{name}");
        element.source = "path:/flake".to_owned();
    }
    let json = nix_profile::render(&elements, JsonVersion::V3).unwrap();
    let read = nix_profile::parse(&json, Path::new("manifest.json")).unwrap();
    let converted = convert(&read, ManifestKind::NixProfile, ManifestKind::NixEnv);
    installed.replace("manifest.nix", &nix_env::render(&converted).unwrap());
    installed.install(&["other"]);
    installed.nix_env(&["--set-flag", "priority", "2", "other"]);
    installed.nix_env(&["--uninstall", "other"]);
    let back = convert(&installed.elements(), ManifestKind::NixEnv, ManifestKind::NixProfile);
    let back = nix_profile::render(&back, JsonVersion::V3).unwrap();
    assert_eq!(String::from_utf8(back).unwrap(), String::from_utf8(json).unwrap());
}

#[test]
fn nix_profile_works_on_a_manifest_of_ours() {
    let Some(nix) = Nix::or_skip() else { return };
    let installed = Installed::new(nix, &["plain", "types", "multi"]);
    let mut elements = installed.elements();
    for element in &mut elements {
        (element.attribute, element.source) = (format!("the.{}", element.name), "demo".to_owned());
    }
    let elements = convert(&elements, ManifestKind::NixEnv, ManifestKind::NixProfile);
    // Version 2 is read by every Nix.
    installed.replace("manifest.json", &nix_profile::render(&elements, JsonVersion::V2).unwrap());
    assert_eq!(installed.elements(), elements);
    let nix_profile = |arguments: &[&str]| {
        let profile = installed.profile();
        let mut command = installed.nix.command("nix");
        command.arg("profile").args(arguments).arg("--profile").arg(profile.link());
        let output = command.output().unwrap();
        assert!(output.status.success(), "nix profile {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = nix_profile(&["list"]);
    let paths = || elements.iter().flat_map(|element| &element.outputs).map(|output| output.path.to_str().unwrap());
    assert!(paths().all(|path| listed.contains(path)), "{listed}");
    let other = installed.elements()[0].outputs[0].path.to_str().unwrap().to_owned();
    nix_profile(&["remove", &other]);
    let after = installed.elements();
    assert_eq!(after.len(), 2);
    let left = |of: &[Element]| -> Vec<_> {
        of.iter().flat_map(|element| &element.outputs).map(|output| output.path.clone()).collect()
    };
    assert_eq!(left(&after), left(&elements[1..]));
}

fn elements_as_read(manifest: &[u8]) -> Vec<Element> {
    nix_env::parse(manifest, Path::new("manifest.nix")).unwrap()
}
