//! What `explain` prints, run with the real Nix, makes of a profile what `apply` makes of it.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;
use support::judge::{Kind, json};
use support::lab::{Lab, PACKAGES, with_every_nix};
use support::tree::Tree;

/// What an element is beyond its name: its paths, priority and activity.
type Elements = BTreeMap<BTreeSet<String>, (i64, bool)>;

with_every_nix!(|_| () => nix_env_comes_to_the_same, nix_profile_comes_to_the_same, what_nix_cannot_do_is_said);

/// A profile with these packages, and the sources of one run.
struct Case<'a> {
    lab: &'a Lab,
    profile: String,
    sources: Vec<String>,
}

impl<'a> Case<'a> {
    fn new(lab: &'a Lab, kind: Kind, name: &str, installed: &[&str]) -> Self {
        let source = match kind {
            Kind::NixEnv => format!("packages={PACKAGES}/default.nix"),
            Kind::NixProfile => format!("packages=path:{PACKAGES}"),
        };
        let case = Self { lab, profile: lab.profile(name), sources: vec![source] };
        // So that it is a profile of that kind.
        lab.nix_installs(kind, &case.profile, &["carried"]);
        case.loom(&case.profile, 0, &[&["apply", &format!("-{}", case.only_name())], installed].concat());
        case
    }

    fn also_from(mut self, source: String) -> Self {
        self.sources.push(source);
        self
    }

    #[track_caller]
    fn loom(&self, profile: &str, code: i32, arguments: &[&str]) -> String {
        let sources: Vec<_> = self.sources.iter().flat_map(|source| ["--source", source]).collect();
        let output = self.lab.loom_command(&[&["--profile", profile], &*sources, arguments].concat()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "Nix {}: {arguments:?}\n{stdout}{stderr}", self.lab.version);
        stdout
    }

    fn only_name(&self) -> String {
        let list = json(&self.loom(&self.profile, 0, &["list", "--json"]));
        list[0]["name"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn explained(&self, changes: &[&str]) -> String {
        self.loom(&self.profile, 0, &[&["explain"], changes].concat())
    }

    fn elements(&self, profile: &str) -> Elements {
        let list = json(&self.loom(profile, 0, &["list", "--json"]));
        let element = |it: &Value| {
            let paths = it["outputs"].as_object().unwrap().values().map(|path| path.as_str().unwrap().to_owned());
            (paths.collect(), (it["priority"].as_i64().unwrap(), it["active"].as_bool().unwrap()))
        };
        list.as_array().unwrap().iter().map(element).collect()
    }

    /// Every link of the environment, without the manifest.
    fn tree(&self, profile: &str) -> Tree {
        let mut tree = Tree::read(&self.lab.host(self.lab.follow(profile)));
        tree.0.retain(|path, _| !path.starts_with(b"manifest."));
        tree
    }

    /// The profile once more, under another name.
    fn copy(&self, name: &str) -> String {
        let copy = format!("{}-{name}", self.profile);
        symlink(self.lab.follow(&self.profile), self.lab.host(&copy)).unwrap();
        copy
    }

    /// Pastes what is printed into a shell; gives the profile on which that worked, and what was printed.
    #[track_caller]
    fn pasted(&self, name: &str, changes: &[&str]) -> (String, String) {
        let printed = self.explained(changes);
        let copy = self.copy(name);
        let script = printed.replace(&format!("{} ", self.profile), &format!("{copy} "));
        assert_ne!(script, printed, "it is about this profile");
        let answer = self.lab.any("sh", &["-euc", &script]);
        assert_eq!(answer.code, Some(0), "Nix {}: {changes:?}\n{script}\n{}", self.lab.version, answer.stderr);
        (copy, printed)
    }

    /// What is printed for the changes does what applying them does, with so many commands.
    #[track_caller]
    fn comes_to_the_same(&self, name: &str, changes: &[&str], commands: usize) -> String {
        let (pasted, printed) = self.pasted(&format!("{name}-pasted"), changes);
        let applied = self.copy(&format!("{name}-applied"));
        self.loom(&applied, 0, &[&["apply"], changes].concat());
        let version = self.lab.version;
        assert_eq!(self.elements(&pasted), self.elements(&applied), "Nix {version}: {changes:?}\n{printed}");
        assert_eq!(self.tree(&pasted), self.tree(&applied), "Nix {version}: {changes:?}\n{printed}");
        let are = printed.lines().filter(|line| !line.starts_with("# ")).count();
        assert_eq!(are, commands, "{printed}");
        assert_eq!(printed.contains("generations of this"), commands > 1, "{printed}");
        printed
    }
}

fn nix_env_comes_to_the_same(lab: &Lab) {
    let case =
        Case::new(lab, Kind::NixEnv, "mine", &["hello", "several^out,dev,man", "even", "many.n1", "rival:priority=7"]);
    let same = |name: &str, changes: &[&str], commands| case.comes_to_the_same(name, changes, commands);
    let printed = same("install", &["odd"], 1);
    assert!(printed.contains(&format!("-f {PACKAGES}/default.nix -iA odd")), "{printed}");
    let printed = same("remove", &["-hello"], 1);
    assert!(printed.contains("-e hello-2.12"), "{printed}");
    let printed = same("priority", &["hello:priority=4"], 1);
    assert!(printed.contains("--set-flag priority 4 hello-2.12"), "{printed}");
    let printed = same("inactive", &["even:active=false"], 1);
    assert!(printed.contains("--set-flag active false even-4"), "{printed}");
    same("flags", &["rival:priority=8", "rival:active=false"], 2);
    same("outputs-away", &["several^dev"], 1);
    same("outputs-and-priority", &["several^out,man", "several:priority=3"], 1);
    same("install-outputs", &["odd:priority=9", "carrier"], 2);
    // Neither can stand beside hello but with its priority.
    same("install-priority", &["bold:priority=2", "meek"], 2);
    // The removal has to come first.
    same("instead", &["bold:priority=5", "-hello", "-rival"], 3);
    same("deep", &["many.n2", "-n1"], 2);
    // Priorities that change places collide in between, unless the steps are in the right order.
    same("exchange", &["hello:priority=8"], 1);
    same("exchange-more", &["rival:priority=5", "hello:priority=6"], 2);

    // In no order would each step build: one of them steps aside meanwhile.
    let printed = same("change-places", &["hello:priority=7", "rival:priority=5"], 4);
    assert!(printed.contains("--set-flag active false"), "{printed}");

    let less = Case::new(lab, Kind::NixEnv, "less", &["several^dev"]);
    let printed = less.comes_to_the_same("outputs-added", &["several^out,dev"], 1);
    assert!(printed.contains("outputsToInstall"), "{printed}");
    less.comes_to_the_same("back-to-default", &["several^out,man"], 1);

    flakes_in_nix_env(lab);
    several_of_one_name(lab);
}

fn flakes_in_nix_env(lab: &Lab) {
    let case = Case::new(lab, Kind::NixEnv, "flakes", &["hello"]).also_from(format!("flake=path:{PACKAGES}"));
    let printed = case.comes_to_the_same("flake", &["several@flake^dev:priority=3"], 1);
    assert!(printed.contains("builtins.getFlake"), "{printed}");
}

/// `nix-env` takes packages of one name for versions of one package: an installation drops the others.
fn several_of_one_name(lab: &Lab) {
    let twice = "let p = version: derivation { name = \"twice-${version}\"; system = builtins.currentSystem; builder = \"/bin/sh\";
        args = [ \"-c\" \"/bin/mkdir -p $out/bin; echo ${version} >$out/bin/twice-${version}\" ]; };
        in { a = p \"1\"; b = p \"2\"; c = p \"3\"; \"or\" = p \"4\"; }";
    let file = format!("{PACKAGES}/twice.nix");
    fs::write(lab.host(&file), twice).unwrap();
    let case = Case::new(lab, Kind::NixEnv, "twice", &["hello"]).also_from(format!("twice={file}"));
    case.loom(&case.profile, 0, &["apply", "a", "b"]);
    let printed = case.comes_to_the_same("stays", &["c"], 1);
    assert!(printed.contains(" -P "), "{printed}");
    case.comes_to_the_same("keyword", &["\"or\":priority=3", "-hello"], 2);
    case.comes_to_the_same("one-of-them", &["twice-1:priority=2", "-twice"], 2);
}

fn nix_profile_comes_to_the_same(lab: &Lab) {
    let is_old = lab.version == "2.8";
    let installed: &[&str] =
        if is_old { &["hello", "several^out", "many.n1"] } else { &["hello", "several", "many.n1"] };
    let case = Case::new(lab, Kind::NixProfile, "mine", installed);
    let same = |name: &str, changes: &[&str], commands| case.comes_to_the_same(name, changes, commands);
    let printed = same("install", &["odd"], 1);
    let verb = if lab.version == "2.34" { "add" } else { "install" };
    assert!(printed.contains(&format!("\nnix profile {verb} --profile ")), "{printed}");
    assert!(printed.contains(&format!("'path:{PACKAGES}#odd'")), "{printed}");
    same("remove", &["-hello"], 1);
    same("instead", &["rival", "-hello"], 2);
    same("deep", &["many.n2", "-n1"], 2);
    same("outputs-exchanged", &["several^dev"], 2);
    let file = Case::new(lab, Kind::NixProfile, "file", &["hello"]).also_from(format!("file={PACKAGES}/default.nix"));
    file.comes_to_the_same("file", &["several@file^dev", "even"], 2);
    if is_old {
        return;
    }
    let printed = same("install-outputs", &["-several", "odd:priority=4", "even"], 3);
    assert!(printed.contains("--priority 4"), "{printed}");
    same("outputs", &["several^out,dev"], 2);
    same("all-outputs", &["several^out,dev,man"], 2);
    let printed = same("priority", &["hello:priority=4"], 2);
    assert!(printed.contains("cannot change hello as it is installed"), "{printed}");
    same("install-priority", &["rival:priority=4", "meek"], 2);
    same("own-priority", &["meek:priority=5", "-hello"], 2);
    same("both", &["hello:priority=4", "rival"], 3);
    file.comes_to_the_same("file-priority", &["even@file:priority=3"], 1);
}

fn what_nix_cannot_do_is_said(lab: &Lab) {
    let case = Case::new(lab, Kind::NixProfile, "mine", &["hello", "even"]);
    // Inactive is as good as not there, until one wants it back.
    let (pasted, printed) = case.pasted("inactive", &["even:active=false"]);
    assert!(printed.contains("# `nix profile` cannot make even inactive"), "{printed}");
    let applied = case.copy("inactive-applied");
    case.loom(&applied, 0, &["apply", "even:active=false"]);
    assert_eq!(case.tree(&pasted), case.tree(&applied));
    assert_eq!(case.elements(&pasted).len(), 1);

    let nothing = case.explained(&["hello:priority=5"]);
    assert_eq!(nothing, "");
    let unknown = case.explained(&["rival"]);
    assert!(unknown.starts_with("# not all files of this are known"), "{unknown}");
    lab.run("nix-build", &["--no-out-link", PACKAGES, "--attr", "rival"]);
    let refused = case.explained(&["rival"]);
    assert!(refused.starts_with("# Nix refuses this as it is"), "{refused}");
    if lab.version == "2.8" {
        let printed = case.explained(&["several^dev,man:priority=3"]);
        assert!(printed.contains("# each output of several becomes an element of its own"), "{printed}");
        assert!(printed.contains("knows no priorities"), "{printed}");
        let (pasted, _) = case.pasted("outputs", &["several^dev,man"]);
        let applied = case.copy("outputs-applied");
        case.loom(&applied, 0, &["apply", "several^dev,man"]);
        assert_eq!(case.tree(&pasted), case.tree(&applied));
    }

    // A package in place of an environment is no profile that could be changed.
    let path = lab.run("nix-build", &["--no-out-link", PACKAGES, "--attr", "hello"]);
    let bare = Case { profile: lab.profile("bare"), sources: case.sources.clone(), ..case };
    lab.run("nix-env", &["--profile", &bare.profile, "--set", path.trim_end()]);
    bare.loom(&bare.profile, 1, &["explain", "even"]);

    // Nobody knows any more where it is from.
    let kept = Case::new(lab, Kind::NixEnv, "kept", &["hello", "even"]);
    let unknown = Case { sources: vec![format!("other={PACKAGES}/default.nix")], ..kept };
    let printed = unknown.explained(&["hello:priority=2", "-even"]);
    assert!(printed.contains("--set-flag priority 2 hello-2.12"), "{printed}");
}
